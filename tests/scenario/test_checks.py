"""What a well-formed plan gets wrong in meaning, and what it probably did not mean."""

import pytest

from gtmsim.errors import ScenarioError
from gtmsim.scenario import check_scenario, load_scenario
from tests.scenario.plans import (
    PLAN,
    edited,
    pointed_at,
    problem_of,
    problems_of,
    warnings_of,
    write,
)

CSM = "churn_per_year = 0.3\ncsm = { team = 'ae', accounts_per_rep = 10 }"
POWER = "response = { reference_spend = 1, leads = 2, elasticity = 0.5"


def case(old, new, path, under, message):
    return pytest.param(old, new, path, under, message, id=f"{path}: {message[:40]}")


@pytest.mark.parametrize(
    ("old", "new", "path", "under", "message"),
    [
        # references
        case(
            '"self_service"', '"selfservice"', "segments.smb.motion", '"selfservice"', "the motion"
        ),
        case('team = "ae"', 'team = "ea"', "motions.self_service.stages.call.team", '"ea"', "team"),
        case("smb = 1.0", "bms = 1.0", "channels.web.segments.bms", "bms", "names the segment"),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = { stage = 'scalling' }",
            "segments.smb.opens.stage",
            "'scalling'",
            "names the company stage `scalling`, which does not exist",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\ntech_stack = 'crm'",
            "segments.smb.tech_stack",
            "'crm'",
            "names the tech stack",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nonboarding = { team = 'x' }",
            "segments.smb.onboarding.team",
            "'x'",
            "names the team",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nexpansion.s = {per_year=1,win_rate=1,uplift=0.1,team='x'}",
            "segments.smb.expansion.s.team",
            "'x'",
            "names the team",
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nopening.customers.sbm = { count = 5 }',
            "company.opening.customers.sbm",
            "sbm",
            "names the segment",
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nopening.pipeline.smb = { tril = 5 }',
            "company.opening.pipeline.smb.tril",
            "tril",
            "names the self_service stage",
        ),
        case(
            "[teams.ae]",
            "[teams.ae]\nsegments = ['smb', 'sbm']",
            "teams.ae.segments.1",
            "'sbm'",
            "names the segment `sbm`",
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nrounds.a = { stage = "x", amount = 1 }',
            "company.rounds.a.stage",
            '"x"',
            "names the company stage",
        ),
        case(
            "organic_per_month = 50",
            "spend = { budget = 'm', share = 1 }",
            "channels.web.spend.budget",
            "'m'",
            "names the budget",
        ),
        case(
            "organic_per_month = 50",
            "spend_per_month = { scalin = 5 }",
            "channels.web.spend_per_month.scalin",
            "scalin",
            "names the company stage",
        ),
        case(
            "organic_per_month = 50",
            "outbound = { team = 'x', leads_per_rep_per_month = 1 }",
            "channels.web.outbound.team",
            "'x'",
            "names the team",
        ),
        case(
            "organic_per_month = 50",
            "referrals = { per_customer_per_month = 1, customers_of = ['smb', 'x'] }",
            "channels.web.referrals.customers_of.1",
            "'x'",
            "names the segment",
        ),
        case(
            "reps = 2",
            "hires = [{ stage = 'x', n = 1 }]",
            "teams.ae.hires.0.stage",
            "'x'",
            "names the company stage",
        ),
        case(
            "reps = 2",
            "hiring = { customers_per_rep = 5, customers_of = ['x'] }",
            "teams.ae.hiring.customers_of.0",
            "'x'",
            "names the segment",
        ),
        case('"cash"', '"csh"', "targets.solvent.metric", '"csh"', "names the metric"),
        case(
            "at_least = 0",
            "at_least = 0\nsegment = 'x'",
            "targets.solvent.segment",
            "'x'",
            "names the segment `x`",
        ),
        case(
            "at_least = 0",
            "at_least = 0\nsegment = 'smb'",
            "targets.solvent.metric",
            '"cash"',
            "names the segment metric `cash`, which does not exist",
        ),
        case(
            "[targets.solvent]",
            "[stages.scaling]\nopen = ['smb', 'x']\n[targets.solvent]",
            "stages.scaling.open.1",
            "'x'",
            "names the segment",
        ),
        case(
            "[targets.solvent]",
            "[tech_stacks]\na = { per_month = 1, includes = ['b'] }\n"
            "b = { per_month = 1, includes = ['a'] }\n[targets.solvent]",
            "tech_stacks.a.includes",
            "['b']",
            "makes a loop: a -> b -> a",
        ),
        # alternatives
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = { month = 2, stage = 'scaling' }",
            "segments.smb.opens.stage",
            "stage",
            "excludes `month`",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = {}",
            "segments.smb.opens",
            "{}",
            "needs `month`, `stage`, `after` or `runway_months`",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = { runway_months = 6, healthy_months = 3 }",
            "segments.smb.opens.healthy_months",
            "healthy_months",
            "belongs to `after`, which is missing",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = { after = 'mid' }",
            "segments.smb.opens.after",
            "'mid'",
            "names the segment `mid`, which does not exist",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = { after = 'smb' }",
            "segments.smb.opens.after",
            "'smb'",
            "makes a loop, and none of it opens: smb -> smb",
        ),
        case(
            "reps = 2", "hires = [{ n = 1 }]", "teams.ae.hires.0", "{ n = 1 }", "needs `month` or"
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nrounds.a = { amount = 1 }',
            "company.rounds.a",
            "{ amount = 1 }",
            "needs `month` or `stage`",
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nrounds.a = { month = 3, delay_months = 2, amount = 1 }',
            "company.rounds.a.delay_months",
            "delay_months",
            "belongs to `stage`, which is missing",
        ),
        case(
            "organic_per_month = 50",
            "spend_per_month = 5\n" + POWER + ", slope = 1 }",
            "channels.web.response.slope",
            "slope",
            "belongs to a Hill curve",
        ),
        case(
            "organic_per_month = 50",
            "spend_per_month = 5\nresponse = { leads = 2, elasticity = 0.5 }",
            "channels.web.response",
            "response",
            "needs `reference_spend` for its power law",
        ),
        case(
            "organic_per_month = 50",
            "spend_per_month = 5\nresponse = { carry_over = 0.5 }",
            "channels.web.response",
            "{ carry_over = 0.5 }",
            "needs a curve",
        ),
        case(
            "organic_per_month = 50",
            "spend_per_month = 5\nspend = { budget = 'm', share = 1 }\n[budgets.m]\nper_month = 5",
            "channels.web.spend",
            "spend",
            "excludes `spend_per_month`",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = { mean = 0.3, alpha = 1, beta = 2 }",
            "segments.smb.churn_per_year.alpha",
            "alpha",
            "excludes `mean`",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = { alpha = 1 }",
            "segments.smb.churn_per_year",
            "churn_per_year",
            "needs `beta`",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = { concentration = 1 }",
            "segments.smb.churn_per_year",
            "churn_per_year",
            "needs `mean`, or `alpha` and `beta`",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = { mean = 1, concentration = 5 }",
            "segments.smb.churn_per_year.mean",
            "1",
            "must be above 0 and below 1 where customers differ",
        ),
        case(
            "win_rate = 0.2",
            "win_rate = 0.2\npatience_days = 5",
            "motions.self_service.stages.trial.patience_days",
            "patience_days",
            "needs a `team` beside it",
        ),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nexpansion.s = {per_year=1,win_rate=1,uplift=0.1,days=5}",
            "segments.smb.expansion.s.days",
            "days",
            "needs a `team` beside it",
        ),
        case(
            "reps = 2",
            "hiring = { for_months = 3 }",
            "teams.ae.hiring",
            "{ for_months = 3 }",
            "needs `customers_per_rep` or `utilisation_above`",
        ),
        case(
            "reps = 2",
            "hiring = { customers_per_rep = 3, n = 2 }",
            "teams.ae.hiring.n",
            "n",
            "belongs to `utilisation_above`, which is missing",
        ),
        case(
            'metric = "cash"\nat_least = 0',
            'metric = "insolvent"\nat_least = 90',
            "targets.solvent.at_least",
            "90",
            "`insolvent` is 0 or 1 in a month; got 90",
        ),
        case("at_least = 0", "", "targets.solvent", "solvent", "needs `at_least` or `at_most`"),
        case(
            "always = true", "", "targets.solvent", "solvent", "`by_month`, `at_month` or `always`"
        ),
        case(
            "always = true",
            "always = true\nby_month = 3",
            "targets.solvent.always",
            "always",
            "excludes `by_month`",
        ),
        case(
            "at_least = 0",
            "at_least = 5\nat_most = 4",
            "targets.solvent.at_least",
            "5",
            "must not be above `at_most`",
        ),
        # quantities
        case(
            "share = 0.6",
            "share = 0.5",
            "segments.smb.contracts",
            "contracts",
            "must have shares that sum to 1; they sum to 0.9",
        ),
        case(
            "smb = 1.0", "smb = 0.9", "channels.web.segments.smb", "0.9", "must be 1, as the only"
        ),
        case("{ smb = 1.0 }", "{}", "channels.web.segments", "{}", "needs at least one segment"),
        case(
            'billing = "monthly"',
            'billing = "quarterly"',
            "segments.smb.contracts.monthly.billing",
            '"quarterly"',
            "does not fit: quarterly billing comes every 3 months, and the term is 1",
        ),
        case(
            "term_months = 12",
            "term_months = 18",
            "segments.smb.contracts.annual.term_months",
            "18",
            "does not fit: annual billing comes every 12 months, and the term is 18",
        ),
        case('{ median = "2.4k", p90 = "6k" }', "0", "segments.smb.acv", "0", "must be above 0"),
        case(
            "churn_per_year = 0.3",
            "churn_per_year = { mean = 0.2, concentration = 0 }",
            "segments.smb.churn_per_year.concentration",
            "0",
            "must be above 0",
        ),
        case("reps = 2", "quota_per_year = 0", "teams.ae.quota_per_year", "0", "must be above 0"),
        case(
            "organic_per_month = 50",
            "spend_per_month = 5\n" + POWER.replace("spend = 1", "spend = 0") + " }",
            "channels.web.response.reference_spend",
            "0",
            "must be above 0",
        ),
        case("reps = 2", "open_deals = 0.5", "teams.ae.open_deals", "0.5", "must be at least 1"),
        case(
            "reps = 2",
            "reps = 2\nmax_reps = 3\nhires = [{ month = 2, n = 2 }]",
            "teams.ae.max_reps",
            "3",
            "is below the 2 reps and 2 hires that are planned",
        ),
        case("reps = 2", "reps = 200", "teams.ae.reps", "reps", "more than max_reps = 100"),
        case(
            "churn_per_year = 0.3",
            CSM,
            "segments.smb.csm.team",
            "'ae'",
            'must name a team with function = "success"; this one has "sales"',
        ),
        case("start = 2026-01-01", "start = 1492-01-01", "scenario.start", "1492-01-01", "1900"),
        case(
            "channels.web", "channels.opening", "channels.opening", "opening", "is the name under"
        ),
        case('cash = "1M"', 'cash = "£1M"', "company.cash", '"£1M"', "is not in the scenario's"),
        case('cash = "1M"', 'cash = "1M USD"', "company.cash", '"1M USD"', "currency, EUR"),
        # stages
        case(
            "[targets.solvent]",
            "[stages.hyper]\nopen = ['smb']\n[targets.solvent]",
            "stages.hyper",
            "hyper",
            "needs `from_arr`",
        ),
        case(
            "[targets.solvent]",
            "[stages.scaling]\nfrom_arr = '60M'\n[targets.solvent]",
            "stages.scaling.from_arr",
            "'60M'",
            "must be below that of `mature`, 50,000,000",
        ),
        case(
            "[targets.solvent]",
            "[stages.hyper]\nfrom_arr = '50M'\n[targets.solvent]",
            "stages.hyper.from_arr",
            "'50M'",
            "must differ from that of `mature`",
        ),
        case(
            "[targets.solvent]",
            "[stages.pre_pmf]\nfrom_arr = 5\n[targets.solvent]",
            "stages.pre_pmf.from_arr",
            "5",
            "must be 0, as the lowest threshold",
        ),
        case(
            "[motions.self_service.stages.trial]",
            "[motions.self_service]\norder = ['trial']\n[motions.self_service.stages.trial]",
            "motions.self_service.order",
            "['trial']",
            "leaves out `call`",
        ),
        case(
            "[motions.self_service.stages.trial]",
            "[motions.self_service]\norder = ['trial', 'call', 'trial']\n"
            "[motions.self_service.stages.trial]",
            "motions.self_service.order",
            "['trial', 'call', 'trial']",
            "has `trial` 2 times",
        ),
        case(
            "[motions.self_service.stages.trial]",
            "[motions.self_service]\nopportunity_stage = 'cal'\n"
            "[motions.self_service.stages.trial]",
            "motions.self_service.opportunity_stage",
            "'cal'",
            "names the self_service stage `cal`",
        ),
    ],
)
def test_a_contradiction_is_told_at_its_place(tmp_path, old, new, path, under, message):
    problem = problem_of(write(tmp_path, edited((old, new))))
    assert problem.path == path
    assert pointed_at(problem) == under
    assert message in problem.message


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('"self_service"', '"selfservice"', "Did you mean `self_service`?"),
        ('"cash"', '"churn"', "Did you mean `logo_churn`?"),
        ('"cash"', '"happiness"', "The metrics are arr_growth"),
        ("term_months = 12", "term_months = 18", 'Billing that fits: "monthly", "quarterly"'),
        (
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\ntech_stack = 'crm'",
            "There are no tech stacks.",
        ),
        (
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\nopens = { month = 2, stage = 'scaling' }",
            'is removed by month = "unset"',
        ),
    ],
)
def test_a_contradiction_comes_with_a_way_out(tmp_path, old, new, hint):
    assert hint in problem_of(write(tmp_path, edited((old, new)))).hint


