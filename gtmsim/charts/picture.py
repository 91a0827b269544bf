"""A chart with what it says in words and in numbers."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gtmsim.charts.axes import Chart
from gtmsim.errors import visible
from gtmsim.report.text import Grid


@dataclass(frozen=True, eq=False)
class Picture:
    """A chart with what it says in words and in numbers.

    Attributes
    ----------
    key
        Name of its files and anchors: letters, digits and hyphens.
    title
        What it shows, as a finding where there is one.
    subtitle
        Units, and what any range is.
    alternative
        What it says, with figures, for who cannot see it.
    chart
        Without title, as wide as its container.
    table
        The numbers that it shows.
    is_wide
        Whether it takes the whole width of a page, and not half of it.
    """

    key: str
    title: str
    subtitle: str
    alternative: str
    chart: Chart
    table: Grid
    is_wide: bool = True

    @cached_property
    def spec(self) -> dict[str, Any]:
        """Vega-Lite specification, without characters that act on a terminal or a line."""
        made: dict[str, Any] = _visible(self.chart.to_dict(validate=False))
        made.pop("config", None)  # the page and the picture file have their own
        return made

    def narrow(self) -> "Picture":
        """Return the picture in half the width of a page."""
        return replace(self, is_wide=False)


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible(item) for item in value]
    return value
