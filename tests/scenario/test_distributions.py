"""Distributions as tables: their forms, families, bounds and faults."""

from math import inf

import pytest

from gtmsim.scenario import kinds
from gtmsim.scenario.distributions import (
    FAMILIES,
    Distribution,
    is_complete,
    read_distribution,
)
from gtmsim.scenario.literals import QuantityError


def read(table, kind=kinds.MONEY, varies=True) -> Distribution:
    return read_distribution(table, kind, varies=varies)


def faults(table, kind=kinds.MONEY, varies=True):
    with pytest.raises(QuantityError) as caught:
        read(table, kind, varies)
    return caught.value.faults


@pytest.mark.parametrize(
    ("table", "kind", "family"),
    [
        ({"p10": 1, "p90": 2}, kinds.MONEY, "lognormal"),
        ({"median": 1, "p90": 2}, kinds.DAYS, "lognormal"),
        ({"mean": 1, "sd": 2}, kinds.RATE, "lognormal"),
        ({"p10": 0.1, "p90": 0.2}, kinds.SHARE, "logit_normal"),
        ({"median": 0.1, "p90": 0.2}, kinds.SHARE, "logit_normal"),
        ({"mean": 0.1, "sd": 0.05}, kinds.SHARE, "beta"),
        ({"p10": -0.1, "p90": 0.2}, kinds.GROWTH, "log_growth"),
        ({"mean": -0.1, "sd": 0.2}, kinds.GROWTH, "log_growth"),
    ],
)
def test_a_distribution_without_a_family_has_that_of_its_kind(table, kind, family):
    distribution = read(table, kind, varies=False)
    assert distribution.family == family
    assert distribution.form == tuple(table)
    assert distribution.low == -inf
    assert distribution.high == inf


def test_parameters_are_literals_in_the_unit_of_the_key():
    distribution = read({"p10": "15k", "p90": "$25k", "min": "10k", "max": "1M"})
    assert distribution.parameters == (("p10", 15_000.0), ("p90", 25_000.0))
    assert (distribution.low, distribution.high) == (10_000.0, 1_000_000.0)
    assert read({"median": "2w", "p90": "3mo"}, kinds.DAYS)["p90"] == 91.3125


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name in FAMILIES for form in FAMILIES[name].forms]
)
def test_every_family_takes_each_of_its_forms(name, form):
    values = {"p10": 0.2, "median": 0.3, "p90": 0.4, "mean": 0.3, "sd": 0.1, "low": 0.1}
    values |= {"mode": 0.3, "high": 0.4, "mu": -1.0, "sigma": 0.5, "shape": 2.0, "scale": 0.2}
    values |= {"alpha": 2.0, "beta": 3.0, "concentration": 5.0}
    table = {key: values[key] for key in form} | {"family": name, "min": 0, "max": 1}
    assert read(table, kinds.SHARE, varies=False).form == form


def test_a_parameter_of_variability_may_be_uncertain():
    distribution = read({"median": {"p10": "15k", "p90": "25k"}, "p90": "45k"})
    ((name, uncertain),) = distribution.uncertain
    assert name == "median"
    assert uncertain["p10"] == 15_000.0
    assert distribution.varies
    assert not uncertain.varies


def test_a_parameter_of_an_uncertain_input_may_not():
    (fault,) = faults({"median": {"p10": 1, "p90": 2}, "p90": 3}, varies=False)
    assert fault.below == ("median",)
    assert "is an uncertain input already" in fault.message


