"""Text from data, made safe for the one place each kind of text goes to. Nothing else in gridmap escapes by hand."""

from __future__ import annotations

import json
import re

_HTML = str.maketrans({mark: f"&#{ord(mark)};" for mark in "&<>\"'`${}"})
# The underscore is there because streamlit-folium renames what looks like a folium variable, even inside a text.
_SCRIPT = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "&<>'`$_\u2028\u2029"})


def html(text: object) -> str:
    """Give text as HTML that shows it: ``& < > " '``, and the backtick, ``$`` and braces that folium's scripts would run."""
    return str(text).translate(_HTML)


def script(value: object) -> str:
    """Give a value as a JavaScript literal that cannot end its script or open a template, in the browser or in branca.

    branca reads every script it is given as a Jinja template once more, so a brace before ``{``, ``%`` or ``#``, which JSON
    has only inside texts, is written by its number. Raises ValueError for NaN and infinities, which JSON has not.
    """
    literal = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_SCRIPT)
    return re.sub(r"\{(?=[{%#])", r"\\u007b", literal)
