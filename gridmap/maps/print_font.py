"""The Chinese font for pictures: the slices of the font the browser gets, made into one file that matplotlib can read."""

from __future__ import annotations

import atexit
import hashlib
import io
import logging
import os
import re
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools import merge
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib.font_manager import FontProperties

from gridmap.maps import assets
from gridmap.settings import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable

_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SPAN = re.compile(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?")
_NEEDLESS = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx")
"""Tables for setting text downwards or with ligatures, which single slices cannot agree on."""

REGULAR, BOLD = 400, 600

_making = threading.Lock()


def font(text: str, weight: int = REGULAR) -> FontProperties:
    """Give a font that has every character of ``text`` that FONT_FAMILY knows. weight: 100 to 900.

    A slice holds about 190 characters and takes a tenth of a second to unpack, so slices are kept beside the font for good, and
    with them one file of all that were ever asked for; where nothing may be written there, while the program runs.
    """
    with _making:
        return FontProperties(fname=str(_merged(frozenset(slices(text)), weight)))


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
def _merged(wanted: frozenset[str], weight: int) -> Path:
    """Give one file with all these slices, and those of the files before it, so that soon one file has all there is to ask for.

    Not a list of files, one behind the other: matplotlib 3.11 then takes glyphs of one number in two files for the same.
    """
    listed = _folder() / f"{weight}.txt"
    try:
        before = frozenset(listed.read_text("ascii").split())
    except OSError:
        before = frozenset()
    together = wanted | {path for path in before if path in _installed()}
    name = hashlib.sha256(" ".join(sorted(together)).encode()).hexdigest()[:16]
    file = _folder() / f"{weight}-{name}.ttf"
    if not file.exists():
        logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table it merges
        parts = [str(_slice(path, weight)) for path in sorted(together)]
        merged = merge.Merger().merge(parts) if len(parts) > 1 else TTFont(parts[0])
        _write(file, merged.save)
    if not together <= before:
        _write(listed, lambda part: Path(part).write_text("\n".join(sorted(together)), "ascii"))
    return file


@cache
def _installed() -> frozenset[str]:
    return frozenset(_holders().values())


def _slice(path: str, weight: int) -> Path:
    """Unpack one slice at one weight, unless it was unpacked before."""
    package, _, name = path.partition("/files/")
    file = _folder() / f"{Path(name).stem}-{weight}-{package.rpartition('@')[2]}.ttf"
    if not file.exists():
        loaded = TTFont(io.BytesIO(assets.asset(path).content))
        instancer.instantiateVariableFont(loaded, {"wght": weight}, inplace=True)
        for table in _NEEDLESS:
            if table in loaded:
                del loaded[table]
        loaded.flavor = None
        _write(file, loaded.save)
    return file


def _write(file: Path, save: Callable[[str], object]) -> None:
    """Write a file whole or not at all, whoever else is writing it."""
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        pass
    save(part.name)
    Path(part.name).replace(file)
