"""The Plan's rows under their names: segments, stages, contracts, playbooks, channels' streams.

``Structure`` and ``Values`` are tables of numbers for compiled code; here each row becomes a frozen
record, so that the processes read as the business does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from gtmsim.engines.reference.luck import Varying
from gtmsim.plan.market import Market, market_of
from gtmsim.plan.prices import Prices, prices_of
from gtmsim.plan.structure import (
    MAX_BANDS,
    OPENING_YEARS,
    ChannelFloat,
    ContractFloat,
    ContractInt,
    Floats,
    FunnelFloat,
    FunnelInt,
    Ints,
    PlaybookFloat,
    PlaybookInt,
    SegmentFloat,
    SegmentInt,
    Source,
    StreamFloat,
    StreamInt,
    Structure,
    Values,
)
from gtmsim.rules.money import round_half_up

Row = TypeVar("Row")

NOBODY = -1
"""Team of work that needs no team."""


@dataclass(frozen=True)
class StageTerms:
    """A stage of a segment's motion; ``row`` is its row of the funnel."""

    row: int
    team: int
    win_rate: float
    entry_cost: int
    duration: Varying
    patience: Varying | None
    key: np.uint64
    patience_key: np.uint64


@dataclass(frozen=True)
class MotionTerms:
    """A way to sell; ``opportunity_row`` is the funnel's row from which a deal is one."""

    stages: tuple[StageTerms, ...]
    opportunity_row: int

    def stages_from(self, row: int) -> tuple[StageTerms, ...]:
        """Stages from a row of the funnel on."""
        return self.stages[row - self.stages[0].row :]


@dataclass(frozen=True)
class VolumeTerms:
    """A step of volume discounts: what it leaves of the price, how it pulls deals that reach it."""

    from_acv: float
    kept: float
    pull: float


NO_VOLUME = VolumeTerms(0.0, 1.0, 1.0)
"""Of deals that are below every step."""


@dataclass(frozen=True)
class ContractTerms:
    """An offer of a segment's menu; months."""

    row: int
    term: int
    billing: int
    in_arrears: bool
    starts_at_signature: bool
    share: float
    payment_months: float
    discount: float
    volume: tuple[VolumeTerms, ...]
    uplift: float
    key: np.uint64

    def price_kept(self, acv: int) -> float:
        """Part of a deal's list price that is left."""
        return (1.0 - self.discount) * self._step(acv).kept

    def weight(self, acv: int) -> float:
        """Weight in a deal's choice from the menu."""
        return self.share * self._step(acv).pull

    def _step(self, acv: int) -> VolumeTerms:
        """Last step that a deal reaches."""
        reached = sum(acv >= step.from_acv for step in self.volume)
        return (NO_VOLUME, *self.volume)[reached]


@dataclass(frozen=True)
class PlaybookTerms:
    """A way in which a segment's customers expand."""

    row: int
    team: int
    win_rate: float
    cost: int
    uplift: Varying
    duration: Varying | None
    patience: Varying | None
    clock_key: np.uint64
    attempt_key: np.uint64
    work_key: np.uint64


@dataclass(frozen=True)
class OpeningTerms:
    """Customers that a segment has at the start; ``churn`` by years survived."""

    stream: int
    count: int
    acv: Varying
    age: Varying
    churn: tuple[Varying, ...]


@dataclass(frozen=True)
class SegmentTerms:
    """How a segment is sold to and served. Money in minor units, rates a year unless said."""

    row: int
    motion: MotionTerms
    fallback: MotionTerms | None
    fallback_below: float
    contracts: tuple[ContractTerms, ...]
    playbooks: tuple[PlaybookTerms, ...]
    priority: int
    acv: Varying | None
    potential_share: Varying | None
    churn: Varying
    cap: Varying
    contraction_hazard: float
    contraction: Varying | None
    onboarding_team: int
    onboarding_cost: int
    onboarding_fee: int
    first_value: float
    late_churn: float
    missed_churn: float
    onboarding: Varying
    fail_rate: float
    retry_success: float
    retry_months: float
    win_back_rate: float
    win_back: Varying | None
    graduates_to: int
    graduates_above: float
    bands: tuple[float, ...]
    opening: OpeningTerms | None

    def priority_of(self, acv: int) -> int:
        """Priority in a queue of a deal, or of anything else at 0; lower goes first."""
        band = sum(acv >= lowest for lowest in self.bands)
        return self.priority * (MAX_BANDS + 1) + len(self.bands) - band


