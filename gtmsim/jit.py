"""How gtmsim compiles its kernels, said once.

Compiled code is cached per state of the package's sources: numba by itself only looks at the file
that holds a function, and would keep a kernel whose constants (account columns, say) have moved.
The folder's name also tells all that numba's own cache goes by, so that what lies in it is of use.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from llvmlite.binding import get_host_cpu_name
from platformdirs import user_cache_path

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_KEPT_SECONDS = 30 * 24 * 3600
_KERNEL_SOURCES = (
    "jit.py",
    "vocabulary.py",
    "draws/*.py",
    "plan/structure.py",
    "plan/market.py",
    "plan/prices.py",
    "rules/*.py",
    "engines/*.py",
    "engines/compiled/*.py",
)


@cache
def cache_folder() -> Path:
    """Folder of the compiled kernels of this state of the kernel sources on this machine.

    ``GTMSIM_CACHE_DIR`` moves its parent elsewhere; where no cache can be written it is one of the
    user's own in the folder for temporary files, or a new one where that is somebody else's.
    Kernels of other states that were not used for a month are removed.
    """
    parent = os.environ.get("GTMSIM_CACHE_DIR") or user_cache_path("gtmsim", appauthor=False)
    folder = Path(parent) / f"kernels-{_state()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    except OSError:
        return _temporary(folder.name)
    _remove_old(folder.parent)
    return folder


def _state() -> str:
    """Digest of the sources and of what else compiled code depends on."""
    cpu = numba.config.CPU_NAME or get_host_cpu_name(), numba.config.CPU_FEATURES
    state = hashlib.blake2b(digest_size=8)
    state.update(repr((_PACKAGE.resolve(), sys.version_info, numba.__version__, cpu)).encode())
    for pattern in _KERNEL_SOURCES:
        for source in sorted(_PACKAGE.glob(pattern)):
            about = source.stat()
            state.update(f"{source.name} {about.st_mtime_ns} {about.st_size}".encode())
            state.update(source.read_bytes())
    return state.hexdigest()


def _temporary(name: str) -> Path:
    """Folder that nobody else could have filled: what lies in it is run."""
    folder = Path(tempfile.gettempdir()) / f"gtmsim-{name}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
        if not hasattr(os, "getuid") or (about.st_uid, about.st_mode & 0o77) == (os.getuid(), 0):
            return folder
    return Path(tempfile.mkdtemp(prefix="gtmsim-"))


def _remove_old(parent: Path) -> None:
    oldest = time.time() - _KEPT_SECONDS
    with suppress(OSError):  # another process may be doing the same
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

    For parts of a large kernel that have one caller or take its tuples of tables: on its own each
    would be one more function to compile, for every type of tuple that it is called with.
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
