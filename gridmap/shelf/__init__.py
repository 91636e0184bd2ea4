"""Merges more than memory holds: inputs are split by street on disk, and results are written street by street."""

from gridmap.shelf.kept import Kept
from gridmap.shelf.lines import Lines, Pairs, write
from gridmap.shelf.parted import Parted
from gridmap.shelf.results import Results
from gridmap.shelf.streaming import FILES, Outcome, merge_to

__all__ = ["FILES", "Kept", "Lines", "Outcome", "Pairs", "Parted", "Results", "merge_to", "write"]
