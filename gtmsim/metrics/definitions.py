"""The definitions of the metrics as Markdown, written from the docstrings of their functions."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.resources import files
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

from gtmsim.metrics import (
    acquisition,
    cohorts,
    contribution,
    health,
    odds,
    profit,
    revenue,
    sales,
)
from gtmsim.metrics.statements import Line, lines
from gtmsim.scenario.targets import SEGMENT_METRICS

Function = Callable[..., Any]


def _monthly(module: ModuleType) -> tuple[Function, ...]:
    """Metrics of a module that a target may be set on."""
    return tuple(one for one in odds.MONTHLY.values() if one.__module__ == module.__name__)


GROUPS: Mapping[str, tuple[Function, ...]] = MappingProxyType(
    {
        "Revenue and retention": (
            revenue.arr_bridge,
            *_monthly(revenue),
            cohorts.cohort_retention,
            cohorts.pooled_retention,
        ),
        "Acquisition": (
            acquisition.programme_cost,
            acquisition.acquisition_cost,
            acquisition.sales_and_marketing_cost,
            acquisition.cycle_lag,
            *_monthly(acquisition),
            acquisition.cohort_value,
            acquisition.cohort_break_even,
            acquisition.lead_cohort_cost,
            acquisition.lead_cohort_cac,
            acquisition.lead_cohort_cac_ratio,
            acquisition.lead_cohort_closed_share,
            acquisition.lead_cohort_is_immature,
        ),
        "Margins and cash": (
            profit.cost_of_revenue,
            *_monthly(profit),
            contribution.contribution_parts,
            *_monthly(contribution),
            profit.month_of_insolvency,
            profit.survives,
            profit.cash_bridge,
            profit.revenue_roll_forward,
            profit.receivables_roll_forward,
        ),
        "Sales": (
            *_monthly(sales),
            sales.fallback_shares,
            sales.team_pipeline_coverage,
            sales.coverage_rates,
            sales.team_needed_coverage,
            sales.quota_attainment,
            sales.reps_at_quota,
            sales.utilisation,
            sales.mean_wait,
            sales.expired_share,
        ),
        "Health and company stages": (
            *_monthly(health),
            odds.month_of_stage,
            odds.cac_in_stage,
            odds.burn_in_stage,
            odds.nrr_in_stage,
        ),
    }
)
"""What the page defines, in its order: every `odds.MONTHLY` metric, and what tables show beside."""

IN_EXPECTATIONS: Mapping[Function, str] = MappingProxyType(
    {
        profit.survives: "survives",
        profit.month_of_insolvency: "month_out_of_cash",
        odds.month_of_stage: "month_of_stage[stage=NAME]",
        odds.cac_in_stage: "cac[stage=NAME]",
        odds.burn_in_stage: "net_burn[stage=NAME]",
        odds.nrr_in_stage: "nrr[stage=NAME]",
    }
)
"""How an expectation writes metrics that have no value by month."""

_SECTION = re.compile(r"^(\w+)\n-+\n", re.MULTILINE)
_FORMULA = re.compile(r" [/x+-] | [<>]=? |: 1 where .* else 0")
_RETURNS = re.compile(
    r"(?P<unit>.*?)[,.]?\s(?:Both have )?dims\s+\([^)]*\)(?P<edges>.*)", re.DOTALL
)
_UNIT = re.compile(r"^Unit of the results \(([^)]*)\)")
_PERIOD = "Length of the period that ends with"


class Definition(NamedTuple):
    """What the docstring and the signature of a metric say, as Markdown."""

    formula: str
    """What it is and how it is worked out, in paragraphs."""
    facts: Mapping[str, str]
    """Use, window, unit, values at the edges, the company's way and source, as far as there are."""


def definitions_text() -> str:
    """Write the page: the conventions in words, then the metrics group by group.

    Raises
    ------
    ValueError
        If the docstring of a metric has no formula.
    """
    words = files("gtmsim.metrics").joinpath("definitions.md").read_text(encoding="utf-8")
    return words + "\n".join([*_metrics(), *_statements()])


