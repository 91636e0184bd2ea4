"""How one signs in to a district."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from gridmap.settings import settings

if TYPE_CHECKING:
    from pathlib import Path

Way = Literal["demo", "accounts", "proxy", "oidc"]

DATABASE = "gridmap.duckdb"


def way(folder: Path) -> Way:
    """Give how one signs in here. No sign-in at all is for fictional data only, whatever the settings say."""
    asked = settings().login
    if asked in {"accounts", "proxy", "oidc"}:
        return asked
    harmless = bool(manifest(folder).get("fictional")) or (asked == "demo" and not (folder / DATABASE).exists())
    return "demo" if harmless else "accounts"


def manifest(folder: Path) -> dict[str, Any]:
    """Give what the source folder says of itself: files, norm, whether it is fictional; empty where there is none."""
    return _looked(folder / "source" / "manifest.json", int(time.monotonic()))


@lru_cache(maxsize=4)
def _looked(path: Path, second: int) -> dict[str, Any]:  # noqa: ARG001  asked dozens of times a view: it looks once a second
    return _manifest(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=2)
def _manifest(path: Path, changed: int) -> dict[str, Any]:  # noqa: ARG001  the key
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
