"""The page of a sweep says what its futures say, whatever the design."""

import re

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.evaluating import Measured
from gtmsim.analysis.fans import FAN
from gtmsim.analysis.gate import Check, Judged, Judgement, Verdict
from gtmsim.analysis.information import UNTOLD
from gtmsim.analysis.swept import keep_points, open_sweep
from gtmsim.charts.picture import Picture
from gtmsim.errors import ResultsError
from gtmsim.expressions import parse_expectation
from gtmsim.pages.html import as_html
from gtmsim.pages.page import Explorer, Page
from gtmsim.pages.pictures import as_svg
from gtmsim.pages.sweep.build import sweep_page
from gtmsim.pages.sweep.effects import effects_of, explained_by
from gtmsim.pages.sweep.reading import read_swept
from gtmsim.report.numbers import money
from gtmsim.report.sweep import swings_of
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate
from tests.pages.decisions import CASH, REPS, page_of_sweep, sweep_of, table, texts
from tests.pages.runs import HOSTILE

DESIGNS = ("grid", "tornado", "lhs:8")


def explorer(page: Page) -> Explorer:
    return next(b for s in page.sections for b in s.blocks if isinstance(b, Explorer))


def arr(design: str) -> np.ndarray:
    """ARR at the end of every future, shape (points, futures)."""
    results = sweep_of(design)
    name = next(str(o) for o in results["output"].values[::-1] if str(o).startswith("arr["))
    return results["sample"].sel(output=name).to_numpy().reshape(results.sizes["point"], -1)


@pytest.mark.parametrize("design", DESIGNS)
def test_every_chart_has_words_units_and_its_numbers(design):
    page = page_of_sweep(design)
    keys = [picture.key for picture in page.pictures]
    assert len(set(keys)) == len(keys) >= 3
    for picture in page.pictures:
        assert re.fullmatch("[a-z0-9-]+", picture.key)
        assert picture.title
        assert picture.subtitle
        assert picture.table.rows
        assert picture.alternative
    assert "gtmsim sweep tiny.toml" in as_html(page)


def test_parts_of_a_grid_are_in_order_and_a_tornado_has_no_curves():
    keys = [part.key for part in page_of_sweep("grid").sections]
    assert keys == ["explorer", "inputs", "responses", "points", "reproduction"]
    assert "responses" not in [part.key for part in page_of_sweep("tornado").sections]


def test_effects_of_a_grid_are_differences_between_averages_over_the_other_input():
    swept = read_swept(sweep_of("grid"))
    means = arr("grid").mean(1)
    by_reps = [means[sweep_of("grid")[REPS].values == n].mean() for n in (1, 2)]
    found = {effect.name: effect for effect in effects_of(swept, swept.main)}
    assert found[REPS].change.value == pytest.approx(by_reps[1] - by_reps[0])
    by_cash = [means[sweep_of("grid")[CASH].values == n * 1e6].mean() for n in (1, 2, 3)]
    assert abs(found[CASH].change.value) == pytest.approx(np.ptp(by_cash))


def test_effects_of_a_tornado_are_its_swings():
    results = sweep_of("tornado")
    swept = read_swept(results)
    swings = swings_of(results, swept.main.number)
    found = effects_of(swept, swept.main)
    assert [e.change for e in found] == [s.swing for s in swings]
    assert page_of_sweep("tornado").answer.startswith(f"{swept.main.heading} ")


def test_effects_of_random_points_are_those_of_a_known_plane():
    results = sweep_of("lhs:8").copy(deep=True)
    cash, reps = (results[name].values for name in (CASH, REPS))
    plane = 2.0 * cash + 3e5 * reps
    results["sample"][:] = plane[:, None, None, None]
    swept = read_swept(results)
    found = {effect.name: effect.change.value for effect in effects_of(swept, swept.main)}
    assert found[CASH] == pytest.approx(2.0 * np.ptp(cash))
    assert found[REPS] == pytest.approx(3e5 * np.ptp(reps))


