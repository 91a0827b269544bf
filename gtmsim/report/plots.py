"""Small drawings of text: fans over months, and bars of odds."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from math import floor, log10
from textwrap import wrap
from typing import NamedTuple

from rich.text import Text as Line

from gtmsim.analysis.units import Unit
from gtmsim.errors import visible
from gtmsim.report.answer import Bars, Fan
from gtmsim.report.numbers import interval, share, written
from gtmsim.statistics.error import Estimate

MOST_LEVELS = 7
"""Rows of a fan."""
LEAST_PLOT = 8
"""Columns below which a fan says nothing."""
BESIDE = 30
"""Columns that each of two fans beside each other has, unless there are fewer months."""
GAP = 3
LEAST_BAR, LONGEST_BAR = 10, 40
LEAST_LABEL = 24
"""Columns below which a label that needs more stands above its bar."""
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Distances of levels, times a power of ten."""


class Marks(NamedTuple):
    """What is drawn with."""

    band: str
    upper: str
    """The median, in the upper half of a level."""
    lower: str
    zero: str
    axis: str
    full: str
    rest: str


BLOCKS = Marks(band="░", upper="▀", lower="▄", zero="─", axis="│", full="█", rest="░")
ASCII = Marks(band=":", upper="#", lower="#", zero="-", axis="|", full="#", rest=".")


def marks_for(encoding: str) -> Marks:
    """Choose blocks where an encoding has them, otherwise ASCII."""
    try:
        "".join(BLOCKS).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS


# --- bars ------------------------------------------------------------------------------------


def bar_lines(bars: Bars, width: int, marks: Marks) -> list[Line]:
    """Draw odds below each other: label, bar, percentage with its interval.

    A long label takes more lines; where there is no room beside a bar, it stands above.
    """
    values = {label: _odds_text(estimate) for label, estimate in bars.odds.items()}
    last = max(map(len, values.values()), default=0)
    labels = max(map(len, bars.odds), default=0)
    room = width - last - 2 * 2
    label_width = min(labels, room - LEAST_BAR)
    is_beside = label_width >= min(labels, LEAST_LABEL)
    bar = min(room - label_width if is_beside else width - last - 2, LONGEST_BAR)
    made = [Line(part, "bold") for part in wrap(bars.title, width)]
    for label, estimate in bars.odds.items():
        drawn = [*([_bar(estimate.value, bar, marks)] if bar > 0 else []), values[label]]
        text = visible(label[:1].upper() + label[1:])
        if not is_beside:
            made += map(Line, wrap(text, width))
            made += map(Line, wrap("  ".join(drawn), width))
            continue
        first, *others = wrap(text, label_width)
        made.append(Line("  ".join((first.ljust(label_width), *drawn))))
        made += map(Line, others)
    return made


def _odds_text(estimate: Estimate) -> str:
    value, low, high = estimate
    return f"{share(value):>5} ({interval(low, high, Unit.SHARE, '')})"


def _bar(value: float, width: int, marks: Marks) -> str:
    """Draw a share; only 0 is empty, and only 1 is full."""
    filled = round(value * width)
    if 0.0 < value < 1.0 and width > 1:
        filled = min(max(filled, 1), width - 1)
    return marks.full * filled + marks.rest * (width - filled)


# --- fans ------------------------------------------------------------------------------------


class Scale(NamedTuple):
    """Levels of a fan: multiples of a round step."""

    step: float
    lowest: int
    highest: int

    @property
    def levels(self) -> range:
        """Multiples of the step, from the highest down."""
        return range(self.highest, self.lowest - 1, -1)


def fan_blocks(
    fans: Sequence[Fan], currency: str, width: int, marks: Marks
) -> Iterator[list[Line]]:
    """Draw fans: beside each other where there is room, otherwise each by itself."""
    half = (width - GAP) // 2
    each = [fan_lines(fan, currency, half, marks) for fan in fans]
    wanted = max((len(fan.title) for fan in fans), default=0)
    for fan in fans:
        wanted = max(wanted, _margin(fan, currency) + min(len(fan.months), BESIDE))
    if len(fans) == 2 and wanted <= half and all(each):  # noqa: PLR2004  a left and a right
        yield _beside(each[0], each[1], half)
        return
    for fan in fans:
        yield fan_lines(fan, currency, width, marks)


