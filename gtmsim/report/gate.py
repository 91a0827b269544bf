"""The gate's verdicts: for the terminal, as JSON, Markdown, JUnit XML and annotations of a CI."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import isfinite, isinf, isnan
from textwrap import wrap
from typing import Any
from xml.etree import ElementTree as Xml

from rich.text import Text as Line

from gtmsim.analysis.gate import Judged, Judgement, Verdict, exit_code, outcome
from gtmsim.expressions.tree import Expectation, Number, Probability, Tolerance
from gtmsim.report.numbers import UNDEFINED, scale, share, significant
from gtmsim.report.terminal import folded, unbroken
from gtmsim.report.text import Grid, Text

FORMAT = "gtmsim.gate"
FORMAT_VERSION = 1
"""Of the JSON document: raised when a key changes its meaning or goes."""

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_WORDS = {
    Verdict.PASS: "pass",
    Verdict.BREACH: "BREACH",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.ERROR: "ERROR",
}
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in r"\`*_[]<>|~#"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
READING = "Ranges are the Monte Carlo intervals that verdicts follow from."
"""How the figures beside verdicts are to be read."""
_NOT_JUDGED = "It has no expectation, and was not judged."
_SENTENCES = {
    Verdict.PASS: "Every expectation that counts is met.",
    Verdict.BREACH: "The plan breaches an expectation.",
    Verdict.INCONCLUSIVE: "It cannot be told yet whether the plan meets its expectations.",
    Verdict.ERROR: "An expectation has no figure to judge.",
}
_FAILED = "A simulation failed."


def is_report(text: str) -> bool:
    """Whether a text begins as one that `as_json`, `as_markdown` or `as_junit` has written."""
    beginnings = (
        f'{{\n  "format": "{FORMAT}"',
        f'{_XML}\n<testsuites name="gtmsim"',
        *(f"**{sentence}**" for sentence in (*_SENTENCES.values(), _FAILED)),
    )
    return text.replace("\r\n", "\n").startswith(beginnings)


# --- JSON ------------------------------------------------------------------------------------


def as_mapping(judgements: Sequence[Judgement]) -> Mapping[str, Any]:
    """Return the verdicts as plain mappings and lists; what is not finite becomes None.

    Raises
    ------
    ScenarioError
        If nothing was judged, which is not a pass.
    """
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "outcome": outcome(judgements).value,
        "exit_code": exit_code(judgements),
        "judgements": [
            {
                "subject": judgement.subject,
                "inconclusive": judgement.inconclusive,
                "failure": judgement.failure or None,
                "checks": [_mapping(judgement, judged) for judged in judgement.judged],
            }
            for judgement in judgements
        ],
    }


def as_json(judgements: Sequence[Judgement]) -> str:
    """Write the verdicts as JSON."""
    mapping = as_mapping(judgements)
    return json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _mapping(judgement: Judgement, judged: Judged) -> Mapping[str, Any]:
    check, place = judged.check, judged.check.place
    expression = check.expression
    return {
        "name": check.name,
        "that": check.text,
        "verdict": judged.verdict.value,
        "fails": judgement.fails(judged),
        "severity": check.severity,
        "level": check.level,
        **{key: _finite(number) for key, number in judged.measured.estimate._asdict().items()},
        "interval_level": judged.level,
        "sign": expression.sign if isinstance(expression, Expectation) else "+-",
        "threshold": _wanted(expression).value,
        "undefined": judged.measured.undefined,
        "draws": judged.draws,
        "replications": judged.replications,
        "reason": judged.reason,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }


def _wanted(expression: Expectation | Tolerance) -> Number:
    """Find the number that a figure or its error is compared with."""
    return expression.threshold if isinstance(expression, Expectation) else expression.half_width


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


# --- text ------------------------------------------------------------------------------------


def lines(judgements: Sequence[Judgement], width: int) -> Iterator[Line]:
    """Lay the verdicts out in lines of at most ``width`` columns, for a terminal."""
    for judgement in judgements:
        rows = tuple(_row(judgement, judged) for judged in judgement.judged)
        table = Grid(judgement.subject, ("verdict", "expectation", "figure"), 2, rows, ())
        if judgement.subject:
            yield from _wrapped(judgement.subject, width, "bold")
        if not rows:
            yield from _wrapped(_without_checks(judgement), width, "dim")
            continue
        yield from unbroken(folded(table, width))
        for judged in judgement.judged:
            if judged.reason:
                yield from _wrapped(f"{judged.check.name}: {judged.reason}.", width, "dim")
        if _is_hidden(judgement):
            yield from _wrapped(_why_failed(judgement), width, "dim")
    yield from _wrapped(READING, width, "dim")
    yield from _wrapped(sentence_of(judgements), width, "bold")


def verdict_grids(judgements: Sequence[Judgement]) -> Iterator[Grid]:
    """Lay the verdicts out as tables, one for each subject that has expectations."""
    header = ("verdict", "expectation", "figure", "draws", "")
    for judgement in judgements:
        rows = tuple(
            (
                *_row(judgement, judged),
                Text(f"{judged.draws:,}"),
                Text(_printable(judged.reason)),
            )
            for judged in judgement.judged
        )
        notes = (_why_failed(judgement),) if judgement.failure else ()
        if rows or notes:
            yield Grid(judgement.subject, header, 2, rows, notes)


def sentence_of(judgements: Sequence[Judgement]) -> str:
    """Say what all judgements come to."""
    if any(judgement.failure for judgement in judgements):
        return _FAILED
    return _SENTENCES[outcome(judgements)]


def _without_checks(judgement: Judgement) -> str:
    return _why_failed(judgement) if judgement.failure else _NOT_JUDGED


def _why_failed(judgement: Judgement) -> str:
    return f"Its simulation failed: {judgement.failure}."


def _wrapped(text: str, width: int, style: str = "") -> Iterator[Line]:
    return (Line(part, style) for part in wrap(_printable(text), width))


def _row(judgement: Judgement, judged: Judged) -> tuple[Text, ...]:
    return (
        Text(_verdict(judgement, judged)),
        Text(_printable(_titled(judged))),
        Text(figure_text(judged)),
    )


def _verdict(judgement: Judgement, judged: Judged) -> str:
    """Name a verdict; one that should fail and does not is a warning."""
    if judged.verdict is Verdict.PASS or judgement.fails(judged):
        return _WORDS[judged.verdict]
    return f"{judged.verdict.value} (warning)"


def _titled(judged: Judged) -> str:
    check = judged.check
    return check.text if check.name == check.text else f"{check.name}: {check.text}"


def _printable(text: str) -> str:
    """Text on one line, without signs that act on a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def figure_text(judged: Judged) -> str:
    """Write a figure with its interval: ``34% (31% to 37%)``."""
    value, low, high = judged.measured.estimate
    if isnan(value):
        return UNDEFINED
    between = f"{_number(judged, low)} to {_number(judged, high)}"
    return f"{_number(judged, value)} ({between})"


