"""A scenario that simulates in no time."""

from pathlib import Path

TINY = """\
[scenario]
name = "Tiny"
question = "Does the command line work?"
start = 2026-01-01
months = 14

[company]
cash = "2M"
opening.customers.smb = { count = 20 }

[segments.smb]
motion = "assisted"
acv = { median = "6k", p90 = "9k" }
churn_per_year = { p10 = 0.1, p90 = 0.3 }
contracts.annual = { share = 1, term_months = 12 }

[motions.assisted.stages.demo]
win_rate = 0.3
days = 10
team = "ae"

[teams.ae]
function = "sales"
reps = 1
open_deals = 5
base_per_year = "60k"
quota_per_year = "200k"
commission = 0.1

[channels.content]
segments = { smb = 1 }
organic_per_month = 9

[targets.growth]
metric = "closing_arr"
at_least = "200k"
by_month = 14
"""


def tiny(folder: Path, name: str = "tiny.toml") -> Path:
    """Write the scenario and return its path."""
    path = folder / name
    path.write_text(TINY, encoding="utf-8")
    return path
