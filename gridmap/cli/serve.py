"""``gridmap serve``: the dashboard, in this process."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from gridmap.errors import InputError
from gridmap.settings import HOME, settings


def serve(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the district's data.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    address: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
) -> None:
    """Open the dashboard of a district's data."""
    folder = (data or settings().data).absolute()
    if not folder.is_dir():
        raise InputError("There is no folder {path}; make one with gridmap demo --out {path}.", path=folder)
    # The pages read their folder from the environment, in this process and in their workers.
    os.environ["GRIDMAP_DATA"] = str(folder)
    sys.argv = [
        "streamlit", "run", str(HOME / "app.py"),
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        f"--server.address={address or settings().address}",
        f"--server.port={port or settings().port}",
    ]  # fmt: skip
    runpy.run_module("streamlit", run_name="__main__")
