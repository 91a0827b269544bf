"""Expectations and the objective: names, labels and months that the scenario does not have."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from gtmsim.expressions import names, parse_expectation
from gtmsim.expressions.tree import (
    Measure,
    Months,
    Node,
    Number,
    Reduction,
    Word,
    differences,
    measures,
    walk,
)
from gtmsim.scenario.checks.currency import is_sign_of
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.literals import Fault
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.places import Path
from gtmsim.scenario.stages import company_stages
from gtmsim.scenario.targets import BY_SEGMENT, STOCKS, TARGETABLE
from gtmsim.words import alternatives, closest

MEASURES = TARGETABLE | set(names.ALIASES) | set(names.OF_THE_PATH) | {names.STAGE_ENTRY}
"""Every name that an expectation may measure."""


class Named(NamedTuple):
    """What expressions may name of a scenario, or of its results."""

    currency: str
    months: int
    segments: tuple[str, ...]
    stages: tuple[str, ...]


def named_in(scenario: "Scenario | Named") -> Named:
    """List what expressions may name of a scenario."""
    if isinstance(scenario, Named):
        return scenario
    header = scenario.scenario
    stages = tuple(company_stages(scenario))
    return Named(header.currency, header.months, tuple(scenario.segments), stages)


def check_expectations(scenario: Scenario) -> Iterator[Finding]:
    """Tell expectations that measure what is not there, or that nothing tells apart."""
    for number, expected in enumerate(scenario.expect):
        for fault in name_faults(parse_expectation(expected.that), scenario):
            yield _finding(number, fault)
    titles = Counter(expected.name or expected.that for expected in scenario.expect)
    for number, expected in enumerate(scenario.expect):
        title = expected.name or expected.that
        if titles[title] > 1:
            path: Path = ("expect", number, "name" if expected.name else "that")
            yield Finding(path, "is there more than once", "Give each a `name` of its own.")


def beyond_horizon(scenario: Scenario) -> Iterator[Finding]:
    """Months of expectations and of the objective after the last simulated one."""
    for number, expected in enumerate(scenario.expect):
        for fault in month_faults(parse_expectation(expected.that), scenario.scenario.months):
            yield _finding(number, fault)
    month, months = scenario.objective and scenario.objective.month, scenario.scenario.months
    if month and month > months:
        message = f"lies after the last simulated month, {months}; got {month}"
        yield Finding(("objective", "month"), message)


def _finding(number: int, fault: Fault) -> Finding:
    return Finding(("expect", number, "that"), fault.message, fault.hint, span=fault.span)


def name_faults(expression: Node, scenario: Scenario | Named) -> Iterator[Fault]:
    """Tell what an expression measures that a scenario does not have.

    Parameters
    ----------
    expression
        An expectation or tolerance.
    scenario
        Has the segments, stages and currency.
    """
    named = named_in(scenario)
    for part in walk(expression):
        if isinstance(part, Number):
            yield from _currency(part, named.currency)
        if isinstance(part, Reduction) and part.kind == "sum":
            yield from _sum(part)
    for measure, is_reduced in measures(expression):
        if measure.name in MEASURES:
            yield from _form(measure, is_reduced)
            yield from _labels(measure, named)
        else:
            yield _unknown(measure)


def month_faults(expression: Node, months: int) -> Iterator[Fault]:
    """Months of an expression after the last simulated one."""
    for said in walk(expression):
        if isinstance(said, Months) and max(said.first, said.last) > months:
            latest = max(said.first, said.last)
            message = f"lies after the last simulated month, {months}; got {latest}"
            yield Fault(message, span=said.span)


def other_faults(
    expression: Node, file: str, other: Scenario, scenario: Scenario
) -> Iterator[Fault]:
    """Tell what an expression wants of another scenario and does not find there.

    Parameters
    ----------
    expression
        An expectation or tolerance.
    file, other
        Name of the other scenario in the expression, and the scenario.
    scenario
        This scenario, to whose end the other is read.
    """
    mine, its = scenario.scenario, other.scenario
    for difference in differences(expression):
        if difference.file.text != file:
            continue
        span = difference.file.span
        if its.months < mine.months:
            message = f"ends after {its.months} months, before this scenario's {mine.months}"
            yield Fault(message, "Give both as many.", span=span)
        if its.start != mine.start:
            message = f"starts on {its.start}, this scenario on {mine.start}"
            yield Fault(message, "Give both the same first month.", span=span)
        if its.currency != mine.currency:
            message = f"counts in {its.currency}, this scenario in {mine.currency}"
            yield Fault(message, "Nothing is converted.", span=span)
        for measure, _ in measures(difference.of):
            for fault in _labels(measure, named_in(other)):
                yield Fault(f"{fault.message} in {file}", fault.hint, span=fault.span)


def _currency(number: Number, currency: str) -> Iterator[Fault]:
    if number.currency and not is_sign_of(currency, number.currency):
        message = f"is not in the scenario's currency, {currency}; got {number.currency}"
        yield Fault(message, "Nothing is converted.", span=number.span)


def _sum(reduction: Reduction) -> Iterator[Fault]:
    """Refuse to add up what is counted at a month's end, again and again."""
    measure = reduction.of
    if names.ALIASES.get(measure.name, measure.name) in STOCKS:
        message = f"`{measure.name}` is a stock: a sum over months counts it again and again"
        hint = "Take avg, min, max or one month; sum is for flows, such as sum(new_arr[1:12])."
        yield Fault(message, hint, span=reduction.span)


