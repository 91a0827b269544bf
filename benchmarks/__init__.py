"""Measurements of the engine's speed; ``python -m benchmarks`` runs them all."""
