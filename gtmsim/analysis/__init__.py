"""Answers from results: what an expectation comes to, and whether a plan holds it."""
