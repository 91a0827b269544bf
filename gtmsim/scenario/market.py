"""The market's accounts by the classes they are in, and the rule that gives each its segment."""

from collections.abc import Iterator, Mapping
from itertools import product

from gtmsim.scenario.models import BuyerClass, Buyers, SegmentRule

QUALITIES = ("sizes", "tiers", "complexities", "verticals", "regions")
"""What accounts are classed by, in the order of the Plan's classes."""

ONLY = "all"
"""Name of the one class of a quality that a scenario does not divide."""

Profile = tuple[str, ...]
"""Class of each quality."""


def classes_of(buyers: Buyers, quality: str) -> Mapping[str, BuyerClass]:
    """Classes of a quality, in the order of the file; empty if it is not divided."""
    classes: Mapping[str, BuyerClass] = getattr(buyers, quality)
    return classes


def class_names(buyers: Buyers) -> tuple[tuple[str, ...], ...]:
    """Names of the classes of each quality, at least one."""
    return tuple(tuple(classes_of(buyers, quality)) or (ONLY,) for quality in QUALITIES)


def profiles(buyers: Buyers) -> Iterator[Profile]:
    """Every combination of classes; the last quality changes fastest."""
    return product(*class_names(buyers))


def meets(rule: SegmentRule, profile: Profile) -> bool:
    """Whether accounts of a profile meet a rule."""
    asked = zip((getattr(rule, quality) for quality in QUALITIES), profile, strict=True)
    return all(names is None or name in names for names, name in asked)


def rule_of(rules: tuple[SegmentRule, ...], profile: Profile) -> int | None:
    """Find the number of the first rule that accounts of a profile meet."""
    return next((number for number, rule in enumerate(rules) if meets(rule, profile)), None)
