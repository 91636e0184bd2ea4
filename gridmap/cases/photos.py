"""Photographs of cases: made upright, shrunk, stripped of everything but the picture, kept once each by their content."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from gridmap.errors import CaseError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 25_000_000
MOST_PIXELS = 80_000_000
SIDE = 1600
"""Longest side that is kept, in pixels."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_NAME = re.compile(r"[0-9a-f]{64}")


def keep(folder: Path, content: bytes) -> str:
    """Keep a photograph beside the district's data and give its name.

    Only the picture is kept: place and time that a telephone writes into it are not. Raises CaseError when the file is no
    photograph, or too large.
    """
    if len(content) > MOST_BYTES:
        raise CaseError("The photograph is larger than {n} MB.", n=MOST_BYTES // 1_000_000)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise CaseError("The photograph is larger than {n} MB.", n=MOST_BYTES // 1_000_000)
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise CaseError("The file is no photograph: send JPEG, PNG or WebP.") from error
    picture.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=82)
    name = hashlib.sha256(written.getvalue()).hexdigest()
    path = folder / "photos" / name[:2] / f"{name}.jpg"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(written.getvalue())
        part.replace(path)
    return name


def read(folder: Path, name: str) -> bytes:
    """Give a kept photograph as JPEG. Raises CaseError when there is none of that name."""
    path = folder / "photos" / name[:2] / f"{name}.jpg"
    if _NAME.fullmatch(name) is None or not path.exists():
        raise CaseError("There is no such photograph.")
    return path.read_bytes()
