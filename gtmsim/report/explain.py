"""Build the answer of an explanation: values with their origin, unit economics, verdicts."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gtmsim.analysis.economics import ASSUMPTIONS, CacParts, Economics
from gtmsim.analysis.explaining import Explanation, SegmentExplained, Verdict
from gtmsim.analysis.mending import Mend
from gtmsim.analysis.units import Unit
from gtmsim.metrics.verdicts import State
from gtmsim.plan.structure import Floats
from gtmsim.report.answer import Answer, Cell, Computed, Judgement, Row, Table, Words
from gtmsim.report.measures import (
    MEASURES,
    OF_FALLBACKS,
    Line,
    judged_text,
    line_of,
    short_label,
    state_text,
)
from gtmsim.report.numbers import exactly, written
from gtmsim.scenario.document import Document
from gtmsim.scenario.dump import to_toml
from gtmsim.scenario.places import Path
from gtmsim.scenario.profiles import AT_LEAST

NOTES = (
    "The playbook's CAC limit binds before its payback, so CAC / ACV is judged too. Paying back "
    "faster than a range never fails.",
    "LTV:CAC is about 12 / (payback x churn): at the limits of payback and churn it is below the "
    "playbook's own, as 4 for smb at 12 months and 25%.",
    "Healthy in: share of draws of the uncertain inputs. A number mends a motion by the smallest "
    "change that makes it healthy, all else as it is; a doubling counts as much as a halving.",
    "The two rulers differ because companies that surveys ask differ from the playbook's.",
)
READING = (
    "Nothing was simulated. A figure is the closed form with every distribution at its mean; a "
    "range in parentheses is p10 to p90 over draws of the uncertain inputs."
)


PARTS: Mapping[str, str] = {
    "programmes": "programmes",
    "stages": "stages and touches",
    "rewards": "rewards and partners",
    "sellers": "sellers' time",
    "commissions": "commissions",
    "overhead": "tools, company's S&M",
}


def explained_answer(
    explanation: Explanation, document: Document, all_values: bool = True
) -> Answer:
    """Answer what a scenario says and what follows from it.

    Parameters
    ----------
    explanation
        Of ``gtmsim.analysis.explaining.explain``.
    document
        What the scenario was read from.
    all_values
        Whether every value is listed, and not only how many come from where.
    """
    header = explanation.scenario.scenario
    segments, currency = explanation.segments, header.currency
    made = (
        _economics_table(segments),
        _parts_table(segments),
        _channel_table(segments),
        *(
            _verdict_table(segment, verdict, currency)
            for segment in segments
            for verdict in segment.verdicts
        ),
        _coupling_table(explanation),
        Table("assumptions", "What the closed forms assume", "", {}, (), notes=ASSUMPTIONS),
        Table("rulers", "About the two rulers", "", {}, (), notes=NOTES),
        _values_table(document) if all_values else _origin_table(document),
    )
    return Answer(
        title=header.name,
        question=header.question,
        currency=currency,
        headline=tuple(
            sentence for segment in segments for sentence in _headline(segment, currency)
        ),
        tables=tuple(table for table in made if table is not None),
        computed={
            "draws": f"{explanation.draws:,} draws of {explanation.n_inputs} uncertain inputs",
            "file": f"{len(document.files)} file{'s' if len(document.files) > 1 else ''}",
        },
        overrides=document.overrides,
        reading=READING,
    )


# --- sentences -------------------------------------------------------------------------------


def _headline(segment: SegmentExplained, currency: str) -> Iterator[str]:
    parts = [_verdict_text(verdict) for verdict in segment.verdicts]
    price = written(float(segment.at_means.list_acv[0]), Unit.MONEY, currency)
    why = f"for its mean list price of {price}"
    if segment.is_stated:
        why = "as it says"
    elif segment.is_priced_by_account:
        why = f"for the touch of its motion (mean list price {price})"
    yield f"{segment.name}, judged as {segment.profile} {why}: {', '.join(parts)}."


def _verdict_text(verdict: Verdict) -> str:
    failing = [c for c in verdict.criteria if c.state == verdict.state != State.HEALTHY]
    failing = failing or [c for c in verdict.criteria if c.state is None]
    names = ", ".join(short_label(c.measure) for c in failing)
    because = f" ({names})" if failing and verdict.state != State.HEALTHY else ""
    return f"{state_text(verdict.state)} by the {verdict.ruler.value}{because}"


# --- unit economics --------------------------------------------------------------------------


def computed(at_mean: Floats, over_draws: Floats, unit: Unit) -> Computed:
    """Figure in closed form, with its range over draws in which it is defined."""
    defined = over_draws[~np.isnan(over_draws)]
    ends = (np.nan, np.nan)
    if len(defined):
        ordered = np.sort(defined)
        low, high = (ordered[round(q * (len(ordered) - 1))] for q in (0.1, 0.9))
        ends = (float(low), float(high))
    return Computed(float(at_mean[0]), *ends, unit)


def _cell(segment: SegmentExplained, line: Line) -> Computed:
    one, many = (getattr(side, line.name) for side in (segment.at_means, segment.over_draws))
    return computed(one, many, line.unit)


def _economics_table(segments: Sequence[SegmentExplained]) -> Table:
    falls = any((segment.over_draws.fallen > 0.0).any() for segment in segments)
    rows = tuple(
        Row(line.name, line.label, tuple(_cell(segment, line) for segment in segments))
        for line in (*(OF_FALLBACKS if falls else ()), *MEASURES.values())
    )
    columns = {segment.name: segment.name for segment in segments}
    notes = (
        "Churn is of newcomers, also for not paying. LTV and payback leave expansion out; NRR, "
        "LTV of 5 years and the break-even month have it.",
    )
    return Table("economics", "Unit economics", "per customer", columns, rows, notes=notes)


def _parts_table(segments: Sequence[SegmentExplained]) -> Table:
    rows = [
        Row(
            name,
            label,
            tuple(_part(segment.at_means.parts, segment.over_draws.parts, name)
                  for segment in segments),
        )
        for name, label in PARTS.items()
    ]  # fmt: skip
    rows.append(Row("cac", "CAC", tuple(_cell(s, MEASURES["cac"]) for s in segments)))
    columns = {segment.name: segment.name for segment in segments}
    notes = ("Per new customer, with the attempts that are lost.",)
    return Table("cac_parts", "What CAC is made of", "part", columns, tuple(rows), notes=notes)


def _part(one: CacParts, many: CacParts, name: str) -> Computed:
    return computed(getattr(one, name), getattr(many, name), Unit.MONEY)


_CHANNEL_COLUMNS: Mapping[str, tuple[str, Unit]] = {
    "leads": ("leads a month", Unit.COUNT),
    "paid_cac": ("paid CAC", Unit.MONEY),
    "cac": ("with sellers", Unit.MONEY),
    "marginal_cac": ("of one more", Unit.MONEY),
}


def _channel_table(segments: Sequence[SegmentExplained]) -> Table | None:
    rows = tuple(
        Row(f"{segment.name}.{name}", f"{segment.name}, {name}", cells)
        for segment in segments
        for name, cells in _channel_cells(segment.at_means, segment.over_draws)
    )
    if not rows:
        return None
    notes = (
        "With sellers: with their time and commissions too, without tools and the company's own "
        "sales and marketing. Of one more: CAC of one more customer by more spend.",
    )
    columns = {name: label for name, (label, _) in _CHANNEL_COLUMNS.items()}
    return Table("channels", "CAC by channel", "segment, channel", columns, rows, notes=notes)


def _channel_cells(one: Economics, many: Economics) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    for at_mean, drawn in zip(one.channels, many.channels, strict=True):
        cells = tuple(
            computed(getattr(at_mean, name), getattr(drawn, name), unit)
            for name, (_, unit) in _CHANNEL_COLUMNS.items()
        )
        yield at_mean.name, cells


# --- verdicts --------------------------------------------------------------------------------


def _verdict_table(segment: SegmentExplained, verdict: Verdict, currency: str) -> Table:
    one, many = segment.at_means.measures, segment.over_draws.measures
    rows = []
    for criterion in verdict.criteria:
        name, line = criterion.measure, line_of(criterion.measure)
        figure = computed(one[name], many[name], line.unit)
        judgement = Judgement(
            state_text(criterion.state), criterion.bounds.healthy, name in AT_LEAST, line.unit
        )
        odds = _exactly(criterion.healthy_share)
        rows.append(Row(name, line.label, (figure, judgement, odds)))
    overall = (None, Judgement(state_text(verdict.state)), _exactly(verdict.healthy_share))
    rows.append(Row("verdict", "verdict", overall))
    ruler = verdict.ruler.value
    return Table(
        f"verdict_{segment.name}_{ruler}",
        f"{judged_text(segment.name, ruler, segment.profile)}: {state_text(verdict.state)}",
        "measure",
        {"figure": "figure", "judgement": "state", "healthy": "healthy in"},
        tuple(rows),
        notes=tuple(_mend_notes(verdict, segment, currency)),
    )


def _exactly(healthy_share: float) -> Computed:
    return Computed(healthy_share, healthy_share, healthy_share, Unit.SHARE)


def _mend_notes(verdict: Verdict, segment: SegmentExplained, currency: str) -> Iterator[str]:
    if verdict.state == State.HEALTHY:
        return
    if verdict.mend is not None:
        yield f"One number would mend it: {_mend_text(verdict.mend, currency)}."
    else:
        yield "No one number would mend it. Each measure by itself:"
        for name, mend in verdict.mends.items():
            yield f"- {short_label(name)}: {_alone(name, mend, verdict, segment, currency)}"


def _mend_text(mend: Mend, currency: str) -> str:
    unit = {"money": Unit.MONEY, "share": Unit.SHARE, "count": Unit.COUNT}[mend.unit]
    before, after = (exactly(value, unit, currency) for value in (mend.before, mend.after))
    change = f"{mend.after / mend.before - 1.0:+.0%}"
    return f"{mend.number} from {before} to {after} ({change})"


def _alone(
    name: str, mend: Mend | None, verdict: Verdict, segment: SegmentExplained, currency: str
) -> str:
    if mend is not None:
        return _mend_text(mend, currency)
    line = line_of(name)
    limit = next(c.bounds.healthy for c in verdict.criteria if c.measure == name)
    value = float(segment.at_means.measures[name][0])
    before, after = (exactly(number, line.unit, currency) for number in (value, limit))
    return f"no one number brings it from {before} to {after}"


# --- couplings and values --------------------------------------------------------------------


def _coupling_table(explanation: Explanation) -> Table | None:
    if len(explanation.segments) == 1:
        return None
    rows = tuple(
        Row(found.what, found.what, (Words(", ".join(found.segments)), Words(found.why)))
        for found in explanation.couplings
    )
    columns = {"segments": "segments", "why": "how"}
    return Table("couplings", "What couples the segments", "through", columns, rows)


def _values_table(document: Document) -> Table:
    rows = tuple(
        Row(key, key, (Words(plain_text(value)), Words(where_text(place.file, place.line))))
        for path, value, place in document.origins()
        for key in [dotted(path)]
    )
    columns = {"value": "value", "origin": "from"}
    return Table("values", "Merged values and where they come from", "key", columns, rows)


def _origin_table(document: Document) -> Table:
    counts: dict[str, int] = {}
    for _, _, place in document.origins():
        counts[place.file] = counts.get(place.file, 0) + 1
    told = [f"{n} from {file}" for file, n in counts.items()]
    note = f"{sum(counts.values())} values: {', '.join(told)}. --values lists each with its line."
    title = "Merged values and where they come from"
    return Table("values", title, "", {}, (), notes=(note,))


def dotted(path: Path) -> str:
    """Write the path of a key: ``segments.smb.acv``."""
    return ".".join(map(str, path))


def plain_text(value: object) -> str:
    """Write a value as TOML does."""
    return to_toml({"v": value}).strip().removeprefix("v = ")


def where_text(file: str, line: int) -> str:
    """Write where a value stands: ``plan.toml:31``."""
    return f"{file}:{line}" if line else file
