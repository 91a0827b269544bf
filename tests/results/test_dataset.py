"""Results that are opened: units, laziness, and files that are not what they should be."""

import gc
import hashlib
import os
import pickle
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from gtmsim.errors import ResultsError
from gtmsim.results import open_results
from gtmsim.results.dataset import convert_units, open_file, open_temporary
from gtmsim.results.layout import VARIABLES
from gtmsim.results.provenance import FORMAT_VERSION
from gtmsim.vocabulary import TICKS_PER_MONTH
from tests.simulation.stub import stub_plan, write_results


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "results.nc"
    write_results(path, stub_plan(), 6, 2)
    return path


def test_amounts_convert_to_currency_time_to_months_and_reps_to_reps(path):
    results = open_file(path)
    names = ["cash", "closing_arr", "team_worked_time", "team_ramped_reps"]
    converted = convert_units(results[names])
    np.testing.assert_array_equal(converted["cash"], results["cash"] / 100)
    np.testing.assert_array_equal(converted["closing_arr"], results["closing_arr"] / 100)
    ticks = results["team_worked_time"]
    np.testing.assert_array_equal(converted["team_worked_time"], ticks / TICKS_PER_MONTH)
    units = {name: converted[name].attrs["units"] for name in names}
    assert list(units.values()) == ["USD", "USD/year", "month", "rep"]
    assert converted["cash"].attrs["long_name"] == results["cash"].attrs["long_name"]
    assert converted.attrs["currency"] == "USD"


def test_converting_twice_is_converting_once(path):
    once = convert_units(open_file(path)[["cash", "leads", "team_worked_time"]])
    xr.testing.assert_identical(convert_units(once), once)


def test_a_single_variable_converts_like_the_dataset(path):
    results = open_file(path)
    xr.testing.assert_identical(
        convert_units(results["cash"]), convert_units(results[["cash"]])["cash"]
    )


def test_counts_and_flags_are_left_as_they_are(path):
    results = open_file(path)[["leads", "insolvent", "company_stage"]]
    xr.testing.assert_identical(convert_units(results), results)


def test_opening_reads_names_and_no_numbers(path):
    results = open_file(path)
    assert results["cash"].values.any()
    lazy = [name for name in results.data_vars if not results[name].variable._in_memory]
    assert lazy == list(results.data_vars)  # cash as well: reading does not fill the memory


def test_the_file_reads_the_same_with_xarrays_own_reader(path):
    by_xarray = xr.open_dataset(path, engine="h5netcdf", decode_timedelta=False)
    xr.testing.assert_identical(open_file(path), by_xarray)


def test_a_part_is_read_however_it_is_selected(path):
    results = open_file(path)
    whole = results["closing_arr"].load()
    part = {"draw": [4, 1, 1], "month": slice(None, None, -2), "segment": -1}
    xr.testing.assert_identical(open_file(path)["closing_arr"].isel(part), whole.isel(part))
    at_once = open_file(path)["closing_arr"].sel(month=slice(3, 5), segment="segment_1")
    xr.testing.assert_identical(at_once, whole.sel(month=slice(3, 5), segment="segment_1"))


def test_a_lazy_dataset_can_be_sent_to_another_process(path):
    sent = pickle.loads(pickle.dumps(open_file(path)))
    xr.testing.assert_identical(sent, open_file(path))


def test_a_part_that_a_user_saved_opens_as_well(path, tmp_path):
    part = open_file(path)[["cash", "closing_arr"]].isel(draw=0, segment=[1]).drop_vars("month")
    part.to_netcdf(tmp_path / "part.nc", engine="h5netcdf")
    xr.testing.assert_identical(open_file(tmp_path / "part.nc"), part)


def test_a_dataset_survives_a_round_trip_through_xarrays_own_file(path, tmp_path):
    results = open_file(path)
    results.to_netcdf(tmp_path / "copy.nc", engine="h5netcdf")
    xr.testing.assert_identical(open_file(tmp_path / "copy.nc"), results)