def test_all_contradictions_come_together(tmp_path):
    text = edited(('"self_service"', '"x"'), ("share = 0.6", "share = 0.5"), ('"cash"', '"csh"'))
    assert len(problems_of(write(tmp_path, text))) == 3


@pytest.mark.parametrize(
    ("opening", "path", "message"),
    [
        ("customers.smb.count = 8_000_001", "customers.smb.count", "got 8,000,001"),
        ("pipeline.smb = { trial = 5_000_000, call = 3_000_001 }", "pipeline.smb.trial",
         "all segments have 8,000,001; got 5,000,000"),
    ],
)  # fmt: skip
def test_more_than_an_engine_can_hold_at_the_start_is_told(tmp_path, opening, path, message):
    text = edited(('cash = "1M"', f'cash = "1M"\nopening.{opening}'))
    problem = problem_of(write(tmp_path, text))
    assert problem.path == f"company.opening.{path}"
    assert message in problem.message
    fitting = text.replace("_001", "_000")
    assert load_scenario(write(tmp_path, fitting))


def test_shares_with_an_uncertain_one_are_scaled_instead(tmp_path):
    text = edited(("share = 0.6", "share = { p10 = 0.3, p90 = 0.5 }"))
    assert load_scenario(write(tmp_path, text))


def test_shares_may_miss_one_by_rounding(tmp_path):
    text = edited(("share = 0.6", "share = 0.33333333"), ("share = 0.4", "share = 0.66666667"))
    assert load_scenario(write(tmp_path, text))