@pytest.mark.parametrize(
    ("table", "kind", "below", "message"),
    [
        ({"p10": 2, "p90": 1}, kinds.MONEY, ("p10",), "must be below p90; got 2 and 1"),
        ({"p10": 2, "p90": 2}, kinds.MONEY, ("p10",), "must be below p90"),
        ({"median": 2, "p90": 1}, kinds.MONEY, ("median",), "must be below p90"),
        ({"p10": 1, "median": 2, "p90": 3}, kinds.MONEY, (), "wants exactly one of"),
        ({"p10": 1}, kinds.MONEY, (), "got p10"),
        ({"min": 1}, kinds.MONEY, (), "got none of them"),
        ({"mean": 1, "sd": 0}, kinds.MONEY, ("sd",), "must be above 0"),
        ({"mean": 1, "sd": -1}, kinds.MONEY, ("sd",), "must be above 0"),
        ({"mean": 0, "sd": 1}, kinds.MONEY, ("mean",), "must be above 0 in a lognormal"),
        ({"p10": 0, "p90": 1}, kinds.MONEY, ("p10",), "must be above 0 in a lognormal"),
        ({"p10": 0.1, "p90": 1}, kinds.SHARE, ("p90",), "above 0 and below 1 in a logit-normal"),
        ({"p10": 0.1, "p90": 1.5}, kinds.SHARE, ("p90",), "must lie in [0, 1]; got 1.5"),
        ({"mean": 0.1, "sd": 0.5}, kinds.SHARE, ("sd",), "must be below 0.3"),
        ({"p10": "75d", "p90": 1}, kinds.MONEY, ("p10",), '"75d" is a time'),
        ({"p10": 1, "p9O": 2}, kinds.MONEY, ("p9O",), "is not a key of a distribution"),
        ({"family": "norml", "mean": 1, "sd": 1}, kinds.MONEY, ("family",), "must be one of"),
        ({"family": 3, "mean": 1}, kinds.MONEY, ("family",), "must be one of"),
        ({"family": "gamma", "mu": 1}, kinds.MONEY, (), "{ shape, scale }, { mean, sd }"),
        ({"family": "exponential", "p10": 1, "p90": 2}, kinds.DAYS, (), "wants { mean } with"),
        ({"family": "uniform", "low": 2, "high": 1}, kinds.DAYS, ("low",), "must be below high"),
        (
            {"family": "triangular", "low": 1, "mode": 5, "high": 3},
            kinds.DAYS,
            ("mode",),
            "must be below high",
        ),
        ({"p10": 1, "p90": 2, "min": 5, "max": 4}, kinds.DAYS, ("min",), "must be below max"),
        ({"family": "normal", "mean": 1, "sd": 1}, kinds.DAYS, (), "reaches below it"),
        ({"family": "normal", "p10": 0.1, "p90": 0.2}, kinds.SHARE, (), "reaches below it"),
        ({"family": "lognormal", "p10": 0.1, "p90": 0.2}, kinds.SHARE, (), "reaches above it"),
        ({"family": "uniform", "p10": 0.1, "p90": 1.0}, kinds.SHARE, (), "reaches below it"),
    ],
)
def test_a_fault_is_told_with_its_place_inside_the_table(table, kind, below, message):
    (fault,) = faults(table, kind)
    assert fault.below == below
    assert message in fault.message


def test_all_faults_of_a_table_are_told():
    assert [fault.below for fault in faults({"p10": "x", "p90": -1})] == [("p10",), ("p90",)]


@pytest.mark.parametrize(
    ("table", "kind", "hint"),
    [
        ({"p10": 1, "p9O": 2}, kinds.MONEY, "Did you mean `p90`?"),
        ({"shape": 1, "scale": 2}, kinds.MONEY, 'Add family = "weibull".'),
        ({"family": "norml", "mean": 1}, kinds.MONEY, 'Did you mean "normal"?'),
        ({"family": "normal", "mean": 1, "sd": 1}, kinds.DAYS, "Add min = 0, or give p10 and p90"),
        ({"family": "normal", "mean": 0.1, "sd": 1}, kinds.SHARE, "Add min = 0 and max = 1"),
    ],
)
def test_a_fault_says_what_to_do(table, kind, hint):
    assert hint in faults(table, kind)[0].hint


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({"family": "beta", "alpha": 1, "beta": 2}, kinds.DAYS),
        ({"family": "logit_normal", "mu": 0, "sigma": 1}, kinds.MONEY),
        ({"family": "log_growth", "mu": 0, "sigma": 1, "min": 0, "max": 1}, kinds.SHARE),
    ],
)
def test_variability_of_a_family_for_other_units_is_refused(table, kind):
    assert faults(table, kind)[0].below == ("family",)


