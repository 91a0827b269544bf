"""The compiled engine: month windows over arrays, the default.

The policy acts at month boundaries only, so that inside a month customers meet in team queues and
nowhere else. A month is played in this order:

1. `arrivals`: leads pass the stages before a team in batches, whenever those end; nothing in them
   depends on anyone else. What they lead to waits in the agenda of its month.
2. `customers`: own events of the month, customer by customer, but of those whom a team's work may
   reach this month.
3. `sellers`: one loop in the model's order for all that meets teams.
4. `customers`: revenue and stocks at the month's end.
"""

from gtmsim.engines.compiled.compiling import are_compiled, make_ready
from gtmsim.engines.compiled.engine import simulate_block, trace

__all__ = ["are_compiled", "make_ready", "simulate_block", "trace"]
