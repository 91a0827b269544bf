"""Retention: how the customers of each year stay."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, ages
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.heatmap import heatmap
from gtmsim.charts.picture import Picture
from gtmsim.metrics.cohorts import at_constant_rate, cohort_retention, pooled_retention
from gtmsim.metrics.labels import YEAR, company
from gtmsim.pages.grids import grid_of, months_grid
from gtmsim.pages.page import Block, Section
from gtmsim.pages.reading import Read
from gtmsim.report.tables import COMPANY

_SHARE = Counted(Unit.SHARE)
_MOST_COLUMNS = 8
_STEPS = (3, 6, 12, 24, 60, 120)
_NEEDED = ("cohort_customers", "opening_customers", "transferred_customers", "insolvent")


def section(read: Read) -> Section | None:
    """Show how cohorts stay; None in less than a year and a half, where hardly any can be seen."""
    results = read.results[list(_NEEDED)].load()
    if results.sizes["month"] < YEAR + YEAR // 2:
        return None
    if results["transferred_customers"].any():  # a segment would keep more than it had
        results = company(results).expand_dims(segment=[COMPANY])
    return Section("retention", "Retention", (), tuple(_blocks(results)))


def _blocks(results: xr.Dataset) -> Iterator[Block]:
    picture = cohorts(cohort_retention(results))
    if picture is not None:
        yield picture
    picture = against_constant(pooled_retention(results))
    if picture is not None:
        yield picture


def cohorts(retained: xr.DataArray) -> Picture | None:
    """Draw the share of each cohort that is still there; None where there is none."""
    segments = _names(retained)
    step = next(s for s in _STEPS if retained.sizes["age"] / s <= _MOST_COLUMNS + 1)
    shown = np.arange(step, retained.sizes["age"], step)
    fields = {
        _name(segments, segment, int(cohort)): retained.sel(
            segment=segment, cohort=cohort, age=shown
        ).to_numpy()
        for segment in segments
        for cohort in retained["cohort"].to_numpy()
    }
    known = {name: values for name, values in fields.items() if not np.isnan(values).all()}
    if not known:
        return None
    columns = [f"{age} mo" for age in shown]
    rows = [(name, *(_text(value) for value in values)) for name, values in known.items()]
    return Picture(
        key="cohorts",
        title="Customers who stay, by the year in which they joined",
        subtitle="Share still there, by months since the end of that year; all futures that stay "
        "solvent, pooled",
        alternative=_ranges(known, shown),
        chart=heatmap(np.array([*known.values()]), [*known], columns, _SHARE),
        table=grid_of(("cohort", *columns), rows),
    )


def _ranges(known: Mapping[str, np.ndarray], shown: np.ndarray) -> str:
    """Tell the lowest and the highest share after the first, a middle and the last age."""
    values = np.array([*known.values()])
    ages = np.flatnonzero(~np.isnan(values).all(axis=0))
    told = dict.fromkeys((ages[0], ages[len(ages) // 2], ages[-1]))
    names = [*known]
    count = f"{len(names)} cohorts" if len(names) > 1 else "one cohort"
    return f"Of {count}, " + "; ".join(_range(values[:, n], names, shown[n]) for n in told) + "."


def _range(values: np.ndarray, names: Sequence[str], age: int) -> str:
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    texts = [f"{_SHARE.text(float(values[n]))} ({names[n]})" for n in (low, high)]
    return f"after {age} months {' to '.join(dict.fromkeys(texts))} are still there"


def _text(value: float) -> str:
    return "" if np.isnan(value) else _SHARE.text(float(value))


def _names(retained: xr.DataArray) -> list[str]:
    return [str(name) for name in retained["segment"].to_numpy()]


def _name(segments: Sequence[str], segment: str, cohort: int) -> str:
    year = "opening" if cohort == 0 else f"year {cohort}"
    return year if len(segments) == 1 else f"{segment}, {year}"


def against_constant(retained: xr.DataArray) -> Picture | None:
    """Draw the retention of new customers beside a constant rate; None in less than two years."""
    segments = _names(retained)
    ends = {name: int(retained.sel(segment=name).notnull().sum()) - 1 for name in segments}
    longest = max(ends.values())
    if longest < YEAR + 1:
        return None
    constant = at_constant_rate(retained)
    months = ages(longest)
    curves: list[Curve] = []
    for segment in (s for s in segments if ends[s] > YEAR):
        own = len(curves) // 2
        both = (x.sel(segment=segment, age=slice(1, longest)) for x in (retained, constant))
        seen, rate = (values.to_numpy() for values in both)
        dashed = np.where(np.isnan(seen), np.nan, rate)
        curves += [
            Curve(segment, seen, colour=own),
            Curve(f"{segment}, constant", dashed, colour=own, is_dashed=True),
        ]
    return Picture(
        key="retention",
        title=_finding(curves),
        subtitle="Share of new customers still there, by months since the end of the year in "
        "which they joined; dashed: if the first year's rate held. All solvent futures, pooled",
        alternative=" ".join(_told(curves, n) for n in range(0, len(curves), 2)),
        chart=curve_chart(curves, months, _SHARE, (0.0, 1.0)),
        table=months_grid(months, {curve.name: curve.values for curve in curves}, _SHARE),
    )


def _finding(curves: list[Curve]) -> str:
    gains = [
        _last(seen) - _last(rate) for seen, rate in zip(curves[::2], curves[1::2], strict=True)
    ]
    if all(gain > 0.01 for gain in gains):  # noqa: PLR2004  a point
        return "Cohorts harden: they keep more customers than at their first year's rate"
    return "Retention of new customers against a constant rate"


def _told(curves: list[Curve], n: int) -> str:
    seen, rate = curves[n], curves[n + 1]
    months = int((~np.isnan(seen.values)).sum())
    return (
        f"{seen.name}: {_SHARE.text(_last(seen))} are still there after {months} months, "
        f"{_SHARE.text(_last(rate))} at a constant rate."
    )


def _last(curve: Curve) -> float:
    return float(curve.values[~np.isnan(curve.values)][-1])
