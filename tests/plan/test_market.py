"""The market's tables: shares in closed form and by simulation, factors by hand."""

from itertools import product
from math import asin, pi
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.lowering import market as lowering
from gtmsim.plan.market import Market, accounts_by_tier, market_of, segment_mix
from gtmsim.plan.structure import Values
from tests.plan.scenarios import SMALLEST, Document, changed

CONTRACT: Document = {"annual": {"share": 1.0, "term_months": 12}}
SEGMENT: Document = {"acv": 1200.0, "churn_per_year": 0.2, "contracts": CONTRACT}
Z90 = 1.2815515655446004


def company(buyers: Document, rules: list[Document], **changes: Any) -> Document:
    """Three segments with a motion of each touch, and two channels that reach the market."""
    touches = {"smb": "self_service", "mid": "assisted", "large": "field"}
    return {
        **SMALLEST,
        "segments": {name: SEGMENT | {"motion": touch} for name, touch in touches.items()},
        "motions": {
            touch: {"touch": touch, "stages": {"a": {"win_rate": 0.2}, "b": {"win_rate": 0.6}}}
            for touch in touches.values()
        },
        "channels": {"web": {"organic_per_month": 1.0}},
        "buyers": buyers,
        "segmentation": rules,
        **changes,
    }


def numbers(document: Document, draws: int = 1) -> tuple[Plan, tuple[Values, ...]]:
    plan = compile_plan(changed(document))
    return plan, fill_values(plan, draw_inputs(plan, 1, range(draws)))


def market(document: Document) -> Market:
    plan, (values,) = numbers(document)
    return market_of(plan.structure, values)


def shares_of_profiles(made: Market, channel: int = 0) -> np.ndarray:
    """Share of each kind of account, an axis per quality: as if each had its own segment."""
    kinds = int(made.counts.prod())
    own = made._replace(segment_of=np.arange(-1, kinds))
    return segment_mix(own, channel, kinds).reshape(made.counts)


# Shares in closed form


def pearson(spearman: float) -> float:
    return 2.0 * np.sin(pi * spearman / 6.0)


ATTRIBUTES: Document = {
    "employees": {"median": 40.0, "p90": 600.0},
    "potential": {"median": 8000.0, "p90": 60_000.0},
}
DIVIDED = ATTRIBUTES | {
    "sizes": {"s": {"from_employees": 1.0}, "m": {"from_employees": 100.0}}
    | {"l": {"from_employees": 1000.0}},
    "tiers": {"low": {"from_acv": 0.0}, "high": {"from_acv": 30_000.0}},
}
SIZE_ENDS = np.log([100 / 40, 1000 / 40]) / (np.log(600 / 40) / Z90)
TIER_END = np.log(30 / 8) / (np.log(60 / 8) / Z90)


@pytest.mark.parametrize("spearman", [0.0, 0.5, -0.3, -0.9, 0.97, 0.99])
@pytest.mark.parametrize("reach", [{}, {"employees": 5.0, "potential": 0.4}], ids=["all", "some"])
def test_shares_of_sizes_and_tiers_are_those_of_a_bivariate_normal(
    spearman: float, reach: Document
) -> None:
    channel = {"organic_per_month": 1.0, "reach": reach}
    document = company(
        DIVIDED | {"size_and_potential": spearman}, [{"to": "smb"}], channels={"web": channel}
    )
    r = pearson(spearman)
    # The median of employees moves by the factor, that of potential follows and moves by its own.
    on_size = np.log(reach.get("employees", 1.0)) / (np.log(600 / 40) / Z90)
    on_potential = r * on_size + np.log(reach.get("potential", 1.0)) / (np.log(60 / 8) / Z90)
    normal = multivariate_normal([on_size, on_potential], [[1.0, r], [r, 1.0]])
    low = np.diff([0.0, *(normal.cdf([end, TIER_END]) for end in SIZE_ENDS)])
    low = np.append(low, norm.cdf(TIER_END - on_potential) - low.sum())
    sizes = np.diff([0.0, *norm.cdf(SIZE_ENDS - on_size), 1.0])

    shares = shares_of_profiles(market(document))[:, :, 0, 0, 0]
    np.testing.assert_allclose(shares[:, 0], low, atol=1e-6)
    np.testing.assert_allclose(shares.sum(axis=1), sizes, atol=1e-6)


