"""The ledger, read with names."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from gtmsim.draws.keys import entity_id, pack_place
from gtmsim.engines.block import LEDGER_DTYPE
from gtmsim.plan import Names
from gtmsim.plan.names import BuyerClass, SegmentPart, Stream
from gtmsim.plan.structure import Source
from gtmsim.report.ledger import (
    Choice,
    as_grid,
    choose,
    date_at,
    described,
    entity_label,
    events,
    in_reading_order,
)
from gtmsim.vocabulary import TICKS_PER_MONTH, EventKind

NAMES = Names(
    segments=("smb", "enterprise"),
    channels=("content", "opening"),
    streams=(
        Stream(Source.ORGANIC, "content", "smb"),
        Stream(Source.OPENING_CUSTOMERS, "opening", "smb"),
        Stream(Source.OPENING_PIPELINE, "opening", "enterprise", "demo"),
    ),
    funnel=(SegmentPart("smb", "signup"), SegmentPart("enterprise", "demo")),
    contracts=(SegmentPart("smb", "annual"),),
    playbooks=(SegmentPart("smb", "seats"),),
    events=(),
    teams=("ae",),
    stages=("pre_pmf", "scaling"),
    rounds=(),
    costs=(),
    budgets=(),
    stacks=(),
)
LEAD = entity_id(0, pack_place(2, 1, 4))


class Planned:
    """What the reading needs of a Plan."""

    names = NAMES

    class scenario:  # noqa: N801
        class scenario:  # noqa: N801
            start = date(2026, 1, 1)


def ledger(*entries):
    made = np.full(len(entries), -1, LEDGER_DTYPE)
    made["amount"] = 0
    for row, entry in zip(made, entries, strict=True):
        for name, value in entry.items():
            row[name] = value
    return made


def entry(kind, time=2.5, entity=LEAD, segment=0, **more):
    return {"time": time, "kind": kind, "entity": entity, "segment": segment, **more}


def read(*entries):
    return list(events(ledger(*entries), Planned))


def test_an_entity_is_named_by_where_it_came_from():
    assert entity_label(LEAD, NAMES) == "content/organic/smb 3.1.4"
    assert entity_label(entity_id(1, 17), NAMES) == "opening_customers/smb 17"
    assert entity_label(entity_id(2, 0), NAMES) == "opening_pipeline/enterprise/demo 0"
    assert entity_label(-1, NAMES) == "company"


def test_an_event_says_month_date_segment_and_what_it_concerns():
    (won,) = read(entry(EventKind.WON, detail=0, amount=240_000))
    assert (won.month, won.date, won.event) == (3, date(2026, 3, 16), "won")
    assert (won.segment, won.detail, won.amount) == ("smb", "annual", 2_400.0)
    assert (won.rep, won.wait_days, won.people) == (None, None, None)


def test_a_grant_shows_the_wait_and_the_rep_not_an_amount():
    (granted,) = read(entry(EventKind.GRANTED, detail=0, seat=2, amount=TICKS_PER_MONTH // 2))
    assert (granted.detail, granted.rep, granted.amount) == ("ae", 3, None)
    assert granted.wait_days == pytest.approx(30.4375 / 2)


def test_an_expansion_names_its_playbook():
    (request,) = read(entry(EventKind.REQUESTED, detail=0, sub=0))
    assert request.detail == "seats ae"


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_can_be_read(kind):
    (event,) = read(entry(kind, detail=0, amount=3))
    assert event.event == kind.name.lower()
    assert as_grid([event], "", "USD").rows


# sizes small and large, tiers not divided, regions near and far: the last changes fastest
MARKET = replace(
    NAMES,
    streams=(Stream(Source.ORGANIC, "content", ""),),
    classes=tuple(
        BuyerClass(quality, name)
        for quality, names in {
            "sizes": ("small", "large"),
            "tiers": ("all",),
            "complexities": ("all",),
            "verticals": ("all",),
            "regions": ("near", "far"),
        }.items()
        for name in names
    ),
)


class PlannedMarket(Planned):
    """A Plan whose channel reaches a market."""

    names = MARKET


def test_a_lead_from_the_market_tells_its_classes_of_what_is_divided():
    kinds = [entry(EventKind.LEAD, detail=0, sub=kind) for kind in (0, 1, 2)]
    told = [event.account for event in events(ledger(*kinds), PlannedMarket)]
    assert told == [
        {"sizes": "small", "regions": "near"},
        {"sizes": "small", "regions": "far"},
        {"sizes": "large", "regions": "near"},
    ]


def test_a_lead_that_found_its_segment_closed_tells_its_classes_too():
    unserved = entry(EventKind.UNSERVED, detail=0, sub=3)
    (event,) = events(ledger(unserved), PlannedMarket)
    assert event.detail == "content"
    assert described(event.account) == "sizes.large regions.far"
    row = [cell.main for cell in as_grid([event], "", "USD").rows[0]]
    assert row[3:5] == ["content/organic 3.1.4", "content (sizes.large regions.far)"]


def test_a_lead_without_attributes_and_any_other_event_tell_none():
    lead, request = read(
        entry(EventKind.LEAD, detail=0), entry(EventKind.REQUESTED, detail=0, sub=0)
    )
    assert (lead.account, request.account) == (None, None)


def test_a_lead_comes_before_what_follows_from_it_whatever_kind_of_account_it_is():
    kinds = [entry(EventKind.STAGE_ENTERED), entry(EventKind.LEAD, sub=7)]
    ordered = in_reading_order(ledger(*kinds))["kind"]
    assert ordered.tolist() == [EventKind.LEAD, EventKind.STAGE_ENTERED]


def test_a_ledger_with_every_kind_of_event_is_put_in_order_whole():
    kinds = [entry(kind) for kind in reversed(EventKind)]
    assert sorted(in_reading_order(ledger(*kinds))["kind"].tolist()) == list(EventKind)


def test_a_customer_who_moves_up_is_told_with_the_segment_it_leaves():
    (moved,) = read(entry(EventKind.GRADUATED, segment=1, detail=0, amount=90_000_00))
    assert (moved.segment, moved.detail, moved.amount) == ("enterprise", "smb", 90_000.0)


def test_events_of_the_company_have_no_segment():
    (hired,) = read(entry(EventKind.REP_STARTED, entity=-1, segment=-1, detail=0, amount=2))
    assert (hired.entity, hired.segment, hired.people) == ("company", None, 2)


def test_events_can_be_chosen_by_kind_segment_and_entity():
    other = entity_id(2, 0)
    all_events = ledger(
        entry(EventKind.WON), entry(EventKind.LOST), entry(EventKind.WON, entity=other, segment=1)
    )
    assert len(choose(all_events, Choice(), NAMES)) == 3
    assert len(choose(all_events, Choice(kinds=(EventKind.WON,)), NAMES)) == 2
    assert len(choose(all_events, Choice(segments=("enterprise",)), NAMES)) == 1
    chosen = choose(all_events, Choice(entities=("content/organic/smb 3.1.4",)), NAMES)
    assert chosen["entity"].tolist() == [LEAD, LEAD]
    assert len(choose(all_events, Choice(entities=("nobody",)), NAMES)) == 0


def test_events_of_one_instant_are_read_in_the_order_in_which_they_follow():
    instant = [
        EventKind.GRANTED, EventKind.STAGE_ENTERED, EventKind.REQUESTED, EventKind.STAGE_ENDED,
        EventKind.RELEASED,
    ]  # fmt: skip
    earlier = entry(EventKind.PAID, time=1.0)
    ordered = in_reading_order(ledger(*(entry(kind) for kind in instant), earlier))
    assert [EventKind(kind).name for kind in ordered["kind"]] == [
        "PAID", "STAGE_ENDED", "RELEASED", "STAGE_ENTERED", "REQUESTED", "GRANTED",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "time", "expected"),
    [
        (date(2026, 1, 1), 0.0, date(2026, 1, 1)),
        (date(2026, 1, 1), 0.999, date(2026, 1, 31)),
        (date(2026, 1, 1), 1.0, date(2026, 2, 1)),
        (date(2026, 1, 1), 13.5, date(2027, 2, 15)),
        (date(2025, 12, 15), 0.5, date(2025, 12, 30)),
    ],
)
def test_an_instant_has_a_date(start, time, expected):
    assert date_at(start, time) == expected
