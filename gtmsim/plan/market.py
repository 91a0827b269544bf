"""The market of one draw: what kind of account a uniform means, and what becomes of each kind.

An account has employees, ACV potential and a use case of some complexity, tied by a Gaussian
copula, and a vertical and a region, drawn by themselves. Its classes make its *profile*, a whole
number; profile 0 is that of leads without attributes, whom nothing changes. What a segment's motion
does to a profile are tables, so that an engine looks them up.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from gtmsim.draws.families import FIXED
from gtmsim.plan.structure import (
    N_QUALITIES,
    TOUCHES,
    Effect,
    Floats,
    FunnelFloat,
    FunnelInt,
    Ints,
    MarketFloat,
    MarketInt,
    ReachFloat,
    SegmentInt,
    Structure,
    Values,
)

NO_PROFILE = 0
"""Of a lead without attributes."""

_NODES = 32
"""Of the quadrature over a class of sizes or tiers: an error under 1e-6 of all leads for rank
correlations up to 0.99 (tested), under 2e-2 where one attribute tells another."""
_FARTHEST = 8.0
"""Deviations from the middle beyond which there is nobody."""
_NEXT_TO_NONE = 1e-12


class Market(NamedTuple):
    """Tables of a draw; F profiles, S segments, R funnel rows, C channels.

    Ends are those between classes, in standard normals (sizes, tiers, uses) or in uniforms
    (verticals, regions, by channel).
    """

    counts: Ints  # (N_QUALITIES,) classes of each quality
    segment_of: Ints  # (F,)
    tier_of: Ints  # (F,)
    win_rate: Floats  # (R, F)
    duration: Floats  # (R, F) factor on the time of a stage
    churn: Floats  # (S, F) factor on the churn hazard
    delivery: Floats  # (S, F) factor on onboarding and support cost
    size_end: Floats  # (sizes - 1,)
    tier_end: Floats
    use_end: Floats
    vertical_end: Floats  # (C + 1, verticals - 1)
    region_end: Floats
    shift: Floats  # (C + 1, 2) of the normals of employees and of potential's own part
    link: Floats  # (5,) see ``_links``
    potential: Floats  # (2,) mean and deviation of the logarithm, minor units


def market_of(structure: Structure, values: Values) -> Market:
    """Make the tables of a draw.

    Parameters
    ----------
    structure, values
        The Plan and the numbers of the draw.
    """
    counts = structure.market[:N_QUALITIES]
    effects, needs, classes = _profiles(structure, values)
    size, potential = (
        _lognormal(values.dists, structure.market[column])
        for column in (MarketInt.EMPLOYEES_DIST, MarketInt.POTENTIAL_DIST)
    )
    numbers = _by_quality(values.class_number, counts)
    weights = _by_quality(values.reach_weight.T, counts)
    link = _links(values.market)
    _, potential_own, *_ = link

    def multipliers(touches: Ints) -> Floats:
        """Factors by motion of a touch and profile, shape (touches, F, Effect)."""
        factors = np.ones((len(touches), 1 + len(classes), len(Effect)))
        for one, touch in zip(factors, touches, strict=True):
            one[1:] = effects * values.misfit[touch - needs + TOUCHES - 1]
        return factors

    served = multipliers(structure.segment[:, SegmentInt.TOUCH])
    sold = multipliers(structure.funnel[:, FunnelInt.TOUCH])
    return Market(
        counts=np.ascontiguousarray(counts),
        segment_of=structure.segment_of,
        tier_of=np.concatenate([[0], classes[:, MarketInt.TIERS]]).astype(np.int64),
        win_rate=_win_rates(structure, values, sold[:, :, Effect.WIN_ODDS]),
        duration=np.ascontiguousarray(sold[:, :, Effect.DURATION]),
        churn=np.ascontiguousarray(served[:, :, Effect.CHURN]),
        delivery=np.ascontiguousarray(served[:, :, Effect.DELIVERY_COST]),
        size_end=_ends(numbers[MarketInt.SIZES], size),
        tier_end=_ends(numbers[MarketInt.TIERS], potential),
        use_end=ndtri(_cumulative(numbers[MarketInt.COMPLEXITIES])),
        vertical_end=_tilted(numbers[MarketInt.VERTICALS], weights[MarketInt.VERTICALS]),
        region_end=_tilted(numbers[MarketInt.REGIONS], weights[MarketInt.REGIONS]),
        shift=_shifts(values.reach, size[1], potential[1] * potential_own),
        link=link,
        potential=np.array(potential),
    )


# --- profiles --------------------------------------------------------------------------------


def _profiles(structure: Structure, values: Values) -> tuple[Floats, Ints, Ints]:
    """Effects of each profile's classes together, the touch it needs, and its classes."""
    counts = structure.market[:N_QUALITIES]
    if len(structure.segment_of) == 1:
        nobody = np.zeros((0, N_QUALITIES), np.int64)
        return np.ones((0, len(Effect))), nobody[:, 0], nobody
    classes = np.array(list(product(*(range(count) for count in counts))), np.int64)
    rows = classes + np.concatenate([[0], np.cumsum(counts)[:-1]])
    return values.class_effect[rows].prod(axis=1), structure.class_needs[rows].max(axis=1), classes


