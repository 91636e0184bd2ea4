"""The words of the program in Chinese and English.

The English sentence in the code is the key; ``locale/zh/LC_MESSAGES/*.po`` hold the Chinese, one file a room so that a
translator finds it. The catalogues are read with Babel as they are, so there is no compiled file to forget.
"""

from __future__ import annotations

import gettext
import io
import string
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
"""The languages a reader can choose, the first being the default."""

_current: ContextVar[str] = ContextVar("language", default="en")


def use(language: str) -> None:
    """Speak ``language`` from here on in this thread or task; an unknown one falls back to the default.

    language: a tag such as ``zh``, ``zh-CN``, ``en-US``.
    """
    _current.set(nearest(language))


def nearest(language: str | None) -> str:
    """Give the language of LANGUAGES that a browser's or system's tag stands for."""
    head = (language or "").replace("_", "-").split("-")[0].lower()
    return head if head in LANGUAGES else LANGUAGES[0]


def language() -> str:
    """Give the language spoken now."""
    return _current.get()


class _Counting(string.Formatter):
    """Knows, beside what ``str.format`` knows, places such as ``{n:# place|# places}``: the first where the figure is 1."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Give a value as its place asks for; ``#`` stands for the figure."""
        one, counted, many = format_spec.partition("|")
        if not counted:
            return str(super().format_field(value, format_spec))
        return (one if str(value) == "1" else many).replace("#", str(value))


_counting = _Counting()


def say(message: str, /, *, language: str | None = None, **values: object) -> str:
    """Give ``message`` in ``language`` (or the current one) with ``values`` in its {named} places.

    A place may say one and many: ``{n:# place|# places}``; a list is said with the language's own commas.
    """
    spoken = language or _current.get()
    text = message if spoken == "en" else catalogue(spoken).gettext(message)
    if not values:
        return text
    comma = "、" if spoken == "zh" else ", "
    values = {name: comma.join(map(str, one)) if isinstance(one, list | tuple) else one for name, one in values.items()}
    return _counting.vformat(text, (), values) if "|" in text else text.format(**values)


def key(message: str) -> str:
    """Give ``message`` as it is: marks a sentence that is said later, so that the catalogue is held to have it."""
    return message


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Give the whole catalogue of one language, every room's file merged."""
    folder = Path(__file__).with_name("locale") / language / "LC_MESSAGES"
    merged = Catalog(locale=language)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.id not in merged:
                    merged.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)
