"""The ledger of one replication, event by event, with names in place of numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gtmsim.draws.keys import INDEX_BITS, LAYER_BITS, PLACE_BITS
from gtmsim.engines.block import Ledger
from gtmsim.plan import Names, Plan
from gtmsim.plan.structure import Source
from gtmsim.report.numbers import money
from gtmsim.report.text import Grid, Text
from gtmsim.results.frame import month_end
from gtmsim.scenario.market import ONLY
from gtmsim.vocabulary import DAYS_PER_MONTH, MINOR_UNITS, TICKS_PER_MONTH, EventKind

COMPANY = "company"
_ORDINAL_SOURCES = (Source.OPENING_CUSTOMERS, Source.OPENING_PIPELINE)

_OF_CHANNEL = (EventKind.LEAD, EventKind.UNSERVED)
_OF_FUNNEL = (
    EventKind.STAGE_ENTERED,
    EventKind.STAGE_ENDED,
    EventKind.OPPORTUNITY,
    EventKind.LOST,
)
_OF_TEAM = (
    EventKind.REQUESTED,
    EventKind.GRANTED,
    EventKind.EXPIRED,
    EventKind.RELEASED,
    EventKind.ONBOARDING_STARTED,
    EventKind.WENT_LIVE,
    EventKind.EXPANSION_TRIGGERED,
    EventKind.EXPANDED,
    EventKind.EXPANSION_FAILED,
    EventKind.REP_STARTED,
    EventKind.REP_LEFT,
)
_CAUSAL = (
    EventKind.FUNDED,
    EventKind.STAGE_REACHED,
    EventKind.SEGMENT_OPENED,
    EventKind.REP_LEFT,
    EventKind.REP_STARTED,
    EventKind.INSOLVENT,
    EventKind.GRADUATED,
    EventKind.LEAD,
    EventKind.UNSERVED,
    EventKind.STAGE_ENDED,
    EventKind.EXPIRED,
    EventKind.RELEASED,
    EventKind.LOST,
    EventKind.STAGE_ENTERED,
    EventKind.OPPORTUNITY,
    EventKind.EXPANSION_TRIGGERED,
    EventKind.REQUESTED,
    EventKind.GRANTED,
    EventKind.WON,
    EventKind.FEE_INVOICED,
    EventKind.ONBOARDING_STARTED,
    EventKind.WENT_LIVE,
    EventKind.SERVICE_STARTED,
    EventKind.REACTIVATED,
    EventKind.DEFAULTED,
    EventKind.SAVED,
    EventKind.CONTRACTED,
    EventKind.UPLIFTED,
    EventKind.RENEWED,
    EventKind.CHURNED,
    EventKind.TERMINATED,
    EventKind.EXPANDED,
    EventKind.EXPANSION_FAILED,
    EventKind.INVOICED,
    EventKind.PAID,
    EventKind.FEE_PAID,
)
"""The order in which events of one entity at one instant follow from each other, as a rule. The
ledger itself is in the order of the kinds' numbers."""

_RANKS = np.argsort([int(kind) for kind in _CAUSAL])

_HEADCOUNT = (EventKind.REP_STARTED, EventKind.REP_LEFT)


class Event(NamedTuple):
    """An entry of the ledger as people read it; None where an event has no such thing."""

    time: float
    """Months from the start."""
    month: int
    """1 the first."""
    date: date
    event: str
    entity: str
    segment: str | None
    detail: str | None
    """What it concerns: channel, stage, contract, team, after the playbook if there is one; the
    segment that a customer who moves up leaves."""
    rep: int | None
    """Seat of the team, 1 the first."""
    amount: float | None
    """Currency."""
    wait_days: float | None
    """Time that a granted request had waited."""
    people: int | None
    """Reps who started or left."""
    account: Mapping[str, str] | None
    """Of a lead from the market: its class of each quality that the scenario divides."""


@dataclass(frozen=True)
class Choice:
    """Which events are wanted; empty means all.

    Attributes
    ----------
    entities
        Labels, such as ``content/organic/smb 3.1.4``.
    segments
        Names.
    kinds
        Kinds of events.
    """

    entities: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    kinds: tuple[EventKind, ...] = ()


def entity_label(entity: int, names: Names) -> str:
    """Name an entity by where it came from.

    Returns
    -------
    str
        ``channel/source/segment month.layer.point`` for a lead, without the segment if it is an
        account of the market: month 1 is the first; layer and point are its place in the month's
        arrivals. ``source/segment number`` for an opening position. ``company`` for the company.
    """
    if entity < 0:
        return COMPANY
    stream = names.streams[entity >> PLACE_BITS]
    place = entity & ((1 << PLACE_BITS) - 1)
    source = stream.source.name.lower()
    if stream.source in _ORDINAL_SOURCES:
        return f"{_joined(source, stream.segment, stream.stage)} {place}"
    layer = place >> INDEX_BITS & ((1 << LAYER_BITS) - 1)
    month, index = place >> (INDEX_BITS + LAYER_BITS), place & ((1 << INDEX_BITS) - 1)
    origin = _joined(stream.channel, source, stream.segment)
    return f"{origin} {month + 1}.{layer}.{index}"


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def labels(ledger: Ledger, names: Names) -> dict[str, int]:
    """Entities of a ledger by label."""
    return {entity_label(e, names): e for e in np.unique(ledger["entity"]).tolist()}


