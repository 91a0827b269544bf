"""A company in which every account of the statements moves, and one of the same that fails."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import xarray as xr

from gtmsim.scenario import load_scenario
from gtmsim.simulation import simulate
from tests.cli.scenarios import TINY

MONTHS = 29
"""Not whole quarters or years."""
_RICH = """
[company.opening.customers.mid]
count = 12

[company.rounds.a]
month = 9
amount = "500k"

[segments.smb.contracts.monthly]
share = 0.3
term_months = 1
billing = "monthly"
in_arrears = true
payment_days = 20

[segments.smb.contracts.quarterly]
share = 0.2
term_months = 12
billing = "quarterly"
in_arrears = true
payment_days = 40

[segments.smb.payments]
fails = 0.1
retry_success = 0.3

[segments.smb.onboarding]
days = 20
cost = 90
fee = "1.2k"

[segments.smb.expansion.seats]
per_year = 1.0
win_rate = 0.5
uplift = 0.2
cost = 50
team = "ae"
days = 8

[segments.smb.csm]
team = "csm"
accounts_per_rep = 60
reviews = { per_year = 4, cost = 30 }

[segments.smb.service_level]
misses_per_year = 4
credit = 0.3

[segments.mid]
motion = "assisted"
acv = "20k"
churn_per_year = 0.2
cogs_share = 0.15
support_per_customer_per_year = 300
contracts.annual = { share = 1, term_months = 12, payment_days = 45 }
payments = { fails = 0.2 }

[teams.csm]
function = "success"
reps = 1
base_per_year = "50k"

[channels.paid]
segments = { smb = 1 }
spend_per_month = "3k"
cost_per_lead = 11
organic_per_month = 4
referrals = { per_customer_per_month = 0.03, reward = 40 }

[channels.partners]
segments = { mid = 1 }
partners = { count = 3, leads_per_partner_per_month = 1, commission = 0.15 }

[tech_stacks.base]
per_month = 700

[costs.brand]
function = "marketing"
per_month = "1.5k"

[costs.selling]
function = "sales"
per_month = 900

[costs.product]
function = "product"
per_month = "9k"

[costs.office]
function = "g_and_a"
per_month = "4k"

[costs.helpdesk]
function = "support"
per_month = 800

[costs.success]
function = "success"
per_month = 600
"""


@cache
def rich(pay: str = "60k") -> xr.Dataset:
    """Results of the company whose sellers earn so much; at 2M a year its money runs out."""
    text = TINY.replace("contracts.annual = { share = 1,", "contracts.annual = { share = 0.5,")
    text = text.replace(
        "churn_per_year",
        'tech_stack = "base"\ncogs_share = 0.2\nsupport_per_customer_per_year = 60\nchurn_per_year',
        1,
    )
    text = text.replace("win_rate = 0.3\n", "win_rate = 0.3\ncost = 15\n", 1)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rich.toml"
        path.write_text(text + _RICH, encoding="utf-8")
        changes = [f'teams.ae.base_per_year="{pay}"', f"scenario.months={MONTHS}"]
        scenario = load_scenario(path, changes)
    return simulate(scenario, draws=6, replications=2).load()
