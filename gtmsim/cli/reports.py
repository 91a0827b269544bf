"""Pages that commands write beside what they keep: where to, and what is told of it."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gtmsim.cli.report import REPORT_FILE, check_free, draw, png_option, write_page
from gtmsim.cli.session import Session, shown

if TYPE_CHECKING:
    from gtmsim.pages.page import Page


WORDS = "gtmsim.words"
"""Key of the context under which the words of the command are."""
_PLACES = ("--report", "--png", "--format", "--workers")
_SILENT = ("--no-report", "-q", "--quiet", "-v", "--verbose", "--debug")


class Paging(NamedTuple):
    """What is asked of the page."""

    file: Path | None
    """Where it goes, if not to its own place."""
    png: Path | None
    """Folder of its charts as pictures."""
    is_wanted: bool

    def write(self, folder: Path, make: "Callable[[], Page]", session: Session) -> None:
        """Write the page, and tell where it is; what goes wrong loses no answer.

        Parameters
        ----------
        folder
            Where the page goes, unless asked otherwise; made if need be.
        make
            Makes the page.
        session
            Told to.
        """
        if not self.is_wanted and self.file is None and self.png is None:
            return
        try:
            self._write(self.file or folder / REPORT_FILE, make(), session)
        except KeyboardInterrupt as error:
            from gtmsim.errors import Interrupted

            raise Interrupted("Stopped; the answer is told, without a report") from error
        except Exception as error:
            if session.debug:
                raise
            why = error.message if isinstance(error, click.UsageError) else error
            session.warn(f"No report was written: {why}")

    def _write(self, file: Path, page: "Page", session: Session) -> None:
        if self.is_wanted or self.file is not None:
            check_free(file, "--report")
            file.parent.mkdir(parents=True, exist_ok=True)
            write_page(page, file)
            session.say(f"Open or forward {shown(file)}.")
        if self.png is not None:
            draw(page, self.png, session)


def page_options(place: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--report``, ``--no-report`` and ``--png``, as the argument ``paging``.

    Parameters
    ----------
    place
        Where the page goes by default, for the help.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option(
            "--report", "page_file", metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help=f"The page with charts; by default {place}.",
        )  # fmt: skip
        @click.option("--no-report", is_flag=True, help="Write no page.")
        @png_option
        @wraps(command)
        def with_paging(
            *words: Any, page_file: Path | None, no_report: bool, png: Path | None, **options: Any
        ) -> Any:
            if page_file is not None and no_report:
                raise click.UsageError("--report and --no-report exclude each other.")
            if page_file is not None:
                check_free(page_file, "--report")
            return command(*words, paging=Paging(page_file, png, not no_report), **options)

        return with_paging

    return decorate


def command_line() -> tuple[str, ...]:
    """Words of the command that runs, as they were given, but for those that place a page."""
    words: tuple[str, ...] = click.get_current_context().meta.get(WORDS, ())
    return ("gtmsim", *_without_places(words)) if words else ()


def _without_places(words: Sequence[str]) -> Iterator[str]:
    """Leave out what changes no number."""
    given = iter(words)
    for word in given:
        if word in _PLACES:
            next(given, None)
        elif word not in _SILENT and not word.startswith(tuple(f"{place}=" for place in _PLACES)):
            yield word