@pytest.mark.parametrize(
    "ranks", [(0.0, 0.0, 0.0), (0.6, 0.3, 0.5), (-0.5, 0.4, -0.7), (0.9, 0.9, 0.9), (0.3, 0.9, 0.4)]
)
def test_shares_beyond_three_medians_are_those_of_an_orthant(
    ranks: tuple[float, float, float],
) -> None:
    """Sheppard's formula: 1/8 + (asin r12 + asin r13 + asin r23) / 4 pi."""
    pairs = ("size_and_potential", "size_and_complexity", "potential_and_complexity")
    halves: Document = {
        "sizes": {"s": {"from_employees": 1.0}, "l": {"from_employees": 40.0}},
        "tiers": {"low": {"from_acv": 0.0}, "high": {"from_acv": 8000.0}},
        "complexities": {"simple": {"share": 0.5}, "complex": {"share": 0.5}},
    }
    buyers = ATTRIBUTES | halves | dict(zip(pairs, ranks, strict=True))
    shares = shares_of_profiles(market(company(buyers, [{"to": "smb"}])))[:, :, :, 0, 0]

    for signs in product((-1, 1), repeat=3):
        a, b, c = signs
        angles = asin(pearson(a * b * ranks[0]))
        angles += asin(pearson(a * c * ranks[1])) + asin(pearson(b * c * ranks[2]))
        place = tuple(int(sign > 0) for sign in signs)
        assert shares[place] == pytest.approx(0.125 + angles / (4.0 * pi), abs=1e-6)


def test_verticals_and_regions_are_weighted_by_reach_and_independent_of_all_else() -> None:
    channel = {"organic_per_month": 1.0}
    reached = channel | {"reach": {"verticals": {"fast": 3.0}, "regions": {"far": 0.0}}}
    more: Document = {
        "verticals": {"fast": {"share": 0.2}, "slow": {"share": 0.8}},
        "regions": {"near": {"share": 0.5}, "far": {"share": 0.5}},
    }
    buyers = DIVIDED | more | {"size_and_potential": 0.5}
    document = company(buyers, [{"to": "smb"}], channels={"web": channel, "fair": reached})
    made = market(document)

    alone = shares_of_profiles(market(document | {"buyers": buyers | {"regions": {}}})).sum(axis=3)
    for n, (verticals, regions) in enumerate([((0.2, 0.8), (0.5, 0.5)), ((3 / 7, 4 / 7), (1, 0))]):
        wanted = alone[:, :, :, None] * np.multiply.outer(verticals, regions)[None, None, None]
        np.testing.assert_allclose(shares_of_profiles(made, n), wanted, atol=1e-12)


def test_an_attribute_that_does_not_vary_has_one_class() -> None:
    buyers = DIVIDED | {"employees": 100.0, "potential": 29_999.0}
    shares = shares_of_profiles(market(company(buyers, [{"to": "smb"}])))[:, :, 0, 0, 0]

    assert shares.tolist() == [[0, 0], [1, 0], [0, 0]]


# The mix by simulation


