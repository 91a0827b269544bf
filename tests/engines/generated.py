"""Small random scenarios that between them use everything a scenario may say.

Many of their times are whole or half months, so that events fall on one instant, and on boundaries.
"""

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from gtmsim.scenario.models import Scenario
from gtmsim.scenario.uncertain import uncertain_inputs

MONTH = 30.4375
"""Days in a month."""

SEGMENTS = ("smb", "mid", "big")
SUCCESS_TEAM = "csm"
TEAMS = ("sdr", "ae", SUCCESS_TEAM, "crew")
STAGES = ("pre_pmf", "early_growth", "scaling", "mature")
STACKS = ("basic", "assisted", "full")

Tables = dict[str, Any]


# --- numbers, plain and distributed


def shares(low: float = 0.0, high: float = 1.0) -> st.SearchStrategy:
    """A share, certain or not."""
    middle, upper = (low + high) / 2, 0.2 * low + 0.8 * high
    uncertain = [{"p10": 0.9 * x, "p90": min(0.99, 1.05 * x)} for x in (middle, upper)]
    return st.sampled_from([middle, low, high, *uncertain])


def amounts(*choices: float) -> st.SearchStrategy:
    """An amount, rate or multiple: one of the choices, or uncertain around one."""
    positive = [choice for choice in choices if choice > 0]
    uncertain = [{"p10": 0.8 * x, "p90": 1.3 * x} for x in positive]
    return st.sampled_from([*choices, *uncertain])


def by_stage(numbers: st.SearchStrategy) -> st.SearchStrategy:
    """A number, or a table of numbers by company stage."""
    table = st.dictionaries(st.sampled_from(STAGES), numbers, min_size=1, max_size=3)
    return st.one_of(numbers, table)


def varying(scale: float) -> st.SearchStrategy:
    """A positive quantity that differs between customers, by every family that may state it."""
    x = scale
    tables = [
        {"median": x, "p90": 2.5 * x},
        {"p10": 0.4 * x, "p90": 2 * x},
        {"mean": x, "sd": 0.6 * x},
        {"median": {"p10": 0.8 * x, "p90": 1.2 * x}, "p90": 2.5 * x},
        {"family": "exponential", "mean": x},
        {"family": "weibull", "shape": 1.5, "scale": x},
        {"family": "gamma", "shape": 0.7, "scale": x},
        {"family": "lognormal", "median": x, "sigma": 0.8, "max": 4 * x},
        {"family": "uniform", "low": 0.5 * x, "high": 1.5 * x},
        {"family": "triangular", "low": 0.2 * x, "mode": x, "high": 2 * x},
        {"family": "normal", "mean": x, "sd": 0.4 * x, "min": 0.1 * x},
    ]
    return st.sampled_from(tables)


def days(scale: float = MONTH) -> st.SearchStrategy:
    """A time: whole and half months to the bit, none, or a distribution."""
    exact = st.sampled_from([MONTH, 0.5 * MONTH, 2 * MONTH, MONTH, 0.0])
    return st.one_of(exact, exact, varying(scale))


def varying_shares() -> st.SearchStrategy:
    """A share that differs between customers."""
    tables = [
        {"p10": 0.05, "p90": 0.4},
        {"mean": 0.3, "sd": 0.2},
        {"family": "beta", "alpha": 0.6, "beta": 2.0},
        {"family": "logit_normal", "mu": -1.0, "sigma": 1.0},
        {"median": 0.2, "p90": 0.5, "max": 0.6},
    ]
    return st.one_of(st.sampled_from([0.0, 0.25, 1.0]), st.sampled_from(tables))


def some(**optional: st.SearchStrategy) -> st.SearchStrategy:
    """Tables with any of these keys."""
    return st.fixed_dictionaries({}, optional=optional)


def table(required: Tables, **optional: st.SearchStrategy) -> st.SearchStrategy:
    """Tables with these keys and any of those."""
    return st.fixed_dictionaries(required, optional=optional)


def moments(months: int) -> st.SearchStrategy:
    """A moment: a month or a company stage."""
    return st.one_of(
        st.integers(1, months).map(lambda month: {"month": month}),
        st.sampled_from(STAGES[1:]).map(lambda stage: {"stage": stage}),
    )


