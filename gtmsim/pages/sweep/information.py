"""What to measure first: what knowing an uncertain input is worth before a point is chosen."""

from collections.abc import Iterator

from gtmsim.analysis.evaluating import STANDARD
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.pages.knowing import evpi_text, worth_of_inputs, worths
from gtmsim.pages.page import Block, Facts, Section
from gtmsim.pages.sweep.reading import Column, Swept
from gtmsim.report.objective import objective_text
from gtmsim.report.wording import untold_text

_TITLE = "What to measure before choosing"


def section(swept: Swept) -> Section | None:
    """Show what information is worth; None where points are no choice, or it cannot be told."""
    if why := untold_text(swept.results):
        return Section("information", _TITLE, (), (Facts((("each input alone", why),)),))
    if "evppi" not in swept.results:
        return None
    blocks = tuple(_blocks(swept))
    text = [*_text(swept)]
    if not any(isinstance(block, Picture) for block in blocks):
        text.append("No input is worth knowing by itself: the choice stays the same.")
    return Section("information", _TITLE, tuple(text), blocks)


def _text(swept: Swept) -> Iterator[str]:
    points = int(swept.results.attrs["information_points"])
    which = f"the {points} best points" if points < len(swept.done) else f"{points} points"
    yield (
        f"If one of {which} is to be chosen: an uncertain input is worth knowing first where "
        f"another point would then be taken. {_worth_text(swept)}"
    )
    left_out = int(swept.results.attrs.get("information_left_out", 0))
    if left_out:
        futures = "1 future is" if left_out == 1 else f"{left_out:,} futures are"
        yield (
            f"Of {swept.n_futures:,} futures of each point, {futures} left out, in which what "
            "points are judged by is not defined at every point."
        )


def _worth_text(swept: Swept) -> str:
    column = _column(swept)
    if column is not None:
        side = "more" if column.towards > 0 else "less"
        return f"Points are judged by {column.label}, of which {side} is better."
    stated = swept.objective
    return objective_text(stated or STANDARD, swept.currency, stated is not None)


def _column(swept: Swept) -> Column | None:
    """Output that points are judged by; None where that is the objective."""
    name = str(swept.results.attrs["information_of"])
    names = [str(output) for output in swept.results["output"].values]
    return next((c for c in swept.columns if name and names[c.number] == name), None)


def _counted(swept: Swept) -> Counted:
    column = _column(swept)
    return Counted(Unit.MONEY, swept.currency) if column is None else column.counted


def _blocks(swept: Swept) -> Iterator[Block]:
    counted = _counted(swept)
    found = worths(swept.results)
    if any(one.value.value > 0.0 for one in found):
        yield worth_of_inputs(found, counted)
    if evpi := evpi_text(swept.results, counted):
        yield Facts((("all inputs together", evpi),))
