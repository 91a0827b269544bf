"""The charts of a page as files, for slides and documents; no browser is needed."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from gtmsim.charts.picture import Picture
from gtmsim.charts.theme import LIGHT, config
from gtmsim.errors import unwritten, visible

WIDTH = 720
_SCALE = 2.0
_TITLE, _SUBTITLE = 76, 110
"""Characters of a line above the chart."""


def write_pictures(pictures: Iterator[Picture], folder: Path) -> list[Path]:
    """Write each chart as PNG and as SVG, named by its key.

    Parameters
    ----------
    pictures
        Of a page.
    folder
        Where to; made if need be. Files of the same names are replaced.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ResultsError
        If they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [path for picture in pictures for path in _write(picture, folder)]
    except OSError as error:
        raise unwritten(f"{folder} cannot be written: {error.strerror or error}", error) from error


def _write(picture: Picture, folder: Path) -> Iterator[Path]:
    for suffix, contents in (("svg", as_svg(picture).encode()), ("png", as_png(picture))):
        path = folder / f"{picture.key}.{suffix}"
        beside = path.with_name(f".{path.name}.tmp")
        beside.write_bytes(contents)
        beside.replace(path)
        yield path


def as_svg(picture: Picture) -> str:
    """Draw a chart with its title as SVG."""
    import vl_convert  # noqa: PLC0415  a page does not need it

    drawn: str = vl_convert.vegalite_to_svg(titled(picture), config=_config())
    return drawn


def as_png(picture: Picture) -> bytes:
    """Draw a chart with its title as PNG."""
    import vl_convert  # noqa: PLC0415  a page does not need it

    drawn: bytes = vl_convert.vegalite_to_png(titled(picture), config=_config(), scale=_SCALE)
    return drawn


def titled(picture: Picture) -> dict[str, Any]:
    """Specification of a chart that stands alone: with its title, and a width of its own."""
    title = {
        "text": wrap(visible(picture.title), _TITLE),
        "subtitle": wrap(visible(picture.subtitle), _SUBTITLE),
        "fontSize": 15,
        "subtitleFontSize": 11,
        "offset": 14,
    }
    padding = {"left": 16, "right": 16, "top": 16, "bottom": 16}
    return {**picture.spec, "title": title, "width": WIDTH, "padding": padding}


def _config() -> dict[str, Any]:
    return {**config(LIGHT), "background": LIGHT.paper}