def define(function: Function) -> Definition:
    """Read the definition of a metric from its docstring and signature.

    Parameters
    ----------
    function
        Has a numpydoc docstring whose text before the sections states the formula, and a section
        Returns with the unit, the dims and what happens at the edges, in this order.

    Raises
    ------
    ValueError
        If the docstring has no formula, or does not say what it returns.
    """
    text, *rest = _SECTION.split(inspect.getdoc(function) or "")
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    returned = _RETURNS.search(sections.get("Returns", "").partition("\n")[2])
    if not _FORMULA.search(text) or returned is None:
        raise ValueError(f"the docstring of {function.__name__} lacks a formula, unit or dims")
    parameters = _parameters(sections.get("Parameters", ""))
    facts = {
        "Use": _use(function),
        "Window": _window(function, parameters.get("months", "")),
        "Unit": _unit(_markdown(returned["unit"])),
        "At the edges": _sentence(_markdown(returned["edges"].lstrip(",;. \n"))),
        "Of the company": _of_company(function.__name__, parameters),
        "Source": _markdown(sections.get("Source", "")),
    }
    return Definition(_markdown(text), {name: fact for name, fact in facts.items() if fact})


def _parameters(section: str) -> dict[str, str]:
    """Text of each parameter."""
    found = re.findall(r"^(\w+)\n((?:    .*\n?|\n)+)", section, re.MULTILINE)
    return {name: _markdown(text) for name, text in found}


def _use(function: Function) -> str:
    name = function.__name__
    if name in odds.MONTHLY:
        of = "the company or one segment" if name in SEGMENT_METRICS else "the company"
        return f"targets and expectations, of {of}"
    if function in IN_EXPECTATIONS:
        return f"expectations, as `{IN_EXPECTATIONS[function]}`"
    return f"no target; in Python `{function.__module__}.{name}`"


def _window(function: Function, meaning: str) -> str:
    """Months over which it is taken unless asked otherwise, where it has a parameter for them."""
    months = inspect.signature(function).parameters.get("months")
    if months is None:
        return ""
    length = "the month" if months.default == 1 else f"{months.default} months"
    if not meaning or meaning.startswith(f"{_PERIOD} each month"):
        return length
    if meaning.startswith(_PERIOD):
        return f"{length}, ending with{meaning.removeprefix(_PERIOD)}"
    return f"{length}: {_lowered(meaning)}"


def _unit(text: str) -> str:
    plain = _UNIT.sub(r"\1", text)
    return plain if plain != text else _lowered(plain)


def _of_company(name: str, parameters: Mapping[str, str]) -> str:
    """How it is put together from segments, where it is not the formula on their sums."""
    metric = odds.widest(name) if name in odds.MONTHLY else None
    if not isinstance(metric, partial):
        return ""
    if "pooled" in metric.keywords:
        return _sentence(parameters["pooled"].partition(": ")[2])
    return _markdown((inspect.getdoc(health.of_all_open) or "").partition("\n")[0])


# Markdown


def _metrics() -> Iterator[str]:
    shown = {function.__name__ for group in GROUPS.values() for function in group}
    for title, group in GROUPS.items():
        yield f"## {title}\n"
        for function in group:
            yield f"### `{function.__name__}`\n"
            definition, others = define(function), shown - {function.__name__}
            yield f"{_linked(definition.formula, others)}\n"
            for name, fact in definition.facts.items():
                yield f"- *{name}:* {_linked(fact, others)}"
            yield ""


def _statements() -> Iterator[str]:
    """Tell the sums and ratios of the statements; the accounting policy is told elsewhere."""
    labels = {line.name: line.label for _, line in lines()}
    yield "## Statements\n"
    yield (
        "Sums and ratios of the three statements; [workbook.md](workbook.md) has the accounting "
        "policy. They are of the company, by month, quarter or year.\n"
    )
    yield "| statement | line | is |"
    yield "| --- | --- | --- |"
    for statement, line in lines():
        if line.parts:
            yield f"| {statement.replace('_', ' ')} | {line.label} | {_terms(line, labels)} |"
    yield ""


def _terms(line: Line, labels: Mapping[str, str]) -> str:
    if line.kind == "ratio":
        return " / ".join(labels[name] for _, name in line.terms)
    (_, first), *others = line.terms
    signs = {1: "+", -1: "-"}
    return " ".join([labels[first], *(f"{signs[s]} {labels[name]}" for s, name in others)])


def _markdown(text: str) -> str:
    """Text of a docstring with one line for each paragraph and item."""
    plain = inspect.cleandoc(text).strip().replace("``", "`")
    joined = re.sub(r"(?<!\n)\n(?!\n|- )\s*", " ", plain)
    return re.sub(r"\s*Parameters (?:and terms )?as in `\w+`[.;]?", "", joined).strip()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _linked(text: str, shown: set[str]) -> str:
    """Link the names of other metrics on the page."""
    return re.sub(
        r"`(\w+)`",
        lambda found: f"[{found[0]}](#{found[1]})" if found[1] in shown else found[0],
        text,
    )