def fan_lines(fan: Fan, currency: str, width: int, marks: Marks) -> list[Line]:
    """Draw the p10-p90 band and the median by month; nothing where there is no room.

    A column is a month; with more months than columns, it is every second month or so.
    """
    margin, scale = _margin(fan, currency), scale_of(fan)
    columns = min(len(fan.months), width - margin)
    if columns < min(LEAST_PLOT, len(fan.months)):
        return []
    shown = sampled(len(fan.months), columns)
    made = [Line(part, "bold") for part in wrap(fan.title, width)]
    for level, row in zip(scale.levels, fan_rows(fan, shown, marks), strict=True):
        label = _level_text(level, scale, fan.unit, currency)
        made.append(Line(f"{label:>{margin - 2}} {marks.axis}{row}".rstrip()))
    made.append(Line(" " * margin + _years([fan.months[n] for n in shown])))
    return made


def fan_rows(fan: Fan, shown: Sequence[int], marks: Marks) -> list[str]:
    """Rows of a fan from the top, without labels.

    A row stands for the values nearer to its level than to another. Where any future of the band
    is below 0 and another above, the level 0 is drawn through.
    """
    scale = scale_of(fan)
    crosses = min(fan.p10) < 0.0 < max(fan.p90)
    rows = []
    for level in scale.levels:
        blank = marks.zero if crosses and level == 0 else " "
        rows.append("".join(_mark(fan, n, level, scale.step, marks) or blank for n in shown))
    return rows


def _mark(fan: Fan, month: int, level: int, step: float, marks: Marks) -> str:
    low, middle, high = (values[month] / step for values in (fan.p10, fan.p50, fan.p90))
    if _nearest(middle) == level:
        return marks.upper if middle >= level else marks.lower
    return marks.band if _nearest(low) <= level <= _nearest(high) else ""


def _nearest(value: float) -> int:
    """Nearest level; of two as near the upper."""
    return floor(value + 0.5)


def scale_of(fan: Fan) -> Scale:
    """Choose the smallest round step with which a fan, and 0, fit the rows."""
    low, high = min(0.0, *fan.p10), max(0.0, *fan.p90)
    power = 10.0 ** floor(log10((high - low) / MOST_LEVELS))
    for step in (*(power * n for n in _STEPS), *(10.0 * power * n for n in _STEPS)):
        scale = Scale(step, _nearest(low / step), _nearest(high / step))
        if len(scale.levels) <= MOST_LEVELS:
            break
    return scale


def sampled(months: int, columns: int) -> list[int]:
    """Choose months for columns, the first and the last among them."""
    if columns == 1:
        return [months - 1]
    return [round(n * (months - 1) / (columns - 1)) for n in range(columns)]


def _margin(fan: Fan, currency: str) -> int:
    """Columns of the labels and the axis."""
    scale = scale_of(fan)
    labels = (_level_text(level, scale, fan.unit, currency) for level in scale.levels)
    return max(map(len, labels)) + 2


def _level_text(level: int, scale: Scale, unit: Unit, currency: str) -> str:
    return written(level * scale.step, unit, currency)


def _years(months: Sequence[str]) -> str:
    """Write each year under its first month, as far as there is room."""
    line = ""
    for n, month in enumerate(months):
        year = month[:4]
        is_new = n == 0 or months[n - 1][:4] != year
        if is_new and (not line or n > len(line)) and n + len(year) <= len(months):
            line = line.ljust(n) + year
    return line


def _beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Put two drawings beside each other."""
    made = []
    for first, second in zip_longest(left, right, fillvalue=Line()):
        line = Line()
        line.append(first.plain.ljust(width + GAP), first.style)
        line.append(second.plain, second.style)
        line.rstrip()
        made.append(line)
    return made
