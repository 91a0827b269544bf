"""The tables of verdicts, contribution and concentration, from results."""

from collections.abc import Iterator, Mapping

import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.metrics import contribution
from gtmsim.metrics.health import criterion_states, health_measures, judged_as
from gtmsim.metrics.labels import YEAR, named, ratio, trailing
from gtmsim.metrics.revenue import largest_customer_share
from gtmsim.metrics.verdicts import State, worst
from gtmsim.report.answer import Figure, Layout, Row, Table, Words
from gtmsim.report.figures import odds, spread
from gtmsim.report.measures import judged_text, limit_text, short_label
from gtmsim.report.numbers import interval, share
from gtmsim.report.tables import COMPANY, Books, months_text, of_solvent, periods
from gtmsim.scenario.profiles import Bounds, Ruler

_STATES = {"healthy": State.HEALTHY, "strained": State.STRAINED, "broken": State.BROKEN}
_VERDICTS = (*_STATES, "undefined")
_SELDOM = 0.05
"""A limit that is missed in fewer futures is not named."""

_States = Mapping[str, xr.DataArray]


def verdict_table(books: Books, currency: str) -> Table:
    """Tell how likely each segment's motion is healthy over the last year, by both rulers."""
    window = min(YEAR, books.months)
    judged = judged_as(books.segments)
    by_month = health_measures(books.segments, window)
    measures = {name: values.isel(month=-1) for name, values in by_month.items()}
    states = {ruler: criterion_states(books.segments, ruler, measures) for ruler in Ruler}
    rows: list[Row] = []
    likeliest: list[Row] = []
    notes: list[str] = []
    for segment, how in judged.items():
        found = {ruler: _odds(states[ruler][segment]) for ruler in Ruler}
        label = segment if how.profile == segment else f"{segment}, as {how.profile}"
        likeliest.append(Row(segment, label, tuple(map(_likeliest, found.values()))))
        for ruler in Ruler:
            last = states[ruler][segment]
            label = judged_text(segment, ruler.value, how.profile)
            rows.append(Row(f"{segment}.{ruler.value}", label, found[ruler]))
            notes += _missed(label, last, how.limits[ruler], currency)
    title = f"Is each motion healthy? Odds over the last {months_text(window)}"
    brief = Table(
        "verdicts",
        title.replace("Odds", "The likeliest verdict"),
        "motion",
        {ruler.value: f"by the {ruler.value}" for ruler in Ruler},
        tuple(likeliest),
        notes=("In so many of all futures. The other verdicts, and what is missed: with -v.",),
    )
    return Table(
        "verdicts",
        title,
        "motion",
        {name: name for name in _VERDICTS},
        tuple(rows),
        notes=(
            "Of all futures. Healthy: within every limit of the ruler. Broken: beyond one that "
            "decides by itself. Undefined: some measure has no value, as without new customers or "
            "once cash has run out, and none is broken. `gtmsim explain` tells what would mend it.",
            *notes,
        ),
        brief=brief,
    )


def _odds(states: _States) -> tuple[Figure, ...]:
    one = next(iter(states.values()))
    verdict = one.copy(data=worst({name: values.to_numpy() for name, values in states.items()}))
    found = [odds(verdict == state) for state in _STATES.values()]
    return (*found, odds(verdict.isnull()))


def _likeliest(found: tuple[Figure, ...]) -> Words:
    """Name the verdict of most futures, and its odds."""
    odds_of = dict(zip(_VERDICTS, (figure.estimate for figure in found), strict=True))
    name = max(odds_of, key=lambda verdict: odds_of[verdict].value)
    value, low, high = odds_of[name]
    return Words(f"{name} {share(value)} ({interval(low, high, Unit.SHARE, '')})")


def _missed(
    which: str, states: _States, limits: Mapping[str, Bounds], currency: str
) -> Iterator[str]:
    """Say which limits are missed, and how often, of the futures in which there is a value."""
    told = []
    for name, state in states.items():
        defined = state.notnull()
        missed = float((state < State.HEALTHY).where(defined).mean()) if defined.any() else 0.0
        if missed >= _SELDOM:
            limit = limit_text(name, limits[name], currency)
            told.append(f"{short_label(name)} {limit} in {share(missed)}")
    if told:
        yield f"{which} misses: {'; '.join(told)}."


_PARTS = {
    "revenue": "revenue",
    "cost_to_serve": "cost to serve",
    "acquisition": "acqui\u00adsition",
    "expansion": "expan\u00adsion",
    "contribution": "contri\u00adbution",
    "allocated": "allo\u00adcated",
    "after_allocation": "after that",
}


_CREDITS = {"revenue": "revenue", "service_credits": "service credits"}
_CREDITS_NOTE = (
    "Service credits: given for missed service levels, as a share of revenue before them; revenue "
    "is what they leave."
)


def contribution_table(books: Books, has_credits: bool = False) -> Table:
    """Tell what each segment earned over the last year, before and after allocated cost.

    Parameters
    ----------
    books
        What tables are of.
    has_credits
        Whether a service level is agreed with customers, so that credits are told too.
    """
    window = min(YEAR, books.months)
    by_segment, whole = (
        _earned(results, window).isel(month=-1) for results in (books.segments, books.company)
    )
    columns = {**_CREDITS, **_PARTS} if has_credits else _PARTS
    names = [str(name) for name in books.segments["segment"].to_numpy()]
    sources = {name: by_segment.sel(segment=name) for name in names} | {COMPANY: whole}
    rows = tuple(
        Row(name, name, tuple(spread(parts[p], _unit(p), books.survives) for p in columns))
        for name, parts in sources.items()
    )
    return Table(
        "contribution",
        f"What each segment earns, last {months_text(window)}",
        "segment",
        columns,
        rows,
        Layout.SCALED,
        (
            *of_solvent(books),
            "Contribution: revenue less the cost of serving, winning and expanding that the books "
            "post to the segment. Allocated: the company's own cost lines, by revenue.",
            *((_CREDITS_NOTE,) * has_credits),
        ),
        is_detail=True,
        part=float(books.survives.mean()),
    )


def _unit(part: str) -> Unit:
    return Unit.SHARE if part == "service_credits" else Unit.MONEY


def _earned(results: xr.Dataset, window: int) -> xr.Dataset:
    """Parts of contribution, and the share of revenue that was credited."""
    parts = contribution.contribution_parts(results, window)
    credits = trailing(results["service_credits"], window)
    credited = ratio(credits, parts["revenue"] + credits)
    return parts.assign(service_credits=named(credited, "Service credits", "1"))


def concentration_table(books: Books) -> Table:
    """Tell how much hangs on the largest customer, by year."""
    arr = books.company["largest_customer_arr"]
    part = largest_customer_share(books.company)
    rows = []
    for period in periods(books.months):
        solvent = books.solvent.isel(month=period.last)
        lost = contribution.loss_of_largest(books.company, period.months).isel(month=period.last)
        cells = (
            spread(arr.isel(month=period.last), Unit.MONEY, solvent),
            spread(part.isel(month=period.last), Unit.SHARE, solvent),
            spread(lost, Unit.MONEY, solvent),
        )
        rows.append(Row(period.key, period.label, cells))
    columns = {"arr": "its ARR", "share": "of all ARR", "lost": "gross profit lost"}
    notes = (
        "Of futures solvent to the year's end. Lost: if it left at the year's end, its ARR x gross "
        "margin over the months that remain.",
    )
    title = "The largest customer"
    return Table(
        "concentration", title, "year", columns, tuple(rows), notes=notes, long=True, is_detail=True
    )
