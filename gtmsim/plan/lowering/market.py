"""The market's accounts: their classes, the segment of each kind, and whom channels reach."""

import numpy as np

from gtmsim.draws.copula import pearson_of
from gtmsim.plan.distributions import Number
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.rows import NONE, DistRow, DistRows, money, touch_step
from gtmsim.plan.lowering.tables import NumberRow, write_cells, write_rows
from gtmsim.plan.market import accounts_by_tier, market_of, segment_mix
from gtmsim.plan.names import BuyerClass, Names
from gtmsim.plan.structure import (
    N_QUALITIES,
    Effect,
    Floats,
    Ints,
    MarketFloat,
    MarketInt,
    ReachFloat,
    Structure,
    Values,
)
from gtmsim.scenario.market import (
    QUALITIES,
    class_names,
    classes_of,
    profiles,
    rule_of,
)
from gtmsim.scenario.models import Buyers, Scenario

_EFFECTS = {
    Effect.WIN_ODDS: "win_odds",
    Effect.DURATION: "days",
    Effect.CHURN: "churn",
    Effect.DELIVERY_COST: "delivery_cost",
}
_MISFITS = ("under_by_two", "under_by_one", None, "over_by_one", "over_by_two")


def class_rows(scenario: Scenario) -> tuple[BuyerClass, ...]:
    """Classes of the market's accounts, quality by quality; none without a market."""
    if scenario.buyers is None:
        return ()
    named = zip(QUALITIES, class_names(scenario.buyers), strict=True)
    return tuple(BuyerClass(quality, name) for quality, names in named for name in names)


def market_distributions(scenario: Scenario) -> dict[MarketInt, DistRow]:
    """Distributions of the market's accounts by the column that refers to them."""
    if scenario.buyers is None:
        return {}
    return {
        MarketInt.EMPLOYEES_DIST: DistRow(("buyers", "employees")),
        MarketInt.POTENTIAL_DIST: money("buyers", "potential"),
    }


# Structure


def market_row(scenario: Scenario, names: Names, dists: DistRows) -> Ints:
    """Whole numbers of the market, shape (MarketInt,)."""
    row = np.zeros(len(MarketInt), np.int64)
    row[:N_QUALITIES] = _class_counts(names)
    row[[MarketInt.EMPLOYEES_DIST, MarketInt.POTENTIAL_DIST]] = NONE
    for column, dist in market_distributions(scenario).items():
        row[column] = dists.index[dist]
    if scenario.buyers is not None:
        row[MarketInt.COOL_OFF] = scenario.buyers.cool_off_months
    return row


def needs_row(scenario: Scenario, names: Names) -> Ints:
    """Touch that accounts of each class need, shape (K,)."""
    buyers = scenario.buyers
    steps = [
        touch_step(classes_of(buyers, quality)[name].needs) if _divides(buyers, quality) else 0
        for quality, name in names.classes
        if buyers is not None
    ]
    return np.array(steps, np.int64)


def segment_row(scenario: Scenario, names: Names) -> Ints:
    """Segment of each profile of the market's accounts, shape (F,); the first is no account's."""
    rows = [NONE]
    if scenario.buyers is not None:
        rules = [rule_of(scenario.segmentation, profile) for profile in profiles(scenario.buyers)]
        rows += [
            names.segments.index(scenario.segmentation[rule].to)
            for rule in rules
            if rule is not None
        ]
    return np.array(rows, np.int64)


def _class_counts(names: Names) -> list[int]:
    counts = [sum(one.quality == quality for one in names.classes) for quality in QUALITIES]
    return [max(1, count) for count in counts]


def _divides(buyers: Buyers | None, quality: str) -> bool:
    """Whether the scenario has classes of a quality."""
    return buyers is not None and bool(classes_of(buyers, quality))


# Values


