"""Build the answer to a scenario's question from its results."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.metrics import odds, profit
from gtmsim.report import tables, verdicts
from gtmsim.report.answer import Answer, Bars, Fan, Figure, Row
from gtmsim.report.figures import fan, sample, spread
from gtmsim.report.figures import odds as probability
from gtmsim.report.numbers import interval, share, written
from gtmsim.report.tables import Books
from gtmsim.report.wording import month_text, target_text
from gtmsim.results.provenance import overrides_of
from gtmsim.scenario.models import Target
from gtmsim.statistics import error
from gtmsim.words import counted

_NOTABLE = 0.005
"""Share of insolvent futures from which odds are also told for the others."""


def answer(results: xr.Dataset, books: Books | None = None) -> Answer:
    """Answer a scenario's question.

    Parameters
    ----------
    results
        Of ``simulate`` or ``open_results``.
    books
        What the tables need of them, where it was read before.
    """
    # Labels must agree: nothing is filled in silently, and comparing them once is quicker.
    with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
        return _answer(results, books or tables.read_books(results))


def _answer(results: xr.Dataset, books: Books) -> Answer:
    scenario = tomllib.loads(str(results.attrs["scenario"]))
    currency = str(results.attrs["currency"])
    rows = list(_odds(results, books, targets_of(scenario), currency))
    made = (
        tables.odds_table(rows),
        tables.arr_table(books),
        tables.arr_parts_table(books),
        tables.cash_table(books),
        tables.unit_economics_table(books),
        verdicts.verdict_table(books, currency),
        verdicts.contribution_table(books, _has_service_level(scenario)),
        verdicts.concentration_table(books),
        tables.efficiency_table(books),
        tables.stage_table(books),
        tables.team_table(books),
        tables.quota_table(books),
        tables.coverage_table(books),
    )
    return Answer(
        title=str(results.attrs["title"]),
        question=str(scenario["scenario"].get("question", "")),
        currency=currency,
        headline=(*_headline(rows, books), _ends(books, currency)),
        tables=tuple(table for table in made if table is not None),
        computed=_computed(results),
        overrides=overrides_of(results.attrs),
        bars=_bars(rows, books),
        fans=tuple(_fans(books)),
    )


def _has_service_level(scenario: Mapping[str, Any]) -> bool:
    return any("service_level" in segment for segment in scenario.get("segments", {}).values())


def _bars(rows: list[Row], books: Books) -> Bars:
    """Odds of every target that is judged, and of survival."""
    found = {}
    for row in rows[:-1]:
        overall = row.cells[0]
        if isinstance(overall, Figure) and not np.isnan(overall.estimate.value):
            found[row.label] = overall.estimate
    label = f"cash lasts to {month_text(books.company, books.months)}"
    return Bars("Odds, of all futures", {**found, label: probability(books.survives).estimate})


def _fans(books: Books) -> Iterator[Fan]:
    """ARR and cash by month."""
    for key, name, stock in (("arr", "ARR", "closing_arr"), ("cash", "Cash", "cash")):
        title = f"{name} by month: median, p10-p90"
        made = fan(key, title, books.company[stock])
        if made is not None:
            yield made


def targets_of(scenario: Mapping[str, Any]) -> dict[str, Target]:
    """Read the targets of a scenario that results keep, by name."""
    given = scenario.get("targets", {})
    return {name: Target.model_validate(target) for name, target in given.items()}


def _odds(
    results: xr.Dataset, books: Books, targets: Mapping[str, Target], currency: str
) -> Iterator[Row]:
    for name, target in targets.items():
        # From all results: a target may be set on what no table shows.
        text = target_text(results, target, currency)
        met = odds.target_met(results, target)
        yield tables.odds_row(name, text, met, books.survives)
    label = f"cash runs out by {month_text(books.company, books.months)}"
    yield tables.odds_row("out_of_cash", label, ~books.survives, books.survives)


def _headline(rows: list[Row], books: Books) -> Iterator[str]:
    *targets, out_of_cash = rows
    for row in targets:
        yield _sentence(row, some_fail=not bool(books.survives.mean() > 1.0 - _NOTABLE))
    yield _sentence(out_of_cash, some_fail=False) + _when(books)


def _sentence(row: Row, some_fail: bool) -> str:
    overall, if_solvent = row.cells
    assert isinstance(overall, Figure)
    assert isinstance(if_solvent, Figure)
    subject = row.label[:1].upper() + row.label[1:]
    value, low, high = overall.estimate
    if np.isnan(value):
        return f"{subject}: not judged, the simulation ends before."
    text = f"{subject} in {share(value)} of futures ({interval(low, high, Unit.SHARE, '')})"
    given, low, high = if_solvent.estimate
    if some_fail and given < 1.0:  # NaN where none survives
        between = interval(low, high, Unit.SHARE, "")
        text += f", {share(given)} of those that never run out of cash ({between})"
    return text + "."


def _when(books: Books) -> str:
    """Add when cash runs out, in the futures in which it does."""
    months = sample(profit.month_of_insolvency(books.company))
    failed = np.where(np.isfinite(months), months, np.nan)
    if np.isnan(failed).all():
        return ""
    median = int(error.quantile(failed, 0.5).value)
    return f" Half of these by {month_text(books.company, median)}."


def _ends(books: Books, currency: str) -> str:
    """Say where ARR and cash stand at the end."""
    arr, cash = (
        spread(books.company[name].isel(month=-1), Unit.MONEY) for name in ("closing_arr", "cash")
    )
    parts = [
        f"{name} is {written(s.p50.value, s.unit, currency)} in the median future, between "
        f"{written(s.p10.value, s.unit, currency)} and {written(s.p90.value, s.unit, currency)} "
        "in 8 of 10"
        for name, s in (("ARR", arr), ("cash", cash))
    ]
    return f"At the end of {month_text(books.company, books.months)} {'; '.join(parts)}."


def _computed(results: xr.Dataset) -> dict[str, str]:
    about = results.attrs
    draws, replications = int(about["draws"]), int(about["replications"])
    return {
        "futures": f"{counted(draws, 'draw')} x {counted(replications, 'replication')} = "
        f"{counted(draws * replications, 'future')}",
        "months": f"{counted(int(about['months']), 'month')} from {about['start']}",
        "seed": f"seed {about['seed']}",
        "engine": f"{about['engine']} engine of gtmsim {about['gtmsim_version']}",
    }
