"""Axes that charts share: months with their dates, and numbers as people write them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, isnan
from typing import Any, TypeAlias

import altair as alt
import numpy as np
from numpy.typing import NDArray

from gtmsim.analysis.units import Unit, unit_of_difference
from gtmsim.report.numbers import symbol, with_plus, written

Floats = NDArray[np.float64]
Records = list[dict[str, Any]]
Chart: TypeAlias = alt.LayerChart

_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST_LABELS = 6
_WORDS = {Unit.MONTHS: "months", Unit.MONTH: "month", Unit.DAYS: "days"}


@dataclass(frozen=True)
class Timeline:
    """Months in a row, the first of them 1: those of a simulation, or those since some event.

    Attributes
    ----------
    labels
        Of each month, as lines below an axis.
    texts
        The same in words.
    """

    labels: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]

    @property
    def months(self) -> int:
        """Number of months."""
        return len(self.labels)

    def text(self, month: int) -> str:
        """Write a month in words."""
        return self.texts[month - 1] if 1 <= month <= self.months else "start"

    def axis(self, first: int = 1) -> alt.X:
        """Return the encoding of ``month`` by position, from month ``first`` to the last."""
        step = next(s for s in (*_STEPS, self.months) if self.months / s <= _MOST_LABELS)
        shown = [*range(step, self.months + 1, step)]
        labels = {str(month): list(self.labels[month - 1]) for month in shown}
        return alt.X(
            "month:Q",
            title=None,
            scale=alt.Scale(domain=[first, max(self.months, first + 1)], nice=False),
            axis=alt.Axis(
                values=shown,
                labelExpr=f"{json.dumps(labels)}[datum.value]",
                labelFlush=False,
                labelOverlap="greedy",
                labelSeparation=4,
            ),
        )

    def tooltip(self) -> alt.Tooltip:
        """Return the line of a tooltip that tells the month."""
        return alt.Tooltip("when:N", title="month")

    def record(self, month: int) -> dict[str, Any]:
        """Return the fields of a month."""
        return {"month": month, "when": self.text(month)}


def calendar(dates: Sequence[str]) -> Timeline:
    """Months of a simulation, by the date of each, such as ``Dec 2026``."""
    numbered = [*enumerate(dates, 1)]
    return Timeline(
        tuple((date, f"month {n}") for n, date in numbered),
        tuple(f"month {n} ({date})" for n, date in numbered),
    )


def ages(months: int) -> Timeline:
    """Months since some event."""
    texts = tuple(f"after {n} month{'' if n == 1 else 's'}" for n in range(1, months + 1))
    return Timeline(tuple((f"{n} months",) for n in range(1, months + 1)), texts)


@dataclass(frozen=True)
class Counted:
    """What numbers count, and how they are written.

    Attributes
    ----------
    unit
        What they count.
    currency
        ISO 4217 code of amounts.
    """

    unit: Unit
    currency: str = ""

    def text(self, value: float) -> str:
        """Write a number with its unit."""
        return written(value, self.unit, self.currency)

    def signed(self, value: float) -> str:
        """Write a change, with its sign."""
        text = written(value, unit_of_difference(self.unit), self.currency)
        return with_plus(value, text)

    def axis(self, **options: Any) -> alt.Axis:
        """Return an axis whose labels are written like the numbers of tables."""
        apart = {"labelOverlap": "greedy", "labelSeparation": 4}
        return alt.Axis(title=None, labelExpr=self._label(), tickCount=5, **{**apart, **options})

    def _label(self) -> str:
        if self.unit == Unit.SHARE:
            return "format(datum.value, '.0%')"
        if self.unit == Unit.MULTIPLE:
            return "format(datum.value, '~g') + 'x'"
        if self.unit in _WORDS:
            return "format(datum.value, '~g')"
        sign = json.dumps(symbol(self.currency)) if self.unit == Unit.MONEY else "''"
        # thousandths have no letter of their own in tables
        size = (
            "abs(datum.value) < 1 ? format(abs(datum.value), '~g') : "
            "replace(format(abs(datum.value), '~s'), 'G', 'B')"
        )
        return f"(datum.value < 0 ? '-' : '') + {sign} + ({size})"


def by_month(
    timeline: Timeline, columns: Mapping[str, Floats], counted: Counted, first: int = 1
) -> Records:
    """Lay out columns of one number a month, each with its text for the tooltip.

    Parameters
    ----------
    timeline
        The months.
    columns
        By name, from month ``first`` on.
    counted
        What they count.
    first
        Month of the first number.
    """
    length = len(next(iter(columns.values())))
    return [{**timeline.record(first + n), **_fields(columns, n, counted)} for n in range(length)]


def _fields(columns: Mapping[str, Floats], n: int, counted: Counted) -> dict[str, Any]:
    numbers = {name: number(column[n]) for name, column in columns.items()}
    texts = {f"{name}_text": counted.text(float(column[n])) for name, column in columns.items()}
    return {**numbers, **texts}


def known(values: Iterable[float]) -> list[float]:
    """Leave out what is not defined."""
    return [float(value) for value in values if not isnan(value)]


def bounded(end: float, value: float) -> float:
    """Return the end of an interval around a value; of one without an end, the value itself."""
    return end if isfinite(end) else value


def number(value: float) -> float | None:
    """Return a number as JSON holds it, to six digits: None for what is not finite."""
    return float(f"{value:.6g}") if isfinite(value) else None


def inline(records: Records) -> alt.Data:
    """Return records as the data of a chart."""
    return alt.Data(values=records)  # type: ignore[no-untyped-call]


def spread_out(positions: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Move positions apart, so that labels do not lie on each other.

    Parameters
    ----------
    positions
        Where the labels should be.
    least
        Distance that they need.
    low, high
        Where they may be.

    Returns
    -------
    list of float
        In the order of ``positions``; at least ``least`` apart where they fit.
    """
    if not positions:
        return []
    order = sorted(range(len(positions)), key=lambda n: positions[n])
    least = min(least, (high - low) / max(1, len(order) - 1))
    moved = [min(max(positions[n], low), high) for n in order]
    for n in range(1, len(moved)):
        moved[n] = max(moved[n], moved[n - 1] + least)
    moved[-1] = min(moved[-1], high)
    for n in range(len(moved) - 2, -1, -1):
        moved[n] = min(moved[n], moved[n + 1] - least)
    found = dict(zip(order, moved, strict=True))
    return [found[n] for n in range(len(positions))]


