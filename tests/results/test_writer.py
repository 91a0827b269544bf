"""What goes into a results file comes out of it, labelled."""

import resource
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gtmsim.engines.block import Block
from gtmsim.errors import CapacityError, ResultsError
from gtmsim.results.dataset import open_file
from gtmsim.results.frame import month_end
from gtmsim.results.layout import VARIABLES, layout
from gtmsim.results.scenario_text import scenario_hash
from gtmsim.results.writer import writing
from gtmsim.rules.state import Books
from gtmsim.vocabulary import (
    OPENING_STOCKS,
    ChannelAccount,
    CohortAccount,
    CompanyAccount,
    FunnelAccount,
    LeadCohortAccount,
    MarketAccount,
    SegmentAccount,
    TeamAccount,
)
from tests.simulation.stub import (
    draw_inputs,
    provenance,
    simulate_block,
    stub_plan,
    write_results,
)

PLAN = stub_plan()
DRAWS, REPLICATIONS = 5, 3
ROOT = Path(__file__).parents[2]


def _block(draws: range, replications: range) -> Block:
    stop = np.zeros(1, np.int64)
    return simulate_block(PLAN, (0.0,) * len(draws), 1, draws, replications, stop)


@pytest.fixture(scope="module")
def whole() -> Block:
    return _block(range(DRAWS), range(REPLICATIONS))


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> xr.Dataset:
    path = tmp_path_factory.mktemp("results") / "results.nc"
    write_results(path, PLAN, DRAWS, REPLICATIONS)
    return open_file(path)


def _expected(books: Books, variable: str) -> np.ndarray:
    """Numbers of a variable, by the vocabulary's enumerations alone."""
    if variable.endswith("_time"):  # counted in ticks
        variable = f"{variable.removesuffix('time')}ticks"
    variable = variable.replace("ramped_reps", "ramped_milli_reps")
    variable = variable.replace("service_load", "service_milli_load")
    if variable.endswith("_by_channel"):
        account = variable.removesuffix("_by_channel").upper()
        return books.channel[..., ChannelAccount[account]]
    for prefix, book, columns in (
        ("funnel_", books.funnel, FunnelAccount),
        ("team_", books.team, TeamAccount),
        ("cohort_", books.cohort, CohortAccount),
        ("lead_cohort_", books.lead_cohort, LeadCohortAccount),
        ("accounts_", books.market, MarketAccount),
    ):
        if variable.startswith(prefix):
            return book[..., columns[variable.removeprefix(prefix).upper()]]
    bare = variable.removeprefix("company_").upper()
    if variable.upper() in SegmentAccount.__members__:
        return books.segment[..., SegmentAccount[variable.upper()]]
    if variable == "opening_cash":
        return books.company[:, :, 0, CompanyAccount.OPENING_CASH]
    if bare in CompanyAccount.__members__:
        return books.company[..., CompanyAccount[bare]]
    stock = variable.removeprefix("opening_").upper()
    members = SegmentAccount.__members__
    return books.opening[..., members.get(f"CLOSING_{stock}", members.get(stock))]


def test_every_number_of_the_books_comes_back_unchanged(results, whole):
    for variable in VARIABLES:
        np.testing.assert_array_equal(results[variable.name], _expected(whole.books, variable.name))


def test_each_account_of_each_book_is_stored_once():
    places = [(variable.book, variable.column) for variable in VARIABLES]
    accounts = {
        "segment": SegmentAccount,
        "channel": ChannelAccount,
        "funnel": FunnelAccount,
        "team": TeamAccount,
        "cohort": CohortAccount,
        "lead_cohort": LeadCohortAccount,
        "market": MarketAccount,
        "company": CompanyAccount,
        "opening": OPENING_STOCKS,
    }
    wanted = [(book, column) for book, columns in accounts.items() for column in columns]
    assert sorted(places) == sorted(wanted)


def test_dimensions_carry_the_names_of_the_plan(results):
    assert results["closing_arr"].dims == ("draw", "replication", "month", "segment")
    assert results["spend_by_channel"].dims[2:] == ("month", "segment", "channel")
    assert results["opening_arr"].dims == ("draw", "replication", "segment")
    assert results["opening_cash"].dims == ("draw", "replication")
    assert list(results["segment"].values) == ["segment_0", "segment_1"]
    assert list(results["channel"].values) == ["channel_0", "channel_1", "opening"]
    assert list(results["stage"].values) == ["pre_pmf", "early_growth", "scaling", "mature"]
    assert list(results["cohort"].values) == [0, 1, 2]
    assert results["accounts_busy"].dims[2:] == ("month", "tier")
    assert list(results["tier"].values) == ["all"]
    assert list(results["month"].values) == list(range(1, 15))


def test_funnel_stages_know_their_segment_and_their_name_in_the_motion(results):
    assert list(results["funnel_stage"].values)[:2] == ["segment_0.demo", "segment_0.won"]
    of_first = results["funnel_entered"].where(results["funnel_segment"] == "segment_0", drop=True)
    assert list(of_first["motion_stage"].values) == ["demo", "won"]
    assert list(results["closing_team"].values) == ["team_0", "team_0"]
    assert results["closing_team"].dims == ("segment",)


def test_months_are_dated_by_their_last_day(results):
    dates = results["date"].values.astype("datetime64[D]").astype(str)
    assert list(dates[:3]) == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert "date" in results["cash"].coords


