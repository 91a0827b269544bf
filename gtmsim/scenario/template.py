"""The commented scenario that ``gtmsim init`` writes."""

from importlib.resources import files


def template() -> str:
    """Return the text of a small scenario that explains itself and can be run as it is."""
    return files("gtmsim.scenario").joinpath("template.toml").read_text(encoding="utf-8")
