"""Tripwires: what a company sees early that tells bad futures from good ones, and from where on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from gtmsim.analysis.evaluating import STANDARD, objective_of
from gtmsim.analysis.measuring import needed_by
from gtmsim.analysis.pairing import aligned
from gtmsim.analysis.stating import objective_in
from gtmsim.analysis.units import Unit, unit_of
from gtmsim.errors import AnalysisError
from gtmsim.metrics import acquisition, odds, profit, revenue, sales
from gtmsim.metrics.labels import QUARTER, company, trailing
from gtmsim.results.dataset import convert_units
from gtmsim.scenario.models import Target
from gtmsim.statistics import error, separation
from gtmsim.statistics.error import LEVEL, UNDEFINED, Estimate, Sample

WINDOW = 6
"""Months that flows and ratios are of, or as many as there are."""
LATEST = 24
"""Month up to which tripwires are looked for, unless asked otherwise."""
ENOUGH = 10
"""Draws with a bad future, and with a good one, from which on it can be told what separates."""
CHANCE = 0.5
"""Area of what does not separate."""
SURVIVES = "survives"
"""Names the target that cash lasts, which every plan has."""

Measured = Callable[[xr.Dataset, int], xr.DataArray]


@dataclass(frozen=True)
class Observable:
    """Something that a company reads off its books at a month's end.

    Attributes
    ----------
    name
        Of the account or metric.
    measure
        Takes results up to the month, by segment or of the company, and months of the window;
        the last month of what it gives counts.
    worse_high
        Whether more of it is worse.
    of_company
        Whether it is of the company alone.
    has_window
        Whether it is of the window, and not of the month's end.
    """

    name: str
    measure: Measured
    worse_high: bool = False
    of_company: bool = False
    has_window: bool = True


def _stock(name: str, results: xr.Dataset, _: int) -> xr.DataArray:
    return results[name]


def _flow(name: str, results: xr.Dataset, months: int) -> xr.DataArray:
    return trailing(results[name], months).assign_attrs(results[name].attrs)


def _read(name: str, worse_high: bool = False, of_company: bool = False) -> Observable:
    return Observable(name, partial(_stock, name), worse_high, of_company, has_window=False)


def _added(name: str, worse_high: bool = False) -> Observable:
    return Observable(name, partial(_flow, name), worse_high)


OBSERVABLES: tuple[Observable, ...] = (
    _read("closing_arr"),
    _read("closing_customers"),
    _read("open_pipeline_arr"),
    _read("cash", of_company=True),
    _added("leads"),
    _added("opportunities"),
    _added("new_logos"),
    _added("booked_arr"),
    _added("expansion_arr"),
    _added("churned_arr", worse_high=True),
    Observable("win_rate", sales.win_rate),
    Observable("lead_to_customer", sales.lead_to_customer),
    Observable("sales_cycle", sales.sales_cycle, worse_high=True),
    Observable("arr_growth", revenue.arr_growth),
    Observable("revenue_churn", revenue.revenue_churn, worse_high=True),
    Observable("cac", acquisition.cac, worse_high=True),
    Observable("cac_payback", acquisition.cac_payback, worse_high=True),
    Observable("net_burn", profit.net_burn, worse_high=True, of_company=True),
)
"""What is looked at: read monthly by any company, of the company and by segment."""


class Candidate(NamedTuple):
    """An observable of a segment at a month, and its value in every future."""

    observable: Observable
    segment: str
    """Empty for the company."""
    month: int
    window: int
    unit: Unit
    values: Sample
    """NaN where undefined, or the company had run out of cash by then; shape (draws, reps)."""
    alive: separation.Flags
    """Whether it had not; same shape."""

    @property
    def ended(self) -> float:
        """Share of futures that had ended by then."""
        return float(1.0 - self.alive.mean())

    @property
    def score(self) -> Sample:
        """Values, turned so that lower is worse."""
        return -self.values if self.observable.worse_high else self.values

    def living(self, bad: Sample) -> Sample:
        """Which futures are bad, NaN where they had ended: nobody can stop them any more."""
        return np.where(self.alive, bad, np.nan)


def tripwires(  # noqa: PLR0913  one keyword per option of `gtmsim tripwires`
    results: xr.Dataset,
    target: str | Target = "",
    *,
    against: xr.Dataset | None = None,
    by_month: int | None = None,
    window: int = WINDOW,
    metrics: Sequence[str] = (),
    false_alarms: float | None = None,
    level: float = LEVEL,
) -> xr.Dataset:
    """Find what separates bad futures from good ones early, and from which threshold on.

    Parameters
    ----------
    results
        Results of a plan.
    target
        A future is bad if it misses this target: one that the plan's scenario states, by name,
        ``"survives"``, or a `Target`.
    against
        Or: results of another plan on the same luck; a future is bad if that plan is worth more in
        it, by the objective that the two state.
    by_month
        Last month at which something is seen; by default half of the way to the target's month (or
        the end), at most `LATEST`.
    window
        Months that flows and ratios are of.
    metrics
        Names of `OBSERVABLES`; by default all.
    false_alarms
        Largest share of good futures that may be stopped; by default the threshold is that of
        Youden's index.
    level
        Confidence level of each interval.

    Returns
    -------
    Dataset
        By ``candidate``, the best first: ``auc``, the probability that a bad future shows a worse
        value than a good one; ``threshold``; ``caught`` and ``stopped_good``, shares of bad and of
        good futures that the rule stops; ``met_if_stopped`` and ``met_if_kept``, odds of a good
        future; all but the threshold with ``bound`` value, low and high, and judged on draws that
        did not choose the threshold. ``defined``: share of the living futures with a value;
        ``ended``: share that had run out of cash, which count nowhere. Coordinates ``metric``,
        ``segment`` (empty: company), ``month``, ``window``, ``worse`` (high or low) and ``unit``.
        ``search_auc``, ``search_caught``, ``search_stopped_good`` (bound): the same of choosing
        the best candidate itself as `best_of` does, on draws that did not choose it. ``bad``: share
        of bad futures. That stopping pays is not said by any of them.

    Raises
    ------
    AnalysisError
        If there is no such target or metric, or no future is bad, or none good.
    ResultsError
        If the two plans do not belong together.
    """
    chosen, bad = _bad_of(results, target, against)
    if against is not None:
        results = aligned({"plan": results, "other": against})[0]
    last = _last_month(results, chosen, by_month)
    _check(bad, metrics)
    ranked = _ranked(_candidates(results, last, window, metrics), bad, level)
    wires = [
        separation.tripwire(one.score, one.living(bad), false_alarms, level) for one, _ in ranked
    ]
    made = _labelled([one for one, _ in ranked], [area for _, area in ranked], wires)
    made = made.assign(_counts([one for one, _ in ranked], bad))
    search = _search([one for one, _ in ranked], bad, false_alarms, level)
    whole = {**search, "bad": error.probability(bad, level)}
    told = {name: ("bound", list(estimate)) for name, estimate in whole.items()}
    about = {
        **{name: results.attrs[name] for name in ("title", "currency", "seed", "gtmsim_version")},
        "target": target if isinstance(target, str) else "target",
        "by_month": last,
        "false_alarms": "" if false_alarms is None else false_alarms,
        "draws": results.sizes["draw"],
        "replications": results.sizes["replication"],
    }
    return made.assign(told).assign_attrs(about)


def _ranked(
    candidates: Iterator[Candidate], bad: Sample, level: float
) -> list[tuple[Candidate, Estimate]]:
    """Candidates with their areas, the best first."""
    found = [(one, separation.auc(one.score, bad, level)) for one in candidates]
    return sorted(found, key=lambda one: -np.nan_to_num(one[1].value, nan=-1.0))


# --- bad futures -----------------------------------------------------------------------------


def _bad_of(
    results: xr.Dataset, target: str | Target, against: xr.Dataset | None
) -> tuple[Target | None, Sample]:
    """Return the target, and 1 for every bad future; shape (draws, replications)."""
    if (against is None) == (not target):
        raise AnalysisError("Give a target, or results of another plan to compare with")
    if against is not None:
        return None, _worse_than(results, against)
    if target == SURVIVES:
        return None, 1.0 - _array(profit.survives(results))
    found = target if isinstance(target, Target) else target_of(results, str(target))
    return found, 1.0 - _array(odds.target_met(results, found))


def _worse_than(results: xr.Dataset, against: xr.Dataset) -> Sample:
    mine, other = aligned({"plan": results, "other": against})
    objective = objective_in({"plan": mine, "other": other}) or STANDARD
    return np.asarray(objective_of(mine, objective) < objective_of(other, objective), np.float64)


def target_of(results: xr.Dataset, name: str) -> Target:
    """Target that the scenario of results states.

    Raises
    ------
    AnalysisError
        If it states none of that name, with those that it has.
    """
    import tomllib  # noqa: PLC0415

    targets = tomllib.loads(str(results.attrs.get("scenario", ""))).get("targets", {})
    if name not in targets:
        known = ", ".join([*targets, SURVIVES])
        raise AnalysisError(f"the plan has no target {name}; it has {known}")
    return Target.model_validate(targets[name], strict=False)


def _last_month(results: xr.Dataset, target: Target | None, by_month: int | None) -> int:
    months = results.sizes["month"]
    goal = months if target is None else target.last_month(months)
    if by_month is None:
        return max(1, min(goal // 2, LATEST))
    if not 1 <= by_month < goal:
        raise AnalysisError(
            f"by_month must lie in [1, {goal - 1}], before month {goal} of the target; "
            f"got {by_month}"
        )
    return by_month


def _check(bad: Sample, metrics: Sequence[str]) -> None:
    known = [one.name for one in OBSERVABLES]
    for name in metrics:
        if name not in known:
            raise AnalysisError(f"{name} is not looked at; known are {', '.join(known)}")
    judged = bad[~np.isnan(bad)]
    if not judged.size:
        raise AnalysisError("the target is judged in no future")
    if judged.min() == judged.max():
        which = "bad" if judged.min() > 0.0 else "good"
        raise AnalysisError(f"every future is {which}: nothing can be told apart")


# --- what is seen ----------------------------------------------------------------------------


def _candidates(
    results: xr.Dataset, last: int, window: int, metrics: Sequence[str]
) -> Iterator[Candidate]:
    for month in months_seen(last):
        until = results.isel(month=slice(month))
        alive = _array(until["insolvent"].isel(month=-1, drop=True)) == 0.0
        for one in OBSERVABLES:
            if not metrics or one.name in metrics:
                yield from _of_month(one, until, month, min(window, month), alive)


def months_seen(last: int) -> list[int]:
    """Months at which a company looks: the end of every quarter, and the last month asked for."""
    return sorted({*range(QUARTER, last + 1, QUARTER), last})


def _of_month(
    one: Observable, until: xr.Dataset, month: int, window: int, alive: np.ndarray
) -> Iterator[Candidate]:
    """Read an observable of the company, and of each segment where there are several."""
    needed = needed_by(lambda results: one.measure(results, window), until).load()
    segments = [str(name) for name in until["segment"].values]
    parts = {"": one.measure(company(needed), window)}
    if not one.of_company and len(segments) > 1:
        by_segment = one.measure(needed, window)
        parts |= {name: by_segment.sel(segment=name, drop=True) for name in segments}
    for segment, values in parts.items():
        seen = convert_units(values.isel(month=-1, drop=True))
        unit = unit_of(one.name, str(seen.attrs.get("units", "1")))
        numbers = np.where(alive, _array(seen), np.nan)
        yield Candidate(one, segment, month, window, unit, numbers, alive)


def _array(values: xr.DataArray) -> Sample:
    return np.asarray(values.transpose("draw", "replication"), np.float64)


# --- what is found ---------------------------------------------------------------------------


def _labelled(
    ranked: Sequence[Candidate], areas: Sequence[Estimate], wires: Sequence[separation.Tripwire]
) -> xr.Dataset:
    signs = [-1.0 if one.observable.worse_high else 1.0 for one in ranked]
    estimates = {
        "auc": areas,
        "caught": [wire.caught for wire in wires],
        "stopped_good": [wire.stopped_good for wire in wires],
        "met_if_stopped": [_turned(wire.bad_if_stopped) for wire in wires],
        "met_if_kept": [_turned(wire.bad_if_kept) for wire in wires],
    }
    data: dict[str, Any] = {
        name: (("candidate", "bound"), np.array(values)) for name, values in estimates.items()
    }
    thresholds = [sign * wire.threshold for sign, wire in zip(signs, wires, strict=True)]
    living = [1.0 - one.ended for one in ranked]
    defined = [
        (1.0 - np.isnan(one.values).mean()) / alive if alive > 0.0 else 0.0
        for one, alive in zip(ranked, living, strict=True)
    ]
    worse = ["high" if one.observable.worse_high else "low" for one in ranked]
    return xr.Dataset(
        {
            **data,
            "threshold": ("candidate", thresholds),
            "defined": ("candidate", defined),
            "ended": ("candidate", [one.ended for one in ranked]),
        },
        {
            "metric": ("candidate", [one.observable.name for one in ranked]),
            "segment": ("candidate", [one.segment for one in ranked]),
            "month": ("candidate", [one.month for one in ranked]),
            "window": ("candidate", [one.window * one.observable.has_window for one in ranked]),
            "worse": ("candidate", worse),
            "unit": ("candidate", [one.unit.value for one in ranked]),
            "bound": list(Estimate._fields),
        },
    )


def _counts(ranked: Sequence[Candidate], bad: Sample) -> dict[str, tuple[str, list[int]]]:
    """Count bad and good futures in which each is seen, and the draws that have one.

    Replications of a draw share its inputs; of a single draw each counts by itself.
    """
    counts: dict[str, tuple[str, list[int]]] = {}
    for name, wanted in (("bad", 1.0), ("good", 0.0)):
        seen = [~np.isnan(one.values) & (bad == wanted) for one in ranked]
        counts[f"n_{name}"] = "candidate", [int(one.sum()) for one in seen]
        counts[f"{name}_draws"] = "candidate", [_n_draws(one) for one in seen]
    return counts


def _n_draws(seen: separation.Flags) -> int:
    return int(seen.any(axis=1 if len(seen) > 1 else 0).sum())


def _turned(odds_of: Estimate) -> Estimate:
    return Estimate(1.0 - odds_of.value, 1.0 - odds_of.high, 1.0 - odds_of.low)


def _search(
    ranked: Sequence[Candidate], bad: Sample, false_alarms: float | None, level: float
) -> dict[str, Estimate]:
    """Judge the choice of the best candidate with its threshold, on draws that did not make it.

    Where no candidate can be told to separate by the other draws, nothing is decided on a part.
    """
    stopped, won, counted = (np.full(bad.shape, np.nan) for _ in range(3))
    for held in separation.held_out(len(bad)):
        best = _best_by(ranked, bad, ~held, level)
        if best is not None:
            cut = separation.threshold(best.score[~held], bad[~held], false_alarms)
            counted[held] = best.living(bad)[held]
            stopped[held] = separation.stops(best.score[held], cut)
            won[held] = separation.placements(best.score[held], bad[held])
    caught, wrong, *_ = separation.judged(stopped, counted, level)
    areas = error.probability(won, level) if np.isfinite(won).any() else UNDEFINED
    return {"search_auc": areas, "search_caught": caught, "search_stopped_good": wrong}


def _best_by(
    ranked: Sequence[Candidate], bad: Sample, draws: separation.Flags, level: float
) -> Candidate | None:
    """Choose the best candidate by some draws, as `best_of` does by all; None without one."""
    told = []
    for one in ranked:
        score, events = one.score[draws], bad[draws]
        area = separation.auc(score, events, level)
        seen = [_n_draws(~np.isnan(score) & (events == wanted)) for wanted in (1.0, 0.0)]
        if is_told(area.low, *seen):
            told.append((area.value, one))
    return max(told, key=lambda one: one[0])[1] if told else None


# --- what can be told ------------------------------------------------------------------------


def is_enough(bad_draws: ArrayLike, good_draws: ArrayLike) -> separation.Flags:
    """Whether bad and good futures are seen in draws enough to tell whether something separates."""
    return np.asarray(np.minimum(bad_draws, good_draws) >= ENOUGH)


def is_told(auc_low: ArrayLike, bad_draws: ArrayLike, good_draws: ArrayLike) -> separation.Flags:
    """Whether something can be told to separate.

    Parameters
    ----------
    auc_low
        Lower end of the interval of the area.
    bad_draws, good_draws
        Draws with a bad, and with a good, future in which it is seen.
    """
    separates: separation.Flags = np.asarray(auc_low) > CHANCE
    return separates & is_enough(bad_draws, good_draws)


def best_of(found: xr.Dataset) -> int | None:
    """Return the number of the first candidate that can be told to separate; None without one.

    Parameters
    ----------
    found
        Of `tripwires`.
    """
    low = found["auc"].sel(bound="low").values
    told = np.flatnonzero(is_told(low, found["bad_draws"].values, found["good_draws"].values))
    return int(told[0]) if told.size else None
