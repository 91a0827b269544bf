"""Commands run in the test's own process and folder."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from gtmsim.cli.main import exit_code
from tests.cli.scenarios import tiny

QUICK = ("--engine", "simpy", "--draws", "3", "--replications", "2")


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _without_pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no command write a page, which takes a second, but in the tests of pages."""
    if not request.path.name.startswith("test_report"):
        monkeypatch.setattr("gtmsim.cli.run.write_beside", lambda *_: None)
        monkeypatch.setattr("gtmsim.cli.reports.Paging.write", lambda *_: None)


@pytest.fixture
def gtmsim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `gtmsim WORDS...` in a folder that holds tiny.toml."""
    tiny(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*words: str) -> Outcome:
        code = exit_code(_strings(words))
        captured = capsys.readouterr()
        return Outcome(int(code), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def results_of_tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that `gtmsim run tiny.toml`, simulated once, has left."""
    folder = tmp_path_factory.mktemp("saved")
    tiny(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("gtmsim.cli.run.write_beside", lambda *_: None)
        assert exit_code(["run", "tiny.toml", *QUICK, "-q"]) == 0
    return folder / "results" / "tiny"


@pytest.fixture
def saved(gtmsim: Command, results_of_tiny: Path) -> Command:
    """Run `gtmsim WORDS...` where `gtmsim run tiny.toml` has been run."""
    shutil.copytree(results_of_tiny, Path("results/tiny"))
    return gtmsim


def _strings(words: Sequence[object]) -> list[str]:
    return [str(word) for word in words]
