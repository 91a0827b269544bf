"""The answer as JSON, CSV and Markdown."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from gtmsim.errors import visible
from gtmsim.report.answer import (
    Answer,
    Cell,
    Computed,
    Fan,
    Figure,
    Judgement,
    Spread,
    Table,
    Words,
)
from gtmsim.report.text import SOFT_HYPHEN, Grid, computed_text, grid
from gtmsim.statistics.error import Estimate

CSV_COLUMNS = ("table", "row", "column", "statistic", "unit", "value", "low", "high", "defined")


def as_mapping(answer: Answer) -> Mapping[str, Any]:
    """Return the answer as plain mappings and lists; what is not finite becomes None."""
    return {
        "title": answer.title,
        "question": answer.question,
        "overrides": list(answer.overrides),
        "currency": answer.currency,
        "headline": list(answer.headline),
        "tables": {table.key: _table(table) for table in answer.tables},
        **({"fans": {fan.key: _fan(fan) for fan in answer.fans}} if answer.fans else {}),
        "computed": dict(answer.computed),
    }


def as_json(answer: Answer) -> str:
    """Write the answer as JSON; every figure has ``value`` and its 95 % interval."""
    return json.dumps(as_mapping(answer), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(answer: Answer) -> str:
    """Write every figure of the answer as a line of CSV; empty where undefined.

    What was changed in the scenario's file comes first, without figures.
    """
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(CSV_COLUMNS)
    blank = ("",) * (len(CSV_COLUMNS) - 2)
    lines.writerows(("overrides", visible(override), *blank) for override in answer.overrides)
    for table in answer.tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                lines.writerows((table.key, row.key, column, *line) for line in _csv_lines(cell))
    return out.getvalue()


def as_markdown(answer: Answer) -> str:
    """Write the answer as Markdown, without what a terminal draws: the tables have its figures."""
    parts = [f"# {visible(answer.title)}"]
    if answer.question:
        parts.append(f"*{visible(' '.join(answer.question.split()))}*")
    if answer.overrides:
        parts.append(f"With: {', '.join(f'`{override}`' for override in answer.overrides)}")
    parts.append("\n".join(f"- {sentence}" for sentence in answer.headline))
    for table in answer.tables:
        parts += markdown_table(grid(table, answer.currency))
    parts += [answer.reading, f"Computed from {computed_text(answer)}."]
    text = "\n\n".join(parts) + "\n"
    return "\n".join(map(visible, text.split("\n")))


def _table(table: Table) -> Mapping[str, Any]:
    return {
        "title": table.title,
        "rows": {
            row.key: {
                "label": row.label,
                **{
                    column: _cell(cell)
                    for column, cell in zip(table.columns, row.cells, strict=True)
                    if cell is not None
                },
            }
            for row in table.rows
        },
        "notes": list(table.notes),
    }


def _fan(fan: Fan) -> Mapping[str, Any]:
    quantiles = {name: list(getattr(fan, name)) for name in ("p10", "p50", "p90")}
    return {"title": fan.title, "unit": fan.unit.value, "months": list(fan.months), **quantiles}


def _cell(cell: Cell) -> Mapping[str, Any]:
    if isinstance(cell, Words):
        return {"text": cell.text}
    if isinstance(cell, Judgement):
        return _judgement(cell)
    if isinstance(cell, Computed):
        return {"unit": cell.unit.value, **{n: finite(v) for n, v in _statistics(cell)}}
    if isinstance(cell, Figure):
        return {"unit": cell.unit.value, **estimate_mapping(cell.estimate)}
    statistics = {name: estimate_mapping(estimate) for name, estimate in cell.estimates.items()}
    defined = {"defined": cell.defined} if isinstance(cell, Spread) else {}
    return {"unit": cell.unit.value, **defined, **statistics}


def _judgement(cell: Judgement) -> Mapping[str, Any]:
    if cell.limit is None:
        return {"state": cell.state}
    return {"state": cell.state, "unit": cell.unit.value, _side(cell): cell.limit}


def _side(cell: Judgement) -> str:
    return "at_least" if cell.is_least else "at_most"


def _statistics(cell: Computed) -> Iterator[tuple[str, float]]:
    yield from (("value", cell.value), ("p10", cell.p10), ("p90", cell.p90))


def estimate_mapping(estimate: Estimate) -> Mapping[str, float | None]:
    """Return a figure with the ends of its interval; what is not finite becomes None."""
    return {name: finite(value) for name, value in estimate._asdict().items()}


def finite(value: float) -> float | None:
    """Return a number, or None for what JSON cannot hold."""
    return value if isfinite(value) else None


def _csv_lines(cell: Cell | None) -> Iterator[tuple[Any, ...]]:
    if isinstance(cell, Words):
        yield ("text", "", cell.text, "", "", "")
    elif isinstance(cell, Judgement):
        yield ("state", "", cell.state, "", "", "")
        if cell.limit is not None:
            yield (_side(cell), cell.unit.value, repr(cell.limit), "", "", "")
    elif isinstance(cell, Computed):
        for name, value in _statistics(cell):
            yield (name, cell.unit.value, _csv_number(value), "", "", "")
    elif isinstance(cell, Figure):
        yield ("", cell.unit.value, *csv_numbers(cell.estimate), "")
    elif cell is not None:
        defined = f"{cell.defined:.6g}" if isinstance(cell, Spread) else ""
        for name, estimate in cell.estimates.items():
            yield (name, cell.unit.value, *csv_numbers(estimate), defined)


def csv_numbers(estimate: Estimate) -> Iterator[str]:
    """Write a figure and the ends of its interval; empty what is not finite."""
    return (_csv_number(value) for value in estimate)


def _csv_number(value: float) -> str:
    return "" if finite(value) is None else repr(float(value))


def markdown_table(lines: Grid) -> Iterator[str]:
    """Write a table as Markdown: its heading, its lines, its notes."""
    yield f"## {lines.title}"
    rules = ["---" if n < lines.labels else "---:" for n in range(len(lines.header))]
    rows = [lines.header, rules, *([cell.line for cell in row] for row in lines.rows)]
    yield "\n".join(f"| {' | '.join(map(_escaped, row))} |" for row in rows)
    if lines.notes:
        yield "\n".join(lines.notes)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace(SOFT_HYPHEN, "")
