"""What a target may be set on: accounts, and metrics that have a value every month."""

from gtmsim.vocabulary import COMPANY_ACCOUNTS, SEGMENT_ACCOUNTS, CompanyAccount

SEGMENT_METRICS = frozenset(
    {
        "arr_growth",
        "arr_per_customer",
        "blended_cac_ratio",
        "booked_arr_per_logo",
        "cac",
        "cac_payback",
        "cac_ratio",
        "cac_to_acv",
        "closing_carr",
        "contribution",
        "contribution_after_allocation",
        "expansion_per_year",
        "expansion_share",
        "gross_margin",
        "grr",
        "healthy",
        "healthy_by_benchmark",
        "largest_customer_share",
        "lead_to_customer",
        "logo_churn",
        "logo_renewal_rate",
        "loss_of_largest",
        "ltv",
        "ltv_to_cac",
        "magic_number",
        "net_new_arr",
        "nrr",
        "paid_cac",
        "paid_channel_cac",
        "quick_ratio",
        "renewal_rate",
        "revenue_churn",
        "sales_cycle",
        "sales_velocity",
        "support_per_customer_per_year",
        "win_rate",
    }
)
"""Metrics of the company that each segment has as well; ``gtmsim.metrics`` computes them."""

COMPANY_METRICS = frozenset(
    {
        "burn_multiple",
        "needed_coverage",
        "net_burn",
        "pipeline_coverage",
        "rule_of_40",
        "runway",
    }
)
"""Metrics of the company alone."""

BY_SEGMENT = SEGMENT_METRICS | {account.name for account in SEGMENT_ACCOUNTS}
"""Names that a target with a ``segment`` may use."""

_AT_THE_START_ONLY = COMPANY_ACCOUNTS[CompanyAccount.OPENING_CASH].name

TARGETABLE = (
    BY_SEGMENT
    | COMPANY_METRICS
    | {account.name for account in COMPANY_ACCOUNTS if account.name != _AT_THE_START_ONLY}
)
"""Names that a target may use."""

STOCKS = {"closing_carr"} | {
    account.name
    for account in (*SEGMENT_ACCOUNTS, *COMPANY_ACCOUNTS)
    if account.kind == "stock" and account.unit != "flag"
}
"""Amounts and counts of a month's end, of which a sum over months means nothing.

Flags are left out: their sum is the number of months in which they hold.
"""
