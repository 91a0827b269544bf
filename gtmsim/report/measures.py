"""What measures of unit economics are called and counted in, their limits and their states."""

from collections.abc import Mapping
from typing import NamedTuple

from gtmsim.analysis.units import Unit
from gtmsim.metrics.verdicts import State
from gtmsim.report.numbers import exactly
from gtmsim.scenario.profiles import AT_LEAST, Bounds


class Line(NamedTuple):
    """A measure as a line of a table."""

    name: str
    label: str
    unit: Unit


MEASURES: Mapping[str, Line] = {
    line.name: line
    for line in (
        Line("wins", "new customers a month", Unit.COUNT),
        Line("list_acv", "list price a year", Unit.MONEY),
        Line("acv", "first-year ARR", Unit.MONEY),
        Line("paid_cac", "CAC, paid", Unit.MONEY),
        Line("cac", "CAC, fully loaded", Unit.MONEY),
        Line("cac_to_acv", "CAC / ACV", Unit.SHARE),
        Line("gross_margin", "gross margin", Unit.SHARE),
        Line("payback_months", "CAC payback, months", Unit.MONTHS),
        Line("break_even_month", "cohort breaks even, month", Unit.MONTH),
        Line("churn_per_year", "churn a year", Unit.SHARE),
        Line("ltv", "LTV, ARPA x margin / churn", Unit.MONEY),
        Line("discounted_ltv", "LTV, 5 years at 10%", Unit.MONEY),
        Line("ltv_to_cac", "LTV:CAC", Unit.MULTIPLE),
        Line("expansion_per_year", "expansion a year", Unit.SHARE),
        Line("nrr", "NRR, first year", Unit.SHARE),
        Line("grr", "GRR, first year", Unit.SHARE),
    )
}
OF_FALLBACKS = (
    Line("fallen", "leads that fall back", Unit.SHARE),
    Line("fallen_wins", "new customers who fell back", Unit.SHARE),
)
"""Of segments with another motion for deals of low value."""
_OF_VERDICTS: Mapping[str, Line] = {
    "cac_ratio": Line("cac_ratio", "CAC ratio, new logos", Unit.MULTIPLE),
    "support_per_customer_per_year": Line(
        "support_per_customer_per_year", "support of a customer", Unit.MONEY
    ),
    "accounts_per_rep": Line("accounts_per_rep", "accounts per CSM", Unit.COUNT),
}

_STATES = {State.HEALTHY: "healthy", State.STRAINED: "strained", State.BROKEN: "broken"}
UNDEFINED = "undefined"


def line_of(measure: str) -> Line:
    """Label and unit of a measure that verdicts are about."""
    return MEASURES.get(measure) or _OF_VERDICTS[measure]


def short_label(measure: str) -> str:
    """Label of a measure without what qualifies it."""
    return line_of(measure).label.partition(",")[0]


def state_text(state: State | None) -> str:
    """Write a state."""
    return UNDEFINED if state is None else _STATES[state]


def judged_text(segment: str, ruler: str, profile: str) -> str:
    """Write what is judged by what: ``self_serve by the playbook for smb``."""
    return f"{segment} by the {ruler}" + ("" if profile == segment else f" for {profile}")


def limit_text(measure: str, bounds: Bounds, currency: str) -> str:
    """Write up to where a measure is healthy: ``at most $500``."""
    side = "at least" if measure in AT_LEAST else "at most"
    return f"{side} {exactly(bounds.healthy, line_of(measure).unit, currency)}"
