"""Funnel: where each segment's leads are lost, and where they wait."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Bar, Part, bar_chart
from gtmsim.metrics import sales
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Section
from gtmsim.pages.reading import Read
from gtmsim.report.wording import words

_SHARE, _COUNT, _DAYS = Counted(Unit.SHARE), Counted(Unit.COUNT), Counted(Unit.DAYS)
_FLOWS = ("funnel_entered", "funnel_won", "funnel_lost", "funnel_expired")
_HEADER = (
    "stage",
    "entered a month",
    "went on",
    "lost",
    "gave up waiting",
    "still open",
    "wait, days",
)


class Stage(NamedTuple):
    """What became of the entries into a stage, summed over all futures and months."""

    name: str
    entered: float
    won: float
    lost: float
    expired: float
    wait: float
    """Mean, in days; NaN without a team."""

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares that went on, were lost, gave up waiting, and are still open."""
        parts = tuple(part / self.entered for part in (self.won, self.lost, self.expired))
        return (*parts, max(0.0, 1.0 - sum(parts)))


def section(read: Read) -> Section:
    """Show the funnel of each segment that has had leads."""
    found = {segment: [*_stages(read, segment)] for segment in read.segments}
    pictures = [funnel(read, name, stages) for name, stages in found.items() if stages]
    if len(pictures) > 1:
        pictures = [picture.narrow() for picture in pictures]
    return Section("funnel", "Funnel", (), tuple(pictures))


def funnel(read: Read, segment: str, stages: list[Stage]) -> Picture:
    """Draw what becomes of the entries into each stage."""
    months = read.n_futures * read.timeline.months
    won = stages[-1].won / stages[0].entered
    leak = max(stages, key=lambda stage: stage.entered * (1.0 - stage.shares[0]))
    first = _COUNT.text(stages[0].entered / months)
    return Picture(
        key=f"funnel-{read.segments.index(segment) + 1}",
        title=f"{segment}: {_SHARE.text(won)} of leads become customers; "
        f"most are lost in {words(leak.name)}",
        subtitle="What became of entries into each stage: blue went on, grey was lost, orange gave "
        f"up waiting, pale is still open; all {read.n_futures:,} futures pooled",
        alternative=f"{first} leads a month enter {words(stages[0].name)}; {_SHARE.text(won)} of "
        f"them become customers. {words(leak.name)} loses most: "
        f"{_SHARE.text(1.0 - leak.shares[0])} of its entries do not go on.{_longest_wait(stages)}",
        chart=bar_chart([_bar(stage, months) for stage in stages], _SHARE, 1.0, has_axis=False),
        table=grid_of(_HEADER, [_row(stage, months) for stage in stages]),
    )


def _longest_wait(stages: list[Stage]) -> str:
    waiting = [stage for stage in stages if stage.wait == stage.wait]
    if not waiting:
        return ""
    longest = max(waiting, key=lambda stage: stage.wait)
    return (
        f" The longest wait for a rep is in {words(longest.name)}: {_DAYS.text(longest.wait)} days."
    )


def _row(stage: Stage, months: float) -> tuple[str, ...]:
    shares = (_SHARE.text(part) for part in stage.shares)
    return (words(stage.name), _COUNT.text(stage.entered / months), *shares, _DAYS.text(stage.wait))


def _bar(stage: Stage, months: float) -> Bar:
    names = (
        ("bar", "went on"),
        ("rest", "lost"),
        ("loss", "gave up waiting"),
        ("faint", "still open"),
    )
    ends = np.cumsum((0.0, *stage.shares))
    parts = tuple(
        Part(style, float(ends[n]), float(ends[n + 1]), name)
        for n, (style, name) in enumerate(names)
        if ends[n + 1] > ends[n]
    )
    note = f"{_COUNT.text(stage.entered / months)} a month · {_SHARE.text(stage.shares[0])} go on"
    if stage.wait == stage.wait:
        note += f" · wait {_DAYS.text(stage.wait)} d"
    return Bar(words(stage.name), note, parts)


def _stages(read: Read, segment: str) -> Iterator[Stage]:
    """Stages of a segment that somebody entered, in the order of its motion."""
    flows = read.funnel
    waits = _waits(read)
    before = ""
    of_segment = flows["funnel_segment"].to_numpy() == segment
    for n in np.flatnonzero(of_segment):
        name = str(flows["motion_stage"].to_numpy()[n])
        entered, won, lost, expired = (float(flows[flow][n]) for flow in _FLOWS)
        team = _team(read, segment, name)
        # a deal keeps its seller over stages of the same team
        wait = waits.get(team, np.nan) if team != before else np.nan
        before = team
        if entered:
            yield Stage(name, entered, won, lost, expired, wait)


def _team(read: Read, segment: str, stage: str) -> str:
    """Team that works a stage; empty if none does, or the segment has no motion of its own."""
    motion = read.scenario["segments"][segment].get("motion")
    stages = read.scenario.get("motions", {}).get(motion, {}).get("stages", {})
    return str(stages.get(stage, {}).get("team", ""))


def _waits(read: Read) -> Mapping[str, float]:
    """Mean wait for each team in days, over all futures and months."""
    teams = read.books.teams[["team_waited_time", "team_grants"]].sum(
        ("draw", "replication"), keep_attrs=True
    )
    waits = sales.mean_wait(teams, read.timeline.months).isel(month=-1)
    return {
        str(n): float(w) for n, w in zip(waits["team"].to_numpy(), waits.to_numpy(), strict=True)
    }
