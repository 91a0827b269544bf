"""What is told of tripwires: one rule for sentence, title and table."""

import numpy as np
import pytest
import xarray as xr

from gtmsim.pages.compare.reading import read_plans
from gtmsim.pages.compare.tripwires import section as tripwires_section
from gtmsim.pages.compare.tripwires import signs
from gtmsim.report.comparing import ranked
from gtmsim.report.tripwires import tripwires_answer
from gtmsim.statistics.error import Estimate
from tests.pages.decisions import comparison, plans


def found(aucs: list[tuple[float, ...]], bad_draws: list[int], good_draws: int = 30) -> xr.Dataset:
    """Tripwires on cash under 1M, one candidate a month, with these AUCs and draws."""
    n = len(aucs)
    shares = (("caught", (0.9, 0.8, 0.95)), ("stopped_good", (0.02, 0.01, 0.06)),
              ("met_if_stopped", (0.1, 0.0, 0.2)), ("met_if_kept", (0.9, 0.8, 1.0)))  # fmt: skip
    of_each = {name: (("candidate", "bound"), np.tile(value, (n, 1))) for name, value in shares}
    whole = dict.fromkeys(("bad", "search_auc", "search_caught", "search_stopped_good"),
                          ("bound", [0.05, 0.01, 0.2]))  # fmt: skip
    about = {"title": "A", "currency": "USD", "seed": 1, "gtmsim_version": "0", "target": "target",
             "by_month": 3 * n, "false_alarms": "", "draws": 32, "replications": 2}  # fmt: skip
    return xr.Dataset(
        {
            **of_each,
            **whole,
            "auc": (("candidate", "bound"), aucs),
            "threshold": ("candidate", [1e6] * n),
            "defined": ("candidate", [1.0] * n),
            "ended": ("candidate", [0.0] * n),
            "n_bad": ("candidate", [d + 1 for d in bad_draws]),
            "n_good": ("candidate", [64 - d - 1 for d in bad_draws]),
            "bad_draws": ("candidate", bad_draws),
            "good_draws": ("candidate", [good_draws] * n),
        },
        {
            "metric": ("candidate", ["cash"] * n),
            "segment": ("candidate", [""] * n),
            "month": ("candidate", [3 * (k + 1) for k in range(n)]),
            "window": ("candidate", [0] * n),
            "worse": ("candidate", ["low"] * n),
            "unit": ("candidate", ["money"] * n),
            "bound": list(Estimate._fields),
        },
        about,
    )


SURE, UNSURE, NONE = (0.97, 0.89, 0.99), (0.99, 0.4, 1.0), (0.5, 0.4, 0.6)
FEW = "Too few bad futures to tell what separates: 3 of 64, in 2 draws"


@pytest.mark.parametrize(
    ("aucs", "bad_draws", "told"),
    [
        ([SURE, NONE], [2, 2], FEW),
        ([UNSURE, SURE], [2, 2], FEW),
        ([UNSURE, NONE], [12, 12], "Nothing that is looked at tells bad futures from good ones"),
        ([UNSURE, SURE], [12, 12], "month 6"),
        ([SURE, SURE], [2, 12], "month 6"),
        ([SURE, NONE], [12, 12], "month 3"),
    ],
)
def test_sentence_and_title_follow_one_rule(aucs, bad_draws, told):
    wires = found(aucs, bad_draws)
    answer = tripwires_answer(wires, "A", "do at least as well as b")
    title = signs(plans(), wires).title
    is_rule = told.startswith("month")
    assert title.startswith("Turn back if the cash is under $1M by " if is_rule else told)
    assert answer.headline[1].startswith("Stop if" if is_rule else told)
    assert told in title
    assert told in answer.headline[1]
    assert (f"{FEW}." in answer.tables[0].notes) == (told == FEW)
    if is_rule:
        assert answer.tables[1].title == f"What separates at {told}"


def test_the_chart_has_the_interval_of_every_share():
    picture = signs(plans(), found([SURE], [12]))
    assert "90% (80-95%) of bad futures" in picture.alternative
    assert "caught 90% (80-95%), wrongly 2% (1-6%)" in picture.chart.to_json()
    assert [cell.main for cell in picture.table.rows[0]][2:] == ["90% (80-95%)", "2% (1-6%)"]


def test_futures_that_tie_with_the_other_plan_are_not_said_to_do_better():
    """They count as good, so that good is to do at least as well."""
    made, _ = comparison()
    section = tripwires_section(
        read_plans(made._replace(tripped=found([SURE], [12])), comparison()[1])
    )
    other = ranked(made.compared)[1]
    assert section is not None
    assert section.text[0] == f"5% of futures do not do at least as well as {other}."
