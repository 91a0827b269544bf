"""What the rows of the Plan's tables are called."""

from dataclasses import dataclass
from typing import NamedTuple

from gtmsim.plan.structure import Source
from gtmsim.scenario.market import ONLY


class SegmentPart(NamedTuple):
    """A part of one segment: a funnel stage, a contract or a playbook."""

    segment: str
    name: str
    fallback: str = ""
    """Motion of a funnel stage that low-value deals fall back to; empty for every other part."""

    @property
    def label(self) -> str:
        """Its name among the parts of all segments."""
        return ".".join(part for part in (self.segment, self.fallback, self.name) if part)


class ChannelEvent(NamedTuple):
    """An event of a channel."""

    channel: str
    name: str


class BuyerClass(NamedTuple):
    """A class of the market's accounts."""

    quality: str
    name: str


class Stream(NamedTuple):
    """One source of one channel for one segment or the market, or an opening position."""

    source: Source
    channel: str
    segment: str
    """Empty for accounts of the market, whose segment depends on them."""
    stage: str = ""
    """Motion stage of an opening pipeline; empty for every other source."""

    @property
    def key_names(self) -> tuple[str, ...]:
        """What the stream's key is made of; no position, so that a moved table keeps its luck."""
        if self.source == Source.OPENING_CUSTOMERS:
            return ("opening_customers", self.segment)
        if self.source == Source.OPENING_PIPELINE:
            return ("opening_pipeline", self.segment, self.stage)
        return ("stream", self.channel, self.source.name.lower(), self.segment)


@dataclass(frozen=True)
class Names:
    """Names of the rows, table by table, in row order."""

    segments: tuple[str, ...]
    channels: tuple[str, ...]
    """The last is the pseudo-channel of the opening position."""
    streams: tuple[Stream, ...]
    funnel: tuple[SegmentPart, ...]
    contracts: tuple[SegmentPart, ...]
    playbooks: tuple[SegmentPart, ...]
    events: tuple[ChannelEvent, ...]
    teams: tuple[str, ...]
    stages: tuple[str, ...]
    rounds: tuple[str, ...]
    costs: tuple[str, ...]
    budgets: tuple[str, ...]
    stacks: tuple[str, ...]
    classes: tuple[BuyerClass, ...] = ()
    """Of the market's accounts, quality by quality; none without a market."""
    price_changes: tuple[str, ...] = ()

    @property
    def tiers(self) -> tuple[str, ...]:
        """Tiers of the market; one without a market."""
        return tuple(one.name for one in self.classes if one.quality == "tiers") or (ONLY,)


def row_of(names: tuple[str, ...], name: str | None) -> int:
    """Row of ``name``; -1 where there is none."""
    return -1 if name is None else names.index(name)


def rows_of_segment(
    parts: tuple[SegmentPart, ...], segment: str, fallback: str = ""
) -> tuple[int, int]:
    """First row and number of rows of a segment; its rows stand together."""
    owner = (segment, fallback)
    rows = [row for row, part in enumerate(parts) if (part.segment, part.fallback) == owner]
    return (rows[0], len(rows)) if rows else (0, 0)
