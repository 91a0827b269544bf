"""The page of a comparison says what the results say, and leaves out what is not there."""

import re

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.analysis.funding import funding
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.metrics.odds import target_met
from gtmsim.pages.compare.build import compare_page
from gtmsim.pages.compare.decision import answer_in_one
from gtmsim.pages.compare.differences import difference_fan
from gtmsim.pages.compare.grounds import draws_saved
from gtmsim.pages.compare.reading import read_plans
from gtmsim.pages.compare.sources import bridge_parts, segment_parts
from gtmsim.pages.compare.targets import common_targets
from gtmsim.pages.html import as_html
from gtmsim.pages.knowing import Worth, worth_of_inputs
from gtmsim.pages.samples import samples_of
from gtmsim.report.comparing import ranked
from gtmsim.report.numbers import money, share, written
from gtmsim.report.wording import words
from gtmsim.statistics import error, paired
from gtmsim.statistics.error import Estimate
from tests.cli.scenarios import TINY
from tests.pages.decisions import (
    MONTHS,
    comparison,
    comparison_of,
    comparison_page,
    plans,
    table,
    texts,
    two_plans,
)
from tests.pages.runs import HOSTILE, run_of

RIVAL, FIRST = "add_midmarket", "smb_only"


def amounts(name: str, variable: str) -> np.ndarray:
    """Currency of every future and month, straight from the integers."""
    values = two_plans()[name][variable]
    if "segment" in values.dims:
        values = values.sum("segment")
    return values.transpose("draw", "replication", "month").to_numpy() / 100.0


def worth(name: str) -> np.ndarray:
    alive = two_plans()[name]["insolvent"].isel(month=-1)
    alive = (alive.max("segment") if "segment" in alive.dims else alive).to_numpy() == 0
    ends = 5.0 * amounts(name, "closing_arr")[..., -1] + amounts(name, "cash")[..., -1]
    return np.where(alive, ends, 0.0)


def test_the_first_sentence_is_the_odds_of_the_better_plan():
    values = {name: worth(name) for name in two_plans()}
    best = max(values, key=lambda name: values[name].mean())
    other = next(name for name in values if name != best)
    gain = values[best] - values[other]
    odds = (gain > 0).mean()
    said = comparison_page().answer
    assert best in said
    assert other in said
    assert f"{share(odds)} of futures (" in said
    assert f"by {money(gain.mean(), 'USD')} (" in said


@pytest.mark.parametrize(("key", "variable"), [("closing-arr", "closing_arr"), ("cash", "cash")])
def test_differences_are_quantiles_of_paired_futures(key, variable):
    gains = (amounts(RIVAL, variable) - amounts(FIRST, variable)).reshape(-1, MONTHS)
    ordered = np.sort(gains, axis=0)
    n = len(ordered)
    found = table(comparison_page(), f"difference-{key}-1")
    for month in (0, 11, MONTHS - 1):
        row = texts(found, month)[1:]
        wanted = [ordered[int(np.ceil(q * n)) - 1, month] for q in (0.1, 0.25, 0.5, 0.75, 0.9)]
        assert row == [money(value, "USD") for value in wanted]


@pytest.mark.parametrize("name", ["closing_arr", "cash"])
def test_the_title_of_a_difference_has_the_median_and_the_mean(name):
    gains = (amounts(RIVAL, name) - amounts(FIRST, name))[..., -1]
    middle = np.sort(gains, axis=None)[int(np.ceil(0.5 * gains.size)) - 1]
    title = difference_fan(plans(), RIVAL, name).title
    more = {value: "less" if value < 0 else "more" for value in (middle, gains.mean())}
    assert f"{money(abs(middle), 'USD')} {more[middle]} " in title
    mean = gains.mean()
    assert title.endswith(f", {money(abs(mean), 'USD')} {more[mean]} on average")


def test_a_median_of_no_difference_has_the_mean_beside_it():
    made, answer = comparison_of(tied_plans())
    title = difference_fan(read_plans(made, answer), "later", "cash").title
    assert title == (
        "later ends with as much cash as plan in the median future, $0 more on average"
    )


def test_draws_saved_of_very_different_size_are_on_a_logarithmic_axis():
    found = {"ARR": 15_820.0, "cash": 3.0, "NRR": 0.8}
    picture = draws_saved(plans(), RIVAL, found)
    drawn = picture.chart.to_json()
    assert '"type": "log"' in drawn
    assert "logarithmic" in picture.subtitle
    assert "log" not in draws_saved(plans(), RIVAL, {"ARR": 3.0, "cash": 2.0}).subtitle


def test_odds_by_month_are_of_more_and_tell_ties_beside():
    gains = amounts(RIVAL, "cash") - amounts(FIRST, "cash")
    found = table(comparison_page(), "odds-cash")
    for column, of in ((1, gains > 0), (4, gains == 0)):
        told = [row[column].main for row in found.rows]
        assert told == [share(value) for value in of.mean((0, 1))]