def test_a_temporary_file_goes_with_the_last_thing_that_reads_from_it(tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    write_results(folder / "results.nc", stub_plan(), 2, 1)
    results = open_temporary(folder / "results.nc")
    part = results["cash"].isel(draw=0)
    del results
    gc.collect()
    assert part.values.size == 14
    assert folder.exists()
    del part
    gc.collect()
    assert not folder.exists()


def test_a_results_folder_and_the_file_in_it_open_alike(path):
    with open_results(path.parent) as by_folder, open_results(str(path)) as by_file:
        xr.testing.assert_identical(by_folder, by_file)


def _message(path: Path) -> str:
    with pytest.raises(ResultsError) as caught:
        open_results(path)
    return str(caught.value)


def test_missing_results_say_how_to_get_some(tmp_path):
    assert "does not exist; simulate first: gtmsim run" in _message(tmp_path)
    assert "does not exist" in _message(tmp_path / "no.nc")


@pytest.mark.parametrize("content", [b"", b"not a results file", b"\x89PNG\r\n\x1a\n" + bytes(500)])
def test_a_file_that_is_not_netcdf_is_told_so(tmp_path, content):
    path = tmp_path / "results.nc"
    path.write_bytes(content)
    assert "not a results file of gtmsim (not NetCDF 4)" in _message(path)


def test_somebody_elses_netcdf_file_is_told_so(tmp_path):
    path = tmp_path / "results.nc"
    xr.Dataset({"x": 1}).to_netcdf(path, engine="h5netcdf")
    assert "is not a results file of gtmsim" in _message(path)


def test_what_a_file_holds_changes_only_with_the_format_version():
    """Otherwise older results would be read, and miss what newer ones hold."""
    held = repr([(v.name, v.dims, str(v.account.unit), str(v.storage.dtype)) for v in VARIABLES])
    digest = hashlib.blake2b(held.encode(), digest_size=4).hexdigest()
    assert (FORMAT_VERSION, digest) == (3, "7424f21e"), (
        "raise FORMAT_VERSION, then pin the new digest"
    )


def test_a_file_of_another_format_version_names_both_versions(path):
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = FORMAT_VERSION + 1
    message = _message(path)
    assert f"format version {FORMAT_VERSION + 1}" in message
    assert f"reads version {FORMAT_VERSION}" in message


def test_a_format_version_that_is_no_number_is_another_one(path):
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = "v2"
    assert "format version 0" in _message(path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_file_that_is_cut_short_is_told_so_wherever_the_cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "is cut short" in _message(path)


def test_a_folder_that_is_read_only_opens(path):
    shutil.copytree(path.parent, path.parent / "copy")
    (path.parent / "copy").chmod(0o500)
    assert open_results(path.parent / "copy").sizes["draw"] == 6


@pytest.mark.parametrize("size", [64, 4096])
def test_damage_anywhere_is_told_or_does_no_harm(path, size):
    """Bytes that are overwritten are found when they are met, and never crash."""
    whole = path.read_bytes()
    told = 0
    for start in range(8, len(whole), len(whole) // 40):
        path.write_bytes(whole[:start] + b"\xa5" * size + whole[start + size :])
        try:
            with open_results(path) as results:
                results.load()
        except ResultsError as error:
            assert str(path) in str(error)  # noqa: PT017  not each place does harm
            told += 1
    assert told >= 10


def test_a_scenario_that_is_damaged_in_the_file_is_told(path):
    with h5py.File(path, "r+") as file:
        file.attrs["scenario"] = "= broken"
    with pytest.raises(ResultsError, match="is damaged in its scenario"):
        open_results(path)


@pytest.fixture
def unreadable(path, entered_by_all):
    path.chmod(0)
    return path


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_file_that_may_not_be_read_is_told_so(unreadable, as_nobody):
    assert f"{unreadable} may not be read: Permission denied" in _message(unreadable)


@pytest.mark.parametrize("wrong", [None, 3, "results"])
def test_what_is_no_results_is_told_by_its_type(wrong):
    with pytest.raises(TypeError, match=f"convert_units wants results.*{type(wrong).__name__}"):
        convert_units(wrong)


def test_what_is_no_path_is_told_by_its_type():
    with pytest.raises(TypeError, match=r"open_results wants the path of a results folder.*int"):
        open_results(3)
