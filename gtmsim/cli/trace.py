"""`gtmsim trace`: the events of one future."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gtmsim.cli.options import (
    Whole,
    engine_option,
    format_option,
    months_option,
    scenario_argument,
    seed_option,
    set_option,
)
from gtmsim.cli.progress import announce_compilation
from gtmsim.cli.run import read_scenario
from gtmsim.cli.session import Session, common_options, data_console, emit, has_width
from gtmsim.settings import ENGINES, MAX_COUNT

if TYPE_CHECKING:
    from gtmsim.engines.block import Ledger
    from gtmsim.plan import Plan
    from gtmsim.report.ledger import Choice, Event

TABLE_LIMIT = 100


@click.command()
@scenario_argument
@click.option(
    "--draw",
    metavar="N",
    type=Whole(0, MAX_COUNT - 1),
    default=0,
    show_default=True,
    help="Draw of what is uncertain.",
)
@click.option(
    "--replication",
    metavar="N",
    type=Whole(0, MAX_COUNT - 1),
    default=0,
    show_default=True,
    help="Future of that draw.",
)
@seed_option
@months_option
@click.option(
    "--entity",
    "entities",
    multiple=True,
    metavar="LABEL",
    help='Only this lead or customer, as in "content/organic/smb 3.1.4".',
)
@click.option("--segment", "segments", multiple=True, help="Only this segment.")
@click.option("--kind", "kinds", multiple=True, help="Only events of this kind, as in won.")
@click.option(
    "--limit",
    type=Whole(0),
    metavar="N",
    help=f"At most so many events; 0 for all. A table shows {TABLE_LIMIT}, other formats all.",
)
@engine_option
@set_option
@format_option("table", "csv", "json")
@common_options
def trace(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    scenario: Path,
    draw: int,
    replication: int,
    seed: int,
    months: int | None,
    entities: tuple[str, ...],
    segments: tuple[str, ...],
    kinds: tuple[str, ...],
    limit: int | None,
    engine: str,
    overrides: tuple[str, ...],
    form: str,
) -> None:
    """Play one future of SCENARIO and list what happens in it, event by event."""
    from gtmsim.plan import compile_plan
    from gtmsim.report import ledger as reading
    from gtmsim.simulation.api import with_months

    plan = compile_plan(with_months(read_scenario(scenario, overrides, session), months))
    choice = _choice(plan, entities, segments, kinds)
    announce_compilation(engine, session)
    ledger = _ledger(plan, engine, seed, draw, replication)
    _check_entities(entities, ledger, plan)
    chosen = reading.in_reading_order(reading.choose(ledger, choice, plan.names))
    most = (TABLE_LIMIT if form == "table" else 0) if limit is None else limit
    found = len(chosen)
    wanted = reading.events(chosen[:most] if most else chosen, plan)
    _write(wanted, form, f"Draw {draw}, replication {replication}, seed {seed}", plan)
    if most and found > most:
        session.say(f"{most:,} of {found:,} events; --limit 0 shows all, --entity follows one.")
    if not found:
        session.say("No such event in this future.")


def _choice(
    plan: "Plan", entities: tuple[str, ...], segments: tuple[str, ...], kinds: tuple[str, ...]
) -> "Choice":
    """Check the names that were given."""
    from gtmsim.report.ledger import Choice
    from gtmsim.vocabulary import EventKind

    known = [kind.name.lower() for kind in EventKind]
    for option, given, names in (
        ("--segment", segments, plan.names.segments),
        ("--kind", kinds, known),
    ):
        for name in given:
            _check_name(option, name, names)
    return Choice(entities, segments, tuple(EventKind[kind.upper()] for kind in kinds))


def _check_name(option: str, name: str, names: Sequence[str]) -> None:
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Choose from {', '.join(names)}."
    raise click.UsageError(f"{option} {name!r} is not known. {hint}")


def _check_entities(wanted: Sequence[str], ledger: "Ledger", plan: "Plan") -> None:
    """Refuse a label that nothing in this future has."""
    from gtmsim.report.ledger import labels

    present = labels(ledger, plan.names) if wanted else ()
    for label in wanted:
        if label not in present:
            example = next((other for other in present if " " in other), "company")
            raise click.UsageError(
                f"--entity {label!r} is not in this future. Labels are those of the column "
                f"'entity', such as {example!r}; another draw, replication or seed has others."
            )


def _ledger(plan: "Plan", engine: str, seed: int, draw: int, replication: int) -> "Ledger":
    from gtmsim.plan import draw_inputs, fill_values

    playing = import_module(ENGINES[engine].module)
    playing.make_ready()
    (values,) = fill_values(plan, draw_inputs(plan, seed, range(draw, draw + 1)))
    _, ledger = playing.trace(plan, values, seed, draw, replication)
    return ledger  # type: ignore[no-any-return]


def _write(events: "Iterator[Event]", form: str, title: str, plan: "Plan") -> None:
    writers = {"table": _table, "csv": _csv, "json": _json}
    writers[form](events, title, plan)


def _table(events: "Iterator[Event]", title: str, plan: "Plan") -> None:
    from gtmsim.report.ledger import as_grid
    from gtmsim.report.terminal import folded, unbroken

    console = data_console()
    grid = as_grid(list(events), title, plan.scenario.scenario.currency)
    if has_width():
        grid = folded(grid, console.width)
    lines = list(unbroken(grid))
    styled = [line for line in lines if line.style]  # the first ones
    with console.capture() as written:  # rich would end the process at a closed pipe
        for line in styled:
            console.print(line, soft_wrap=True)
    # What has no style is written as it is: rich would take longer than all else.
    emit(written.get() + "".join(f"{line.plain}\n" for line in lines[len(styled) :]))


def _csv(events: "Iterator[Event]", title: str, plan: "Plan") -> None:
    from gtmsim.report.ledger import Event, described

    lines = csv.writer(sys.stdout, lineterminator="\n")
    lines.writerow(Event._fields)
    for event in events:
        account = described(event.account) if event.account else None
        lines.writerow([*event[:-1], account])


def _json(events: "Iterator[Event]", title: str, plan: "Plan") -> None:
    emit("[")
    for n, event in enumerate(events):
        emit(f"{',' if n else ''}\n{json.dumps(event._asdict(), default=_plain)}")
    emit("\n]\n")


def _plain(value: Any) -> str:
    return str(value)
