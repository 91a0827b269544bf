"""Build the answer to which assumption matters."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit, unit_of_difference
from gtmsim.report.answer import Answer, Figure, Range, Row, Table
from gtmsim.report.comparison import output_label, output_unit
from gtmsim.report.figures import certain, in_shares, is_told, not_negative, symmetric
from gtmsim.report.numbers import interval, share, written
from gtmsim.report.wording import short_names
from gtmsim.statistics.error import Estimate
from gtmsim.words import counted

MOST_INPUTS = 12
_NOTABLE = 0.01
_READING = "Ranges in parentheses are 95% intervals."
_ALONE = (
    "Share of what we do not know that an input explains alone (first-order index); what is "
    "missing up to 100% is due to inputs together."
)
_TOTAL = (
    "Share that would be left if all other inputs were known (total index): alone, and together "
    "with others. Inputs that act together count for each of them, so that shares may add up to "
    "more than 100%."
)
_EFFECTS = (
    "Mean size: how much the figure changes as the input goes from its p10 to its p90. Luck alone: "
    "what that would seem to be if the input changed nothing. Uneven by: standard deviation of the "
    "change over the values of all inputs; 0 where it is the same everywhere."
)


def sensitivity_answer(found: xr.Dataset, results: xr.Dataset) -> Answer:
    """Answer which assumption matters.

    Parameters
    ----------
    found
        Of ``gtmsim.analysis.sensitivity.sensitivity``.
    results
        What it was found in; of a design, blank results of the scenario, for labels and units.
    """
    about = {**results.attrs, **found.attrs}
    is_screening = "mu_star" in found
    headline = _changes(found, results) if is_screening else _headline(found, results)
    tables = _screening_tables(found, results) if is_screening else _share_tables(found, results)
    return Answer(
        title=f"What matters in {about['title']}",
        question="Which assumption does the plan hang on?"
        if is_screening
        else "How much of what happens is luck, and which assumption does the rest hang on?",
        currency=str(about["currency"]),
        headline=tuple(headline),
        tables=tuple(tables),
        reading=f"{_EFFECTS} {_READING}" if is_screening else _READING,
        computed={"futures": _futures(found), "seed": f"seed {about['seed']}"},
        overrides=tuple(map(str, found.attrs.get("overrides", ()))),
    )


def _futures(found: xr.Dataset) -> str:
    replications = int(found.attrs["replications"])
    each = counted(replications, "replication")
    if "design" not in found.attrs:
        return f"{counted(int(found.attrs['draws']), 'draw')} x {each}"
    n_inputs, points = found.sizes["input"], int(found.attrs["points"])
    return (
        f"{points:,} points ({found.attrs['design']}, {counted(n_inputs, 'input')}) x "
        f"{each} = {points * replications:,} futures"
    )


def _outputs(found: xr.Dataset) -> list[str]:
    return [str(output) for output in found["output"].to_numpy()]


def _inputs(found: xr.Dataset) -> list[str]:
    return [str(name) for name in found["input"].to_numpy()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- shares of what is not known -------------------------------------------------------------


def _headline(found: xr.Dataset, results: xr.Dataset) -> Iterator[str]:
    for output in _outputs(found):
        one = found.sel(output=output)
        unknown = in_shares(Estimate.of(one["share_unknown"]))
        label = _capital(output_label(output, results))
        if np.isnan(unknown.value):
            yield f"{label}: the same in every future."
            continue
        known = interval(unknown.low, unknown.high, Unit.SHARE, "")
        yield (
            f"{label}: {share(unknown.value)} ({known}) of the variance between futures is what we "
            f"do not know{_top(one, unknown)}. The rest is luck."
        )


def _top(one: xr.Dataset, unknown: Estimate) -> str:
    """Name the input that has the largest part, if the futures show that it has one."""
    which = "total" if "total" in one else "first_order"
    values, errors = (one[name].to_numpy() for name in (which, f"{which}_error"))
    told = is_told(values, errors)
    if unknown.low <= 0.0 or not told.any():
        return ", too little to tell by which input"
    top = int(np.argmax(np.where(told, values, -np.inf)))
    name, part = _inputs(one)[top], share(min(1.0, float(values[top])))
    if which == "first_order":
        return f"; {part} of that is due to {name}"
    alone = float(one["first_order"][top])
    # What an input does alone is a part of its total: where the figures say otherwise, it is luck.
    if not 0.0 <= alone <= float(values[top]):
        return f"; about {part} of that is due to {name}, alone and with what it does beside others"
    return (
        f"; {share(alone)} of that is due to {name} alone, {part} with what it does beside others"
    )


def _share_tables(found: xr.Dataset, results: xr.Dataset) -> Iterator[Table]:
    yield _split_table(found, results)
    which = "total" if "total" in found else "first_order"
    largest = found[which].fillna(0.0).max("output").to_numpy()
    order = [int(n) for n in np.argsort(-largest, kind="stable") if largest[n] > _NOTABLE]
    if not order:
        return
    if "total" in found:
        yield _inputs_table(found, results, "total", "Alone and with others", order, _TOTAL)
        yield _inputs_table(found, results, "first_order", "Alone", order, _ALONE)
    else:
        title = "Which assumption matters"
        yield _inputs_table(found, results, "first_order", title, order, _ALONE)


def _split_table(found: xr.Dataset, results: xr.Dataset) -> Table:
    rows = []
    for output in _outputs(found):
        unknown = in_shares(Estimate.of(found["share_unknown"].sel(output=output)))
        luck = Estimate(1.0 - unknown.value, 1.0 - unknown.high, 1.0 - unknown.low)
        cells = (Figure(unknown, Unit.SHARE), Figure(luck, Unit.SHARE))
        rows.append(Row(output, output_label(output, results), cells))
    columns = {"unknown": "what we do not know", "luck": "luck"}
    note = (
        "Of the variance of single futures. Knowing all inputs exactly would leave the luck; "
        "better plans act on both."
    )
    return Table("split", "Ignorance and luck", "figure", columns, tuple(rows), notes=(note,))


def _inputs_table(
    found: xr.Dataset, results: xr.Dataset, which: str, title: str, order: Sequence[int], note: str
) -> Table:
    outputs, names = _outputs(found), _inputs(found)
    labels = short_names(names)
    shown = order[:MOST_INPUTS]
    rows = tuple(
        Row(
            names[n],
            labels[n],
            tuple(
                Figure(in_shares(_index(found.sel(output=output).isel(input=n), which)), Unit.SHARE)
                for output in outputs
            ),
        )
        for n in shown
    )
    left = len(names) - len(shown)
    more = "1 more input explains" if left == 1 else f"{left} more inputs explain"
    notes = (note, *([f"{more} less."] if left else []))
    columns = {output: output_label(output, results) for output in outputs}
    key = "totals" if which == "total" else "inputs"
    return Table(key, title, "input", columns, rows, notes=notes)


def _index(one: xr.Dataset, which: str) -> Estimate:
    return not_negative(float(one[which]), float(one[f"{which}_error"]))


# --- changes by moving one input at a time ---------------------------------------------------


def _changes(found: xr.Dataset, results: xr.Dataset) -> Iterator[str]:
    currency = str(results.attrs["currency"])
    for output in _outputs(found):
        one = found.sel(output=output)
        label = _capital(output_label(output, results))
        sizes, errors = one["mu_star"].to_numpy(), one["mu_star_error"].to_numpy()
        if not sizes.any():
            yield f"{label}: no input changes it."
            continue
        told = is_told(sizes - one["luck_floor"].to_numpy(), errors)
        if not told.any():
            yield f"{label}: no input's effect can be told from luck."
            continue
        top = int(np.argmax(np.where(told, sizes, -np.inf)))
        unit = unit_of_difference(output_unit(output, results))
        ends = _index(one.isel(input=top), "mu_star")
        known = interval(ends.low, ends.high, unit, currency)
        yield (
            f"{label}: {_inputs(one)[top]} {_rank(sizes, errors, top)}; from its p10 to its p90 it "
            f"moves this by {written(ends.value, unit, currency)} ({known}) on average."
        )


def _rank(sizes: np.ndarray, errors: np.ndarray, top: int) -> str:
    """Say whether an input is shown to matter more than every other."""
    others = np.delete(np.arange(len(sizes)), top)
    if not len(others):
        return "matters"
    apart = np.hypot(errors[top], errors[others])
    is_most = is_told(sizes[top] - sizes[others], apart).all()
    return "matters most" if is_most else "is among those that matter"


def _screening_tables(found: xr.Dataset, results: xr.Dataset) -> Iterator[Table]:
    moved = [output for output in _outputs(found) if found["mu_star"].sel(output=output).any()]
    for output in moved:
        yield _screening_table(found.sel(output=output), output, results)
    for output in moved:
        yield _sign_table(found.sel(output=output), output, results)


def _screening_table(one: xr.Dataset, output: str, results: xr.Dataset) -> Table:
    unit = unit_of_difference(output_unit(output, results))
    rows = tuple(
        Row(
            name,
            label,
            (
                Figure(_index(input_, "mu_star"), unit),
                Range(certain(0.0), certain(float(input_["luck_floor"])), unit),
                Figure(_index(input_, "sigma"), unit),
            ),
        )
        for name, label, input_ in _by_size(one)
    )
    columns = {"mu_star": "mean size", "luck_floor": "luck alone", "sigma": "uneven by"}
    title = f"{_capital(output_label(output, results))}: change from p10 to p90"
    left = one.sizes["input"] - len(rows)
    notes = (f"{_more(left)} it less, or not at all.",) if left else ()
    return Table(f"screening.{output}", title, "input", columns, rows, notes=notes)


def _sign_table(one: xr.Dataset, output: str, results: xr.Dataset) -> Table:
    unit = unit_of_difference(output_unit(output, results))
    rows = tuple(
        Row(name, label, (Figure(symmetric(float(i["mu"]), float(i["mu_error"])), unit),))
        for name, label, i in _by_size(one)
    )
    title = f"{_capital(output_label(output, results))}: change from p10 to p90, with its sign"
    return Table(
        f"mean_change.{output}", title, "input", {"mu": "mean change"}, rows, is_detail=True
    )


def _by_size(one: xr.Dataset) -> Iterator[tuple[str, str, xr.Dataset]]:
    """Names and figures of the inputs that change an output most."""
    names = _inputs(one)
    labels = short_names(names)
    sizes = one["mu_star"].to_numpy()
    for n in np.argsort(-sizes, kind="stable")[:MOST_INPUTS]:
        if sizes[n] > 0.0:
            yield names[n], labels[n], one.isel(input=int(n))


def _more(left: int) -> str:
    return "1 more input changes" if left == 1 else f"{left} more inputs change"