def conditions(months: int, earlier: tuple[str, ...]) -> st.SearchStrategy:
    """What a segment waits for: an earlier one that does well, cash, or both, and a moment."""
    waits = st.one_of(
        table({"after": st.sampled_from(earlier)}, healthy_months=st.sampled_from([1, 2, 4])),
        st.just({"runway_months": 3.0}),
        table({"after": st.sampled_from(earlier), "runway_months": st.sampled_from([0.5, 6.0])}),
    )
    moment = st.one_of(st.just({}), moments(months))
    return st.tuples(waits, moment).map(lambda parts: {**parts[0], **parts[1]})


# --- segments


def contract() -> st.SearchStrategy:
    """A contract without its share."""
    lengths = [
        (1, "monthly"),
        (1, "monthly"),
        (2, "upfront"),
        (3, "quarterly"),
        (6, "monthly"),
        (6, "half_yearly"),
        (12, "annual"),
        (12, "quarterly"),
        (24, "annual"),
        (24, "upfront"),
    ]
    keys = table(
        {"length": st.sampled_from(lengths)},
        in_arrears=st.booleans(),
        payment_days=amounts(0.0, 0.5 * MONTH, MONTH, 3 * MONTH),
        discount=shares(0.0, 0.5),
        reference_discount=shares(0.0, 0.5),
        reference_payment_days=amounts(0.0, MONTH),
        uplift=shares(0.0, 0.2),
        service_starts=st.sampled_from(["signature", "go_live"]),
        volume_discounts=volume_discounts(),
    )
    return keys.map(_with_length)


def volume_discounts() -> st.SearchStrategy:
    """Steps of more discount for larger deals; the last may give less."""
    steps = [
        {"from_acv": end, "discount": discount}
        for end, discount in ((2_000.0, 0.1), ({"p10": 5_000.0, "p90": 7_000.0}, 0.4), (9e3, 0.0))
    ]
    uncertain = {"from_acv": 0.0, "discount": {"p10": 0.05, "p90": 0.3}}
    return st.sampled_from([tuple(steps), tuple(steps[:1]), (uncertain,)])


def _with_length(keys: Tables) -> Tables:
    term, billing = keys.pop("length")
    return {"term_months": term, "billing": billing, **keys}


def menu() -> st.SearchStrategy:
    """A contract menu whose shares sum to 1, or are uncertain and made to."""
    one = contract().map(lambda keys: {"only": {"share": 1.0, **keys}})
    two = st.tuples(contract(), contract(), st.sampled_from([0.25, 0.5, 1.0])).map(
        lambda parts: {
            "first": {"share": parts[2], **parts[0]},
            "second": {"share": 1.0 - parts[2], **parts[1]},
        }
    )
    uncertain = st.tuples(contract(), contract()).map(
        lambda parts: {
            "first": {"share": {"p10": 0.2, "p90": 0.6}, **parts[0]},
            "second": {"share": 0.5, **parts[1]},
        }
    )
    return st.one_of(one, two, uncertain)


def churn() -> st.SearchStrategy:
    """Yearly churn: for all alike, or a beta over customers."""
    return st.one_of(
        shares(),
        st.fixed_dictionaries({"mean": shares(0.1, 0.9)}),
        st.fixed_dictionaries({"mean": shares(0.1, 0.9), "concentration": amounts(1.5, 6.0)}),
        st.just({"alpha": 0.668, "beta": 3.806}),
        st.just({"alpha": {"p10": 0.5, "p90": 1.0}, "beta": {"p10": 1.0, "p90": 3.0}}),
    )


def playbook() -> st.SearchStrategy:
    """An expansion playbook, by itself or worked by a team."""
    keys = {
        "per_year": amounts(24.0, 6.0, 1.0),
        "win_rate": shares(0.4, 1.0),
        "uplift": varying_shares(),
    }
    automated = table(keys, cost=amounts(0.0, 20.0))
    worked = table(
        {**keys, "team": st.sampled_from(TEAMS)},
        cost=amounts(0.0, 20.0),
        days=days(),
        patience_days=days(),
    )
    return st.one_of(automated, worked)


