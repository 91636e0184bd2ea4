"""The small district of tests/store, without grids."""

from tests.store.conftest import district, templates

__all__ = ["district", "templates"]
