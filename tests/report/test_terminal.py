"""Tables on a terminal: their lines, and that long ones take no longer per line."""

from gtmsim.report import terminal
from gtmsim.report.terminal import folded, unbroken
from gtmsim.report.text import Grid, Text


def grid(n: int) -> Grid:
    rows = tuple(
        (Text(f"event {i}"), Text("a long name of something"), Text(str(i))) for i in range(n)
    )
    return Grid("Events", ("event", "entity", "amount"), 2, rows, ())


def test_labels_stand_to_the_left_and_figures_to_the_right():
    lines = [line.plain for line in unbroken(grid(2))]
    assert lines == [
        "event    entity                    amount",
        "─" * 41,
        "event 0  a long name of something       0",
        "event 1  a long name of something       1",
    ]


def test_what_is_added_to_a_figure_is_dim():
    aside = grid(1)._replace(rows=((Text("event 0"), Text("x"), Text("5", "(1 to 9)")),))
    *_, line = unbroken(aside)
    assert line.plain == "event 0  x       5 (1 to 9)"
    assert [str(span.style) for span in line.spans] == ["dim"]


def test_a_row_is_folded_where_it_does_not_fit():
    lines = [line.plain for line in unbroken(folded(grid(1), 30))]
    assert lines[2:] == ["event 0  a long name        0", "         of something"]


def test_the_cells_of_a_long_table_are_looked_at_once_and_not_once_a_line(monkeypatch):
    looks = []
    width = terminal.Column.width.fget

    def counted(column):
        looks.append(column)
        return width(column)

    monkeypatch.setattr(terminal.Column, "width", property(counted))
    assert len(list(unbroken(grid(500)))) == 502
    assert len(looks) <= 6
