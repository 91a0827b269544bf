"""Distributions as a scenario states them: by quantiles, by moments, or by a family's parameters.

==========================  =====================================================================
Written                     Meaning
==========================  =====================================================================
``{ p10, p90 }``            the two quantiles; the family is the kind's own, or ``family``
``{ median, p90 }``         the same
``{ mean, sd }``            the two moments; the family is the kind's own, or ``family``
``{ family, ... }``         a family with its own parameters, see ``FAMILIES``
``min``, ``max``            added to any of these: the distribution is truncated there
``{ choices, weights }``    one of a few numbers, by weight; without ``weights`` all alike.
                            For uncertain inputs only
==========================  =====================================================================

Without ``family``, quantiles mean a lognormal for money, times, rates and multiples, a logit-normal
for shares, and for growth a lognormal of 1 + growth (``log_growth``); moments mean the same but a
beta for shares.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from gtmsim.scenario.kinds import POSITIVE, REAL, WEIGHT, Kind
from gtmsim.scenario.literals import Fault, QuantityError, read_number, shown
from gtmsim.words import alternatives, closest


@dataclass(frozen=True)
class Distribution:
    """A distribution, checked, in the unit of its key.

    Its parameters are numbers, or uncertain numbers (distributions themselves) where ``varies``.
    """

    kind: Kind
    family: str
    parameters: tuple[tuple[str, "float | Distribution"], ...]
    low: float = -inf
    """Truncated below here."""
    high: float = inf
    """Truncated above here."""
    varies: bool = False
    """True: drawn per customer, deal or event. False: unknown, drawn once per draw."""
    choices: tuple[float, ...] = ()
    """What a discrete one chooses from, in the order of its distribution function; else empty."""
    weights: tuple[float, ...] = ()
    """Weight of each choice; not all 0."""

    @property
    def form(self) -> tuple[str, ...]:
        """Names of the parameters, such as ``("p10", "p90")``."""
        return tuple(name for name, _ in self.parameters)

    def __getitem__(self, name: str) -> "float | Distribution":
        """Return a parameter by its name."""
        return dict(self.parameters)[name]

    @property
    def uncertain(self) -> Iterator[tuple[str, "Distribution"]]:
        """Parameters that are uncertain themselves, by name."""
        return ((n, p) for n, p in self.parameters if isinstance(p, Distribution))


Form = tuple[str, ...]
QUANTILES: Form = ("p10", "p90")
MEDIAN_P90: Form = ("median", "p90")
MOMENTS: Form = ("mean", "sd")
PLAIN_FORMS = (QUANTILES, MEDIAN_P90, MOMENTS)
"""What may be given without a family."""


@dataclass(frozen=True)
class Family:
    """A family: the parameters that state one of it, and where its variates lie."""

    own: tuple[Form, ...]
    """Its own parameters, in one or several forms."""
    low: float = -inf
    high: float = inf
    plain: tuple[Form, ...] = PLAIN_FORMS
    """Which of the forms that need no family determine one."""
    closed: bool = False
    """Whether the ends of the support are values that quantiles may take."""

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every form."""
        return (*self.own, *(form for form in self.plain if form not in self.own))


FAMILIES: Mapping[str, Family] = {
    "normal": Family((("mean", "sd"),)),
    "lognormal": Family((("mu", "sigma"), ("median", "sigma")), low=0.0),
    "exponential": Family((("mean",),), low=0.0, plain=()),
    "weibull": Family((("shape", "scale"),), low=0.0),
    "gamma": Family((("shape", "scale"), ("mean", "sd")), low=0.0),
    "beta": Family((("alpha", "beta"), ("mean", "concentration")), low=0.0, high=1.0),
    "uniform": Family((("low", "high"),), closed=True),
    "triangular": Family((("low", "mode", "high"),), plain=(), closed=True),
    "logit_normal": Family((("mu", "sigma"),), low=0.0, high=1.0),
    "log_growth": Family((("mu", "sigma"),), low=-1.0),
}

