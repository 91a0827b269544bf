"""The small language in which a user says what a plan should achieve.

``p10(cash_min) > 0`` or ``prob(arr[36] >= 10M) >= 0.3``: texts become frozen trees. What their
measures are called is known to the scenario, what they come to is known to the analysis.
"""

from gtmsim.expressions.parser import parse_expectation, parse_precision, parse_quantity

__all__ = ["parse_expectation", "parse_precision", "parse_quantity"]
