"""The small district of tests/store, and a shelf in its folder."""

import pytest

from gridmap import uploads
from tests.store.conftest import district, published, templates

__all__ = ["district", "published", "templates"]


@pytest.fixture
def shelf(tmp_path):
    return uploads.Shelf(tmp_path)


@pytest.fixture
def quiet():
    """A progress that only listens."""
    return lambda _stage, _share: None
