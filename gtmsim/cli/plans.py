"""Plans that are looked at together: read, and simulated as far as that is needed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gtmsim.cli.earlier import check_earlier, is_of_another_run
from gtmsim.cli.export import tell_stale
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.run import How, changes_of, default_folder, read_document
from gtmsim.cli.session import Session, shown

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.errors import Problem
    from gtmsim.scenario import Document, Scenario


class Plan(NamedTuple):
    """A plan before it is simulated."""

    name: str
    path: Path
    scenario: "Scenario"
    document: "Document | None"
    """What it was read from, if that is there."""
    results: "xr.Dataset | None"
    """Where the path leads to results, which stay as they are."""
    folder: Path
    """Of its results."""
    changes: tuple[str, ...]
    """All that differs from the scenario's file."""

    @property
    def title(self) -> str:
        """What messages call it: its file, with the folders where others are called so too."""
        return self.path.name if self.name == self.path.stem else str(self.path)


def read_plans(
    paths: Sequence[Path], overrides: tuple[str, ...], months: int | None, session: Session
) -> list[Plan]:
    """Read plans: scenario files, or folders of results.

    Raises
    ------
    UsageError
        If one is given twice.
    ScenarioError
        With every problem of every plan.
    """
    from gtmsim.errors import ScenarioError

    stems = [path.stem for path in paths]
    plans: list[Plan] = []
    problems: list[Problem] = []
    for name, path in zip(_names(paths), paths, strict=True):
        own = (str(path),) if stems.count(path.stem) > 1 else ()
        folder = default_folder(path, (*changes_of(overrides, months), *own))
        try:
            plans.append(_read(name, path, overrides, months, folder, session))
        except ScenarioError as error:
            problems += [_in_plan(problem, path) for problem in error.problems]
    if problems:
        raise ScenarioError(list(dict.fromkeys(problems)))
    return plans


def _in_plan(problem: "Problem", path: Path) -> "Problem":
    """Name the plan in which something arises that stands in no file."""
    if problem.place is not None and (problem.place.line or problem.place.file == str(path)):
        return problem
    return replace(problem, hint=f"In {path}. {problem.hint}".strip())


def _names(paths: Sequence[Path]) -> list[str]:
    """Name plans by their files, or by their paths where two files have one name."""
    stems = [path.stem for path in paths]
    names = stems if len(set(stems)) == len(stems) else [str(path) for path in paths]
    if len({path.resolve() for path in paths}) < len(names):
        raise click.UsageError("A plan is given twice; it would differ from itself in nothing.")
    return names


def _read(
    name: str,
    path: Path,
    overrides: tuple[str, ...],
    months: int | None,
    folder: Path,
    session: Session,
) -> Plan:
    from gtmsim.results import open_results
    from gtmsim.results.store import SCENARIO_FILE
    from gtmsim.scenario import load_document
    from gtmsim.scenario.loading import read_back
    from gtmsim.simulation.api import with_months

    if path.is_dir() or path.suffix == ".nc":
        results = open_results(path)
        text = path / SCENARIO_FILE
        document = load_document(text) if text.is_file() else None
        scenario = read_back(str(results.attrs["scenario"]))
        return Plan(name, path, scenario, document, results, path, ())
    changes = changes_of(overrides, months)
    document, scenario = read_document(path, overrides, session)
    return Plan(name, path, with_months(scenario, months), document, None, folder, changes)


class Simulations:
    """Results of plans, with as many draws as were asked for so far."""

    def __init__(self, how: How, session: Session):
        self._how, self._session = how, session
        self._open: dict[str, xr.Dataset] = {}

    def of(self, plan: Plan, draws: int) -> "xr.Dataset":
        """Results of a plan with at least so many draws; those of a folder as they are."""
        if plan.results is not None:
            return plan.results
        there = self._open.get(plan.name)
        if there is None or there.sizes["draw"] < draws:
            # Fewer draws stay open: what was compared by them is still to be drawn.
            self._open[plan.name] = self._made(plan, draws)
        return self._open[plan.name]

    def _made(self, plan: Plan, draws: int) -> "xr.Dataset":
        """Results of its folder, continued if need be, or new ones."""
        from gtmsim.results import open_results
        from gtmsim.results.extension import draws_there
        from gtmsim.simulation.api import checked_run, provenance_of, with_months

        how = self._how._replace(draws=draws, overrides=plan.changes)
        run = checked_run(draws, how.replications, how.seed, how.workers, how.engine)
        scenario = with_months(plan.scenario, how.months)
        folder = self._folder(plan, scenario)
        there = draws_there(folder, provenance_of(scenario, run))
        if there == 0:
            check_earlier(folder, plan.path, scenario, draws, True, self._session)
        if there < draws:
            how = how._replace(extend=there > 0)
            made = simulated(plan.title, scenario, how, folder, self._session)
            tell_stale(folder, self._session)
            return made
        self._session.say(f"{plan.title}: results of {shown(folder)}.")
        return open_results(folder)

    def _folder(self, plan: Plan, scenario: "Scenario") -> Path:
        """Results folder of a plan: another one where its own holds what must not be lost."""
        how = self._how
        if not is_of_another_run(plan.folder, plan.path, scenario, how.seed, how.replications):
            return plan.folder
        own = (str(plan.path), f"seed={how.seed}", f"replications={how.replications}")
        return default_folder(plan.path, (*plan.changes, *own))


def simulated(
    name: str, scenario: "Scenario", how: How, folder: Path | None, session: Session
) -> "xr.Dataset":
    """Simulate a plan, and tell it."""
    from gtmsim.simulation import simulate

    announce_compilation(how.engine, session)
    session.say(f"{name}: simulating {how.draws:,} draws x {how.replications:,}.")
    with progress(how.draws * how.replications, session, continued=how.extend) as report:
        return simulate(scenario, **how._asdict(), progress=report, out=folder)
