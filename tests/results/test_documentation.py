"""docs/results.md lists what a results file holds."""

from pathlib import Path

from gtmsim.results.layout import VARIABLES

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


def _table() -> str:
    lines = ["| variable | by | unit | kind | meaning |", "|---|---|---|---|---|"]
    for variable in VARIABLES:
        dims = ", ".join(variable.dims) or "-"
        unit = variable.storage.units.format(currency="USD")
        account = variable.account
        lines.append(
            f"| `{variable.name}` | {dims} | {unit} | {account.kind} | {account.long_name} |"
        )
    return "\n".join(lines)


def test_the_page_lists_every_variable_with_its_dimensions_unit_and_meaning():
    """After a change of the variables, paste the table that this prints into the page."""
    assert _table() in PAGE.read_text(encoding="utf-8"), f"wanted in {PAGE.name}:\n\n{_table()}"
