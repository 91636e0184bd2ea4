"""What the server holds ready for maps: shapes and points, each under a URL that is the hash of its content.

A page hands over bytes and gets a URL; the browser fetches it once and keeps it for good, because other content has another
URL. The oldest content goes when the room is full; a page that still needs it hands it over again on its next run.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict

from gridmap.errors import MapError

ROOT = "/gridmap/held/"
ROOM = 256 * 1024 * 1024
"""Bytes, packed, that are held at most."""

_LARGE = 4 * 1024 * 1024
"""From these many bytes on content is packed quickly and not tightly: a third larger, in a quarter of the time."""

_held: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()


def hold(content: bytes) -> str:
    """Hold JSON bytes and give their URL; the same bytes give the same URL."""
    name = hashlib.sha256(content).hexdigest()[:32]
    with _lock:
        known = name in _held
        if known:
            _held.move_to_end(name)
    if not known:
        packed = gzip.compress(content, compresslevel=6 if len(content) < _LARGE else 1, mtime=0)
        with _lock:
            _held[name] = packed
            while len(_held) > 1 and sum(map(len, _held.values())) > ROOM:
                _held.popitem(last=False)
    return f"{ROOT}{name}.json"


def packed(name: str) -> bytes:
    """Give the gzipped bytes held under a name (the URL's last part without ``.json``). Raises MapError when they are gone."""
    with _lock:
        content = _held.get(name)
        if content is None:
            raise MapError("The map's content {name} is no longer held; load the page again.", name=name)
        _held.move_to_end(name)
        return content
