"""Which assumption matters, on results whose outputs are made of known parts."""

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.sensitivity import sensitivity
from gtmsim.errors import AnalysisError
from tests.report.companies import company

DRAWS = 400


def made(parts: tuple[float, ...], luck: float, seed: int = 5) -> xr.Dataset:
    """Cash at the end is a sum of independent normal inputs with these standard deviations."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(DRAWS, len(parts) + 1))
    results = company(draws=DRAWS, replications=4)
    cash = (inputs[:, :-1] * parts).sum(1)[:, None] + luck * rng.normal(size=(DRAWS, 4))
    paths = results["cash"].to_numpy().copy()
    paths[:, :, -1] = (1e6 * cash * 100).astype(np.int64)
    results["cash"] = results["cash"].copy(data=paths)
    names = [f"input_{n}" for n in range(len(parts))] + ["useless"]
    return results.assign(inputs=(("draw", "input"), inputs)).assign_coords(input=names)


def test_the_shares_are_those_of_the_parts():
    found = sensitivity(made((2.0, 1.0), luck=2.0), ["cash[end]"]).sel(output="cash[end]")
    low, high = (float(found["share_unknown"].sel(bound=end)) for end in ("low", "high"))
    assert low < 5.0 / 9.0 < high
    for name, expected in (("input_0", 0.8), ("input_1", 0.2), ("useless", 0.0)):
        one = found.sel(input=name)
        assert (
            abs(float(one["first_order"]) - expected) < 3 * float(one["first_order_error"]) + 0.01
        )


def test_luck_does_not_blur_what_the_inputs_explain():
    quiet, noisy = (sensitivity(made((2.0, 1.0), luck=luck), ["cash[end]"]) for luck in (0.1, 3.0))
    first = [float(one["first_order"].sel(input="input_0")[0]) for one in (quiet, noisy)]
    assert first[0] == pytest.approx(first[1], abs=0.1)


def test_an_input_that_never_varies_is_left_out():
    results = made((1.0,), luck=1.0)
    results["inputs"][:, 1] = 3.0
    assert list(sensitivity(results, ["cash[end]"])["input"].to_numpy()) == ["input_0"]


def test_an_output_that_never_varies_has_no_shares():
    results = made((1.0,), luck=1.0)
    results["insolvent"] = results["insolvent"] * 0
    found = sensitivity(results, ["survives"])
    assert found["first_order"].isnull().all()
    assert found["share_unknown"].isnull().all()


def test_without_uncertain_inputs_there_is_nothing_to_ask():
    results = made((1.0,), luck=1.0)
    with pytest.raises(AnalysisError, match="no input is uncertain"):
        sensitivity(results.assign(inputs=results["inputs"] * 0))


def test_an_undefined_output_is_refused_and_no_index_of_0():
    results = made((1.0,), luck=1.0)
    with pytest.raises(AnalysisError, match="no finite value in"):
        sensitivity(results, ["month_out_of_cash"])


def test_every_figure_says_what_it_is():
    found = sensitivity(made((1.0,), luck=1.0))
    assert all(v.attrs["long_name"] and v.attrs["units"] for v in found.data_vars.values())
