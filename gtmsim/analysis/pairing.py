"""Results whose futures have the same luck: whether they do, and the futures that all have."""

from collections.abc import Iterable, Iterator, Mapping

import xarray as xr

from gtmsim.errors import AnalysisError, ResultsError

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


def _check(results: Mapping[str, xr.Dataset]) -> None:
    """Refuse what is no mapping of results, as from Python.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if not isinstance(results, Mapping):
        raise TypeError(
            "results is a mapping from names of plans to their results, such as "
            f'{{"a": simulate(a), "b": simulate(b)}}; got a {type(results).__name__}'
        )
    for name, one in results.items():
        if not isinstance(one, xr.Dataset):
            raise TypeError(
                f"results[{name!r}] must be results, of simulate or open_results; "
                f"got a {type(one).__name__}"
            )


def aligned(results: Mapping[str, xr.Dataset]) -> list[xr.Dataset]:
    """Results cut to the draws and replications that all of them have.

    Raises
    ------
    TypeError
        If it is no mapping of results.
    AnalysisError
        If there are fewer than two.
    ResultsError
        If they do not belong together; the message says what differs.
    """
    _check(results)
    if len(results) < 2:  # noqa: PLR2004  (a comparison needs two)
        raise AnalysisError("a comparison needs at least two plans")
    (first, base), *others = results.items()
    for name, other in others:
        if differing := ", ".join(mismatches(base, other, "months")):
            raise ResultsError(
                f"{first} and {name} cannot be compared: they differ in {differing}. "
                "Simulate both alike"
            )
    return in_common(results.values())
