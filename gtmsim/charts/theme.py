"""Colours and type of the charts and of the page around them, in light and in dark.

A chart names what a mark is (``median``, ``band``), never its colour: the configuration says how
that looks. So one chart serves the page, where colours are the page's own variables and change with
its scheme, and a picture file, where they are numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

FONT = "sans-serif"
"""A family that every renderer has: with an unknown one, text is left out of pictures silently."""
N_SERIES = 6
"""Series that differ by colour; further ones differ by dashes."""
DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))
_BODY, _SMALL = 12, 11


@dataclass(frozen=True)
class Colours:
    """What each colour is for.

    The series are those of Okabe and Ito, which people with any colour vision tell apart, but for
    the fifth and sixth; each has a contrast of at least 3:1 to its paper.

    Source
    ------
    Okabe and Ito, Color Universal Design, 2008.
    """

    paper: str
    card: str
    ink: str
    muted: str
    grid: str
    accent: str
    loss: str
    good: str
    series_1: str
    series_2: str
    series_3: str
    series_4: str
    series_5: str
    series_6: str

    @property
    def series(self) -> tuple[str, ...]:
        """Colours of series, in order."""
        return tuple(getattr(self, f"series_{n}") for n in range(1, N_SERIES + 1))


LIGHT = Colours(
    paper="#ffffff",
    card="#f6f7f9",
    ink="#1a1d21",
    muted="#5a626c",
    grid="#e3e6ea",
    accent="#0072b2",
    loss="#c4560a",
    good="#00835f",
    series_1="#0072b2",
    series_2="#d55e00",
    series_3="#00936b",
    series_4="#b8629a",
    series_5="#6b7280",
    series_6="#8f6b00",
)
DARK = Colours(
    paper="#14171b",
    card="#1c2026",
    ink="#e9ebee",
    muted="#a4acb6",
    grid="#2e343c",
    accent="#56b4e9",
    loss="#ee8a4a",
    good="#3cc49a",
    series_1="#56b4e9",
    series_2="#e69f00",
    series_3="#3cc49a",
    series_4="#e08fc0",
    series_5="#a4acb6",
    series_6="#f0e442",
)


def in_colour(style: str, colour: int | None) -> str:
    """Name of a style in the colour of a number; without one, of what stands alone."""
    return style if colour is None else f"{style}-{colour % N_SERIES + 1}"


def variables(colours: Colours) -> Mapping[str, str]:
    """Return the colours by the name of their CSS variable."""
    names = (field.name for field in fields(colours))
    return {f"--{name.replace('_', '-')}": getattr(colours, name) for name in names}


PAGE = Colours(**{field.name: f"var(--{field.name.replace('_', '-')})" for field in fields(LIGHT)})
"""Colours of a chart inside the page: those of its scheme."""


def config(colours: Colours) -> dict[str, Any]:
    """Return the configuration of Vega-Lite under which a chart looks like the others."""
    return {
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "title": {"color": colours.ink, "subtitleColor": colours.muted, "anchor": "start"},
        "axis": _axis(colours),
        "axisX": {"grid": False, "tickColor": colours.grid},
        "axisY": {"domain": False, "ticks": False},
        "range": {"category": list(colours.series)},
        "style": _styles(colours),
    }


def _axis(colours: Colours) -> dict[str, Any]:
    return {
        "labelColor": colours.muted,
        "titleColor": colours.muted,
        "gridColor": colours.grid,
        "domainColor": colours.grid,
        "labelFontSize": _SMALL,
        "titleFontSize": _SMALL,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    }


def _of_one(colour: str, paper: str) -> dict[str, dict[str, Any]]:
    """Styles of what has a colour of its own."""
    return {
        "band": {"color": colour, "fillOpacity": 0.14},
        "inner": {"color": colour, "fillOpacity": 0.22},
        "median": {"color": colour, "strokeWidth": 2.5},
        "bar": {"color": colour},
        "dot": {"color": colour, "stroke": paper, "strokeWidth": 1},
        "ring": {"color": paper, "stroke": colour, "strokeWidth": 2},
        "range": {"color": colour, "strokeOpacity": 0.35, "strokeWidth": 6},
    }


def _styles(colours: Colours) -> dict[str, Any]:
    text = {"fontSize": _SMALL, "lineHeight": 13}
    ground = {"color": colours.paper, "stroke": colours.paper, "strokeJoin": "round"}
    return {
        **_of_one(colours.accent, colours.paper),
        **{
            in_colour(name, n): style
            for n, colour in enumerate(colours.series)
            for name, style in _of_one(colour, colours.paper).items()
        },
        "series": {"strokeWidth": 2.25},
        "faint": {"color": colours.accent, "fillOpacity": 0.3},
        "rest": {"color": colours.muted, "fillOpacity": 0.3},
        "total": {"color": colours.muted},
        "gain": {"color": colours.good},
        "loss": {"color": colours.loss},
        "strained": {"color": colours.series_6},
        "goal": {"color": colours.loss, "strokeWidth": 1.5, "strokeDash": [5, 3]},
        "goal-mark": {"color": colours.loss, "stroke": colours.paper, "strokeWidth": 1},
        "goal-label": {**text, "color": colours.loss, "fontWeight": "bold"},
        "level": {"color": colours.muted, "strokeOpacity": 0.45, "strokeDash": [1, 3]},
        "stage": {"color": colours.muted, "fillOpacity": 0.09},
        "error": {"color": colours.ink, "strokeWidth": 1.5, "strokeOpacity": 0.7},
        "base": {"color": colours.muted, "strokeWidth": 1},
        "note": {**text, "color": colours.muted},
        "label": {**text, "color": colours.ink},
        "row-label": {"fontSize": _BODY, "color": colours.ink},
        "row-ground": {**ground, "fontSize": _BODY, "strokeWidth": 4},
        "ground": {**ground, **text, "strokeWidth": 4},
        "on-dark": {**text, "color": colours.paper},
        "goal-ground": {**ground, **text, "strokeWidth": 3, "fontWeight": "bold"},
    }
