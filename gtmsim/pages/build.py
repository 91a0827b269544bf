"""Build the page of a run from its results."""

from collections.abc import Callable

import xarray as xr

from gtmsim.pages.page import Cards, Page, Section
from gtmsim.pages.reading import Read, read
from gtmsim.pages.sections import cash, growth
from gtmsim.report.answer import Answer
from gtmsim.report.text import computed_text

SECTIONS: tuple[Callable[[Read], Section | None], ...] = (growth.section, cash.section)
"""Parts of the page, in order; None where results have nothing of it."""


def run_page(results: xr.Dataset, answer: Answer | None = None) -> Page:
    """Make the page of a run.

    Parameters
    ----------
    results
        Of ``simulate`` or ``open_results``.
    answer
        Of the same results, where it was made before.
    """
    with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
        return _page(read(results, answer))


def _page(found: Read) -> Page:
    made = (make(found) for make in SECTIONS)
    answer = found.answer
    return Page(
        title=answer.title,
        question=" ".join(answer.question.split()),
        answer=answer.headline[0],
        details=answer.headline[1:],
        cards=Cards(()),
        sections=tuple(part for part in made if part is not None and part.blocks),
        footer=f"Computed from {computed_text(answer)}.",
    )
