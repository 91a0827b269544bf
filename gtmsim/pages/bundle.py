"""The script that draws charts in a browser, built once and kept for the next page."""

import hashlib
import os
import re
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from gtmsim.files import write_whole

_DIGEST = "/* sha256 "
_ENDS_A_SCRIPT = re.compile("</script|<!--", re.IGNORECASE)


@cache
def script() -> str:
    """Return the script, which may stand inside a page's ``<script>``.

    It is kept in gtmsim's cache folder, which ``GTMSIM_CACHE_DIR`` moves elsewhere. Where none can
    be written, or what lies in it is not what was written, the script is built, in some seconds.
    """
    kept = _folder() / f"charts-{version('vl-convert-python')}.js"
    found = _read(kept)
    if found is None:
        found = _built()
        _keep(kept, found)
    return found


def _folder() -> Path:
    own = os.environ.get("GTMSIM_CACHE_DIR") or user_cache_path("gtmsim", appauthor=False)
    return Path(own)


def _built() -> str:
    import vl_convert  # noqa: PLC0415  not needed where the script is kept

    built: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    # neither may stand inside a page's script, and with a backslash it is the same string
    return _ENDS_A_SCRIPT.sub(lambda found: f"<\\{found[0][1:]}", built)


def _read(path: Path) -> str | None:
    """Script as it was kept; None if there is none, or it was changed."""
    with suppress(OSError, ValueError):
        head, _, body = path.read_text(encoding="utf-8").partition("\n")
        return body if head == _head(body) else None
    return None


def _head(body: str) -> str:
    return f"{_DIGEST}{hashlib.sha256(body.encode()).hexdigest()} */"


def _keep(path: Path, body: str) -> None:
    """Write it where it can be written, so that no other process reads half of it."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, f"{_head(body)}\n{body}")
