"""Disks that fill up."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever writes a file at once get half of it to the disk and then an error."""
    for way in ("write_text", "write_bytes"):
        monkeypatch.setattr(Path, way, _half(getattr(Path, way)))


def _half(whole: Callable[..., int]) -> Callable[..., int]:
    def half(self: Path, data: str | bytes, *args: object, **options: object) -> int:
        whole(self, data[: len(data) // 2], *args, **options)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return half