def segment(months: int) -> st.SearchStrategy:
    """A segment without its motion."""
    return table(
        {
            "acv": st.one_of(amounts(2_400.0, 12_000.0), varying(6_000.0)),
            "churn_per_year": churn(),
            "contracts": menu(),
        },
        contract_choice=some(
            discount_elasticity=amounts(0.0, 2.0), payment_days_sensitivity=amounts(0.0, 0.7)
        ),
        profile=st.sampled_from(["smb", "mid_market", "enterprise"]),
        opens=moments(months),
        onboarding=some(
            days=days(),
            cost=amounts(0.0, 90.0),
            fee=amounts(0.0, 120.0),
            first_value_days=amounts(0.5 * MONTH, MONTH, 2 * MONTH),
            late_churn=amounts(0.0, 1.5, 3.0),
            team=st.sampled_from(TEAMS),
        ),
        expansion=st.dictionaries(st.sampled_from(["seats", "upsell"]), playbook(), min_size=1),
        expansion_cap=st.one_of(amounts(0.0, 1.0, 1.5), varying(2.0)),
        contraction=st.fixed_dictionaries({"per_year": shares(), "size": varying_shares()}),
        csm=table(
            {"team": st.just(SUCCESS_TEAM), "accounts_per_rep": amounts(2.0, 20.0)},
            churn_overload=amounts(0.0, 0.5),
            expansion_overload=amounts(0.5),
            save_rate=shares(0.4, 1.0),
            health=table(
                {"sees": shares(0.4, 1.0)},
                false_alarms=shares(0.0, 0.4),
                accounts_per_alarm=amounts(0.0, 0.5),
            ),
            reviews=some(
                per_year=amounts(0.0, 6.0),
                cost=amounts(0.0, 12.0),
                accounts_per_review=amounts(0.0, 0.3),
                churn=amounts(0.0, 0.7),
            ),
            account_plans=some(
                cost_per_year=amounts(0.0, 60.0),
                accounts_per_plan=amounts(0.0, 0.2),
                expansion=amounts(0.0, 1.5),
            ),
        ),
        payments=table(
            {"fails": shares(0.1, 0.6), "retry_success": shares()},
            retry_days=amounts(0.0, 10.0, MONTH),
        ),
        win_back=st.fixed_dictionaries({"rate": shares(), "days": days()}),
        cogs_share=shares(0.0, 0.4),
        support_per_customer_per_year=amounts(0.0, 60.0),
        tech_stack=st.sampled_from(STACKS),
        queue_priority=st.integers(0, 99),
        fallback=st.fixed_dictionaries(
            {"below_acv": amounts(4_000.0, 8_000.0), "motion": st.just("touchless")}
        ),
        service_level=table(
            {"misses_per_year": amounts(3.0, 12.0, 0.0), "credit": shares(0.1, 1.0)},
            churn=amounts(0.0, 6.0, 1.0),
        ),
        value_bands=st.sampled_from([(5_000.0,), (2_000.0, {"p10": 7_000.0, "p90": 9_000.0})]),
    )


@st.composite
def graduations(draw: st.DrawFn, segments: Tables) -> Tables:
    """Segments whose customers may move up to the next one."""
    names = list(segments)
    made = dict(segments)
    for name, above in pairwise(names):
        if draw(st.booleans()):
            arr = draw(amounts(0.0, 3_000.0, 8_000.0))
            made[name] = {**made[name], "graduates": {"to": above, "arr_above": arr}}
    return made


# --- the market


CLASSES = {
    "sizes": ("small", "large"),
    "tiers": ("low", "middle", "high"),
    "complexities": ("simple", "complex"),
    "verticals": ("fast", "regulated", "slow"),
    "regions": ("near", "far"),
}
"""Qualities of accounts and the classes that they may be divided into."""

_ENDS = {"sizes": ("from_employees", (1, 40)), "tiers": ("from_acv", (0, 4_000, 9_000))}
TOUCHES = ("self_service", "assisted", "field")


def effects() -> dict[str, st.SearchStrategy]:
    """What a class or a misfit multiplies."""
    return {
        "win_odds": amounts(0.0, 0.5, 2.0),
        "days": amounts(0.0, 0.5, 1.5),
        "churn": amounts(0.0, 0.5, 2.0),
        "delivery_cost": amounts(0.0, 1.25),
    }


@st.composite
def classes(draw: st.DrawFn, quality: str) -> Tables:
    """Classes of a quality."""
    names = CLASSES[quality]
    if quality in _ENDS:
        key, ends = _ENDS[quality]
        required = [{key: st.just(float(end))} for end in ends]
    else:
        equal = st.just(1.0 / len(names))
        uncertain = st.just({"p10": 0.2, "p90": 0.6})
        share = draw(st.sampled_from([equal, uncertain]))
        required = [{"share": share} for _ in names]
    tables = (table(keys, needs=st.sampled_from(TOUCHES), **effects()) for keys in required)
    return {name: draw(each) for name, each in zip(names, tables, strict=True)}