def _number(judged: Judged, value: float) -> str:
    """Write a number in the way of the threshold: as a percentage, an amount, or plain."""
    expression = judged.check.expression
    threshold = _wanted(expression)
    if isinf(value):
        return "unbounded"
    if isinstance(expression.statistic, Probability) or threshold.is_percent:
        return share(value)
    size, suffix = scale(abs(value))
    digits = significant(abs(value) / size)
    sign = "-" if value < 0 and digits != "0" else ""
    currency = threshold.currency + " " * threshold.currency.isalpha()
    return f"{sign}{currency}{digits}{suffix}"


# --- Markdown --------------------------------------------------------------------------------


def as_markdown(judgements: Sequence[Judgement]) -> str:
    """Write the verdicts as Markdown tables, such as for the summary of a CI run."""
    parts = [f"**{sentence_of(judgements)}**"]
    for judgement in judgements:
        if judgement.subject:
            parts.append(f"### {_escaped(judgement.subject)}")
        if not judgement.judged:
            parts.append(_escaped(_without_checks(judgement)))
            continue
        rows = (_markdown_row(judgement, judged) for judged in judgement.judged)
        header = (
            "| verdict | expectation | figure | draws | |",
            "| --- | --- | ---: | ---: | --- |",
        )
        parts.append("\n".join((*header, *rows)))
        if _is_hidden(judgement):
            parts.append(_escaped(_why_failed(judgement)))
    return "\n\n".join(parts) + "\n"


