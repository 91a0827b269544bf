"""What a sweep answers: a line per point, and for a tornado the swing that each input makes."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from rich.console import Console
from rich.text import Text as Line

from gtmsim.analysis.outputs import EVENT, shown_unit
from gtmsim.analysis.units import Unit, unit_of_difference
from gtmsim.report.answer import READING, Figure, Row, Simulated, Spread, Table
from gtmsim.report.documents import csv_numbers, estimate_mapping, finite, markdown_table
from gtmsim.report.figures import HIGH, LOW, in_shares
from gtmsim.report.numbers import UNDEFINED, money, symbol, with_plus, written
from gtmsim.report.terminal import fits, paragraph, table_lines
from gtmsim.report.text import Grid, Text, grid
from gtmsim.report.wording import short_names
from gtmsim.scenario.varying import AS_IS
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate
from gtmsim.words import counted

BAR = 12
"""Characters of the longest bar of a tornado."""
WIDE_ENOUGH_FOR_BARS = 100
_FOUR_DIGITS = 1000.0
SWING_READING = (
    "A swing is the mean over futures with the high value less that with the low one, each future "
    "paired with its own; its range is a 95% Monte Carlo interval."
)


@dataclass(frozen=True)
class Swing:
    """What an input does to an output between its ends.

    Attributes
    ----------
    name
        The input.
    low, high
        Its ends, as written.
    at_low, at_high
        Mean of the output there: the scenario's plus ``below`` or ``above``, which differs from
        that over the futures defined there where some are undefined at one of the two.
    below, above
        Mean of the paired differences, low and high less the scenario as it is.
    swing
        Mean of the paired differences, high less low.
    """

    name: str
    low: str
    high: str
    at_low: Estimate
    at_high: Estimate
    below: Estimate
    above: Estimate
    swing: Estimate


# --- figures ---------------------------------------------------------------------------------


def cells_of(results: xr.Dataset, point: int) -> tuple[Simulated | None, ...]:
    """Figures of every output at a point; None where the point failed."""
    if results["failure"].values[point]:
        return (None,) * results.sizes["output"]
    samples = results["sample"].isel(point=point).to_numpy()
    return tuple(
        _cell(sample, str(unit))
        for sample, unit in zip(samples, results["unit"].values, strict=True)
    )


def _cell(sample: error.Sample, unit: str) -> Simulated:
    if unit == EVENT:
        return Figure(error.probability(sample), Unit.SHARE)
    return Spread(
        p10=error.quantile(sample, LOW),
        p50=error.quantile(sample, 0.5),
        p90=error.quantile(sample, HIGH),
        mean=error.mean(sample),
        unit=Unit(unit),
        defined=float(1.0 - np.isnan(sample).mean()),
    )


def swings_of(results: xr.Dataset, output: int) -> list[Swing]:
    """Swings of an output in a tornado, the largest first.

    Parameters
    ----------
    results
        Of a sweep with the design ``tornado``.
    output
        Which output.
    """
    samples = results["sample"].isel(output=output).to_numpy()
    roles, varied = results["role"].values, results["varied"].values
    base = samples[int(np.flatnonzero(roles == "base")[0])]
    is_event = str(results["unit"].values[output]) == EVENT
    made = []
    for name in results.attrs["vary"]:
        ends = [np.flatnonzero((varied == name) & (roles == role))[0] for role in ("low", "high")]
        texts = value_texts(results, name)
        low, high = samples[ends[0]], samples[ends[1]]
        changes = (error.mean(sample) for sample in (low - base, high - base, high - low))
        told = texts[ends[0]], texts[ends[1]]
        at = (_at(sample, base, is_event) for sample in (low, high))
        made.append(Swing(name, *told, *at, *changes))
    return sorted(made, key=lambda swing: -np.nan_to_num(abs(swing.swing.value), nan=-1.0))


def _at(sample: error.Sample, base: error.Sample, is_event: bool) -> Estimate:
    """Mean at an end, moved to where the paired change from the scenario's mean leads."""
    mean, paired = error.mean(sample), sample - base
    moved = error.mean(base).value + error.mean(paired).value - mean.value
    if not np.isfinite(moved) or np.isfinite(paired).all():
        return mean
    at = Estimate(*(end + moved for end in mean))
    return in_shares(at) if is_event else at


def _is_tornado(results: xr.Dataset) -> bool:
    return bool((results["role"] == "base").any())


# --- values and names ------------------------------------------------------------------------