def simulated_mix(buyers: Document, reach: Document, rules: list[Document], n: int) -> np.ndarray:
    """Share of smb, mid and large among ``n`` leads, from the definitions of the scenario's keys.

    Written for one scenario: attributes in employees and money, not in normals.
    """
    luck = np.random.default_rng(5)
    r12, r13, r23 = (
        pearson(buyers[pair])
        for pair in ("size_and_potential", "size_and_complexity", "potential_and_complexity")
    )
    z = luck.multivariate_normal(
        [0, 0, 0], [[1, r12, r13], [r12, 1, r23], [r13, r23, 1]], n, method="cholesky"
    ).T
    # A channel's leads are the market's with the two medians moved, each by what is its own.
    size, own = z[0], (z[1] - r12 * z[0]) / np.sqrt(1 - r12**2)
    use_own = z[2] - r13 * size - (r23 - r12 * r13) / np.sqrt(1 - r12**2) * own
    of_size, of_potential = np.log(600 / 40) / Z90, np.log(60 / 8) / Z90
    size = size + np.log(reach["employees"]) / of_size
    own = own + np.log(reach["potential"]) / (of_potential * np.sqrt(1 - r12**2))
    use = r13 * size + (r23 - r12 * r13) / np.sqrt(1 - r12**2) * own + use_own
    employees = 40 * np.exp(of_size * size)
    potential = 8000 * np.exp(of_potential * (r12 * size + np.sqrt(1 - r12**2) * own))
    is_complex = use >= norm.ppf(buyers["complexities"]["simple"]["share"])
    is_slow = luck.random(n) < 0.5  # weight 4 on a share of 0.2 against 0.8
    large = (potential >= 30_000) & (employees >= 100)
    mid = ~large & (is_complex | (potential >= 30_000) | is_slow & (employees >= 1000))
    return np.array([(~large & ~mid).mean(), mid.mean(), large.mean()])


def test_the_mix_of_a_channel_is_that_of_simulated_leads() -> None:
    buyers = DIVIDED | {
        "size_and_potential": 0.6,
        "size_and_complexity": 0.3,
        "potential_and_complexity": -0.4,
        "complexities": {"simple": {"share": 0.7}, "complex": {"share": 0.3}},
        "verticals": {"fast": {"share": 0.8}, "slow": {"share": 0.2}},
    }
    rules: list[Document] = [
        {"to": "large", "tiers": ["high"], "sizes": ["m", "l"]},
        {"to": "mid", "complexities": ["complex"]},
        {"to": "mid", "tiers": ["high"]},
        {"to": "mid", "verticals": ["slow"], "sizes": ["l"]},
        {"to": "smb"},
    ]
    reach = {"employees": 2.5, "potential": 0.5, "verticals": {"slow": 4.0}}
    web = {"organic_per_month": 1.0, "reach": reach}
    _, (values,) = numbers(company(buyers, rules, channels={"web": web}))

    n = 1_000_000
    simulated = simulated_mix(buyers, reach, rules, n)
    errors = np.sqrt(simulated * (1.0 - simulated) / n)
    assert (abs(values.mix[0] - simulated) < 4.0 * errors).all()
    assert values.mix[0].sum() == pytest.approx(1.0, abs=1e-12)


# Draws


def test_the_mix_follows_the_draws_of_what_is_uncertain() -> None:
    uncertain = DIVIDED | {
        "potential": {"median": {"p10": 4000.0, "p90": 16_000.0}, "p90": 60_000.0},
        "verticals": {"fast": {"share": {"p10": 0.5, "p90": 0.9}}, "slow": {"share": 0.3}},
    }
    rules: list[Document] = [
        {"to": "large", "tiers": ["high"]},
        {"to": "mid", "verticals": ["slow"]},
        {"to": "smb"},
    ]
    plan, values = numbers(company(uncertain, rules), draws=3)
    inputs = draw_inputs(plan, 1, range(3))
    paths = [one.path for one in plan.inputs]

    for draw, (row, made) in enumerate(zip(inputs, values, strict=True)):
        given = dict(zip(paths, row, strict=True))
        median = given["buyers.potential.median"]
        fast = given["buyers.verticals.fast.share"]
        high = norm.sf(np.log(30_000 / median) / (np.log(60_000 / median) / Z90))
        slow = 0.3 / (0.3 + fast)  # shares with an uncertain one are scaled to 1
        wanted = [(1 - high) * (1 - slow), (1 - high) * slow, high]
        np.testing.assert_allclose(made.mix[0], wanted, atol=1e-6, err_msg=str(draw))


