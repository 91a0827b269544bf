"""The answer, against figures taken from the results by hand."""

import numpy as np
import pytest

from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Answer, Figure, Spread, Table
from gtmsim.report.build import answer
from gtmsim.report.tables import largest_error, periods, too_few_draws
from gtmsim.report.text import grid
from gtmsim.vocabulary import TICKS_PER_MONTH
from tests.report.companies import company


def table(made: Answer, key: str) -> Table:
    return next(table for table in made.tables if table.key == key)


def cell(made: Answer, key: str, row: str, column: str) -> Figure | Spread | None:
    found = table(made, key)
    line = next(line for line in found.rows if line.key == row)
    return line.cells[list(found.columns).index(column)]


@pytest.fixture(scope="module")
def made() -> Answer:
    return answer(company())


@pytest.fixture(scope="module")
def failing() -> Answer:
    return answer(company(fails=True))


def test_the_question_and_every_target_are_answered_in_sentences(made):
    assert made.question == "Does it work?"
    assert made.headline[0].startswith("Closing ARR reaches $2M by month 24 (Dec 2027) in ")
    assert made.headline[1].startswith("Cash stays at $0 or more throughout in 100% of futures (")
    assert made.headline[2].startswith("Cash runs out by month 24 (Dec 2027) in 0% of futures (0-")


def test_odds_are_shares_of_replications_with_their_interval(made):
    closing = company()["closing_arr"].sum("segment")
    reached = (closing >= 200_000_000).any("month")
    odds = cell(made, "odds", "big", "odds")
    assert odds.estimate.value == pytest.approx(float(reached.mean()))
    assert odds.estimate.low < odds.estimate.value < odds.estimate.high


def test_odds_are_also_told_for_the_futures_that_survive(failing):
    books = company(fails=True)
    survives = (books["insolvent"] == 0).all("month")
    reached = (books["closing_arr"].sum("segment") >= 200_000_000).any("month")
    given = float((reached & survives).sum() / survives.sum())
    assert cell(failing, "odds", "big", "odds_if_solvent").estimate.value == pytest.approx(given)
    conditional = cell(failing, "odds", "big", "odds_if_solvent").estimate
    low, high = (f"{100 * end:.0f}" for end in conditional[1:])
    assert f"of those that never run out of cash ({low}-{high}%)." in failing.headline[0]
    assert "Half of these by month 20 (Aug 2027)." in failing.headline[2]


def test_a_target_after_the_end_is_not_judged():
    short = answer(company(months=12))
    assert short.headline[0].endswith("not judged, the simulation ends before.")


def test_the_bridge_by_year_has_the_quantiles_of_the_results(made):
    new = company()["new_arr"].sum("segment").isel(month=slice(12, 24)).sum("month") / 100
    spread = cell(made, "arr_by_year", "year_2", "new")
    assert spread.p50.value == np.sort(new.to_numpy().ravel())[39]
    assert spread.mean.value == pytest.approx(float(new.mean()))
    assert spread.unit == Unit.MONEY


def test_the_means_of_the_bridge_add_up_in_every_year(failing):
    for row in table(failing, "arr_by_year").rows[:2]:
        means = [spread.mean.value for spread in row.cells]
        opening, new, back, expansion, moved, contraction, churned, ceased, closing = means
        gained = new + back + expansion + moved
        assert opening + gained - contraction - churned - ceased == pytest.approx(closing)


def test_the_last_year_is_shown_for_survivors_only_if_some_fail(made, failing):
    assert [row.key for row in table(made, "arr_by_year").rows] == ["year_1", "year_2"]
    assert [row.key for row in table(failing, "arr_by_year").rows][-1] == "year_2_if_solvent"
    of_all = cell(failing, "arr_by_year", "year_2", "closing")
    of_survivors = cell(failing, "arr_by_year", "year_2_if_solvent", "closing")
    assert of_all.p10.value < of_survivors.p10.value
    assert of_survivors.defined < 1.0


