"""Segments and their funnels."""

import numpy as np

from gtmsim.plan.distributions import Number
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.rows import (
    NONE,
    DistRow,
    DistRows,
    churn,
    days,
    money,
    touch_step,
)
from gtmsim.plan.lowering.tables import (
    IntRow,
    NumberRow,
    int_table,
    write_cells,
    write_rows,
)
from gtmsim.plan.names import Names, SegmentPart, Stream, row_of, rows_of_segment
from gtmsim.plan.structure import (
    MAX_BANDS,
    OPENING_YEARS,
    FunnelFloat,
    FunnelInt,
    Ints,
    SegmentFloat,
    SegmentInt,
    Source,
    Values,
)
from gtmsim.scenario.models import Motion, Scenario
from gtmsim.scenario.profiles import usual_touch
from gtmsim.vocabulary import OPENING_CHANNEL


def stage_order(motion: Motion) -> tuple[str, ...]:
    """Stages of a motion in the order in which deals pass them."""
    return motion.order or tuple(motion.stages)


def opportunity_stage(motion: Motion) -> str:
    """Stage from which an entry is an opportunity."""
    order = stage_order(motion)
    with_team = (stage for stage in order if motion.stages[stage].team)
    return motion.opportunity_stage or next(with_team, order[-1])


def funnel_of(scenario: Scenario, segment: str) -> tuple[SegmentPart, ...]:
    """Stages of a segment's own motion, then of the one that low-value deals fall back to."""
    model = scenario.segments[segment]
    own = stage_order(scenario.motions[model.motion])
    parts = [SegmentPart(segment, stage) for stage in own]
    if model.fallback is not None:
        other = model.fallback.motion
        stages = stage_order(scenario.motions[other])
        parts += [SegmentPart(segment, stage, other) for stage in stages]
    return tuple(parts)


def motion_of(scenario: Scenario, part: SegmentPart) -> str:
    """Motion of a funnel stage."""
    return part.fallback or scenario.segments[part.segment].motion


_OF_SUCCESS = (
    SegmentFloat.ACCOUNTS_PER_REP,
    SegmentFloat.CHURN_OVERLOAD,
    SegmentFloat.EXPANSION_OVERLOAD,
    SegmentFloat.SAVE_RATE,
    SegmentFloat.ALARMS_SEEN,
    SegmentFloat.FALSE_ALARMS,
    SegmentFloat.ACCOUNTS_PER_ALARM,
    SegmentFloat.REVIEWS_PER_MONTH,
    SegmentFloat.REVIEW_COST,
    SegmentFloat.ACCOUNTS_PER_REVIEW,
    SegmentFloat.REVIEWED_CHURN,
    SegmentFloat.PLAN_COST,
    SegmentFloat.ACCOUNTS_PER_PLAN,
    SegmentFloat.PLANNED_EXPANSION,
)
"""Columns that nothing reads of a segment without CSMs."""


def touch_of(motion: Motion) -> int:
    """Step of touch of a motion."""
    has_team = any(stage.team for stage in motion.stages.values())
    return touch_step(usual_touch(motion.touch, has_team))


def _closing_team(scenario: Scenario, segment: str) -> str | None:
    """Team that closes a segment's deals: that of the last stage that has one."""
    motion = scenario.motions[scenario.segments[segment].motion]
    teams = (motion.stages[stage].team for stage in reversed(stage_order(motion)))
    return next((team for team in teams if team), None)


# Distributions


def segment_distributions(scenario: Scenario, segment: str) -> dict[SegmentInt, DistRow]:
    """Distributions of a segment by the column that refers to them; absent ones left out."""
    model = scenario.segments[segment]
    at = ("segments", segment)
    rows = {
        SegmentInt.CHURN_DIST: churn(segment),
        SegmentInt.ONBOARDING_DIST: days(*at, "onboarding", "days"),
        SegmentInt.CAP_DIST: DistRow((*at, "expansion_cap")),
    }
    if model.acv is not None:
        rows[SegmentInt.ACV_DIST] = money(*at, "acv")
    if model.potential_share is not None:
        rows[SegmentInt.POTENTIAL_SHARE_DIST] = DistRow((*at, "potential_share"))
    if model.contraction:
        rows[SegmentInt.CONTRACTION_DIST] = DistRow((*at, "contraction", "size"))
    if model.win_back:
        rows[SegmentInt.WIN_BACK_DIST] = days(*at, "win_back", "days")
    return rows


