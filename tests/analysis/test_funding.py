"""How much money a plan needs, on paths of cash worked by hand."""

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.funding import funding


def paths(opening: float, *monthly: list[float]) -> xr.Dataset:
    """Results of one replication per path: cash by month, in currency."""
    cash = np.array(monthly)[:, None, :] * 100
    return xr.Dataset(
        {
            "cash": (("draw", "replication", "month"), cash, {"units": "0.01 USD"}),
            "opening_cash": (
                ("draw", "replication"),
                np.full(cash.shape[:2], opening * 100),
                {"units": "0.01 USD"},
            ),
        },
        attrs={"currency": "USD"},
    )


# From 1,000 on: the lowest points lie 300, 100 and -50 (never) below the start, each in 20 futures.
UNLIMITED = paths(
    1_000, *[[900, 700, 800]] * 20, *[[1_000, 950, 900]] * 20, *[[1_010, 1_050, 1_100]] * 20
)


def test_capital_is_the_depth_below_the_start():
    found = funding(UNLIMITED, paths(100, *[[0, 0, 0]] * 60), survivals=(0.5, 0.95))
    assert found["capital"].sel(bound="value").to_numpy().tolist() == [100.0, 300.0]


def test_money_must_come_before_the_month_in_which_a_future_runs_dry():
    found = funding(UNLIMITED, paths(250, *[[0, 0, 0]] * 60), survivals=(0.9, 0.5))
    # With 250 the first third is below zero in month 2; the others never are.
    assert found["safe_month"].sel(bound="value").to_numpy().tolist() == [1.0, np.inf]


def test_the_trough_is_the_month_of_the_lowest_cash():
    found = funding(UNLIMITED, paths(250, *[[0, 0, 0]] * 60))
    assert found["trough_month"].sel(bound="value") == 2.0


def test_a_plan_that_never_goes_below_its_start_needs_nothing():
    rich = paths(1_000, *[[1_010, 1_050, 1_100]] * 30)
    found = funding(rich, rich)
    assert (found["capital"].sel(bound="value") == 0.0).all()
    assert np.isinf(found["safe_month"].sel(bound="value")).all()


@pytest.mark.parametrize("name", ["capital", "safe_month", "trough_month"])
def test_every_figure_says_what_it_is(name):
    found = funding(UNLIMITED, paths(250, *[[0, 0, 0]] * 60))
    assert found[name].attrs["units"]
    assert found[name].attrs["long_name"]
