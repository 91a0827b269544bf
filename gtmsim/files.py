"""Files that are written as a whole, or not at all."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from gtmsim.errors import unwritten


def write_whole(path: Path, content: str | bytes, *, replace: bool = True) -> None:
    """Write a file beside its place and move it there, so that no half of it is ever seen.

    Parameters
    ----------
    path
        The file; a link to one is followed. What is no file, such as a pipe, is written to.
    content
        What it holds; text is written as UTF-8.
    replace
        Whether a file that is there is replaced.

    Raises
    ------
    FileExistsError
        If it is there and is not to be replaced.
    OSError
        If it cannot be written; what was there is as it was.
    """
    path = path.resolve()
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    beside = path.with_name(f".gtmsim-{uuid4().hex}.tmp")
    try:
        beside.write_bytes(data)
        if path.exists():
            shutil.copymode(path, beside)
        if replace:
            beside.replace(path)
        else:
            _place(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink()


def write_or_tell(path: Path, content: str | bytes) -> None:
    """Write a file as a whole, or raise the error that says why not."""
    try:
        write_whole(path, content)
    except OSError as error:
        raise unwritten(f"{path} cannot be written: {error.strerror}", error) from error


@contextmanager
def at_last(write: Callable[[], None]) -> Iterator[None]:
    """Write something when a block has ended, whatever ended it.

    Parameters
    ----------
    write
        Writes it. After an error its own is dropped, so that the first one is told.
    """
    try:
        yield
    except BaseException:
        with suppress(Exception):
            write()
        raise
    write()


def _place(beside: Path, path: Path) -> None:
    """Give a file its name, if no other has it."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(str(path)) from None
        beside.rename(path)


def contents(path: Path) -> bytes:
    """All of a file; empty if it is not there, or is no file."""
    return path.read_bytes() if path.is_file() else b""


def beginning(path: Path, size: int = 1 << 12) -> str:
    """First ``size`` bytes of a file as text; empty if it is not there, or is no file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(size).decode("utf-8", "replace")
