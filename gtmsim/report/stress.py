"""Build the answer of a stress test: what hurts most, and whether the plan survives it."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from gtmsim.analysis.stressing import AS_IS, CAPITAL, OUT, SURVIVAL, SURVIVES, VALUE
from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Answer, Cell, Figure, Row, Table, Words
from gtmsim.report.numbers import interval, share, written
from gtmsim.statistics.error import Estimate
from gtmsim.words import counted, named_or_counted

NOT_APPLIED = "does not apply"
FAILED = "failed"


def stress_answer(tested: xr.Dataset) -> Answer:
    """Answer what the downsides do to a plan.

    Parameters
    ----------
    tested
        Of ``gtmsim.stress``.
    """
    about = tested.attrs
    currency = str(about["currency"])
    outputs = list(map(str, tested["output"].values))
    return Answer(
        title=str(about["title"]),
        question=f"{about['question']} What if things go worse?".strip(),
        currency=currency,
        headline=tuple(_headline(tested, currency)),
        tables=tuple(
            table
            for table in (
                _survival_table(tested),
                _end_table(tested, "arr"),
                _end_table(tested, "cash"),
                _targets_table(tested, outputs),
                _pack_table(tested),
            )
            if table is not None
        ),
        reading="Ranges in parentheses are 95% Monte Carlo intervals, unknown where the draws are "
        "too few for one.",
        computed={
            "futures": f"{counted(tested.sizes['draw'], 'draw')} x "
            f"{counted(tested.sizes['replication'], 'replication')} of the plan and of each "
            "stress, the same luck in all",
            "seed": f"seed {about['seed']}",
            "engine": f"gtmsim {about['gtmsim_version']}",
        },
        overrides=tuple(about["overrides"]),
    )


# --- sentences -------------------------------------------------------------------------------


def worst(tested: xr.Dataset) -> str | None:
    """Name the stress that hurts most; None where none changes anything.

    That is the one that costs most odds that cash lasts, of those whose odds can be told from
    those of the plan as it is; where there is none, the one that costs most of the expected value
    of a future. That also decides between stresses which cost the same odds.
    """
    change = tested["change"].sel(output=[SURVIVES, VALUE]).fillna(0.0)
    odds, value = change.sel(bound="value").transpose("output", "stress").to_numpy()
    told = change.sel(output=SURVIVES, bound="high").to_numpy() < 0.0
    if told.any():
        first = int(np.lexsort((value, np.where(told, odds, 0.0)))[0])
    else:
        first = int(np.argmin(value))
    loss = odds if told.any() else value
    return str(tested["stress"].values[first]) if loss[first] < 0.0 else None


def _headline(tested: xr.Dataset, currency: str) -> Iterator[str]:
    name = worst(tested)
    if name is None:
        yield "No stress makes this plan worse."
    else:
        yield _hurts_most(tested, name, currency)
    yield _survived(tested)
    if left := _left_out(tested):
        yield left


def _hurts_most(tested: xr.Dataset, name: str, currency: str) -> str:
    title = str(tested["title"].sel(stress=name).item()) + _as_much(tested, name)
    before, after = (_estimate(tested["figure"], one, SURVIVES) for one in (AS_IS, name))
    lost = -_estimate(tested["change"], name, VALUE).value
    worth = (
        f"a future is worth {written(lost, Unit.MONEY, currency)} "
        f"{'less' if lost >= 0 else 'more'} on average"
    )
    if before.value < SURVIVAL:
        return (
            f"The plan does not survive with {share(SURVIVAL)} odds even as it is: cash lasts in "
            f"{_with_interval(before)}. {title} hurts most: cash lasts in {_with_interval(after)}; "
            f"{worth}."
        )
    verdict = "survives it" if after.value >= SURVIVAL else "does not survive it with 90% odds"
    return (
        f"{title} hurts most, and the plan {verdict}: cash lasts in {_with_interval(after)}, as it "
        f"is in {share(before.value)}; {worth}."
    )


def _with_interval(odds: Estimate) -> str:
    between = interval(odds.low, odds.high, Unit.SHARE, "")
    return f"{share(odds.value)} of futures ({between})"


def _as_much(tested: xr.Dataset, name: str) -> str:
    """Name the stresses that may cost as much as the worst, by the ends of their intervals."""
    told = bool((tested["change"].sel(output=SURVIVES, bound="high") < 0.0).any())
    by = tested["change"].sel(output=SURVIVES if told else VALUE)
    least_loss = float(by.sel(stress=name, bound="high"))
    rivals = [
        str(tested["title"].sel(stress=one).item())
        for one in known_stresses(tested)
        if one not in (AS_IS, name) and float(by.sel(stress=one, bound="low")) <= least_loss
    ]
    if not rivals:
        return ""
    return f" (or, within the error, {named_or_counted(rivals, 'others')})"


def _survived(tested: xr.Dataset) -> str:
    known = [name for name in known_stresses(tested) if name != AS_IS]
    if not known:
        return "No stress of the pack could be tried."
    alive = [
        name for name in known if _estimate(tested["figure"], name, SURVIVES).value >= SURVIVAL
    ]
    held = len(alive) if alive else "none"
    return (
        f"Cash lasts in at least {share(SURVIVAL)} of futures under {held} of "
        f"{counted(len(known), 'stress', 'stresses')}."
    )


def known_stresses(tested: xr.Dataset) -> tuple[str, ...]:
    """Stresses that apply and did not fail, the plan as it is first."""
    kept = tested["applies"].values & (tested["failure"].values == "")
    return tuple(map(str, tested["stress"].values[kept]))


def _left_out(tested: xr.Dataset) -> str:
    texts = [
        f"{tested['title'].sel(stress=name).item()} ({tested['reason'].sel(stress=name).item()})"
        for name in tested["stress"].values[~tested["applies"].values]
    ]
    return f"Does not apply: {'; '.join(texts)}." if texts else ""


def _estimate(values: xr.DataArray, stress: str, output: str) -> Estimate:
    return Estimate.of(values.sel(stress=stress, output=output))


# --- tables ----------------------------------------------------------------------------------


def _survival_table(tested: xr.Dataset) -> Table:
    columns = {
        SURVIVES: "cash lasts",
        "change": "change",
        OUT: "1 in 10 out by month",
    }
    notes = (
        "1 in 10 out by month: the month by whose end a tenth of futures has run out of cash. "
        "Change: from the plan as it is, each future paired with its own, in points of percentage.",
    )
    rows = [_row(tested, name, _survival_cells(tested, name)) for name in tested["stress"].values]
    return Table("survival", "Does cash last?", "stress", columns, tuple(rows), notes=notes)


def _survival_cells(tested: xr.Dataset, name: str) -> Iterator[Cell | None]:
    yield Figure(_estimate(tested["figure"], name, SURVIVES), Unit.SHARE)
    yield _change(tested, name, SURVIVES, Unit.POINTS)
    yield Figure(_estimate(tested["figure"], name, OUT), Unit.MONTH)


def _end_table(tested: xr.Dataset, what: str) -> Table:
    """Lay out the median of an amount at the end, and its mean change; of cash what is needed."""
    output = next(str(o) for o in tested["output"].values if str(o).startswith(f"{what}["))
    label = str(tested["label"].sel(output=output).item())
    with_need = what == "cash" and CAPITAL in tested
    columns = {output: "median", "change": "mean change"}
    if with_need:
        columns |= {CAPITAL: f"cash for {SURVIVAL:.0%}"}
    notes = [
        f"Cash for {SURVIVAL:.0%}: opening cash with which {SURVIVAL:.0%} of futures never run "
        "out, were nobody to stop them."
    ]
    rows = [
        _row(tested, str(name), _amounts(tested, str(name), output, with_need))
        for name in tested["stress"].values
    ]
    title = f"{label[:1].upper()}{label[1:]}"
    return Table(what, title, "stress", columns, tuple(rows), notes=tuple(notes * with_need))


def _amounts(
    tested: xr.Dataset, stress: str, output: str, with_need: bool
) -> Iterator[Cell | None]:
    yield Figure(_estimate(tested["figure"], stress, output), Unit.MONEY)
    yield _change(tested, stress, output, Unit.MONEY)
    if with_need:
        yield Figure(Estimate.of(tested[CAPITAL].sel(stress=stress)), Unit.MONEY)


def _targets_table(tested: xr.Dataset, outputs: Sequence[str]) -> Table | None:
    targets = [name for name in outputs if name.startswith("targets.")]
    if not targets:
        return None
    columns = {name: name.removeprefix("targets.").replace("_", " ") for name in targets}
    rows = [
        _row(
            tested,
            stress,
            (Figure(_estimate(tested["figure"], stress, name), Unit.SHARE) for name in targets),
        )
        for stress in tested["stress"].values
    ]
    return Table("targets", "Odds of the targets", "stress", columns, tuple(rows))


def _pack_table(tested: xr.Dataset) -> Table:
    """Say what each stress does, and to which keys."""
    rows = []
    for name in tested["stress"].values[1:]:
        at = tested.sel(stress=name)
        changed = str(at["changed"].item())
        n = len(changed.split(", ")) if changed else 0
        how = counted(n, "key")
        words = (str(at["description"].item()), how if bool(at["applies"]) else NOT_APPLIED)
        rows.append(Row(str(name), str(at["title"].item()), tuple(map(Words, words))))
    columns = {"does": "what it does", "to": "changes"}
    return Table("pack", "The stresses", "stress", columns, tuple(rows), is_detail=True)


def _row(tested: xr.Dataset, name: str, cells: Iterator[Cell | None]) -> Row:
    """Row of a stress; without figures where it does not apply or failed."""
    at = tested.sel(stress=name)
    found = tuple(cells)
    if not bool(at["applies"]) or str(at["failure"].item()):
        word = FAILED if bool(at["applies"]) else NOT_APPLIED
        found = (Words(word), *(None for _ in found[1:]))
    return Row(str(name), str(at["title"].item()), found)


def _change(tested: xr.Dataset, stress: str, output: str, unit: Unit) -> Cell | None:
    if stress == AS_IS:
        return None
    return Figure(_estimate(tested["change"], stress, output), unit)


def failures_of(tested: xr.Dataset) -> list[str]:
    """Stresses whose simulation failed, and why."""
    texts = tested["failure"].values
    return [
        f"  {name}: {why}" for name, why in zip(tested["stress"].values, texts, strict=True) if why
    ]
