"""Metrics of revenue operations, each with its definition, unit and source.

``formulas`` works on plain arrays; ``revenue``, ``acquisition``, ``profit``, ``sales`` and ``odds``
on labelled results.
"""
