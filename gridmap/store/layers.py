"""Departmental layers as the departments sent them: every version kept, and what changed since the last."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridmap import crs
from gridmap.errors import StoreError
from gridmap.store import areas, clock, loading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.store.database import Store

_OWN = ("name_zh", "dept_id", "street_code", "community_code", "households")
_MOVED_M2 = 1.0
"""A shape whose difference from its last version is smaller has not changed: coordinates rounded on the way."""


def save_layer(
    self: Store,
    key: str,
    frame: gpd.GeoDataFrame,
    *,
    source: str,
    batch: str,
    by: str | None = None,
    note: str = "",
    restored_from: int | None = None,
) -> int:
    """Keep a departmental layer as its next version and give the version's number.

    frame: polygons in any CRS, index = the department's own grid id (unique). Columns name_zh, dept_id, street_code,
    community_code and households are kept as such, the others as JSON. The very same ids and shapes as the last version, or a
    batch done before, add nothing. by, note: who sent it and what is said of it; restored_from: whose grids these are again.
    Raises StoreError when ids repeat, and InputError when the frame says no CRS.
    """
    given = crs.require(frame, key)
    ids = frame.index.astype(str)
    if ids.has_duplicates:
        raise StoreError("The layer {layer} has the id {id} more than once.", layer=key, id=ids[ids.duplicated()][0])
    stored = frame.geometry.to_crs(crs.STORED)
    digest = digest_of(ids, stored)
    with self.write() as cursor:
        last = cursor.execute(
            "SELECT layer_version, digest FROM layer_versions WHERE layer_key = ? ORDER BY layer_version DESC LIMIT 1", [key]
        ).fetchone()
        done = cursor.execute("SELECT 1 FROM batches WHERE batch = ?", [batch]).fetchone()
        if last is not None and (done or last[1] == digest):
            return int(last[0])
        version = int(last[0]) + 1 if last else 1
        cursor.execute(
            "INSERT INTO layer_versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            [key, version, source, given.to_string(), len(frame), digest, clock.now()],
        )
        others = frame.drop(columns=[frame.geometry.name, *(name for name in _OWN if name in frame.columns)])
        rows = pd.DataFrame({"dgrid_id": ids, **{name: frame[name].to_numpy() for name in _OWN if name in frame.columns}})
        rows["area_m2"] = loading.metric(frame).area.to_numpy()
        records = others.to_dict("records") or [{}] * len(rows)  # without columns older pandas gives none
        rows["attributes"] = [json.dumps(record, ensure_ascii=False, default=str) for record in records]
        arrow = pa.Table.from_pandas(rows, preserve_index=False).append_column("geom", pa.array(stored.to_wkb(), pa.binary()))
        cursor.register("saved", arrow)
        cursor.execute(
            "INSERT INTO grids_departmental BY NAME "
            "SELECT * REPLACE (ST_GeomFromWKB(geom) AS geom), ? AS layer_key, ? AS layer_version FROM saved",
            [key, version],
        )
        cursor.unregister("saved")
        cursor.execute("INSERT INTO layer_notes VALUES (?, ?, ?, ?, ?)", [key, version, by, note or None, restored_from])
        if not done:
            cursor.execute("INSERT INTO batches VALUES (?, ?, ?, 0, 0, ?)", [batch, f"layer {key}", len(frame), clock.now()])
    return version


def digest_of(ids: pd.Index, shapes: gpd.GeoSeries) -> str:
    """Give a digest of ids and shapes (EPSG:4490, to 1e-9 degree) that does not depend on the rows' order."""
    order = np.argsort(np.asarray(ids, dtype=str), kind="stable")
    digest = hashlib.sha256()
    for position, wkb in zip(
        order,
        shapely.to_wkb(shapely.normalize(shapely.transform(np.asarray(shapes.array)[order], _rounded))),
        strict=True,
    ):
        digest.update(str(ids[position]).encode())
        digest.update(wkb or b"")
    return digest.hexdigest()[:32]


