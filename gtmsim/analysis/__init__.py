"""Labelled answers from results: judgements, comparisons, sweeps."""
