"""The Chinese font for pictures: outlines of letters, taken from the slices of the font that the browser gets.

A slice holds about 190 letters, and matplotlib reads neither its packing nor its weights. Only the letters that are asked for
are taken out of it, each once: making a font file of all that a picture says takes seconds whenever a picture says more.
"""

from __future__ import annotations

import io
import re
import threading
from functools import cache, lru_cache

import numpy as np
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from gridmap.maps import assets

_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SPAN = re.compile(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?")

REGULAR, BOLD = 400, 600

UNKNOWN = "?"
"""Stands for a letter that the font does not have."""

_lock = threading.Lock()


def line(text: str, weight: int = REGULAR) -> tuple[Path, float]:
    """Give a line of text as outlines, one unit an em, its baseline from (0, 0) on to the right, and how wide it is.

    weight: 100 to 900. A letter that the font does not have is written as UNKNOWN.
    """
    parts, right = [], 0.0
    for letter in text:
        with _lock:
            outline, advance = _letter(letter, weight)
        if outline.codes is not None:
            parts.append(outline.transformed(Affine2D().translate(right, 0)))
        right += advance
    return (Path.make_compound_path(*parts) if parts else _NOTHING), right


@lru_cache(maxsize=8192)
def _letter(letter: str, weight: int) -> tuple[Path, float]:
    """Take a letter out of its slice at a weight: its outline and how far it is to the next, in ems."""
    for slice_ in _holders().get(letter, ()):
        font = _opened(slice_)
        name = font.getBestCmap().get(ord(letter))
        if name is not None:
            glyphs, em = font.getGlyphSet(location={"wght": weight}), font["head"].unitsPerEm
            pen = _Outline(glyphs, em)
            glyphs[name].draw(pen)
            return pen.path(), glyphs[name].width / em
    return _letter(UNKNOWN, weight)


@lru_cache(maxsize=64)  # unpacking one takes some 30 ms
def _opened(slice_: str) -> TTFont:
    return TTFont(io.BytesIO(assets.asset(slice_).content), lazy=True)


class _Outline(BasePen):  # type: ignore[misc]  # fontTools' own is untyped
    """Draws a glyph as a path of matplotlib's, one unit an em."""

    def __init__(self, glyphs: object, em: int) -> None:
        super().__init__(glyphs)
        self._em = em
        self._points: list[tuple[float, float]] = []
        self._codes: list[int] = []

    def path(self) -> Path:
        """Give what was drawn."""
        return Path(np.array(self._points) / self._em, self._codes) if self._points else _NOTHING

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - fontTools' name
        self._draw(Path.MOVETO, pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - as above
        self._draw(Path.LINETO, pt)

    def _qCurveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float]) -> None:  # noqa: N802 - as above
        self._draw(Path.CURVE3, pt1, pt2)

    def _curveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]) -> None:  # noqa: N802
        self._draw(Path.CURVE4, pt1, pt2, pt3)

    def _closePath(self) -> None:  # noqa: N802 - as above
        self._draw(Path.CLOSEPOLY, (0.0, 0.0))

    def _draw(self, code: np.uint8, *points: tuple[float, float]) -> None:
        self._points += points
        self._codes += [int(code)] * len(points)


_NOTHING = Path(np.empty((0, 2)))


@cache
def _holders() -> dict[str, list[str]]:
    """Give the slices that say they hold each letter, by their path below assets.ROOT, in the order a browser tries them."""
    css = assets.asset(assets.fonts_url().removeprefix(assets.ROOT)).content.decode()
    holders: dict[str, list[str]] = {}
    for face in _FACE.findall(css):
        address = re.search(r"url\(([^)]+)\)", face)
        if address:
            path = address[1].strip("'\"").removeprefix(assets.ROOT)
            for low, high in _SPAN.findall(face.partition("unicode-range")[2]):
                for letter in map(chr, range(int(low, 16), int(high or low, 16) + 1)):
                    holders.setdefault(letter, []).insert(0, path)
    return holders
