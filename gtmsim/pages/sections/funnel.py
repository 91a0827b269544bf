"""Funnel: where each segment's leads are lost, and where they wait."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
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
    """What became of the entries into a stage, summed over futures and months while solvent."""

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


class Branch(NamedTuple):
    """A motion of a segment: its own, or the one that its small deals fall back to."""

    fallback: str
    """Name of the motion; empty for the segment's own."""
    stages: tuple[Stage, ...]
    """Those that somebody entered, in the order of the motion."""
    leads: float
    """Entries into the motion's first stage."""
    wins: float
    """Entries into its last stage that won the deal."""


def section(read: Read) -> Section:
    """Show the funnel of each segment that has had leads."""
    found = {segment: [*_branches(read, segment)] for segment in read.segments}
    pictures = [
        funnel(read, name, branches)
        for name, branches in found.items()
        if any(branch.leads for branch in branches)
    ]
    if len(pictures) > 1:
        pictures = [picture.narrow() for picture in pictures]
    return Section("funnel", "Funnel", (), tuple(pictures))


def funnel(read: Read, segment: str, branches: Sequence[Branch]) -> Picture:
    """Draw what becomes of the entries into each stage of every branch."""
    months = read.solvent_months
    stages = [stage for branch in branches for stage in branch.stages]
    won = _SHARE.text(_sum(branches, "wins") / _sum(branches, "leads"))
    leak = max(stages, key=lambda stage: stage.entered * (1.0 - stage.shares[0]))
    return Picture(
        key=f"funnel-{read.segments.index(segment) + 1}",
        title=f"{segment}: {won} of leads become customers; most are lost in {leak.name}",
        subtitle="What became of entries into each stage, from the left: went on (blue), lost "
        "(grey), gave up waiting (orange), still open (pale); "
        f"{read.n_futures:,} futures pooled, each while solvent",
        alternative=f"{_entries(branches, months)}; {won} of them become customers."
        f"{_fallen(branches)} {leak.name[:1].upper()}{leak.name[1:]} loses most: "
        f"{_SHARE.text(1.0 - leak.shares[0])} of its entries do not go on.{_longest_wait(stages)}",
        chart=bar_chart([_bar(stage, months) for stage in stages], _SHARE, 1.0, has_axis=False),
        table=grid_of(_HEADER, [_row(stage, months) for stage in stages]),
    )


def _sum(branches: Sequence[Branch], what: str) -> float:
    return float(sum(getattr(branch, what) for branch in branches))


def _entries(branches: Sequence[Branch], months: float) -> str:
    """Say how many leads come, and where they enter if there is one way only."""
    leads = _COUNT.text(_sum(branches, "leads") / months)
    first = [branch.stages[0].name for branch in branches if branch.leads]
    return f"{leads} leads a month enter{'' if first[1:] else f' {first[0]}'}"


def _fallen(branches: Sequence[Branch]) -> str:
    """Say what the motion takes and wins that small deals fall back to, if there is one."""
    fallen = [branch for branch in branches if branch.fallback]
    if not fallen:
        return ""
    leads = _sum(fallen, "leads") / _sum(branches, "leads")
    wins, all_wins = _sum(fallen, "wins"), _sum(branches, "wins")
    of_wins = f", and {_SHARE.text(wins / all_wins)} of customers come from there" * (all_wins > 0)
    return f" {_SHARE.text(leads)} fall back to {words(fallen[0].fallback)}{of_wins}."


def _longest_wait(stages: list[Stage]) -> str:
    waiting = [stage for stage in stages if stage.wait == stage.wait]
    if not waiting:
        return ""
    longest = max(waiting, key=lambda stage: stage.wait)
    return f" The longest wait for a rep is in {longest.name}: {_DAYS.text(longest.wait)} days."


def _row(stage: Stage, months: float) -> tuple[str, ...]:
    shares = (_SHARE.text(part) for part in stage.shares)
    return (stage.name, _COUNT.text(stage.entered / months), *shares, _DAYS.text(stage.wait))


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
    return Bar(stage.name, note, parts)


def _branches(read: Read, segment: str) -> Iterator[Branch]:
    """Motions of a segment, its own first."""
    flows = read.funnel
    labels = [str(label) for label in flows["motion_stage"].to_numpy()]
    own = np.flatnonzero(flows["funnel_segment"].to_numpy() == segment).tolist()
    for fallback, grouped in groupby(own, lambda n: sales.fallback_of(labels[n])):
        rows = [*grouped]
        entered, won = (flows[flow].to_numpy() for flow in _FLOWS[:2])
        stages = tuple(_stages(read, segment, rows))
        yield Branch(fallback, stages, float(entered[rows[0]]), float(won[rows[-1]]))


def _stages(read: Read, segment: str, rows: Sequence[int]) -> Iterator[Stage]:
    """Stages of a motion that somebody entered, by their places in the funnel's book."""
    flows = read.funnel
    waits = _waits(read)
    before = ""
    for n in rows:
        label = str(flows["motion_stage"].to_numpy()[n])
        fallback = sales.fallback_of(label)
        name = label.removeprefix(f"{fallback}.")
        entered, won, lost, expired = (float(flows[flow][n]) for flow in _FLOWS)
        # deals that fall back meet no seller
        team = "" if fallback else _team(read, segment, name)
        # a deal keeps its seller over stages of the same team
        wait = waits.get(team, np.nan) if team != before else np.nan
        before = team
        if entered:
            yield Stage(_label(fallback, name, n == rows[0]), entered, won, lost, expired, wait)


def _label(fallback: str, name: str, is_first: bool) -> str:
    """Name a stage: the first after the fallback as a branch of its own."""
    if not fallback:
        return words(name)
    branch = f"fallback to {words(fallback)}" if is_first else words(fallback)
    return f"{branch}: {words(name)}"


def _team(read: Read, segment: str, stage: str) -> str:
    """Team that works a stage; empty if none does, or the segment has no motion of its own."""
    motion = read.scenario["segments"][segment].get("motion")
    stages = read.scenario.get("motions", {}).get(motion, {}).get("stages", {})
    return str(stages.get(stage, {}).get("team", ""))


def _waits(read: Read) -> Mapping[str, float]:
    """Mean wait for each team in days, over futures and months while solvent."""
    asked = read.books.teams[["team_waited_time", "team_grants"]]
    teams = asked.where(read.books.solvent, 0).sum(("draw", "replication"), keep_attrs=True)
    waits = sales.mean_wait(teams, read.timeline.months).isel(month=-1)
    return {
        str(n): float(w) for n, w in zip(waits["team"].to_numpy(), waits.to_numpy(), strict=True)
    }