def lines_of(text: str, width: int = 18) -> list[str]:
    """Break a label into lines, of at most two: of a longer one the middle is left out."""
    rows: list[str] = []
    for word in _words(text, width):
        if rows and len(rows[-1]) + len(word) <= width:
            rows[-1] += word
        else:
            rows.append(word)
    rows = [row.strip() for row in rows]
    return rows if len(rows) <= 2 else [rows[0], f"…{text.strip()[1 - width :]}"]  # noqa: PLR2004


def _words(text: str, width: int) -> Iterator[str]:
    """Parts between which a label may be broken."""
    for word in re.findall(r"[^\s_.]+[\s_.]*|[\s_.]+", text):
        for n in range(ceil(len(word) / width)):
            yield word[n * width : (n + 1) * width]


def framed(layers: Iterable[alt.Chart], height: int, records: Records | None = None) -> Chart:
    """Lay charts over each other, as wide as their container, labels beside them included.

    Parameters
    ----------
    layers
        From the back to the front.
    height
        Pixels from the lowest to the highest number.
    records
        Data of the layers that have none of their own.
    """
    shared = alt.Undefined if records is None else inline(records)
    sized: Chart = alt.LayerChart(data=shared, layer=[*layers]).properties(
        width="container",
        height=height,
        padding={"left": 2, "right": 6, "top": 8, "bottom": 2},
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return sized
