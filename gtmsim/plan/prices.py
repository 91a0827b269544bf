"""List prices of one draw, month by month, and what their changes do."""

from typing import NamedTuple

import numpy as np

from gtmsim.plan.structure import (
    CompanyInt,
    Flags,
    Floats,
    FunnelInt,
    Ints,
    PriceFloat,
    PriceInt,
    Structure,
    Values,
)


class Prices(NamedTuple):
    """Tables of a draw; M months, S segments, R funnel rows, Z price changes."""

    change: Flags  # (1,) whether any price changes
    level: Floats  # (M, S) list price over that of the start
    odds: Floats  # (M, R) factor on the odds of winning a stage that is entered in the month
    step: Ints  # (M, S) changes so far that customers pay at renewal
    renewal_level: Floats  # (S, Z + 1) price of a customer over that of the start, by step
    renewal_hazard: Floats  # (S, Z + 1) the same of the churn hazard


def prices_of(structure: Structure, values: Values) -> Prices:
    """Make the tables of a draw."""
    n_months, n_segments = int(structure.company[CompanyInt.MONTHS]), len(structure.segment)
    n_changes = len(structure.price)
    funnel = structure.funnel
    level, odds = np.ones((n_months, n_segments)), np.ones((n_months, len(funnel)))
    step = np.zeros((n_months, n_segments), np.int64)
    renewal_level = np.ones((n_segments, n_changes + 1))
    renewal_hazard = np.ones((n_segments, n_changes + 1))
    for z in np.argsort(structure.price[:, PriceInt.MONTH], kind="stable"):
        month, at_renewal = structure.price[z, [PriceInt.MONTH, PriceInt.RENEWALS]]
        factor, on_odds, on_churn = values.price[
            z, [PriceFloat.FACTOR, PriceFloat.WIN_ODDS_ELASTICITY, PriceFloat.CHURN_ELASTICITY]
        ]
        for s in np.flatnonzero(structure.price_of[z]):
            level[month:, s] *= factor
            for row in np.flatnonzero(funnel[:, FunnelInt.SEGMENT] == s):
                odds[month:, row] *= factor ** (-on_odds / funnel[row, FunnelInt.STAGES])
            if at_renewal and month < n_months:
                before = step[month, s]
                step[month:, s] += 1
                renewal_level[s, before + 1 :] = renewal_level[s, before] * factor
                renewal_hazard[s, before + 1 :] = renewal_hazard[s, before] * factor**on_churn
    return Prices(np.array([n_changes > 0]), level, odds, step, renewal_level, renewal_hazard)
