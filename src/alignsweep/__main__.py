"""``python -m alignsweep``: the command line."""

from alignsweep.cli import main

main()
