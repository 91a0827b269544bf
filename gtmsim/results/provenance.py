"""Where results come from: everything that is needed to make the same numbers again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np

from gtmsim.results.scenario_text import scenario_hash

FORMAT = "gtmsim results"
FORMAT_VERSION = 3
"""Goes up when a file of an older gtmsim can no longer be read as one of this."""

OVERRIDES = "overrides"
"""Attribute that only results of a changed scenario have."""

_DECIDING = ("scenario_hash", "seed", "draws", "replications", "gtmsim_version")
_LIBRARIES = ("numpy", "numba", "simpy", "scipy", "h5netcdf", "h5py")


@dataclass(frozen=True)
class Provenance:
    """What was simulated, and how often.

    Attributes
    ----------
    title
        Name of the scenario.
    scenario
        The scenario as it was simulated: merged TOML.
    start
        First day of month 1.
    months
        Length of the simulation.
    currency
        ISO 4217 code of every amount.
    seed, draws, replications
        Seed, number of draws, number of replications per draw.
    engine
        Engine that simulated; all give the same numbers.
    """

    title: str
    scenario: str
    start: date
    months: int
    currency: str
    seed: int
    draws: int
    replications: int
    engine: str
    overrides: tuple[str, ...] = ()
    """``path=value`` each: what was changed in the scenario's file before it was simulated."""

    @property
    def attributes(self) -> Mapping[str, str | int]:
        """Attributes of a results file; no clock time, so that equal runs give equal files."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "title": self.title,
            "scenario": self.scenario,
            "scenario_hash": scenario_hash(self.scenario),
            "start": self.start.isoformat(),
            "months": self.months,
            "currency": self.currency,
            "seed": self.seed,
            "draws": self.draws,
            "replications": self.replications,
            "engine": self.engine,
            "gtmsim_version": own_version(),
            "libraries": libraries(),
            **({OVERRIDES: json.dumps(self.overrides)} if self.overrides else {}),
        }


@cache
def own_version() -> str:
    """Version of gtmsim."""
    return version("gtmsim")


@cache
def libraries() -> str:
    """Names and versions of the libraries that numbers come from."""
    return ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)


def version_in(attributes: Mapping[str, Any]) -> int:
    """Format version among the attributes of a file; 0 where that is no number."""
    try:
        return int(np.max(attributes.get("format_version", 0)))  # NetCDF makes arrays of one
    except (TypeError, ValueError):
        return 0


def identity_of(attributes: Mapping[str, Any]) -> str:
    """Short name of the numbers of results: equal where the same was simulated, as often.

    Parameters
    ----------
    attributes
        Of results, or the provenance in their summary.
    """
    text = "|".join(str(attributes[key]) for key in _DECIDING)
    return sha256(text.encode()).hexdigest()[:12]


def overrides_of(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the overrides from the attributes of results."""
    return tuple(json.loads(str(attributes.get(OVERRIDES, "[]"))))
