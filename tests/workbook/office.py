"""An office suite that opens workbooks, where one is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="soffice is not installed")
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def converted(file: Path, form: str, folder: Path) -> Path:
    """Open a file, recalculate it, and save it in another format in a folder of its own."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    settings = profile / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
    out = folder / form
    words = ["--headless", "--norestore", "--convert-to", form, "--outdir", out, file]
    profile_of_its_own = f"-env:UserInstallation={profile.as_uri()}"
    command = [SOFFICE, profile_of_its_own, *map(str, words)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out / file.with_suffix(f".{form}").name
