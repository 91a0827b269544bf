"""Simulation: replications cut into blocks, run on workers, and streamed into a results file."""

from gtmsim.simulation.api import simulate

__all__ = ["simulate"]
