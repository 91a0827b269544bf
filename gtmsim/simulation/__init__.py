"""Simulation: replications cut into blocks, run on workers, and streamed into a results file."""

from gtmsim.simulation.api import ENGINES, simulate

__all__ = ["ENGINES", "simulate"]
