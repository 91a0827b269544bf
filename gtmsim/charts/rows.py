"""Horizontal bars and ranges, one row each, with the row's name and figures written above it.

Names stand above and not beside, so that a narrow screen has room for both.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import altair as alt

from gtmsim.charts.amounts import along, is_wide
from gtmsim.charts.axes import Chart, Counted, Records, framed, inline, number
from gtmsim.charts.theme import in_colour

ROW = 46
_BAR = 14
_WIDTHS = ((10.5, "mwMW@%…—"), (4.0, "ijlftrI.,:;'|!()[] "))
"""Pixels of letters that are far from those of most, in the size of names."""
_WIDTH, _WIDTH_OF_CAPITAL = 6.6, 8.6
_OF_NOTE = 0.92
"""Size of figures, as a share of that of names."""
_ROOM_OF_NAME = "max(8, floor((width - datum.taken - 12) / datum.letter))"
"""Letters that a name may have: what its figure leaves of the width."""
_SHORT = (
    "length(datum.label) <= datum.room ? datum.label : "
    "slice(datum.label, 0, floor(datum.room / 3)) + '…' + "
    "slice(datum.label, length(datum.label) - ceil(datum.room * 2 / 3) + 1)"
)
BELOW, ABOVE = 9, -9  # pixels from the middle of a row


class Labelled(Protocol):
    """A row with a name and figures to write above it."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def note(self) -> str:
        """Its figures."""


class Part(NamedTuple):
    """A part of a bar; its style tells what it is."""

    style: str
    start: float
    end: float
    name: str


class Bar(NamedTuple):
    """A row with a bar of parts."""

    label: str
    note: str
    parts: tuple[Part, ...]


class Dot(NamedTuple):
    """A figure on a range; its style tells which."""

    style: str
    value: float
    name: str


class Range(NamedTuple):
    """A row with a range and figures on it."""

    label: str
    note: str
    low: float
    high: float
    dots: tuple[Dot, ...]
    colour: int | None = None
    """Number of its colour; by default that of what stands alone."""


def bar_chart(
    bars: Sequence[Bar], counted: Counted, high: float | None = None, has_axis: bool = True
) -> Chart:
    """Draw bars of parts.

    Parameters
    ----------
    bars
        From top to bottom.
    counted
        What lengths count.
    high
        Longest length shown; by default that of the longest bar.
    has_axis
        Whether lengths can be read off an axis, and not only the notes.
    """
    top = high or max((part.end for bar in bars for part in bar.parts), default=1.0) or 1.0
    x = alt.X(
        "start:Q",
        axis=counted.axis(grid=True) if has_axis else None,
        scale=alt.Scale(domain=[0.0, top], nice=False),
    )
    layers = [
        rows_of(_parts(bars, style, counted), len(bars))
        .mark_bar(style=style, size=_BAR, yOffset=BELOW)
        .encode(x=x, x2=alt.X2("end:Q"), tooltip=told())
        for style in dict.fromkeys(part.style for bar in bars for part in bar.parts)
    ]
    return framed([*layers, *texts_above(bars)], ROW * len(bars))


def _parts(bars: Sequence[Bar], style: str, counted: Counted) -> Records:
    return [
        {
            "row": n,
            "start": number(part.start),
            "end": number(part.end),
            "what": part.name,
            "value": counted.text(part.end - part.start),
        }
        for n, bar in enumerate(bars)
        for part in bar.parts
        if part.style == style
    ]


def range_chart(ranges: Sequence[Range], counted: Counted) -> Chart:
    """Draw ranges with figures on them.

    Parameters
    ----------
    ranges
        From top to bottom.
    counted
        What the figures count.
    """
    x = along(alt.X, "start:Q", _values(ranges), counted)
    styles = dict.fromkeys(in_colour("range", one.colour) for one in ranges)
    layers = [
        *(_lines(ranges, style).encode(x=x, x2=alt.X2("end:Q")) for style in styles),
        *(
            rows_of(_dots(ranges, style, counted), len(ranges))
            .mark_point(style=style, size=90, filled=True, opacity=1, yOffset=BELOW)
            .encode(x=x, tooltip=told())
            for style in dict.fromkeys(dot.style for one in ranges for dot in one.dots)
        ),
    ]
    return framed([*layers, *texts_above(ranges)], ROW * len(ranges))


def _lines(ranges: Sequence[Range], style: str) -> alt.Chart:
    records = [
        {"row": n, "start": number(one.low), "end": number(one.high)}
        for n, one in enumerate(ranges)
        if in_colour("range", one.colour) == style
    ]
    return rows_of(records, len(ranges)).mark_rule(style=style, strokeCap="round", yOffset=BELOW)


def is_logarithmic(ranges: Sequence[Range]) -> bool:
    """Whether figures are of so different size that their axis is logarithmic."""
    return is_wide(_values(ranges))


def _values(ranges: Sequence[Range]) -> list[float]:
    return [v for one in ranges for v in (one.low, one.high, *(dot.value for dot in one.dots))]


def _dots(ranges: Sequence[Range], style: str, counted: Counted) -> Records:
    return [
        {"row": n, "start": number(dot.value), "what": dot.name, "value": counted.text(dot.value)}
        for n, one in enumerate(ranges)
        for dot in one.dots
        if dot.style == style
    ]


def rows_of(records: Records, count: int) -> alt.Chart:
    """Place records in their rows, by number."""
    rows = alt.Y("row:O", axis=None, scale=alt.Scale(domain=[*range(count)]))
    return alt.Chart(inline(records)).encode(y=rows)


def told() -> list[Any]:
    """Lines of a tooltip: what is pointed at, and its value."""
    return [alt.Tooltip("what:N", title="what"), alt.Tooltip("value:N", title="value")]


def texts_above(rows: Iterable[Labelled]) -> list[alt.Chart]:
    """Write names to the left and figures to the right, above each row.

    A name that has no room beside its figure loses its middle: what tells it from others is at its
    end, and whose it is at its beginning.
    """
    records: Records = [
        {
            "row": n,
            "label": row.label,
            "note": row.note,
            "letter": number(_letter(row.label)),
            "taken": number(_OF_NOTE * _length(row.note)),
        }
        for n, row in enumerate(rows)
    ]
    base = rows_of(records, len(records))
    names = base.transform_calculate(room=_ROOM_OF_NAME).transform_calculate(short=_SHORT)
    return [
        *(
            names.mark_text(style=style, align="left", dy=ABOVE).encode(
                x=alt.value(0),
                text=alt.Text("short:N"),
                tooltip=[alt.Tooltip("label:N", title="what")],
            )
            for style in ("row-ground", "row-label")
        ),
        base.mark_text(style="note", align="right", dy=ABOVE).encode(
            x=alt.value("width"), text=alt.Text("note:N")
        ),
    ]


def _length(text: str) -> float:
    """Pixels of a text in the size of names, about."""
    return sum(_of_letter(letter) for letter in text)


def _of_letter(letter: str) -> float:
    usual = _WIDTH_OF_CAPITAL if letter.isupper() else _WIDTH
    return next((width for width, letters in _WIDTHS if letter in letters), usual)


def _letter(name: str) -> float:
    """Pixels of a letter of a name, in the half that needs more."""
    half = max(1, len(name) // 2)
    return max(_length(part) / half for part in (name[:half], name[-half:] or "n"))