def tied_plans() -> dict[str, xr.Dataset]:
    """Plans of which the second has a tenth less ARR in half of the draws, and ties in the rest."""
    first = two_plans()[FIRST].copy()
    lower = first.copy()
    arr, half = first["closing_arr"], first["draw"] >= first.sizes["draw"] // 2
    lower["closing_arr"] = arr.where(half, arr * 9 // 10).astype(arr.dtype).assign_attrs(arr.attrs)
    return {"plan": first, "later": lower.transpose(*first.dims)}


def test_ties_are_no_wins_in_any_sentence_title_or_key_figure():
    made, answer = comparison_of(tied_plans())
    arr = {n: one["closing_arr"].isel(month=-1).sum("segment") for n, one in made.results.items()}
    dead = made.results["plan"]["insolvent"].isel(month=-1).astype(bool)
    worse = float(((arr["later"] < arr["plan"]) & ~dead).mean())
    assert 0.2 < worse < 0.8, "both happen in many futures"
    page = compare_page(made, answer)
    assert f"worth more than later in {share(worse)} of futures (" in page.answer
    assert f"the same in {share(1.0 - worse)}" in page.answer
    assert page.cards.cards[0].value == share(worse)
    assert f"the same in {share(1.0 - worse)}" in page.cards.cards[0].note
    told = next(line for line in answer.headline if line.startswith("later ends"))
    assert "with more in 0% of futures (0-" in told
    less, same = share(worse), share(1.0 - worse)
    assert f"the same in {same} and less in {less}." in told
    title = next(p.title for p in page.pictures if p.key == "odds-closing-arr")
    assert title == f"More ARR than plan: in 0% of futures at the end, the same in {same}"


def test_lines_of_the_bridge_and_segments_add_up_to_the_difference():
    gain = amounts(RIVAL, "closing_arr")[..., -1] - amounts(FIRST, "closing_arr")[..., -1]
    for parts in (bridge_parts(plans(), RIVAL), segment_parts(plans(), RIVAL)):
        assert sum(part.mean.value for part in parts) == pytest.approx(gain.mean(), rel=1e-9)


def test_channels_add_up_to_what_was_booked():
    booked = [
        float(
            two_plans()[name]["booked_arr_by_channel"].sum(("month", "segment", "channel")).mean()
        )
        for name in (RIVAL, FIRST)
    ]
    last = texts(table(comparison_page(), "sources-channel-1"), -1)
    total = (booked[0] - booked[1]) / 100.0
    assert last[:2] == ["all together", f"{'+' if total > 0 else ''}{money(total, 'USD')}"]


def test_survival_is_the_share_of_solvent_futures():
    found = table(comparison_page(), "survival")
    for name in (FIRST, RIVAL):
        broke = two_plans()[name]["insolvent"]
        broke = broke.max("segment") if "segment" in broke.dims else broke
        alive = 1.0 - (broke.isel(month=-1).to_numpy() > 0).mean()
        assert texts(found, -1)[found.header.index(name)] == share(alive)


def test_targets_that_all_plans_state_have_the_odds_of_each_and_their_paired_difference():
    found = table(comparison_page(), "targets")
    rows = {(row[0].main, row[1].main): [cell.main for cell in row[2:]] for row in found.rows}
    targets = common_targets(plans())
    judged = [name for name, target in targets.items() if target.last_month(MONTHS) <= MONTHS]
    assert {name for name, _ in rows} == {words(name) for name in judged}
    assert rows
    for name in judged:
        met = {
            plan: samples_of(target_met(one, targets[name])) for plan, one in two_plans().items()
        }
        for plan, events in met.items():
            odds = [share(value) for value in error.probability(events)]
            assert rows[words(name), plan][:3] == odds
        change = paired.difference_of_odds(met[FIRST], met[RIVAL])
        assert rows[words(name), RIVAL][3:] == [Counted(Unit.SHARE).signed(v) for v in change]
        assert rows[words(name), FIRST][3:] == ["-", "-", "-"]


def test_parts_that_were_not_asked_for_are_named_with_their_options():
    text = " ".join(comparison_page().sections[0].text)
    assert "--walk objective" in text
    assert "--tripwires" in text


def test_regret_is_that_of_the_analysis():
    compared = comparison()[0].compared
    rows = {row[0].main: row[1].main for row in table(comparison_page(), "regret").rows}
    for name in two_plans():
        value = max(0.0, float(compared["regret"].sel(option=name)))
        assert rows[name] == money(value, "USD")


def test_capital_is_that_of_the_analysis():
    made, _ = comparison()
    funds = {name: funding(one, one) for name, one in made.results.items()}
    page = compare_page(*comparison_of(two_plans(), funds=funds))
    found = table(page, "capital")
    need = float(funds[RIVAL]["capital"].sel(survival=0.9, bound="value"))
    assert texts(found, 2)[:3] == [RIVAL, "90%", money(need, "USD")]
    assert f"Cash that keeps {RIVAL} alive in 90%" in [card.label for card in page.cards.cards]


def test_every_chart_has_words_units_and_its_numbers():
    keys = [picture.key for picture in comparison_page().pictures]
    assert len(set(keys)) == len(keys) >= 9
    for picture in comparison_page().pictures:
        assert re.fullmatch("[a-z0-9-]+", picture.key)
        assert picture.title
        assert picture.subtitle
        assert picture.table.rows
        assert any(letter.isdigit() for letter in picture.alternative)


def test_parts_without_data_are_left_out():
    keys = [part.key for part in comparison_page().sections]
    assert "walk" not in keys
    assert "tripwires" not in keys
    assert "capital" not in [picture.key for picture in comparison_page().pictures]


def test_plans_that_do_not_differ_are_said_to_be_the_same():
    one = two_plans()[FIRST]
    page = compare_page(*comparison_of({"one": one, "other": one.copy()}))
    assert page.answer == "one and other are worth the same in every future."
    assert "changes" not in [part.key for part in page.sections]


def test_three_plans_are_ranked_and_each_is_drawn():
    later = run_of("add_midmarket_later", MONTHS)
    made, answer = comparison_of({**two_plans(), "later": later})
    page = compare_page(made, answer)
    best, second, _ = ranked(made.compared)
    said = answer_in_one(read_plans(made, answer))
    assert best in said
    assert second in said
    keys = [picture.key for picture in page.pictures]
    assert {"difference-cash-1", "difference-cash-2", "sources-bridge-1"} <= {*keys}
    assert "sources-bridge-2" not in keys  # it opens too late to differ in ARR by then
    assert page.details[1].startswith("Than ")


def test_a_walk_adds_up_from_one_plan_to_the_other(tmp_path):
    (tmp_path / "a.toml").write_text(TINY)
    (tmp_path / "b.toml").write_text(
        'extends = "a.toml"\n[teams.ae]\nreps = 3\n[company]\ncash = "3M"\n'
    )
    few = {"draws": 6, "replications": 2}
    walked = gtmsim.walk(tmp_path / "a.toml", tmp_path / "b.toml", draws=4, replications=2)
    results = {
        name: gtmsim.simulate(gtmsim.load_scenario(tmp_path / f"{name}.toml"), **few)
        for name in ("a", "b")
    }
    page = compare_page(*comparison_of(results, walked=walked))
    rows = {row[0].main: row[1].main for row in table(page, "walk").rows}
    effects = walked["effect"].sel(bound="value")
    assert len(rows) == effects.size == 2
    subtitle = next(picture.subtitle for picture in page.pictures if picture.key == "walk")
    assert "mean over 8 futures" in subtitle  # its own, fewer than the comparison's 12
    for name, value in zip(walked["driver"].values, effects.values, strict=True):
        text = written(float(value), Unit.MONEY, "USD")
        assert rows[str(name)] == (f"+{text}" if value > 0 else text)


def test_a_page_is_made_of_as_few_futures_as_a_comparison_takes():
    few = {name: one.isel(draw=slice(2), replication=slice(1)) for name, one in two_plans().items()}
    page = compare_page(*comparison_of(few))
    assert "regret" not in [picture.key for picture in page.pictures]  # one replication
    assert "Not told: 2 draws are too few to tell what knowing an input alone" in as_html(page)


def test_names_are_escaped_everywhere():
    first, rival = two_plans().values()
    html = as_html(compare_page(*comparison_of({HOSTILE: first, f"{HOSTILE} 2": rival})))
    body = html[: html.index('id="config"')]
    assert "<script>alert" not in body
    assert "<b>" not in body


def test_the_difference_of_a_plan_may_be_drawn_alone():
    picture = difference_fan(plans(), RIVAL, "closing_arr")
    assert picture.spec["width"] == "container"
    assert FIRST in picture.title
    assert RIVAL in picture.title


def test_a_plan_has_one_colour_in_every_chart():
    """The second of three plans, alone or beside others."""
    later = run_of("add_midmarket_later", MONTHS)
    page = compare_page(*comparison_of({**two_plans(), "later": later}))
    by_key = {picture.key: picture.spec for picture in page.pictures}
    styles = [layer["mark"].get("style") for layer in by_key["difference-cash-1"]["layer"]]
    assert "median-2" in styles
    odds = by_key["odds-cash"]
    rivals = {record["name"]: record["colour"] for record in odds["data"]["values"]}
    survival = {record["name"]: record["colour"] for record in by_key["survival"]["data"]["values"]}
    assert rivals.items() <= survival.items()
    assert sorted(survival.values()) == ["0", "1", "2"]


def test_of_many_inputs_those_left_out_of_the_chart_are_said_to_be_in_its_table():
    """A group comes first whatever it is worth: inputs that are not drawn may be worth more."""
    group = Worth("group", Estimate(0.0, 0.0, 0.0), 1.0, is_told=False)
    inputs = [Worth(f"a{n}.b", Estimate(9.0 - n, 0.0, 9.0), 1.0, is_told=n == 0) for n in range(9)]
    picture = worth_of_inputs([group, *inputs], Counted(Unit.MONEY, "USD"))
    assert picture.subtitle.endswith("; 2 more in the table")
    assert len(picture.table.rows) == 10
    drawn = str(picture.spec)
    assert "a6" in drawn
    assert "a7" not in drawn
