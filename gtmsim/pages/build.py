"""Build the page of a run from its results."""

from collections.abc import Callable, Sequence

import xarray as xr

from gtmsim.analysis.gate import Judgement
from gtmsim.pages import verdicts
from gtmsim.pages.page import Page, Section
from gtmsim.pages.reading import Origin, Read, read
from gtmsim.pages.sections import (
    assumptions,
    cash,
    certainty,
    channels,
    economics,
    funnel,
    growth,
    reproduction,
    retention,
    targets,
    teams,
)
from gtmsim.pages.summary import answer_in_one, details, key_figures
from gtmsim.report.answer import Answer
from gtmsim.report.text import computed_text

SECTIONS: tuple[Callable[[Read], Section | None], ...] = (
    growth.section,
    cash.section,
    targets.section,
    economics.section,
    retention.section,
    funnel.section,
    teams.section,
    channels.section,
    certainty.section,
    assumptions.section,
    reproduction.section,
)
"""Parts of the page, in order; None where results have nothing of it."""


def run_page(
    results: xr.Dataset,
    answer: Answer | None = None,
    origin: Origin | None = None,
    judgements: Sequence[Judgement] = (),
) -> Page:
    """Make the page of a run.

    Parameters
    ----------
    results
        Of ``simulate`` or ``open_results``.
    answer
        Of the same results, where it was made before.
    origin
        Where the scenario came from, as far as that is known.
    judgements
        Verdicts on its expectations, where they were asked for.
    """
    with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
        return _page(read(results, answer, origin), judgements)


def _page(found: Read, judgements: Sequence[Judgement]) -> Page:
    made = (verdicts.section(judgements), *(make(found) for make in SECTIONS))
    first = answer_in_one(found)
    return Page(
        title=found.answer.title,
        question=" ".join(found.answer.question.split()),
        answer=first,
        details=details(found, first),
        cards=key_figures(found),
        sections=tuple(part for part in made if part is not None and part.blocks),
        footer=f"Computed from {computed_text(found.answer)}.",
    )
