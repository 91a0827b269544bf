"""Scenarios for the tests of the Plan: the smallest one, and one that says everything once."""

from copy import deepcopy
from datetime import date
from typing import Any

from gtmsim.scenario.models import Scenario

Document = dict[str, Any]

SMALLEST: Document = {
    "scenario": {"name": "Smallest", "start": date(2026, 3, 1), "months": 12},
    "company": {"cash": 1000.0},
    "segments": {
        "smb": {
            "motion": "self_service",
            "acv": 1200.0,
            "churn_per_year": 0.2,
            "contracts": {"monthly": {"share": 1.0, "term_months": 1, "billing": "monthly"}},
        }
    },
    "motions": {"self_service": {"stages": {"trial": {"win_rate": 0.1}}}},
}

EVERYTHING: Document = {
    "scenario": {"name": "Everything", "start": date(2026, 3, 1), "months": 48},
    "company": {
        "cash": 5e6,
        "floor": {"cash_below": 2e5, "hiring_freeze": True, "spend_cut": 0.4, "bridge": 3e5},
        "rounds": {
            "seed": {"month": 6, "amount": 1e6, "closes": 0.9},
            "series_a": {"stage": "scaling", "amount": 8e6, "delay_months": 4},
        },
        "largest_customer_leaves": 30,
        "opening": {
            "customers": {
                "smb": {"count": 40, "acv": 2100.0, "age_months": 18.0},
                "mid": {"count": 3},
            },
            "pipeline": {"mid": {"demo": 7}},
        },
    },
    "stages": {
        "scaling": {"from_arr": 8e6, "open": ["enterprise"]},
        "global": {"from_arr": 100e6},
    },
    "stage_rule": {"confirm_months": 3, "falls_back": True},
    "segments": {
        "smb": {
            "motion": "self_service",
            "acv": {"median": 2000.0, "p90": 5000.0},
            "churn_per_year": {"mean": {"p10": 0.2, "p90": 0.4}, "concentration": 8.0},
            "contracts": {
                "monthly": {"share": 0.7, "term_months": 1, "billing": "monthly"},
                "annual": {
                    "share": 0.3,
                    "term_months": 12,
                    "payment_days": 30.4375,
                    "discount": 0.1,
                    "reference_discount": 0.2,
                    "reference_payment_days": 15.0,
                    "uplift": 0.05,
                    "volume_discounts": [
                        {"from_acv": 3_000.0, "discount": 0.2},
                        {"from_acv": 7_000.0, "discount": 0.5},
                    ],
                },
            },
            "contract_choice": {"discount_elasticity": 1.5, "payment_days_sensitivity": 0.4},
            "payments": {"fails": 0.02, "retry_success": 0.6, "retry_days": 60.875},
            "win_back": {"rate": 0.1, "days": 91.3125},
            "cogs_share": 0.15,
            "support_per_customer_per_year": 120.0,
            "tech_stack": "basic",
            "expansion_cap": 4.0,
        },
        "mid": {
            "motion": "assisted",
            "opens": {"month": 6},
            "acv": {"p10": 8000.0, "p90": 45_000.0},
            "churn_per_year": {"alpha": 1.5, "beta": 9.0},
            "contracts": {
                "two_year": {
                    "share": 1.0,
                    "term_months": 24,
                    "billing": "upfront",
                    "in_arrears": True,
                    "service_starts": "signature",
                }
            },
            "onboarding": {
                "days": 15.21875,
                "cost": 400.0,
                "fee": 900.0,
                "first_value_days": 60.875,
                "late_churn": 1.5,
                "team": "implementation",
            },
            "expansion": {
                "seats": {
                    "per_year": 1.2,
                    "win_rate": 0.5,
                    "uplift": {"family": "beta", "alpha": 2.0, "beta": 6.0},
                    "cost": 300.0,
                    "team": "ae",
                    "days": 7.609375,
                    "patience_days": 60.875,
                },
                "upgrade": {"per_year": 0.6, "win_rate": 0.25, "uplift": 0.2},
            },
            "contraction": {"per_year": 0.1, "size": 0.3},
            "csm": {
                "team": "csm",
                "accounts_per_rep": 50.0,
                "churn_overload": 0.8,
                "expansion_overload": 0.6,
                "save_rate": 0.2,
                "health": {"sees": 0.7, "false_alarms": 0.1, "accounts_per_alarm": 0.5},
                "reviews": {
                    "per_year": 6.0,
                    "cost": 120.0,
                    "accounts_per_review": 0.3,
                    "churn": 0.85,
                },
                "account_plans": {
                    "cost_per_year": 600.0,
                    "accounts_per_plan": 0.4,
                    "expansion": 1.3,
                },
            },
            "tech_stack": "crm",
            "queue_priority": 10,
            "potential_share": 0.4,
            "value_bands": [10_000.0, 40_000.0],
            "graduates": {"to": "enterprise", "arr_above": 60_000.0},
        },
        "enterprise": {
            "motion": "assisted",
            "acv": 200_000.0,
            "churn_per_year": 0.08,
            "contracts": {"annual": {"share": 1.0, "term_months": 12}},
            "opens": {
                "stage": "mature",
                "after": "mid",
                "healthy_months": 4,
                "runway_months": 9.0,
            },
            "expansion": {"seats": {"per_year": 0.3, "win_rate": 0.6, "uplift": 0.1}},
            "service_level": {"misses_per_year": 3.0, "credit": 0.1, "churn": 1.4},
        },
        "public_sector": {
            "motion": "assisted",
            "acv": 90_000.0,
            "churn_per_year": {"mean": 0.05},
            "contracts": {"annual": {"share": 1.0, "term_months": 12}},
            "fallback": {"below_acv": 40_000.0, "motion": "self_service"},
        },
    },
    "motions": {
        "self_service": {
            "stages": {"visit": {"win_rate": 0.4}, "trial": {"win_rate": 0.1, "days": 14.0}}
        },
        "assisted": {
            "stages": {
                "close": {"win_rate": 0.3, "days": 30.4375, "team": "ae"},
                "pql": {
                    "win_rate": {"p10": 0.4, "p90": 0.6},
                    "days": {"family": "gamma", "shape": 2.0, "scale": 5.0},
                },
                "demo": {
                    "win_rate": 0.5,
                    "days": 15.21875,
                    "cost": 10.0,
                    "touches": 2.5,
                    "cost_per_touch": 75.01,
                    "team": "ae",
                    "patience_days": 60.875,
                },
            },
            "order": ["pql", "demo", "close"],
        },
    },
    "teams": {
        "ae": {
            "function": "sales",
            "reps": 4,
            "open_deals": 12.0,
            "hires": [{"month": 5, "n": 2}, {"stage": "scaling", "n": 3}],
            "hiring": {"utilisation_above": 0.8, "for_months": 3, "n": 2},
            "lead_time_months": 4,
            "max_reps": 30,
            "ramp_by_quarter": [0.25, 0.5, 1.0],
            "leaves_per_year": 0.24,
            "replaces": False,
            "base_per_year": 120_000.0,
            "on_costs": 0.25,
            "tools_per_month": 300.0,
            "recruiting_cost": 9000.0,
            "commission": 0.1,
            "quota_per_year": 840_000.0,
        },
        "sdr": {"function": "marketing", "base_per_year": 60_000.0},
        "csm": {
            "function": "success",
            "base_per_year": 90_000.0,
            "hiring": {"customers_per_rep": 45.0},
        },
        "implementation": {
            "function": "implementation",
            "base_per_year": 80_000.0,
            "hires": [{"month": 8, "n": 1}],
            "hiring": {"customers_per_rep": 20.0, "customers_of": ["mid", "enterprise"]},
            "segments": ["enterprise", "mid"],
        },
    },
    "channels": {
        "content": {
            "segments": {"smb": 0.75, "mid": 0.25},
            "organic_per_month": 40.0,
            "growth_per_year": 0.3,
            "seasonality": [float(month) for month in range(1, 13)],
            "spend_per_month": {"early_growth": 10_000.0, "mature": 50_000.0},
            "response": {
                "reference_spend": 15_000.0,
                "leads": 120.0,
                "elasticity": 0.7,
                "carry_over": 0.5,
                "established": True,
            },
            "cost_per_lead": 1.5,
        },
        "ads": {
            "segments": {"smb": 1.0},
            "spend": {"budget": "paid", "share": 0.4},
            "response": {"max_leads": 500.0, "half_spend": 20_000.0, "slope": 1.5},
        },
        "outbound": {
            "segments": {"mid": 0.5, "enterprise": 0.5},
            "outbound": {"team": "sdr", "leads_per_rep_per_month": 8.0},
        },
        "network": {
            "segments": {"smb": 1.0},
            "virality": {"per_customer_per_month": 0.02, "reward": 5.0, "customers_of": ["smb"]},
            "referrals": {"per_customer_per_month": 0.01, "reward": 50.0},
            "partners": {
                "count": 5.0,
                "added_per_month": 0.5,
                "leads_per_partner_per_month": 2.0,
                "commission": 0.15,
            },
            "events": {
                "launch": {"month": 2, "leads": 90.0, "cost": 4000.0},
                "conference": {"month": 9, "leads": 30.0, "cost": 25_000.0, "every_months": 12},
            },
        },
        "search": {
            "organic_per_month": 12.0,
            "reach": {"employees": 2.0, "potential": 0.5, "verticals": {"slow": 2.0}},
        },
    },
    "buyers": {
        "accounts": 1000,
        "cool_off_months": 4,
        "employees": {"median": 40.0, "p90": 400.0},
        "potential": {"median": 5000.0, "p90": 50_000.0},
        "size_and_potential": 0.5,
        "size_and_complexity": 0.25,
        "potential_and_complexity": -0.25,
        "sizes": {
            "small": {"from_employees": 1.0},
            "large": {"from_employees": 500.0, "needs": "field", "days": 1.25},
        },
        "tiers": {
            "low": {"from_acv": 0.0},
            "high": {"from_acv": 20_000.0, "needs": "assisted", "win_odds": 0.8},
        },
        "verticals": {"fast": {"share": 0.75}, "slow": {"share": 0.25, "churn": 1.5}},
        "regions": {"home": {"share": 0.5}, "abroad": {"share": 0.5, "delivery_cost": 2.0}},
    },
    "price_changes": {
        "rise": {
            "month": 7,
            "change": 0.1,
            "segments": ["mid"],
            "win_odds_elasticity": 0.5,
            "churn_elasticity": 0.25,
        },
        "cut": {"month": 13, "change": -0.05, "renewals": True},
    },
    "segmentation": [{"to": "mid", "verticals": ["slow"]}, {"to": "enterprise"}],
    "fit": {"under_by_one": {"win_odds": 0.5, "churn": 2.0}, "over_by_two": {"delivery_cost": 1.5}},
    "budgets": {"paid": {"per_month": 30_000.0, "share_of_arr": {"scaling": 0.12}}},
    "allocation": {
        "per_month": {"early_growth": 40_000.0, "mature": 90_000.0},
        "share_of_arr": 0.24,
        "burn_limit_per_month": 150_000.0,
        "focus": {
            "product": {"pre_pmf": 0.5, "scaling": 0.375},
            "marketing": {"pre_pmf": 0.25, "scaling": 0.375},
            "sales_and_success": 0.125,
            "support": 0.125,
        },
        "teams": ["csm", "ae"],
        "product_effect": {
            "reference_per_month": 20_000.0,
            "churn_elasticity": 0.3,
            "win_odds_elasticity": 0.4,
        },
    },
    "costs": {
        "engineering": {
            "function": "product",
            "per_month": {"pre_pmf": 80_000.0, "scaling": 300_000.0},
            "growth_per_year": 0.1,
        },
        "office": {"function": "g_and_a", "per_month": 20_000.0, "share_of_revenue": 0.03},
    },
    "verdicts": {"mid_market": {"playbook": {"cac": 8_000.0, "churn_per_year": 0.2}}},
    "tech_stacks": {
        "basic": {"per_month": 900.0},
        "analytics": {"per_month": 400.0},
        "crm": {"per_month": 2500.0, "includes": ["basic"]},
    },
}


def changed(document: Document, **paths: Any) -> Scenario:
    """Scenario of a document with values put at dotted paths, dots written as ``__``."""
    document = deepcopy(document)
    for path, value in paths.items():
        *above, key = path.split("__")
        table = document
        for name in above:
            table = table.setdefault(name, {})
        table[key] = value
    return Scenario.model_validate(_with_tuples(document))


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(inner) for key, inner in value.items()}
    return tuple(_with_tuples(inner) for inner in value) if isinstance(value, list) else value