def _win_rates(structure: Structure, values: Values, odds: Floats) -> Floats:
    """Win rate of each funnel row by profile: its odds times an equal part of the whole factor."""
    factor = odds ** (1.0 / structure.funnel[:, FunnelInt.STAGES])[:, np.newaxis]
    rate = values.funnel[:, [FunnelFloat.WIN_RATE]]
    favourable = rate * factor
    whole = favourable + (1.0 - rate)
    changed = np.divide(favourable, whole, out=np.zeros_like(whole), where=whole > 0.0)
    return np.ascontiguousarray(np.where(factor == 1.0, rate, changed))


# --- classes ---------------------------------------------------------------------------------


def _by_quality(rows: Floats, counts: Ints) -> list[Floats]:
    """Rows of the classes, quality by quality."""
    return np.split(rows, np.cumsum(counts)[:-1])


def _lognormal(dists: Floats, row: int) -> tuple[float, float]:
    """Mean and deviation of an attribute's logarithm."""
    if row < 0:
        return 0.0, 0.0
    family, a, b = dists[row, :3]
    return (float(np.log(a)), 0.0) if family == FIXED else (float(a), float(b))


def _ends(lower: Floats, lognormal: tuple[float, float]) -> Floats:
    """Where classes but the first begin, in standard normals of the logarithm."""
    mean, deviation = lognormal
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.log(lower[1:]) - mean
        ends = apart / deviation if deviation > 0.0 else np.where(apart <= 0.0, -np.inf, np.inf)
    return np.ascontiguousarray(ends)


def _cumulative(shares: Floats) -> Floats:
    """Where classes but the first begin, in uniforms."""
    total = shares.sum(axis=0)
    return np.ascontiguousarray(np.cumsum(shares, axis=0)[:-1] / np.maximum(total, _NEXT_TO_NONE))


def _tilted(shares: Floats, weights: Floats) -> Floats:
    """`_cumulative` by channel, (C + 1, classes - 1); the last is nobody's, the market's own."""
    by_channel = np.concatenate([weights, np.ones((len(shares), 1))], axis=1)
    return np.ascontiguousarray(_cumulative(shares[:, np.newaxis] * by_channel).T)


def _shifts(reach: Floats, size: float, own: float) -> Floats:
    """Reach as shifts of standard normals, by the deviations of their parts of the logarithms.

    A part that does not vary has none. ``own`` is what employees do not tell about potential.
    """
    shifts = np.zeros((len(reach) + 1, 2))
    for column, deviation in zip(ReachFloat, (size, own), strict=True):
        if deviation > 0.0:
            shifts[:-1, column] = reach[:, column] / deviation
    return shifts


def _links(pearson: Floats) -> Floats:
    """Rows of the Cholesky factor below its first: potential on (size, own), use on the three."""
    on_size = pearson[MarketFloat.SIZE_AND_POTENTIAL]
    own = np.sqrt(max(0.0, 1.0 - on_size**2))
    use_on_size = pearson[MarketFloat.SIZE_AND_COMPLEXITY]
    rest = pearson[MarketFloat.POTENTIAL_AND_COMPLEXITY] - use_on_size * on_size
    use_on_potential = rest / own if own > 0.0 else 0.0
    use_own = np.sqrt(max(0.0, 1.0 - use_on_size**2 - use_on_potential**2))
    return np.array([on_size, own, use_on_size, use_on_potential, use_own])


# --- shares of the market --------------------------------------------------------------------


def accounts_by_tier(market: Market, total: float) -> Floats:
    """Accounts of each tier, of ``total`` in the market (infinite: endless)."""
    if total == np.inf:
        return np.full(market.counts[MarketInt.TIERS], np.inf)
    return np.asarray(total * np.diff(ndtr(_bounds(market.tier_end))))


def segment_mix(market: Market, channel: int, n_segments: int) -> Floats:
    """Share of each segment among a channel's leads, shape (S,); sums to 1.

    By Gauss quadrature over employees and potential within their classes; the rest is closed.
    """
    size_weight, own_weight, use, _ = _grid(market, channel, market.tier_end)
    vertical, region = _independent(market, channel)
    joint = np.einsum("sn,sntm,sntmu->stu", size_weight, own_weight, use)
    cells = np.einsum("stu,v,r->stuvr", joint, vertical, region)
    shares = np.bincount(market.segment_of[1:], cells.ravel(), n_segments)
    return np.asarray(shares / shares.sum())


