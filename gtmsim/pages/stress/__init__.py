"""The page of a stress test: what hurts a plan most, and whether it survives."""
