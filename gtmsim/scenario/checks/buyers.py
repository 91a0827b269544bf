"""The market of buyers: classes that divide it, rules that give every account one segment."""

from collections.abc import Iterator, Mapping
from itertools import chain
from math import inf, prod
from typing import Any

from gtmsim.scenario.checks.correlations import range_text
from gtmsim.scenario.checks.quantities import sums_to_one
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.market import (
    QUALITIES,
    Profile,
    class_names,
    classes_of,
    meets,
    profiles,
    rule_of,
)
from gtmsim.scenario.models import Buyers, Scenario
from gtmsim.scenario.places import Path
from gtmsim.settings import MAX_PROFILES
from gtmsim.words import closest, enumeration

_LOWER_END = {"sizes": ("from_employees", 1.0), "tiers": ("from_acv", 0.0)}
_PAIRS = ("size_and_potential", "size_and_complexity", "potential_and_complexity")


def check_buyers(scenario: Scenario) -> Iterator[Finding]:
    """Markets that do not divide as they say, and accounts that no rule or price is for."""
    if scenario.buyers is None:
        yield from _needing_buyers(scenario)
        return
    found = [*_classes(scenario.buyers), *_reaches(scenario, scenario.buyers)]
    found += _rules(scenario, scenario.buyers)
    yield from found or _division(scenario, scenario.buyers)
    yield from _prices(scenario)


def _needing_buyers(scenario: Scenario) -> Iterator[Finding]:
    """Tell what speaks of a market that is not described."""
    message = "needs the market in `buyers`, which is missing"
    for name, channel in scenario.channels.items():
        if channel.reach is not None:
            yield Finding(("channels", name, "reach"), message, at_key=True)
    for name, segment in scenario.segments.items():
        if segment.potential_share is not None:
            yield Finding(("segments", name, "potential_share"), message, at_key=True)
        if segment.acv is None:
            yield Finding(("segments", name), "needs `acv`", missing="acv")
    if scenario.segmentation:
        yield Finding(("segmentation",), message, at_key=True)


# --- classes


def _classes(buyers: Buyers) -> Iterator[Finding]:
    at: Path = ("buyers",)
    for key in ("employees", "potential"):
        yield from _lognormal((*at, key), getattr(buyers, key))
    if buyers.accounts == 0:
        hint = "Without it the market never runs dry."
        yield Finding((*at, "accounts"), "must be above 0; got 0", hint)
    for quality, (key, most) in _LOWER_END.items():
        yield from _ascending((*at, quality), classes_of(buyers, quality), key, most)
    for quality in QUALITIES:
        if quality not in _LOWER_END:
            shares = {name: one.share for name, one in getattr(buyers, quality).items()}
            yield from sums_to_one((*at, quality), shares, "share")
    yield from _correlations(buyers)
    number = prod(len(names) for names in class_names(buyers))
    if number > MAX_PROFILES:
        message = f"divides accounts into {number:,} kinds; at most {MAX_PROFILES:,} fit"
        yield Finding(at, message, "Merge classes.", at_key=True)


def _lognormal(path: Path, value: Any) -> Iterator[Finding]:
    """Tell an attribute of accounts that is not positive and spread like a lognormal one."""
    if not isinstance(value, Distribution):
        if value == 0.0:
            yield Finding(path, "must be above 0; got 0")
        return
    is_cut = value.low > 0.0 or value.high < inf
    if value.family != "lognormal" or is_cut:
        what = "is truncated" if is_cut else f"is of the family {value.family}"
        message = f"{what}, and accounts are spread like a lognormal"
        yield Finding(path, message, "Give { median, p90 } or { p10, p90 }.")


def _ascending(path: Path, classes: Mapping[str, Any], key: str, most: float) -> Iterator[Finding]:
    """Tell lower ends that leave accounts under the first, or do not rise."""
    before: tuple[str, float] | None = None
    for name, one in classes.items():
        end = getattr(one, key)
        if before is None and end > most:
            message = f"must be at most {most:g} for the smallest class; got {end:g}"
            yield Finding((*path, name, key), message, "Classes stand from the smallest on.")
        elif before is not None and end <= before[1]:
            message = f"must be above {before[1]:g}, where `{before[0]}` begins; got {end:g}"
            yield Finding((*path, name, key), message, "Classes stand from the smallest on.")
        before = (name, end)


def _correlations(buyers: Buyers) -> Iterator[Finding]:
    """Tell correlations of the qualities that cannot all hold."""
    import numpy as np  # noqa: PLC0415  only where there is a market

    from gtmsim.draws.copula import is_possible, possible_range  # noqa: PLC0415  SciPy

    given = [getattr(buyers, pair) for pair in _PAIRS]
    matrix = np.eye(3)
    for (i, j), value in zip(((0, 1), (0, 2), (1, 2)), given, strict=True):
        matrix[i, j] = matrix[j, i] = value
    if is_possible(matrix):
        return
    last = max((n for n, value in enumerate(given) if value != 0.0), default=0)
    i, j = ((0, 1), (0, 2), (1, 2))[last]
    others = enumeration([f"`{pair}`" for n, pair in enumerate(_PAIRS) if n != last])
    mend = possible_range(matrix, i, j)
    hint = f"With them it must lie in {range_text(mend)}." if mend else ""
    message = f"cannot be {given[last]:g} together with {others}"
    yield Finding(("buyers", _PAIRS[last]), message, hint)


