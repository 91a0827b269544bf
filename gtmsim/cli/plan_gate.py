"""The gate of `gtmsim compare`: each plan judged by its own expectations, beside the others."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gtmsim.cli.gating import Gate
from gtmsim.cli.plans import Plan, Simulations
from gtmsim.cli.run import How
from gtmsim.cli.session import Session

if TYPE_CHECKING:
    from gtmsim.analysis.evaluating import Futures
    from gtmsim.analysis.gate import Asked, Judgement
    from gtmsim.errors import Problem
    from gtmsim.scenario import Scenario
    from gtmsim.scenario.expectations import Find


def read_checks(plans: Sequence[Plan], gate: Gate, session: Session) -> "Sequence[Asked]":
    """Read what each plan is judged by, before anything is simulated.

    Parameters
    ----------
    plans
        What is compared. One that an expectation compares with by the name of its file is that one;
        any other is read from its file.
    gate
        What is asked.
    session
        Is told which plans have no expectation.

    Raises
    ------
    ScenarioError
        With every problem of every plan; if no plan has an expectation, that is one.
    """
    asked = _asked(plans, gate, finder(plans))
    for plan, what in zip(plans, asked, strict=True):
        if not what.checks:
            session.say(f"{plan.name} has no [[expect]], and is not judged.")
    return asked


def judge_plans(
    plans: Sequence[Plan],
    asked: "Sequence[Asked]",
    gate: Gate,
    how: How,
    simulations: Simulations,
) -> "Sequence[Judgement]":
    """Judge each plan beside the others, with more draws until that is decided.

    Parameters
    ----------
    plans, asked
        Of `read_checks`. Folders of results are judged by the draws they have.
    gate, how
        What is asked, and how often each plan is simulated at first.
    simulations
        Of the plans.
    """
    from gtmsim.analysis.gate import Case, judge_all

    with tempfile.TemporaryDirectory(prefix="gtmsim-") as scratch:
        others = [_others(what, plans, Path(scratch)) for what in asked]
        cases = [
            Case(plan.name, what.checks, _most([plan, *named.values()]))
            for plan, what, named in zip(plans, asked, others, strict=True)
        ]

        def futures_of(draws: int, numbers: Sequence[int]) -> "Iterator[tuple[int, Futures | str]]":
            for n in numbers:
                yield n, _futures(plans[n], others[n], draws, simulations)

        budget = max(how.draws, gate.max_draws)
        return judge_all(cases, futures_of, budget, how.draws, gate.inconclusive)


def finder(plans: Sequence[Plan]) -> "Find":
    """Give plans of the comparison for the files that expectations name, and read others once.

    Results have no file; a name that leads to none is that of the plan whose folder is called so.
    """
    from functools import cache

    from gtmsim.scenario import load_scenario
    from gtmsim.scenario.files import is_there

    load = cache(load_scenario)
    by_file = {plan.path.resolve(): plan.scenario for plan in plans}
    by_stem = {plan.path.stem: plan.scenario for plan in plans}

    def find(path: str) -> "Scenario | None":
        there = is_there(path)
        if there and (scenario := by_file.get(Path(path).resolve())):
            return scenario
        if not there:
            return by_stem.get(Path(path).stem)
        return load(path)

    return find


def _asked(plans: Sequence[Plan], gate: Gate, find: "Find") -> "list[Asked]":
    from gtmsim.analysis.gate import asked
    from gtmsim.errors import ScenarioError
    from gtmsim.scenario.expectations import nothing_expected

    found: list[Asked] = []
    problems: list[Problem] = []
    for plan in plans:
        try:
            check = gate.check and bool(plan.scenario.expect)
            what = asked(
                plan.scenario, plan.document, check=check, precision=gate.precision, find=find
            )
            found.append(what)
        except ScenarioError as error:
            problems += error.problems
    if not problems and not any(what.checks for what in found):
        problems = [nothing_expected(plan.document) for plan in plans]
    if problems:
        raise ScenarioError(list(dict.fromkeys(problems)))
    return found


def _others(what: "Asked", plans: Sequence[Plan], scratch: Path) -> dict[str, Plan]:
    """Plans that expectations compare with, by the file name that they give."""
    known = {id(plan.scenario): plan for plan in plans}
    return {
        name: known.get(id(other))
        or Plan(f"{id(other)}", Path(name), other, None, None, scratch / f"{id(other)}", ())
        for name, other in what.others.items()
    }


def _most(plans: Sequence[Plan]) -> int | None:
    """Draws that all of some plans have, where results of some stay as they are."""
    fixed = [plan.results.sizes["draw"] for plan in plans if plan.results is not None]
    return min(fixed, default=None)


def _futures(
    plan: Plan, others: dict[str, Plan], draws: int, simulations: Simulations
) -> "Futures | str":
    """Futures of a plan beside others, or why there are none."""
    from gtmsim.analysis.evaluating import Futures
    from gtmsim.analysis.pairing import in_common
    from gtmsim.errors import Interrupted, SimulationError

    try:
        there = [simulations.of(one, draws) for one in (plan, *others.values())]
    except Interrupted:
        raise
    except SimulationError as error:
        return str(error)
    mine, *theirs = in_common([one.isel(draw=slice(draws)) for one in there])
    return Futures(mine, dict(zip(others, theirs, strict=True)))
