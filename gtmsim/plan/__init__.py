"""From a scenario to the tables that the engines read."""

from gtmsim.plan.inputs import UncertainInput
from gtmsim.plan.names import Names
from gtmsim.plan.plan import (
    Plan,
    compile_plan,
    draw_inputs,
    fill_tables,
    fill_values,
    inputs_at,
)

__all__ = [
    "Names",
    "Plan",
    "UncertainInput",
    "compile_plan",
    "draw_inputs",
    "fill_tables",
    "fill_values",
    "inputs_at",
]
