"""What couples segments is told, and nothing else."""

from gtmsim.analysis.coupling import couplings
from tests.analysis.worlds import WORLD, world

SELF_SERVICE = {
    "motion": "alone",
    "acv": 1_000.0,
    "churn_per_year": 0.3,
    "contracts": {"annual": {"share": 1.0, "term_months": 12}},
}
TWO = {
    "segments__smb": SELF_SERVICE,
    "motions__alone": {"stages": {"trial": {"win_rate": 0.1}}},
    "channels__web": {"segments": {"smb": 1.0}, "organic_per_month": 10.0},
}


def found(**changes):
    return {c.what: set(c.segments) for c in couplings(world(**{**TWO, **changes}))}


def test_one_segment_is_coupled_with_nothing():
    assert couplings(world()) == ()


def test_segments_that_share_nothing_share_the_cash():
    assert found() == {"company.cash": {"mid", "smb"}}


def test_a_team_that_works_for_both_couples_them():
    sold = {"trial": {"win_rate": 0.1, "team": "ae"}}
    assert found(motions__alone={"stages": sold})["teams.ae"] == {"mid", "smb"}
    assert "teams.ae" not in found()


def test_customers_who_bring_leads_to_another_segment_couple_it():
    word = {"per_customer_per_month": 0.1}
    across = {"segments": {"smb": 1.0}, "virality": {**word, "customers_of": ("mid",)}}
    within = {"segments": {"smb": 1.0}, "referrals": {**word, "customers_of": ("smb",)}}
    assert found(channels__web=across)["channels.web.virality"] == {"mid", "smb"}
    assert "channels.web.referrals" not in found(channels__web=within)


def test_a_budget_couples_only_if_it_follows_the_arr_of_the_company():
    spends = {"segments": {"smb": 1.0}, "spend": {"budget": "b", "share": 1.0}}
    follows = found(budgets={"b": {"share_of_arr": 0.1}}, channels__web=spends)
    fixed = found(budgets={"b": {"per_month": 100.0}}, channels__web=spends)
    assert follows["budgets.b"] == {"mid", "smb"}
    assert "budgets.b" not in fixed


def test_low_cash_policy_and_stages_couple_everything():
    both = {"mid", "smb"}
    assert found(company__floor={"cash_below": 1_000.0})["company.floor"] == both
    key = "company.largest_customer_leaves"
    assert found(company__largest_customer_leaves=12)[key] == both
    assert found(segments__mid__opens={"stage": "scaling"})["stages"] == both
    by_stage = {"per_month": {"scaling": 10.0}, "function": "product"}
    assert found(costs__product=by_stage)["stages"] == both


def test_the_world_is_left_as_it_was():
    assert "smb" not in WORLD["segments"]


def test_an_allocation_couples_everything_if_it_follows_the_company_or_limits_hires():
    fixed = {"per_month": 1_000.0, "focus": {"product": 1.0}}
    assert "allocation" not in found(allocation=fixed)
    for more in ({"share_of_arr": 0.1}, {"burn_limit_per_month": 1.0}, {"teams": ("ae",)}):
        assert found(allocation=fixed | more)["allocation"] == {"mid", "smb"}
    staged = {
        "product": {"pre_pmf": 0.5, "scaling": 0.75},
        "support": {"pre_pmf": 0.5, "scaling": 0.25},
    }
    assert "stages" in found(allocation=fixed | {"focus": staged})


def test_a_segment_that_waits_for_another_or_for_cash_is_coupled_with_it():
    waits = SELF_SERVICE | {"opens": {"after": "mid"}}
    assert found(segments__smb=waits)["segments.smb.opens.after"] == {"mid", "smb"}
    waits = SELF_SERVICE | {"opens": {"runway_months": 6.0}}
    assert found(segments__smb=waits)["segments.smb.opens.runway_months"] == {"mid", "smb"}
