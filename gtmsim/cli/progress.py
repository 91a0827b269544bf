"""Progress on stderr: futures done, rate, time left. Nothing where there is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gtmsim.cli.session import Session, message_console

Report = Callable[[int], None]


@contextmanager
def progress(total: int, session: Session, *, continued: bool = False) -> Iterator[Report]:
    """Show progress while the block runs.

    Parameters
    ----------
    total
        Replications that will be simulated.
    session
        Whether the user wants to see it.
    continued
        Whether what is first told as done was done by an earlier run.

    Yields
    ------
    Report
        Takes the number of replications done.
    """
    console = message_console()
    if session.quiet or not console.is_terminal:
        yield lambda done: None
        return

    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Simulating", total=total, rate="")

        earlier = -1 if continued else 0

        def report(done: int) -> None:
            nonlocal earlier
            if earlier < 0:
                earlier = done
                bar.reset(task, completed=done)
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{(done - earlier) / elapsed:,.0f}/s" if elapsed > 0.0 else ""
            bar.update(task, completed=done, rate=rate)

        yield report


def announce_compilation(engine: str, session: Session) -> None:
    """Say why the first run takes longer, if this is the first run."""
    if engine != "compiled":
        return
    from gtmsim.engines.compiled import are_compiled

    if not are_compiled():
        session.say(
            "Compiling the engine for this machine, once: about half a minute. "
            "Later runs start at once."
        )
