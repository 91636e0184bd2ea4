"""The small district of tests/store, with grids in force."""

from tests.store.conftest import district, published, templates

__all__ = ["district", "published", "templates"]
