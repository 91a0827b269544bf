"""Build the page of a comparison."""

from collections.abc import Callable, Sequence

import xarray as xr

from gtmsim.analysis.gate import Judgement
from gtmsim.pages import verdicts
from gtmsim.pages.compare import (
    decision,
    differences,
    grounds,
    information,
    money,
    sources,
    targets,
    tripwires,
    walk,
)
from gtmsim.pages.compare.reading import Plans, read_plans
from gtmsim.pages.page import Page, Section
from gtmsim.report.answer import Answer
from gtmsim.report.comparing import Comparison
from gtmsim.report.text import computed_text

SECTIONS: tuple[Callable[[Plans], Section | None], ...] = (
    decision.section,
    targets.section,
    differences.section,
    sources.section,
    walk.section,
    money.section,
    information.section,
    tripwires.section,
    grounds.changes,
    grounds.certainty,
    grounds.how_made,
)
"""Parts of the page, in order; None where the comparison has nothing of it."""


def compare_page(made: Comparison, answer: Answer, judgements: Sequence[Judgement] = ()) -> Page:
    """Make the page of a comparison.

    Parameters
    ----------
    made
        All that was found out about the plans.
    answer
        Of ``gtmsim.report.comparison.comparison_answer``, of the same comparison.
    judgements
        Verdicts on the plans' expectations, where they were asked for.
    """
    with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
        plans = read_plans(made, answer)
        first, *others = (make(plans) for make in SECTIONS)
        found = (first, verdicts.section(judgements), *others)
        return Page(
            title=answer.title,
            question=answer.question,
            answer=decision.answer_in_one(plans),
            details=decision.details(plans),
            cards=decision.key_figures(plans),
            sections=tuple(part for part in found if part is not None and part.blocks),
            footer=f"Computed from {computed_text(answer)}.",
        )