def value_texts(results: xr.Dataset, name: str) -> list[str]:
    """Value of an input at every point, as people write it."""
    values = results[name].values
    if values.dtype.kind != "f":
        return [str(value) for value in values]
    unit, currency = results[name].attrs["units"], str(results.attrs["currency"])
    plain = [f"{value:,.12g}" if np.isfinite(value) else AS_IS for value in values]
    short = [_written(value, unit, currency) for value in values]
    longer = [_longer(value, unit, currency) for value in values]
    distinct = len(set(plain))
    return next((texts for texts in (short, longer) if len(set(texts)) == distinct), plain)


def point_texts(results: xr.Dataset) -> list[str]:
    """Say which point each is, with its values as tables write them: ``company.cash=$1M``."""
    names = list(results.attrs["vary"])
    values = {name: value_texts(results, name) for name in names}
    roles, varied = results["role"].values, results["varied"].values
    made = []
    for n in range(results.sizes["point"]):
        moved = [varied[n]] if roles[n] in ("low", "high") else [] if roles[n] == "base" else names
        parts = [f"{name}={values[name][n]}" for name in moved if values[name][n] != AS_IS]
        made.append(", ".join(parts) or "the scenario as it is")
    return made


def _written(value: float, unit: str, currency: str) -> str:
    if not np.isfinite(value):
        return AS_IS
    if unit == "money":
        return money(value, currency)
    return f"{_digits(100.0 * value)}%" if unit == "share" else _digits(value)


def _longer(value: float, unit: str, currency: str) -> str:
    """Write a value with six digits: enough for most random points."""
    if not np.isfinite(value):
        return AS_IS
    if unit == "share":
        return f"{100.0 * value:,.6g}%"
    sign = "-" if value < 0.0 else ""
    return f"{sign}{symbol(currency) if unit == 'money' else ''}{abs(value):,.6g}"


def _digits(value: float) -> str:
    """Write four significant digits, and whole numbers as they are."""
    return f"{value:,.0f}" if value.is_integer() or abs(value) >= _FOUR_DIGITS else f"{value:.4g}"


# --- as tables -------------------------------------------------------------------------------


def points_grid(results: xr.Dataset, errors: bool = False) -> Grid:
    """Write all points as a table.

    Parameters
    ----------
    results
        Of a sweep.
    errors
        Whether each median shows its Monte Carlo error.
    """
    names = list(results.attrs["vary"])
    defined = [n for n in range(results.sizes["output"]) if _is_defined(results, n)]
    results = results.isel(output=defined) if defined else results
    outputs, labels_of = results["output"].values, results["label"].values
    columns = {str(o): str(label) for o, label in zip(outputs, labels_of, strict=True)}
    n_points = results.sizes["point"]
    rows = tuple(Row(str(n), "", cells_of(results, n)) for n in range(n_points))
    table = Table("points", "Points", "", columns, rows)
    made = grid(table, str(results.attrs["currency"]), errors)
    texts = [value_texts(results, name) for name in names]
    labels = list(zip(*texts, strict=True))
    return made._replace(
        header=(*short_names(names), *made.header[1:]),
        labels=len(names),
        rows=tuple(
            (*map(Text, labels[n]), *_failed_or(row[1:], results, n))
            for n, row in enumerate(made.rows)
        ),
    )


def _failed_or(cells: tuple[Text, ...], results: xr.Dataset, n: int) -> tuple[Text, ...]:
    return (Text("failed"), *cells[1:]) if results["failure"].values[n] else cells


def tornado_grids(results: xr.Dataset, details: bool = False, bars: bool = False) -> Iterator[Grid]:
    """Write the swings of each output as a table, the largest first.

    Parameters
    ----------
    results
        Of a sweep with the design ``tornado``.
    details
        Whether outputs that are details have one too.
    bars
        Whether swings are drawn as well.
    """
    for n in range(results.sizes["output"]):
        if (details or not results["is_detail"].values[n]) and _is_defined(results, n):
            yield tornado_grid(results, n, bars)


def _is_defined(results: xr.Dataset, output: int) -> bool:
    return bool(np.isfinite(results["sample"].isel(output=output)).any())


def _undefined_text(results: xr.Dataset) -> str:
    """Name the outputs that no future has; empty if there are none."""
    labels = results["label"].values
    names = [str(label) for n, label in enumerate(labels) if not _is_defined(results, n)]
    return f"Defined in no future: {', '.join(names)}." if names else ""


