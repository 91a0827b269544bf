"""The benchmarks that the documentation quotes run: on few futures, or a tiny plan."""

import re
import sys

import pytest

import benchmarks.__main__ as speed
from benchmarks import analyses, pictures, population
from tests.cli.scenarios import tiny

FEW = ["--draws", "2", "--replications", "1"]


@pytest.mark.slow
def test_the_population_has_a_row_per_published_figure_and_a_column_per_scenario(capsys):
    population.main([str(population.shipped("smb_only")), *FEW])
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head == "| | published | smb_only |"
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [
        name for name, *_ in population.ROWS
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "rows"),
    [("--hiring", len(population.HIRING)), ("--opening", 2 * len(population.OPENINGS))],
)
def test_the_experiments_of_the_population_run(experiment, rows, capsys):
    population.main([experiment, *FEW])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + rows
    assert all(line.startswith("| ") and "nan" not in line for line in lines[2:])


def test_a_million_that_nobody_reaches_is_told(tmp_path):
    results = population.simulate(tiny(tmp_path), population.Size(2, 1, 1))
    assert population.time_to_million(results) == "none do"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_the_measurements_of_speed_and_memory_run_on_a_tiny_plan(tmp_path, monkeypatch, capsys):
    """But for the start-up, which would compile everything anew."""
    monkeypatch.setattr(speed, "REFERENCE", tiny(tmp_path))
    monkeypatch.setattr(speed, "MARKET", tiny(tmp_path))
    monkeypatch.setattr(speed, "start_up", list)
    speed.main()
    _, _, *rows = capsys.readouterr().out.splitlines()
    measures = [row.split("|")[1].strip() for row in rows]
    assert "compiled against SimPy, one core" in measures
    assert measures[-1] == "peak memory at four times the leads"


def test_the_measurements_of_analyses_run_on_a_tiny_plan(tmp_path, capsys):
    analyses.report(analyses.Size(tiny(tmp_path), points=2, draws=1, few=2, rounds=1))
    _, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split("|")[2].split()[1] for row in rows] == ["x", "x", "ms"]


def test_the_pictures_that_can_be_made_again_are_those_that_the_documentation_has():
    made = [name for source in pictures.SOURCES for name in source.charts.values()]
    assert sorted(made) == sorted(path.stem for path in pictures.FOLDER.glob("*.svg"))


@pytest.mark.parametrize("source", pictures.SOURCES, ids=lambda source: source.command.split()[0])
def test_a_picture_is_of_a_command_that_the_page_shows(source):
    page = (pictures.ROOT / "docs" / "howto.md").read_text(encoding="utf-8")
    shown = [" ".join(line.split()) for line in re.sub(r"\\\n", " ", page).splitlines()]
    assert any(line.startswith(f"gtmsim {source.command.split(' --no-')[0]}") for line in shown)


@pytest.mark.slow
def test_pictures_are_made_from_few_futures(tmp_path, monkeypatch):
    monkeypatch.setattr(
        pictures, "SOURCES", [one for one in pictures.SOURCES if one.draws == 128][1:]
    )
    pictures.main(["--draws", "4", "--folder", str(tmp_path)])
    assert {path.name for path in tmp_path.iterdir()} == {"cash.svg", "targets.svg", "channels.svg"}