@st.composite
def buyers(draw: st.DrawFn) -> Tables:
    """A market whose accounts are divided by any of the qualities."""
    spread = {"median": 25.0, "p90": {"p10": 90.0, "p90": 200.0}}
    worth = {"median": 5_000.0, "p90": 20_000.0}
    made: Tables = draw(
        table(
            {"potential": st.sampled_from([worth, 6_000.0, {"p10": 1_000.0, "p90": 12_000.0}])},
            accounts=st.sampled_from([30, 400]),
            cool_off_months=st.integers(0, 4),
            employees=st.sampled_from([spread, 50.0]),
            size_and_potential=st.sampled_from([0.6, -0.3]),
            size_and_complexity=st.sampled_from([0.2, 0.5]),
            potential_and_complexity=st.just(0.4),
        )
    )
    for quality in CLASSES:
        if draw(st.booleans()):
            made[quality] = draw(classes(quality))
    return made


@st.composite
def segmentation(draw: st.DrawFn, market: Tables, segments: tuple[str, ...]) -> tuple[Tables, ...]:
    """Rules by the first class of some qualities, each narrower than the last, which takes all."""
    divided = [quality for quality in CLASSES if quality in market]
    chosen = draw(st.lists(st.sampled_from(divided), unique=True)) if divided else []
    names = st.sampled_from(segments)
    rules = [
        {"to": draw(names), **{quality: (CLASSES[quality][0],) for quality in chosen[n:]}}
        for n in range(len(chosen))
    ]
    return (*rules, {"to": draw(names)})


def reach() -> st.SearchStrategy:
    """Whom a channel reaches better than others."""
    both = {"employees": amounts(0.5, 3.0), "potential": amounts(0.5, 2.0)}
    return st.one_of(st.just({}), st.fixed_dictionaries(both))


@st.composite
def reach_of(draw: st.DrawFn, market: Tables) -> Tables:
    """Reach of a channel into a market, by the classes that it has."""
    made: Tables = draw(reach())
    for quality in ("verticals", "regions"):
        if quality in market and draw(st.booleans()):
            made[quality] = {CLASSES[quality][0]: draw(amounts(0.0, 3.0))}
    return made


def first_deals() -> st.SearchStrategy:
    """What part of an account's potential its first deal is."""
    return st.sampled_from([0.4, 1.0, {"p10": 0.1, "p90": 0.7}, {"mean": 0.3, "sd": 0.2}])


def fit() -> st.SearchStrategy:
    """What touch does to accounts that need another."""
    gaps = ("under_by_two", "under_by_one", "over_by_one", "over_by_two")
    return some(**{gap: some(**effects()) for gap in gaps})


# --- motions, teams, channels


def stage(team: str | None) -> st.SearchStrategy:
    """A stage of a motion, by itself or worked by a team."""
    keys = {"win_rate": st.one_of(st.sampled_from([0.6, 0.8, 1.0]), shares(0.5, 1.0), shares())}
    optional = {
        "days": days(0.5 * MONTH),
        "cost": amounts(0.0, 15.0),
        "touches": amounts(0.0, 2.0),
        "cost_per_touch": amounts(0.0, 33.33),
    }
    if team is None:
        return table(keys, **optional)
    return table({**keys, "team": st.just(team)}, **optional, patience_days=days())


@st.composite
def motion(draw: st.DrawFn, teams: tuple[str, ...] = TEAMS) -> Tables:
    """A motion of one to four stages, without a team if there is none to choose from."""
    any_team = st.sampled_from(teams) if teams else st.none()
    seller, other = draw(any_team), draw(any_team)
    workers = st.lists(st.sampled_from([seller, None, seller, other]), min_size=1, max_size=4)
    stages = [draw(stage(worker)) for worker in draw(workers)]
    names = [f"step_{n}" for n in range(len(stages))]
    made: Tables = {"stages": dict(zip(names, stages, strict=True))}
    if draw(st.booleans()):
        made["touch"] = draw(st.sampled_from(TOUCHES))
    if draw(st.booleans()):
        made["order"] = tuple(draw(st.permutations(names)))
    if draw(st.booleans()):
        made["opportunity_stage"] = draw(st.sampled_from(names))
    return made


