"""How figures answer to the inputs: curves, points, ranges of names, and a table of two inputs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.points import DesignKind
from gtmsim.charts.axes import Counted, Floats, bounded
from gtmsim.charts.heatmap import heatmap
from gtmsim.charts.picture import Picture
from gtmsim.charts.response import Response, response_chart
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Section
from gtmsim.pages.sweep.effects import Influences, levels_of
from gtmsim.pages.sweep.reading import Column, Swept
from gtmsim.report.text import Grid
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate, Sample

_MOST_INPUTS, _MOST_CURVES, _MOST_LEVELS = 4, 6, 12
_PAIR = 2


class Level(NamedTuple):
    """A value of an input, and the figure there."""

    text: str
    value: float
    """NaN of what is no number."""
    figure: Estimate


def section(swept: Swept, influences: Influences) -> Section | None:
    """Show how figures answer to inputs; None of points that move one input at a time."""
    if swept.kind == DesignKind.TORNADO:
        return None
    blocks = tuple(_blocks(swept, influences[swept.main.number].names[:_MOST_INPUTS]))
    return Section("responses", "How figures answer", tuple(_text(swept)), blocks)


def _text(swept: Swept) -> Iterator[str]:
    if swept.kind == DesignKind.GRID and len(swept.names) > _PAIR:
        yield "Where an input is drawn alone, figures are averages over all values of the others."
    elif swept.kind != DesignKind.GRID:
        yield "Every point moves all inputs at once: what scatters is what the others do."


def _blocks(swept: Swept, names: Sequence[str]) -> Iterator[Block]:
    columns = _shown(swept)
    pictures = [p for name in names for column in columns if (p := _response(swept, column, name))]
    yield from pictures if len(pictures) == 1 else (picture.narrow() for picture in pictures)
    if swept.kind == DesignKind.GRID and len(swept.names) >= _PAIR:
        pair = (names[0], names[1])
        yield from (p for column in columns if (p := two_inputs(swept, column, pair)))


def _shown(swept: Swept) -> list[Column]:
    """Choose the main output, and the first event that does not always go one way."""
    events = (c for c in swept.columns if c.is_event and c.number != swept.main.number)
    varying = (c for c in events if len({swept.figure(n, c).value for n in swept.done}) > 1)
    first = next(varying, None)
    return [swept.main] if first is None else [swept.main, first]


def _response(swept: Swept, column: Column, name: str) -> Picture | None:
    numbers = swept.numbers(name)
    if numbers is None:
        return ranges_of_names(swept, column, name)
    if swept.kind != DesignKind.GRID:
        return _picture(swept, column, name, [_free(swept, column, name, numbers)])
    return _picture(swept, column, name, _curves(swept, column, name))


def _curves(swept: Swept, column: Column, name: str) -> list[Response]:
    """One curve for each value of the other input where there is one; else the average."""
    others = [other for other in swept.names if other != name]
    if len(others) == 1 and len(levels := levels_of(swept, others[0])) <= _MOST_CURVES:
        made = (
            _curve(swept, column, name, points, f"{swept.short[others[0]]} {text}")
            for text, points in levels.items()
        )
        return [curve for curve in made if len(curve.inputs)]
    return [_curve(swept, column, name, swept.done, "")]


def _curve(swept: Swept, column: Column, name: str, points: Sequence[int], label: str) -> Response:
    levels = levels_at(swept, column, name, points)
    values, low, high = np.array([level.figure for level in levels]).reshape(-1, 3).T
    texts = tuple(level.text for level in levels)
    return Response(label, np.array([level.value for level in levels]), texts, values, low, high)


def levels_at(swept: Swept, column: Column, name: str, points: Sequence[int]) -> list[Level]:
    """Figure at each value of an input, averaged over those of the points that have it."""
    numbers = swept.numbers(name)
    found = []
    for text, at in levels_of(swept, name).items():
        chosen = [n for n in at if n in points]
        if chosen:
            value = float("nan") if numbers is None else float(numbers[chosen[0]])
            found.append(Level(text, value, _average(swept, column, chosen)))
    return found


def _average(swept: Swept, column: Column, points: Sequence[int]) -> Estimate:
    if len(points) == 1:
        return swept.figure(points[0], column)
    sample: Sample = np.mean([swept.sample(n, column) for n in points], axis=0)
    return error.mean(sample)


def _free(swept: Swept, column: Column, name: str, numbers: Floats) -> Response:
    points = sorted(swept.done, key=lambda n: float(numbers[n]))
    figures = [swept.figure(n, column) for n in points]
    values, low, high = np.array(figures).reshape(-1, 3).T
    texts = tuple(swept.values[name][n] for n in points)
    return Response("", numbers[points], texts, values, low, high)


def _picture(swept: Swept, column: Column, name: str, responses: list[Response]) -> Picture:
    short, counted = swept.short[name], column.counted
    first, last = responses[0].texts[0], responses[0].texts[-1]
    ends = [float(responses[0].value[n]) for n in (0, -1)]
    told = f"from {counted.text(ends[0])} at {first} to {counted.text(ends[1])} at {last}"
    which = f" ({responses[0].name})" if responses[0].name else ""
    return Picture(
        key=f"response-{swept.names.index(name)}-{column.number}",
        title=_finding(swept, column, short, responses),
        subtitle=f"{column.what.capitalize()} over {swept.n_futures:,} futures at "
        "each point; upright lines are 95% Monte Carlo intervals",
        alternative=f"{column.heading} against {short}{which}: {told}.",
        chart=response_chart(
            responses, swept.counted(name), counted, swept.kind != DesignKind.GRID
        ),
        table=_table(short, responses, counted),
    )


def _finding(swept: Swept, column: Column, short: str, responses: list[Response]) -> str:
    label = column.heading
    if len(responses) > 1 or swept.kind != DesignKind.GRID:
        return f"{label} against {short}"
    one = responses[0]
    ends = (f"{column.counted.text(float(one.value[n]))} at {one.texts[n]}" for n in (0, -1))
    return f"{label} against {short}: {', '.join(ends)}"


def _table(short: str, responses: list[Response], counted: Counted) -> Grid:
    rows = [
        (
            one.name,
            one.texts[k],
            *(counted.text(float(v[k])) for v in (one.value, one.low, one.high)),
        )
        for one in responses
        for k in range(len(one.inputs))
    ]
    header = ("line", short, "value", "95% from", "to")
    if not any(one.name for one in responses):
        return grid_of(header[1:], [row[1:] for row in rows])
    return grid_of(header, rows, labels=2)


def ranges_of_names(swept: Swept, column: Column, name: str) -> Picture | None:
    """Draw a figure at each name that an input takes; None where it falls below zero."""
    levels = levels_at(swept, column, name, swept.done)
    if not levels or len(levels) > _MOST_LEVELS or min(one.figure.value for one in levels) < 0.0:
        return None
    counted = column.counted
    rows = [(one.text, *(counted.text(value) for value in one.figure)) for one in levels]
    ranges = [
        Range(one.text, f"{value} ({low} to {high})",
              max(0.0, bounded(one.figure.low, one.figure.value)),
              bounded(one.figure.high, one.figure.value),
              (Dot("dot", one.figure.value, column.label),))
        for one, (_, value, low, high) in zip(levels, rows, strict=True)
    ]  # fmt: skip
    most = max(levels, key=lambda one: one.figure.value)
    label = column.heading
    return Picture(
        key=f"response-{swept.names.index(name)}-{column.number}",
        title=f"{label} is highest at {swept.short[name]} {most.text}",
        subtitle=f"{column.what.capitalize()} over {swept.n_futures:,} futures at "
        "each point; bars are 95% Monte Carlo intervals",
        alternative=f"{column.label}: {'; '.join(f'{row[0]} {row[1]}' for row in rows)}.",
        chart=range_chart(ranges, counted),
        table=grid_of((swept.short[name], column.what, "95% from", "to"), rows),
    )


def two_inputs(swept: Swept, column: Column, pair: tuple[str, str]) -> Picture | None:
    """Draw a figure at every value of two inputs; None where there are too many."""
    down, across = (levels_of(swept, name) for name in pair)
    if max(len(down), len(across)) > _MOST_LEVELS:
        return None
    values = np.full((len(down), len(across)), np.nan)
    for i, rows in enumerate(down.values()):
        for j, columns in enumerate(across.values()):
            if both := [n for n in rows if n in columns]:
                values[i, j] = _average(swept, column, both).value
    if np.isnan(values).all():
        return None
    texts = [(text, *(column.counted.text(float(v)) for v in row))
             for text, row in zip(down, values, strict=True)]  # fmt: skip
    one, other = (swept.short[name] for name in pair)
    best = int(np.nanargmax(column.towards * values))
    i, j = divmod(best, len(across))
    where = f"{one} {list(down)[i]} and {other} {list(across)[j]}"
    figure = column.counted.text(float(values[i, j]))
    averaged = "" if len(swept.names) == _PAIR else "; averages over the other inputs"
    return Picture(
        key=f"two-inputs-{column.number}",
        title=f"{column.heading} is best, {figure}, at {where}",
        subtitle=f"Down: {one}; across: {other}. {column.what.capitalize()} over "
        f"{swept.n_futures:,} futures at each point{averaged}",
        alternative=f"{column.heading} by {one} and {other}; best, {figure}, at {where}.",
        chart=heatmap(values, list(down), list(across), column.counted),
        table=grid_of((f"{one} \\ {other}", *across), texts),
    )