def test_the_share_out_of_cash_is_told_by_year(failing):
    share = float(company(fails=True)["insolvent"].isel(month=23).mean())
    assert cell(failing, "cash_by_year", "year_1", "out_of_cash").estimate.value == 0.0
    assert cell(failing, "cash_by_year", "year_2", "out_of_cash").estimate.value == share > 0.0


def test_efficiency_unit_economics_and_teams_are_of_the_futures_solvent_in_the_period(failing):
    """A company that failed has no burn, no customers and no reps: it is not one with 0 of them."""
    books = company(fails=True)
    solvent = books["insolvent"].isel(month=23) == 0
    share = float(solvent.mean())
    for at in (
        ("efficiency", "year_2", "net_burn"),
        ("unit_economics", "customers", "smb"),
        ("unit_economics", "customers", "company"),
        ("unit_economics", "cac_ratio", "smb"),
        ("teams", "ae", "reps"),
    ):
        assert cell(failing, *at).defined == pytest.approx(share), at
    assert cell(failing, "efficiency", "year_1", "net_burn").defined == 1.0
    assert cell(failing, "efficiency", "year_2", "solvent").estimate.value == pytest.approx(share)
    assert cell(failing, "unit_economics", "wins", "smb").estimate.value == 1.0


def test_unit_economics_have_a_column_per_segment_and_one_for_the_company(made):
    assert list(table(made, "unit_economics").columns) == ["smb", "enterprise", "company"]
    win_rates = [
        cell(made, "unit_economics", "win_rate", column).p50.value
        for column in ("smb", "enterprise", "company")
    ]
    assert win_rates == pytest.approx([20 / 50, 1 / 5, 21 / 55])


def test_a_first_year_has_a_cac_and_says_of_which_months():
    made = answer(company(months=12))
    for column in ("smb", "enterprise", "company"):
        for metric in ("cac", "cac_payback", "ltv_to_cac"):
            assert not np.isnan(cell(made, "unit_economics", metric, column).p10.value), metric
    notes = " ".join(table(made, "unit_economics").notes)
    assert "CAC is of the last 11 (smb), 9 (enterprise), " in notes


def test_a_segment_without_customers_has_undefined_figures_not_zeros():
    made = answer(company(new_logos=[20, 0], lost_opportunities=0))
    spread = cell(made, "unit_economics", "cac", "enterprise")
    assert np.isnan(spread.p50.value)
    assert spread.defined == 0.0
    assert cell(made, "unit_economics", "wins", "enterprise").estimate.value == 0.0


def test_stages_before_the_start_are_left_out_and_later_ones_have_month_and_share(made):
    assert [row.key for row in table(made, "stages").rows] == ["early_growth", "scaling", "mature"]
    assert cell(made, "stages", "early_growth", "month").p50.value == 0.0
    assert cell(made, "stages", "mature", "month").p90.value == np.inf
    assert cell(made, "stages", "mature", "enters").estimate.value == 0.0


def test_a_stage_that_some_futures_miss_counts_them_as_later_than_all():
    rising = np.where(np.arange(40)[:, None, None] < 30, 2, 1) * np.ones((40, 2, 24), int)
    made = answer(company(company_stage=rising))
    month = cell(made, "stages", "scaling", "month")
    assert (month.p50.value, month.p90.value) == (1.0, np.inf)
    assert cell(made, "stages", "scaling", "enters").estimate.value == 0.75


def test_teams_that_work_requests_are_shown_and_short_ones_named(made):
    assert cell(made, "teams", "ae", "utilisation").p50.value == pytest.approx(0.9)
    assert cell(made, "teams", "ae", "gave_up").p50.value == pytest.approx(0.2)
    assert "ae is short of people in 100% of futures (91-100%), first in year 1." in (
        table(made, "teams").notes
    )


def teams_of(months, busy, exists=1, **more):
    """Requests for AEs and CSMs; AEs work ``busy`` of the time where and when they exist."""
    slots = np.array([10, 10]) * np.stack([exists * np.ones_like(busy), busy * 0 + 1], -1)
    worked = slots * np.stack([busy, busy * 0 + 0.5], -1) * TICKS_PER_MONTH
    return company(
        months=months,
        team_headcount=slots // 10,
        team_slots=slots,
        team_requests=np.array([10, 10]) * (slots > 0),
        team_grants=np.array([8, 8]) * (slots > 0),
        team_expired=0,
        team_worked_time=worked,
        **more,
    )


