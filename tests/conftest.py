"""What all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared():
    """The folder of real data and judges beside the project, or a skip with the reason."""
    folder = Path(os.environ.get("GRIDMAP_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data beside the project ({folder.name}/data is absent)")
    return folder
