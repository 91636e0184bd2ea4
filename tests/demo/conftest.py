"""One small street, made once for all tests of the demo."""

import json

import geopandas as gpd
import pytest

from gridmap import demo


@pytest.fixture(scope="session")
def street(tmp_path_factory):
    """The source folder of the smallest size."""
    return demo.make_source(tmp_path_factory.mktemp("street"), size="street", seed=1)


@pytest.fixture(scope="session")
def manifest(street):
    return json.loads((street / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def table(street):
    """Read one table of the source folder by name."""
    return lambda name: gpd.read_parquet(street / f"{name}.parquet")
