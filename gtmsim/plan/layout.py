"""Where the numbers of a draw stand in one flat row, and the views of it that engines read."""

from math import prod
from typing import NamedTuple

import numpy as np

from gtmsim.draws.families import DIST_WIDTH
from gtmsim.plan.names import Names
from gtmsim.plan.structure import (
    MAX_BANDS,
    MAX_VOLUME_STEPS,
    TOUCHES,
    AllocationFloat,
    ChannelFloat,
    CompanyFloat,
    ContractFloat,
    CostFloat,
    Effect,
    EventFloat,
    Floats,
    FunnelFloat,
    HealthFloat,
    MarketFloat,
    PlaybookFloat,
    PriceFloat,
    ReachFloat,
    RoundFloat,
    SegmentFloat,
    StreamFloat,
    TeamFloat,
    Values,
    VolumeFloat,
)

Shape = tuple[int, ...]


class Sizes(NamedTuple):
    """Row counts that the names do not tell."""

    ramp_quarters: int
    distributions: int
    tables: int


def values_layout(names: Names, sizes: Sizes) -> tuple[Shape, ...]:
    """Shape of each table of ``Values``, in their order."""
    n_channels, n_stages = len(names.channels) - 1, len(names.stages)
    shapes: dict[str, Shape] = {
        "company": (len(CompanyFloat),),
        "segment": (len(names.segments), len(SegmentFloat)),
        "health": (len(names.segments), len(HealthFloat)),
        "funnel": (len(names.funnel), len(FunnelFloat)),
        "contract": (len(names.contracts), len(ContractFloat)),
        "volume": (len(names.contracts), MAX_VOLUME_STEPS, len(VolumeFloat)),
        "playbook": (len(names.playbooks), len(PlaybookFloat)),
        "stream": (len(names.streams), len(StreamFloat)),
        "channel": (n_channels, len(ChannelFloat)),
        "season": (n_channels, 12),
        "mix": (n_channels, len(names.segments)),
        "spend": (n_channels, n_stages),
        "event": (len(names.events), len(EventFloat)),
        "team": (len(names.teams), len(TeamFloat)),
        "ramp": (len(names.teams), sizes.ramp_quarters),
        "round": (len(names.rounds), len(RoundFloat)),
        "cost": (len(names.costs), len(CostFloat)),
        "cost_amount": (len(names.costs), n_stages),
        "budget_amount": (len(names.budgets), n_stages),
        "budget_share_of_arr": (len(names.budgets), n_stages),
        "allocation": (n_stages, len(AllocationFloat)),
        "stage_from_arr": (n_stages,),
        "stack_cost": (len(names.stacks),),
        "price": (len(names.price_changes), len(PriceFloat)),
        "band": (len(names.segments), MAX_BANDS),
        "market": (len(MarketFloat),),
        "class_number": (len(names.classes),),
        "class_effect": (len(names.classes), len(Effect)),
        "misfit": (2 * TOUCHES - 1, len(Effect)),
        "reach": (n_channels, len(ReachFloat)),
        "reach_weight": (n_channels, len(names.classes)),
        "accounts": (len(names.tiers),),
        "dists": (sizes.distributions, DIST_WIDTH),
        "table_specs": (sizes.tables, 3),
    }
    return tuple(shapes[table] for table in Values._fields)


def empty_values(layout: tuple[Shape, ...], n_draws: int) -> Values:
    """Tables with a leading axis of draws, all views of one array (draws, slots)."""
    ends = np.cumsum([prod(shape) for shape in layout])
    flat: Floats = np.zeros((n_draws, int(ends[-1])))
    parts = np.split(flat, ends[:-1], axis=1)
    return Values(
        *(part.reshape(n_draws, *shape) for part, shape in zip(parts, layout, strict=True))
    )
