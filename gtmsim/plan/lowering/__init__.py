"""Each part of a scenario, lowered to its rows."""
