"""`gtmsim run`: simulate a scenario and answer its question."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from shlex import quote
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.earlier import SOURCE, check_earlier, source_of
from gtmsim.cli.export import tell_stale
from gtmsim.cli.gating import Gate, deliver, end, gate_options
from gtmsim.cli.options import (
    Folder,
    Whole,
    cluster_option,
    format_option,
    scenario_argument,
    set_option,
    simulation_options,
)
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.report import png_option, write_beside
from gtmsim.cli.session import Session, common_options, shown
from gtmsim.files import at_last
from gtmsim.settings import DEFAULT_DRAWS, MAX_COUNT, SMOKE_DRAWS

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.analysis.gate import Asked, Judgement
    from gtmsim.report.answer import Answer
    from gtmsim.scenario import Document, Scenario


class How(NamedTuple):
    """How often and by what a scenario is simulated."""

    draws: int
    replications: int
    seed: int
    months: int | None
    workers: int | None
    engine: str
    overrides: tuple[str, ...]
    """All that differs from the scenario's file."""
    extend: bool
    """Whether older results are continued."""
    cluster: str | None = None


class Kept(NamedTuple):
    """Where results are kept, and of what file."""

    folder: Path | None
    """None: nowhere."""
    file: Path
    document: "Document"
    """What was read from the file."""
    png: Path | None = None
    """Folder of the charts as pictures."""


@click.command()
@scenario_argument
@click.option(
    "--draws",
    metavar="N",
    type=Whole(1, MAX_COUNT),
    help=f"Draws of what is uncertain.  [default: {DEFAULT_DRAWS}, with --smoke {SMOKE_DRAWS}]",
)
@simulation_options
@cluster_option
@click.option(
    "--out",
    type=Folder(path_type=Path, file_okay=False),
    help="Results folder; by default results/<name of the scenario's file>, "
    "with a suffix of their own for --set and --months.",
)
@click.option("--no-save", is_flag=True, help="Keep no results.")
@png_option
@set_option
@format_option(*FORMATS)
@click.option(
    "--smoke",
    is_flag=True,
    help=f"A quick try: {SMOKE_DRAWS} draws (unless --draws says otherwise); nothing is saved.",
)
@click.option(
    "--extend",
    is_flag=True,
    help="Simulate only the draws that the results folder does not hold yet; the numbers are those "
    "of one run.",
)
@gate_options
@common_options
def run(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    scenario: Path,
    draws: int | None,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    cluster: str | None,
    out: Path | None,
    no_save: bool,
    png: Path | None,
    overrides: tuple[str, ...],
    form: str,
    smoke: bool,
    extend: bool,
    gate: Gate,
) -> None:
    """Simulate SCENARIO (a TOML file) and answer its question.

    Results of an earlier run in the results folder are replaced when all is done.
    """
    saving = {
        "--out": out is not None,
        "--extend": extend,
        "--cluster": cluster is not None,
        "--png": png is not None,
    }
    for option, given in saving.items():
        if given and (no_save or smoke):
            unsaved = "--no-save" if no_save else "--smoke"
            raise click.UsageError(f"{option} and {unsaved} exclude each other.")
    document, plan = read_document(scenario, overrides, session)
    changes = changes_of(overrides, months)
    folder = None if no_save or smoke else out or default_folder(scenario, changes)
    draws = draws or (SMOKE_DRAWS if smoke else DEFAULT_DRAWS)
    if folder is not None and not extend:
        from gtmsim.simulation.api import with_months

        changed = with_months(plan, months)
        check_earlier(folder, scenario, changed, draws, out is not None, session)
    how = How(draws, replications, seed, months, workers, engine, changes, extend, cluster)
    kept = Kept(folder, scenario, document, png)
    if gate.judges:
        from gtmsim.analysis.gate import asked
        from gtmsim.simulation.api import with_months

        what = asked(
            with_months(plan, months), document, check=gate.check, precision=gate.precision
        )
        _run_judged(plan, how, kept, gate, what, form, session)
        return
    announce_compilation(engine, session)
    answer, results = _simulated(plan, how, kept, session)
    results.close()
    with at_last(partial(_report, answer, kept, session)):
        write_answer(answer, form, session)


def _report(
    answer: "Answer", kept: Kept, session: Session, judgements: "Sequence[Judgement]" = ()
) -> None:
    """Write the page beside the results, and tell where both are."""
    if kept.folder is None:
        return
    from gtmsim.pages.reading import Origin

    origin = Origin(source_of(kept.file), kept.document)
    page = write_beside(kept.folder, answer, origin, session, judgements, kept.png)
    tell_stale(kept.folder, session)
    again = f"gtmsim show {quote(shown(kept.folder))}"
    session.say(f"Results are in {shown(kept.folder)}; `{again}` shows this again.")
    if page is not None:
        session.say(f"Open or forward {shown(page)}.")