def _rounded(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(xy, 9)


def layer_keys(self: Store) -> list[str]:
    """Give the keys of the departmental layers, in the order they were first saved."""
    rows = self.cursor().execute("SELECT layer_key FROM layer_versions GROUP BY 1 ORDER BY min(saved_at), 1").fetchall()
    return [row[0] for row in rows]


def layer_sources(self: Store) -> dict[str, tuple[str, str]]:
    """Give the file each layer's last version came from and that file's coordinate system, by the layer's key."""
    rows = self.cursor().execute(
        "SELECT layer_key, coalesce(arg_max(source, layer_version), ''), "
        "coalesce(arg_max(source_crs, layer_version), 'EPSG:4490') "
        "FROM layer_versions GROUP BY 1"
    )
    return {key: (source, crs) for key, source, crs in rows.fetchall()}


def layer(self: Store, key: str, version: int | None = None) -> gpd.GeoDataFrame:
    """Give a departmental layer in EPSG:4490, by default its last version.

    index = old grid id; columns name_zh, households, area_m2, geometry. Raises StoreError when there is none.
    """
    cursor = self.cursor()
    if version is None:
        row = cursor.execute("SELECT max(layer_version) FROM layer_versions WHERE layer_key = ?", [key]).fetchone()
        version = row[0] if row else None
    rows = areas.frame(
        cursor.execute(
            "SELECT dgrid_id, name_zh, households, area_m2, ST_AsWKB(geom) AS geometry FROM grids_departmental "
            "WHERE layer_key = ? AND layer_version = ? ORDER BY dgrid_id",
            [key, version],
        )
    )
    if rows.empty:
        raise StoreError("There is no layer {layer} in this version.", layer=key)
    return rows.set_index("dgrid_id")


def layer_versions(self: Store, key: str) -> pd.DataFrame:
    """Give a layer's versions, oldest first: version, source, grids, saved_at, who, note, restored_from."""
    return (
        self.cursor()
        .execute(
            "SELECT v.layer_version AS version, v.source, v.shapes AS grids, v.saved_at, n.who, n.note, n.restored_from "
            "FROM layer_versions v LEFT JOIN layer_notes n USING (layer_key, layer_version) "
            "WHERE v.layer_key = ? ORDER BY v.layer_version",
            [key],
        )
        .df()
    )


def rollback_layer(self: Store, key: str, *, by: str | None = None) -> int:
    """Put the version before a layer's last one back, as a new version with the same grids; give its number.

    Nothing is erased. A rollback after a rollback goes one version further back. Raises StoreError when there is none before.
    """
    known = layer_versions(self, key).set_index("version")
    if known.empty:
        raise StoreError("There is no layer {layer} in this version.", layer=key)
    last = int(known.index[-1])
    again = known["restored_from"].iloc[-1]
    before = (last if pd.isna(again) else int(again)) - 1
    if before < 1:
        raise StoreError("There is no earlier version of the layer {layer} to go back to.", layer=key)
    kept = self.cursor().execute(
        "SELECT dgrid_id, name_zh, dept_id, street_code, community_code, households, attributes, ST_AsWKB(geom) AS geometry "
        "FROM grids_departmental WHERE layer_key = ? AND layer_version = ? ORDER BY dgrid_id",
        [key, before],
    )
    frame = areas.frame(kept).set_index("dgrid_id")
    others = pd.DataFrame([json.loads(text or "{}") for text in frame.pop("attributes")], index=frame.index)
    others = others.drop(columns=frame.columns.intersection(others.columns))
    whole = gpd.GeoDataFrame(pd.concat([frame, others], axis="columns"), geometry="geometry", crs=frame.crs)
    source = str(known["source"].loc[before])
    return save_layer(self, key, whole, source=source, batch=f"layer-{key}-{last}-back", by=by, restored_from=before)


def layer_diff(self: Store, key: str, old: int | None = None, new: int | None = None) -> gpd.GeoDataFrame:
    """Say what changed between two versions of a layer, by default the last two.

    One row a changed grid, index = its id: change (added, removed, reshaped), old_m2, new_m2, moved_m2 (the symmetric
    difference), geometry (what differs, EPSG:4490). Empty when there is only one version.
    """
    row = self.cursor().execute("SELECT max(layer_version) FROM layer_versions WHERE layer_key = ?", [key]).fetchone()
    new = new or (row[0] if row else None)
    if new is None:
        raise StoreError("There is no layer {layer} in this version.", layer=key)
    after = layer(self, key, new)
    before = layer(self, key, old or new - 1) if (old or new) > 1 else after
    return difference(before, after)


def difference(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give what changed between two frames of areas in EPSG:4490 with the same kind of index (see layer_diff)."""
    both = before.index.intersection(after.index)
    old, new = (gpd.GeoSeries(side.geometry).reindex(both) for side in (before, after))
    other = ~np.asarray(shapely.equals_identical(np.asarray(old.array), np.asarray(new.array)), dtype=bool)
    was, now = (shapely.make_valid(np.asarray(side[other].array), method="structure") for side in (old, new))
    moved = gpd.GeoSeries(shapely.symmetric_difference(was, now), index=both[other], crs=before.crs)
    moved = gpd.GeoSeries(moved[~moved.is_empty])  # the same land, begun at another corner
    gone, come = before.index.difference(after.index), after.index.difference(before.index)
    parts = [("reshaped", moved), ("removed", before.geometry.loc[gone]), ("added", after.geometry.loc[come])]
    geometry = gpd.GeoSeries(pd.concat([part for _, part in parts]), crs=crs.STORED)
    change = np.repeat([name for name, _ in parts], [len(part) for _, part in parts])
    result = gpd.GeoDataFrame({"change": change}, geometry=geometry, index=geometry.index)
    result["old_m2"] = before["area_m2"].reindex(result.index)
    result["new_m2"] = after["area_m2"].reindex(result.index)
    result["moved_m2"] = loading.metric(result).area if len(result) else pd.Series(dtype=float)
    return result[(result["change"] != "reshaped") | (result["moved_m2"] >= _MOVED_M2)].sort_index()