LOCATIONS = frozenset({"p10", "p90", "median", "mean", "low", "mode", "high"})
_POSITIVE = frozenset({"sigma", "shape", "scale", "alpha", "beta", "concentration"})
_OPTIONS = ("family", "min", "max")
CHOICES = "choices"
"""Key of what is chosen from, and the family of a distribution that chooses."""
WEIGHTS = "weights"
_PLAIN = "{ p10, p90 }, { median, p90 }, { mean, sd }, { choices }"
_FORMS = {form for family in FAMILIES.values() for form in family.forms} | set(PLAIN_FORMS)
PARAMETERS = frozenset(name for form in _FORMS for name in form)
KEYS = PARAMETERS | {*_OPTIONS, CHOICES, WEIGHTS}
"""Every key that a distribution's table may have."""


def is_distribution(table: Mapping[str, Any]) -> bool:
    """Whether a table states a distribution, well or badly, and not something by name."""
    return bool(KEYS & set(table))


def is_complete(table: Mapping[str, Any]) -> bool:
    """Whether a table states a distribution by itself, so that it adds nothing to another."""
    given = set(table) - {"min", "max"}
    if "family" in given:
        return len(given) > 1
    if CHOICES in given:
        return given <= {CHOICES, WEIGHTS}
    return tuple(sorted(given)) in {tuple(sorted(form)) for form in PLAIN_FORMS}


def read_distribution(table: Mapping[str, Any], kind: Kind, *, varies: bool) -> Distribution:
    """Distribution that a table states.

    Parameters
    ----------
    table
        Plain data of the table.
    kind
        What the key measures.
    varies
        Whether it is variability: its parameters may then be uncertain.

    Raises
    ------
    QuantityError
        With every fault of the table.
    """
    if CHOICES in table:
        return _read_choices(table, kind, varies)
    family_name, form = _family_and_form(table, kind)
    faults: list[Fault] = []
    parameters: dict[str, float | Distribution] = {}
    bounds: dict[str, float] = {}
    for name in form:
        with _placed(faults, name):
            parameters[name] = _parameter(table[name], name, kind, varies)
    for name in ("min", "max"):
        with _placed(faults, name):
            if name in table:
                bounds[name] = read_number(table[name], kind)
    if faults:
        raise QuantityError(*faults)
    distribution = Distribution(
        kind,
        family_name,
        tuple(parameters.items()),
        bounds.get("min", -inf),
        bounds.get("max", inf),
        varies,
    )
    for check in (_disorder, _out_of_family, _out_of_unit, _out_of_kind):
        if faults := list(check(distribution)):
            raise QuantityError(*faults)
    return distribution


def _read_choices(table: Mapping[str, Any], kind: Kind, varies: bool) -> Distribution:
    faults = list(_beside_choices(table, varies))
    choices: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    with _placed(faults, CHOICES):
        choices = _numbers_of(table[CHOICES], kind)
        weights = (1.0,) * len(choices)
    with _placed(faults, WEIGHTS):
        if WEIGHTS in table:
            weights = _weights_of(table[WEIGHTS], len(choices))
    if faults:
        raise QuantityError(*faults)
    return Distribution(kind, CHOICES, (), choices=choices, weights=weights)


def _beside_choices(table: Mapping[str, Any], varies: bool) -> Iterator[Fault]:
    if varies:
        message = "are for what is not known; this number differs from customer to customer"
        hint = "Give p10 and p90, or choices for one of them."
        yield Fault(message, hint, (CHOICES,), at_key=True)
    for key in table:
        if key not in KEYS:
            yield _unknown_key(key)
        elif key not in (CHOICES, WEIGHTS):
            yield Fault("does not go with `choices`", "", (key,), at_key=True)


def _numbers_of(value: Any, kind: Kind) -> tuple[float, ...]:
    if not isinstance(value, list | tuple):
        raise QuantityError(Fault(f"wants an array of numbers; got {shown(value)}"))
    if not value:
        raise QuantityError(Fault("needs at least 1 entry; it has 0"))
    faults: list[Fault] = []
    numbers: list[float] = []
    for position, item in enumerate(value):
        with _placed(faults, position):
            numbers.append(read_number(item, kind))
    if faults:
        raise QuantityError(*faults)
    return tuple(numbers)