def test_truncation_brings_a_distribution_into_its_kind():
    table = {"family": "normal", "mean": 0.2, "sd": 0.1, "min": 0, "max": 1}
    assert read(table, kinds.SHARE).family == "normal"


def test_a_triangle_may_have_its_mode_at_an_end():
    table = {"family": "triangular", "low": 1, "mode": 1, "high": 3}
    assert read(table, kinds.DAYS)["mode"] == 1.0


@pytest.mark.parametrize(
    ("table", "complete"),
    [
        ({"p10": 1, "p90": 2}, True),
        ({"p10": 1, "p90": 2, "max": 3}, True),
        ({"family": "normal", "mean": 1, "sd": 2}, True),
        ({"p90": 2}, False),
        ({"family": "normal"}, False),
        ({"max": 2}, False),
        ({"p10": 1, "median": 2, "p90": 3}, False),
        ({"choices": [1, 2]}, True),
        ({"choices": [1, 2], "weights": [1, 3]}, True),
        ({"weights": [1, 3]}, False),
    ],
)
def test_a_table_that_states_a_whole_distribution_is_known(table, complete):
    assert is_complete(table) == complete


def test_choices_are_literals_in_the_unit_of_the_key_and_all_alike_without_weights():
    distribution = read({"choices": ["15k", 5_000, "$25k"]}, varies=False)
    assert distribution.choices == (15_000.0, 5_000.0, 25_000.0)
    assert distribution.weights == (1.0, 1.0, 1.0)
    assert not distribution.varies


def test_a_parameter_of_variability_may_be_a_choice():
    distribution = read({"median": {"choices": [1, 2], "weights": [3, 0]}, "p90": 9})
    ((name, uncertain),) = distribution.uncertain
    assert name == "median"
    assert uncertain.choices == (1.0, 2.0)
    assert uncertain.weights == (3.0, 0.0)


@pytest.mark.parametrize(
    ("table", "below", "message"),
    [
        ({"choices": 0.1}, ("choices",), "wants an array of numbers; got 0.1"),
        ({"choices": []}, ("choices",), "needs at least 1 entry"),
        ({"choices": [0.1, 1.2]}, ("choices", 1), "must lie in [0, 1]; got 1.2"),
        ({"choices": [0.1, "75d"]}, ("choices", 1), '"75d" is a time'),
        ({"choices": [0.1, {"p10": 0.1, "p90": 0.2}]}, ("choices", 1), "wants a share"),
        ({"choices": [0.1, 0.2], "weights": [1]}, ("weights",), "one weight per choice, 2 of them"),
        ({"choices": [0.1, 0.2], "weights": [1, -1]}, ("weights", 1), "must be at least 0"),
        ({"choices": [0.1, 0.2], "weights": [0, 0]}, ("weights",), "must not all be 0"),
        ({"choices": [0.1, 0.2], "p90": 0.3}, ("p90",), "does not go with `choices`"),
        ({"choices": [0.1, 0.2], "max": 0.3}, ("max",), "does not go with `choices`"),
        ({"choices": [0.1], "wieghts": [1]}, ("wieghts",), "is not a key of a distribution"),
        ({"weights": [1, 2]}, (), "got weights"),
        ({"family": "choices", "mean": 0.1}, ("family",), "must be one of"),
    ],
)
def test_a_fault_of_choices_is_told_with_its_place(table, below, message):
    (fault,) = faults(table, kinds.SHARE, varies=False)
    assert fault.below == below
    assert message in fault.message


def test_choices_for_what_differs_between_customers_are_refused():
    (fault,) = faults({"choices": [1, 2]}, varies=True)
    assert fault.below == ("choices",)
    assert "differs from customer to customer" in fault.message
