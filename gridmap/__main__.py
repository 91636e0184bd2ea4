"""``python -m gridmap``: the command line."""

from gridmap.cli import main

main()
