"""Build the page of a sweep."""

from collections.abc import Callable, Sequence

import xarray as xr

from gtmsim.analysis.gate import Judgement
from gtmsim.pages import verdicts
from gtmsim.pages.page import Cards, Page, Section
from gtmsim.pages.sweep import explorer, information, inputs, points, responses
from gtmsim.pages.sweep.effects import Influences, influences_of
from gtmsim.pages.sweep.reading import Swept, read_swept
from gtmsim.pages.sweep.summary import answer_in_one, details, key_figures
from gtmsim.report.sweep import computed_text, varied_text

ANSWERS: tuple[Callable[[Swept, Influences], Section | None], ...] = (
    explorer.section,
    inputs.section,
    responses.section,
)
"""Parts of the page that begin with the inputs that matter; None where there is nothing of it."""


def sweep_page(
    results: xr.Dataset,
    command: tuple[str, ...] = (),
    judgements: Sequence[Judgement] = (),
) -> Page:
    """Make the page of a sweep.

    Parameters
    ----------
    results
        Of ``gtmsim.sweep`` or ``gtmsim.analysis.swept.open_sweep``.
    command
        Words that make the sweep again; empty if they are not known.
    judgements
        Verdicts on the expectations at each point, where they were asked for.
    """
    swept = read_swept(results, command)
    can_tell = bool(swept.done and swept.columns)
    influences = influences_of(swept) if can_tell else {}
    answers = [make(swept, influences) for make in ANSWERS] if can_tell else []
    found = (
        verdicts.section(judgements),
        *answers,
        information.section(swept) if can_tell else None,
        points.section(swept),
        points.how_made(swept),
    )
    return Page(
        title=str(results.attrs["title"]),
        question=varied_text(results),
        answer=answer_in_one(swept, influences),
        details=details(swept, influences) if can_tell else (),
        cards=key_figures(swept) if can_tell else Cards(()),
        sections=tuple(part for part in found if part is not None and part.blocks),
        footer=f"Computed from {computed_text(results)}.",
    )
