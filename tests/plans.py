"""Shipped scenarios, of which variants of the market are simulated by `make test-all` alone."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "scenarios"
VARIANTS = (
    "csm_ratio", "enterprise_annual", "enterprise_monthly", "focus", "one_motion", "route_by",
    "second_segment_month_18", "second_segment_never", "segmented_no_fit",
)  # fmt: skip
"""Begin the names of plans that differ from another one by few lines."""


def shipped() -> list:
    """Paths of all scenarios, as parameters of tests."""
    return [
        pytest.param(path, marks=pytest.mark.slow, id=path.stem)
        if path.stem.startswith(VARIANTS)
        else pytest.param(path, id=path.stem)
        for path in sorted(FOLDER.glob("*.toml"))
    ]
