"""The Chinese font for pictures: the slices of the font the browser gets, made into one file that matplotlib can read."""

from __future__ import annotations

import atexit
import io
import logging
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

from fontTools import merge
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib.font_manager import FontProperties

from gridmap.maps import assets

_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SPAN = re.compile(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?")
_NEEDLESS = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx")
"""Tables for setting text downwards or with ligatures, which single slices cannot agree on."""

REGULAR, BOLD = 400, 600


def font(text: str, weight: int = REGULAR) -> FontProperties:
    """Give a font that has every character of ``text`` that FONT_FAMILY knows. weight: 100 to 900.

    Slices are unpacked once and kept while the program runs; each holds about 190 characters and takes a tenth of a second.
    """
    return FontProperties(fname=str(_file(frozenset(_slices(text)), weight)))


def _slices(text: str) -> list[str]:
    wanted = {ord(character) for character in text} | {ord("?")}
    found = []
    for face, spans in _faces():
        if any(low <= character <= high for character in wanted for low, high in spans):
            found.append(face)
    return found


@cache
def _faces() -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    """Give the slices: path below assets.ROOT, and the ranges of characters it has."""
    css = assets.asset(assets.fonts_url().removeprefix(assets.ROOT)).content.decode()
    faces = []
    for face in _FACE.findall(css):
        address = re.search(r"url\(([^)]+)\)", face)
        ranges = face.partition("unicode-range")[2]
        if address:
            spans = tuple((int(low, 16), int(high or low, 16)) for low, high in _SPAN.findall(ranges))
            faces.append((address[1].strip("'\"").removeprefix(assets.ROOT), spans))
    return tuple(faces)


@cache
def _folder() -> Path:
    """Make the folder of unpacked fonts, which goes when the program ends."""
    made = tempfile.mkdtemp(prefix="gridmap-fonts-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


@cache
def _slice(path: str, weight: int) -> Path:
    """Unpack one slice at one weight."""
    file = _folder() / f"{weight}-{Path(path).stem}.ttf"
    loaded = TTFont(io.BytesIO(assets.asset(path).content))
    instancer.instantiateVariableFont(loaded, {"wght": weight}, inplace=True)
    for table in _NEEDLESS:
        if table in loaded:
            del loaded[table]
    loaded.flavor = None
    loaded.save(file)
    return file


@cache
def _file(slices: frozenset[str], weight: int) -> Path:
    """Put slices together into one file."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table it merges
    files = [_slice(path, weight) for path in sorted(slices)]
    if len(files) == 1:
        return files[0]
    file = _folder() / f"{weight}-{abs(hash(slices)):x}.ttf"
    merge.Merger().merge([str(one) for one in files]).save(file)
    return file