# --- who reaches them, and whose they are


def _reaches(scenario: Scenario, buyers: Buyers) -> Iterator[Finding]:
    for name, channel in scenario.channels.items():
        if channel.reach is None:
            continue
        path = ("channels", name, "reach")
        if channel.segments:
            message = "excludes `segments`: a channel has a mix or reaches the market"
            yield Finding(path, message, at_key=True)
        for key in ("employees", "potential"):
            if getattr(channel.reach, key) == 0.0:
                yield Finding((*path, key), "must be above 0; got 0")
        for quality in ("verticals", "regions"):
            weights = getattr(channel.reach, quality)
            known = classes_of(buyers, quality)
            for one in weights:
                yield from _unknown((*path, quality, one), one, quality, known, at_key=True)
            every = [weights.get(one, 1.0) for one in known]
            if every and not any(every):
                yield Finding((*path, quality), "reaches nobody: all its weights are 0")


def _rules(scenario: Scenario, buyers: Buyers) -> Iterator[Finding]:
    if not scenario.segmentation:
        hint = 'Such as [[segmentation]] with tiers = ["large"] and to = "enterprise".'
        yield Finding(("buyers",), "needs `segmentation`: rules that give accounts segments", hint)
    for number, rule in enumerate(scenario.segmentation):
        path = ("segmentation", number)
        if rule.to not in scenario.segments:
            near = closest(rule.to, scenario.segments)
            hint = f"Did you mean `{near}`?" if near else ""
            yield Finding((*path, "to"), f"`{rule.to}` is not a segment", hint)
        for quality in QUALITIES:
            known = classes_of(buyers, quality)
            for place, name in enumerate(getattr(rule, quality) or ()):
                yield from _unknown((*path, quality, place), name, quality, known)


def _unknown(
    path: Path, name: str, quality: str, known: Mapping[str, Any], *, at_key: bool = False
) -> Iterator[Finding]:
    if name in known:
        return
    near = closest(name, known)
    there = f"The {quality} are {', '.join(known)}." if known else f"There are no `{quality}`."
    hint = f"Did you mean `{near}`?" if near else there
    yield Finding(path, f"`{name}` is not among buyers.{quality}", hint, at_key=at_key)


def _division(scenario: Scenario, buyers: Buyers) -> Iterator[Finding]:
    """Tell accounts that no rule takes, and rules to which earlier ones leave nobody."""
    rules = scenario.segmentation
    taken = {profile: rule_of(rules, profile) for profile in profiles(buyers)}
    left = [profile for profile, number in taken.items() if number is None]
    if left:
        message = f"has no rule for accounts that are {_described(buyers, left[0])}"
        hint = "End with a rule that asks for nothing, such as { to = ... }."
        yield Finding(("segmentation",), message, hint, at_key=True)
    for number, rule in enumerate(rules):
        if number in taken.values():
            continue
        before = {taken[profile] for profile in taken if meets(rule, profile)} - {None}
        named = enumeration([str(one + 1) for one in sorted(n for n in before if n is not None)])
        which = "an earlier rule" if len(before) == 1 else "earlier rules"
        message = f"is never used: all its accounts meet {which} ({named})"
        yield Finding(("segmentation", number), message, "Put the narrower rule first.")


def _described(buyers: Buyers, profile: Profile) -> str:
    divided = zip(QUALITIES, profile, strict=True)
    return enumeration([f"{q}.{name}" for q, name in divided if classes_of(buyers, q)])


# --- prices


def _prices(scenario: Scenario) -> Iterator[Finding]:
    """Tell segments whose deals have no price."""
    opening = scenario.company.opening
    by_mix = {name for channel in scenario.channels.values() for name in channel.segments}
    for name, segment in scenario.segments.items():
        if segment.acv is not None:
            continue
        customers = opening.customers.get(name)
        for needs, why in (
            (segment.potential_share is None, "its deals"),
            (name in by_mix, "leads of channels with a segment mix"),
            (name in opening.pipeline, "deals of the opening pipeline"),
            (customers is not None and customers.acv is None, "opening customers"),
        ):
            if needs:
                yield Finding(("segments", name), f"needs `acv` for {why}", missing="acv")
                break


def market_channels(scenario: Scenario) -> list[str]:
    """Channels whose leads are accounts of the market."""
    return [name for name, channel in scenario.channels.items() if not channel.segments]


def segments_of_market(scenario: Scenario) -> set[str]:
    """Segments that a rule gives accounts to."""
    return set(chain(rule.to for rule in scenario.segmentation))
