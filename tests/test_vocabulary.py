"""Every column of every book has an account that says what it holds."""

from enum import IntEnum
from itertools import chain

import pytest

from gtmsim import vocabulary
from gtmsim.vocabulary import Account

TABLES = {
    vocabulary.SegmentAccount: (vocabulary.SEGMENT_ACCOUNTS, "", ""),
    vocabulary.ChannelAccount: (vocabulary.CHANNEL_ACCOUNTS, "", "_by_channel"),
    vocabulary.FunnelAccount: (vocabulary.FUNNEL_ACCOUNTS, "funnel_", ""),
    vocabulary.TeamAccount: (vocabulary.TEAM_ACCOUNTS, "team_", ""),
    vocabulary.CohortAccount: (vocabulary.COHORT_ACCOUNTS, "cohort_", ""),
    vocabulary.LeadCohortAccount: (vocabulary.LEAD_COHORT_ACCOUNTS, "lead_cohort_", ""),
    vocabulary.MarketAccount: (vocabulary.MARKET_ACCOUNTS, "accounts_", ""),
}


def _measured(column: IntEnum) -> str:
    """What a column measures, whatever it counts it in."""
    return column.name.lower().replace("_ticks", "_time").replace("_milli_", "_")


@pytest.mark.parametrize("columns", TABLES)
def test_the_accounts_of_a_book_are_named_after_its_columns_in_their_order(columns):
    accounts, prefix, suffix = TABLES[columns]
    names = [f"{prefix}{_measured(column)}{suffix}" for column in columns]
    assert [account.name for account in accounts] == names


def test_the_companys_accounts_follow_its_columns_and_say_company_where_a_segment_has_the_same():
    bare = [account.name.removeprefix("company_") for account in vocabulary.COMPANY_ACCOUNTS]
    assert bare == [column.name.lower() for column in vocabulary.CompanyAccount]


def _all_accounts() -> list[Account]:
    books = [accounts for accounts, _, _ in TABLES.values()]
    return list(chain(*books, vocabulary.COMPANY_ACCOUNTS, _opening_accounts()))


def _opening_accounts() -> list[Account]:
    return [vocabulary.opening_stock(account) for account in vocabulary.OPENING_STOCKS]


@pytest.mark.parametrize(
    ("months", "years"), [(1, 1), (11, 1), (12, 1), (13, 2), (24, 2), (60, 5), (61, 6)]
)
def test_a_year_counts_from_the_month_it_begins_in(months, years):
    assert vocabulary.years_begun(months) == years


def test_no_two_accounts_share_a_name():
    names = [account.name for account in _all_accounts()]
    assert sorted(names) == sorted(set(names))


def test_a_time_arr_customers_ramped_reps_or_load_have_the_unit_that_the_name_ends_in():
    units = {
        "_time": "ticks",
        "_arr": "ARR",
        "_customers": "count",
        "_ramped_reps": "milli-reps",
        "_load": "milli-customers",
    }
    for account in _all_accounts():
        for ending, unit in units.items():
            if account.name.endswith(ending):
                assert account.unit == unit, account.name


def test_what_is_measured_at_a_months_end_is_a_stock():
    for account in _all_accounts():
        if "closing" in account.name or "opening" in account.name:
            assert account.kind == "stock", account.name


def test_the_opening_position_states_the_stocks_of_the_segment_book_at_the_start():
    names = [account.name for account in _opening_accounts()]
    assert names[:2] == ["opening_customers", "opening_arr"]
    assert "opening_receivables" in names
    assert not any("end" in account.long_name.split() for account in _opening_accounts())


def test_every_enumeration_counts_up_from_zero():
    for columns in (*TABLES, vocabulary.CompanyAccount, vocabulary.EventKind):
        assert issubclass(columns, IntEnum)
        assert list(columns) == list(range(len(columns)))
