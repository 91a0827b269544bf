"""Words that the language of expectations knows, beside the accounts and metrics by month."""

from collections.abc import Mapping
from types import MappingProxyType

ALIASES: Mapping[str, str] = MappingProxyType({"arr": "closing_arr"})
"""Short names of accounts."""

OF_THE_PATH: Mapping[str, str] = MappingProxyType(
    {
        "cash_min": "Lowest cash at a month's end",
        "survives": "1 if cash never runs out, else 0",
        "month_out_of_cash": "Month in which cash runs out; infinite if it never does",
    }
)
"""Measures with one value per future: they take no month and no segment."""

STAGE_ENTRY = "month_of_stage"
"""Month in which a company stage is reached: one value per future and stage."""

IN_A_STAGE: Mapping[str, bool] = MappingProxyType({"cac": True, "net_burn": False, "nrr": True})
"""Metrics that may be taken over the months spent in a stage; True if by segment as well."""

FLAGS = frozenset({"survives", "insolvent", "floor_active", "healthy", "healthy_by_benchmark"})
"""Measures of 0 and 1, which may stand for a condition by themselves."""

REDUCTIONS = ("min", "max", "sum", "avg")
"""Functions over the months of a future."""

STATISTICS = ("prob", "mean", "median")
"""Functions over futures, beside ``p1`` to ``p99``."""

DIFFERENCE = "diff"

RESERVED = frozenset({*REDUCTIONS, *STATISTICS, DIFFERENCE, "and", "or", "not", "end"})
"""Words that name no measure."""