def tornado_grid(results: xr.Dataset, output: int, bars: bool = False) -> Grid:
    """Write the swings of an output as a table, the largest first; ``bars``: drawn as well."""
    swings = swings_of(results, output)
    unit, currency = str(results["unit"].values[output]), str(results.attrs["currency"])
    base = error.mean(results["sample"].isel(point=0, output=output).to_numpy()).value
    kind = shown_unit(unit)
    names = dict(zip(results.attrs["vary"], short_names(results.attrs["vary"]), strict=True))
    longest = max((abs(s.swing.value) for s in swings if np.isfinite(s.swing.value)), default=0.0)
    rows = tuple(
        (
            Text(names[swing.name]),
            Text(swing.low),
            Text(swing.high),
            Text(written(swing.at_low.value, kind, currency)),
            Text(written(swing.at_high.value, kind, currency)),
            _swing_text(swing.swing, unit, currency),
            *([Text(_bar(swing.swing.value, longest))] if bars else []),
        )
        for swing in swings
    )
    label = str(results["label"].values[output])
    what = "odds" if unit == EVENT else "mean"
    title = f"{label}: {what} {written(base, kind, currency)} as the scenario is"
    header = ("input", "low", "high", "at low", "at high", "swing", *([""] if bars else []))
    return Grid(title, header, 1, rows, ())


def numbered(points: Grid) -> tuple[Grid, Grid]:
    """Split a table of points in two: their values by number, and the outputs by number."""
    numbers = [Text(str(n + 1)) for n in range(len(points.rows))]
    rows = list(zip(numbers, points.rows, strict=True))
    values = points._replace(
        header=("point", *points.header[: points.labels]),
        labels=1,
        rows=tuple((number, *row[: points.labels]) for number, row in rows),
        notes=(),
    )
    outputs = points._replace(
        title="Outputs by point",
        header=("point", *points.header[points.labels :]),
        labels=1,
        rows=tuple((number, *row[points.labels :]) for number, row in rows),
    )
    return values, outputs


def _swing_text(swing: Estimate, unit: str, currency: str) -> Text:
    most = 1.0 if unit == EVENT else np.inf  # odds change by no more
    value, low, high = (
        signed_text(number, unit, currency) for number in np.clip(swing, -most, most)
    )
    if not np.isfinite(swing.value):
        return Text(UNDEFINED)
    known = np.isfinite(swing.margin)
    return Text(value, f"({low} to {high})" if known and swing.margin > 0.0 else "")


def signed_text(value: float, unit: str, currency: str) -> str:
    """Write a change with its sign; of odds and shares in percentage points."""
    if not np.isfinite(value):
        return UNDEFINED
    kind = unit_of_difference(shown_unit(unit))
    return with_plus(value, written(value, kind, currency))


def _bar(value: float, longest: float) -> str:
    if not np.isfinite(value) or longest == 0.0:
        return " " * BAR
    return ("█" * round(BAR * abs(value) / longest)).ljust(BAR)


# --- formats ---------------------------------------------------------------------------------


def write(results: xr.Dataset, console: Console, errors: bool = False) -> None:
    """Print a sweep.

    Parameters
    ----------
    results
        Of `gtmsim.sweep`.
    console
        Where to; its width decides the layout.
    errors
        Whether medians show their Monte Carlo error, and a tornado all its outputs.
    """
    for line in lines(results, console.width, errors):
        console.print(line, soft_wrap=True, highlight=False)


def lines(results: xr.Dataset, width: int, errors: bool = False) -> Iterator[Line]:
    """Lay a sweep out in lines of at most ``width`` columns."""
    yield from paragraph(str(results.attrs["title"]), width, "bold")
    if overrides := list(results.attrs["overrides"]):
        yield from paragraph(f"With: {', '.join(overrides)}", width)
    yield from paragraph(varied_text(results), width)
    for table in _fitted(results, width, errors):
        yield Line()
        yield from table_lines(table, width)
    yield Line()
    yield from paragraph(_undefined_text(results), width)
    yield from paragraph(_reading(results), width, "dim")
    yield from paragraph(f"Computed from {computed_text(results)}.", width, "dim")


def _fitted(results: xr.Dataset, width: int, errors: bool) -> Iterator[Grid]:
    """Tables for a width: points that are too wide are numbered."""
    for table in _grids(results, errors, width >= WIDE_ENOUGH_FOR_BARS):
        if _is_tornado(results) or fits(table, width):
            yield table
        else:
            yield from numbered(table)


def _grids(results: xr.Dataset, errors: bool, bars: bool = False) -> Iterator[Grid]:
    if _is_tornado(results):
        yield from tornado_grids(results, errors, bars)
    else:
        yield points_grid(results, errors)


def _reading(results: xr.Dataset) -> str:
    return SWING_READING if _is_tornado(results) else READING


def varied_text(results: xr.Dataset) -> str:
    """Say what was varied."""
    parts = []
    for name in results.attrs["vary"]:
        texts = list(dict.fromkeys(value_texts(results, name)))
        shown = f"{texts[0]} to {texts[-1]}" if len(texts) > 6 else ", ".join(texts)  # noqa: PLR2004
        if results[name].values.dtype.kind == "f" and str(results.attrs["design"])[-1].isdigit():
            values = np.sort(results[name].values)
            ends = results.assign_coords({name: ("point", values, results[name].attrs)})
            texts = value_texts(ends, name)
            shown = f"{texts[0]} to {texts[-1]}"
        parts.append(f"{name} ({shown})")
    return f"Varied: {'; '.join(parts)}"


