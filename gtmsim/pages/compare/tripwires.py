"""Tripwires: what tells early that another plan would have been the better one."""

import xarray as xr

from gtmsim.analysis.tripwires import best_of
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.report.comparing import ranked
from gtmsim.report.text import grid
from gtmsim.report.tripwires import odds_text, rule_text, tripwires_answer, untold
from gtmsim.statistics.error import Estimate

_SHARE = Counted(Unit.SHARE)
_MOST = 6
_HEADER = ("stop if", "by month", "bad futures caught", "good futures stopped")


def section(plans: Plans) -> Section | None:
    """Show what tells early; None where it was not asked for, or nothing can be told."""
    found = plans.made.tripped
    if found is None:
        return None
    best, other = ranked(plans.made.compared)[:2]
    answer = tripwires_answer(found, best, f"do at least as well as {other}")
    tables = [Folded(table.title, grid(table, answer.currency)) for table in answer.tables[:2]]
    blocks: tuple[Block, ...] = (signs(plans, found), *tables)
    return Section("tripwires", "When to turn back", answer.headline, blocks)


def signs(plans: Plans, found: xr.Dataset) -> Picture:
    """Draw how many bad futures each rule catches, and how many good ones it stops."""
    currency = plans.answer.currency
    best = best_of(found)
    first = best or 0
    last = min(first + _MOST, found.sizes["candidate"])
    shown = [found.isel(candidate=n) for n in range(first, last)]
    rows = [(rule_text(one, currency), int(one["month"]), *_shares(one)) for one in shown]
    ranges = [
        Range(f"{rule[:1].upper()}{rule[1:]}, month {month}",
              f"caught {odds_text(caught)}, wrongly {odds_text(wrong)}",
              min(caught.value, wrong.value), max(caught.value, wrong.value),
              (Dot("dot", caught.value, "bad caught"), Dot("ring", wrong.value, "good stopped")))
        for rule, month, caught, wrong in rows
    ]  # fmt: skip
    rule, month, caught, wrong = rows[0]
    told = f"catches {odds_text(caught)} of bad futures and stops {odds_text(wrong)} of good ones"
    return Picture(
        key="tripwires",
        title=untold(found) if best is None else f"Turn back if {rule} by month {month}",
        subtitle="Dot: share of bad futures that the rule catches; ring: share of good ones that "
        "it stops wrongly; on draws that did not choose its threshold; in parentheses are 95% "
        "Monte Carlo intervals",
        alternative=f"The rule that {rule} by month {month} {told}."
        if best is not None
        else f"{untold(found)}. On these few, the rule that {rule} by month {month} {told}.",
        chart=range_chart(ranges, _SHARE),
        table=grid_of(
            _HEADER, [(r, str(m), odds_text(c), odds_text(w)) for r, m, c, w in rows], labels=2
        ),
    )


def _shares(one: xr.Dataset) -> tuple[Estimate, Estimate]:
    caught, wrong = (Estimate.of(one[name]) for name in ("caught", "stopped_good"))
    return caught, wrong
