"""The wheel carries what the running program needs, and nothing that only its tests use."""

import importlib.util
from pathlib import Path

import pytest

from gridmap import settings

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the maps' scripts are not installed (npm ci --ignore-scripts)")
def test_the_wheel_has_the_pages_and_the_maps_scripts_but_no_test_tool():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    built = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(built)
    said = {"force_include": {}}
    hook = built.Home(str(ROOT), {}, None, None, str(ROOT), "wheel")
    hook.initialize("standard", said)
    inside = set(said["force_include"].values())
    assert {"gridmap/home/app.py", "gridmap/home/pages", "gridmap/home/node_modules/leaflet"} <= inside
    assert not [path for path in inside if "axe-core" in path]
    assert all(Path(source).exists() for source in said["force_include"])