def write_market(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the market but whom channels reach; nothing without a market."""
    scenario: Scenario = root.model
    out.accounts[:] = np.inf
    if scenario.buyers is None:
        return
    buyers = root.at("buyers")
    links = {
        MarketFloat.SIZE_AND_POTENTIAL: "size_and_potential",
        MarketFloat.SIZE_AND_COMPLEXITY: "size_and_complexity",
        MarketFloat.POTENTIAL_AND_COMPLEXITY: "potential_and_complexity",
    }
    for column, key in links.items():
        out.market[:, column] = pearson_of(getattr(buyers.model, key))
    classes = [
        buyers.at(quality, name) if _divides(buyers.model, quality) else None
        for quality, name in names.classes
    ]
    write_rows(out.class_effect, Effect, [_effects(one) for one in classes])
    _write_class_numbers(root, names, out.class_number)
    fit = root.at("fit")
    write_rows(out.misfit, Effect, [_effects(fit.at(name) if name else None) for name in _MISFITS])
    channels = [channel for _, channel in root.at("channels").items()]
    write_rows(out.reach, ReachFloat, [_reach(channel) for channel in channels])
    write_cells(out.reach_weight, [_weights(channel, names) for channel in channels])


def _effects(table: Node | None) -> NumberRow[Effect]:
    return {effect: 1.0 if table is None else table.number(key) for effect, key in _EFFECTS.items()}


def _write_class_numbers(root: Node, names: Names, out: Floats) -> None:
    for quality in QUALITIES:
        columns = [k for k, one in enumerate(names.classes) if one.quality == quality]
        if not _divides(root.model.buyers, quality):
            out[:, columns[0]] = 0.0 if quality in ("sizes", "tiers") else 1.0
            continue
        table = root.at("buyers", quality)
        own = [names.classes[k].name for k in columns]
        if quality == "sizes":
            numbers = [table.at(name).number("from_employees") for name in own]
        elif quality == "tiers":
            numbers = [table.at(name).money("from_acv") for name in own]
        else:
            numbers = table.shares([(name, "share") for name in own])
        for k, number in zip(columns, numbers, strict=True):
            out[:, k] = number


def _reach(channel: Node) -> NumberRow[ReachFloat]:
    if not channel.has("reach"):
        return dict.fromkeys(ReachFloat, 0.0)
    reach = channel.at("reach")
    return {
        ReachFloat.EMPLOYEES_LOG: np.log(reach.number("employees")),
        ReachFloat.POTENTIAL_LOG: np.log(reach.number("potential")),
    }


def _weights(channel: Node, names: Names) -> list[Number]:
    weights: list[Number] = []
    for quality, name in names.classes:
        named = channel.has("reach") and name in getattr(channel.model.reach, quality, {})
        weights.append(channel.at("reach", quality).number(name) if named else 1.0)
    return weights


def write_reach(scenario: Scenario, structure: Structure, out: Values) -> None:
    """Write accounts by tier, and the segment mix of channels that reach the market.

    Both follow from numbers that have been written: draws that agree in them are computed once.
    """
    if scenario.buyers is None:
        return
    total = np.inf if scenario.buyers.accounts is None else float(scenario.buyers.accounts)
    reaching = [c for c, channel in enumerate(scenario.channels.values()) if not channel.segments]
    attributes = structure.market[[MarketInt.EMPLOYEES_DIST, MarketInt.POTENTIAL_DIST]]
    dists = out.dists[:, attributes]
    read = (out.market, out.class_number, out.reach, out.reach_weight, dists)
    flat = np.concatenate([table.reshape(len(table), -1) for table in read], axis=1)
    known: dict[bytes, int] = {}
    for draw, numbers in enumerate(flat):
        first = known.setdefault(numbers.tobytes(), draw)
        if first < draw:
            out.accounts[draw], out.mix[draw, reaching] = (
                out.accounts[first],
                out.mix[first, reaching],
            )
            continue
        market = market_of(structure, Values(*(table[draw] for table in out)))
        out.accounts[draw] = accounts_by_tier(market, total)
        for channel in reaching:
            out.mix[draw, channel] = segment_mix(market, channel, len(structure.segment))