def _run_judged(
    plan: "Scenario",
    how: How,
    kept: Kept,
    gate: Gate,
    what: "Asked",
    form: str,
    session: Session,
) -> None:
    """Simulate until the verdicts are in; tell the answer and them."""
    from gtmsim.analysis.checking import judged

    announce_compilation(how.engine, session)
    answers: list[Answer] = []

    def simulate(draws: int) -> "xr.Dataset":
        # A look continues the one before it; the first continues what is there only if asked.
        extend = kept.folder is not None and (how.extend or bool(answers))
        answer, results = _simulated(plan, how._replace(draws=draws, extend=extend), kept, session)
        answers[:] = [answer]
        return results

    def simulate_other(other: "Scenario", draws: int, scratch: Path) -> "xr.Dataset":
        # The scratch folder is this machine's own, which a cluster does not see.
        this = how._replace(draws=draws, extend=True, overrides=(), cluster=None)
        session.say(f"{other.scenario.name}: simulating {draws:,} draws for comparison.")
        return _results(other, this, scratch, session)

    budget = max(how.draws, gate.max_draws)
    judgements: list[Judgement] = []

    def report() -> None:
        for answer in answers:
            _report(answer, kept, session, judgements)

    with at_last(report):
        judgements += [judged(what, how.draws, budget, simulate, simulate_other, gate.inconclusive)]
        for answer in answers:
            write_answer(answer, form, session)
        deliver(judgements, gate, form, session)
    end(judgements)


def changes_of(overrides: tuple[str, ...], months: int | None) -> tuple[str, ...]:
    """All that differs from a scenario's file."""
    return (*overrides, *([] if months is None else [f"scenario.months={months}"]))


def default_folder(scenario: Path, changes: tuple[str, ...]) -> Path:
    """Results folder of a scenario; what is changed in it gets a folder of its own."""
    name = scenario.stem
    if changes:
        name += f"-{sha256('|'.join(changes).encode()).hexdigest()[:8]}"
    return Path("results") / name


def read_scenario(path: Path, overrides: tuple[str, ...], session: Session) -> "Scenario":
    """Load a scenario and tell what in it has no effect, or cannot pay."""
    return read_document(path, overrides, session)[1]


def read_document(
    path: Path, overrides: tuple[str, ...], session: Session
) -> "tuple[Document, Scenario]":
    """Load a scenario with the places of its values; tell what `read_scenario` tells."""
    from gtmsim.scenario import load_document
    from gtmsim.scenario import read_scenario as read

    document = load_document(path, overrides)
    scenario = read(document)
    tell_warnings(scenario, document, session)
    return document, scenario


def tell_warnings(scenario: "Scenario", document: "Document", session: Session) -> None:
    """Tell what in a scenario has no effect, or cannot pay."""
    from gtmsim.scenario import scenario_warnings

    for warning in scenario_warnings(scenario, document):
        session.say(f"Warning: {warning}")


def _simulated(
    plan: "Scenario", how: How, kept: Kept, session: Session
) -> "tuple[Answer, xr.Dataset]":
    """Simulate, save, and make the answer."""
    answering = Answering(kept.file)
    began = perf_counter()
    results = _results(plan, how, kept.folder, session, answering.summarise)
    return _timed(answering.answer(results), perf_counter() - began), results


def _results(
    plan: "Scenario",
    how: How,
    folder: Path | None,
    session: Session,
    summarise: "Callable[[xr.Dataset], dict[str, Any]] | None" = None,
) -> "xr.Dataset":
    """Simulate, and save if there is a folder; ``summarise`` makes the summary beside them."""
    from gtmsim.errors import DiskError, ResultsError, SimulationError
    from gtmsim.simulation import simulate

    done = 0
    with progress(how.draws * how.replications, session, continued=how.extend) as report:

        def advance(count: int) -> None:
            nonlocal done
            done = count
            report(count)

        try:
            return simulate(
                plan, **how._asdict(), progress=advance, out=folder, summarise=summarise
            )
        except DiskError:
            raise
        except ResultsError as error:
            if done:  # the input was fine
                raise SimulationError(str(error)) from error
            raise


class Answering:
    """Makes the answer once: for the summary while results are saved, and for the user."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.made: Answer | None = None
        self.error: Exception | None = None

    def summarise(self, results: "xr.Dataset") -> "dict[str, Any]":
        """Return the contents of the summary; an error here must not lose the results."""
        from gtmsim.report.documents import as_mapping

        source = {SOURCE: source_of(self.file)}
        try:
            return {**source, **as_mapping(self.answer(results))}
        except Exception as error:
            self.error = error
            return source

    def answer(self, results: "xr.Dataset") -> "Answer":
        """Return the answer, made at the first call."""
        from gtmsim.report.build import answer

        if self.error is not None:
            raise self.error
        if self.made is None:
            self.made = answer(results)
        return self.made


def _timed(answer: "Answer", seconds: float) -> "Answer":
    minute = 60
    text = f"{seconds:.1f} s" if seconds < minute else f"{seconds / minute:.1f} min"
    return replace(answer, computed={**answer.computed, "time": text})
