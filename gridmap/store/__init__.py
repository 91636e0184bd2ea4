"""The only place that writes the district's DuckDB file.

``open_store(path)`` gives the one :class:`Store` of this process. Times are naive local UTC+8; geometry is EPSG:4490, x =
longitude.
"""

from gridmap.store.cells import CellIndex
from gridmap.store.clock import local, now
from gridmap.store.confining import within
from gridmap.store.database import Store, open_store
from gridmap.store.layers import difference
from gridmap.store.loading import Loaded
from gridmap.store.places import ZOOM, tile_bounds, tiles
from gridmap.store.restoring import restore
from gridmap.store.tallies import TALLY_ZOOM, span
from gridmap.store.tallies import count_one as tally
from gridmap.store.topics import concerns, insert

__all__ = [
    "TALLY_ZOOM",
    "ZOOM",
    "CellIndex",
    "Loaded",
    "Store",
    "concerns",
    "difference",
    "insert",
    "local",
    "now",
    "open_store",
    "restore",
    "span",
    "tally",
    "tile_bounds",
    "tiles",
    "within",
]