@pytest.mark.parametrize(
    ("start", "month", "end"),
    [
        (date(2026, 1, 1), 1, date(2026, 1, 31)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2027, 1, 1), 14, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2026, 4, 15), 1, date(2026, 5, 14)),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2026, 1, 31), 2, date(2026, 3, 30)),
    ],
)
def test_a_month_ends_the_day_before_the_next_begins(start, month, end):
    assert month_end(start, month) == end


def test_every_variable_states_units_and_a_long_name(results):
    for name in results.variables:
        assert results[name].attrs.get("long_name"), name
    for name, variable in results.data_vars.items():
        assert variable.attrs.get("units"), name


def test_whole_numbers_stay_whole_and_state_their_fraction(results):
    assert results["cash"].dtype == np.int64
    assert results["cash"].attrs["units"] == "0.01 USD"
    assert results["closing_arr"].attrs["units"] == "0.01 USD/year"
    assert results["leads"].dtype == np.int32
    assert results["insolvent"].dtype == np.int8


def test_inputs_come_back_by_draw_and_path(results):
    np.testing.assert_array_equal(results["inputs"], draw_inputs(PLAN, 1, range(DRAWS)))
    assert list(results["input"].values) == ["inputs.0", "inputs.1", "inputs.2"]


def test_attributes_say_how_to_make_the_same_numbers_again(results):
    wanted = {"seed": 1, "draws": DRAWS, "replications": REPLICATIONS, "engine": "stub"}
    assert {key: results.attrs[key] for key in wanted} == wanted
    assert results.attrs["scenario"].startswith("[scenario]")
    assert len(results.attrs["scenario_hash"]) == 64
    assert "numba" in results.attrs["libraries"]


def test_a_scenario_text_of_a_megabyte_and_the_largest_seed_fit_the_attributes(tmp_path):
    path = tmp_path / "results.nc"
    text = 'name = "é"\n' * 100_000
    origin = provenance(PLAN, 1, 1, seed=2**64 - 1).attributes
    given = {**origin, "scenario": text, "scenario_hash": scenario_hash(text)}
    with writing(path, layout(PLAN, 1, 1), date(2026, 1, 1), given):
        pass
    attributes = open_file(path).attrs
    assert attributes["scenario"] == text
    assert attributes["seed"] == 2**64 - 1


def test_blocks_may_come_in_any_order_and_of_any_shape(tmp_path, whole):
    path = tmp_path / "results.nc"
    parts = [(4, 5, 0, 3), (0, 1, 2, 3), (1, 4, 1, 3), (0, 1, 0, 2), (1, 4, 0, 1)]
    origin = provenance(PLAN, DRAWS, REPLICATIONS)
    sizes = layout(PLAN, DRAWS, REPLICATIONS)
    with writing(path, sizes, origin.start, origin.attributes) as writer:
        for first, last, low, high in parts:
            draws = range(first, last)
            writer.write(_block(draws, range(low, high)), draw_inputs(PLAN, 1, draws))
    results = open_file(path)
    np.testing.assert_array_equal(results["cash"], _expected(whole.books, "cash"))
    np.testing.assert_array_equal(results["leads"], _expected(whole.books, "leads"))


@pytest.mark.parametrize("sizes", [{"teams": 0}, {"inputs": 0}, {"months": 1, "channels": 0}])
def test_a_company_that_lacks_something_has_empty_dimensions(tmp_path, sizes):
    path = tmp_path / "results.nc"
    write_results(path, stub_plan(**sizes), 2, 2)
    results = open_file(path)
    results.load()
    assert results.sizes["team"] == sizes.get("teams", 1)
    assert results.sizes["input"] == sizes.get("inputs", 3)


def test_a_count_that_does_not_fit_its_type_is_refused_by_name(tmp_path, whole):
    books = whole.books._replace(segment=whole.books.segment.copy())
    books.segment[2, 1, 3, 0, SegmentAccount.LEADS] = 2**31
    origin = provenance(PLAN, DRAWS, REPLICATIONS)
    sizes = layout(PLAN, DRAWS, REPLICATIONS)
    block = Block(whole.draws, whole.replications, books)
    path = tmp_path / "results.nc"
    with (
        writing(path, sizes, origin.start, origin.attributes) as writer,
        pytest.raises(CapacityError, match=r"leads reaches 2,147,483,648"),
    ):
        writer.write(block, draw_inputs(PLAN, 1, range(DRAWS)))


def test_cells_do_not_hold_more_than_their_share_of_memory():
    large = stub_plan(months=600, segments=12, channels=30, teams=12)
    cell = layout(large, 1024, 2)
    draws, replications = cell.cell
    assert draws * replications * cell.bytes_per_replication < 20e6


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from gtmsim.errors import ResultsError
    from tests.simulation.stub import stub_plan, write_results

    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    try:
        write_results(Path(sys.argv[1]), stub_plan(months=48), 3000, 2)
    except ResultsError as error:
        print(error)
        sys.exit(3)
"""


def test_a_disk_that_fills_up_during_the_simulation_gives_one_message(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(FULL_DISK))
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "results.nc")],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "could not be written" in done.stdout
    assert "Earlier results are as they were" in done.stdout
    assert "Traceback" not in done.stderr
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_file_that_cannot_be_created_gives_one_message(tmp_path):
    origin = provenance(PLAN, 1, 1)
    sizes = layout(PLAN, 1, 1)
    with (
        pytest.raises(ResultsError, match="could not be written"),
        writing(tmp_path / "no" / "x.nc", sizes, origin.start, origin.attributes),
    ):
        pass
