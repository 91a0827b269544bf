"""`python -m gtmsim`."""

from gtmsim.cli import main

main()
