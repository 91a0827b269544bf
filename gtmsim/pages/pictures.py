"""The charts of a page as files, for slides and documents; no browser is needed."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from gtmsim.charts.picture import Picture
from gtmsim.charts.theme import LIGHT, config
from gtmsim.errors import ResultsError, unwritten, visible
from gtmsim.files import write_whole

WIDTH = 720
_SCALE = 2.0
_TITLE, _SUBTITLE = 76, 110
"""Characters of a line above the chart."""
_MARK = b"Drawn by gtmsim"
_HEAD = 2_000
"""Bytes of a file in which the mark stands."""
_AFTER_HEADER = 33
"""Bytes of a PNG's signature and first chunk, which must be its header."""


def write_pictures(pictures: Iterator[Picture], folder: Path) -> list[Path]:
    """Write each chart as PNG and as SVG, named by its key.

    Parameters
    ----------
    pictures
        Of a page.
    folder
        Where to; made if need be. Earlier pictures of the same names are replaced.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ResultsError
        If they cannot be written, or would replace a file that is no picture of gtmsim.
    """
    every = list(pictures)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for picture in every:
            _check_free(picture, folder)
        return [path for picture in every for path in _write(picture, folder)]
    except OSError as error:
        raise unwritten(f"{folder} cannot be written: {error.strerror or error}", error) from error


def _check_free(picture: Picture, folder: Path) -> None:
    """Refuse to replace what is not an earlier picture."""
    for path in _places(picture, folder):
        if path.exists() and _MARK not in path.read_bytes()[:_HEAD]:
            raise ResultsError(
                f"{path} is no picture of gtmsim, and it would be replaced. Name another folder, "
                "or move it away"
            )


def _places(picture: Picture, folder: Path) -> tuple[Path, Path]:
    return folder / f"{picture.key}.svg", folder / f"{picture.key}.png"


def _write(picture: Picture, folder: Path) -> Iterator[Path]:
    drawn = as_svg(picture).encode(), as_png(picture)
    for path, contents in zip(_places(picture, folder), drawn, strict=True):
        write_whole(path, contents)
        yield path


def as_svg(picture: Picture) -> str:
    """Draw a chart with its title as SVG, which says who drew it."""
    import vl_convert  # noqa: PLC0415  a page does not need it

    drawn: str = vl_convert.vegalite_to_svg(titled(picture), config=_config())
    root, rest = drawn.split(">", 1)
    return f"{root}><desc>{_MARK.decode()}</desc>{rest}"


def as_png(picture: Picture) -> bytes:
    """Draw a chart with its title as PNG, which says who drew it."""
    import vl_convert  # noqa: PLC0415  a page does not need it

    drawn: bytes = vl_convert.vegalite_to_png(titled(picture), config=_config(), scale=_SCALE)
    text = b"tEXtSoftware\0" + _MARK
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return drawn[:_AFTER_HEADER] + chunk + drawn[_AFTER_HEADER:]


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
