"""Which way is better: of every measure, and of what is calculated from them."""

import pytest

from gtmsim.analysis.direction import _LESS, _MORE, _NEITHER, DIRECTIONS, direction
from gtmsim.expressions import parse_quantity
from gtmsim.scenario.checks.expectations import MEASURES


def test_every_measure_has_one_direction():
    assert set(DIRECTIONS) == MEASURES
    assert sum(len(names.split()) for names in (_MORE, _LESS, _NEITHER)) == len(DIRECTIONS)


@pytest.mark.parametrize(
    ("quantity", "better"),
    [
        ("arr[end]", 1),
        ("contraction_arr[3]", -1),
        ("sum(bad_debt)", -1),
        ("-arr[end]", -1),
        ("-channel_spend[3]", 1),
        ("cash[3] - channel_spend[3]", 1),
        ("cash[3] - arr[3]", 0),
        ("arr[3] + cac[3]", 0),
        ("arr[3] / channel_spend[3]", 1),
        ("channel_spend[3] / new_logos[3]", -1),
        ("cash[3] / arr[3]", 0),
        ("1 - insolvent[3]", 1),
        ("insolvent[3] - 1", -1),
        ("2 * cac[3] / 12", -1),
        ("(2 - 3) * cac[3]", 1),
        ("arr[3] * -1", -1),
        ("12 / cac[3]", 1),
        ("0 * arr[3]", 0),
        ("transferred_arr[3] + arr[3]", 0),
    ],
)
def test_signs_carry_through_formulas_and_parts_that_disagree_have_no_better(quantity, better):
    assert direction(parse_quantity(quantity)) == better
