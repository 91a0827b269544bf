"""Metrics of revenue operations, each with its definition, unit and source.

``formulas`` and ``error`` work on plain arrays; ``revenue``, ``acquisition``, ``profit``, ``sales``
and ``odds`` on labelled results.
"""
