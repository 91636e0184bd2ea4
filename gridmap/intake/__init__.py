"""The only place that opens an uploaded file: sealed off, every fault shown, nothing guessed in silence."""

from gridmap.intake.opening import Intake, open_file

__all__ = ["Intake", "open_file"]
