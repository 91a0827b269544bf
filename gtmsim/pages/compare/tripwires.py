"""Tripwires: what tells early that another plan would have been the better one."""

import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.report.comparing import ranked
from gtmsim.report.text import grid
from gtmsim.report.tripwires import rule_text, tripwires_answer

_SHARE = Counted(Unit.SHARE)
_MOST = 6
_HEADER = ("stop if", "by month", "bad futures caught", "good futures stopped")


def section(plans: Plans) -> Section | None:
    """Show what tells early; None where it was not asked for, or nothing can be told."""
    found = plans.made.tripped
    if found is None:
        return None
    best, other = ranked(plans.made.compared)[:2]
    answer = tripwires_answer(found, best, f"do better than {other}")
    tables = [Folded(table.title, grid(table, answer.currency)) for table in answer.tables[:2]]
    blocks: tuple[Block, ...] = (signs(plans, found), *tables)
    return Section("tripwires", "When to turn back", answer.headline, blocks)


def signs(plans: Plans, found: xr.Dataset) -> Picture:
    """Draw how many bad futures each rule catches, and how many good ones it stops."""
    currency = plans.answer.currency
    shown = [found.isel(candidate=n) for n in range(min(_MOST, found.sizes["candidate"]))]
    rows = [(rule_text(one, currency), int(one["month"]), *_shares(one)) for one in shown]
    ranges = [
        Range(f"{rule[:1].upper()}{rule[1:]}, month {month}",
              f"{_SHARE.text(caught)} caught, {_SHARE.text(wrong)} stopped wrongly",
              min(caught, wrong), max(caught, wrong),
              (Dot("dot", caught, "bad caught"), Dot("ring", wrong, "good stopped")))
        for rule, month, caught, wrong in rows
    ]  # fmt: skip
    rule, month, caught, wrong = rows[0]
    return Picture(
        key="tripwires",
        title=f"Turn back if {rule} by month {month}",
        subtitle="Dot: share of bad futures that the rule catches; ring: share of good ones that "
        "it stops; on draws that did not choose its threshold",
        alternative=f"The best rule, {rule} by month {month}, catches {_SHARE.text(caught)} of bad "
        f"futures and stops {_SHARE.text(wrong)} of good ones.",
        chart=range_chart(ranges, _SHARE),
        table=grid_of(
            _HEADER, [(r, str(m), _SHARE.text(c), _SHARE.text(w)) for r, m, c, w in rows], labels=2
        ),
    )


def _shares(one: xr.Dataset) -> tuple[float, float]:
    caught, wrong = (float(one[name].sel(bound="value")) for name in ("caught", "stopped_good"))
    return caught, wrong