def opening_distributions(scenario: Scenario, segment: str) -> dict[SegmentInt, DistRow]:
    """Distributions of a segment's opening customers; none if it has no such customers."""
    customers = scenario.company.opening.customers.get(segment)
    if customers is None:
        return {}
    at = ("company", "opening", "customers", segment)
    own_price = customers.acv is not None
    return {
        SegmentInt.OPENING_ACV_DIST: money(*(at if own_price else ("segments", segment)), "acv"),
        SegmentInt.OPENING_AGE_DIST: DistRow((*at, "age_months")),
        SegmentInt.OPENING_CHURN_DIST: churn(segment),
    }


def opening_churn(segment: str) -> tuple[DistRow, ...]:
    """Churn of an opening segment's customers by years survived; the rows stand together."""
    return tuple(churn(segment, years) for years in range(OPENING_YEARS))


def funnel_distributions(scenario: Scenario, part: SegmentPart) -> dict[FunnelInt, DistRow]:
    """Distributions of a funnel stage by the column that refers to them."""
    motion = motion_of(scenario, part)
    at = ("motions", motion, "stages", part.name)
    rows = {FunnelInt.DURATION_DIST: days(*at, "days")}
    if scenario.motions[motion].stages[part.name].patience_days is not None:
        rows[FunnelInt.PATIENCE_DIST] = days(*at, "patience_days")
    return rows


# Structure


def segment_table(scenario: Scenario, names: Names, dists: DistRows) -> Ints:
    """Whole numbers of the segments, shape (S, SegmentInt)."""
    rows = [_segment_row(scenario, names, dists, segment) for segment in names.segments]
    return int_table(SegmentInt, rows)


def funnel_table(scenario: Scenario, names: Names, dists: DistRows) -> Ints:
    """Whole numbers of the funnel stages, shape (R, FunnelInt)."""
    return int_table(
        FunnelInt, [_funnel_row(scenario, names, dists, part) for part in names.funnel]
    )


def _segment_row(
    scenario: Scenario, names: Names, dists: DistRows, segment: str
) -> IntRow[SegmentInt]:
    model = scenario.segments[segment]
    found = segment_distributions(scenario, segment) | opening_distributions(scenario, segment)
    return (
        _parts(names, segment)
        | _opening(scenario, names, segment)
        | _opens(scenario, names, segment)
        | dists.columns(SegmentInt, found)
        | {
            SegmentInt.OPPORTUNITY_ROW: names.funnel.index(
                SegmentPart(segment, opportunity_stage(scenario.motions[model.motion]))
            ),
            SegmentInt.ONBOARDING_TEAM: row_of(names.teams, model.onboarding.team),
            SegmentInt.CLOSING_TEAM: row_of(names.teams, _closing_team(scenario, segment)),
            SegmentInt.CSM_TEAM: row_of(names.teams, model.csm.team if model.csm else None),
            SegmentInt.PRIORITY: model.queue_priority,
            SegmentInt.GRADUATES_TO: row_of(
                names.segments, model.graduates.to if model.graduates else None
            ),
            SegmentInt.BANDS: len(model.value_bands),
            SegmentInt.TOUCH: touch_of(scenario.motions[model.motion]),
            SegmentInt.FALLBACK_FIRST: _fallback_first(scenario, names, segment),
        }
    )


def _fallback_first(scenario: Scenario, names: Names, segment: str) -> int:
    fallback = scenario.segments[segment].fallback
    return NONE if fallback is None else rows_of_segment(names.funnel, segment, fallback.motion)[0]


