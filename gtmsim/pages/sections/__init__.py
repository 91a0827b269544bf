"""The parts of a run's page, each from what was read of its results to a `Section` or None."""
