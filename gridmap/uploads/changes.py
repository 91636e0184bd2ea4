"""What a new version of a department's layer changes against the last: grids, ground, households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gridmap import crs, intake, merge, store
from gridmap.uploads import district

if TYPE_CHECKING:
    from gridmap.store import Store


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between two versions.

    old, new: version numbers, None where there is none before or it is not stored yet. grids: one row a changed grid, index =
    id: change (added, removed, reshaped), old_m2, new_m2, moved_m2, old_households, new_households, moved_households (of the
    buildings on the ground that differs; NaN where no buildings are known), geometry (that ground, EPSG:4490). before, after:
    how many grids each version has. moved_m2, moved_households: the ground that belongs to other grids than before, each piece
    counted once, and the households on it (NaN where no buildings are known).
    """

    old: int | None
    new: int | None
    grids: gpd.GeoDataFrame
    before: int
    after: int
    moved_m2: float
    moved_households: float

    def count(self, change: str) -> int:
        """Count the grids that were added, removed or reshaped."""
        return int((self.grids["change"] == change).sum())


def changes(db: Store, department: str, frame: gpd.GeoDataFrame) -> Changes:
    """Say what storing a frame (index = id, column households) would change against the department's last version."""
    listed = db.layer_versions(department)
    after = frame[["geometry"]].assign(area_m2=frame.area, households=frame.get("households", np.nan)).to_crs(crs.STORED)
    if listed.empty:
        return _compared(db, after.iloc[:0], after, None, None)
    old = int(listed["version"].iloc[-1])
    return _compared(db, db.layer(department, old), after, old, None)


def stored_changes(db: Store, department: str, new: int) -> Changes:
    """Say what a stored version changed against the one before it."""
    after = db.layer(department, new)
    if new == 1:
        return _compared(db, after.iloc[:0], after, None, new)
    return _compared(db, db.layer(department, new - 1), after, new - 1, new)


def _compared(db: Store, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, old: int | None, new: int | None) -> Changes:
    before = before.set_axis(before.index.astype(str), axis=0)
    after = after.set_axis(after.index.astype(str), axis=0)
    grids = store.difference(before, after)
    grids["old_households"] = before["households"].reindex(grids.index)
    grids["new_households"] = after["households"].reindex(grids.index)
    known = district.buildings(db)
    grids["moved_households"] = np.nan if known is None else intake.count_households(grids, known)
    ground = (
        gpd.GeoDataFrame(
            geometry=[shapely.union_all(shapely.make_valid(grids.geometry.to_numpy(), method="structure"))], crs=grids.crs
        )
        if len(grids)
        else grids[["geometry"]]
    )
    m2 = 0.0 if not len(grids) else float(ground.to_crs(merge.common_crs(ground)).area.iloc[0])
    households = np.nan if known is None else float(intake.count_households(ground, known).sum())
    return Changes(old, new, grids, len(before), len(after), m2, households)
