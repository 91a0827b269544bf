"""A file for HDF5 to write to, on a disk that may fill up.

HDF5 cannot close a file whose last writes fail: the process then crashes when it ends. So a write
that fails is noted, and it and all later ones are taken as done; whoever uses the file asks
``check`` before trusting it.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from gtmsim.errors import unwritten

if TYPE_CHECKING:
    from typing_extensions import Buffer


class DiskFile(io.RawIOBase):
    """A new file, open for reading and writing.

    Parameters
    ----------
    path
        File to create.

    Raises
    ------
    ResultsError
        If it cannot be created, or, from ``check``, be written; a DiskError if the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._error: OSError | None = None
        try:
            self._file = path.open("w+b", buffering=0)
        except OSError as error:
            self._error = error
            self.check()

    def check(self) -> None:
        """Raise a ResultsError if a write has failed."""
        if self._error:
            why = f"{self._path} could not be written: {self._error.strerror}"
            raise unwritten(
                f"{why}. Is the disk full? Earlier results are as they were", self._error
            ) from self._error

    def write(self, data: "Buffer") -> int:
        """Write all of ``data``, or note why not."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest and not self._error:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._error = error
        return size

    def readinto(self, buffer: "Buffer") -> int:
        """Read up to the size of ``buffer``."""
        return self._file.readinto(buffer) or 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position."""
        return self._file.seek(offset, whence)

    def truncate(self, size: int | None = None) -> int:
        """Cut or extend the file, or note why not."""
        try:
            return self._file.truncate(size)
        except OSError as error:
            self._error = self._error or error
            return size or 0

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def writable(self) -> bool:
        """Whether it can be written."""
        return True

    def seekable(self) -> bool:
        """Whether positions can be moved to."""
        return True

    def close(self) -> None:
        """Close the file on the disk."""
        self._file.close()
        super().close()