def computed_text(results: xr.Dataset) -> str:
    """Say in one line how a sweep was computed."""
    about = results.attrs
    points, draws, replications = (results.sizes[d] for d in ("point", "draw", "replication"))
    futures = points * draws * replications
    parts = (
        f"{counted(points, 'point')} ({about['design']}) x {counted(draws, 'draw')} x "
        f"{counted(replications, 'replication')} = {counted(futures, 'future')}",
        f"seed {about['seed']}",
        f"{about['engine']} engine of gtmsim {about['gtmsim_version']}",
    )
    return ", ".join(parts)


def as_mapping(results: xr.Dataset) -> Mapping[str, Any]:
    """Return a sweep as plain mappings and lists; what is not finite becomes None."""
    about = results.attrs
    keys = ("title", "overrides", "currency", "design", "seed", "draws", "replications", "engine")
    points = [_point_mapping(results, n) for n in range(results.sizes["point"])]
    made: dict[str, Any] = {key: about[key] for key in keys}
    made["varied"] = {name: {"unit": results[name].attrs["units"]} for name in about["vary"]}
    made["points"] = points
    if _is_tornado(results):
        outputs = enumerate(results["output"].values)
        made["swings"] = {
            str(o): list(map(_swing_mapping, swings_of(results, n))) for n, o in outputs
        }
    return made


def _point_mapping(results: xr.Dataset, n: int) -> Mapping[str, Any]:
    cells = zip(results["output"].values, cells_of(results, n), strict=True)
    return {
        "values": _values_at(results, n),
        "role": str(results["role"].values[n]),
        "failure": str(results["failure"].values[n]),
        "outputs": {str(name): _cell_mapping(cell) for name, cell in cells if cell is not None},
    }


def _values_at(results: xr.Dataset, n: int) -> Mapping[str, float | str | None]:
    values = {name: results[name].values[n] for name in results.attrs["vary"]}
    return {
        name: finite(float(value)) if isinstance(value, float) else str(value)
        for name, value in values.items()
    }


def _cell_mapping(cell: Simulated) -> Mapping[str, Any]:
    if isinstance(cell, Figure):
        return {"unit": cell.unit.value, **estimate_mapping(cell.estimate)}
    statistics = {name: estimate_mapping(estimate) for name, estimate in cell.estimates.items()}
    defined = {"defined": cell.defined} if isinstance(cell, Spread) else {}
    return {"unit": cell.unit.value, **defined, **statistics}


def _swing_mapping(swing: Swing) -> Mapping[str, Any]:
    return {
        "input": swing.name,
        "low": swing.low,
        "high": swing.high,
        "at_low": estimate_mapping(swing.at_low),
        "at_high": estimate_mapping(swing.at_high),
        "swing": estimate_mapping(swing.swing),
    }


def as_json(results: xr.Dataset) -> str:
    """Write a sweep as JSON; every figure has its 95 % interval."""
    return json.dumps(as_mapping(results), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(results: xr.Dataset) -> str:
    """Write every figure of a sweep as a line of CSV; empty where undefined.

    Points have the numbers of the tables, from 1.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = list(results.attrs["vary"])
    writer.writerow(["point", *names, "output", "statistic", "unit", "value", "low", "high"])
    for n in range(results.sizes["point"]):
        values = ["" if v is None else v for v in _values_at(results, n).values()]
        for output, cell in zip(results["output"].values, cells_of(results, n), strict=True):
            writer.writerows([n + 1, *values, output, *line] for line in _csv_lines(cell))
    return out.getvalue()


def _csv_lines(cell: Simulated | None) -> Iterator[tuple[str, ...]]:
    if isinstance(cell, Figure):
        yield ("", cell.unit.value, *csv_numbers(cell.estimate))
    elif cell is not None:
        for name, estimate in cell.estimates.items():
            yield (name, cell.unit.value, *csv_numbers(estimate))


def as_markdown(results: xr.Dataset) -> str:
    """Write a sweep as Markdown."""
    parts = [f"# {results.attrs['title']}", varied_text(results)]
    if overrides := list(results.attrs["overrides"]):
        parts.append(f"With: {', '.join(f'`{override}`' for override in overrides)}")
    for table in _grids(results, errors=True):
        parts += markdown_table(table)
    undefined = [text] if (text := _undefined_text(results)) else []
    parts += [*undefined, _reading(results), f"Computed from {computed_text(results)}."]
    return "\n\n".join(parts) + "\n"
