"""The loader on anything: a Scenario or a ScenarioError, and nothing else."""

import tomllib
from contextlib import suppress

import tomlkit
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gtmsim.errors import ScenarioError
from gtmsim.scenario import load_scenario
from gtmsim.scenario.template import template
from tests.scenario.plans import PLAN

anything = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def load_bytes(folder, content, overrides=()):
    """Load and return the problems; anything but a ScenarioError is a failure."""
    path = folder / "plan.toml"
    path.write_bytes(content)
    problems = ()
    try:
        load_scenario(path, overrides)
    except ScenarioError as error:
        problems = error.problems
    assert all(problem.place is not None and str(problem) for problem in problems)
    return problems


@anything
@given(content=st.binary(max_size=300))
@example(content=b"a = 1\r")
@example(content=b"a = 0001-01-01T00:00:00\n")
@example(content=b"[[a]]\n[a]\n")
@example(content=b"extends = 3\n")
@example(content=b'extends = "\\u0000"\n')
@example(content=b"scenario = 3\nsegments = []\n[company.cash]\n")
def test_any_bytes(tmp_path, content):
    assert load_bytes(tmp_path, content)


_WORDS = """
    scenario company segments motions teams channels targets smb acv churn_per_year p10 p90 mean
    month stage cash hires family min contracts stages extends unset
"""
_NAMES = st.sampled_from(_WORDS.split()) | st.text(max_size=4)
_PLAIN = (
    st.none().map(lambda _: "unset")
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text(max_size=8)
    | st.sampled_from(["5M", "8%", "75d", "smb", "normal", "scaling", "€5", "-1"])
)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def mutated(draw, text):
    """A sound scenario with up to four of its values replaced, removed or added to."""
    data = tomllib.loads(text)
    for _ in range(draw(st.integers(1, 4))):
        table, deeper = data, True
        while deeper and table:
            key = draw(st.sampled_from(sorted(table)))
            deeper = isinstance(table[key], dict) and draw(st.booleans())
            table = table[key] if deeper else table
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "remove" and table:
            del table[draw(st.sampled_from(sorted(table)))]
        elif action == "replace" and table:
            table[draw(st.sampled_from(sorted(table)))] = draw(_VALUES)
        else:
            table[draw(_NAMES)] = draw(_VALUES)
    return tomlkit.dumps(data)


@anything
@given(text=mutated(PLAN) | mutated(template()))
def test_a_sound_scenario_with_values_replaced(tmp_path, text):
    with suppress(UnicodeEncodeError):  # lone surrogates have no UTF-8
        load_bytes(tmp_path, text.encode())


@anything
@given(
    at=st.integers(0, len(PLAN)),
    length=st.integers(0, 12),
    patch=st.text(alphabet="[]{}=\"'.,#\n\t a1é\\-_", max_size=6),
)
def test_a_sound_scenario_with_a_slip_of_the_hand(tmp_path, at, length, patch):
    load_bytes(tmp_path, (PLAN[:at] + patch + PLAN[at + length :]).encode())


_PATHS = st.lists(_NAMES, min_size=1, max_size=5).map(".".join) | st.sampled_from(
    ["company.cash", "segments.smb.acv.p90", "teams.ae.hires.0.n", "segments.smb.churn_per_year"]
)


@anything
@given(
    overrides=st.lists(
        st.text(max_size=30)
        | st.builds(lambda path, value: f"{path}={value}", _PATHS, _PLAIN | st.text(max_size=20)),
        max_size=3,
    )
)
def test_any_overrides(tmp_path, overrides):
    load_bytes(tmp_path, PLAN.encode(), overrides)
