"""Make the pictures of docs/howto.md again: ``python -m benchmarks.pictures``.

Each is a chart of a page that a command of gtmsim writes, as SVG. The numbers of draws are those
that the page states; with others the pictures and the page no longer agree.
"""

import argparse
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from gtmsim.cli.main import exit_code

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "pictures"
RUN = "run scenarios/add_midmarket.toml"


class Source(NamedTuple):
    """A command, its draws, and the charts of its page that are kept: name of the chart, ours."""

    command: str
    draws: int
    charts: Mapping[str, str]


SOURCES = (
    Source(
        "compare scenarios/smb_only.toml scenarios/add_midmarket.toml"
        " scenarios/add_midmarket_later.toml --no-funding",
        128,
        {"regret": "now-later-never", "information": "measure-first"},
    ),
    Source(
        RUN,
        128,
        {"cash": "cash", "targets": "targets", "verdicts": "verdicts", "channels": "channels"},
    ),
    Source(
        "sweep scenarios/add_midmarket.toml --vary teams.ae.hires.0.n=1,2,4,6"
        " --vary teams.ae.hires.0.month=7,13"
        ' --output "arr[48]" --output cash_min --output survives',
        64,
        {"response-0-0": "sellers"},
    ),
    Source(
        "sweep scenarios/add_midmarket.toml --design tornado"
        " --vary budgets.smb_marketing.per_month=45k,55k"
        " --vary channels.webinars.spend_per_month=15k,25k"
        ' --output "arr[48]" --output "cash[48]"',
        64,
        {"inputs-0": "next-10k"},
    ),
    Source(
        "sweep scenarios/smb_only.toml --design tornado"
        ' --vary "segments.smb.churn_per_year.mean='
        '{ p10 = 0.30, p90 = 0.46 },{ p10 = 0.27, p90 = 0.414 }"'
        " --vary price_changes.rise.change=0,0.1"
        " --vary budgets.smb_marketing.per_month=45k,52.4k"
        ' --set "price_changes={ rise = { month = 1, change = 0, renewals = true,'
        ' win_odds_elasticity = 1.5, churn_elasticity = 1 } }"'
        ' --output "arr[48]" --output "cash[48]" --output survives',
        64,
        {"inputs-0": "churn-price-spend"},
    ),
    Source("stress scenarios/add_midmarket.toml", 64, {"survival": "stress"}),
    Source(
        "sweep scenarios/add_midmarket.toml"
        " --vary segments.mid_market.contracts.annual.payment_days=0,38,60"
        " --vary segments.mid_market.contracts.annual.billing=annual,monthly"
        ' --output "cash[48]" --output "arr[48]" --output survives',
        64,
        {"response-0-0": "terms"},
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, help="of every command, instead of those stated")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _elsewhere():
        for source in SOURCES:
            make(source, given.draws or source.draws, folder)


def make(source: Source, draws: int, folder: Path) -> None:
    """Run a command and keep its charts."""
    size = ["--draws", str(draws), "--replications", "2", "--quiet"]
    words = shlex.split(source.command)
    shutil.rmtree("charts", ignore_errors=True)
    if words[0] == "run":
        _gtmsim([*words, *size])
        _gtmsim(["report", f"results/{Path(words[1]).stem}", "--png", "charts"])
    else:
        _gtmsim([*words, *size, "--png", "charts"])
    for chart, name in source.charts.items():
        shutil.copyfile(Path("charts", f"{chart}.svg"), folder / f"{name}.svg")


def _gtmsim(words: Sequence[str]) -> None:
    with redirect_stdout(StringIO()):
        code = exit_code(words)
    if code != 0:
        raise SystemExit(f"gtmsim {shlex.join(words)} failed")


@contextmanager
def _elsewhere() -> Iterator[None]:
    """Run in a folder of its own that has the scenarios."""
    before = Path.cwd()
    with TemporaryDirectory() as made:
        shutil.copytree(ROOT / "scenarios", Path(made, "scenarios"))
        os.chdir(made)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    main()
