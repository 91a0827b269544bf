"""More draws for older results: the same file as if all were simulated at once."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest

import gtmsim
from gtmsim.errors import ResultsError, SimulationError
from gtmsim.results.extension import continued, draws_there
from gtmsim.results.layout import layout
from gtmsim.results.writer import writing
from gtmsim.simulation import api
from gtmsim.simulation.runner import Simulated, Work, run
from tests.simulation.stub import StubTask, provenance, stub_plan, write_results
from tests.simulation.test_simulate import SMALL

PLAN = stub_plan()


def extended(path: Path, older: Path, first: int, draws: int, replications: int) -> Path:
    """Results of the stub, of which the first draws are copied from an older file."""
    origin = provenance(PLAN, draws, replications)
    with (
        h5py.File(older) as file,
        writing(path, layout(PLAN, draws, replications), origin.start, origin.attributes) as writer,
    ):
        writer.copy(file, first)
        work = Work(StubTask(PLAN, 1), range(first, draws), replications, 7)
        run(work, lambda simulated: writer.write(*simulated))
    return path


@pytest.mark.parametrize(
    ("first", "draws", "replications"),
    [(32, 64, 2), (37, 100, 2), (5, 9, 1), (64, 65, 1), (70, 70, 1), (1, 3, 100), (33, 34, 3)],
)
def test_an_extended_file_is_that_of_one_run_to_the_byte(tmp_path, first, draws, replications):
    write_results(tmp_path / "older.nc", PLAN, first, replications)
    write_results(tmp_path / "at_once.nc", PLAN, draws, replications)

    made = extended(tmp_path / "made.nc", tmp_path / "older.nc", first, draws, replications)

    assert made.read_bytes() == (tmp_path / "at_once.nc").read_bytes()


def test_a_file_may_be_extended_again_and_again(tmp_path):
    sizes = [3, 10, 50, 120]
    write_results(tmp_path / "3.nc", PLAN, sizes[0], 2)
    for first, draws in pairwise(sizes):
        extended(tmp_path / f"{draws}.nc", tmp_path / f"{first}.nc", first, draws, 2)
    write_results(tmp_path / "at_once.nc", PLAN, 120, 2)

    assert (tmp_path / "120.nc").read_bytes() == (tmp_path / "at_once.nc").read_bytes()


def test_only_the_new_draws_are_simulated_and_the_older_ones_count_as_done():
    seen: list[range] = []
    done: list[int] = []

    def note(simulated: Simulated) -> None:
        seen.append(simulated.block.draws)

    run(Work(StubTask(PLAN), range(40, 50), 2, 6), note, progress=done.append)

    assert {draw for draws in seen for draw in draws} == set(range(40, 50))
    assert done[0] == 80
    assert done[-1] == 100


def test_draws_that_are_there_count_only_if_the_run_would_make_them(tmp_path):
    own = provenance(PLAN, 20, 2)
    assert draws_there(tmp_path, own) == 0
    write_results(tmp_path / "results.nc", PLAN, 8, 2)
    for draws in (4, 8, 20):
        assert draws_there(tmp_path, replace(own, draws=draws)) == 8
    for other in ({"seed": 9}, {"replications": 1}, {"months": 3}, {"scenario": "x = 1"}):
        assert draws_there(tmp_path, replace(own, **other)) == 0
    (tmp_path / "results.nc").write_bytes(b"no results")
    assert draws_there(tmp_path, own) == 0


# From the outside


@pytest.fixture
def scenario(tmp_path) -> gtmsim.Scenario:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return gtmsim.load_scenario(path)


HOW = {"replications": 2, "seed": 7, "engine": "simpy"}


def test_extended_results_are_those_of_one_run_whatever_engine_made_the_older_ones(
    scenario, tmp_path
):
    at_once = gtmsim.simulate(scenario, draws=9, **HOW, out=tmp_path / "all").load()
    gtmsim.simulate(scenario, draws=4, **HOW | {"engine": "compiled"}, out=tmp_path / "more")
    more = gtmsim.simulate(scenario, draws=9, **HOW, out=tmp_path / "more", extend=True).load()

    assert more.identical(at_once)
    files = [(tmp_path / folder / "results.nc").read_bytes() for folder in ("all", "more")]
    assert files[0] == files[1]


def test_the_older_draws_are_not_simulated_again(scenario, tmp_path, monkeypatch):
    gtmsim.simulate(scenario, draws=4, **HOW, out=tmp_path)
    simulated: list[range] = []
    task = api.BlockTask.__call__

    def noting(self, rectangle, stop):
        simulated.append(rectangle.draws)
        return task(self, rectangle, stop)

    monkeypatch.setattr(api.BlockTask, "__call__", noting)
    gtmsim.simulate(scenario, draws=6, **HOW, out=tmp_path, extend=True)
    gtmsim.simulate(scenario, draws=6, **HOW, out=tmp_path, extend=True)

    assert sorted({draw for draws in simulated for draw in draws}) == [4, 5]


def test_without_older_results_everything_is_simulated(scenario, tmp_path):
    made = gtmsim.simulate(scenario, draws=3, **HOW, out=tmp_path / "new", extend=True)
    assert made.sizes["draw"] == 3


def test_an_older_dataset_that_is_open_keeps_its_numbers(scenario, tmp_path):
    older = gtmsim.simulate(scenario, draws=3, **HOW, out=tmp_path)
    newer = gtmsim.simulate(scenario, draws=5, **HOW, out=tmp_path, extend=True)
    assert older["closing_arr"].shape[0] == 3
    assert np.array_equal(older["closing_arr"], newer["closing_arr"][:3])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 8}, "its seed is 7, this run's is 8"),
        ({"replications": 3}, "its number of replications is 2, this run's is 3"),
        ({"months": 2}, "its number of months is 3, this run's is 2"),
        ({"draws": 2}, "it has 4 draws, more than the 2 asked for"),
        ({"seed": 8, "months": 2}, "its seed is 7, this run's is 8; its number of months is 3"),
    ],
)
def test_results_of_another_run_are_refused_with_what_differs(scenario, tmp_path, change, told):
    gtmsim.simulate(scenario, draws=4, **HOW, out=tmp_path)
    before = (tmp_path / "results.nc").read_bytes()

    with pytest.raises(ResultsError) as caught:
        gtmsim.simulate(scenario, **{"draws": 9, **HOW, **change}, out=tmp_path, extend=True)

    assert f"cannot be extended: {told}" in str(caught.value)
    assert "plan differs" not in str(caught.value)
    assert (tmp_path / "results.nc").read_bytes() == before


def test_results_of_another_plan_are_refused_with_the_values_that_differ(scenario, tmp_path):
    gtmsim.simulate(scenario, draws=2, **HOW, out=tmp_path)
    path = tmp_path / "small.toml"
    other = gtmsim.load_scenario(path, ["company.cash=2M", "channels.search.cost_per_lead=3"])

    with pytest.raises(ResultsError, match=r"plan differs in company\.cash, channels\.search\.cos"):
        gtmsim.simulate(other, draws=4, **HOW, out=tmp_path, extend=True)


def test_results_of_another_version_or_with_other_inputs_are_refused(scenario, tmp_path):
    gtmsim.simulate(scenario, draws=2, **HOW, out=tmp_path)
    with h5py.File(tmp_path / "results.nc", "r+") as file:
        file["inputs"][1, 0] *= 1.0 + 1e-15
    with pytest.raises(ResultsError, match="draws other inputs for the same seed"):
        gtmsim.simulate(scenario, draws=4, **HOW, out=tmp_path, extend=True)

    with h5py.File(tmp_path / "results.nc", "r+") as file:
        file.attrs["gtmsim_version"] = "0.0.9"
    with pytest.raises(ResultsError, match=r"its version of gtmsim is 0\.0\.9, this run's is"):
        gtmsim.simulate(scenario, draws=4, **HOW, out=tmp_path, extend=True)


def test_the_same_tables_in_another_order_are_another_plan(tmp_path):
    write_results(tmp_path / "results.nc", PLAN, 2, 1)
    text = 'scenario.name = "Stub"\n'
    other = replace(provenance(PLAN, 3, 1), scenario=text)

    with (
        pytest.raises(ResultsError, match="its plan has its tables in another order"),
        continued(tmp_path, other),
    ):
        pass


def test_a_file_that_is_no_results_is_told(scenario, tmp_path):
    (tmp_path / "results.nc").write_text("nothing")
    with pytest.raises(ResultsError, match="not a results file of gtmsim"):
        gtmsim.simulate(scenario, draws=4, **HOW, out=tmp_path, extend=True)


def test_extend_without_a_folder_is_refused(scenario):
    with pytest.raises(SimulationError, match="wants the results folder in out"):
        gtmsim.simulate(scenario, draws=4, **HOW, extend=True)
