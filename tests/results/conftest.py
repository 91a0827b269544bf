"""Who the tests are run as."""

import os
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def as_nobody():
    """Without the rights of root, before which no folder is read-only."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.fixture
def entered_by_all(tmp_path: Path) -> Path:
    """The test's own folder, which anybody may enter."""
    own = next(path for path in (tmp_path, *tmp_path.parents) if "pytest-of" in path.name)
    for path in (tmp_path, *tmp_path.parents):
        if path.is_relative_to(own):
            path.chmod(0o755)
    return tmp_path
