"""Shares in rows and columns, each written into its field."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from gtmsim.charts.axes import Chart, Counted, Floats, Records, framed, inline, known, number

_ROW = 28
_FONT, _LEAST_FONT = 11, 8
_PER_LETTER = 0.66
"""Width of a letter or digit, room between fields included, as a share of the font's size."""
_DARK = 0.62
"""Strength from which the text in a field is that on dark."""


def heatmap(values: Floats, rows: Sequence[str], columns: Sequence[str], counted: Counted) -> Chart:
    """Draw a table of numbers as fields, stronger where a number is larger.

    Parameters
    ----------
    values
        Shape (rows, columns); NaN where there is no field.
    rows, columns
        Their names.
    counted
        What the numbers count.
    """
    records = _records(values, rows, columns, counted)
    base = alt.Chart(inline(records)).encode(
        x=alt.X(
            "column:N", sort=None, title=None, scale=alt.Scale(domain=[*columns]),
            axis=alt.Axis(
                orient="top", labelAngle=0, domain=False, ticks=False, **_heads(columns)
            ),
        ),
        y=alt.Y(
            "row:N", sort=None, title=None, scale=alt.Scale(domain=[*rows]),
            axis=alt.Axis(domain=False, ticks=False, grid=False, labelLimit=130),
        ),
    )  # fmt: skip
    fields = base.mark_rect(style="bar", cornerRadius=3).encode(
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("row:N", title="row"),
            alt.Tooltip("column:N", title="column"),
            alt.Tooltip("text:N", title="value"),
        ],
    )
    size = _size(max((len(record["text"]) for record in records), default=1))
    dark = base.transform_filter(f"datum.strength >= {_DARK}").mark_text(
        style="on-dark", fontSize=size
    )
    light = base.transform_filter(f"datum.strength < {_DARK}").mark_text(
        style="label", fontSize=size
    )
    texts = (mark.encode(text=alt.Text("text:N")) for mark in (dark, light))
    return framed([fields, *texts], _ROW * len(rows))


def _size(letters: int) -> alt.ExprRef:
    """Size of a font in which so many letters fit into a field, within bounds."""
    fitting = f"bandwidth('x') / {letters * _PER_LETTER:.2f}"
    return alt.ExprRef(f"clamp({fitting}, {_LEAST_FONT}, {_FONT})")


def _heads(columns: Sequence[str]) -> Mapping[str, Any]:
    """Heads of columns: where fields are narrow without the unit that all share, or fewer."""
    fewer = {"labelOverlap": "greedy", "labelSeparation": 3}
    units = {column.partition(" ")[2] for column in columns}
    if len(units) != 1 or units == {""}:
        return fewer
    narrow = f"bandwidth('x') < {max(map(len, columns)) * _PER_LETTER * _FONT:.0f}"
    return {**fewer, "labelExpr": f"{narrow} ? split(datum.label, ' ')[0] : datum.label"}


def _records(
    values: Floats, rows: Sequence[str], columns: Sequence[str], counted: Counted
) -> Records:
    defined = known(values.ravel())
    low, high = min(defined, default=0.0), max(defined, default=1.0)
    return [
        {
            "row": row,
            "column": column,
            "text": counted.text(float(values[i, j])),
            "strength": number(0.1 + 0.8 * (float(values[i, j]) - low) / ((high - low) or 1.0)),
        }
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
        if not np.isnan(values[i, j])
    ]
