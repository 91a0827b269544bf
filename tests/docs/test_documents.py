"""Every command and every piece of Python in the README and in docs/ runs."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from gtmsim.cli.main import exit_code

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FEW = ["--draws", "2", "--replications", "1"]
SOON = ["--max-draws", "8", "--inconclusive", "warn"]
SMALL = {"sobol": "sobol:20", "morris": "morris:2"}
SIMULATING = ("run", "compare", "sweep", "stress")
PICTURES = ROOT / "docs" / "pictures"
SLOW_PAGES = (
    "cluster.md",
    "compare.md",
    "experiments.md",
    "reference.md",
    "scenarios.md",
    "uncertainty.md",
)
"""Pages whose commands are those of other pages on other plans."""
LARGEST = 70_000
LARGEST_TOGETHER = 600_000


def blocks(page: Path, language: str) -> list[str]:
    """Fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """(page, command) of every line of a sh block that calls gtmsim.

    Of equal ones the first counts, and rather one of a page that is not slow.
    """
    shown = [
        (page.name, " ".join(line.split("  #")[0].split()))
        for page in PAGES
        for block in blocks(page, "sh")
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith("gtmsim ")
    ]
    best_last = sorted(reversed(shown), key=lambda pair: pair[0] not in SLOW_PAGES)
    first = {command: page for page, command in best_last}
    return [(page, command) for page, command in shown if first.pop(command, None) == page]


def programs() -> list[tuple[str, str]]:
    """(page, source) of the python blocks of a page, which follow each other."""
    return [
        (page.name, "\n".join(blocks(page, "python"))) for page in PAGES if blocks(page, "python")
    ]


def with_slow_pages(shown: list[tuple[str, str]]) -> list:
    """As parameters of tests; what the slow pages show is left to `make test-all`."""
    return [
        pytest.param(*pair, marks=pytest.mark.slow if pair[0] in SLOW_PAGES else ())
        for pair in shown
    ]


def files() -> dict[str, str]:
    """Files that pages show: toml blocks whose first line is a comment with a name."""
    return {
        name: block
        for page in PAGES
        for block in blocks(page, "toml")
        for name in re.findall(r"\A# (\w+\.toml)\n", block)
    }


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A folder with the scenarios and the files that pages show, to run in."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks")
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gtmsim(command: str) -> int:
    """Exit code of a command, with a few futures where it runs some."""
    words = shlex.split(command)[1:]
    if words[0] == "sensitivity":
        return int(exit_code([SMALL.get(word.partition(":")[0], word) for word in words]))
    if words[0] == "tripwires":
        return int(exit_code([*words, "--draws", "40", "--replications", "2"]))
    if words[0] not in SIMULATING:
        return int(exit_code(words))
    judges = {"--check", "--precision"} & set(words)
    return int(exit_code([*words, *FEW, *(SOON if judges else ())]))


def links() -> list[tuple[str, str]]:
    """(page, target) of every link of a page that leads to a file of the project."""
    return [
        (str(page.relative_to(ROOT)), target)
        for page in PAGES
        for target in re.findall(r"\]\(<?([^)\s>]+)", page.read_text())
        if not re.match(r"[a-z][a-z+.-]*:|#", target)
    ]


def headings(page: Path) -> set[str]:
    """Anchors of a page, as GitHub makes them of its headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.strip().replace(" ", "-") for title in plain}


def test_the_readme_links_to_the_documentation():
    assert {page for page, _ in links()} >= {"README.md", "docs/design.md"}


@pytest.mark.parametrize(("page", "target"), links())
def test_a_link_leads_to_a_file_and_a_heading_that_exist(page, target):
    file, _, heading = target.partition("#")
    found = (ROOT / page).parent / file
    assert found.exists()
    assert not heading or heading in headings(found)


def test_the_readme_shows_commands_and_python():
    assert "README.md" in {page for page, _ in commands()}
    assert "README.md" in {page for page, _ in programs()}


def test_a_file_that_a_page_shows_is_shown_once():
    shown = [
        name
        for page in PAGES
        for block in blocks(page, "toml")
        for name in re.findall(r"\A# (\w+\.toml)\n", block)
    ]
    assert sorted(shown) == sorted(files())


def pictures() -> list[tuple[str, str, str]]:
    """(page, alternative text, file) of every picture that a page shows."""
    return [
        (page.name, *found)
        for page in PAGES
        for found in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text())
    ]


def test_every_picture_is_shown_in_words_too():
    assert pictures()
    assert [file for _, text, file in pictures() if len(text) < 40] == []


def test_every_picture_is_shown_by_a_page():
    shown = {Path(file).name for _, _, file in pictures()}
    assert shown == {path.name for path in PICTURES.glob("*.*g")}


def test_pictures_are_small():
    sizes = [path.stat().st_size for path in PICTURES.glob("*.*g")]
    assert max(sizes) < LARGEST
    assert sum(sizes) < LARGEST_TOGETHER


def ran(command: str) -> None:
    """Run before a command what leaves the results that it reads."""
    for name in re.findall(r"results/(\w+)", command.partition(" --")[0]):
        scenario = "plan.toml" if name == "plan" else f"scenarios/{name}.toml"
        if " sensitivity " in command:
            enough = "--draws 40 --replications 2 --months 12 --quiet"
            words = ["run", scenario, "--out", f"results/{name}", *shlex.split(enough)]
            assert int(exit_code(words)) == 0
        else:
            assert gtmsim(f"gtmsim run {scenario}") == 0


@pytest.mark.parametrize(("page", "command"), with_slow_pages(commands()))
def test_command_runs(page, command, project, capsys):
    if "init" not in command:
        assert gtmsim("gtmsim init plan.toml") == 0
    ran(command)
    capsys.readouterr()
    assert gtmsim(command) == 0
    captured = capsys.readouterr()
    assert captured.out + captured.err


@pytest.mark.parametrize(("page", "source"), with_slow_pages(programs()))
def test_python_runs(page, source, project):
    if "results/add_midmarket" in source:
        assert gtmsim("gtmsim run scenarios/add_midmarket.toml") == 0
    exec(compile(source, page, "exec"), {"__name__": page})


@pytest.mark.slow
def test_the_readme_shows_the_answer_that_make_run_gives(project, capsys, monkeypatch):
    """Its text is the beginning of the answer at a width of 100 columns, with all draws."""
    monkeypatch.setenv("COLUMNS", "100")
    assert int(exit_code(["run", "scenarios/add_midmarket.toml", "--no-save", "--quiet"])) == 0
    shown = blocks(ROOT / "README.md", "text")[0]
    assert capsys.readouterr().out.startswith(shown)