@dataclass(frozen=True)
class StreamTerms:
    """A source of entities: a channel's leads, or an opening position.

    ``segment`` is None where leads are accounts of the market, which decide theirs.
    """

    row: int
    source: Source
    channel: int
    segment: SegmentTerms | None
    funnel_row: int
    count: int
    cost_per_lead: int
    reward: int
    partner_commission: float


@dataclass(frozen=True)
class Terms:
    """The Plan for one draw."""

    segments: tuple[SegmentTerms, ...]
    streams: tuple[StreamTerms, ...]
    market: Market
    prices: Prices


class TermsReader:
    """Reads the Plan's rows for one draw; ``tables`` are the distributions' quantile tables."""

    def __init__(self, structure: Structure, values: Values, tables: Floats) -> None:
        self.structure, self.values, self.tables = structure, values, tables

    def terms(self) -> Terms:
        """Return the whole Plan."""
        segments = tuple(self._segment(row) for row in range(len(self.structure.segment)))
        streams = range(len(self.structure.stream))
        return Terms(
            segments,
            tuple(self._stream(row, segments) for row in streams),
            market_of(self.structure, self.values),
            prices_of(self.structure, self.values),
        )

    def _varying(self, row: int) -> Varying:
        return Varying(self.values.dists, int(row), self.tables)

    def _varying_if(self, row: int) -> Varying | None:
        return self._varying(row) if row >= 0 else None

    def _segment(self, row: int) -> SegmentTerms:
        columns, numbers = self.structure.segment[row], self.values.segment[row]
        return SegmentTerms(
            row=row,
            motion=self._motion(columns[SegmentInt.FUNNEL_FIRST]),
            fallback=self._motion_if(columns[SegmentInt.FALLBACK_FIRST]),
            fallback_below=float(numbers[SegmentFloat.FALLBACK_BELOW]),
            contracts=self._rows(self._contract, columns, SegmentInt.CONTRACT_FIRST),
            playbooks=self._rows(self._playbook, columns, SegmentInt.PLAYBOOK_FIRST),
            priority=int(columns[SegmentInt.PRIORITY]),
            acv=self._varying_if(columns[SegmentInt.ACV_DIST]),
            potential_share=self._varying_if(columns[SegmentInt.POTENTIAL_SHARE_DIST]),
            churn=self._varying(columns[SegmentInt.CHURN_DIST]),
            cap=self._varying(columns[SegmentInt.CAP_DIST]),
            contraction_hazard=float(numbers[SegmentFloat.CONTRACTION_HAZARD]),
            contraction=self._varying_if(columns[SegmentInt.CONTRACTION_DIST]),
            onboarding_team=int(columns[SegmentInt.ONBOARDING_TEAM]),
            onboarding_cost=round_half_up(numbers[SegmentFloat.ONBOARDING_COST]),
            onboarding_fee=round_half_up(numbers[SegmentFloat.ONBOARDING_FEE]),
            first_value=float(numbers[SegmentFloat.FIRST_VALUE]),
            late_churn=float(numbers[SegmentFloat.LATE_CHURN]),
            missed_churn=float(numbers[SegmentFloat.MISSED_CHURN]),
            onboarding=self._varying(columns[SegmentInt.ONBOARDING_DIST]),
            fail_rate=float(numbers[SegmentFloat.FAIL_RATE]),
            retry_success=float(numbers[SegmentFloat.RETRY_SUCCESS]),
            retry_months=float(numbers[SegmentFloat.RETRY_MONTHS]),
            win_back_rate=float(numbers[SegmentFloat.WIN_BACK_RATE]),
            win_back=self._varying_if(columns[SegmentInt.WIN_BACK_DIST]),
            graduates_to=int(columns[SegmentInt.GRADUATES_TO]),
            graduates_above=float(numbers[SegmentFloat.GRADUATES_ABOVE]),
            bands=tuple(self.values.band[row, : columns[SegmentInt.BANDS]]),
            opening=self._opening(columns),
        )

    def _rows(
        self, read: Callable[[int], Row], columns: Ints, first: SegmentInt
    ) -> tuple[Row, ...]:
        """Rows of another table that belong to a segment; the count stands beside the first."""
        start = int(columns[first])
        return tuple(read(row) for row in range(start, start + int(columns[first + 1])))

    def _motion(self, first: int) -> MotionTerms:
        columns = self.structure.funnel[first]
        rows = range(int(first), int(columns[FunnelInt.LAST_ROW]) + 1)
        stages = tuple(self._stage(row) for row in rows)
        return MotionTerms(stages, int(columns[FunnelInt.OPPORTUNITY_ROW]))

    def _motion_if(self, first: int) -> MotionTerms | None:
        return self._motion(first) if first >= 0 else None

    def _stage(self, row: int) -> StageTerms:
        columns, numbers = self.structure.funnel[row], self.values.funnel[row]
        return StageTerms(
            row=row,
            team=int(columns[FunnelInt.TEAM]),
            win_rate=float(numbers[FunnelFloat.WIN_RATE]),
            entry_cost=round_half_up(numbers[FunnelFloat.ENTRY_COST]),
            duration=self._varying(columns[FunnelInt.DURATION_DIST]),
            patience=self._varying_if(columns[FunnelInt.PATIENCE_DIST]),
            key=self.structure.stage_key[row],
            patience_key=self.structure.patience_key[row],
        )

    def _contract(self, row: int) -> ContractTerms:
        columns, numbers = self.structure.contract[row], self.values.contract[row]
        return ContractTerms(
            row=row,
            term=int(columns[ContractInt.TERM]),
            billing=int(columns[ContractInt.BILLING]),
            in_arrears=bool(columns[ContractInt.IN_ARREARS]),
            starts_at_signature=bool(columns[ContractInt.STARTS_AT_SIGNATURE]),
            share=float(numbers[ContractFloat.SHARE]),
            payment_months=float(numbers[ContractFloat.PAYMENT_MONTHS]),
            discount=float(numbers[ContractFloat.DISCOUNT]),
            volume=tuple(
                VolumeTerms(*(float(number) for number in step))
                for step in self.values.volume[row, : columns[ContractInt.VOLUME_STEPS]]
            ),
            uplift=float(numbers[ContractFloat.UPLIFT]),
            key=self.structure.contract_key[row],
        )

    def _playbook(self, row: int) -> PlaybookTerms:
        columns, numbers = self.structure.playbook[row], self.values.playbook[row]
        return PlaybookTerms(
            row=row,
            team=int(columns[PlaybookInt.TEAM]),
            win_rate=float(numbers[PlaybookFloat.WIN_RATE]),
            cost=round_half_up(numbers[PlaybookFloat.COST]),
            uplift=self._varying(columns[PlaybookInt.UPLIFT_DIST]),
            duration=self._varying_if(columns[PlaybookInt.DURATION_DIST]),
            patience=self._varying_if(columns[PlaybookInt.PATIENCE_DIST]),
            clock_key=self.structure.clock_key[row],
            attempt_key=self.structure.attempt_key[row],
            work_key=self.structure.work_key[row],
        )

    def _opening(self, columns: Ints) -> OpeningTerms | None:
        count = int(columns[SegmentInt.OPENING_COUNT])
        if count == 0:
            return None
        first = int(columns[SegmentInt.OPENING_CHURN_DIST])
        return OpeningTerms(
            stream=int(columns[SegmentInt.OPENING_STREAM]),
            count=count,
            acv=self._varying(columns[SegmentInt.OPENING_ACV_DIST]),
            age=self._varying(columns[SegmentInt.OPENING_AGE_DIST]),
            churn=tuple(self._varying(first + years) for years in range(OPENING_YEARS)),
        )

    def _stream(self, row: int, segments: tuple[SegmentTerms, ...]) -> StreamTerms:
        columns, numbers = self.structure.stream[row], self.values.stream[row]
        channel = int(columns[StreamInt.CHANNEL])
        is_real = channel < len(self.structure.channel)  # the last one is the opening pipeline
        is_of_segment = columns[StreamInt.SEGMENT] >= 0
        lead = self.values.channel[channel, ChannelFloat.COST_PER_LEAD] if is_real else 0.0
        return StreamTerms(
            row=row,
            source=Source(int(columns[StreamInt.SOURCE])),
            channel=channel,
            segment=segments[columns[StreamInt.SEGMENT]] if is_of_segment else None,
            funnel_row=int(columns[StreamInt.FUNNEL_ROW]),
            count=int(columns[StreamInt.COUNT]),
            cost_per_lead=round_half_up(lead),
            reward=round_half_up(numbers[StreamFloat.REWARD]),
            partner_commission=float(numbers[StreamFloat.PARTNER_COMMISSION]),
        )
