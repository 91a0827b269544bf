"""How gtmsim compiles its kernels, said once.

Compiled code is cached per state of the package's sources: numba by itself only looks at the file
that holds a function, and would keep a kernel whose constants (account columns, say) have moved.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from platformdirs import user_cache_path

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_KERNEL_SOURCES = (
    "jit.py",
    "vocabulary.py",
    "draws/*.py",
    "plan/structure.py",
    "rules/*.py",
    "engines/*.py",
    "engines/compiled/*.py",
)


@cache
def cache_folder() -> Path:
    """Folder of the compiled kernels of this state of the kernel sources.

    ``GTMSIM_CACHE_DIR`` moves its parent elsewhere.
    """
    state = hashlib.blake2b(digest_size=8)
    for pattern in _KERNEL_SOURCES:
        for source in sorted(_PACKAGE.glob(pattern)):
            state.update(source.read_bytes())
    parent = os.environ.get("GTMSIM_CACHE_DIR") or user_cache_path("gtmsim", appauthor=False)
    return Path(parent) / f"kernels-{state.hexdigest()}"


numba.config.CACHE_DIR = str(cache_folder())


def kernel(function: F) -> F:
    """Compile ``function``: cached on disk, without the GIL, with IEEE division."""
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]


def inlined(function: F) -> F:
    """Compile ``function`` so that callers take its body in: for loops that must vectorise."""
    return numba.njit(  # type: ignore[no-any-return]
        cache=True, nogil=True, error_model="numpy", forceinline=True
    )(function)


def merged(function: F) -> F:
    """Compile ``function`` into its callers before they are typed.

    For parts of a large kernel that take its tuples of tables: passing those as arguments costs
    compile time and reference counts.
    """
    return numba.njit(  # type: ignore[no-any-return]
        cache=True, nogil=True, error_model="numpy", inline="always"
    )(function)


def lean(function: F) -> F:
    """Compile ``function`` without reference counting: for code that allocates no array.

    Tuples of arrays may then be passed and views taken at no cost; with counting, either costs
    five to a hundred times what a short function does with them (measured).
    """
    return numba.njit(  # type: ignore[no-any-return]
        cache=True, nogil=True, error_model="numpy", _nrt=False
    )(function)


def lean_inlined(function: F) -> F:
    """Compile ``function`` as `lean` does, into its callers."""
    return numba.njit(  # type: ignore[no-any-return]
        cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True
    )(function)
