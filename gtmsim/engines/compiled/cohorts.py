"""Posting to the cohort of a lead: the leads of its segment that came in the same month."""

from gtmsim.draws.keys import INDEX_BITS, LAYER_BITS, place_of, stream_of
from gtmsim.engines.compiled.terms import Terms
from gtmsim.jit import lean_inlined
from gtmsim.plan.structure import Source, StreamInt
from gtmsim.rules.state import Books


@lean_inlined
def post_cohort(
    terms: Terms, books: Books, entity: int, segment: int, account: int, amount: int
) -> None:
    """Post to the cohort of an entity; one of the opening position has none."""
    source = terms.stream[stream_of(entity), StreamInt.SOURCE]
    if source < Source.OPENING_CUSTOMERS:
        month = place_of(entity) >> (LAYER_BITS + INDEX_BITS)
        books.lead_cohort[month, segment, account] += amount