def test_every_combination_of_the_controls_leads_to_its_point():
    block, results = explorer(page_of_sweep("grid")), sweep_of("grid")
    assert [len(control.options) for control in block.controls] == [3, 2]
    points = [
        f"cash {money(cash, 'USD')}, ae.reps {reps:.0f}"
        for cash in (1e6, 2e6, 3e6)
        for reps in (1, 2)
    ]
    told = [block.choices[n].text for n in block.lookup]
    assert [text.replace("company.", "") for text in told] == points
    ordered = np.sort(arr("grid"), axis=1)
    n = ordered.shape[1]
    for choice, row in zip(block.choices, ordered, strict=True):
        card = next(card for card in choice.cards if card.label.startswith("ARR"))
        assert card.value == money(row[int(np.ceil(0.5 * n)) - 1], "USD")
    assert block.lookup[block.start] == block.start == int(arr("grid").mean(1).argmax())
    assert results.sizes["point"] == len(block.choices)


def test_the_fan_of_a_point_ends_where_its_futures_do():
    found = table(page_of_sweep("grid"), "explorer-arr")
    ordered = np.sort(arr("grid"), axis=1)
    at = [int(np.ceil(q * ordered.shape[1])) - 1 for q in (0.1, 0.5, 0.9)]
    for n, row in enumerate(ordered):
        assert texts(found, n)[1:] == [money(value, "USD") for value in row[at]]


def test_the_table_of_two_inputs_holds_the_means():
    key = f"two-inputs-{read_swept(sweep_of('grid')).main.number}"
    found = table(page_of_sweep("grid"), key)
    cells = {cell.main for row in found.rows for cell in row[1:]}
    assert cells == {money(value, "USD") for value in arr("grid").mean(1)}


def test_a_chosen_fan_is_drawn_as_a_picture_too():
    picture = explorer(page_of_sweep("grid")).pictures[0]
    assert "median" in as_svg(picture)


def test_points_that_failed_are_told_and_cannot_be_looked_at():
    results = sweep_of("grid").copy(deep=True)
    results["sample"][1] = np.nan
    results["failure"] = ("point", np.array(["", "too many customers", "", "", "", ""]))
    page = sweep_page(results)
    assert explorer(page).lookup[1] == -1
    assert "too many customers" in as_html(page)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_page_is_made_of_a_single_future_at_each_point(design):
    one = sweep_of(design).isel(draw=slice(1), replication=slice(1))
    assert "</html>" in as_html(sweep_page(one))


def test_a_sweep_without_any_point_says_so():
    results = sweep_of("grid").copy(deep=True)
    results["sample"][:] = np.nan
    results["failure"] = ("point", np.array(["broken"] * 6))
    assert sweep_page(results).answer == "No point could be simulated."


def test_names_are_escaped_everywhere():
    results = sweep_of("grid").copy(deep=True)
    results = results.assign_attrs(title=HOSTILE, vary=[CASH, REPS])
    results["label"] = ("output", np.array([HOSTILE] * results.sizes["output"]))
    html = as_html(sweep_page(results))
    body = html[: html.index('id="config"')]
    assert "<script>alert" not in body
    assert "<b>" not in body


def test_a_folder_without_a_finished_sweep_is_refused(tmp_path):
    with pytest.raises(ResultsError, match="no finished sweep"):
        open_sweep(tmp_path)


def test_what_points_are_is_kept_beside_the_store(tmp_path):
    keep_points(sweep_of("grid"), tmp_path)
    kept = (tmp_path / "points.json").read_text()
    assert FAN not in kept.replace("fan_months", "")
    assert '"company.cash"' in kept


def test_the_bars_of_a_tornado_have_the_error_of_what_their_ends_change():
    """Both ends of each, paired with the scenario as it is; odds stay between 0 and 1."""
    results = sweep_of("tornado")
    swept = read_swept(results)
    picture = next(p for p in page_of_sweep("tornado").pictures if p.key.startswith("inputs-"))
    samples = results["sample"].isel(output=swept.main.number).to_numpy()
    swings = swings_of(results, swept.main.number)
    base = samples[0].mean()
    for swing in swings:
        row = next(n for n, name in enumerate(results["varied"].values) if name == swing.name)
        known = error.mean(samples[row] - samples[0])
        assert tuple(swing.below) == pytest.approx(tuple(known))
    drawn = [
        record
        for layer in picture.spec["layer"]
        if layer["mark"].get("style") == "error"
        for record in layer["data"]["values"]
    ]
    ends = [
        base + end for swing in swings for part in (swing.below, swing.above) for end in part[1:]
    ]
    shown = [record[name] for record in drawn for name in ("low", "high")]
    assert shown == pytest.approx(ends, rel=1e-5)
    assert len(picture.table.rows) == 2 * len(swings)


