"""How gtmsim compiles its kernels, said once.

Compiled code is cached per state of the package's sources: numba by itself only looks at the file
that holds a function, and would keep a kernel whose constants (account columns, say) have moved.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from platformdirs import user_cache_path

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_KEPT_SECONDS = 30 * 24 * 3600
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

    ``GTMSIM_CACHE_DIR`` moves its parent elsewhere; where no cache can be written it is a
    temporary one. Kernels of other states that were not used for a month are removed.
    """
    state = hashlib.blake2b(digest_size=8)
    for pattern in _KERNEL_SOURCES:
        for source in sorted(_PACKAGE.glob(pattern)):
            state.update(source.read_bytes())
    parent = os.environ.get("GTMSIM_CACHE_DIR") or user_cache_path("gtmsim", appauthor=False)
    folder = Path(parent) / f"kernels-{state.hexdigest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        _remove_old(folder.parent)
    except OSError:
        return Path(tempfile.gettempdir()) / f"gtmsim-{folder.name}"
    return folder


def _remove_old(parent: Path) -> None:
    oldest = time.time() - _KEPT_SECONDS
    for folder in parent.glob("kernels-*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


numba.config.CACHE_DIR = str(cache_folder())


def _compiled(function: F, **options: Any) -> F:
    """Compile with what all kernels share: cached on disk, without the GIL, IEEE division."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)  # type: ignore[no-any-return]


def kernel(function: F) -> F:
    """Compile ``function``."""
    return _compiled(function)


def inlined(function: F) -> F:
    """Compile ``function`` so that callers take its body in: for loops that must vectorise."""
    return _compiled(function, forceinline=True)


def merged(function: F) -> F:
    """Compile ``function`` into its callers before they are typed.

    For parts of a large kernel that take its tuples of tables: passing those as arguments costs
    compile time and reference counts.
    """
    return _compiled(function, inline="always")


def lean(function: F) -> F:
    """Compile ``function`` without reference counting: for code that allocates no array.

    Tuples of arrays may then be passed and views taken at no cost; with counting, either costs
    five to a hundred times what a short function does with them (measured).
    """
    return _compiled(function, _nrt=False)


def lean_inlined(function: F) -> F:
    """Compile ``function`` as `lean` does, into its callers."""
    return _compiled(function, _nrt=False, forceinline=True)
