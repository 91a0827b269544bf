"""What the uniforms of an account mean; see ``gtmsim.plan.market`` for its tables."""

from gtmsim.draws.elementary import exp, normal_quantile, power
from gtmsim.jit import inlined, kernel
from gtmsim.rules.money import round_half_up

# What ``Market.link`` holds.
POTENTIAL_ON_SIZE = 0
POTENTIAL_OWN = 1
USE_ON_SIZE = 2
USE_ON_POTENTIAL = 3
USE_OWN = 4

_MILLI = 1000.0


@inlined
def attribute_normal(u: float, shift: float) -> float:
    """Tell the normal of an account's employees, or of what those do not tell of its potential.

    ``shift`` is that of the accounts which the channel reaches.
    """
    return normal_quantile(u) + shift


@inlined
def potential_normal(z_size: float, z_own: float, on_size: float, own: float) -> float:
    """Tell the normal of an account's ACV potential."""
    return on_size * z_size + own * z_own


@inlined
def use_normal(
    z_size: float, z_own: float, u: float, on_size: float, on_potential: float, own: float
) -> float:
    """Tell the normal of the complexity of an account's use case."""
    return (on_size * z_size + on_potential * z_own) + own * normal_quantile(u)


@inlined
def with_odds(rate: float, factor: float) -> float:
    """Probability whose odds are ``factor`` times those of ``rate``, to the bit where it is 1."""
    favourable = rate * factor
    whole = favourable + (1.0 - rate)
    changed = favourable / whole if whole > 0.0 else 0.0
    return rate if factor == 1.0 else changed


@kernel
def potential_of(z: float, mean: float, deviation: float) -> float:
    """ACV potential of an account, minor units a year."""
    return exp(mean + deviation * z)


@kernel
def churn_by_fit(theta: float, factor: float) -> float:
    """Yearly churn probability of a customer whose churn hazard is ``factor`` times as large."""
    if factor == 1.0:
        return theta
    return 1.0 - power(1.0 - theta, factor)


@kernel
def milli_load(delivery: float) -> int:
    """Load of a customer on those who serve it, thousandths of one whom nothing changes."""
    return round_half_up(_MILLI * delivery)