def _parts(names: Names, segment: str) -> IntRow[SegmentInt]:
    funnel = rows_of_segment(names.funnel, segment)
    contracts = rows_of_segment(names.contracts, segment)
    playbooks = rows_of_segment(names.playbooks, segment)
    return {
        SegmentInt.FUNNEL_FIRST: funnel[0],
        SegmentInt.FUNNEL_COUNT: funnel[1],
        SegmentInt.CONTRACT_FIRST: contracts[0],
        SegmentInt.CONTRACT_COUNT: contracts[1],
        SegmentInt.PLAYBOOK_FIRST: playbooks[0],
        SegmentInt.PLAYBOOK_COUNT: playbooks[1],
    }


def _opens(scenario: Scenario, names: Names, segment: str) -> IntRow[SegmentInt]:
    opens = scenario.segments[segment].opens
    waits = opens is not None and (opens.after is not None or opens.runway_months is not None)
    by_month = opens.month - 1 if opens and opens.month else NONE
    by_stage = row_of(names.stages, opens.stage if opens else None)
    listed = any(segment in (stage.open or ()) for stage in scenario.stages.values())
    from_the_start = by_month == by_stage == NONE and (waits or not listed)
    return {
        SegmentInt.OPENS_BOUNDARY: 0 if from_the_start else by_month,
        SegmentInt.OPENS_STAGE: by_stage,
        SegmentInt.IS_CONDITIONAL: int(waits),
        SegmentInt.OPENS_AFTER: row_of(names.segments, opens.after if opens else None),
        SegmentInt.HEALTHY_MONTHS: opens.healthy_months if opens else 0,
    }


def _opening(scenario: Scenario, names: Names, segment: str) -> IntRow[SegmentInt]:
    customers = scenario.company.opening.customers.get(segment)
    stream = Stream(Source.OPENING_CUSTOMERS, OPENING_CHANNEL, segment)
    return {
        SegmentInt.OPENING_STREAM: names.streams.index(stream) if customers else NONE,
        SegmentInt.OPENING_COUNT: customers.count if customers else 0,
    }


def _funnel_row(
    scenario: Scenario, names: Names, dists: DistRows, part: SegmentPart
) -> IntRow[FunnelInt]:
    motion = scenario.motions[motion_of(scenario, part)]
    first, count = rows_of_segment(names.funnel, part.segment, part.fallback)
    opportunity = part._replace(name=opportunity_stage(motion))
    return dists.columns(FunnelInt, funnel_distributions(scenario, part)) | {
        FunnelInt.SEGMENT: names.segments.index(part.segment),
        FunnelInt.TEAM: row_of(names.teams, motion.stages[part.name].team),
        FunnelInt.STAGES: count,
        FunnelInt.LAST_ROW: first + count - 1,
        FunnelInt.OPPORTUNITY_ROW: names.funnel.index(opportunity),
        FunnelInt.TOUCH: touch_of(motion),
    }


# Values


