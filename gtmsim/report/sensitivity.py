"""Build the answer to which assumption matters."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Answer, Figure, Row, Table
from gtmsim.report.comparison import output_label
from gtmsim.report.figures import not_negative
from gtmsim.report.numbers import share
from gtmsim.statistics.error import Estimate

MOST_INPUTS = 12
_NOTABLE = 0.01


def sensitivity_answer(found: xr.Dataset, results: xr.Dataset) -> Answer:
    """Answer which assumption matters.

    Parameters
    ----------
    found
        Of ``gtmsim.analysis.sensitivity.sensitivity``.
    results
        What it was found in.
    """
    draws, replications = int(found.attrs["draws"]), int(found.attrs["replications"])
    return Answer(
        title=f"What matters in {results.attrs['title']}",
        question="How much of what happens is luck, and which assumption does the rest hang on?",
        currency=str(results.attrs["currency"]),
        headline=tuple(_headline(found, results)),
        tables=(_split_table(found, results), _inputs_table(found, results)),
        reading="Ranges in parentheses are 95% intervals.",
        computed={
            "futures": f"{draws:,} draws x {replications:,} replications",
            "seed": f"seed {results.attrs['seed']}",
        },
    )


def _headline(found: xr.Dataset, results: xr.Dataset) -> Iterator[str]:
    for output in map(str, found["output"].to_numpy()):
        one = found.sel(output=output)
        unknown = float(one["share_unknown"].sel(bound="value"))
        label = output_label(output, results)
        label = label[:1].upper() + label[1:]
        if np.isnan(unknown):
            yield f"{label}: the same in every future."
            continue
        text = f"{label}: {share(unknown)} of the variance between futures is what we do not know"
        first = one["first_order"].to_numpy()
        if np.isfinite(first).any():
            top = int(np.nanargmax(first))
            text += f"; {share(max(0.0, float(first[top])))} of that is due to {_name(one, top)}"
        yield f"{text}. The rest is luck."


def _name(one: xr.Dataset, index: int) -> str:
    return str(one["input"].to_numpy()[index])


def _split_table(found: xr.Dataset, results: xr.Dataset) -> Table:
    rows = []
    for output in map(str, found["output"].to_numpy()):
        unknown = Estimate(*map(float, found["share_unknown"].sel(output=output)))
        luck = Estimate(1.0 - unknown.value, 1.0 - unknown.high, 1.0 - unknown.low)
        cells = (Figure(unknown, Unit.SHARE), Figure(luck, Unit.SHARE))
        rows.append(Row(output, output_label(output, results), cells))
    columns = {"unknown": "what we do not know", "luck": "luck"}
    note = (
        "Of the variance of single futures. Knowing all inputs exactly would leave the luck; "
        "better plans act on both."
    )
    return Table("split", "Ignorance and luck", "figure", columns, tuple(rows), notes=(note,))


def _inputs_table(found: xr.Dataset, results: xr.Dataset) -> Table:
    values = found["first_order"].fillna(0.0)
    largest = values.max("output").to_numpy()
    order = [n for n in np.argsort(-largest, kind="stable") if largest[n] > _NOTABLE]
    shown = order[:MOST_INPUTS]
    rows = []
    for n in shown:
        one = found.isel(input=int(n))
        cells = tuple(
            Figure(_estimate(one.sel(output=output)), Unit.SHARE)
            for output in found["output"].to_numpy()
        )
        rows.append(Row(str(one["input"].item()), str(one["input"].item()), cells))
    columns = {str(o): output_label(str(o), results) for o in found["output"].to_numpy()}
    left = found.sizes["input"] - len(shown)
    notes = (
        "Share of what we do not know that an input explains alone (first-order index); what is "
        "missing up to 100% is due to inputs together.",
        *([f"{left} more inputs explain less."] if left else []),
    )
    return Table("inputs", "Which assumption matters", "input", columns, tuple(rows), notes=notes)


def _estimate(one: xr.Dataset) -> Estimate:
    return not_negative(float(one["first_order"]), float(one["first_order_error"]))