def profile_prices(
    market: Market, channel: int, ends: Floats, parts: Floats
) -> tuple[Floats, Floats]:
    """Share of each profile among a channel's leads by band of list price, and the mean price.

    Parameters
    ----------
    market, channel
        The market, and the row of a channel.
    ends
        Prices at which bands but the first begin, ascending, minor units a year.
    parts
        Equally likely shares of an account's potential that are its price.

    Returns
    -------
    (share, price)
        Shape (F - 1, bands) each, without the profile of no account; the price is 0 where there
        is nobody.
    """
    # Tiers are cut where prices break, so that the quadrature meets no step inside of a class.
    mean_log, deviation = market.potential
    breaks = _ends(np.array([0.0, *ends / np.median(parts)]), (mean_log, deviation))
    tiers, breaks = (np.clip(one, -_FARTHEST, _FARTHEST) for one in (market.tier_end, breaks))
    order = np.sort(np.concatenate([tiers, breaks]))
    first = np.concatenate([[0], 1 + np.searchsorted(order, tiers)])
    size_weight, own_weight, use, worth = _grid(market, channel, order)
    price = worth[..., np.newaxis] * parts
    band = np.searchsorted(ends, price, side="right")
    inside = (band[..., np.newaxis] == np.arange(len(ends) + 1)) / len(parts)
    weight = own_weight[..., np.newaxis] * inside.sum(axis=4)
    paid = own_weight[..., np.newaxis] * (inside * price[..., np.newaxis]).sum(axis=4)
    joint, joint_paid = (
        np.add.reduceat(np.einsum("sn,sntmb,sntmu->stub", size_weight, one, use), first, axis=1)
        for one in (weight, paid)
    )
    vertical, region = _independent(market, channel)
    cells = np.einsum("stub,v,r->stuvrb", joint, vertical, region)
    mean = joint_paid / np.maximum(joint, _NEXT_TO_NONE)
    spread = np.broadcast_to(mean[:, :, :, np.newaxis, np.newaxis], cells.shape)
    shape = (-1, len(ends) + 1)
    return cells.reshape(shape), spread.reshape(shape)


def _grid(market: Market, channel: int, tier_end: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Nodes of the quadrature over a channel's leads.

    Returns
    -------
    (size_weight, own_weight, use, worth)
        Of the sizes s and tiers t with nodes n and m, shape (s, n), (s, n, t, m), (s, n, t, m,
        uses) the shares of uses, and (s, n, t, m) the potential in minor units a year.
    """
    on_size, own, use_on_size, use_on_potential, use_own = market.link
    size, size_weight = _nodes(_bounds(market.size_end), market.shift[channel, 0])
    tier_bounds = (_bounds(tier_end) - on_size * size[..., np.newaxis]) / _some(own)
    own_part, own_weight = _nodes(tier_bounds, market.shift[channel, 1])
    mean = use_on_size * size[..., np.newaxis, np.newaxis] + use_on_potential * own_part
    use_bounds = (_bounds(market.use_end) - mean[..., np.newaxis]) / _some(use_own)
    use = np.diff(ndtr(use_bounds), axis=-1)
    mean_log, deviation = market.potential
    z_potential = on_size * size[..., np.newaxis, np.newaxis] + own * own_part
    return size_weight, own_weight, use, np.exp(mean_log + deviation * z_potential)


def _independent(market: Market, channel: int) -> tuple[Floats, Floats]:
    """Shares of the verticals and of the regions among a channel's leads."""
    vertical, region = (
        np.diff(np.concatenate([[0.0], ends[channel], [1.0]]))
        for ends in (market.vertical_end, market.region_end)
    )
    return vertical, region


def _bounds(ends: Floats) -> Floats:
    return np.concatenate([[-np.inf], ends, [np.inf]])


def _some(part: float) -> float:
    """Part that an attribute has of its own, not quite 0 where the others tell it."""
    return max(part, _NEXT_TO_NONE)


def _nodes(bounds: Floats, shift: float) -> tuple[Floats, Floats]:
    """Nodes and weights of a shifted normal in each class, shape (..., classes, _NODES)."""
    x, w = _rule()
    ends = np.clip(bounds - shift, -_FARTHEST, _FARTHEST)[..., np.newaxis]
    low, half = ends[..., :-1, :], 0.5 * np.diff(ends, axis=-2)
    nodes = low + half * (x + 1.0)
    return nodes + shift, half * w * np.exp(-0.5 * nodes**2)


@cache
def _rule() -> tuple[Floats, Floats]:
    """Nodes and weights in (-1, 1)."""
    return np.polynomial.legendre.leggauss(_NODES)
