"""Names as a reader knows them."""

from gtmsim.report.sweep import _digits
from gtmsim.report.wording import short_names


def test_a_path_is_shortened_to_what_tells_it_from_others():
    assert short_names(["segments.smb.acv.median", "teams.ae.reps", "company.cash"]) == [
        "acv.median",
        "ae.reps",
        "company.cash",
    ]
    assert short_names(["segments.a.churn.mean", "segments.b.churn.mean", "x.y.win_rate"]) == [
        "a.churn.mean",
        "b.churn.mean",
        "y.win_rate",
    ]


def test_a_number_in_a_path_is_told_with_whose_it_is():
    assert short_names(["teams.sales.hires.0.n", "teams.ae.reps"]) == ["sales.hires.0.n", "ae.reps"]
    names = ["teams.sales.hires.0.n", "other.sales.hires.0.n"]
    assert short_names(names) == names


def test_a_path_that_ends_another_stays_whole():
    assert short_names(["a.b", "c.a.b"]) == ["a.b", "c.a.b"]
    assert short_names(["plan", "other.plan"]) == ["plan", "other.plan"]


def test_numbers_have_four_digits_and_whole_ones_all():
    assert [_digits(x) for x in (0.109347, 10.93474, 1234.5, 1234567.0, 7.0)] == [
        "0.1093",
        "10.93",
        "1,234",
        "1,234,567",
        "7",
    ]
