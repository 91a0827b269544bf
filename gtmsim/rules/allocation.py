"""What a company may spend in a month in all, and what product spend does."""

import numpy as np

from gtmsim.draws.elementary import power
from gtmsim.jit import lean
from gtmsim.plan.structure import AllocationFloat, Floats, Ints
from gtmsim.rules.health import net_burn
from gtmsim.vocabulary import MONTHS_PER_YEAR

MOST_PRODUCT_RATIO = 4.0
"""Product spend beyond so many times its reference, or under the inverse, does nothing more."""


@lean
def allocated_total(
    b: int, arr: int, numbers: Floats, burn_limit: float, spent: float, company: Ints
) -> float:
    """Total that is split at boundary ``b``, minor units a month.

    With a burn limit, the total is at most what would have kept last month's net burn within it,
    had it been spent instead of ``spent``. In the first month all else is taken to be the revenue
    of the opening ARR.

    Parameters
    ----------
    arr
        Last closing ARR.
    numbers
        Of the policy's stage, (AllocationFloat,).
    burn_limit
        Net burn a month, at most; infinite without a limit.
    spent
        What last month's total was spent on.
    company
        Book, (M, CompanyAccount).
    """
    total = numbers[AllocationFloat.PER_MONTH] + numbers[AllocationFloat.SHARE_OF_ARR] * arr
    if burn_limit == np.inf:
        return total
    if b == 0:
        affordable = burn_limit + arr / MONTHS_PER_YEAR
    else:
        affordable = burn_limit - net_burn(company[b - 1]) + spent
    return min(total, max(affordable, 0.0))


@lean
def product_factor(spend: float, reference: float, elasticity: float) -> float:
    """Factor of product spend, (spend / reference) ** -elasticity.

    ``reference`` is the spend at which churn and win rates were observed; the elasticity is that of
    the churn hazard, or less that of the odds of winning.
    """
    ratio = min(max(spend / reference, 1.0 / MOST_PRODUCT_RATIO), MOST_PRODUCT_RATIO)
    return power(ratio, -elasticity)
