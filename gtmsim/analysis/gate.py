"""Whether a plan meets its expectations: verdicts that say when they do not know.

A verdict follows from the Monte Carlo interval, not from the figure: *pass* where all of the
interval meets the expectation, *breach* where none of it does, else *inconclusive*. More draws then
narrow the interval, until it tells or the budget of draws is used up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isnan
from typing import Literal, NamedTuple

from gtmsim.analysis.evaluating import Futures, Measured, figure_of
from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.expressions import parse_expectation
from gtmsim.expressions.tree import Expectation, Sign, Tolerance
from gtmsim.scenario.document import Document
from gtmsim.scenario.expectations import Find, find_nothing, read_expectations, read_option
from gtmsim.scenario.models import Scenario
from gtmsim.statistics import error
from gtmsim.statistics.sequential import look_levels, schedule

Severity = Literal["error", "warning"]
Policy = Literal["fail", "warn"]
SimulateMore = Callable[[int], Futures]
"""Returns the futures of at least so many draws: the first ones are those it returned before."""

FEWEST_DRAWS = 2
"""With one draw nothing is known about what is uncertain."""


class Verdict(StrEnum):
    """What the futures say about an expectation."""

    PASS = "pass"
    BREACH = "breach"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    """There is no figure to judge."""


EXIT_CODES = {
    Verdict.PASS: 0,
    Verdict.BREACH: 3,
    Verdict.INCONCLUSIVE: 4,
    Verdict.ERROR: 5,
}
_WORST_FIRST = (Verdict.ERROR, Verdict.BREACH, Verdict.INCONCLUSIVE)


@dataclass(frozen=True)
class Check:
    """An expectation to judge, or a tolerance to reach.

    Attributes
    ----------
    name
        What it is called.
    text, expression
        As it was written, and read.
    level
        Confidence that its verdict needs.
    severity
        A warning never fails the gate.
    place
        Where it is written.
    """

    name: str
    text: str
    expression: Expectation | Tolerance
    level: float = error.LEVEL
    severity: Severity = "error"
    place: Place | None = None


@dataclass(frozen=True)
class Judged:
    """A check with its verdict.

    Attributes
    ----------
    check
        What was judged.
    verdict
        What came out.
    measured
        Its figure with the interval that was judged by.
    level
        Confidence level of that interval: above the check's, where there are several looks.
    draws, replications
        Draws, and replications per draw, that it was judged by.
    reason
        What qualifies the verdict; empty if nothing does.
    """

    check: Check
    verdict: Verdict
    measured: Measured
    level: float
    draws: int
    replications: int
    reason: str = ""


@dataclass(frozen=True)
class Judgement:
    """All checks of one scenario, or of one point of a sweep.

    Attributes
    ----------
    subject
        What was judged, as reports show it.
    judged
        One per check.
    inconclusive
        Whether an inconclusive verdict fails the gate.
    failure
        Why its simulation failed; empty if it did not. A failed simulation fails the gate, whatever
        the severity of its checks, and without any.
    """

    subject: str
    judged: tuple[Judged, ...]
    inconclusive: Policy = "fail"
    failure: str = ""

    def fails(self, judged: Judged) -> bool:
        """Whether a verdict fails the gate."""
        if self.failure and judged.verdict is Verdict.ERROR:
            return True
        if judged.check.severity == "warning" or judged.verdict is Verdict.PASS:
            return False
        return judged.verdict is not Verdict.INCONCLUSIVE or self.inconclusive == "fail"


def checks_of(scenario: Scenario, document: Document | None = None) -> tuple[Check, ...]:
    """List the expectations of a scenario.

    Parameters
    ----------
    scenario
        A checked Scenario.
    document
        What it was read from, for the places.
    """
    return tuple(
        Check(
            expected.name or expected.that,
            expected.that,
            parse_expectation(expected.that),
            expected.level,
            expected.severity,
            document.place(("expect", number, "that")) if document else None,
        )
        for number, expected in enumerate(scenario.expect)
    )


class Asked(NamedTuple):
    """Checks of a scenario, and the scenarios that they compare it with."""

    subject: str
    checks: tuple[Check, ...]
    others: Mapping[str, Scenario]
    """By the file name that the expressions give."""


def asked(
    scenario: Scenario,
    document: Document | None,
    *,
    check: bool = True,
    precision: Sequence[str] = (),
    find: Find = find_nothing,
) -> Asked:
    """Read what a scenario is judged by, before anything is simulated.

    Parameters
    ----------
    scenario
        As it will be simulated.
    document
        What it was read from, for the places; without one, files lie in the working folder.
    check
        Whether its own expectations are judged.
    precision
        Texts of ``--precision``, judged as well.
    find
        As in `read_expectations`.

    Raises
    ------
    ScenarioError
        With every problem, also where there is no expectation at all.
    """
    checks: tuple[Check, ...] = ()
    others: dict[str, Scenario] = {}
    if check:
        others |= read_expectations(scenario, document, find).others
        checks += checks_of(scenario, document)
    file = document.files[0] if document else ""
    problems: list[Problem] = []
    for text in dict.fromkeys(precision):
        try:
            read = read_option("--precision", text, scenario, file, find)
        except ScenarioError as error_:
            problems += [problem for problem in error_.problems if problem not in problems]
            continue
        others |= read.others
        checks += (Check(text, text, read.expressions[0]),)
    if problems:
        raise ScenarioError(problems)
    return Asked(scenario.scenario.name, checks, others)


# --- verdicts --------------------------------------------------------------------------------


def verdict_of(sign: Sign, threshold: float, estimate: error.Estimate) -> Verdict:
    """Judge an interval.

    The interval has two sides, so a plan that exactly meets the threshold is told to breach it, or
    the other way round, with half of the probability that the interval misses.

    Parameters
    ----------
    sign, threshold
        Of the expectation.
    estimate
        Its figure with an interval.
    """
    _, low, high = estimate
    if any(map(isnan, estimate)):
        return Verdict.ERROR
    meets: Callable[[float], bool] = {
        ">=": lambda value: value >= threshold,
        ">": lambda value: value > threshold,
        "<=": lambda value: value <= threshold,
        "<": lambda value: value < threshold,
    }[sign]
    if meets(low) and meets(high):
        return Verdict.PASS
    return Verdict.INCONCLUSIVE if meets(low) or meets(high) else Verdict.BREACH


def look_at(check: Check, futures: Futures, level: float) -> Judged:
    """Judge a check by the futures there are.

    Parameters
    ----------
    check
        Was checked with the scenario.
    futures
        Results, by segment.
    level
        Confidence level of the interval.

    Raises
    ------
    ResultsError
        If the results end too early, or those of another scenario do not match.
    """
    expression = check.expression
    if isinstance(expression, Tolerance):
        measured = figure_of(expression.statistic, futures, level)
        verdict = _width(expression, measured.estimate)
    else:
        measured = figure_of(expression.statistic, futures, level, expression.sign)
        verdict = verdict_of(expression.sign, expression.threshold.value, measured.estimate)
    draws, replications = (futures.results.sizes[dim] for dim in ("draw", "replication"))
    if draws < FEWEST_DRAWS and verdict is not Verdict.ERROR:
        verdict = Verdict.INCONCLUSIVE
    reason = _reason(verdict, measured, draws, isinstance(expression, Expectation))
    return Judged(check, verdict, measured, level, draws, replications, reason)


def _width(tolerance: Tolerance, estimate: error.Estimate) -> Verdict:
    if isnan(estimate.value):
        return Verdict.ERROR
    is_known = estimate.margin <= tolerance.half_width.value
    return Verdict.PASS if is_known else Verdict.INCONCLUSIVE


def _reason(verdict: Verdict, measured: Measured, draws: int, is_expectation: bool) -> str:
    if verdict is Verdict.ERROR:
        return measured.problem or "has no figure"
    parts = []
    if draws < FEWEST_DRAWS:
        parts.append("one draw says nothing about what is uncertain")
    elif verdict is Verdict.INCONCLUSIVE:
        parts.append(measured.problem or "more draws are needed to tell")
    if measured.undefined:
        counts = "which count against it" if is_expectation else "which are left out"
        parts.append(f"undefined in {100.0 * measured.undefined:.2g}% of futures, {counts}")
    return "; ".join(parts)


# --- more draws until it tells -----------------------------------------------------------------


class Case(NamedTuple):
    """A plan, or a point of a sweep, that is judged beside others."""

    subject: str
    checks: Sequence[Check]
    """A case without any is told, and neither passes nor fails."""
    most: int | None = None
    """Draws that there are, where there cannot be more."""


FuturesOf = Callable[[int, Sequence[int]], Iterable[tuple[int, Futures | str]]]
"""From a number of draws and the numbers of cases: each with its futures, or why it has none."""


def judge(
    subject: str,
    checks: Sequence[Check],
    simulate_more: SimulateMore,
    budget: int,
    start: int = 256,
    inconclusive: Policy = "fail",
) -> Judgement:
    """Judge the expectations of one plan with as many draws as it takes.

    Parameters
    ----------
    subject
        What is judged, as reports show it.
    checks
        At least one.
    simulate_more
        Gives the futures of so many draws.
    budget, start, inconclusive
        As in `judge_all`.

    Raises
    ------
    ScenarioError
        If there is no check: nothing judged is not a pass.
    """
    cases = [Case(subject, checks)]
    (judgement,) = judge_all(
        cases, lambda draws, _: [(0, simulate_more(draws))], budget, start, inconclusive
    )
    return judgement


def judge_all(
    cases: Sequence[Case],
    futures_of: FuturesOf,
    budget: int,
    start: int = 256,
    inconclusive: Policy = "fail",
) -> tuple[Judgement, ...]:
    """Judge the expectations of several plans or points with as many draws as each takes.

    Parameters
    ----------
    cases
        What is judged; one of them has a check.
    futures_of
        Is asked for those that are not decided, with more draws each time.
    budget
        Most draws.
    start
        Draws of the first look.
    inconclusive
        Whether an inconclusive verdict fails the gate.

    Returns
    -------
    tuple of Judgement
        One per case. Each check has the figure of the look that resolved it, or of the last one;
        where futures are missing, all checks of the case are errors.

    Raises
    ------
    ScenarioError
        If there is no check: nothing judged is not a pass.
    """
    if not any(case.checks for case in cases):
        raise _nothing(", ".join(case.subject for case in cases))
    made = [Judgement(case.subject, (), inconclusive) for case in cases]
    looks = [_looks(case, start, budget) for case in cases]
    waiting = [n for n, case in enumerate(cases) if case.checks]
    number = 0
    while waiting:
        for draws in sorted({looks[n][number] for n in waiting}):
            alike = [n for n in waiting if looks[n][number] == draws]
            for n, futures in futures_of(draws, alike):
                made[n] = _looked(cases[n], made[n], futures, looks[n], number)
        number += 1
        waiting = [n for n in waiting if number < len(looks[n]) and _is_open(made[n])]
    return tuple(made)


def _looks(case: Case, start: int, budget: int) -> tuple[int, ...]:
    last = budget if case.most is None else min(budget, case.most)
    return schedule(min(start, last), last)


def _looked(
    case: Case, before: Judgement, futures: Futures | str, looks: Sequence[int], number: int
) -> Judgement:
    """Look at what is not decided yet."""
    if isinstance(futures, str):
        failed = unjudged(case.subject, case.checks, futures)
        return replace(failed, inconclusive=before.inconclusive)
    judged = [
        look_at(check, futures, look_levels(check.level, looks)[number])
        if not before.judged or before.judged[n].verdict is Verdict.INCONCLUSIVE
        else before.judged[n]
        for n, check in enumerate(case.checks)
    ]
    return replace(before, judged=tuple(judged))


def _is_open(judgement: Judgement) -> bool:
    return any(judged.verdict is Verdict.INCONCLUSIVE for judged in judgement.judged)


def unjudged(subject: str, checks: Sequence[Check], why: str) -> Judgement:
    """Tell of a simulation that failed: an error for every check, so that none looks passed."""
    nothing = Measured(error.UNDEFINED, 1.0, why)
    errors = (Judged(c, Verdict.ERROR, nothing, c.level, 0, 0, why) for c in checks)
    return Judgement(subject, tuple(errors), failure=why)


def with_failures(
    judgements: Sequence[Judgement], failures: Mapping[int, str]
) -> tuple[Judgement, ...]:
    """Tell judgements of simulations that failed without being judged.

    Parameters
    ----------
    judgements
        One per plan or point.
    failures
        Why, by number of the plan or point.
    """
    return tuple(
        replace(judgement, failure=judgement.failure or failures.get(number, ""))
        for number, judgement in enumerate(judgements)
    )


def outcome(judgements: Sequence[Judgement]) -> Verdict:
    """Worst verdict of those that fail the gate; *pass* if none does.

    Raises
    ------
    ScenarioError
        If nothing was judged, which is not a pass.
    """
    if any(judgement.failure for judgement in judgements):
        return Verdict.ERROR
    if not any(judgement.judged for judgement in judgements):
        raise _nothing("")
    failed = {j.verdict for judgement in judgements for j in judgement.judged if judgement.fails(j)}
    return next((verdict for verdict in _WORST_FIRST if verdict in failed), Verdict.PASS)


def exit_code(judgements: Sequence[Judgement]) -> int:
    """Exit code of the gate: 0 pass, 3 breach, 4 inconclusive, 5 a failure or no figure to judge.

    Raises
    ------
    ScenarioError
        If nothing was judged, which is not a pass.
    """
    return EXIT_CODES[outcome(judgements)]


def _nothing(subject: str) -> ScenarioError:
    hint = 'Such as: [[expect]] with that = "p10(cash_min) > 0".'
    return ScenarioError([Problem(subject, "has no expectation to judge it by", None, hint)])
