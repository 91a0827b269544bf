"""Of what a plan should have more, and of what less."""

from collections.abc import Mapping
from types import MappingProxyType

from gtmsim.expressions.tree import (
    Arithmetic,
    Difference,
    Measure,
    Negative,
    Number,
    Quantity,
    Reduction,
)

_MORE = """
arr arr_growth arr_per_customer billings booked_arr booked_arr_per_logo cash cash_min closing_arr
closing_carr closing_customers closing_monthly_arr collections contribution
contribution_after_allocation expansion_arr expansion_per_year expansions gross_margin grr healthy
healthy_by_benchmark leads lead_to_customer logo_renewal_rate ltv ltv_to_cac magic_number
month_out_of_cash net_new_arr new_arr new_customers new_logos nrr open_opportunities
open_pipeline_arr opportunities pipeline_coverage pipeline_created_arr quick_ratio reactivated_arr
reactivated_customers renewal_rate retained_arr retained_arr_capped revenue rule_of_40 runway
sales_velocity same_quarter_booked_arr saved_customers services_collections services_revenue
signed_not_started_arr survives uplift_arr win_rate company_stage policy_stage
"""
_LESS = """
bad_debt blended_cac_ratio burn_multiple cac cac_payback cac_ratio cac_to_acv ceased_arr
ceased_customers channel_spend churned_arr churned_customers cogs commissions commissions_paid
company_marketing_cost company_sales_cost company_success_cost company_support_cost contraction_arr
contractions credit_notes expansion_commissions expansion_cost expansion_team_cost floor_active
general_cost insolvent involuntary_churned_arr involuntary_churned_customers largest_customer_share
lead_cost logo_churn loss_of_largest lost_opportunities month_of_stage needed_coverage net_burn
onboarding_cost paid_cac paid_channel_cac product_cost referral_cost renewal_lost_arr revenue_churn
sales_cycle sales_cycle_time sales_team_cost seller_time service_credits service_load stage_cost
success_programme_cost success_team_cost support_cost support_per_customer_per_year tools_cost
unserved_leads
"""
_NEITHER = """
deferred_revenue expansion_share expansion_triggers funding is_open largest_customer_arr
pipeline_closed_arr receivables renewal_due_arr renewals_due top_ten_arr transferred_arr
transferred_customers transferred_deferred_revenue unbilled_receivables
"""

DIRECTIONS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(_MORE.split(), 1),
        **dict.fromkeys(_LESS.split(), -1),
        **dict.fromkeys(_NEITHER.split(), 0),
    }
)
"""Of every measure: 1 where more of it is better, -1 where less is, 0 where neither can be said."""


def direction(quantity: Quantity) -> int:
    """Whether a plan should have more of a quantity.

    Parameters
    ----------
    quantity
        Of an expression. Measures that are multiplied or divided are taken as positive.

    Returns
    -------
    int
        1 where more is better, -1 where less is; 0 where neither can be said, as of a quantity
        whose parts disagree.
    """
    match quantity:
        case Number():
            return 0
        case Measure():
            return DIRECTIONS[quantity.name]
        case Reduction() | Difference():
            return direction(quantity.of)
        case Negative():
            return -direction(quantity.of)
        case Arithmetic():
            return _of_both(quantity)


def _of_both(quantity: Arithmetic) -> int:
    turned = -1 if quantity.sign in ("-", "/") else 1
    left, right = direction(quantity.left), turned * direction(quantity.right)
    factors = _constant(quantity.left), _constant(quantity.right)
    if quantity.sign in ("*", "/") and (factors[0] is None) != (factors[1] is None):
        factor = factors[0] if factors[1] is None else factors[1]
        return (left if factors[0] is None else right) * _sign(factor or 0.0)
    if factors[0] is not None or factors[1] is not None:  # a constant adds nothing
        return left if factors[0] is None else right
    return left if left == right else 0


def _sign(value: float) -> int:
    return (value > 0.0) - (value < 0.0)


def _constant(quantity: Quantity) -> float | None:
    """Value of a quantity without measures; None of any other."""
    match quantity:
        case Number():
            return quantity.value
        case Negative():
            value = _constant(quantity.of)
            return None if value is None else -value
        case Arithmetic():
            left, right = _constant(quantity.left), _constant(quantity.right)
            return None if left is None or right is None else _calculated(quantity, left, right)
        case _:
            return None


def _calculated(quantity: Arithmetic, left: float, right: float) -> float:
    if quantity.sign == "/":
        return left / right if right else 0.0
    return {"+": left + right, "-": left - right, "*": left * right}[quantity.sign]
