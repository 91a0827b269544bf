"""Every kind of chart, from a few numbers, for tests of all of them."""

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Chart, Counted, calendar
from gtmsim.charts.bridge import bridge_chart, steps_of
from gtmsim.charts.chosen import chosen_fan
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.fan import QUANTILES, fan_chart
from gtmsim.charts.heatmap import heatmap
from gtmsim.charts.labels import Goal, Level
from gtmsim.charts.picture import Picture
from gtmsim.charts.response import Response, response_chart
from gtmsim.charts.rows import Bar, Dot, Part, Range, bar_chart, range_chart
from gtmsim.charts.scatter import Spot, scatter_chart
from gtmsim.charts.signed import Piece, Signed, signed_chart
from gtmsim.report.text import Grid

MONEY, SHARE = Counted(Unit.MONEY, "USD"), Counted(Unit.SHARE)
TIMELINE = calendar([f"M{n}" for n in range(1, 13)])
RISING = np.linspace(1e6, 2e6, 12)
KINDS = (
    *("fan", "curves", "bridge", "bars", "ranges", "heatmap"),
    *("signed", "responses", "chosen", "scatter"),
)


def drawn(kind: str, name: str = "smb") -> Chart:  # noqa: PLR0911  (one return per kind)
    """Chart of a kind; ``name`` is what a scenario would call things."""
    shares = np.linspace(0.0, 1.0, 12)
    with_gap = np.where(np.arange(12) < 3, np.nan, shares)
    match kind:
        case "scatter":
            spots = [Spot(name, 2e3, 900.0, 700.0, 1e3, 0), Spot("b", 9e4, 1e5, 8e4, 2e5, 1)]
            return scatter_chart(spots, MONEY, MONEY)
        case "fan":
            fan = {quantile: RISING * (1.0 + q) for quantile, q in QUANTILES.items()}
            goal, level = Goal(1.5e6, 6, 6, name), Level(1e6, name)
            return fan_chart(fan, TIMELINE, MONEY, [goal], [level])
        case "curves":
            curves = [Curve(name, with_gap), Curve(f"{name} 2", shares, shares * 0.9, shares)]
            return curve_chart(curves, TIMELINE, SHARE)
        case "bridge":
            return bridge_chart(steps_of(1e6, [(name, 2e5), ("churned", -1e5)], MONEY), MONEY)
        case "bars":
            parts = Part("bar", 0.0, 0.3, name), Part("rest", 0.3, 1.0, "lost")
            return bar_chart([Bar(name, "a note", parts)], SHARE, 1.0)
        case "ranges":
            return range_chart([Range(name, "note", 1.0, 2.0, (Dot("dot", 1.5, name),))], MONEY)
        case _:
            return _of_decisions(kind, name)


def _of_decisions(kind: str, name: str) -> Chart:
    """Chart of a comparison or a sweep."""
    match kind:
        case "signed":
            dots = Dot("ring", -1e5, name), Dot("dot", 2e5, name)
            pieces = (Piece(0.0, 2e5, 1e5, 3e5, "gain", name),)
            return signed_chart([Signed(name, "a note", pieces, dots)], MONEY)
        case "responses":
            at = np.array([1.0, 2.0, 4.0])
            one = Response(name, at, (name, "2", "4"), at / 10, at / 20, at / 5)
            return response_chart([one, one._replace(name=f"{name} 2")], SHARE, SHARE)
        case "chosen":
            fan = {quantile: RISING * (1.0 + q) for quantile, q in QUANTILES.items()}
            return chosen_fan([fan, fan], range(1, 13), TIMELINE, MONEY, 1)
        case _:
            return heatmap(np.array([[1.0, np.nan], [0.5, 0.2]]), [name, "b"], ["x", "y"], SHARE)


def picture(kind: str, name: str = "smb") -> Picture:
    """Picture of a kind of chart."""
    table = Grid("", ("name",), 1, (), ())
    return Picture(kind, f"About {name}", "units", f"It is about {name}.", drawn(kind, name), table)