def test_random_points_tell_what_each_input_explains():
    """Of a figure that is the first input alone, all of it; there must be points enough."""
    results = sweep_of("lhs:24")
    output = read_swept(results).main.number
    sample = results["sample"].copy()
    cash = results[CASH].to_numpy()
    sample[:, output] = np.broadcast_to(cash[:, None, None], sample.shape[:1] + sample.shape[2:])
    made = results.assign(sample=sample)
    swept = read_swept(made)
    first, second = explained_by(swept, swept.main)
    assert (first.name, second.name) == (CASH, REPS)
    assert first.share.value > 0.98
    assert second.share.low == 0.0
    page = sweep_page(made)
    assert f"{CASH}, which by itself explains" in page.answer
    assert "explains" in next(p for p in page.pictures if p.key.startswith("inputs-")).subtitle
    assert explained_by(read_swept(sweep_of("lhs:8")), swept.main) == []


def test_what_to_measure_is_shown_with_its_interval():
    """Money that is worth knowing, beside what a useless input would seem to be worth."""
    names = ["segments.smb.acv.median", "channels.ads.cost"]
    columns = {
        "evppi": [3e5, 0.0], "evppi_error": [5e4, 0.0], "evppi_null_high": [1e5, 2e4],
        "evppi_largest_high": [2e5, 2e5],
    }  # fmt: skip
    known = {name: ("input", np.array(values)) for name, values in columns.items()}
    results = sweep_of("grid")
    told = results.assign(known | {"evpi": 4e5, "evpi_error": 1e5}).assign_coords(input=names)
    told = told.assign_attrs(information_of="", information_points=6, information_left_out=3)
    page = sweep_page(told)
    picture = next(p for p in page.pictures if p.key == "information")
    title = "Measure smb.acv.median first: knowing it is worth $300k ($202k to $398k)"
    assert picture.title == title
    assert texts(picture.table, 0) == [names[0], "$300k", "$202k", "$398k", "$100k"]
    section = next(part for part in page.sections if part.key == "information")
    assert "If one of 6 points is to be chosen" in section.text[0]
    assert "cash at the end, $0 where cash has run out: assumed" in section.text[0]
    assert section.text[1].startswith("Of 16 futures of each point, 3 futures are left out")
    assert "95% interval $204k-$596k" in str(section.blocks[-1])
    of_many = told.assign(evppi_largest_high=("input", [4e5, 4e5]))
    picture = next(p for p in sweep_page(of_many).pictures if p.key == "information")
    assert picture.title.startswith("No input can be told to be worth more")
    both = told.assign(evppi=("input", [3e5, 2.9e5]), evppi_error=("input", [5e4, 5e4]))
    picture = next(p for p in sweep_page(both).pictures if p.key == "information")
    assert picture.title.startswith("Measure smb.acv.median or ads.cost first: knowing smb")
    whole = sweep_page(told.assign_attrs(information_left_out=0))
    assert len(next(part for part in whole.sections if part.key == "information").text) == 1


def test_verdicts_that_were_asked_for_are_on_the_page():
    check = Check("Grows", "arr[12] >= 1M", parse_expectation("mean(arr[12]) >= 1M"))
    measured = Measured(Estimate(2e6, 1.5e6, 2.5e6), 0.0)
    judged = Judged(check, Verdict.PASS, measured, 0.95, 8, 2)
    page = sweep_page(sweep_of("grid"), (), [Judgement("reps=1", (judged,))])
    assert page.sections[0].key == "verdicts"
    assert page.sections[0].text[0] == "Every expectation that counts is met."
    text = as_html(page)
    assert "Grows" in text
    assert "2M (1.5M to 2.5M) after 8 draws" in text


def random_points(design: str, values: np.ndarray) -> xr.Dataset:
    """A sweep whose main output has one value at each point."""
    results = sweep_of(design)
    sample = results["sample"].copy()
    sample[:, read_swept(results).main.number] = values[:, None, None]
    return results.assign(sample=sample)


def bars_of_inputs(results: xr.Dataset) -> Picture:
    number = read_swept(results).main.number
    return next(p for p in sweep_page(results).pictures if p.key == f"inputs-{number}")


