"""Disks that fill up."""

import errno
import os
from pathlib import Path

import pytest


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever writes a text get half of it to the disk and then an error."""
    whole = Path.write_text

    def half(self: Path, data: str, *args: object, **options: object) -> int:
        whole(self, data[: len(data) // 2], *args, **options)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", half)
