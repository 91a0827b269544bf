"""Build the answer of tripwires: when to stop, and how well that separates."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from gtmsim.analysis.tripwires import best_of, is_enough
from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Answer, Figure, Row, Table, Words
from gtmsim.report.numbers import exactly, interval, share
from gtmsim.report.wording import words
from gtmsim.statistics.error import Estimate
from gtmsim.words import counted

MOST = 10
"""Candidates of a month that are shown."""


def untold(found: xr.Dataset) -> str:
    """Say, where no candidate can be told to separate, why."""
    if _is_enough(found):
        return "Nothing that is looked at tells bad futures from good ones by then"
    counts = {which: int(found[f"{which}_draws"].max()) for which in ("bad", "good")}
    which = min(counts, key=lambda name: counts[name])
    n, draws = int(found[f"n_{which}"].max()), counts[which]
    total = int((found["n_bad"] + found["n_good"]).max())
    return (
        f"Too few {which} futures to tell what separates: {n:,} of {total:,}, "
        f"in {counted(draws, 'draw')}"
    )


def _is_enough(found: xr.Dataset) -> bool:
    return bool(is_enough(found["bad_draws"].values, found["good_draws"].values).any())


def tripwires_answer(found: xr.Dataset, title: str, good: str) -> Answer:
    """Answer what tells bad futures from good ones early.

    Parameters
    ----------
    found
        Of ``gtmsim.tripwires``.
    title
        Of the plan.
    good
        What good futures do, as in ``meet ten_million``.
    """
    currency = str(found.attrs["currency"])
    return Answer(
        title=title,
        question=f"What tells early, by month {found.attrs['by_month']}, which futures do not "
        f"{good}?",
        currency=currency,
        headline=tuple(_headline(found, good, currency)),
        tables=(
            _by_month(found, currency),
            _of_best_month(found, currency),
            _all(found, currency),
        ),
        reading="Ranges in parentheses are 95% Monte Carlo intervals. Stopped: futures in which "
        "the rule says stop, on draws that did not choose its threshold; one without a value, as "
        "of a win rate before any deal is decided, is not stopped. That stopping pays is not said.",
        computed={
            "futures": f"{found.attrs['draws']:,} draws x {found.attrs['replications']:,} "
            "replications",
            "seed": f"seed {found.attrs['seed']}",
            "engine": f"gtmsim {found.attrs['gtmsim_version']}",
        },
    )


# --- sentences -------------------------------------------------------------------------------


def _headline(found: xr.Dataset, good: str, currency: str) -> Iterator[str]:
    bad = Estimate.of(found["bad"])
    yield f"{share(bad.value)} of futures do not {good}."
    number = best_of(found)
    if number is None:
        yield f"{untold(found)}."
        return
    best = found.isel(candidate=number)
    yield _rule_sentence(best, good, currency)
    kept, stopped = Estimate.of(best["met_if_kept"]), Estimate.of(best["met_if_stopped"])
    yield (
        f"Of futures that this stops, {odds_text(stopped)} would {good}; of the others "
        f"{odds_text(kept)}."
    )
    yield _search_sentence(found)


def _rule_sentence(best: xr.Dataset, good: str, currency: str) -> str:
    caught, wrong = Estimate.of(best["caught"]), Estimate.of(best["stopped_good"])
    return (
        f"Stop if {rule_text(best, currency)} by month {int(best['month'])}: that catches "
        f"{odds_text(caught)} of the futures that do not {good}, and {odds_text(wrong)} of those "
        "that do."
    )


def _search_sentence(found: xr.Dataset) -> str:
    caught = Estimate.of(found["search_caught"])
    wrong = Estimate.of(found["search_stopped_good"])
    return (
        f"It is the best of {found.sizes['candidate']:,} looked at, of those that can be told to "
        "separate; such a choice on four fifths of the draws catches "
        f"{share(caught.value)} and {share(wrong.value)} on the last fifth."
    )


def odds_text(odds: Estimate) -> str:
    """Write odds with their interval: ``94% (80-99%)``."""
    if np.isnan(odds.value):
        return "none"
    return f"{share(odds.value)} ({interval(odds.low, odds.high, Unit.SHARE, '')})"


def rule_text(one: xr.Dataset, currency: str) -> str:
    """Say when a rule stops: ``the mid_market win rate of 6 months is under 14%``."""
    unit = Unit(str(one["unit"].item()))
    side = "over" if str(one["worse"].item()) == "high" else "under"
    limit = exactly(float(one["threshold"]), unit, currency)
    return f"{subject(one)} is {side} {limit}"


def subject(one: xr.Dataset) -> str:
    """Name what is seen: ``the mid_market win rate of 6 months``."""
    window = int(one["window"])
    of = f" of {window} months" if window else ""
    segment = str(one["segment"].item())
    whose = f"{segment} " if segment else ""
    return f"the {whose}{words(str(one['metric'].item()))}{of}"


# --- tables ----------------------------------------------------------------------------------


COLUMNS = {
    "stop": "stop if",
    "auc": "AUC",
    "caught": "bad caught",
    "stopped_good": "good stopped",
    "met_if_stopped": "good if stopped",
    "met_if_kept": "good if not",
}


def _by_month(found: xr.Dataset, currency: str) -> Table:
    months = sorted({int(month) for month in found["month"].values})
    rows = []
    for month in months:
        best = found.isel(candidate=int(np.flatnonzero(found["month"].values == month)[0]))
        rows.append(_row(f"month {month}", f"month {month}", best, currency))
    note = (
        "The best at each month. AUC: probability that a bad future shows a worse value than a "
        "good one; 50% is chance."
    )
    notes = (note,) if _is_enough(found) else (note, f"{untold(found)}.")
    return Table("by_month", "When can it be seen?", "", COLUMNS, tuple(rows), notes=notes)


def _of_best_month(found: xr.Dataset, currency: str) -> Table:
    month = int(found["month"].values[best_of(found) or 0])
    rows = tuple(_rows(found, currency, month))[:MOST]
    at = found.isel(candidate=int(np.flatnonzero(found["month"].values == month)[0]))
    ended = float(at["ended"])
    notes = (f"{share(ended)} of futures had run out of cash by then, and count nowhere.",)
    title = f"What separates at month {month}"
    return Table("best_month", title, "", COLUMNS, rows, notes=notes if ended else ())


def _all(found: xr.Dataset, currency: str) -> Table:
    rows = tuple(_rows(found, currency, None))
    return Table("candidates", "All that was looked at", "", COLUMNS, rows, is_detail=True)


def _rows(found: xr.Dataset, currency: str, month: int | None) -> Iterator[Row]:
    for n in range(found.sizes["candidate"]):
        one = found.isel(candidate=n)
        if month is None or int(one["month"]) == month:
            key = ".".join(filter(None, (str(one["segment"].item()), str(one["metric"].item()))))
            label = key if month is not None else f"{key}, month {int(one['month'])}"
            yield _row(f"{key}[{int(one['month'])}]", label, one, currency)


def _row(key: str, label: str, one: xr.Dataset, currency: str) -> Row:
    unit = Unit(str(one["unit"].item()))
    sign = ">" if str(one["worse"].item()) == "high" else "<"
    limit = exactly(float(one["threshold"]), unit, currency)
    name = f"{one['segment'].item()} {words(str(one['metric'].item()))}".strip()
    rule = f"{sign} {limit}" if not label.startswith("month") else f"{name} {sign} {limit}"
    shares = (
        Figure(Estimate.of(one[name]), Unit.SHARE)
        for name in ("caught", "stopped_good", "met_if_stopped", "met_if_kept")
    )
    return Row(key, label, (Words(rule), Figure(Estimate.of(one["auc"]), Unit.SHARE), *shares))
