"""What makes a segment healthy: the limits by profile and ruler, and which profile a price has.

Two rulers, because they disagree: the growth playbook's targets (*playbook*) and what surveys
publish (*benchmark*). Amounts are in the scenario's currency, unconverted.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, get_args

from gtmsim.scenario.models import Limits, Rulers, Scenario, Touch, Verdicts


class Ruler(StrEnum):
    """What a segment is held against."""

    PLAYBOOK = "playbook"
    BENCHMARK = "benchmark"


PROFILES = ("smb", "mid_market", "enterprise")
"""Kinds of segments, by size of their customers."""

BANDS: Mapping[str, float] = MappingProxyType({"smb": 15e3, "mid_market": 100e3})
"""Mean list ACV up to which a segment has a profile; ACV bands of 2025 surveys [secondary]."""

AT_LEAST = frozenset(
    {"ltv_to_cac", "gross_margin", "nrr", "accounts_per_rep", "expansion_per_year"}
)
"""Measures that should not be lower than their limit; all others should not be higher."""


class Bounds(NamedTuple):
    """Limits of a measure: healthy up to the first, broken beyond the second."""

    healthy: float
    broken: float | None = None
    """None where the measure alone never breaks a motion."""


def _breaks(limit: float) -> Bounds:
    return Bounds(limit, limit)


_LEAST_LTV = 1.0
"""LTV:CAC under which a customer returns less than it cost."""

_DEFAULTS: Mapping[tuple[str, Ruler], Mapping[str, Bounds]] = {
    ("smb", Ruler.PLAYBOOK): {
        "cac": _breaks(500.0),
        "cac_to_acv": Bounds(0.25),
        "payback_months": _breaks(12.0),
        "ltv_to_cac": Bounds(5.0, _LEAST_LTV),
        "churn_per_year": _breaks(0.25),
        "support_per_customer_per_year": Bounds(200.0),
    },
    ("mid_market", Ruler.PLAYBOOK): {
        "cac": _breaks(5e3),
        "cac_to_acv": Bounds(0.25),
        "payback_months": _breaks(18.0),
        "ltv_to_cac": Bounds(4.0, _LEAST_LTV),
        "churn_per_year": _breaks(0.15),
        "accounts_per_rep": Bounds(50.0),
    },
    ("enterprise", Ruler.PLAYBOOK): {
        "cac": _breaks(100e3),
        "cac_to_acv": Bounds(0.5),
        "payback_months": _breaks(36.0),
        "ltv_to_cac": Bounds(3.0, _LEAST_LTV),
        "churn_per_year": _breaks(0.10),
        "expansion_per_year": Bounds(0.15),
    },
    ("smb", Ruler.BENCHMARK): {
        "payback_months": Bounds(12.0),
        "churn_per_year": Bounds(0.58),
        "gross_margin": Bounds(0.80),
        "cac_ratio": Bounds(2.00, 2.82),
        "nrr": Bounds(0.97),
    },
    ("mid_market", Ruler.BENCHMARK): {
        "payback_months": Bounds(18.0),
        "churn_per_year": Bounds(0.22),
        "gross_margin": Bounds(0.71),
        "cac_ratio": Bounds(2.00, 2.82),
        "nrr": Bounds(1.02),
    },
    ("enterprise", Ruler.BENCHMARK): {
        "payback_months": Bounds(24.0),
        "churn_per_year": Bounds(0.10),
        "gross_margin": Bounds(0.70),
        "cac_ratio": Bounds(2.00, 2.82),
        "nrr": Bounds(1.07),
    },
}


def profile_by_price(mean_list_acv: float) -> str:
    """Profile of a segment with this mean list price a year."""
    return next((name for name, top in BANDS.items() if mean_list_acv <= top), PROFILES[-1])


def profile_of(scenario: Scenario, segment: str, mean_list_acv: float) -> str:
    """Profile that a segment states, or else that of its price, or of its motion's touch.

    By its touch where prices are not the segment's but its accounts'.
    """
    model = scenario.segments[segment]
    if model.profile is not None:
        return model.profile
    if model.acv is None:
        motion = scenario.motions[model.motion]
        has_team = any(stage.team for stage in motion.stages.values())
        return profile_by_touch(motion.touch, has_team)
    return profile_by_price(mean_list_acv)


def profile_by_touch(touch: Touch | None, has_team: bool) -> str:
    """Profile that a motion is for, by its touch, or by its team where it states none."""
    profiles: dict[Touch, str] = dict(zip(get_args(Touch), PROFILES, strict=True))
    return profiles[usual_touch(touch, has_team)]


def usual_touch(touch: Touch | None, has_team: bool) -> Touch:
    """Touch that a motion states, or else that of having a team or none."""
    return touch or ("assisted" if has_team else "self_service")


def bounds_of(verdicts: Verdicts, profile: str, ruler: Ruler) -> Mapping[str, Bounds]:
    """Limits of a profile by measure, with those that a scenario changes.

    A changed limit keeps breaking a motion where it did so itself; a limit beyond which the motion
    is broken gives way to a healthy one beyond it.
    """
    rulers: Rulers = getattr(verdicts, profile)
    given: Limits = getattr(rulers, ruler.value)
    bounds = dict(_DEFAULTS[profile, ruler])
    for measure in Limits.model_fields:
        limit = getattr(given, measure)
        if limit is not None:
            bounds[measure] = _changed(bounds.get(measure), measure, float(limit))
    return bounds


def _changed(default: Bounds | None, measure: str, limit: float) -> Bounds:
    if default is None or default.broken is None:
        return Bounds(limit)
    if default.broken == default.healthy:
        return _breaks(limit)
    further = min if measure in AT_LEAST else max
    return Bounds(limit, further(default.broken, limit))
