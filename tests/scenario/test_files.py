"""Files that are no scenario: one clear problem each, never a traceback."""

import os

import pytest

from gtmsim.scenario import load_scenario
from tests.scenario.plans import PLAN, pointed_at, problem_of, problems_of, write


def of_bytes(folder, content):
    path = folder / "plan.toml"
    path.write_bytes(content)
    return problem_of(path)


def test_a_missing_file_is_named_with_the_one_that_was_meant(tmp_path):
    write(tmp_path, PLAN, "add_midmarket.toml")
    problem = problem_of(tmp_path / "add_midmarkt.toml")
    assert str(problem).startswith(f"{tmp_path / 'add_midmarkt.toml'}: does not exist")
    assert problem.hint == f"Did you mean {tmp_path / 'add_midmarket.toml'}?"


@pytest.mark.parametrize("named", ["x.toml", "plan.txt", "top.toml"])
def test_no_file_is_suggested_that_was_hardly_meant(tmp_path, named):
    for name in ("b.toml", "plan.toml"):
        write(tmp_path, PLAN, name)
    problem = problem_of(write(tmp_path, f'extends = "{named}"\n', "tops.toml"))
    assert "does not exist" in problem.message
    assert problem.hint == ""


def test_a_directory_is_no_scenario(tmp_path):
    assert problem_of(tmp_path).message == "is a directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    assert problem_of(tmp_path / "pipe.toml").message == "is not a regular file"


def test_a_path_with_a_nul_is_no_path():
    assert problem_of("a\0b.toml").message == "is not a path"


def test_a_path_that_is_too_long_cannot_be_read():
    assert "cannot be read" in problem_of("x" * 5000).message


@pytest.mark.parametrize("content", [b"", b"  \n\t\n", b"# only a comment\n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_how_to_begin(tmp_path, content):
    problem = of_bytes(tmp_path, content)
    assert problem.message == "is empty"
    assert "gtmsim init" in problem.hint


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", b"a = 1\0", b"\0" * 99])
def test_a_binary_file_is_no_scenario(tmp_path, content):
    assert of_bytes(tmp_path, content).message == "is a binary file, not TOML"


def test_text_that_is_not_utf_8_is_shown_where_it_begins(tmp_path):
    problem = of_bytes(tmp_path, 'a = 1\nb = "é"\n'.encode("latin-1"))
    assert problem.message == "is not UTF-8 text"
    assert str(problem.place).endswith(":2:6")


def test_a_huge_file_is_not_parsed(tmp_path):
    assert "is larger than 5 MB" in of_bytes(tmp_path, b"a = 1\n" * 1_000_000).message


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a = 1\nb = \n", "2:5", "is not valid TOML: invalid value"),
        ("[a]\nx = 1\n[a]\n", "3:3", "[a] is given twice, first in line 1"),
        ("a = 1\na = 2", "2:5", "`a` is given twice, first in line 1"),
        ("t = { b = 1, a.c = 2, b = 3 }", "1:28", "is not valid TOML: duplicate"),
        ("start = 2026-02-30", "1:9", "`start` is no such day"),
        ("a = 'x\n", "1:6", "is not valid TOML: expected"),
        ("a = 1 2\n", "1:7", "is not valid TOML: expected newline"),
        ("just words", "1:6", "is not valid TOML"),
        ("a = [1,\n", "1:7", "is not valid TOML"),
    ],
)
def test_a_slip_in_the_syntax_is_placed_where_the_parser_stopped(tmp_path, text, place, message):
    problem = problem_of(write(tmp_path, text))
    assert str(problem.place) == f"{tmp_path / 'plan.toml'}:{place}"
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000,
        "a = " + "[" * 100 + "]" * 100,
        "a = " + "{ a = " * 20_000,
        "a = " + "{ a = " * 100 + "1" + " }" * 100,
        ".".join(["a"] * 20_000) + " = 1",
        f"[{'.'.join(['a'] * 500)}]\nb = 1",
    ],
    ids=["arrays", "closed arrays", "tables", "closed tables", "dotted key", "header"],
)
def test_a_nesting_bomb_is_one_problem(tmp_path, text):
    problem = problem_of(write(tmp_path, text))
    assert problem.message == "is nested more than 32 levels deep"
    assert problem.place is not None


def test_a_flood_of_values_is_no_scenario(tmp_path):
    text = "".join(f"k{number} = 1\n" for number in range(50_001))
    assert problem_of(write(tmp_path, text)).message.startswith("has more than 50,000 values")


def test_many_problems_are_told_up_to_a_limit(tmp_path):
    text = PLAN + "".join(f"[channels.c{number}]\nx = 1\n" for number in range(2_000))
    assert len(problems_of(write(tmp_path, text))) == 300


def test_a_number_of_too_many_digits_is_one_problem(tmp_path):
    problem = problem_of(write(tmp_path, "x = 1\na = " + "9" * 10_000))
    assert problem.message == "is a number with too many digits"
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (2, 5)


def test_windows_line_ends_and_a_byte_order_mark_are_accepted(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + PLAN.replace("\n", "\r\n").encode())
    assert load_scenario(path).scenario.name == "A plan"


def test_what_a_message_shows_of_a_line_is_short_and_printable(tmp_path):
    text = f"[company]\n\tcash = {{ p10 = 1, p90 = 2, note = '{'x' * 500}' }}"
    problem = problem_of(write(tmp_path, PLAN.replace('[company]\ncash = "1M"', text)))
    assert pointed_at(problem) == "note"
    assert all(len(line) < 140 for line in str(problem).splitlines()[1:])
    assert "\t" not in str(problem)
