"""A map as one HTML file that opens from a USB stick: scripts, styles, shapes and points are all inside it."""

from __future__ import annotations

import gzip
import json
import posixpath
import re
from typing import TYPE_CHECKING, Any, cast

from branca.element import CssLink, Element, Figure, JavascriptLink

from gridmap import terms
from gridmap.maps import assets, escape, held
from gridmap.maps.district import Repaint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.maps.district import DistrictMap


def standalone(base: DistrictMap, now: Repaint, *, title: str, language: str | None = None) -> str:
    """Give the map with its message as one HTML page that asks nobody for anything.

    Of the Chinese font it takes along the slices its texts need, some 50 kB each.
    Raises MapError when content the message names is no longer held.
    """
    base, now = base.again(), Repaint({"heading": title, **now.content})  # a print of it says what it is
    now.add_to(base)
    root = cast("Figure", base.get_root())
    root.render()
    base.default_js = base.default_css = []  # so that rendering once more does not put the links back
    content = [base.content, now.content]
    carried = {url: json.loads(gzip.decompress(held.packed(_name(url)))) for url in sorted(set(_urls(content)))}
    _inline(root, json.dumps([content, carried, title], ensure_ascii=False))
    root.header.add_child(Element(_script(f"window.gridmapCarried={escape.script(carried)};")), name="carried", index=0)
    root.header.add_child(Element(f"<title>{escape.html(title)}</title>"), name="title", index=0)
    page = str(root.render())
    spoken = {"zh": "zh-CN"}.get(language or terms.language(), language or terms.language())
    return page.replace("<html>", f'<html lang="{spoken}">', 1)


def _inline(root: Figure, text: str) -> None:
    """Put every script and style into the page, in the order they had, and of the font what ``text`` needs."""
    parts = root.header._children  # noqa: SLF001 - as above
    for name, part in list(parts.items()):
        if isinstance(part, JavascriptLink):
            parts[name] = Element(_script(_text(part.url)))
        elif isinstance(part, CssLink):
            css = assets.fonts_css_for(text) if part.url == assets.fonts_url() else _packed(part.url)
            parts[name] = Element(f"{{% raw %}}<style>{css}</style>{{% endraw %}}")


def _script(text: str) -> str:
    safe = text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return f"{{% raw %}}<script>{safe}</script>{{% endraw %}}"


def _text(url: str) -> str:
    return assets.asset(url.removeprefix(assets.ROOT)).content.decode()


def _packed(url: str) -> str:
    """Give a style with the pictures it names inside it."""
    folder = posixpath.dirname(url.removeprefix(assets.ROOT))

    def picture(match: re.Match[str]) -> str:
        if match[1].startswith(("data:", "#")):
            return match[0]
        return f"url({assets.data_url(posixpath.normpath(posixpath.join(folder, re.split(r'[?#]', match[1])[0])))})"

    return re.sub(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)", picture, _text(url))


def _urls(content: Any) -> Iterator[str]:  # noqa: ANN401 - JSON of any depth
    """Find every URL of held content anywhere in a message."""
    if isinstance(content, str) and content.startswith(held.ROOT):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _urls(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _urls(value)


def _name(url: str) -> str:
    return url.removeprefix(held.ROOT).removesuffix(".json")