def test_draws_that_differ_in_nothing_of_the_market_are_computed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def counted(*given: Any) -> np.ndarray:
        asked.append(given)
        return segment_mix(*given)

    segments = {"smb": SEGMENT | {"motion": "self_service", "acv": {"p10": 1e3, "p90": 4e3}}}
    document = company(DIVIDED, [{"to": "smb"}], segments=segments | {"mid": SEGMENT})
    document["segments"]["mid"] = SEGMENT | {"motion": "assisted"}
    document["segments"]["smb"]["churn_per_year"] = {"mean": {"p10": 0.1, "p90": 0.3}}
    monkeypatch.setattr(lowering, "segment_mix", counted)
    plan = compile_plan(changed(document))
    asked.clear()
    values = fill_values(plan, draw_inputs(plan, 1, range(20)))

    assert len(asked) == 1
    assert len({made.dists.tobytes() for made in values}) == 20
    assert {tuple(made.mix[0]) for made in values} == {(1.0, 0.0)}


# Accounts


def test_accounts_by_tier_are_the_markets_own_whatever_channels_reach() -> None:
    reach = {"organic_per_month": 1.0, "reach": {"potential": 20.0}}
    document = company(DIVIDED | {"accounts": 5000}, [{"to": "smb"}], channels={"web": reach})
    _, (values,) = numbers(document)

    low = 5000 * norm.cdf(TIER_END)
    np.testing.assert_allclose(values.accounts, [low, 5000 - low], rtol=1e-12)


def test_tiers_of_an_endless_market_are_endless() -> None:
    made = market(company(DIVIDED, [{"to": "smb"}]))

    assert accounts_by_tier(made, np.inf).tolist() == [np.inf, np.inf]


def test_without_a_market_there_is_one_kind_of_lead_whom_nothing_changes() -> None:
    made = market(SMALLEST)

    assert made.segment_of.tolist() == [-1]
    assert made.win_rate.tolist() == [[0.1]]
    assert made.duration.tolist() == made.churn.tolist() == made.delivery.tolist() == [[1.0]]


# What classes and touch change

NOTHING: Document = {"win_odds": 1.0, "days": 1.0, "churn": 1.0, "delivery_cost": 1.0}
GAPS = ("under_by_two", "under_by_one", "over_by_one", "over_by_two")
NEEDS: Document = {
    "potential": 5000.0,
    "complexities": {
        "simple": {"share": 0.4, "win_odds": 1.2},
        "usual": {"share": 0.4, "needs": "assisted", "days": 1.1, "churn": 0.8},
        "complex": {"share": 0.2, "needs": "field", "delivery_cost": 1.5, "churn": 0.5},
    },
    "regions": {
        "near": {"share": 0.5},
        "far": {"share": 0.5, "needs": "assisted", "churn": 3.0, "days": 2.0},
    },
}


def test_an_account_needs_the_most_that_a_class_of_it_asks_for_and_factors_multiply() -> None:
    """Motions of smb, mid and large give 0, 1 and 2 steps; kinds need 0, 1, 1, 1, 2, 2."""
    fit = {gap: NOTHING | {"churn": 10.0 ** (n + 1)} for n, gap in enumerate(GAPS)}
    made = market(company(NEEDS, [{"to": "smb"}], fit=fit))

    own = [1.0, 3.0, 0.8, 0.8 * 3.0, 0.5, 0.5 * 3.0]
    misfit = [
        [1, 100, 100, 100, 10, 10],  # self-service: one or two steps too little
        [1000, 1, 1, 1, 100, 100],
        [10_000, 1000, 1000, 1000, 1, 1],  # a field team: up to two steps too much
    ]
    np.testing.assert_allclose(made.churn[:, 1:], np.array(misfit) * own, rtol=1e-14)
    assert made.churn[:, 0].tolist() == [1.0, 1.0, 1.0]


