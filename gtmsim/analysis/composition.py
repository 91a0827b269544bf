"""Who a segment's leads are, stage by stage, where they are accounts of the market.

Accounts of one segment differ: those that a stage lets pass are not those that entered it. Each
profile goes through the funnel with its own win rates; what a segment sees is their mix.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gtmsim.plan.market import Market, market_of, profile_shares
from gtmsim.plan.structure import Floats, MarketInt, Structure, Values

NOBODY = 1e-300


@dataclass(frozen=True, eq=False)
class Composition:
    """A segment's leads of all channels together; arrays over draws.

    Attributes
    ----------
    win_rate
        By funnel stage, of those who enter it, shape (draws, stages).
    duration
        Factor on the time of each stage, of those who enter it, shape (draws, stages).
    churn, delivery
        Factors of those who are won, shape (draws,).
    potential
        Mean ACV potential of those who are won and are accounts of the market, currency a year; NaN
        where there are none.
    known
        Part of those who are won that are such accounts.
    """

    win_rate: Floats
    duration: Floats
    churn: Floats
    delivery: Floats
    potential: Floats
    known: Floats


class Kinds:
    """Market tables of each draw, made once for draws that agree in them."""

    def __init__(self, structure: Structure, values: Values) -> None:
        self._structure, self._values = structure, values
        self._known: dict[bytes, Market] = {}
        self._shares: dict[tuple[bytes, int], tuple[Floats, Floats]] = {}
        self._spread = structure.market[[MarketInt.EMPLOYEES_DIST, MarketInt.POTENTIAL_DIST]]

    def composition(
        self, s: int, rows: list[int], leads: Mapping[int, Floats], others: Floats
    ) -> Composition:
        """Compose a segment's leads.

        Parameters
        ----------
        s, rows
            Row of the segment, and of its funnel stages.
        leads
            By row of a channel that reaches the market: its leads a month of the segment, shape
            (draws,).
        others
            Leads a month without attributes.
        """
        n = len(others)
        out = Composition(
            *(np.ones((n, len(rows))) for _ in range(2)), *(np.ones(n) for _ in range(4))
        )
        for draw in range(n):
            market = self._market(draw)
            reached = self._reached(draw)
            at_draw = {c: float(count[draw]) for c, count in leads.items()}
            shares = {c: self._shares_of(market, reached, c) for c in at_draw}
            self._compose(market, s, rows, at_draw, shares, float(others[draw]), draw, out)
        return out

    def _compose(  # noqa: PLR0913, PLR0917  one draw of each table
        self,
        market: Market,
        s: int,
        rows: list[int],
        leads: Mapping[int, float],
        shares: Mapping[int, tuple[Floats, Floats]],
        others: float,
        draw: int,
        out: Composition,
    ) -> None:
        weight = np.zeros(len(market.segment_of))
        worth = np.zeros(len(market.segment_of))
        ours = market.segment_of[1:] == s
        for channel, count in leads.items():
            share, potential = shares[channel]
            inside = np.where(ours, share, 0.0)
            part = count / max(inside.sum(), NOBODY)
            weight[1:] += part * inside
            worth[1:] += part * inside * potential
        weight[0] = others
        if weight.sum() <= 0.0:
            weight[0] = 1.0
        mean_potential = worth / np.maximum(weight, NOBODY)
        for k, row in enumerate(rows):
            passing = weight * market.win_rate[row]
            out.duration[draw, k] = weight @ market.duration[row] / max(weight.sum(), NOBODY)
            out.win_rate[draw, k] = passing.sum() / max(weight.sum(), NOBODY)
            weight = passing
        won = max(weight.sum(), NOBODY)
        out.churn[draw] = weight @ market.churn[s] / won
        out.delivery[draw] = weight @ market.delivery[s] / won
        out.known[draw] = weight[1:].sum() / won
        accounts = weight[1:].sum()
        with_potential = weight[1:] @ mean_potential[1:]
        out.potential[draw] = with_potential / accounts if accounts > 0.0 else np.nan

    def _shares_of(self, market: Market, reached: bytes, channel: int) -> tuple[Floats, Floats]:
        """Shares of a channel's leads, computed once for draws that agree in them."""
        if (reached, channel) not in self._shares:
            self._shares[reached, channel] = profile_shares(market, channel)
        return self._shares[reached, channel]

    def _reached(self, draw: int) -> bytes:
        """All that the shares of channels' leads follow from."""
        values = self._values
        tables = (values.market, values.class_number, values.reach, values.reach_weight)
        read = (*(table[draw] for table in tables), values.dists[draw, self._spread])
        return b"".join(np.ascontiguousarray(table).tobytes() for table in read)

    def _market(self, draw: int) -> Market:
        at_draw = Values(*(table[draw] for table in self._values))
        read = (
            at_draw.market,
            at_draw.class_number,
            at_draw.class_effect,
            at_draw.misfit,
            at_draw.reach,
            at_draw.reach_weight,
            at_draw.dists[self._spread],
            at_draw.funnel,
        )
        key = b"".join(np.ascontiguousarray(table).tobytes() for table in read)
        if key not in self._known:
            self._known[key] = market_of(self._structure, at_draw)
        return self._known[key]