def test_a_scenario_made_in_python_is_checked_without_places(tmp_path):
    scenario = load_scenario(write(tmp_path, PLAN))
    check_scenario(scenario)
    with pytest.raises(ScenarioError, match=r"segments\.smb\.motion names the motion") as caught:
        check_scenario(scenario.model_copy(update={"motions": {}}))
    assert all(problem.place is None for problem in caught.value.problems)


# Warnings


def test_a_sensible_plan_has_no_warnings(tmp_path):
    assert warnings_of(write(tmp_path, PLAN)) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            "always = true",
            "by_month = 36",
            "targets.solvent.by_month",
            "lies after the last simulated month, 24; got 36",
        ),
        (
            "reps = 2",
            "hires = [{ month = 30, n = 1 }]",
            "teams.ae.hires.0.month",
            "lies after the last",
        ),
        (
            'cash = "1M"',
            'cash = "1M"\nlargest_customer_leaves = 24',
            "company.largest_customer_leaves",
            "is not before the last simulated month, 24: nobody leaves; got 24",
        ),
        (
            'cash = "1M"',
            'cash = "1M"\nrounds.a = { stage = "scaling", amount = 1, delay_months = 24 }',
            "company.rounds.a.delay_months",
            "is not before the last simulated month, 24; the round never comes",
        ),
        (
            "term_months = 12",
            "term_months = 12\nvolume_discounts = ["
            "{ from_acv = 1, discount = 0.1 }, { from_acv = 2, discount = 0.05 }]",
            "segments.smb.contracts.annual.volume_discounts.1.discount",
            "is less than the 0.1 of the smaller deals before; got 0.05",
        ),
        (
            'team = "ae"\npatience_days = 20',
            "",
            "teams.ae",
            "is used by no motion",
        ),
        ("organic_per_month = 50", "", "channels.web", "has no source of leads"),
        (
            "[teams.ae]",
            "[motions.field.stages.a]\nwin_rate = 1\n[teams.ae]",
            "motions.field",
            "is used by nothing",
        ),
        (
            "organic_per_month = 50",
            POWER + " }",
            "channels.web.response",
            "has no spend to respond to",
        ),
        (
            "term_months = 12",
            "term_months = 12\nreference_discount = 0.1",
            "segments.smb.contracts.annual.reference_discount",
            "has no effect without the segment's `contract_choice`",
        ),
        (
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\ncontract_choice = { discount_elasticity = 2 }",
            "segments.smb.contract_choice",
            "has no effect: no contract states the terms",
        ),
    ],
)
def test_what_has_no_effect_is_a_warning(tmp_path, old, new, path, message):
    text = edited((old, new)).replace("reps = 2", "reps = 2\nopen_deals = 4")
    (warning,) = warnings_of(write(tmp_path, text))
    assert warning.path == path
    assert message in warning.message
    assert warning.place is not None


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("reps = 2", "", "teams.ae", "has nobody, and hires nobody"),
        ("churn_per_year = 0.3", "churn_per_year = 0.3\nexpansion_cap = 0.8",
         "segments.smb.expansion_cap", "lets no customer expand: 0.8 of the first ARR"),
        ("share = 0.6", "share = 0.6\ndiscount = '100%'", "segments.smb.contracts.monthly.discount",
         "leaves 0% of the price"),
        ("reps = 2", "reps = 2\nleaves_per_year = 6", "teams.ae.leaves_per_year",
         "has a rep stay for 2 months on average"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_is_a_warning(tmp_path, old, new, path, message):
    (warning,) = warnings_of(write(tmp_path, edited((old, new))))
    assert warning.path == path
    assert message in warning.message


@pytest.mark.parametrize(
    "people",
    ["hires = [{ month = 2, n = 1 }]", "hiring = { utilisation_above = 0.8 }",
     "reps = 1\nleaves_per_year = 0.5"],
)  # fmt: skip
def test_a_team_that_is_or_will_be_there_is_no_warning(tmp_path, people):
    assert warnings_of(write(tmp_path, edited(("reps = 2", people)))) == ()


def test_a_channel_of_segments_that_never_open_is_a_warning(tmp_path):
    text = edited(("churn_per_year = 0.3", "churn_per_year = 0.3\nopens = { month = 99 }"))
    assert [warning.path for warning in warnings_of(write(tmp_path, text))] == [
        "segments.smb.opens.month",
        "channels.web",
    ]


def test_a_segment_that_no_channel_reaches_is_a_warning(tmp_path):
    segment = PLAN[PLAN.index("[segments.smb]") : PLAN.index("[motions")]
    text = PLAN + segment.replace("smb", "big")
    assert [warning.path for warning in warnings_of(write(tmp_path, text))] == ["segments.big"]


def test_a_team_that_is_only_a_cost_is_no_warning(tmp_path):
    text = PLAN + "[teams.leads]\nfunction = 'marketing'\nreps = 1\nbase_per_year = '100k'\n"
    assert warnings_of(write(tmp_path, text)) == ()


# Segments that wait for others

NEXT = """
[segments.big]
motion = "self_service"
acv = "20k"
churn_per_year = 0.1
contracts.annual = { share = 1, term_months = 12 }
opens = { after = "smb" }
"""


def test_segments_that_wait_for_each_other_are_told_once(tmp_path):
    text = edited(("churn_per_year = 0.3", "churn_per_year = 0.3\nopens = { after = 'big' }"))
    problem = problem_of(write(tmp_path, text + NEXT))
    assert problem.path == "segments.smb.opens.after"
    assert "none of it opens: smb -> big -> smb" in problem.message


# The allocation

ALLOCATION = """
[allocation]
per_month = "100k"
teams = ["ae"]
[allocation.focus]
product = 0.5
marketing = 0.25
sales_and_success = 0.25
"""
DRAWS = (
    "organic_per_month = 50",
    "organic_per_month = 50\nspend = { budget = 'marketing', share = 1 }",
)


def allocated(*edits):
    """The plan with an allocation that its channel and team spend."""
    text = edited(DRAWS) + ALLOCATION
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_an_allocation_that_is_spent_is_no_problem(tmp_path):
    assert warnings_of(write(tmp_path, allocated())) == ()


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ('per_month = "100k"', "", "allocation", "needs `per_month`, `share_of_arr` or"),
        (
            "product = 0.5",
            "product = 0.4",
            "allocation.focus",
            "must have shares that sum to 1; they sum to 0.9",
        ),
        (
            "product = 0.5",
            "product = { pre_pmf = 0.5, scaling = 0.6 }",
            "allocation.focus",
            "they sum to 1.1 in the stage scaling",
        ),
        (
            "product = 0.5",
            "product = { early_growth = 0.5 }",
            "allocation.focus",
            "they sum to 0.5 in the stage pre_pmf",
        ),
        (
            "product = 0.5",
            "product = { pre_pmf = 0.5, later = 0.5 }",
            "allocation.focus.product.later",
            "names the company stage `later`",
        ),
        ('teams = ["ae"]', 'teams = ["ea"]', "allocation.teams.0", "names the team `ea`"),
        (
            "[allocation.focus]",
            "product_effect = { reference_per_month = 0, churn_elasticity = 1 }\n"
            "[allocation.focus]",
            "allocation.product_effect.reference_per_month",
            "must be above 0; got 0",
        ),
        (
            "[allocation]",
            "[budgets.marketing]\nper_month = 1\n[allocation]",
            "budgets.marketing",
            "is the name of the allocation's marketing part too",
        ),
    ],
)
def test_an_allocation_that_does_not_add_up_is_told_at_its_place(tmp_path, old, new, path, message):
    problem = problem_of(write(tmp_path, allocated((old, new))))
    assert problem.path == path
    assert message in problem.message
    assert problem.place is not None


def test_uncertain_parts_are_scaled_instead(tmp_path):
    text = allocated(("product = 0.5", "product = { p10 = 0.3, p90 = 0.6 }"))
    assert load_scenario(write(tmp_path, text))


def test_a_marketing_budget_without_an_allocation_does_not_exist(tmp_path):
    problem = problem_of(write(tmp_path, edited(DRAWS)))
    assert problem.path == "channels.web.spend.budget"


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (DRAWS[1], DRAWS[0], "allocation.focus.marketing", "is drawn on by no channel"),
        ('teams = ["ae"]', "", "allocation.focus.sales_and_success", "limits no team"),
    ],
)
def test_a_part_without_effect_is_a_warning(tmp_path, old, new, path, message):
    (warning,) = warnings_of(write(tmp_path, allocated((old, new))))
    assert warning.path == path
    assert message in warning.message