def write_segments(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the segments and of their funnels."""
    segments = [root.at("segments", segment) for segment in names.segments]
    write_rows(out.segment, SegmentFloat, [_segment_numbers(segment) for segment in segments])
    write_cells(out.band, [_bands(segment) for segment in segments])
    stages = [
        root.at("motions", motion_of(root.model, part), "stages", part.name)
        for part in names.funnel
    ]
    write_rows(out.funnel, FunnelFloat, [_funnel_numbers(stage) for stage in stages])


def _bands(segment: Node) -> list[Number]:
    given = len(segment.model.value_bands)
    bands = [segment.at("value_bands").money(n) for n in range(given)]
    return [*bands, *[np.inf] * (MAX_BANDS - given)]


def _segment_numbers(segment: Node) -> NumberRow[SegmentFloat]:
    payments, onboarding = segment.at("payments"), segment.at("onboarding")
    return _success_numbers(segment) | {
        SegmentFloat.ONBOARDING_COST: onboarding.money("cost"),
        SegmentFloat.ONBOARDING_FEE: onboarding.money("fee"),
        SegmentFloat.FIRST_VALUE: (
            onboarding.months("first_value_days") if onboarding.has("first_value_days") else np.inf
        ),
        SegmentFloat.LATE_CHURN: onboarding.number("late_churn"),
        SegmentFloat.CONTRACTION_HAZARD: _contraction_hazard(segment),
        SegmentFloat.FAIL_RATE: payments.number("fails"),
        SegmentFloat.RETRY_SUCCESS: payments.number("retry_success"),
        SegmentFloat.RETRY_MONTHS: payments.months("retry_days"),
        SegmentFloat.WIN_BACK_RATE: (
            segment.at("win_back").number("rate") if segment.has("win_back") else 0.0
        ),
        SegmentFloat.GRADUATES_ABOVE: segment.money_in("graduates", "arr_above"),
        SegmentFloat.COGS_SHARE: segment.number("cogs_share"),
        SegmentFloat.RUNWAY_TO_OPEN: _runway_to_open(segment),
        SegmentFloat.SUPPORT_PER_MONTH: segment.money("support_per_customer_per_year") / 12.0,
        SegmentFloat.FALLBACK_BELOW: segment.money_in("fallback", "below_acv"),
        SegmentFloat.MISSED_SHARE: np.minimum(
            segment.number_in("service_level", "misses_per_year") / 12.0, 1.0
        ),
        SegmentFloat.CREDIT_SHARE: segment.number_in("service_level", "credit"),
        SegmentFloat.MISSED_CHURN: segment.number_in("service_level", "churn"),
    }


def _success_numbers(segment: Node) -> NumberRow[SegmentFloat]:
    if not segment.has("csm"):
        return dict.fromkeys(_OF_SUCCESS, 0.0)
    csm = segment.at("csm")
    health, reviews, plans = (
        csm.at(key) if csm.has(key) else None for key in ("health", "reviews", "account_plans")
    )
    return {
        SegmentFloat.ACCOUNTS_PER_REP: csm.number("accounts_per_rep"),
        SegmentFloat.CHURN_OVERLOAD: csm.number("churn_overload"),
        SegmentFloat.EXPANSION_OVERLOAD: csm.number("expansion_overload"),
        SegmentFloat.SAVE_RATE: csm.number("save_rate"),
        SegmentFloat.ALARMS_SEEN: health.number("sees") if health else 1.0,
        SegmentFloat.FALSE_ALARMS: health.number("false_alarms") if health else 0.0,
        SegmentFloat.ACCOUNTS_PER_ALARM: health.number("accounts_per_alarm") if health else 0.0,
        SegmentFloat.REVIEWS_PER_MONTH: reviews.number("per_year") / 12.0 if reviews else 0.0,
        SegmentFloat.REVIEW_COST: reviews.money("cost") if reviews else 0.0,
        SegmentFloat.ACCOUNTS_PER_REVIEW: reviews.number("accounts_per_review") if reviews else 0.0,
        SegmentFloat.REVIEWED_CHURN: reviews.number("churn") if reviews else 1.0,
        SegmentFloat.PLAN_COST: plans.money("cost_per_year") / 12.0 if plans else 0.0,
        SegmentFloat.ACCOUNTS_PER_PLAN: plans.number("accounts_per_plan") if plans else 0.0,
        SegmentFloat.PLANNED_EXPANSION: plans.number("expansion") if plans else 1.0,
    }


def _runway_to_open(segment: Node) -> Number:
    has_one = segment.has("opens") and segment.at("opens").has("runway_months")
    return segment.at("opens").number("runway_months") if has_one else 0.0


def _contraction_hazard(segment: Node) -> Number:
    if not segment.has("contraction"):
        return 0.0
    with np.errstate(divide="ignore"):  # a probability of 1 is an infinite hazard
        return -np.log1p(-segment.at("contraction").number("per_year"))


def _funnel_numbers(stage: Node) -> NumberRow[FunnelFloat]:
    entry = stage.money("cost") + stage.number("touches") * stage.money("cost_per_touch")
    return {
        FunnelFloat.WIN_RATE: stage.number("win_rate"),
        FunnelFloat.ENTRY_COST: np.floor(entry + 0.5),
    }