def test_each_effect_has_its_own_factor() -> None:
    fit = {"under_by_one": {"win_odds": 0.5, "days": 1.5, "churn": 2.5, "delivery_cost": 3.5}}
    made = market(company(NEEDS, [{"to": "smb"}], fit=fit))
    usual, simple, complex_near = 3, 1, 5

    assert made.duration[0, usual] == pytest.approx(1.1 * 1.5)
    assert made.churn[0, usual] == pytest.approx(0.8 * 2.5)
    assert made.delivery[0, usual] == pytest.approx(3.5)
    assert made.delivery[1, complex_near] == pytest.approx(1.5 * 3.5)
    assert made.duration[0, simple] == made.delivery[0, simple] == 1.0


def odds(rate: np.ndarray) -> np.ndarray:
    return rate / (1.0 - rate)


def test_the_odds_of_the_whole_motion_change_by_the_factor_spread_over_its_stages() -> None:
    fit = {"under_by_one": NOTHING | {"win_odds": 0.3}}
    made = market(company(NEEDS, [{"to": "smb"}], fit=fit))
    simple, usual = 1, 3

    stages = made.win_rate[:2]  # of smb, which is self-service
    assert stages[:, 0].tolist() == [0.2, 0.6]
    for profile, factor in ((simple, 1.2), (usual, 0.3)):
        ratio = odds(stages[:, profile]) / odds(stages[:, 0])
        np.testing.assert_allclose(ratio, [factor**0.5] * 2, rtol=1e-12)


def test_an_account_that_falls_back_is_sold_to_with_the_touch_of_the_other_motion() -> None:
    """What serves it stays that of the segment: churn and delivery are by its own motion."""
    fit = {"under_by_one": {"win_odds": 0.5, "days": 1.5, "churn": 2.5, "delivery_cost": 3.5}}
    document = company(NEEDS, [{"to": "mid"}], fit=fit)
    before = market(document)
    mid = document["segments"]["mid"]
    fallback = {"below_acv": 1.0, "motion": "self_service"}
    document["segments"] = document["segments"] | {"mid": mid | {"fallback": fallback}}
    made = market(document)
    usual, first = 3, 4  # funnel rows of mid's fallback, after the two of smb and its own two

    assert made.duration[first, usual] == made.duration[0, usual] == pytest.approx(1.1 * 1.5)
    np.testing.assert_array_equal(made.win_rate[first : first + 2], made.win_rate[:2])
    np.testing.assert_array_equal(made.win_rate[2:4], before.win_rate[2:4])
    np.testing.assert_array_equal(made.churn, before.churn)
    np.testing.assert_array_equal(made.delivery, before.delivery)


def test_factors_of_one_leave_win_rates_as_they_are_to_the_bit() -> None:
    rates = [0.1, 1 / 3, 0.7, 1.0, 0.0, 1e-12]
    stages = {f"s{n}": {"win_rate": rate} for n, rate in enumerate(rates)}
    even = {gap: NOTHING for gap in GAPS}
    buyers = DIVIDED | {"regions": {"a": {"share": 0.5, "needs": "field"}, "b": {"share": 0.5}}}
    document = company(buyers, [{"to": "smb"}], fit=even)
    document["motions"] = {name: {"stages": stages} for name in document["motions"]}
    made = market(document)

    assert made.win_rate.shape == (18, 1 + 12)
    assert (made.win_rate == np.tile(rates, 3)[:, None]).all()


@pytest.mark.parametrize("factor", [0.0, 0.5, 4.0])
def test_a_certain_stage_stays_certain_unless_the_odds_are_taken_away(factor: float) -> None:
    buyers: Document = {"potential": 1.0, "regions": {"a": {"share": 1.0, "win_odds": factor}}}
    document = company(buyers, [{"to": "smb"}])
    document["motions"] = {
        name: {"stages": {"sure": {"win_rate": 1.0}, "never": {"win_rate": 0.0}}}
        for name in document["motions"]
    }
    made = market(document)

    assert made.win_rate[:2, 1].tolist() == [1.0 if factor else 0.0, 0.0]