def hires(months: int) -> st.SearchStrategy:
    """Planned hires."""
    n = st.integers(0, 2)
    each = st.tuples(moments(months), n).map(lambda parts: {**parts[0], "n": parts[1]})
    return st.lists(each, max_size=2).map(tuple)


def hiring(segments: tuple[str, ...]) -> st.SearchStrategy:
    """Hiring rules: by customers, by utilisation, or both."""
    some_segments = st.lists(st.sampled_from(segments), min_size=1, unique=True).map(tuple)
    customers = table({"customers_per_rep": amounts(2.0, 5.0)}, customers_of=some_segments)
    busy = table(
        {"utilisation_above": shares(0.1, 0.8)}, for_months=st.integers(1, 3), n=st.integers(1, 2)
    )
    both = st.tuples(customers, busy).map(lambda rules: rules[0] | rules[1])
    return st.one_of(customers, busy, both)


@st.composite
def team(draw: st.DrawFn, name: str, months: int, segments: tuple[str, ...]) -> Tables:
    """A team of few reps."""
    functions = ["sales", "marketing", "success", "implementation"]
    function = st.just("success") if name == SUCCESS_TEAM else st.sampled_from(functions)
    made: Tables = draw(
        table(
            {"function": function, "base_per_year": amounts(0.0, 1_200.0)},
            reps=st.integers(0, 3),
            open_deals=amounts(1.0, 2.0, 3.0),
            hires=hires(months),
            hiring=hiring(segments),
            lead_time_months=st.integers(0, 3),
            ramp_by_quarter=st.lists(shares(), min_size=1, max_size=3).map(tuple),
            leaves_per_year=amounts(0.0, 0.5, 3.0),
            replaces=st.booleans(),
            on_costs=shares(0.0, 0.5),
            tools_per_month=amounts(0.0, 10.0),
            recruiting_cost=amounts(0.0, 100.0),
            commission=shares(0.0, 0.2),
            quota_per_year=amounts(60_000.0),
            segments=st.lists(st.sampled_from(segments), min_size=1, unique=True).map(tuple),
        )
    )
    planned = made.get("reps", 0) + sum(hire["n"] for hire in made.get("hires", ()))
    return {**made, "max_reps": max(1, planned + draw(st.integers(0, 2)))}


def response() -> st.SearchStrategy:
    """Leads from spend: a power law or a Hill curve."""
    optional = {"carry_over": shares(0.0, 0.9), "established": st.booleans()}
    power = {
        "reference_spend": amounts(100.0),
        "leads": amounts(4.0, 8.0),
        "elasticity": st.sampled_from([0.5, {"p10": 0.4, "p90": 0.8}]),
    }
    hill = {
        "max_leads": st.sampled_from([{"p10": 10.0, "p90": 20.0}, 15.0]),
        "half_spend": st.sampled_from([{"choices": (60.0, 90.0), "weights": (1, 3)}, 80.0]),
        "slope": amounts(1.0, 2.0),
    }
    return st.one_of(table(power, **optional), table(hill, **optional))


def word_of_mouth(segments: tuple[str, ...]) -> st.SearchStrategy:
    """Leads from customers."""
    some_segments = st.lists(st.sampled_from(segments), min_size=1, unique=True).map(tuple)
    return table(
        {"per_customer_per_month": amounts(0.02, 0.05)},
        customers_of=some_segments,
        reward=amounts(0.0, 25.0),
    )


def mix(segments: tuple[str, ...]) -> st.SearchStrategy:
    """Shares of a channel's leads that sum to 1, or are uncertain and made to."""
    alone = st.sampled_from(segments).map(lambda name: {name: 1.0})
    alike = st.just({name: 1.0 / len(segments) for name in segments})
    uncertain = st.just({name: {"p10": 0.2, "p90": 0.7} for name in segments})
    return st.one_of(alone, alike, uncertain)