def test_a_team_that_is_short_before_the_last_year_is_named_with_its_share_and_year():
    """Short in the second of three years, in 30 of 40 draws."""
    busy = np.full((40, 2, 36), 0.5)
    busy[:30, :, 12:24] = 0.95
    made = answer(teams_of(36, busy))
    assert cell(made, "teams", "ae", "short").estimate.value == 0.75
    assert cell(made, "teams", "csm", "short").estimate.value == 0.0
    (note,) = (note for note in table(made, "teams").notes if "short of people" in note)
    assert note.startswith("ae is short of people in 75% of futures (")
    assert note.endswith("), first in year 2.")


def test_a_team_is_judged_in_the_futures_that_have_it():
    """A team that a quarter of the futures ever hires, and that is short in all of them."""
    busy = np.full((40, 2, 24), 0.95)
    exists = np.zeros((40, 2, 24))
    exists[:10, :, 12:] = 1
    made = answer(teams_of(24, busy, exists))
    assert cell(made, "teams", "ae", "short").estimate.value == 1.0
    (note,) = (note for note in table(made, "teams").notes if "short of people" in note)
    assert note.startswith("ae is short of people in 100% of the 25% of futures that have it (")
    assert note.endswith("), first in year 2.")


def test_a_company_is_not_short_of_people_once_it_has_failed():
    busy = np.where(np.arange(24) < 12, 0.5, 0.95) * np.ones((40, 2, 1))
    books = teams_of(24, busy, fails=True)
    made = answer(books)
    survive = float((books["insolvent"].isel(month=-1) == 0).mean())
    assert cell(made, "teams", "ae", "short").estimate.value == pytest.approx(survive)


def test_a_team_that_nobody_queues_for_is_told_by_its_size(made):
    books = company(team_requests=[30, 0], team_headcount=[2, 3])
    found = answer(books)
    assert [row.key for row in table(found, "teams").rows] == ["ae", "csm"]
    assert cell(found, "teams", "csm", "reps").p50.value == 3
    assert cell(found, "teams", "csm", "utilisation") is None
    assert any("Nobody queues for csm" in note for note in table(found, "teams").notes)


def test_ratios_have_no_mean_over_replications(made):
    """A mean of ratios is not the ratio that its name promises."""
    with_mean = {
        f"{found.key}.{row.key}.{column}"
        for found in made.tables
        for row in found.rows
        for column, spread in zip(found.columns, row.cells, strict=True)
        if isinstance(spread, Spread) and spread.mean is not None
    }
    ratios = {"win_rate", "cac", "ltv", "nrr", "booked_arr_per_logo", "cac_payback"}
    assert not {name for name in with_mean if set(name.split(".")) & ratios}
    assert {"arr_by_year.year_1.new", "efficiency.year_1.net_burn"} <= with_mean


def test_monthly_contracts_and_price_increases_are_told_apart_from_the_rest_of_arr():
    made = answer(company(closing_monthly_arr=[3_000_000, 0], uplift_arr=[10_000, 5_000],
                          signed_not_started_arr=[0, 7_000]))  # fmt: skip
    parts = {
        column: cell(made, "arr_parts", "year_2", column).p50.value
        for column in ("monthly", "uplift", "signed")
    }
    assert parts == {"monthly": 30_000.0, "uplift": 12 * 150.0, "signed": 70.0}
    row = next(row for row in table(made, "arr_parts").rows if row.key == "year_2")
    committed, monthly, arr, signed, carr, _ = (part.mean.value for part in row.cells)
    assert committed + monthly == pytest.approx(arr)
    assert arr + signed == pytest.approx(carr)
    assert cell(made, "arr_by_year", "year_2", "closing").mean.value == pytest.approx(arr)


def test_a_company_without_teams_has_no_table_of_teams():
    made = answer(company().isel(team=slice(0)))
    assert "teams" not in {table.key for table in made.tables}


