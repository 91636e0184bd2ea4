"""Puts into the wheel what lives beside the package: app.py, the pages, the code tables and the fetched map assets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Home(BuildHookInterface[Any]):
    """Copies the dashboard's home into ``gridmap/home``; an install in place needs no copy."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to a standard wheel, and refuse to build one whose maps would be empty."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "node_modules" / ".ready").exists():
            message = "node_modules is missing: run `make node_modules/.ready` first, or the wheel's maps would have no scripts"
            raise FileNotFoundError(message)
        tools = json.loads((root / "package.json").read_text("utf-8"))["devDependencies"]
        assets = [path for path in sorted((root / "node_modules").iterdir()) if path.name not in tools and path.name[0] != "."]
        for path in (root / "app.py", root / "pages", root / "data" / "reference", *assets):
            build_data["force_include"][str(path)] = f"gridmap/home/{path.relative_to(root).as_posix()}"