def _unknown(measure: Measure) -> Fault:
    near = closest(measure.name.lower(), sorted(MEASURES))
    hint = f"Did you mean `{near}`?" if near else "docs/expressions.md lists what is measured."
    end = measure.span[0] + len(measure.name)
    return Fault(f"`{measure.name}` is not measured", hint, span=(measure.span[0], end))


def _form(measure: Measure, is_reduced: bool) -> Iterator[Fault]:
    """Tell a measure with months or labels that it does not take, or without those it needs."""
    name, months, stage = measure.name, measure.months, measure.stage
    if name in names.OF_THE_PATH:
        yield from _of_the_path(measure, is_reduced)
    elif name == names.STAGE_ENTRY or stage:
        yield from _of_a_stage(measure, is_reduced)
    elif is_reduced and months and not months.several:
        yield Fault("is one month, with nothing to take over months", span=months.span)
    elif not is_reduced and (months is None or months.several):
        example = f"{name}[36], {name}[end] or min({name})"
        message = "is a figure of every month" if months is None else "are several months"
        span = measure.span if months is None else months.span
        yield Fault(message, f"Say which month, or what over months: {example}.", span=span)


def _of_the_path(measure: Measure, is_reduced: bool) -> Iterator[Fault]:
    if is_reduced or measure.months or measure.segment or measure.stage:
        hint = "Lowest cash of some months is min(cash[1:12])." if "cash" in measure.name else ""
        message = f"`{measure.name}` has one value per future: no months and no labels"
        yield Fault(message, hint, span=measure.span)


def _of_a_stage(measure: Measure, is_reduced: bool) -> Iterator[Fault]:
    name = measure.name
    if name != names.STAGE_ENTRY and name not in names.IN_A_STAGE:
        known = alternatives([*names.IN_A_STAGE, names.STAGE_ENTRY])
        yield Fault(f"`{name}` has no figure by stage", f"These have: {known}.", span=measure.span)
    elif measure.stage is None:
        yield Fault("needs a stage", f"Such as {name}[stage=scaling].", span=measure.span)
    elif is_reduced or measure.months:
        yield Fault(f"`{name}` of a stage is of no month", span=measure.span)
    elif measure.segment and not names.IN_A_STAGE.get(name, False):
        yield _of_the_company(measure, measure.segment)


def _labels(measure: Measure, named: Named) -> Iterator[Fault]:
    if measure.segment:
        yield from _word(measure.segment, "segment", list(named.segments))
        account = names.ALIASES.get(measure.name, measure.name)
        if account in TARGETABLE and account not in BY_SEGMENT and not measure.stage:
            yield _of_the_company(measure, measure.segment)
    if measure.stage:
        yield from _word(measure.stage, "company stage", list(named.stages))


def _of_the_company(measure: Measure, label: Word) -> Fault:
    return Fault(f"`{measure.name}` is of the whole company, not by segment", span=label.span)


def _word(word: Word, noun: str, known: list[str]) -> Iterator[Fault]:
    if word.text not in known:
        near = closest(word.text, known)
        hint = f"Did you mean `{near}`?" if near else f"The {noun}s are {', '.join(known)}."
        yield Fault(f"there is no {noun} `{word.text}`", hint, span=word.span)