@st.composite
def channel(draw: st.DrawFn, months: int, segments: tuple[str, ...]) -> Tables:
    """A channel with any of its sources."""
    event = table(
        {"month": st.integers(1, months), "leads": amounts(9.0, 20.0)},
        cost=amounts(0.0, 120.0),
        every_months=st.integers(1, 4),
    )
    made: Tables = draw(
        table(
            {"segments": mix(segments)},
            organic_per_month=amounts(3.0, 9.0),
            growth_per_year=st.sampled_from([0.0, -0.5, 2.0, {"p10": 0.1, "p90": 0.6}]),
            seasonality=st.lists(amounts(0.0, 0.5, 2.0), min_size=12, max_size=12).map(tuple),
            outbound=st.fixed_dictionaries(
                {"team": st.sampled_from(TEAMS), "leads_per_rep_per_month": amounts(0.5, 2.0)}
            ),
            virality=word_of_mouth(segments),
            referrals=word_of_mouth(segments),
            partners=table(
                {"count": amounts(0.0, 2.0), "leads_per_partner_per_month": amounts(0.3, 1.0)},
                added_per_month=amounts(0.0, 0.5),
                commission=shares(0.0, 0.3),
            ),
            events=st.dictionaries(st.sampled_from(["fair", "launch"]), event, min_size=1),
            cost_per_lead=amounts(0.0, 1.5),
        )
    )
    spends = draw(st.sampled_from(["nothing", "amount", "budget"]))
    if spends == "amount":
        made["spend_per_month"] = draw(by_stage(amounts(50.0, 200.0)))
    elif spends == "budget":
        made["spend"] = {"budget": "marketing", "share": draw(shares(0.1, 1.0))}
    if spends != "nothing" and draw(st.booleans()):
        made["response"] = draw(response())
    return made


# --- the company


def rounds(months: int) -> st.SearchStrategy:
    """Funding rounds."""
    each = table({"when": moments(months), "amount": amounts(5_000.0)}, closes=shares())
    flat = each.map(lambda keys: {**keys.pop("when"), **keys})
    late = st.tuples(flat, st.integers(0, 3)).map(
        lambda parts: parts[0] | ({"delay_months": parts[1]} if "stage" in parts[0] else {})
    )
    return st.dictionaries(st.sampled_from(["seed", "a"]), late, max_size=2)


def floor() -> st.SearchStrategy:
    """A low-cash policy."""
    return table(
        {"cash_below": amounts(500.0, 5_000.0)},
        hiring_freeze=st.booleans(),
        spend_cut=st.sampled_from([{"p10": 0.3, "p90": 0.6}, {"p10": 0.1, "p90": 0.2}, 1.0]),
        bridge=amounts(3_000.0, 1_000.0),
    )


@st.composite
def opening(draw: st.DrawFn, segments: Tables, motions: Tables) -> Tables:
    """Customers and deals at the start."""
    age = st.one_of(st.sampled_from([12.0, 0.0, 17.5, 3.0, 30.0]), varying(14.0))
    customers = table(
        {"count": st.integers(3, 12)},
        acv=st.one_of(amounts(1_200.0), varying(5_000.0)),
        age_months=age,
    )
    pipeline = {
        name: {draw(st.sampled_from(sorted(motions[each["motion"]]["stages"]))): draw(few)}
        for name, each in segments.items()
        for few in [st.integers(0, 8)]
        if draw(st.sampled_from([True, True, False]))
    }
    made: Tables = {"pipeline": pipeline} if pipeline else {}
    some_names = st.sampled_from(sorted(segments))
    chosen = draw(st.dictionaries(some_names, customers, min_size=draw(st.integers(0, 1))))
    return {**made, "customers": chosen} if chosen else made


@st.composite
def company_stages(draw: st.DrawFn, segments: tuple[str, ...]) -> Tables:
    """Company stages, at thresholds that small companies pass."""
    lists = st.lists(st.sampled_from(segments), unique=True).map(tuple)
    thresholds = zip(STAGES[1:], (8_000.0, 25_000.0, 70_000.0), strict=True)
    made: Tables = {
        name: {"from_arr": draw(st.sampled_from([arr, {"p10": 0.9 * arr, "p90": 1.1 * arr}]))}
        for name, arr in thresholds
    }
    made["pre_pmf"] = {}
    for table_of_stage in made.values():
        if draw(st.booleans()):
            table_of_stage["open"] = draw(lists)
    return made


def cost_lines() -> st.SearchStrategy:
    """Running costs."""
    functions = ["product", "g_and_a", "marketing", "sales", "success", "support"]
    line = table(
        {"function": st.sampled_from(functions)},
        per_month=by_stage(amounts(0.0, 300.0)),
        growth_per_year=st.sampled_from([0.0, -0.2, {"p10": 0.1, "p90": 0.6}]),
        share_of_revenue=shares(0.0, 0.2),
    )
    return st.dictionaries(st.sampled_from(["team", "office", "fees"]), line, max_size=3)


