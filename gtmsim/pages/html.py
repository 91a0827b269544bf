"""A page as one HTML file that needs no network."""

import json
import re
from collections.abc import Mapping
from typing import Any

import jinja2
from markupsafe import Markup, escape

from gtmsim.charts.picture import Picture
from gtmsim.charts.theme import DARK, LIGHT, PAGE, config, variables
from gtmsim.errors import visible
from gtmsim.pages.bundle import script
from gtmsim.pages.page import Badges, Cards, Code, Explorer, Facts, Folded, Page
from gtmsim.report.text import SOFT_HYPHEN, Grid
from gtmsim.results.provenance import own_version

MARK = "<!doctype html>\n<!-- page of gtmsim -->"
"""What every page begins with."""

_KINDS: Mapping[type, str] = {
    Picture: "picture",
    Cards: "cards",
    Badges: "badges",
    Grid: "table",
    Folded: "folded",
    Facts: "facts",
    Code: "code",
    Explorer: "explorer",
}
_SHORT = 20
"""Letters that the name of a row may have to stay on one line: a third of a phone's width."""
_MOST_ON_PAPER = 24
_STEPS: Mapping[int, str] = {3: "third", 6: "sixth", 12: "twelfth"}
_RANGE = re.compile(r"(?<=[\d%kMB])-(?=[\d$€£¥₹])")
_SHAPES = {
    **{"healthy": "●", "strained": "▲", "broken": "■", "undefined": "○"},
    **{"pass": "●", "inconclusive": "▲", "breach": "■", "error": "○"},
}
_LONG_NAME, _JOINT = re.compile(r"[\w.]{16,}"), re.compile(r"[._](?=\w)")
_NOT_IN_A_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def is_page(text: str) -> bool:
    """Whether a text begins as a page of gtmsim does."""
    return text.startswith(MARK)


def as_html(page: Page) -> str:
    """Write a page as HTML.

    All texts are escaped, and characters that act on a terminal are shown by their codes: names
    come from scenario files. Without scripts, texts and tables can still be read.
    """
    return (
        MARK
        + "\n"
        + _environment()
        .get_template("page.html")
        .render(
            page=page,
            version=own_version(),
            script=Markup(script()),
            config=as_script(config(PAGE)),
            light=variables(LIGHT),
            dark=variables(DARK),
        )
    )


def as_script(value: Any) -> Markup:
    """Write a value as JSON that may stand inside a ``<script>``."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_NOT_IN_A_SCRIPT))


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("gtmsim.pages"),
        autoescape=True,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"kind": lambda block: _KINDS[type(block)], "script": as_script}
    made.filters |= {"unbroken": _unbroken, "breakable": _breakable}
    made.filters |= {"step": _step_on_paper, "is_short": _is_short}
    made.filters |= {"ordinal": lambda step: _STEPS[step]}
    made.filters |= {"shape": lambda state: _SHAPES[state], "plain": _plain}
    return made


def _is_short(table: Grid) -> bool:
    """Whether the names of all rows are."""
    return all(len(row[0].main) <= _SHORT for row in table.rows)


def _step_on_paper(table: Grid) -> int | None:
    """Every how many months a table has a row on paper; None for all of its rows."""
    if table.header[0] != "month" or len(table.rows) <= _MOST_ON_PAPER:
        return None
    return next((n for n in _STEPS if len(table.rows) / n <= _MOST_ON_PAPER), max(_STEPS))


def _printable(value: Any) -> Any:
    """Show what would act on a terminal or turn the direction of writing; leave markup alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _unbroken(text: str) -> str:
    """Text whose ranges, such as 78-87%, stay on one line."""
    return _RANGE.sub("\N{NON-BREAKING HYPHEN}", text)


def _breakable(text: str) -> Markup:
    """Text whose long names may be broken after their points and underscores only."""
    escaped = escape(_printable(text))
    return Markup(_LONG_NAME.sub(lambda found: _JOINT.sub(r"\g<0><wbr>", found[0]), str(escaped)))


def _plain(text: str) -> str:
    """Text without the hyphens at which a terminal may break it."""
    return text.replace(SOFT_HYPHEN, "")
