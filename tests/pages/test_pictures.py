"""Picture files show what the page shows, text included."""

import struct
import zlib

import numpy as np
import pytest

from gtmsim.errors import ResultsError
from gtmsim.pages.pictures import as_png, as_svg, write_pictures
from tests.charts.drawn import KINDS, picture


def pixels(png: bytes) -> np.ndarray:
    """Pixels of a PNG of 8-bit RGBA, shape (height, width, 4)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
            assert body[8:10] == b"\x08\x06"
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    return _unfiltered(zlib.decompress(data), *size)


def _unfiltered(raw: bytes, width: int, height: int) -> np.ndarray:
    """Undo the filters of the first rows of a PNG, which are all that is looked at."""
    lines = np.frombuffer(raw, np.uint8).reshape(height, 1 + 4 * width)
    out = np.zeros((min(height, 90), width, 4), np.int64)
    above = np.zeros((width, 4), np.int64)
    for y in range(len(out)):
        kind, line = lines[y, 0], lines[y, 1:].reshape(width, 4).astype(np.int64)
        left, corner = np.zeros(4, np.int64), np.zeros(4, np.int64)
        for x in range(width):
            predicted = (0, left, above[x], (left + above[x]) // 2, _paeth(left, above[x], corner))
            corner, left = above[x].copy(), (line[x] + predicted[kind]) % 256
            out[y, x] = left
        above = out[y]
    return out


def _paeth(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    near = [abs(b - c), abs(a - c), abs(a + b - 2 * c)]
    first = (near[0] <= near[1]) & (near[0] <= near[2])
    return np.where(first, a, np.where(near[1] <= near[2], b, c))


@pytest.mark.parametrize("kind", KINDS)
def test_the_svg_has_its_title_as_text(kind):
    svg = as_svg(picture(kind))
    assert ">About smb</text>" in svg
    assert svg.count("<text") >= 4
    assert "http://" not in svg.replace("http://www.w3.org/", "")


def test_the_png_has_dark_pixels_where_the_title_is():
    """A font that is not there would leave text out without a word."""
    found = pixels(as_png(picture("bridge")))
    title = found[30:75, 30:260, :3]
    assert (title.mean(-1) < 90).sum() > 150
    assert (found[:, -20:, :3] == 255).all()


def test_each_chart_is_written_as_png_and_svg(tmp_path):
    files = write_pictures(iter([picture("bars")]), tmp_path / "new" / "folder")
    assert [path.name for path in files] == ["bars.svg", "bars.png"]
    assert all(path.stat().st_size > 1000 for path in files)
    assert len([*(tmp_path / "new" / "folder").iterdir()]) == 2


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_file_that_is_no_picture_of_gtmsim_is_not_replaced(tmp_path, suffix):
    pictures = [picture("fan"), picture("bridge")]
    written = write_pictures(iter(pictures), tmp_path)
    assert write_pictures(iter(pictures), tmp_path) == written
    kept = {path: path.stat().st_mtime_ns for path in written}
    foreign = tmp_path / f"{pictures[1].key}.{suffix}"
    foreign.write_text("foreign")
    with pytest.raises(ResultsError, match="is no picture of gtmsim, and it would be replaced"):
        write_pictures(iter(pictures), tmp_path)
    assert foreign.read_text() == "foreign"
    assert all(path.stat().st_mtime_ns == kept[path] for path in written if path != foreign)


def test_nothing_is_left_of_a_picture_that_could_not_be_written(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(ResultsError, match="No space left on device"):
        write_pictures(iter([picture("fan")]), tmp_path)
    assert list(tmp_path.iterdir()) == []
