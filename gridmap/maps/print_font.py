"""The Chinese font for pictures: the slices of the font the browser gets, each made into a file that matplotlib can read."""

from __future__ import annotations

import atexit
import io
import os
import re
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib.font_manager import FontProperties, fontManager

from gridmap.maps import assets
from gridmap.settings import ASSETS

_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SPAN = re.compile(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?")
_NEEDLESS = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx")
"""Tables for setting text downwards or with ligatures, which pictures do not need."""
_FAMILY, _TYPOGRAPHIC_FAMILY = 1, 16
"""Ids of the names under which a font is known."""

REGULAR, BOLD = 400, 600

_making = threading.Lock()


def font(text: str, weight: int = REGULAR) -> FontProperties:
    """Give a font that has every character of ``text`` that FONT_FAMILY knows. weight: 100 to 900.

    It is a list of slices, of which matplotlib takes for each character the first that has it. A slice holds about 190
    characters; unpacking one takes a tenth of a second, so it is kept beside the font for good, or, where nothing may be
    written there, while the program runs.
    """
    with _making:
        return FontProperties(family=[_known(path, weight) for path in slices(text)])


def slices(text: str) -> list[str]:
    """Give the slices that hold the characters of a text, by their path below assets.ROOT."""
    holder = _holders()
    return sorted({holder[letter] for letter in {*text, "?"} if letter in holder})


@cache
def _holders() -> dict[str, str]:
    """Give the slice that holds each character."""
    css = assets.asset(assets.fonts_url().removeprefix(assets.ROOT)).content.decode()
    holders = {}
    for face in _FACE.findall(css):
        address = re.search(r"url\(([^)]+)\)", face)
        if address:
            path = address[1].strip("'\"").removeprefix(assets.ROOT)
            for low, high in _SPAN.findall(face.partition("unicode-range")[2]):
                holders.update(dict.fromkeys(map(chr, range(int(low, 16), int(high or low, 16) + 1)), path))
    return holders


@cache
def _folder() -> Path:
    """Give the folder of unpacked slices: beside the font, else one that goes when the program ends."""
    kept = ASSETS / ".print"
    try:
        kept.mkdir(exist_ok=True)
        if os.access(kept, os.W_OK):
            return kept
    except OSError:
        pass  # a read-only place: unpacked anew in every run of the program
    made = tempfile.mkdtemp(prefix="gridmap-fonts-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


@cache
def _known(path: str, weight: int) -> str:
    """Make a slice known to matplotlib at a weight, under a family's name of its own, which is given."""
    package, _, name = path.partition("/files/")
    family = f"{Path(name).stem}-{weight}-{package.rpartition('@')[2]}"
    file = _folder() / f"{family}.ttf"
    if not file.exists():
        _unpack(path, weight, family, file)
    fontManager.addfont(file)
    return family


def _unpack(path: str, weight: int, family: str, file: Path) -> None:
    loaded = TTFont(io.BytesIO(assets.asset(path).content))
    instancer.instantiateVariableFont(loaded, {"wght": weight}, inplace=True)
    for table in _NEEDLESS:
        if table in loaded:
            del loaded[table]
    for record in list(loaded["name"].names):
        if record.nameID in {_FAMILY, _TYPOGRAPHIC_FAMILY}:
            record.string = family
    loaded.flavor = None
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        loaded.save(part)
    Path(part.name).replace(file)  # whole or not at all, whoever else is unpacking it
