"""What a quantity counts, which says how it is written."""

import pytest

from gtmsim.analysis.outputs import blank_results
from gtmsim.analysis.units import Unit, unit_of_quantity
from gtmsim.expressions import parse_quantity
from gtmsim.plan import compile_plan
from gtmsim.scenario import load_scenario
from tests.cli.scenarios import tiny


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    return blank_results(compile_plan(load_scenario(tiny(tmp_path_factory.mktemp("plan")))))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("arr[3]", Unit.MONEY),
        ("min(cash[1:3])", Unit.MONEY),
        ("cash_min", Unit.MONEY),
        ("new_logos[3]", Unit.COUNT),
        ("nrr[3]", Unit.SHARE),
        ("cac_ratio[3]", Unit.MULTIPLE),
        ("cac_payback[3]", Unit.MONTHS),
        ("sales_cycle[3]", Unit.DAYS),
        ("survives", Unit.SHARE),
        ("insolvent[3]", Unit.SHARE),
        ("month_out_of_cash", Unit.MONTH),
        ("cac[stage=scaling]", Unit.MONEY),
        ("nrr[stage=scaling]", Unit.SHARE),
        ("month_of_stage[stage=scaling]", Unit.MONTH),
        ("-arr[3] + 2M", Unit.MONEY),
        ("2 * arr[3]", Unit.MONEY),
        ("cash[3] / arr[3]", Unit.MULTIPLE),
        ("arr[3] / new_logos[3]", Unit.MONEY),
        ("arr[3] / 2", Unit.MONEY),
        ("1 / 2", None),
    ],
)
def test_a_quantity_counts_what_its_parts_do(blank, text, unit):
    assert unit_of_quantity(parse_quantity(text), blank) == unit
