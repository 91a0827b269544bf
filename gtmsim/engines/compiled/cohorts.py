"""Posting to the cohort of a lead: the leads of its segment that came in the same month."""

from gtmsim.draws.keys import INDEX_BITS, LAYER_BITS, place_of, stream_of
from gtmsim.engines.compiled.terms import Terms
from gtmsim.jit import lean_inlined
from gtmsim.plan.structure import Source, StreamInt
from gtmsim.rules.state import Books

_MONTH_SHIFT = LAYER_BITS + INDEX_BITS


@lean_inlined
def lead_month(terms: Terms, entity: int) -> int:
    """Month in which an entity came as a lead; -1 for one of the opening position."""
    source = terms.stream[stream_of(entity), StreamInt.SOURCE]
    return place_of(entity) >> _MONTH_SHIFT if source < Source.OPENING_CUSTOMERS else -1


@lean_inlined
def post_cohort(
    terms: Terms, books: Books, entity: int, segment: int, account: int, amount: int
) -> None:
    """Post to the cohort of an entity; one of the opening position has none."""
    month = lead_month(terms, entity)
    if month >= 0:
        books.lead_cohort[month, segment, account] += amount
