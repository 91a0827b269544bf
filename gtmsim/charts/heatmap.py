"""Shares in rows and columns, each written into its field."""

from collections.abc import Sequence

import altair as alt
import numpy as np

from gtmsim.charts.axes import Chart, Counted, Floats, Records, framed, inline, known, number

_ROW = 28
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
    base = alt.Chart(inline(_records(values, rows, columns, counted))).encode(
        x=alt.X(
            "column:N", sort=None, title=None, scale=alt.Scale(domain=[*columns]),
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
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
    dark = base.transform_filter(f"datum.strength >= {_DARK}").mark_text(style="on-dark")
    light = base.transform_filter(f"datum.strength < {_DARK}").mark_text(style="label")
    texts = (mark.encode(text=alt.Text("text:N")) for mark in (dark, light))
    return framed([fields, *texts], _ROW * len(rows))


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
