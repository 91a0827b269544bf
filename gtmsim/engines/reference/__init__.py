"""The reference engine: the business of docs/model.md as SimPy processes, slow and readable.

A lead passes a funnel, a rep works a deal, a customer is onboarded, invoiced, renews, expands and
leaves: each is a generator that waits for its next instant. It is the oracle of the compiled
engine, and the place where a user adds a process of their own (see `replication.play`).
"""

from gtmsim.engines.reference.engine import make_ready, simulate_block, trace

__all__ = ["make_ready", "simulate_block", "trace"]
