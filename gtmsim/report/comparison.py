"""Build the answer of a comparison: which plan, by how much, and what would change that."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit, unit_of_difference, unit_of_quantity
from gtmsim.expressions import parse_quantity
from gtmsim.expressions.tree import END, Measure
from gtmsim.report.answer import Answer, Figure, Range, Row, Table
from gtmsim.report.comparing import Comparison, worth_text
from gtmsim.report.figures import certain, is_worth_knowing, not_negative
from gtmsim.report.numbers import interval, money, share, written
from gtmsim.report.shares import futures_text
from gtmsim.report.walk import walk_sentence, walk_table
from gtmsim.report.wording import month_text, untold_text, words
from gtmsim.results.differences import Change
from gtmsim.statistics.error import Estimate
from gtmsim.words import counted, enumeration

MOST_INPUTS = 8
MOST_CHANGES = 12


def comparison_answer(made: Comparison) -> Answer:
    """Answer which of several plans to choose."""
    compared, walked = made.compared, made.walked
    names = [str(name) for name in compared["option"].to_numpy()]
    base = next(iter(made.results.values()))
    currency = str(base.attrs["currency"])
    tables = [
        *([walk_table(walked, *names[:2])] if walked is not None else []),
        *(_difference_table(compared, names[0], rival, base) for rival in names[1:]),
        *(_detail_table(compared, names[0], rival, base) for rival in names[1:]),
        _decision_table(compared, names, worth_text(made, currency)),
        _information_table(compared),
        _funding_table(made.funds),
        *(_changes_table(names[0], rival, changes) for rival, changes in made.changed.items()),
    ]
    draws, replications = int(compared.attrs["draws"]), int(compared.attrs["replications"])
    return Answer(
        title=f"{names[0]} against {enumeration(names[1:])}",
        question=f"What does each plan bring more than {names[0]}, on the same luck?",
        currency=currency,
        headline=(
            *_headline(compared, names, base, currency),
            *([walk_sentence(walked, *names[:2])] if walked is not None else []),
        ),
        tables=tuple(table for table in tables if table is not None),
        reading=_reading(len(names) > 2),  # noqa: PLR2004  (more rivals than one)
        computed={
            "futures": f"{counted(draws, 'draw')} x {counted(replications, 'replication')} of each "
            "plan, the same luck in all",
            "seed": f"seed {compared.attrs['seed']}",
            "engine": f"gtmsim {compared.attrs['gtmsim_version']}",
        },
    )


def _reading(several: bool) -> str:
    together = (
        " Those of differences, above and in the tables, hold for all plans together."
        if several
        else ""
    )
    return (
        "Ranges in parentheses are 95% Monte Carlo intervals, unknown where the draws are too few "
        f"for one.{together}"
    )


# --- sentences -------------------------------------------------------------------------------


def _headline(
    compared: xr.Dataset, names: Sequence[str], base: xr.Dataset, currency: str
) -> Iterator[str]:
    expected = compared["expected"].sel(bound="value").to_numpy()
    best = names[int(np.argmax(expected))]
    worth = written(float(expected.max()), Unit.MONEY, currency)
    if (expected == expected.max()).all():
        yield f"{enumeration(names)} are worth the same: {worth} expected."
    else:
        yield _best(compared, best, worth)
    for rival in names[1:]:
        for output in ("arr[end]", f"arr[{base.sizes['month']}]"):
            if output in compared["output"]:
                yield _brings(compared, names[0], rival, output, base, currency)
        if "survives" in compared["output"]:
            yield _survival(compared, names[0], rival)
    yield from _perfect(compared, currency)


def _best(compared: xr.Dataset, best: str, worth: str) -> str:
    odds = _estimate(compared["best_in_draw"], option=best)
    sure = (
        f", and best on average over luck in {share(odds.value)} "
        f"({interval(odds.low, odds.high, Unit.SHARE, '')}) of draws of the inputs"
    )
    return f"{best} is worth most: {worth} expected{sure if np.isfinite(odds.value) else ''}."


def _brings(
    compared: xr.Dataset, first: str, rival: str, output: str, base: xr.Dataset, currency: str
) -> str:
    change = _estimate(_differences(compared), rival=rival, output=output)
    month = month_text(base, base.sizes["month"])
    if _is_tie(compared, rival, output):
        return f"{rival} ends {month} with the ARR of {first} in every future."
    shares = (
        _estimate(compared[name], rival=rival, output=output) for name in ("more", "same", "less")
    )
    in_futures = f"with more {futures_text(*shares)}"
    if not _is_either(change):
        low, high = sorted((abs(change.low), abs(change.high)))
        return (
            f"{rival} ends {month} with {money(abs(change.value), currency)} "
            f"{'more' if change.value > 0 else 'less'} ARR than {first} on average "
            f"({interval(low, high, Unit.MONEY, currency)}); {in_futures}."
        )
    known = interval(change.low, change.high, Unit.MONEY, currency)
    return (
        f"{rival} ends {month} with an ARR that differs from that of {first} by "
        f"{money(change.value, currency)} on average ({known}: it may be either); {in_futures}."
    )


def _differences(compared: xr.Dataset) -> xr.DataArray:
    """Mean differences; of several plans with intervals that hold for all together."""
    return compared["joint_difference" if compared.sizes["rival"] > 1 else "difference"]


def _is_either(change: Estimate) -> bool:
    """Whether a difference may be to either side."""
    return not change.low * change.high > 0.0


def _is_tie(compared: xr.Dataset, rival: str, output: str) -> bool:
    """Whether two plans do not differ in any future: only then nothing is between the ends."""
    one = compared.sel(rival=rival, output=output)
    is_known = np.isfinite(float(one["difference"].sel(bound="value")))
    return is_known and int(one["different"]) == 0


def _survival(compared: xr.Dataset, first: str, rival: str) -> str:
    if _is_tie(compared, rival, "survives"):
        if float(compared["mean"].sel(option=first, output="survives")) == 1.0:
            return f"Neither {rival} nor {first} runs out of cash in any future."
        return f"{rival} runs out of cash in the futures in which {first} does."
    change = _estimate(_differences(compared), rival=rival, output="survives")
    if _is_either(change):
        known = interval(change.low, change.high, Unit.POINTS, "")
        return (
            f"Whether {rival} or {first} runs out of cash more often cannot be told: their odds of "
            f"survival differ by {written(change.value, Unit.POINTS, '')} ({known})."
        )
    low, high = sorted((abs(change.low), abs(change.high)))
    return (
        f"{rival} runs out of cash {'less' if change.value > 0 else 'more'} often than {first}: by "
        f"{written(abs(change.value), Unit.POINTS, '')} ({interval(low, high, Unit.POINTS, '')})."
    )


def _perfect(compared: xr.Dataset, currency: str) -> Iterator[str]:
    evpi, error = float(compared["evpi"]), float(compared["evpi_error"])
    if not np.isfinite(evpi):
        return
    value, low, high = not_negative(evpi, error)
    between = interval(low, high, Unit.MONEY, currency)
    text = (
        "Knowing all uncertain inputs before choosing would be worth "
        f"{written(value, Unit.MONEY, currency)} (95% interval {between})"
    )
    useful = compared["evppi"][is_worth_knowing(compared)]
    if useful.size:
        top = useful.isel(input=int(np.argmax(useful.to_numpy())))
        text += f"; of single inputs, {top['input'].item()} is worth knowing most"
    yield f"{text}."


# --- tables ----------------------------------------------------------------------------------


def _estimate(values: xr.DataArray, **where: str) -> Estimate:
    return Estimate(*(float(values.sel(where | {"bound": bound})) for bound in Estimate._fields))


def output_unit(output: str, results: xr.Dataset) -> Unit:
    """Tell what a number of each future counts."""
    return unit_of_quantity(parse_quantity(output), results) or Unit.COUNT


def output_label(output: str, results: xr.Dataset) -> str:
    """Write a plain measure in words, anything else as it is."""
    quantity = parse_quantity(output)
    if not isinstance(quantity, Measure) or quantity.stage is not None:
        return output
    name = {"cash_min": "lowest cash"}.get(quantity.name, words(quantity.name))
    if quantity.name == "arr":
        name = "ARR"
    of = f" of {quantity.segment.text}" if quantity.segment else ""
    if quantity.months is None:
        return f"{name}{of}"
    month = quantity.months.first
    return f"{name}{of}, month {results.sizes['month'] if month == END else month}"


def _difference_table(compared: xr.Dataset, first: str, rival: str, base: xr.Dataset) -> Table:
    several = compared.sizes["rival"] > 1
    rows = []
    for output in map(str, compared["output"].to_numpy()):
        unit = unit_of_difference(output_unit(output, base))
        at = {"rival": rival, "output": output}
        rows.append(
            Row(
                output,
                output_label(output, base),
                (
                    Figure(_estimate(_differences(compared), **at), unit),
                    Range(_estimate(compared["p5"], **at), _estimate(compared["p95"], **at), unit),
                    Figure(_estimate(compared["better"], **at), Unit.SHARE),
                ),
            )
        )
    columns = {"difference": "mean difference", "range": "p5 to p95", "better": "better"}
    ties = [
        output_label(output, base)
        for output in map(str, compared["output"].to_numpy())
        if _is_tie(compared, rival, output)
    ]
    notes = [*_ties_note(ties, len(rows))]
    reduction = compared["variance_reduction"].sel(rival=rival, bound="value").to_numpy()
    finite = reduction[np.isfinite(reduction)]
    notes += [
        "Difference: this plan less the other in the same future; 90 in 100 futures lie between p5 "
        "and p95. Better: share of futures, ties counting half. Ranges are 95% Monte Carlo "
        f"intervals{', which hold for all plans together' if several else ''}.",
    ]
    if finite.size:
        notes.append(
            f"The same luck saves draws: {float(np.median(finite)):,.1f} times as many would be "
            "needed without it, at the median of these figures."
        )
    return Table(
        f"difference_{rival}",
        f"{rival} less {first}",
        "figure",
        columns,
        tuple(rows),
        notes=tuple(notes),
        whole=True,
    )


def _ties_note(ties: Sequence[str], n: int) -> Iterator[str]:
    """Tell ties, which the odds of being better count half."""
    if len(ties) == n:
        yield "No figure differs in any future: the odds of 50% are those of ties."
    elif ties:
        yield f"No difference in any future: {'; '.join(ties)}."


def _detail_table(compared: xr.Dataset, first: str, rival: str, base: xr.Dataset) -> Table:
    rows = []
    for output in map(str, compared["output"].to_numpy()):
        at = {"rival": rival, "output": output}
        rows.append(
            Row(
                output,
                output_label(output, base),
                (
                    Figure(
                        _estimate(compared["p50"], **at),
                        unit_of_difference(output_unit(output, base)),
                    ),
                    Figure(_estimate(compared["better_draw"], **at), Unit.SHARE),
                    Figure(_estimate(compared["variance_reduction"], **at), Unit.MULTIPLE),
                ),
            )
        )
    columns = {
        "p50": "median difference",
        "better_draw": "better on average",
        "variance_reduction": "draws saved",
    }
    note = (
        "Better on average: probability, over what is uncertain, that the plan's mean over luck is "
        "better. Draws saved: times the draws that independent runs would need."
    )
    return Table(
        f"detail_{rival}", f"{rival} less {first}, more", "figure", columns, tuple(rows),
        notes=(note,), is_detail=True, whole=True,
    )  # fmt: skip


def _decision_table(compared: xr.Dataset, names: Sequence[str], worth: str) -> Table:
    rows = tuple(
        Row(
            name,
            name,
            (
                Figure(_estimate(compared["expected"], option=name), Unit.MONEY),
                Figure(_with_error(compared, "regret", name), Unit.MONEY),
                Figure(_estimate(compared["best_in_draw"], option=name), Unit.SHARE),
                Figure(_estimate(compared["best_in_future"], option=name), Unit.SHARE),
            ),
        )
        for name in names
    )
    columns = {
        "expected": "expected value",
        "regret": "expected regret",
        "best_in_draw": "best on average",
        "best_in_future": "best in a future",
    }
    regret = (
        "Regret: what the best plan for each draw of the inputs brings more, on average over luck."
    )
    return Table(
        "decision", "Which plan", "plan", columns, rows,
        notes=(worth, regret, *_dominance_notes(compared, names)), whole=True,
    )  # fmt: skip


def _with_error(compared: xr.Dataset, name: str, option: str) -> Estimate:
    error = float(compared[f"{name}_error"].sel(option=option))
    return not_negative(float(compared[name].sel(option=option)), error)


def _dominance_notes(compared: xr.Dataset, names: Sequence[str]) -> Iterator[str]:
    for one in names:
        for other in names:
            if one == other:
                continue
            first, second = (
                str(compared[f"dominance_{order}"].sel(option=one, other=other).item())
                for order in (1, 2)
            )
            if first == "dominates":
                yield f"{one} dominates {other}: whoever prefers more value takes it."
            elif second == "dominates":
                yield f"{one} dominates {other} for whoever dislikes risk (second order)."


def _information_table(compared: xr.Dataset) -> Table | None:
    title = "What to measure first"
    if why := untold_text(compared):
        return Table("information", title, "", {}, (), notes=(why,))
    if not compared.sizes["input"]:
        return None
    values = compared["evppi"].to_numpy()
    order = [n for n in np.argsort(-values, kind="stable") if values[n] > 0.0][:MOST_INPUTS]
    groups = range(compared.sizes["group"])
    rows = (
        *(_information_row(compared.isel(group=n), "group", "group_evppi") for n in groups),
        *(_information_row(compared.isel(input=int(n)), "input", "evppi") for n in order),
    )
    left = compared.sizes["input"] - len(order)
    notes = (
        "What it would be worth to know the input exactly before choosing, and what 95% of inputs "
        "without any bearing would seem to be worth: measure first what is far above that.",
        *_left_out(left, bool(order)),
    )
    columns = {"evppi": "worth knowing", "null_high": "if useless"}
    return Table("information", title, "input", columns, rows, notes=notes, whole=True)


def _information_row(one: xr.Dataset, dim: str, name: str) -> Row:
    """Row of an input or a group of inputs."""
    worth = not_negative(float(one[name]), float(one[f"{name}_error"]))
    useless = float(one[f"{name}_null_high"])
    label = str(one[dim].item())
    key = label if dim == "input" else f"group {label}"
    return Row(
        key, key, (Figure(worth, Unit.MONEY), Range(certain(0.0), certain(useless), Unit.MONEY))
    )


def _left_out(n: int, some: bool) -> Iterator[str]:
    """Say what the inputs that are not shown are worth."""
    if n and not some:
        yield "None of the inputs is worth knowing by itself: the choice stays the same."
    elif n:
        others = "Another input is" if n == 1 else f"{n} more inputs are"
        yield f"{others} worth no more than the last one here."


def _funding_table(funds: Mapping[str, xr.Dataset]) -> Table | None:
    if not funds:
        return None
    rows = []
    for name, found in funds.items():
        cells = []
        for survival in found["survival"].to_numpy():
            at = found.sel(survival=survival)
            cells.append(Figure(Estimate.of(at["capital"]), Unit.MONEY))
        for survival in found["survival"].to_numpy():
            at = found.sel(survival=survival)
            cells.append(Figure(Estimate.of(at["safe_month"]), Unit.MONTH))
        cells.append(Figure(Estimate.of(found["trough_month"]), Unit.MONTH))
        rows.append(Row(name, name, tuple(cells)))
    survivals = [share(float(s)) for s in next(iter(funds.values()))["survival"].to_numpy()]
    columns = {
        **{f"capital_{s}": f"cash for {s}" for s in survivals},
        **{f"safe_month_{s}": f"safe to {s}" for s in survivals},
        "trough_month": "lowest in month",
    }
    note = (
        "Cash for 90%: opening cash with which 90% of futures never run out, beside the plan's own "
        "rounds. Safe to 90%: last month by whose end new money must have come to keep 90% alive; "
        "never where they live without. "
        "The paths are those of a company that nobody stops; its low-cash policy does not act."
    )
    return Table(
        "funding", "Money that the plan needs", "plan", columns, tuple(rows),
        notes=(note,), whole=True,
    )  # fmt: skip


def _changes_table(first: str, rival: str, changes: Sequence[Change]) -> Table | None:
    if not changes:
        return None
    shown = [f"{c.path}: {c.before} -> {c.after}" for c in changes[:MOST_CHANGES]]
    left = len(changes) - len(shown)
    notes = (*shown, *([f"and {left} more; all in --format json."] if left else []))
    return Table(f"changes_{rival}", f"What {rival} changes in {first}", "", {}, (), notes=notes)