def _weights_of(value: Any, n_choices: int) -> tuple[float, ...]:
    weights = _numbers_of(value, WEIGHT)
    if n_choices and len(weights) != n_choices:
        raise QuantityError(
            Fault(f"needs one weight per choice, {n_choices} of them; it has {len(weights)}")
        )
    if not any(weights):
        raise QuantityError(Fault("must not all be 0"))
    return weights


@contextmanager
def _placed(faults: list[Fault], below: str | int) -> Iterator[None]:
    """Keep the faults of one part, placed below, beside those of the others."""
    try:
        yield
    except QuantityError as error:
        faults += [replace(fault, below=(below, *fault.below)) for fault in error.faults]


def _family_and_form(table: Mapping[str, Any], kind: Kind) -> tuple[str, Form]:
    unknown = [key for key in table if key not in KEYS]
    if unknown:
        raise QuantityError(*(_unknown_key(key) for key in unknown))
    given = frozenset(table) - set(_OPTIONS)
    if "family" in table:
        return _named_family(table["family"], given)
    for form in PLAIN_FORMS:
        if given == set(form):
            return (kind.moment_family if form == MOMENTS else kind.quantile_family), form
    raise QuantityError(Fault(_which_forms(given), _family_hint(given)))


def _unknown_key(key: str) -> Fault:
    near = closest(key, sorted(KEYS))
    hint = f"Did you mean `{near}`?" if near else f"It has one of {_PLAIN}, or a family."
    return Fault("is not a key of a distribution", hint, (key,), at_key=True)


def _named_family(name: Any, given: frozenset[str]) -> tuple[str, Form]:
    if not isinstance(name, str) or name not in FAMILIES:
        near = closest(str(name), FAMILIES)
        hint = f'Did you mean "{near}"?' if near else ""
        raise QuantityError(Fault(f"must be one of {alternatives(FAMILIES)}", hint, ("family",)))
    forms = FAMILIES[name].forms
    for form in forms:
        if given == set(form):
            return name, form
    wanted = alternatives([_braced(form) for form in forms])
    raise QuantityError(Fault(f'wants {wanted} with family = "{name}"; got {_given(given)}'))


def _which_forms(given: frozenset[str]) -> str:
    return f"wants exactly one of {_PLAIN}, or a family with its parameters; got {_given(given)}"


def _family_hint(given: frozenset[str]) -> str:
    having = [name for name, family in FAMILIES.items() if given in map(frozenset, family.own)]
    return f'Add family = "{having[0]}".' if having else ""


def _parameter(value: Any, name: str, kind: Kind, varies: bool) -> float | Distribution:
    own_kind = parameter_kind(name, kind)
    if not isinstance(value, Mapping):
        return read_number(value, own_kind)
    if not varies:
        raise QuantityError(
            Fault("must be a number: this distribution is an uncertain input already")
        )
    return read_distribution(value, own_kind, varies=False)


def parameter_kind(name: str, kind: Kind) -> Kind:
    """Return what a parameter measures in a distribution of a kind."""
    if name in LOCATIONS:
        return kind
    if name in ("sd", "scale"):
        return _spread_kind(kind)
    return POSITIVE if name in _POSITIVE else REAL


def _spread_kind(kind: Kind) -> Kind:
    """Kind of a width in the unit of ``kind``."""
    return Kind(
        kind.name, kind.example, kind.unit, 0.0, inf, True, kind.largest, percent=kind.percent
    )


# What is checked once the numbers are read. Uncertain parameters are taken on trust: the plan keeps
# what is drawn for them in order.

_ORDERED = (("p10", "p90"), ("median", "p90"), ("low", "high"), ("low", "mode"), ("mode", "high"))