def tech_stacks() -> st.SearchStrategy:
    """Nested tools."""
    return st.just(
        {
            "basic": {"per_month": 20.0},
            "assisted": {"per_month": 30.0, "includes": ("basic",)},
            "full": {"per_month": {"p10": 40.0, "p90": 60.0}, "includes": ("assisted", "basic")},
        }
    )


def budgets() -> st.SearchStrategy:
    """One budget that channels share."""
    budget = some(per_month=by_stage(amounts(200.0)), share_of_arr=by_stage(amounts(0.0, 0.02)))
    return budget.map(lambda keys: {"marketing": keys or {"per_month": 100.0}})


def price_changes(months: int, segments: tuple[str, ...]) -> st.SearchStrategy:
    """Changes of list prices, up or down."""
    change = table(
        {
            "month": st.integers(1, months),
            "change": st.sampled_from([0.2, -0.1, {"p10": 0.05, "p90": 0.3}]),
        },
        segments=st.lists(st.sampled_from(segments), min_size=1, unique=True).map(tuple),
        renewals=st.booleans(),
        win_odds_elasticity=amounts(0.0, 1.5),
        churn_elasticity=amounts(0.0, 2.0),
    )
    return st.dictionaries(st.sampled_from(["spring", "autumn"]), change, max_size=2)


@st.composite
def money_to_spend(draw: st.DrawFn) -> Tables:
    """The budget that channels share, by itself or as a part of an allocation."""
    if draw(st.booleans()):
        return {"budgets": draw(budgets())}
    return {"allocation": draw(allocation())}


@st.composite
def allocation(draw: st.DrawFn) -> Tables:
    """A total by any of its forms, and its parts."""
    totals = draw(
        some(
            per_month=by_stage(amounts(300.0, 900.0)),
            share_of_arr=by_stage(amounts(0.2, 0.6)),
            burn_limit_per_month=amounts(0.0, 500.0),
        )
    )
    parts = ("product", "marketing", "sales_and_success", "support")
    plain = dict.fromkeys(parts, 0.25)
    staged = {
        part: {"pre_pmf": 0.25, "scaling": 0.1 if part == "product" else 0.3} for part in parts
    }
    uncertain = {part: {"p10": 0.2, "p90": 0.4} for part in parts}
    focus = draw(st.sampled_from([plain, staged, uncertain]))
    reference = {"reference_per_month": amounts(100.0)}
    on_churn = st.sampled_from([0.6, {"p10": 0.1, "p90": 0.5}])
    on_odds = st.sampled_from([0.8, {"p10": 0.2, "p90": 0.7}])
    effect = st.one_of(
        table({**reference, "churn_elasticity": on_churn}, win_odds_elasticity=on_odds),
        table({**reference, "win_odds_elasticity": on_odds}),
    )
    more = some(
        teams=st.lists(st.sampled_from(TEAMS), min_size=1, unique=True).map(tuple),
        product_effect=effect,
    )
    return {**(totals or {"per_month": 500.0}), "focus": focus, **draw(more)}


def targets() -> st.SearchStrategy:
    """A target of each form; they change no event."""
    target = st.one_of(
        st.just({"metric": "closing_arr", "at_least": 1_000.0, "by_month": 1}),
        st.just({"metric": "cash", "at_least": 0.0, "always": True}),
        st.just({"metric": "closing_arr", "at_most": 1e9, "at_month": 1, "segment": "smb"}),
    )
    return st.dictionaries(st.just("goal"), target, max_size=1)


def expectations() -> st.SearchStrategy:
    """Expectations of each severity; they change no event."""
    expected = st.one_of(
        st.just({"that": "p10(cash_min) > 0"}),
        st.just(
            {"that": "mean(arr[1]) < 1B", "name": "Small", "level": 0.9, "severity": "warning"}
        ),
    )
    return st.lists(expected, max_size=1).map(tuple)