def _markdown_row(judgement: Judgement, judged: Judged) -> str:
    cells = (
        _verdict(judgement, judged),
        _titled(judged),
        figure_text(judged),
        f"{judged.draws:,}",
        judged.reason,
    )
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    return _printable(text).replace("&", "&amp;").translate(_MARKDOWN)


# --- JUnit -----------------------------------------------------------------------------------


def as_junit(judgements: Sequence[Judgement]) -> str:
    """Write the verdicts as JUnit XML, which has a failure or error exactly where the gate fails.

    A breach or an inconclusive verdict that fails the gate is a failure, a check without a figure
    an error; so is a simulation that failed, on its own where nothing of it was judged. What does
    not fail the gate and is no pass is skipped, with its message.
    """
    outcome(judgements)  # nothing judged is refused here too
    suites = Xml.Element("testsuites", name="gtmsim")
    for judgement in judgements:
        cases = [_case(judgement, judged) for judged in judgement.judged]
        if _is_hidden(judgement):
            cases.append(_failed_case(judgement))
        inside = [child.tag for child in chain.from_iterable(cases)]
        counts = {
            "tests": str(len(cases)),
            "failures": str(inside.count("failure")),
            "errors": str(inside.count("error")),
            "skipped": str(inside.count("skipped")),
        }
        suite = Xml.SubElement(suites, "testsuite", _xml({"name": judgement.subject}) | counts)
        suite.extend(cases)
    Xml.indent(suites)
    return f"{_XML}\n{Xml.tostring(suites, 'unicode')}\n"


def _case(judgement: Judgement, judged: Judged) -> Xml.Element:
    about = {"classname": judgement.subject or "gtmsim", "name": judged.check.name}
    if judged.check.place and judged.check.place.line:
        about |= {"file": judged.check.place.file, "line": str(judged.check.place.line)}
    case = Xml.Element("testcase", _xml(about))
    if judged.verdict is not Verdict.PASS:
        tag = _tag(judgement, judged)
        kind = {} if tag == "skipped" else {"type": judged.verdict.value}
        Xml.SubElement(case, tag, _xml({**kind, "message": message(judged)}))
    return case


def _is_hidden(judgement: Judgement) -> bool:
    """Whether a simulation failed, and no verdict tells it."""
    told = any(judged.verdict is Verdict.ERROR for judged in judgement.judged)
    return bool(judgement.failure) and not told


def _failed_case(judgement: Judgement) -> Xml.Element:
    about = {"classname": judgement.subject or "gtmsim", "name": "simulation"}
    case = Xml.Element("testcase", _xml(about))
    kind = {"type": Verdict.ERROR.value, "message": _why_failed(judgement)}
    Xml.SubElement(case, "error", _xml(kind))
    return case


def _tag(judgement: Judgement, judged: Judged) -> str:
    if not judgement.fails(judged):
        return "skipped"
    return "error" if judged.verdict is Verdict.ERROR else "failure"


def _xml(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes without characters that XML cannot hold, however they are written."""
    return {key: _NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}


def message(judged: Judged) -> str:
    """Say what came out of a check in one sentence."""
    text = f"{_titled(judged)}: {judged.verdict.value}, {figure_text(judged)}"
    return f"{text}; {judged.reason}" if judged.reason else text


# --- annotations -----------------------------------------------------------------------------


def annotations(judgements: Sequence[Judgement]) -> Iterator[str]:
    """Write what is no pass as workflow commands, which GitHub shows at their lines."""
    for judgement in judgements:
        for judged in judgement.judged:
            if judged.verdict is not Verdict.PASS:
                yield _annotation(judgement, judged)
        if _is_hidden(judgement):
            subject = f"{judgement.subject}: " if judgement.subject else ""
            yield f"::error title=simulation::{_data(subject + _why_failed(judgement))}"


def _annotation(judgement: Judgement, judged: Judged) -> str:
    command = "error" if judgement.fails(judged) else "warning"
    place = judged.check.place
    properties = {"title": judged.check.name}
    if place and place.line:
        at = {"file": place.file, "line": str(place.line), "col": str(place.column)}
        properties = at | properties
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    subject = f"{judgement.subject}: " if judgement.subject else ""
    return f"::{command} {written}::{_data(subject + message(judged))}"


def _data(text: str) -> str:
    """Escape what would end a workflow command, as GitHub reads it back."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
