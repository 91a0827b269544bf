"""What a page says first: the answer in one sentence, and the key figures."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.metrics.odds import target_met
from gtmsim.pages.page import Card, Cards
from gtmsim.pages.reading import Read
from gtmsim.report.answer import Answer, Cell, Figure, Spread
from gtmsim.report.figures import sample
from gtmsim.report.numbers import interval, share, written
from gtmsim.report.wording import target_text
from gtmsim.statistics import error


def answer_in_one(read: Read) -> str:
    """Answer in one sentence, with its error: how likely all targets are met together."""
    met = {name: sample(target_met(read.results, t)) for name, t in read.targets.items()}
    judged = {name: values for name, values in met.items() if not np.isnan(values).all()}
    if len(judged) < 2:  # noqa: PLR2004  there is nothing to join
        return read.answer.headline[0]
    value, low, high = error.probability(np.logical_and.reduce([m > 0 for m in judged.values()]))
    least = min(judged, key=lambda name: float(judged[name].mean()))
    odds = float(judged[least].mean())
    text = target_text(read.results, read.targets[least], read.currency)
    every = "Both" if len(judged) == 2 else f"All {len(judged)}"  # noqa: PLR2004
    return (
        f"{every} targets are met in {share(value)} of futures "
        f"({interval(low, high, Unit.SHARE, '')}); least likely: {text}, in {share(odds)}."
    )


def details(read: Read, first: str) -> tuple[str, ...]:
    """Return the sentences that go on from the first."""
    return tuple(sentence for sentence in read.answer.headline if sentence != first)


def key_figures(read: Read) -> Cards:
    """Choose the figures that a reader asks for first."""
    return Cards(tuple(_cards(read)))


def _cards(read: Read) -> Iterator[Card]:
    end = read.timeline.labels[-1][0]
    for key, column, label in (
        ("arr_by_year", "closing", "ARR"),
        ("cash_by_year", "closing", "Cash"),
    ):
        yield _card(f"{label}, {end}", _last_year(read.answer, key, column), read.currency)
    yield _card("Runs out of cash", _row(read.answer, "odds", "out_of_cash", "odds"), read.currency)
    for key, label in (("cac_payback", "CAC payback, months"), ("nrr", "NRR, last year")):
        cell = _row(read.answer, "unit_economics", key, "company")
        if isinstance(cell, Spread) and not np.isnan(cell.p50.value):
            yield _card(label, cell, read.currency)


def _row(answer: Answer, table: str, row: str, column: str) -> Cell | None:
    found = next(t for t in answer.tables if t.key == table)
    line = next(r for r in found.rows if r.key == row)
    return dict(zip(found.columns, line.cells, strict=True))[column]


def _last_year(answer: Answer, table: str, column: str) -> Cell | None:
    found = next(t for t in answer.tables if t.key == table)
    line = [row for row in found.rows if not row.continues][-1]
    return dict(zip(found.columns, line.cells, strict=True))[column]


def _card(label: str, cell: Cell | None, currency: str) -> Card:
    if isinstance(cell, Figure):
        value, low, high = cell.estimate
        error_ = interval(low, high, cell.unit, currency)
        return Card(label, written(value, cell.unit, currency), f"{error_}, 95% interval")
    assert isinstance(cell, Spread)
    middle, *ends = (written(e.value, cell.unit, currency) for e in (cell.p50, cell.p10, cell.p90))
    return Card(label, middle, f"{' to '.join(ends)} in 8 of 10")
