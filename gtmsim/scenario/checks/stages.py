"""Stages: those of the company by ARR, those of a motion by their order."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Motion, Scenario
from gtmsim.scenario.stages import DEFAULT_FROM_ARR, company_stages


def check_stages(scenario: Scenario) -> Iterator[Finding]:
    """Thresholds without order, and motions whose order leaves stages out."""
    yield from _thresholds_given(scenario)
    yield from _thresholds_ascend(scenario)
    for name, motion in scenario.motions.items():
        yield from _order(name, motion)


def _thresholds_given(scenario: Scenario) -> Iterator[Finding]:
    for name, stage in scenario.stages.items():
        if stage.from_arr is None and name not in DEFAULT_FROM_ARR:
            hint = f"Only {', '.join(DEFAULT_FROM_ARR)} have one by default."
            yield Finding(("stages", name), "needs `from_arr`", hint, missing="from_arr")


def _thresholds_ascend(scenario: Scenario) -> Iterator[Finding]:
    """Tell thresholds that are equal, that turn the usual stages around, or that start above 0."""
    stages = company_stages(scenario)
    numbers = {name: s.from_arr for name, s in stages.items() if isinstance(s.from_arr, float)}
    usual = [(name, numbers[name]) for name in DEFAULT_FROM_ARR if name in numbers]
    for (earlier, below), (later, above) in pairwise(usual):
        if below >= above:
            yield _not_ascending(scenario, earlier, later, below, above)
    for name, number in numbers.items():
        same = [other for other, at in numbers.items() if at == number and other != name]
        if name not in DEFAULT_FROM_ARR and same:
            path = ("stages", name, "from_arr")
            yield Finding(path, f"must differ from that of `{same[0]}`; both are {number:,.0f}")
    if len(numbers) == len(stages) and min(numbers.values()) > 0.0:
        lowest = min(numbers, key=lambda name: numbers[name])
        message = f"must be 0, as the lowest threshold; got {numbers[lowest]:,.0f}"
        yield Finding(("stages", lowest, "from_arr"), message)


def _not_ascending(
    scenario: Scenario, earlier: str, later: str, below: float, above: float
) -> Finding:
    changed = scenario.stages.get(later)
    if changed is not None and changed.from_arr is not None:
        message = f"must be above that of `{earlier}`, {below:,.0f}; got {above:,.0f}"
        return Finding(("stages", later, "from_arr"), message)
    message = f"must be below that of `{later}`, {above:,.0f}; got {below:,.0f}"
    return Finding(("stages", earlier, "from_arr"), message)


def _order(name: str, motion: Motion) -> Iterator[Finding]:
    if motion.order is None:
        return
    path = ("motions", name, "order")
    left_out = [stage for stage in motion.stages if stage not in motion.order]
    if left_out:
        yield Finding(path, f"leaves out {', '.join(f'`{stage}`' for stage in left_out)}")
    for stage, count in Counter(motion.order).items():
        if count > 1:
            yield Finding(path, f"has `{stage}` {count} times")
