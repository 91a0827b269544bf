"""The stages of a company: the usual four, and what a scenario changes."""

from collections.abc import Mapping

from gtmsim.scenario.models import Scenario, Stage

DEFAULT_FROM_ARR: Mapping[str, float] = {
    "pre_pmf": 0.0,
    "early_growth": 1e6,
    "scaling": 10e6,
    "mature": 50e6,
}
"""Closing ARR from which a company is in a stage, in the scenario's currency."""


def default_stages() -> dict[str, Stage]:
    """Make the four stages that every scenario has."""
    return {name: Stage(from_arr=from_arr) for name, from_arr in DEFAULT_FROM_ARR.items()}


def company_stages(scenario: Scenario) -> dict[str, Stage]:
    """Lay a scenario's stages over the default ones."""
    return over_default(scenario.stages)


def over_default(stages: Mapping[str, Stage]) -> dict[str, Stage]:
    """Lay stages over the default ones."""
    merged = default_stages()
    for name, stage in stages.items():
        default = merged.get(name, stage)
        given = {} if stage.from_arr is not None else {"from_arr": default.from_arr}
        merged[name] = stage.model_copy(update=given)
    return merged
