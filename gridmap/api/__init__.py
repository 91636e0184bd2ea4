"""What other systems reach: Open311 GeoReport v2 and a JSON API, each behind a key of the system that asks."""

from gridmap.api.application import application

__all__ = ["application"]
