"""Parts of an amount always sum to it, and are what a bookkeeper would write."""

from hypothesis import given
from hypothesis import strategies as st

from gtmsim.rules.money import instalment, prorated, recognised, round_half_up

amounts = st.integers(1, 10**12)


def test_halves_round_up():
    assert [round_half_up(x) for x in (0.49, 0.5, 1.5, 2.5, -0.5, -1.5)] == [0, 1, 2, 3, 0, -1]


@given(arr=amounts, periods=st.integers(1, 24), billing=st.sampled_from([1, 3, 6, 12]))
def test_instalments_sum_to_the_contract(arr, periods, billing):
    term = periods * billing
    parts = [instalment(arr, term, billing, i) for i in range(periods)]
    assert sum(parts) == round_half_up(arr * term / 12)
    assert max(parts) - min(parts) <= 1


def test_a_year_of_100_in_quarters():
    assert [instalment(10_001, 12, 3, i) for i in range(4)] == [2500, 2501, 2500, 2500]


@given(amount=amounts, steps=st.lists(st.floats(0, 12), min_size=1, max_size=9))
def test_recognised_revenue_rises_from_nothing_to_the_whole(amount, steps):
    path = [recognised(amount, t, 0.0, 12.0) for t in [0.0, *sorted(steps), 12.0]]
    assert path[0] == 0
    assert path[-1] == amount
    assert path == sorted(path)


def test_a_third_of_the_period_earns_a_third():
    assert recognised(30_000, 5.0, 4.0, 7.0) == 10_000
    assert recognised(30_000, 3.0, 4.0, 7.0) == 0
    assert recognised(30_000, 9.0, 4.0, 7.0) == 30_000


def test_a_change_of_arr_is_charged_for_the_rest_of_the_period():
    assert prorated(120_000, 9.0, 12.0) == 30_000
