"""Tripwires on simulated books, and on books into which a bad sign was written."""

import numpy as np
import pytest

import gtmsim
from gtmsim.analysis.tripwires import (
    OBSERVABLES,
    best_of,
    months_seen,
    target_of,
    tripwires,
)
from gtmsim.errors import AnalysisError
from tests.cli.scenarios import tiny

FEW = {"draws": 28, "replications": 2, "engine": "simpy", "workers": 1, "seed": 3}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    scenario = gtmsim.load_scenario(tiny(tmp_path_factory.mktemp("plan")))
    return gtmsim.simulate(scenario, **FEW).load()


@pytest.fixture(scope="module")
def at_risk(results):
    """Results in which half of the draws are bad by the cash of month 6 alone, written in."""
    bad = (results["draw"] % 2).astype(bool)
    cash = results["cash"].copy(data=np.full(results["cash"].shape, 50_000_00))
    cash = cash.where(~bad | (cash["month"] < 6), 10_000_00)
    last = results["month"] == results.sizes["month"]
    insolvent = results["insolvent"].where(~(bad & last), 1)
    for made, name in ((cash, "cash"), (insolvent, "insolvent")):
        made.attrs = results[name].attrs
    order = results["cash"].dims
    return results.assign(cash=cash.transpose(*order), insolvent=insolvent.transpose(*order))


def test_a_sign_that_never_errs_is_found_at_its_month_with_its_threshold(at_risk):
    found = tripwires(at_risk, "survives", by_month=6)
    best = found.isel(candidate=0)
    assert (best["metric"].item(), int(best["month"])) == ("cash", 6)
    assert float(best["threshold"]) == 30_000.0
    assert float(best["caught"].sel(bound="value")) == 1.0
    assert float(best["stopped_good"].sel(bound="value")) == 0.0
    assert float(best["met_if_stopped"].sel(bound="value")) == 0.0
    assert float(found["search_caught"].sel(bound="value")) == 1.0
    assert float(found["bad"].sel(bound="value")) == 0.5


def test_before_the_sign_nothing_is_seen(at_risk):
    found = tripwires(at_risk, "survives", by_month=3, metrics=["cash"])
    assert float(found["auc"].sel(bound="value").isel(candidate=0)) == 0.5


def test_candidates_are_sorted_by_how_well_they_separate(at_risk):
    areas = tripwires(at_risk, "survives", by_month=6)["auc"].sel(bound="value").values
    defined = areas[~np.isnan(areas)]
    assert (np.diff(defined) <= 0.0).all()


def test_futures_that_are_over_by_then_count_nowhere(at_risk):
    dead = at_risk["insolvent"].where(at_risk["draw"] != 1, 1).astype(at_risk["insolvent"].dtype)
    dead = dead.transpose(*at_risk["insolvent"].dims)
    found = tripwires(at_risk.assign(insolvent=dead), "survives", by_month=6, metrics=["cash"])
    best = found.isel(candidate=0)
    assert float(best["ended"]) == pytest.approx(1 / 28)
    assert float(best["defined"]) == 1.0
    for name in ("caught", "met_if_kept"):
        assert float(best[name].sel(bound="value")) == 1.0
    assert float(found["search_caught"].sel(bound="value")) == 1.0


def test_a_future_that_lives_and_shows_nothing_is_one_that_is_not_caught(at_risk):
    """Of 14 bad draws one has no value to be seen, as of a ratio to nothing."""
    blind = at_risk["cash"].where(at_risk["draw"] != 1, np.nan).transpose(*at_risk["cash"].dims)
    blind.attrs = at_risk["cash"].attrs
    found = tripwires(at_risk.assign(cash=blind), "survives", by_month=6, metrics=["cash"])
    best = found.isel(candidate=0)
    assert float(best["caught"].sel(bound="value")) == pytest.approx(13 / 14)
    assert float(found["search_caught"].sel(bound="value")) == pytest.approx(13 / 14)


def test_the_choice_is_judged_as_it_is_made(at_risk):
    """Seen in one bad draw of each part only, the best area is no candidate that can be told."""
    rare = at_risk["cash"].where(at_risk["draw"] % 2 == 0, np.nan)
    one = rare.where(at_risk["draw"] != 1, 0.0).transpose(*at_risk["cash"].dims)
    one.attrs = at_risk["cash"].attrs
    found = tripwires(at_risk.assign(cash=one), "survives", by_month=6, metrics=["cash"])
    assert float(found["auc"].sel(bound="value").isel(candidate=0)) == 1.0
    assert best_of(found) is None
    assert np.isnan(found["search_caught"]).all()


def test_a_window_is_as_long_as_there_are_months(at_risk):
    found = tripwires(at_risk, "survives", by_month=6, metrics=["leads", "cash"], window=12)
    windows = {
        (str(one["metric"].item()), int(one["month"])): int(one["window"])
        for one in (found.isel(candidate=n) for n in range(found.sizes["candidate"]))
    }
    assert windows == {("leads", 3): 3, ("leads", 6): 6, ("cash", 3): 0, ("cash", 6): 0}


def test_another_plan_can_say_which_futures_are_bad(at_risk):
    other = at_risk.assign(insolvent=at_risk["insolvent"] * 0)
    found = tripwires(at_risk, against=other, by_month=6)
    assert found.isel(candidate=0)["metric"].item() == "cash"


def test_what_is_asked_in_vain_is_refused(at_risk, results):
    for words, message in (
        ({"target": "growht"}, "it has growth, survives"),
        ({"target": "survives", "by_month": 14}, "before month 14"),
        ({"target": "survives", "metrics": ["mood"]}, "is not looked at"),
        ({}, "Give a target"),
    ):
        with pytest.raises(AnalysisError, match=message):
            tripwires(at_risk, **words)
    with pytest.raises(AnalysisError, match="every future is good"):
        tripwires(results, "survives")
    assert target_of(results, "growth").by_month == 14


def test_a_company_looks_at_the_end_of_quarters():
    assert months_seen(8) == [3, 6, 8]
    assert months_seen(2) == [2]


def test_every_observable_has_values_of_the_company_and_of_segments(at_risk):
    found = tripwires(at_risk, "survives", by_month=12)
    assert set(found["metric"].values) == {one.name for one in OBSERVABLES}


def test_bad_and_good_futures_and_their_draws_are_counted_where_a_figure_is_seen(at_risk):
    """Of 28 draws x 2, every other draw is bad; one of these ends in month 1."""
    dead = at_risk["insolvent"].where(at_risk["draw"] != 1, 1).astype(at_risk["insolvent"].dtype)
    dead = dead.transpose(*at_risk["insolvent"].dims)
    found = tripwires(at_risk.assign(insolvent=dead), "survives", by_month=6, metrics=["cash"])
    best = found.isel(candidate=0)
    counts = [int(best[name]) for name in ("n_bad", "bad_draws", "n_good", "good_draws")]
    assert counts == [26, 13, 28, 14]
