"""Two engines that play a Plan: `compiled` (fast) and `reference` (readable, on SimPy)."""