def test_where_points_are_noise_no_input_is_said_to_explain_them():
    noise = np.random.default_rng(1).normal(1e6, 1e5, 24)
    results = random_points("lhs:24", noise)
    swept = read_swept(results)
    assert explained_by(swept, swept.main)[0].share.low == 0.0
    title = bars_of_inputs(results).title
    assert title == f"{swept.main.heading} varies in a way that no input explains by itself"
    answer = sweep_page(results).answer
    assert "in a way that no input explains by itself" in answer
    assert "depends most" not in answer


@pytest.mark.parametrize(("cash_too", "is_told"), [(0.0, False), (1.0, True)])
def test_an_input_that_may_matter_as_much_as_the_first_is_named(cash_too, is_told):
    """Over draws the effects of both inputs vary alike; the one of cash is zero or as large."""
    base = sweep_of("grid").copy(deep=True)
    cash, reps = (base[name].values for name in (CASH, REPS))
    n = base.sizes["draw"]
    effect = 1e5 * (1.0 + 0.3 * np.random.default_rng(3).normal(size=(2, n)))
    values = np.outer(reps, effect[0]) + cash_too * np.outer(cash / 2e6, effect[1])
    base["sample"][:, read_swept(base).main.number] = values[:, :, None]
    answer = sweep_page(base).answer
    assert "depends most on" in answer
    assert ("may matter as much" in answer) == is_told


def test_why_nothing_is_told_of_what_to_measure_is_said():
    html = as_html(sweep_page(sweep_of("grid").assign_attrs({UNTOLD: "8 draws are too few"})))
    assert "Not told: 8 draws are too few." in html


@pytest.mark.parametrize("design", ["lhs:24", "grid"])
def test_points_that_failed_are_not_counted_where_inputs_are_told(design):
    done = random_points(design, np.arange(float(sweep_of(design).sizes["point"])))
    failure = np.array(["", "broken", *[""] * (done.sizes["point"] - 2)])
    results = done.assign(failure=("point", failure))
    results["sample"][1] = np.nan
    subtitle = bars_of_inputs(results).subtitle
    assert f" {done.sizes['point'] - 1} points" in subtitle
    assert f" {done.sizes['point']} points" not in subtitle


@pytest.mark.parametrize("design", DESIGNS)
def test_what_matters_is_reckoned_once_for_each_output(design, monkeypatch):
    seen: list[int] = []
    monkeypatch.setattr(
        "gtmsim.pages.sweep.effects.explained_by",
        lambda swept, column: seen.append(column.number) or explained_by(swept, column),
    )
    sweep_page(sweep_of(design))
    assert len(seen) == len(set(seen)) > 0


def test_a_bar_of_a_tornado_ends_within_its_interval_where_futures_are_undefined():
    """At the low end of cash only the futures with the most are defined: their mean misleads."""
    results = sweep_of("tornado").copy(deep=True)
    number = read_swept(results).main.number
    futures = np.arange(16.0).reshape(8, 2)
    values = np.array([futures + step for step in (0.0, -1.0, 1.0, -2.0, 2.0)])
    values[1, :6] = np.nan
    results["sample"][:, number] = values * 1e5
    swing = next(s for s in swings_of(results, number) if s.name == CASH)
    assert swing.below.value == pytest.approx(-1e5)
    assert swing.at_low.value == pytest.approx((7.5 - 1.0) * 1e5)  # and not 13.5 - 1
    assert swing.at_high.value == error.mean(values[2] * 1e5).value
    picture = bars_of_inputs(results)
    assert next(t for n in range(4) if (t := texts(picture.table, n))[0] == CASH)[2] == "$650k"
    bars = [
        record
        for layer in picture.spec["layer"]
        if layer["mark"].get("style") in ("bar", "faint")
        for record in layer["data"]["values"]
    ]
    assert len(bars) == 4
    assert all(bar["low"] <= bar["end"] <= bar["high"] for bar in bars)


def test_odds_at_an_end_of_a_tornado_stay_odds_where_futures_are_undefined():
    """Of 16 futures 2 end well, and at the low end only these are defined, and end badly."""
    results = sweep_of("tornado").copy(deep=True)
    event = next(c for c in read_swept(results).columns if c.is_event)
    base = np.zeros((8, 2))
    base[7] = 1.0
    values = np.array([base] * 5)
    values[1] = np.where(base > 0.0, 0.0, np.nan)
    results["sample"][:, event.number] = values
    swing = next(s for s in swings_of(results, event.number) if s.name == CASH)
    assert swing.below.value == -1.0
    assert swing.at_low.value == 0.0  # and not 0.125 - 1
