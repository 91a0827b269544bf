"""Results whose futures have the same luck: whether they do, and the futures that all have."""

from collections.abc import Iterable, Iterator

import xarray as xr

MATCHING = ("seed", "start", "currency", "gtmsim_version")
"""Attributes in which results must agree, so that a future of one is the same future of another."""


def mismatches(one: xr.Dataset, other: xr.Dataset, *also: str) -> Iterator[str]:
    """Tell why futures of two results are not the same ones: ``seed (1 and 2)``.

    Parameters
    ----------
    one, other
        Results.
    also
        More attributes that must be equal.
    """
    for attribute in (*MATCHING, *also):
        its, others = one.attrs.get(attribute), other.attrs.get(attribute)
        if its != others:
            yield f"{attribute.replace('gtmsim_', '')} ({its} and {others})"


def in_common(results: Iterable[xr.Dataset]) -> list[xr.Dataset]:
    """Results cut to the draws and replications that all of them have."""
    given = list(results)
    first = {dim: slice(min(one.sizes[dim] for one in given)) for dim in ("draw", "replication")}
    return [one.isel(first) for one in given]
