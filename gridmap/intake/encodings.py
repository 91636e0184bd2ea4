"""Tell the encoding of text from its bytes: UTF-8, GBK/GB18030 or Big5, with the share of common characters as the measure."""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from charset_normalizer import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

CHOICES = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")
"""What a person can choose from when the guess is wrong."""

_SHOWN = 5
"""Sample texts a person is shown."""

_ALIASES = {
    "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030", "cp936": "gb18030", "ms936": "gb18030",
    "950": "big5", "big5": "big5", "cp950": "big5", "big5-hkscs": "big5hkscs", "big-5": "big5", "ansi 936": "gb18030",
    "ansi 950": "big5", "oem 936": "gb18030", "oem 950": "big5", "65001": "utf-8", "utf8": "utf-8", "utf-8": "utf-8",
    "utf_8": "utf-8", "88591": "cp1252", "iso-8859-1": "cp1252", "latin1": "cp1252", "ansi 1252": "cp1252", "1252": "cp1252",
}  # fmt: skip

DBF_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5", 0x03: "cp1252", 0x57: "cp1252"}
"""The language byte of a DBF header (offset 29), as Esri and dBASE number code pages."""


@dataclass(frozen=True, slots=True)
class Told:
    """An encoding and why it was chosen.

    name: a codec Python knows. declared: what the file says of itself, normalised, or None. sure: False when another encoding
    reads the bytes nearly as well. samples: a few texts with letters beyond ASCII, as this encoding reads them; readings: the
    same texts as each of CHOICES reads them, for a person to choose by.
    """

    name: str
    declared: str | None
    sure: bool
    samples: tuple[str, ...] = ()
    readings: dict[str, tuple[str, ...]] = field(default_factory=dict)


def known(name: str | None) -> str | None:
    """Give the codec a name such as ``GBK``, ``cp936`` or ``UTF8`` stands for, or None."""
    if not name:
        return None
    plain = name.strip().strip("\0").lower()
    if plain in _ALIASES:
        return _ALIASES[plain]
    try:
        return codecs.lookup(plain).name
    except (LookupError, ValueError):
        return None


def tell(texts: Iterable[bytes], *, declared: str | None = None) -> Told:
    """Tell the encoding of many pieces of text, each of which may be cut off within a character.

    declared: what the file says (its .cpg, its language byte). It is believed only where the bytes allow it.
    """
    pieces = list(dict.fromkeys(text for text in texts if not text.isascii()))
    says = known(declared)
    if not pieces:
        return Told(says or "utf-8", says, sure=True)
    scores = {name: score for name in ("utf-8", "gb18030", "big5") if (score := _score(pieces, name)) is not None}
    if says is not None and says not in scores and (score := _score(pieces, says)) is not None and says != "cp1252":
        scores[says] = score
    if "utf-8" in scores:
        best = "utf-8"
    elif scores:
        best = max(scores, key=lambda name: scores[name] + 0.15 * (name == says) + 0.05 * (name == "gb18030"))
    else:
        guess = from_bytes(b"\n".join(pieces[:1000])).best()
        best = known(guess.encoding if guess else None) or "cp1252"
    others = [score for name, score in scores.items() if name != best]
    sure = best == "utf-8" or (bool(scores) and not any(score > scores[best] - 0.1 for score in others))
    return Told(best, says, sure, samples(pieces, best), readings(pieces))


def readings(pieces: Iterable[bytes]) -> dict[str, tuple[str, ...]]:
    """Give the same few texts as each encoding of CHOICES reads them; one that cannot read them at all is left out."""
    telling = list(dict.fromkeys(piece for piece in pieces if not piece.isascii()))
    few = telling[len(telling) // 2 :][:_SHOWN]  # what comes first is headings
    told = {name: samples(few, name) for name in CHOICES}
    return {name: texts for name, texts in told.items() if any(texts)}


def samples(pieces: Iterable[bytes], name: str, most: int = _SHOWN) -> tuple[str, ...]:
    """Give the first few different texts as ``name`` reads them."""
    seen: dict[str, None] = {}
    for piece in pieces:
        seen.setdefault(piece.decode(name, "replace").strip("\0 �"), None)
        if len(seen) == most:
            break
    return tuple(seen)


def _score(pieces: list[bytes], name: str) -> float | None:
    """Give the share of common characters among those beyond ASCII, or None where the bytes are not ``name`` at all."""
    letters: Counter[str] = Counter()
    for piece in pieces:
        text = _decoded(piece, name)
        if text is None:
            return None
        letters.update(text)
    beyond = {letter: count for letter, count in letters.items() if letter > "\x7f"}
    return sum(count for letter, count in beyond.items() if _common(letter, name)) / max(sum(beyond.values()), 1)


def _decoded(piece: bytes, name: str) -> str | None:
    """Decode ``piece``, forgiving an end cut off within a character, as fixed widths cut it."""
    for cut in range(4):
        try:
            return piece[: len(piece) - cut].decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def _common(letter: str, name: str) -> bool:
    """Say whether ``letter`` is one of the encoding's level-1 hanzi, or its everyday punctuation and full-width forms."""
    if "\u3000" <= letter <= "\u303f" or "\uff00" <= letter <= "\uffef" or letter in "·—…“”‘’№℃":
        return True
    if name.startswith("big5"):
        code = letter.encode("big5", "ignore")
        return len(code) == 2 and 0xA440 <= int.from_bytes(code, "big") <= 0xC67E
    code = letter.encode("gb2312", "ignore")
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7


def unscrambled(text: str) -> str | None:
    """Give back what was read as Latin letters although it was Chinese (``Ö£ÖÝ`` for 郑州), or None where nothing was."""
    if text.isascii() or any(letter > "\u2122" for letter in text):
        return None
    for wrong in ("cp1252", "latin-1"):
        try:
            raw = text.encode(wrong)
        except UnicodeEncodeError:
            continue
        for right in ("utf-8", "gb18030"):
            try:
                found = raw.decode(right)
            except UnicodeDecodeError:
                continue
            beyond = [letter for letter in found if letter > "\x7f"]
            if 2 * len(beyond) >= len(found) and all(_common(letter, right) for letter in beyond):
                return found
    return None