def _disorder(distribution: Distribution) -> Iterator[Fault]:
    numbers = _numbers(distribution)
    for lower, upper in _ORDERED:
        if lower in numbers and upper in numbers:
            equal_is_fine = "mode" in (lower, upper)
            a, b = numbers[lower], numbers[upper]
            if a > b or (a == b and not equal_is_fine):
                yield Fault(f"must be below {upper}; got {a:g} and {b:g}", below=(lower,))
    if distribution.low >= distribution.high:
        yield Fault(
            f"must be below max; got {distribution.low:g} and {distribution.high:g}", below=("min",)
        )


def _out_of_family(distribution: Distribution) -> Iterator[Fault]:
    """Quantiles and moments that no member of the family has."""
    family = FAMILIES[distribution.family]
    numbers = _numbers(distribution)
    for name in ("p10", "median", "p90", "mean"):
        value = numbers.get(name)
        if value is not None and not (family.low < value < family.high) and not family.closed:
            limit = f"above {family.low:g}"
            limit += f" and below {family.high:g}" if family.high < inf else ""
            of = distribution.family.replace("_", "-")
            yield Fault(f"must be {limit} in a {of} distribution; got {value:g}", below=(name,))
    if family.high == 1.0 and {"mean", "sd"} <= set(numbers):
        largest = max(0.0, numbers["mean"] * (1.0 - numbers["mean"])) ** 0.5
        if 0.0 < largest <= numbers["sd"]:
            yield Fault(
                f"must be below {largest:.3g}, the most that shares with this mean can spread; "
                f"got {numbers['sd']:g}",
                below=("sd",),
            )


def _out_of_unit(distribution: Distribution) -> Iterator[Fault]:
    """Variability of a family that does not keep its form in the engines' unit or as it is."""
    is_amount = distribution.kind.unit in ("money", "days")
    is_share = FAMILIES[distribution.family].high == 1.0
    if distribution.varies and (distribution.family == "log_growth" or (is_amount and is_share)):
        of = "growth rates" if distribution.family == "log_growth" else "shares"
        hint = "Give p10 and p90 without a family."
        yield Fault(f"is a family for {of}; got {distribution.family}", hint, ("family",))


def _out_of_kind(distribution: Distribution) -> Iterator[Fault]:
    """Variates that the key does not admit."""
    kind = distribution.kind
    low, high = _support(distribution)
    missing = ["min = 0"] if low < kind.low else []
    missing += [f"max = {kind.high:g}"] if high > kind.high else []
    if missing:
        reach = f"reaches {'below' if low < kind.low else 'above'} it"
        yield Fault(
            f"{kind.range_text}, and this {distribution.family} distribution {reach}",
            f"Add {' and '.join(missing)}, or give p10 and p90 without a family.",
        )


def _support(distribution: Distribution) -> tuple[float, float]:
    family = FAMILIES[distribution.family]
    numbers = _numbers(distribution)
    low, high = family.low, family.high
    if distribution.family in ("uniform", "triangular"):
        low, high = _ends(numbers, distribution.kind)
    return max(low, distribution.low), min(high, distribution.high)


def _ends(numbers: Mapping[str, float], kind: Kind) -> tuple[float, float]:
    """Return the ends of a uniform or triangular distribution; the kind's where uncertain."""
    if {"p10", "p90"} <= set(numbers):
        reach = (numbers["p90"] - numbers["p10"]) / 8.0
        return numbers["p10"] - reach, numbers["p90"] + reach
    if {"median", "p90"} <= set(numbers):
        reach = (numbers["p90"] - numbers["median"]) * 1.25
        return numbers["median"] - reach, numbers["median"] + reach
    if {"mean", "sd"} <= set(numbers):
        reach = numbers["sd"] * 3.0**0.5
        return numbers["mean"] - reach, numbers["mean"] + reach
    return numbers.get("low", kind.low), numbers.get("high", kind.high)


def _numbers(distribution: Distribution) -> dict[str, float]:
    return {n: p for n, p in distribution.parameters if not isinstance(p, Distribution)}


def _braced(form: Form) -> str:
    return "{ " + ", ".join(form) + " }"


def _given(given: frozenset[str]) -> str:
    return ", ".join(sorted(given)) if given else "none of them"
