"""Expectations before they are judged: whether they can be, and what they compare with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from gtmsim.errors import ExpressionError, Problem, ScenarioError
from gtmsim.expressions import parse_expectation, parse_precision, parse_quantity
from gtmsim.expressions.tree import Expectation, Quantity, Tolerance, Word, differences
from gtmsim.scenario.checks.compared import listing_file, missing_file
from gtmsim.scenario.checks.expectations import (
    Named,
    beyond_horizon,
    month_faults,
    name_faults,
    named_in,
    other_faults,
)
from gtmsim.scenario.document import Document
from gtmsim.scenario.files import beside
from gtmsim.scenario.findings import Finding, problems_of
from gtmsim.scenario.literals import Fault
from gtmsim.scenario.loading import load_scenario
from gtmsim.scenario.models import Scenario

Expression = Expectation | Tolerance
Find = Callable[[str], Scenario | None]
"""From the path of a scenario to compare with: the scenario if it is there already."""


def find_nothing(path: str) -> Scenario | None:
    """Let every scenario be read from its file."""
    return None


@dataclass(frozen=True)
class Judgeable:
    """Expressions that a scenario can be judged by, and the scenarios they compare it with."""

    expressions: tuple[Expression, ...]
    others: Mapping[str, Scenario] = field(default_factory=lambda: MappingProxyType({}))
    """By the file name that the expressions give."""


def read_expectations(
    scenario: Scenario, document: Document | None = None, find: Find = find_nothing
) -> Judgeable:
    """Make sure that a scenario's expectations can be judged, before it is simulated.

    Parameters
    ----------
    scenario
        A checked Scenario, of the length that will be simulated.
    document
        What it was read from, for the places. Files that expectations compare with lie beside the
        file that lists the expectations; without a document, in the working folder.
    find
        Gives scenarios that need not be read from their files.

    Raises
    ------
    ScenarioError
        With every problem: no expectation at all, months after the last one, files that are not
        there or no scenarios, segments and stages that the other scenario does not have.
    """
    if not scenario.expect:
        raise ScenarioError([nothing_expected(document)])
    expressions = tuple(parse_expectation(expected.that) for expected in scenario.expect)
    listing = listing_file(document) if document else ""
    loaded = _load_others(expressions, listing, scenario, find)
    findings = [*beyond_horizon(scenario), *loaded.findings]
    if findings or loaded.problems:
        raise ScenarioError([*loaded.problems, *problems_of(findings, document)])
    return Judgeable(expressions, MappingProxyType(loaded.others))


def read_option(
    option: str, text: str, scenario: Scenario, beside_file: str = "", find: Find = find_nothing
) -> Judgeable:
    """Read an expectation or tolerance that an option of the command line is given.

    Parameters
    ----------
    option
        The option's name, for messages, such as ``--precision``.
    text
        What it was given.
    scenario
        A checked Scenario, of the length that will be simulated.
    beside_file
        Where files that it compares with lie; by default in the working folder.
    find
        As in `read_expectations`.

    Raises
    ------
    ScenarioError
        With every problem.
    """
    try:
        expression = parse_precision(text)
    except ExpressionError as error:
        raise ScenarioError([error.problem(option)]) from None
    months = scenario.scenario.months
    faults = [*name_faults(expression, scenario), *month_faults(expression, months)]
    loaded = _load_others((expression,), beside_file, scenario, find)
    faults += [fault for _, fault in loaded.faults]
    if faults or loaded.problems:
        raise ScenarioError([*loaded.problems, *(_of_option(f, option, text) for f in faults)])
    return Judgeable((expression,), MappingProxyType(loaded.others))


def read_output(option: str, text: str, scenarios: Sequence[Scenario | Named]) -> Quantity:
    """Read a number of each future that an option of the command line asks for.

    Parameters
    ----------
    option
        The option's name, for messages, such as ``--output``.
    text
        What it was given, such as ``arr[36]``.
    scenarios
        Checked Scenarios, of the lengths that are simulated, or what they name. A segment that one
        of them has is enough.

    Raises
    ------
    ScenarioError
        With every problem.
    """
    try:
        quantity = parse_quantity(text)
    except ExpressionError as error:
        raise ScenarioError([error.problem(option)]) from None
    alone = "compares with another scenario, which is for expectations alone"
    foreign = [Fault(alone, span=difference.span) for difference in differences(quantity)]
    if foreign:
        raise ScenarioError([_of_option(fault, option, text) for fault in foreign])
    by_scenario = [[*name_faults(quantity, scenario)] for scenario in scenarios]
    faults = min(by_scenario, key=len)
    faults += month_faults(quantity, min(named_in(scenario).months for scenario in scenarios))
    if faults:
        raise ScenarioError([_of_option(fault, option, text) for fault in faults])
    return quantity


@dataclass
class _Loaded:
    """Scenarios that expressions compare with, and what is wrong with those or their use."""

    others: dict[str, Scenario] = field(default_factory=dict)
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    """With the number of the expression that they are in."""
    problems: list[Problem] = field(default_factory=list)
    """Of the other scenarios' own files."""

    @property
    def findings(self) -> Iterator[Finding]:
        """The faults at the paths of a scenario's expectations."""
        for number, fault in self.faults:
            path = ("expect", number, "that")
            yield Finding(path, fault.message, fault.hint, span=fault.span)


def _load_others(
    expressions: Sequence[Expression], listing: str, scenario: Scenario, find: Find
) -> _Loaded:
    """Load each scenario once; what it expects itself is not followed."""
    loaded = _Loaded()
    for number, expression in enumerate(expressions):
        files = {d.file.text: d.file for d in differences(expression)}
        for name, word in files.items():
            fault = None if name in loaded.others else _load_other(word, listing, loaded, find)
            if fault:
                loaded.faults.append((number, fault))
            elif other := loaded.others.get(name):
                of_other = other_faults(expression, name, other, scenario)
                loaded.faults += ((number, fault) for fault in of_other)
    return loaded


def _load_other(named: Word, listing: str, loaded: _Loaded, find: Find) -> Fault | None:
    path = beside(listing, named.text)
    try:
        found = find(path)
        if found is None and (missing := missing_file(named, listing)):
            return missing
        loaded.others[named.text] = found or load_scenario(path)
    except ScenarioError as error:
        loaded.problems += (p for p in error.problems if p not in loaded.problems)
        return Fault(f"compares with {named.text}, which has problems", span=named.span)
    return None


def nothing_expected(document: Document | None) -> Problem:
    """Tell that a scenario has no expectation to judge it by."""
    hint = 'Such as: [[expect]] with that = "p10(cash_min) > 0".'
    place = document.place(()) if document else None
    return Problem("", "has no [[expect]]: there is nothing to judge it by", place, hint)


def _of_option(fault: Fault, option: str, text: str) -> Problem:
    span = fault.span or (0, len(text))
    return ExpressionError(text, span, fault.message, fault.hint).problem(option)