def test_years_may_end_with_a_shorter_one():
    assert [(p.label, p.months, p.last) for p in periods(30)] == [
        ("year 1", 12, 11),
        ("year 2", 12, 23),
        ("year 3, 6 mo", 6, 29),
    ]
    assert [p.label for p in periods(5)] == ["year 1, 5 mo"]


def test_more_draws_have_less_error():
    few, many = (answer(company(draws=n, replications=1)) for n in (20, 320))
    errors = [largest_error(table(made, "arr_by_year")) for made in (few, many)]
    assert errors[1] < errors[0] / 2


def test_figures_with_too_few_draws_are_named():
    """Enterprise wins in two draws only: no interval of its medians is known."""
    wins = np.zeros((40, 2, 24, 2), int)
    wins[..., 0] = 20
    wins[:2, ..., 1] = 3
    made = answer(company(new_logos=wins))
    found = table(made, "unit_economics")
    named = too_few_draws(found)
    assert "CAC, fully loaded (enterprise)" in named
    assert "CAC, fully loaded (smb)" not in named
    assert np.isfinite(largest_error(found))
    notes = " ".join(grid(found, "USD").notes)
    assert "too few draws for that of" in notes
    assert "CAC, fully loaded (enterprise)" in notes


def test_with_two_draws_nothing_is_known_and_that_is_said_once():
    notes = grid(table(answer(company(draws=2)), "efficiency"), "USD").notes
    assert "Monte Carlo error of medians: unknown, for too few draws." in notes


def test_it_is_told_how_the_answer_was_computed(made):
    assert ", ".join(made.computed.values()) == (
        "40 draws x 2 replications = 80 futures, 24 months from 2026-01-01, seed 1, "
        "compiled engine of gtmsim 0.0.0"
    )


@pytest.mark.parametrize("months", [1, 5, 12, 13])
def test_short_simulations_have_answers_too(months):
    assert answer(company(months=months, draws=3, replications=1)).tables


def test_teams_with_a_quota_are_held_against_it_and_the_pipeline_they_need():
    """AEs close enterprise: 24M open and 24M of quota a quarter, 3M of 6M booked from pipeline."""
    made = answer(
        company(
            team_reps_on_quota=[4, 0],
            team_reps_at_quota=[1, 0],
            open_pipeline_arr=[9, 24_000_000],
            booked_arr=[9, 2_000_000],
            same_quarter_booked_arr=[0, 1_000_000],
        )
    )
    assert [row.key for row in table(made, "quota").rows] == ["ae"]
    figures = {column: cell(made, "quota", "ae", column).p50.value
               for column in ("attainment", "at_quota", "coverage", "needed")}  # fmt: skip
    expected = {"attainment": 5 / 8, "at_quota": 0.25, "coverage": 1.0, "needed": 0.5 * 24 / 3}
    assert figures == pytest.approx(expected)
    rates = {column: cell(made, "coverage", "ae", column).p50.value
             for column in ("created_and_won", "conversion")}  # fmt: skip
    assert rates == pytest.approx({"created_and_won": 0.5, "conversion": 3 / 24})
    keys = {found.key for found in answer(company(team_quota=0)).tables}
    assert not {"quota", "coverage"} & keys


def test_unit_economics_tell_the_cac_of_the_leads_of_a_year_that_has_had_another_year():
    books = company(
        months=36,
        leads=[100, 10],
        lead_cohort_open_leads=[[0, 0]] * 12 + [[10, 1]] * 24,
        lead_cohort_new_logos=[20, 1],
        lead_cohort_variable_cost=[[100_00, 7_00]] * 12 + [[600_00, 50_00]] * 24,
        channel_spend=0,
        sales_team_cost=0,
    )
    made = answer(books)
    labels = {row.key: row.label for row in table(made, "unit_economics").rows}
    assert labels["lead_cohort_cac"] == "CAC, leads of year 2"
    cac, closed = (
        [cell(made, "unit_economics", key, name).p50.value for name in ("smb", "company")]
        for key in ("lead_cohort_cac", "lead_cohort_closed")
    )
    assert cac == pytest.approx([30.0, 650 / 21])
    assert closed == pytest.approx([0.9, 0.9])
