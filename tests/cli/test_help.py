"""Help answers at once and says what is there."""

import subprocess
import sys

import pytest

from gtmsim.cli.main import cli

COMMANDS = sorted(cli.commands)


def test_the_commands_are_those_of_the_readme():
    assert COMMANDS == [
        "compare",
        "explain",
        "init",
        "report",
        "run",
        "schema",
        "sensitivity",
        "show",
        "stress",
        "sweep",
        "trace",
        "tripwires",
        "validate",
    ]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_help_for_every_option(gtmsim, command, flag):
    found = gtmsim(command, flag)
    assert found.code == 0
    assert found.out.startswith(f"Usage: gtmsim {command}")
    for parameter in cli.commands[command].params:
        for option in getattr(parameter, "opts", []):
            assert option in found.out or parameter.param_type_name == "argument"
        assert parameter.param_type_name == "argument" or parameter.help


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(words):
    """Each of these takes from a tenth of a second to seconds to import."""
    heavy = ["numba", "numpy", "scipy", "xarray", "h5py", "simpy", "pydantic", "tomlkit", "rich",
             "altair", "jinja2", "vl_convert"]  # fmt: skip
    code = (
        "import sys\n"
        "from gtmsim.cli.main import exit_code\n"
        f"code = exit_code({words!r})\n"
        f"loaded = [name for name in {heavy!r} if name in sys.modules]\n"
        "print(loaded, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_version_is_told(gtmsim):
    assert gtmsim("--version").out.startswith("gtmsim 0.")


def test_python_m_gtmsim_is_the_same_command():
    words = [sys.executable, "-m", "gtmsim", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("gtmsim 0.")


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["rum", "tiny.toml"], "Did you mean 'run'?"),
        (["run", "tiny.toml", "--draw", "3"], "--draws"),
        (["run", "tiny.toml", "--enginee", "simpy"], "--engine"),
        (["run", "tiny.toml", "--engine", "fast"], "'compiled', 'simpy'"),
        (["trace", "tiny.toml", "--kind", "wonn"], "Did you mean 'won'?"),
        (["trace", "tiny.toml", "--segment", "sbm"], "Did you mean 'smb'?"),
    ],
)
def test_what_is_not_known_is_invalid_input_and_gets_a_suggestion(gtmsim, words, suggestion):
    found = gtmsim(*words)
    assert found.code == 2
    assert suggestion in found.err
    assert found.out == ""


@pytest.mark.parametrize(
    "words",
    [
        ["--draws", "0"],
        ["--draws", "many"],
        ["--replications", "-1"],
        ["--seed", "-1"],
        ["--months", "0"],
        ["--months", "601"],
        ["--workers", "0"],
        ["--format", "pdf"],
        ["--out", "x", "--no-save"],
        ["--out", "x", "--smoke"],
        ["--extend", "--smoke"],
        ["--extend", "--no-save"],
        ["extra.toml"],
    ],
)
def test_options_out_of_range_are_invalid_input(gtmsim, words):
    found = gtmsim("run", "tiny.toml", *words)
    assert found.code == 2
    assert "Error" in found.err
    assert "Traceback" not in found.err


def test_the_examples_of_the_help_stand_on_lines_of_their_own(gtmsim):
    lines = gtmsim("--help").out.splitlines()
    assert "  gtmsim init plan.toml       write a commented scenario" in lines
    assert not any("\\b" in line for line in lines)