def limits() -> st.SearchStrategy:
    """Limits of health, that small companies keep or miss."""
    given = {
        "cac": st.sampled_from([500.0, 1e6]),
        "cac_to_acv": st.sampled_from([0.25, 1e3]),
        "payback_months": st.sampled_from([12.0, 1_200.0]),
        "ltv_to_cac": st.just(3.0),
        "churn_per_year": st.sampled_from([0.2, 1.0]),
        "gross_margin": st.just(0.7),
        "cac_ratio": st.just(2.0),
        "nrr": st.just(1.0),
        "support_per_customer_per_year": st.just(200.0),
        "accounts_per_rep": st.just(50.0),
        "expansion_per_year": st.just(0.1),
    }
    kept = {"cac": 1e9, "cac_to_acv": 1e6, "payback_months": 1_200.0, "churn_per_year": 1.0}
    return st.one_of(some(**given), st.just(kept))


def verdicts() -> st.SearchStrategy:
    """Limits by profile and ruler."""
    rulers = some(playbook=limits(), benchmark=limits())
    return some(smb=rulers, mid_market=rulers, enterprise=rulers)


def objectives() -> st.SearchStrategy:
    """An objective; it changes no event."""
    objective = {"arr_multiple": 5.0, "cash": 0.5, "ruin": -1.0, "month": 1}
    return st.sampled_from([None, objective])


def correlations(made: Tables) -> tuple[Tables, ...]:
    """The first two uncertain inputs, correlated, where there are two."""
    inputs = list(uncertain_inputs(Scenario.model_validate(made)))[:2]
    return ({"between": tuple(inputs), "spearman": -0.7},) if len(inputs) == 2 else ()


@st.composite
def scenarios(draw: st.DrawFn) -> Tables:
    """Tables of a small scenario; arrays are tuples, as the models hold them."""
    months = draw(st.sampled_from([14, 20, 26, 8, 1]))
    names = SEGMENTS[: draw(st.sampled_from([1, 2, 2, 3]))]
    motions = {"direct": draw(motion()), "other": draw(motion())}
    segments = {
        name: {"motion": draw(st.sampled_from(sorted(motions))), **draw(segment(months))}
        for name in names
    }
    if any("fallback" in each for each in segments.values()):
        motions["touchless"] = draw(motion(()))
    segments = draw(graduations(segments))
    for number, name in enumerate(names[1:], 1):
        if draw(st.booleans()):
            segments[name] = {**segments[name], "opens": draw(conditions(months, names[:number]))}
    cash = st.sampled_from([1e6, 1e6, 1e5, 1_000.0, 0.0, {"p10": 9_000.0, "p90": 90_000.0}])
    made = {
        "scenario": {"name": "generated", "start": date(2026, 4, 1), "months": months},
        "company": {
            "cash": draw(cash),
            "rounds": draw(rounds(months)),
            "opening": draw(opening(segments, motions)),
            **draw(some(floor=floor(), largest_customer_leaves=st.integers(1, 12))),
        },
        "stages": draw(company_stages(names)),
        "stage_rule": draw(some(confirm_months=st.integers(1, 3), falls_back=st.booleans())),
        "segments": segments,
        "motions": motions,
        "teams": {name: draw(team(name, months, names)) for name in TEAMS},
        "channels": draw(
            st.dictionaries(
                st.sampled_from(["web", "field"]), channel(months, names), min_size=1, max_size=2
            )
        ),
        **draw(money_to_spend()),
        "costs": draw(cost_lines()),
        "tech_stacks": draw(tech_stacks()),
        "price_changes": draw(price_changes(months, names)),
        "targets": draw(targets()),
        "expect": draw(expectations()),
        "objective": draw(objectives()),
        "verdicts": draw(verdicts()),
    }
    made |= draw(market_of(made))
    return {**made, "correlations": correlations(made)}


@st.composite
def market_of(draw: st.DrawFn, made: Tables) -> Tables:
    """A market for some channels of a scenario, with its rules, or nothing."""
    if draw(st.booleans()):
        return {}
    market = draw(buyers())
    names = tuple(made["segments"])
    open_to_all = draw(st.lists(st.sampled_from(sorted(made["channels"])), min_size=1, unique=True))
    channels = dict(made["channels"])
    for name in open_to_all:
        kept = {key: value for key, value in channels[name].items() if key != "segments"}
        channels[name] = {**kept, "reach": draw(reach_of(market))}
    segments = dict(made["segments"])
    for name in names:
        if draw(st.booleans()):
            segments[name] = {**segments[name], "potential_share": draw(first_deals())}
    return {
        "buyers": market,
        "segmentation": draw(segmentation(market, names)),
        "channels": channels,
        "segments": segments,
        **draw(some(fit=fit())),
    }
