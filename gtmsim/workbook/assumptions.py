"""Sheet of assumptions: every merged value of the scenario, its unit and where it comes from."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.report.explain import plain_text, where_text
from gtmsim.scenario.document import Document
from gtmsim.scenario.kinds import FIGURE, Kind
from gtmsim.scenario.literals import QuantityError, read_number
from gtmsim.scenario.places import Path
from gtmsim.scenario.structure import kind_at
from gtmsim.statistics import error
from gtmsim.workbook.sheets import Cell, Form, Ink, Look, Row, Sheet, Style, line, padded, text

ASSUMPTIONS_SHEET = "Assumptions"
_HEADINGS = (
    text("key", Look.HEADING),
    text("value", Look.COLUMN),
    text("unit", Look.HEADING),
    text("from", Look.HEADING),
)
_WIDTHS = (58.0, 18.0, 14.0, 34.0, 14.0)
_DRAWN = ("uncertain input", "mean", "p10", "p50", "p90")


def assumptions_sheet(results: xr.Dataset, document: Document) -> Sheet:
    """Lay out the values of the scenario by table, and the inputs as they were drawn.

    Parameters
    ----------
    results
        Needs ``inputs``, dims (draw, input), where anything is uncertain.
    document
        What was simulated, with places.
    """
    currency = str(results.attrs["currency"])
    rows: list[Row] = [
        line("Assumptions", look=Look.TITLE),
        line(
            f"Values of the scenario after extends and overrides, in blue; amounts in {currency}. "
            "What the scenario leaves to a default is not listed.",
            look=Look.NOTE,
        ),
        _HEADINGS,
    ]
    top = ""
    for path, value, place in document.origins():
        if path and str(path[0]) != top:
            top = str(path[0])
            rows += padded([line(top, look=Look.BLOCK)], Look.BLOCK, len(_HEADINGS))
        rows.append(_row(path, value, where_text(place.file, place.line), currency))
    rows += ((), *_drawn_rows(results, currency))
    return Sheet(ASSUMPTIONS_SHEET, tuple(rows), _WIDTHS, (3, 1))


def _row(path: Path, value: Any, origin: str, currency: str) -> Row:
    dotted = ".".join(map(str, path))
    kind = kind_at(path)
    return (
        text(dotted, indent=1),
        _value(value, kind),
        text("" if kind is None else _unit(kind, currency)),
        text(origin, Look.NOTE),
    )


def _value(value: Any, kind: Kind | None) -> Cell:
    number = _number(value, kind)
    if number is not None:
        return Cell(number, Style(_form(number, kind), Ink.INPUT))
    if isinstance(value, date):
        return Cell(value, Style(Form.DATE, Ink.INPUT))
    words = value if isinstance(value, str) else plain_text(value)
    return Cell(" ".join(words.split()), Style(ink=Ink.INPUT))


def _number(value: Any, kind: Kind | None) -> float | None:
    """Read the number that a value states; None where it is something else."""
    if kind is None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else None
    try:
        return read_number(value, kind)
    except QuantityError:
        return None


def _form(number: float, kind: Kind | None) -> Form:
    unit = "number" if kind in (None, FIGURE) else kind.unit
    if unit == "money":
        return Form.MONEY if number == int(number) else Form.CENTS
    if unit == "share":
        return Form.SHARE
    return Form.COUNT if number == int(number) else Form.FRACTION


def _unit(kind: Kind, currency: str) -> str:
    if kind == FIGURE:  # in the unit of what the target is about
        return ""
    names: Mapping[str, str] = {"money": currency, "share": "share", "number": ""}
    return names.get(kind.unit, kind.unit)


def _drawn_rows(results: xr.Dataset, currency: str) -> Iterator[Row]:
    """Lay out the uncertain inputs as the draws have them."""
    if "inputs" not in results or not results.sizes.get("input"):
        return
    width = len(_DRAWN)
    heading = f"Uncertain inputs over {results.sizes['draw']:,} draws"
    yield from padded([line(heading, look=Look.BLOCK)], Look.BLOCK, width)
    yield (text(_DRAWN[0], Look.HEADING), *(text(word, Look.COLUMN) for word in _DRAWN[1:]))
    for name in results["input"].to_numpy():
        drawn = results["inputs"].sel(input=name).to_numpy().reshape(-1, 1)
        kind = kind_at(tuple(str(name).split(".")))
        yield (text(str(name), indent=1), *_statistics(drawn, kind))


def _statistics(drawn: error.Sample, kind: Kind | None) -> Iterator[Cell]:
    sample = np.asarray(drawn, np.float64)
    estimates = (error.mean(sample), *(error.quantile(sample, q) for q in (0.1, 0.5, 0.9)))
    for estimate in estimates:
        form = Form.CENTS if kind and kind.unit == "money" else _form(estimate.value, kind)
        yield Cell(estimate.value, Style(form, Ink.SIMULATED))
