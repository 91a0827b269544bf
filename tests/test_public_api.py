"""The package's face: complete, lazy and quick to import."""

import subprocess
import sys

import pytest

import gtmsim

HEAVY = ("numpy", "numba", "scipy", "xarray", "h5py", "pydantic", "simpy", "click", "rich")


def _run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_gtmsim_imports_nothing_heavy():
    loaded = _run("import sys, gtmsim; print(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)


def test_importing_gtmsim_takes_less_than_50_milliseconds():
    code = "from time import process_time as t; a = t(); import gtmsim; print(t() - a)"
    assert min(float(_run(code)) for _ in range(3)) < 0.05


@pytest.mark.parametrize("name", gtmsim.__all__)
def test_every_public_name_is_there_and_listed(name):
    assert getattr(gtmsim, name) is not None
    assert name in dir(gtmsim)


def test_a_public_name_is_the_object_of_its_home():
    from gtmsim.results.store import open_results  # noqa: PLC0415

    assert gtmsim.open_results is open_results
    assert issubclass(gtmsim.ResultsError, gtmsim.GtmsimError)


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gtmsim' has no attribute 'simulat'"):
        gtmsim.simulat  # noqa: B018


def test_a_path_for_a_scenario_and_a_scenario_for_a_path_are_told():
    with pytest.raises(TypeError, match=r"explain wants a Scenario, .*; got a str"):
        gtmsim.explain("plan.toml")
    scenario = gtmsim.load_scenario("scenarios/smb_only.toml")
    with pytest.raises(
        TypeError, match=r"sweep wants the path of a scenario's file, .* a Scenario"
    ):
        gtmsim.sweep(scenario, {"company.cash": ["1M", "2M"]})


def test_the_package_says_that_it_is_typed():
    code = "from importlib.resources import files; print((files('gtmsim') / 'py.typed').is_file())"
    assert _run(code) == "True"
