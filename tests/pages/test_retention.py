"""What is told of retention is told of all cohorts."""

import numpy as np
import xarray as xr

from gtmsim.pages.sections.retention import cohorts


def retained(shares: list[list[float]], segments: list[str]) -> xr.DataArray:
    """Shares of cohorts that are still there every three months, for segments alike."""
    by_month = np.repeat(np.array(shares), 3, axis=1)
    values = np.concatenate([np.ones((len(shares), 3)), by_month], axis=1)[:, :-2]
    dims = {"segment": segments, "cohort": range(len(shares)), "age": range(values.shape[1])}
    scale = 1.0 - 0.1 * np.arange(len(segments))
    return xr.DataArray(scale[:, None, None] * values, dims, [*dims])


def test_the_words_tell_the_range_of_cohorts_after_some_months():
    missing = np.nan
    shares = [[0.9, 0.8, 0.7, 0.6], [0.95, 0.85, 0.5, missing], [0.92, missing, missing, missing]]
    shown = cohorts(retained(shares, ["all"]))
    assert shown is not None
    assert shown.alternative == (
        "Of 3 cohorts, after 3 months 90% (opening) to 95% (year 1) are still there; "
        "after 9 months 50% (year 1) to 70% (opening) are still there; "
        "after 12 months 60% (opening) are still there."
    )


def test_the_words_tell_which_segment_a_cohort_is_of():
    shown = cohorts(retained([[0.9, 0.8], [0.5, np.nan]], ["smb", "mid"]))
    assert shown is not None
    assert "after 3 months 45% (mid, year 1) to 90% (smb, opening)" in shown.alternative


def test_of_one_cohort_the_words_tell_no_range():
    shown = cohorts(retained([[0.9]], ["all"]))
    assert shown is not None
    assert shown.alternative == "Of one cohort, after 3 months 90% (opening) are still there."
