"""The page of a run says what the metrics say, and leaves out what is not there."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest

from gtmsim import load_scenario
from gtmsim.analysis.units import Unit
from gtmsim.charts.picture import Picture
from gtmsim.metrics import odds, profit, revenue
from gtmsim.metrics.labels import company
from gtmsim.pages.build import run_page
from gtmsim.pages.page import Badges, Code, Folded, Page, Section
from gtmsim.pages.reading import Origin, read
from gtmsim.pages.sections.economics import verdict_odds
from gtmsim.report.answer import Figure
from gtmsim.report.numbers import money, share, written
from gtmsim.report.text import Grid
from gtmsim.report.wording import words
from gtmsim.results.dataset import convert_units
from gtmsim.scenario import load_document
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate
from tests.cli.scenarios import TINY
from tests.pages.runs import SCENARIOS, page_from, page_of, run_of

KEYS = ("growth", "cash", "targets", "economics", "retention", "funnel", "teams", "channels",
        "certainty", "assumptions", "reproduction")  # fmt: skip


def picture(page: Page, key: str) -> Picture:
    return next(picture for picture in page.pictures if picture.key == key)


def table(page: Page, key: str) -> Grid:
    """Numbers under a chart."""
    return picture(page, key).table


def column(grid: Grid, name: str) -> list[str]:
    n = grid.header.index(name)
    return [row[n].main for row in grid.rows]


def section(page: Page, key: str) -> Section:
    return next(part for part in page.sections if part.key == key)


@pytest.fixture(scope="module")
def page() -> Page:
    return page_of("add_midmarket")


@pytest.fixture(scope="module")
def results():
    return run_of("add_midmarket")


def test_every_part_is_there_in_order(page):
    assert [part.key for part in page.sections] == [*KEYS]


def test_every_chart_has_words_units_and_its_numbers(page):
    keys = [picture.key for picture in page.pictures]
    assert len(set(keys)) == len(keys) >= 12
    for picture in page.pictures:
        assert re.fullmatch("[a-z0-9-]+", picture.key)
        assert picture.title
        assert picture.subtitle
        assert re.search(r"\d", picture.alternative)
        assert picture.alternative.endswith(".")
        assert picture.table.rows
        assert {len(row) for row in picture.table.rows} == {len(picture.table.header)}


def test_ranges_are_named_with_the_number_of_futures(page):
    for key in ("arr", "cash"):
        picture = next(p for p in page.pictures if p.key == key)
        assert "p10-p90 and p25-p75 of 48 futures" in picture.subtitle


@pytest.mark.parametrize(("key", "name"), [("arr", "closing_arr"), ("cash", "cash")])
def test_fans_show_the_quantiles_of_the_metrics(page, results, key, name):
    values = convert_units(company(results[[name]])[name]).transpose("draw", "replication", "month")
    shown = table(page, key)
    for quantile, q in (("p10", 0.1), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9)):
        for month in (0, 11, 29):
            expected = error.quantile(values.to_numpy()[..., month], q).value
            assert column(shown, quantile)[month] == money(expected, "USD")


def test_the_odds_of_a_target_end_at_those_of_the_answer(page, results):
    scenario = load_scenario(SCENARIOS / "add_midmarket.toml")
    shown = table(page, "targets")
    for name, target in scenario.targets.items():
        met = odds.target_met(results, target)
        texts = [text for text in column(shown, words(name)) if text != "-"]
        last = target.at_month or target.by_month or 30
        assert len(texts) == min(last, 30), name
        if last <= 30:
            assert texts[-1] == share(float(met.mean()))


def test_odds_by_month_have_their_monte_carlo_intervals(page, results):
    for key, name, events in (
        ("survival", "still solvent", results["insolvent"].isel(month=-1, drop=True) == 0),
        ("stages", "scaling", odds.month_of_stage(company(results), "scaling") < np.inf),
    ):
        expected = error.probability(events.transpose("draw", "replication").to_numpy())
        grid = table(page, key)
        ends = [column(grid, f"{name}{end}")[-1] for end in ("", ", 95% from", ", to")]
        assert ends == [share(value) for value in expected]
        drawn = [layer["mark"]["type"] for layer in picture(page, key).spec["layer"]]
        assert "area" in drawn


def test_survival_is_the_share_of_futures_that_are_solvent(page, results):
    solvent = (results["insolvent"] == 0).mean(("draw", "replication")).to_numpy()
    assert column(table(page, "survival"), "still solvent") == [share(float(s)) for s in solvent]


def test_the_time_to_a_stage_is_that_of_its_first_passage(page, results):
    month = odds.month_of_stage(results, "scaling").to_numpy().ravel()
    reached = [share(float((month <= m).mean())) for m in range(1, 31)]
    assert column(table(page, "stages"), "scaling") == reached


def test_the_bridge_shows_means_that_add_up(page, results):
    lines = revenue.arr_bridge(company(convert_units(results)), 30).isel(month=-1)
    shown = dict(zip(column(table(page, "bridge"), "line"), column(table(page, "bridge"), "ARR"),
                     strict=True))  # fmt: skip
    assert shown["opening"] == money(float(lines["opening"].mean()), "USD")
    assert shown["new"] == "+" + money(float(lines["new"].mean()), "USD")
    assert shown["churned"] == money(-float(lines["churned"].mean()), "USD")
    assert shown["closing"] == money(float(lines["closing"].mean()), "USD")


def test_funnels_show_what_became_of_entries_while_solvent(page, results):
    shown = table(page, "funnel-1")
    solvent = results["insolvent"] == 0
    assert not solvent.all()
    entries = results[["funnel_entered", "funnel_won"]].isel(funnel_stage=0)
    first = entries.where(solvent, 0).sum()
    assert column(shown, "went on")[0] == share(
        float(first["funnel_won"]) / float(first["funnel_entered"])
    )
    a_month = float(first["funnel_entered"]) / float(solvent.sum())
    assert column(shown, "entered a month")[0] == f"{a_month:,.0f}"
    assert "while solvent" in picture(page, "funnel-1").subtitle


def test_a_funnel_with_a_fallback_divides_the_wins_of_both_motions_by_the_leads_of_both():
    results, page = run_of("one_motion_fallback"), page_of("one_motion_fallback")
    assert (results["insolvent"] == 0).all()
    sums = results[["leads", "unserved_leads", "new_logos"]].sum()
    served = float(sums["leads"] - sums["unserved_leads"])
    shown = picture(page, "funnel-1")
    became = share(float(sums["new_logos"]) / served)
    assert shown.title.startswith(f"mid_market: {became} of leads become customers")
    assert shown.alternative.startswith(f"{served / (48 * 30):,.0f} leads a month enter;")
    names = column(shown.table, "stage")
    assert names[-2:] == ["fallback to self service: activation", "self service: trial"]
    entered, won = (results[f"funnel_{flow}"].sum(("draw", "replication", "month")).to_numpy()
                    for flow in ("entered", "won"))  # fmt: skip
    assert f"{share(entered[-2] / served)} fall back to self service" in shown.alternative
    assert f"and {share(won[-1] / float(sums['new_logos']))} of customers" in shown.alternative


def test_the_share_that_falls_back_is_told_with_the_unit_economics():
    results, page = run_of("one_motion_fallback"), page_of("one_motion_fallback")
    blocks = section(page, "economics").blocks
    shown = next(b for b in blocks if isinstance(b, Grid) and "fall back" in str(b.rows))
    last = results[["funnel_entered", "funnel_won"]].isel(month=slice(-12, None)).sum("month")
    fell, own = (last["funnel_entered"].isel(funnel_stage=n) for n in (-2, 0))
    won, own_won = (last["funnel_won"].isel(funnel_stage=n) for n in (-1, 4))
    for label, parts in (
        ("leads that fall back", (fell, own)),
        ("new customers who fell back", (won, own_won)),
    ):
        row = next(row for row in shown.rows if row[0].main == label)
        shares = (parts[0] / (parts[0] + parts[1])).transpose("draw", "replication").to_numpy()
        assert row[1].main == share(error.quantile(shares, 0.5).value)
        assert row[1] == row[2]


def test_service_credits_are_told_beside_the_revenue_that_they_lessened():
    results, page = run_of("reliability_as_is"), page_of("reliability_as_is")
    folded = [b.table for b in section(page, "economics").blocks if isinstance(b, Folded)]
    shown = next(b for b in folded if b.title.startswith("What each segment earns"))
    at = shown.header.index("service credits")
    names = ["service_credits", "revenue", "insolvent"]
    last = company(convert_units(results[names])).isel(month=slice(-12, None)).sum("month")
    parts = last.where(results["insolvent"].isel(month=-1) == 0).transpose("draw", "replication")
    credited = parts["service_credits"] / (parts["service_credits"] + parts["revenue"])
    middle = error.quantile(credited.to_numpy(), 0.5).value
    assert 0.0 < middle < 0.1
    rows = [[cell.main for cell in row] for row in shown.rows]
    of_company = rows[[row[0] for row in rows].index("company") :]
    assert next(row for row in of_company if row[1] == "p50")[at] == share(middle)
    assert any(note.startswith("Service credits:") for note in shown.notes)
    plain = next(b.table for b in section(page_of("add_midmarket"), "economics").blocks
                 if isinstance(b, Folded) and b.table.title.startswith("What each"))  # fmt: skip
    assert "service credits" not in plain.header


def test_spend_stands_against_what_one_more_customer_costs(page):
    spent, costs = table(page, "spend"), table(page, "channels")
    assert column(spent, "spend a month") == [
        dict(zip(column(costs, "channel, segment"), column(costs, "spend a month"), strict=True))[
            label
        ]
        for label in column(spent, "channel, segment")
    ]
    drawn = picture(page, "spend").spec["data"]["values"]
    assert {record["what"] for record in drawn} == {*column(costs, "channel, segment")}
    assert any("Not drawn:" in text for text in section(page, "channels").text)


def test_spend_on_channels_is_that_of_months_while_solvent(page, results):
    solvent = (results["insolvent"] == 0).isel(month=slice(-12, None))
    assert not solvent.all()
    last = convert_units(results["spend_by_channel"]).isel(month=slice(-12, None))
    spend = last.where(solvent, 0).sum(("draw", "replication", "month")) / float(solvent.sum())
    shown = table(page, "channels")
    name, segment = column(shown, "channel, segment")[0].split(", ")
    expected = money(float(spend.sel(channel=name, segment=segment)), "USD")
    assert column(shown, "spend a month")[0] == expected
    assert "while solvent" in picture(page, "channels").subtitle


def test_the_answer_comes_first_with_its_error(page, results):
    scenario = load_scenario(SCENARIOS / "add_midmarket.toml")
    judged = [odds.target_met(results, target) for target in scenario.targets.values()]
    met = np.logical_and.reduce([m.to_numpy() > 0 for m in judged if not m.isnull().all()])
    value, _, high = error.probability(met)
    assert f"targets are met in {share(value)} of futures (" in page.answer
    assert share(high) in page.answer
    assert page.question.startswith("Self-service at 4M ARR")


def test_verdicts_have_words(page):
    badges = next(b for b in section(page, "economics").blocks if isinstance(b, Badges)).badges
    assert len(badges) == 4
    assert {badge.state for badge in badges} <= {"healthy", "strained", "broken", "undefined"}
    assert all("of futures" in badge.text for badge in badges)


def test_the_command_makes_the_same_numbers_again(page):
    code = next(b for b in section(page, "reproduction").blocks if isinstance(b, Code))
    assert code.lines == ("gtmsim run scenario.toml --draws 24 --replications 2 --seed 1",)


def test_assumptions_say_where_they_come_from(results):
    document = load_document(SCENARIOS / "add_midmarket.toml")
    found = run_page(results, origin=Origin("add_midmarket.toml", document))
    blocks = section(found, "assumptions").blocks
    uncertain = next(block for block in blocks if isinstance(block, Grid))
    assert all(re.search(r"\.toml:\d+$", text) for text in column(uncertain, "from"))
    folded = [block for block in blocks if isinstance(block, Folded)]
    values = sum(len(block.table.rows) for block in folded)
    assert values == sum(1 for _ in document.origins())
    path, _, place = next(document.origins())
    row = next(r for b in folded for r in b.table.rows if r[0].main == ".".join(map(str, path)))
    assert row[1].main == f"{place.file}:{place.line}"


def test_without_their_file_assumptions_have_no_column_for_it(page):
    blocks = section(page, "assumptions").blocks
    assert all("from" not in b.header for b in blocks if isinstance(b, Grid))
    assert all("from" not in b.table.header for b in blocks if isinstance(b, Folded))


def test_customers_who_move_up_are_followed_as_the_companys():
    shown = table(page_of("market"), "cohorts")
    assert all("," not in name for name in column(shown, "cohort"))


def test_key_figures_are_those_of_the_answer(page, results):
    cards = {card.label: card for card in page.cards.cards}
    nrr = error.quantile(
        revenue.nrr(company(results)).isel(month=-1).where(results["insolvent"].isel(month=-1) == 0)
        .transpose("draw", "replication").to_numpy(), 0.5,
    )  # fmt: skip
    assert cards["NRR, last year"].value == share(nrr.value)
    failed = profit.month_of_insolvency(company(results)).to_numpy() < np.inf
    assert cards["Runs out of cash"].value == written(float(failed.mean()), "share", "")


WITHOUT_TEAM = (
    TINY.replace('team = "ae"\n', "")
    .replace(TINY[TINY.index("[teams.ae]") : TINY.index("[channels")], "")
    .replace(TINY[TINY.index("[targets") :], "")
    .replace("win_rate = 0.3", "win_rate = 0.3 ")
)


def test_parts_without_data_are_left_out(tmp_path):
    found = page_from(tmp_path, WITHOUT_TEAM)
    keys = {part.key for part in found.sections}
    assert keys == {*KEYS} - {"teams", "channels", "retention"}
    assert "targets" not in {picture.key for picture in found.pictures}
    assert found.answer.startswith("Cash runs out")


def test_a_single_month_and_a_single_future_have_a_page(tmp_path):
    found = page_from(tmp_path, TINY, months=1, draws=1)
    assert {"growth", "cash", "reproduction"} <= {part.key for part in found.sections}
    assert all(part.blocks for part in found.sections)


def test_a_page_is_never_changed(page):
    assert all(field.name for field in fields(page))
    with pytest.raises(AttributeError):
        page.title = "other"


def test_where_no_motion_is_ever_healthy_the_title_says_so():
    found = read(run_of("add_midmarket"))
    verdicts = next(t for t in found.answer.tables if t.key == "verdicts")
    nowhere = [
        replace(row, cells=(Figure(Estimate(0.0, 0.0, 0.0), Unit.SHARE), *row.cells[1:]))
        for row in verdicts.rows
    ]
    assert next(iter(verdicts.columns)) == "healthy"
    picture = verdict_odds(found, replace(verdicts, rows=tuple(nowhere)))
    assert picture.title == "No motion is healthy in any future"
