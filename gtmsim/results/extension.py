"""Older results that a run with more draws continues instead of simulating them again."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gtmsim.errors import ResultsError
from gtmsim.plan.structure import Floats
from gtmsim.results.dataset import check_file
from gtmsim.results.provenance import Provenance
from gtmsim.results.store import results_file

_MOST_DIFFERENCES = 3
_COMPARED = {
    "gtmsim_version": "version of gtmsim",
    "seed": "seed",
    "months": "number of months",
    "replications": "number of replications",
}
"""Attributes that must be equal, and what they are called; the engine may differ."""


@contextmanager
def continued(folder: Path, provenance: Provenance) -> Iterator[h5py.File | None]:
    """Open the results that a run continues; None where there are none yet.

    Parameters
    ----------
    folder
        The results folder.
    provenance
        Of the run.

    Raises
    ------
    ResultsError
        If the results there are of something else, or have more draws; it says what differs.
    """
    path = results_file(folder)
    if not path.exists():
        yield None
        return
    check_file(path)
    with h5py.File(path) as file:
        told = [*differences(file.attrs, provenance), *_too_many(file, provenance)]
        if told:
            raise ResultsError(
                f"{folder} cannot be extended: {'; '.join(told)}. "
                "Choose another folder, or simulate everything"
            )
        yield file


def draws_of(older: h5py.File | None) -> int:
    """Draws that are there already."""
    return 0 if older is None else _plain(older.attrs["draws"])


def check_inputs(older: h5py.File, inputs: Floats) -> None:
    """Raise a ResultsError if older draws are not those that this gtmsim would make.

    Parameters
    ----------
    older
        Results file.
    inputs
        What the inputs of its draws should be, shape (draws, inputs).
    """
    if inputs.size and not np.array_equal(older["inputs"][:], inputs):
        raise ResultsError(
            f"{older.filename} cannot be extended: this gtmsim draws other inputs for the same "
            "seed. Simulate everything"
        )


def draws_there(folder: Path, provenance: Provenance) -> int:
    """Count the draws in a folder that a run would make itself; 0 where there are none.

    Parameters
    ----------
    folder
        A results folder, or where one will be.
    provenance
        Of the run.
    """
    try:
        path = results_file(folder)
        check_file(path)
    except ResultsError:
        return 0
    with h5py.File(path) as file:
        return 0 if any(differences(file.attrs, provenance)) else draws_of(file)


def differences(attributes: Mapping[str, Any], provenance: Provenance) -> Iterator[str]:
    """Tell why results are not those that a run would make, but for the number of draws.

    Parameters
    ----------
    attributes
        Of the results.
    provenance
        Of the run.
    """
    own = provenance.attributes
    for key, name in _COMPARED.items():
        if _plain(attributes[key]) != own[key]:
            yield f"its {name} is {_plain(attributes[key])}, this run's is {own[key]}"
    if attributes["scenario_hash"] != own["scenario_hash"]:
        yield from _other_plan(str(attributes["scenario"]), provenance.scenario)


def _too_many(older: h5py.File, provenance: Provenance) -> Iterator[str]:
    if (there := draws_of(older)) > provenance.draws:
        yield f"it has {there:,} draws, more than the {provenance.draws:,} asked for"


def _other_plan(there: str, here: str) -> Iterator[str]:
    """Tell the first values in which two scenarios differ, other than their length."""
    old, new = (dict(_leaves(tomllib.loads(text), ())) for text in (there, here))
    paths = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    told = [path for path in paths if path != "scenario.months"]
    more = f" and {len(told) - _MOST_DIFFERENCES} more" if len(told) > _MOST_DIFFERENCES else ""
    if told:
        yield f"its plan differs in {', '.join(told[:_MOST_DIFFERENCES])}{more}"
    elif not paths:
        yield "its plan has its tables in another order"


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield ".".join(path), value


def _plain(value: Any) -> Any:
    """Return an attribute without the array of one that NetCDF may wrap around it."""
    return np.asarray(value).reshape(-1)[0].item() if isinstance(value, np.ndarray) else value
