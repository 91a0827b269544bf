"""The page of a stress test says what its futures say."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xarray as xr

import gtmsim
from gtmsim.pages.html import as_html
from gtmsim.pages.page import Page
from gtmsim.pages.stress.build import stress_page
from gtmsim.report.numbers import money, share
from gtmsim.report.stress import stress_answer
from tests.cli.scenarios import TINY
from tests.pages.decisions import table
from tests.pages.runs import HOSTILE


@cache
def the_test() -> xr.Dataset:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tiny.toml"
        file.write_text(TINY, encoding="utf-8")
        return gtmsim.stress(file, draws=8, replications=2).load()


@cache
def page() -> Page:
    return stress_page(the_test(), stress_answer(the_test()), ("gtmsim", "stress", "tiny.toml"))


def applied() -> list[str]:
    return [str(name) for name in the_test()["stress"].values[the_test()["applies"].values]]


def by_title(key: str) -> dict[str, str]:
    return {row[0].main: row[1].main for row in table(page(), key).rows}


def test_odds_are_shares_of_futures():
    found = by_title("survival")
    for name in applied():
        alive = the_test()["sample"].sel(stress=name, output="survives").to_numpy().mean()
        assert found[str(the_test()["title"].sel(stress=name).item())] == share(alive)


def test_losses_are_means_of_paired_differences():
    arr = next(str(o) for o in the_test()["output"].values if str(o).startswith("arr["))
    samples = the_test()["sample"].sel(output=arr)
    found = by_title("losses-arr")
    for name in applied()[1:]:
        change = float((samples.sel(stress=name) - samples.isel(stress=0)).mean())
        text = money(change, "USD")
        title = str(the_test()["title"].sel(stress=name).item())
        assert found[title] == (f"+{text}" if change > 0 else text)


def test_the_answer_comes_first_and_the_command_last():
    assert page().answer == stress_answer(the_test()).headline[0]
    assert [part.key for part in page().sections] == [
        "cash", "losses", "figures", "pack", "reproduction",
    ]  # fmt: skip
    assert "gtmsim stress tiny.toml" in as_html(page())


def test_names_are_escaped_everywhere():
    hostile = the_test().assign_attrs(title=HOSTILE, question=HOSTILE)
    hostile["title"] = ("stress", np.array([HOSTILE] * hostile.sizes["stress"]))
    html = as_html(stress_page(hostile, stress_answer(hostile)))
    assert "<script>alert" not in html[: html.index('id="config"')]
