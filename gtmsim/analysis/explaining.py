"""What follows from a scenario without simulating it: unit economics, verdicts, couplings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.coupling import Coupling, couplings
from gtmsim.analysis.drivers import Drivers
from gtmsim.analysis.driving import drivers_of
from gtmsim.analysis.economics import Economics, unit_economics
from gtmsim.analysis.mending import Mend, mend, mends
from gtmsim.metrics.verdicts import State, states_of, worst
from gtmsim.plan import compile_plan, draw_inputs
from gtmsim.plan.means import mean_of
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.profiles import Bounds, Ruler, bounds_of, profile_of
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_SEED


class Criterion(NamedTuple):
    """One measure of a verdict."""

    measure: str
    bounds: Bounds
    state: State | None
    """At the means of the inputs; None where it is undefined."""
    healthy_share: float
    """Share of draws of the inputs in which it is healthy."""


@dataclass(frozen=True)
class Verdict:
    """How a segment's motion does by one ruler.

    Attributes
    ----------
    ruler
        What it is held against.
    state
        At the means of the inputs; None where a measure is undefined and none is broken.
    healthy_share
        Share of draws of the inputs in which it is healthy.
    criteria
        By measure.
    mend
        The one number that would make it healthy; None where it is, or where none does.
    mends
        For each measure that is not healthy, what would mend it alone.
    """

    ruler: Ruler
    state: State | None
    healthy_share: float
    criteria: tuple[Criterion, ...]
    mend: Mend | None
    mends: Mapping[str, Mend | None]


@dataclass(frozen=True, eq=False)
class SegmentExplained:
    """A segment in closed form.

    Attributes
    ----------
    name
        Of the segment.
    profile, is_stated
        Whose targets it is judged by, and whether it says so itself.
    is_priced_by_account
        Whether prices are those of its accounts, so that its motion's touch tells the profile.
    at_means
        Unit economics with every uncertain input at its mean, arrays of shape (1,).
    over_draws
        The same in each draw of the inputs.
    verdicts
        By the playbook and by the benchmark.
    """

    name: str
    profile: str
    is_stated: bool
    is_priced_by_account: bool
    at_means: Economics
    over_draws: Economics
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, eq=False)
class Explanation:
    """What follows from a scenario without simulating it."""

    scenario: Scenario
    draws: int
    n_inputs: int
    segments: tuple[SegmentExplained, ...]
    couplings: tuple[Coupling, ...]


def explain(
    scenario: Scenario, draws: int = DEFAULT_DRAWS, seed: int = DEFAULT_SEED
) -> Explanation:
    """Work out what follows from a scenario in closed form.

    Parameters
    ----------
    scenario
        A checked Scenario.
    draws
        Draws of the uncertain inputs, for ranges.
    seed
        Of the draws.

    Raises
    ------
    CapacityError
        If it outgrows a limit of the Plan.
    ScenarioError
        If no distribution is what one of its tables asks for.
    """
    if not isinstance(scenario, Scenario):
        got = type(scenario).__name__
        raise TypeError(f"explain wants a Scenario, as from load_scenario(path); got a {got}")
    plan = compile_plan(scenario)
    means = np.array([mean_of(given.distribution) for given in plan.inputs]).reshape(1, -1)
    drawn = draw_inputs(plan, seed, range(draws))
    both = zip(drivers_of(plan, means), drivers_of(plan, drawn), strict=True)
    return Explanation(
        scenario=scenario,
        draws=draws,
        n_inputs=len(plan.inputs),
        segments=tuple(_explained(scenario, one, many) for one, many in both),
        couplings=couplings(scenario),
    )


def _explained(scenario: Scenario, one: Drivers, many: Drivers) -> SegmentExplained:
    at_means, over_draws = unit_economics(one), unit_economics(many)
    profile = profile_of(scenario, one.segment, float(at_means.list_acv[0]))
    return SegmentExplained(
        name=one.segment,
        profile=profile,
        is_stated=scenario.segments[one.segment].profile is not None,
        is_priced_by_account=scenario.segments[one.segment].acv is None,
        at_means=at_means,
        over_draws=over_draws,
        verdicts=tuple(
            _verdict(ruler, bounds_of(scenario.verdicts, profile, ruler), one, at_means, over_draws)
            for ruler in Ruler
        ),
    )


def _verdict(
    ruler: Ruler,
    limits: Mapping[str, Bounds],
    drivers: Drivers,
    at_means: Economics,
    over_draws: Economics,
) -> Verdict:
    states = states_of(at_means.measures, limits)
    drawn = states_of(over_draws.measures, limits)
    return Verdict(
        ruler=ruler,
        state=_state(worst(states)),
        healthy_share=_share(worst(drawn)),
        criteria=tuple(
            Criterion(name, limits[name], _state(state), _share(drawn[name]))
            for name, state in states.items()
        ),
        mend=mend(drivers, limits),
        mends=mends(drivers, limits),
    )


def _state(states: np.ndarray) -> State | None:
    value = float(states[0])
    return None if np.isnan(value) else State(int(value))


def _share(states: np.ndarray) -> float:
    return float(np.mean(states == State.HEALTHY))
