"""The command line: `gtmsim run`, `sweep`, `trace`, `show`, `validate`, `schema`, `init`."""

from gtmsim.cli.main import main

__all__ = ["main"]
