"""Verdicts on expectations, where the command that made a page has judged them."""

from collections.abc import Iterator, Sequence

from gtmsim.analysis.gate import Judgement
from gtmsim.pages.page import Badge, Badges, Block, Folded, Section
from gtmsim.report.gate import READING, figure_text, sentence_of, verdict_grids

_MOST_BADGES = 12


def section(judgements: Sequence[Judgement]) -> Section | None:
    """Show the verdicts; None where nothing was judged."""
    if not judgements:
        return None
    text = (sentence_of(judgements), READING)
    return Section("verdicts", "Expectations", text, tuple(_blocks(judgements)))


def _blocks(judgements: Sequence[Judgement]) -> Iterator[Block]:
    badges = tuple(_badges(judgements))
    if 0 < len(badges) <= _MOST_BADGES:
        yield Badges(badges)
        for table in verdict_grids(judgements):
            title = f"{table.title or 'Expectations'}, as written"
            yield Folded(title, table._replace(title=""))
    else:
        yield from verdict_grids(judgements)


def _badges(judgements: Sequence[Judgement]) -> Iterator[Badge]:
    for judgement in judgements:
        for judged in judgement.judged:
            of = f"{judgement.subject}: " if len(judgements) > 1 else ""
            told = f"{figure_text(judged)} after {judged.draws:,} draws"
            yield Badge(f"{of}{judged.check.name}", judged.verdict.value, told)