def choose(ledger: Ledger, choice: Choice, names: Names) -> Ledger:
    """Keep the events that are wanted."""
    keep: NDArray[np.bool_] = np.ones(len(ledger), np.bool_)
    if choice.kinds:
        keep &= np.isin(ledger["kind"], [int(kind) for kind in choice.kinds])
    if choice.segments:
        keep &= np.isin(ledger["segment"], [names.segments.index(name) for name in choice.segments])
    if choice.entities:
        present = labels(ledger, names)
        wanted = [present[label] for label in choice.entities if label in present]
        keep &= np.isin(ledger["entity"], wanted)
    return ledger[keep]


def in_reading_order(ledger: Ledger) -> Ledger:
    """Order a ledger by time and entity, and at one instant by what follows from what."""
    attempt = np.where(np.isin(ledger["kind"], _OF_CHANNEL), -1, ledger["sub"])
    order = (_RANKS[ledger["kind"]], attempt, ledger["entity"], ledger["time"])
    return ledger[np.lexsort(order)]


def events(ledger: Ledger, plan: Plan) -> Iterator[Event]:
    """Read the ledger's entries with the names of the Plan."""
    start = plan.scenario.scenario.start
    labels: dict[int, str] = {}
    kinds_of_account = _kinds_of_account(plan.names)
    columns = (ledger[name].tolist() for name in ledger.dtype.names or ())
    for time, kind_code, entity, sub, segment, detail, seat, amount in zip(*columns, strict=True):
        kind = EventKind(kind_code)
        if entity not in labels:
            labels[entity] = entity_label(entity, plan.names)
        yield Event(
            time=time,
            month=int(time) + 1,
            date=date_at(start, time),
            event=kind.name.lower(),
            entity=labels[entity],
            segment=plan.names.segments[segment] if segment >= 0 else None,
            detail=_detail(kind, detail, sub, plan.names),
            rep=seat + 1 if seat >= 0 else None,
            amount=_amount(kind, amount),
            wait_days=_wait(amount) if kind == EventKind.GRANTED else None,
            people=amount if kind in _HEADCOUNT else None,
            account=kinds_of_account[sub] if kind in _OF_CHANNEL and sub >= 0 else None,
        )


def date_at(start: date, time: float) -> date:
    """Date of an instant, ``time`` months after the start."""
    month = int(time)
    begins = month_end(start, month) + timedelta(days=1) if month else start
    days = (month_end(start, month + 1) - begins).days + 1
    return begins + timedelta(days=int((time - month) * days))


def _kinds_of_account(names: Names) -> list[Mapping[str, str]]:
    """Classes of each kind of account of the market, in the order of the Plan's profiles."""
    by_quality = [tuple(same) for _, same in groupby(names.classes, lambda one: one.quality)]
    told = [[one for one in kind if one.name != ONLY] for kind in product(*by_quality)]
    return [{one.quality: one.name for one in kind} for kind in told]


def _detail(kind: EventKind, detail: int, sub: int, names: Names) -> str | None:
    parts = [names.playbooks[sub].name] if sub >= 0 and kind not in _OF_CHANNEL else []
    if detail >= 0:
        parts.append(_row_name(kind, detail, names))
    return " ".join(parts) or None


def _row_name(kind: EventKind, row: int, names: Names) -> str:
    """Name of the row of the table that this kind of event refers to."""
    if kind in _OF_CHANNEL:
        return names.channels[row]
    if kind in _OF_FUNNEL:
        return names.funnel[row].name
    if kind in _OF_TEAM:
        return names.teams[row]
    if kind == EventKind.STAGE_REACHED:
        return names.stages[row]
    if kind in (EventKind.SEGMENT_OPENED, EventKind.GRADUATED):
        return names.segments[row]
    return names.contracts[row].name


def _amount(kind: EventKind, amount: int) -> float | None:
    without = amount == 0 or kind == EventKind.GRANTED or kind in _HEADCOUNT
    return None if without else amount / MINOR_UNITS


def _wait(ticks: int) -> float:
    return ticks / TICKS_PER_MONTH * DAYS_PER_MONTH


def as_grid(chosen: Sequence[Event], title: str, currency: str) -> Grid:
    """Lay events out as a table."""
    rows = tuple(
        tuple(Text(cell) for cell in (
            str(event.month),
            event.date.isoformat(),
            event.event,
            event.entity,
            _concerns(event),
            "" if event.rep is None else str(event.rep),
            _quantity(event, currency),
        ))
        for event in chosen
    )  # fmt: skip
    header = ("month", "date", "event", "entity", "detail", "rep", "amount")
    return Grid(title, header, 5, rows, ())


def _concerns(event: Event) -> str:
    told = f"({described(event.account)})" if event.account else ""
    return " ".join(part for part in (event.detail, told) if part)


def described(account: Mapping[str, str]) -> str:
    """Name the classes of an account, such as ``sizes.large tiers.high``."""
    return " ".join(f"{quality}.{name}" for quality, name in account.items())


def _quantity(event: Event, currency: str) -> str:
    if event.people is not None:
        return f"{event.people} {'rep' if event.people == 1 else 'reps'}"
    if event.wait_days is not None:
        return f"waited {event.wait_days:.1f} d" if event.wait_days else ""
    if event.amount is None:
        return ""
    return money(event.amount, currency)
