"""What segments earn, and what hangs on the largest customer."""

import numpy as np
import pytest

from gtmsim.metrics.contribution import (
    contribution,
    contribution_after_allocation,
    contribution_parts,
    loss_of_largest,
)
from gtmsim.metrics.labels import company
from tests.metrics.books import results, values

BOOKS = {
    "revenue": [3_000, 1_000],
    "cogs": [300, 100],
    "success_team_cost": [100, 50],
    "channel_spend": [500, 200],
    "sales_team_cost": [400, 300],
    "expansion_team_cost": [100, 0],
    "expansion_cost": [20, 0],
    "product_cost": 800,
    "company_marketing_cost": 400,
}


def test_contribution_is_revenue_less_what_the_books_post_to_the_segment():
    parts = contribution_parts(results(2, **BOOKS), 1).isel(month=-1)
    assert values(parts["cost_to_serve"]) == [400, 150]
    assert values(parts["acquisition"]) == [800, 500]
    assert values(parts["expansion"]) == [120, 0]
    assert values(parts["contribution"]) == [1_680, 350]


def test_the_companys_own_cost_is_allocated_by_revenue():
    found = values(contribution_parts(results(2, **BOOKS), 1).isel(month=-1)["allocated"])
    assert found == [900, 300]
    books = results(2, **BOOKS)
    assert values(contribution_after_allocation(books, 2), month=2) == [1_560, 100]
    assert values(contribution(books, 2), month=2) == [3_360, 700]
    assert np.isnan(values(contribution(books, 2), month=1)).all()


def test_without_revenue_it_is_allocated_alike():
    parts = contribution_parts(results(1, product_cost=800), 1)
    assert values(parts["allocated"], month=1) == [400, 400]


def test_segments_add_up_to_the_company():
    books = results(14, draws=2, **BOOKS)
    whole = contribution_parts(company(books))
    parts = contribution_parts(books).sum("segment", skipna=False)
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name])


def test_losing_the_largest_customer_costs_its_gross_profit_for_the_months_that_remain():
    """1,200 a year at a margin of 75 % is 75 a month."""
    books = results(4, largest_customer_arr=[1_200, 0], revenue=[400, 0], cogs=[100, 0])
    lost = loss_of_largest(books, 1).sel(segment="smb")
    assert values(lost) == pytest.approx([225, 150, 75, 0])
    assert np.isnan(values(loss_of_largest(books, 1).sel(segment="enterprise"))).all()
