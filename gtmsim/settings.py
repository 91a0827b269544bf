"""How a simulation may be asked for: engines, limits and defaults.

Imports nothing heavy, so that the command line can tell them at once.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

MAX_MONTHS = 600
"""Length of a simulation."""
MAX_PROFILES = 4096
"""Kinds of accounts that the classes of a market divide it into."""
MAX_COUNT = 2**32 - 1
"""Draws, and replications per draw: either is one half of a word of the key."""
MAX_SEED = 2**64 - 1
MAX_WORKERS = 256
MAX_OPENING = 8_000_000
"""Customers, or deals, of the opening position: so many fit an engine with room to spare."""

DEFAULT_DRAWS = 1024
SMOKE_DRAWS = 256
MAX_JUDGED_DRAWS = 8192
"""Draws after which the gate gives up."""
DEFAULT_REPLICATIONS = 2
DEFAULT_SEED = 1


class Engine(NamedTuple):
    """An engine and how several workers run it."""

    module: str
    """Has ``simulate_block`` and ``trace``."""
    processes: bool
    """Whether it holds Python's lock, so that workers must be processes."""


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {
        "compiled": Engine("gtmsim.engines.compiled", processes=False),
        "simpy": Engine("gtmsim.engines.reference", processes=True),
    }
)
DEFAULT_ENGINE = "compiled"
