"""Versions of the all-subject grids: draft, proposed, approved, published, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from gridmap import crs
from gridmap.errors import StoreError
from gridmap.store import areas, attribution, clock, conflicts, drafts, layers, loading

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb
    import geopandas as gpd

    from gridmap.store.database import Store

_SAME = 0.98
"""Share from which an old grid counts as lying wholly in one new grid, and a sliver below 1 - _SAME as none (dossier K17)."""


class Merged(Protocol):
    """What a merge gives (gridmap.merge.run): grids and crosswalk."""

    @property
    def grids(self) -> gpd.GeoDataFrame:
        """Columns grid_code, nest_id, weight, area_m2, geometry; metric CRS."""

    @property
    def crosswalk(self) -> pd.DataFrame:
        """Columns layer, old_id, grid_code, area_m2, weight, share_of_old, share_of_new."""


def draft(
    self: Store,
    merged: Merged,
    *,
    note: str = "",
    norm: tuple[float, float] | None = None,
    by: str | None = None,
    batch: str | None = None,
) -> int:
    """Keep a merge as a new version in the state draft and give its number.

    merged: anything with grids and crosswalk (see Merged); nest_id must be codes of communities in the store. Optional grid
    columns: name_zh, grid_type, resident_population, boundary_basis. Its atoms, where it has them, are kept too, so that the
    version can be edited, and its edits and findings as the version's conflicts. batch: the same name again gives the same
    version.
    Raises StoreError when a community is unknown.
    """
    grids = merged.grids.reset_index() if "grid_code" not in merged.grids.columns else merged.grids
    stored = grids.geometry.to_crs(crs.STORED)
    codes = pd.Index(grids["grid_code"].astype(str))
    if codes.has_duplicates:
        raise StoreError("The plan has the grid {grid} more than once.", grid=codes[codes.duplicated()][0])
    with self.write() as cursor:
        if batch is not None:
            done = cursor.execute("SELECT rows FROM batches WHERE batch = ?", [batch]).fetchone()
            if done is not None:
                return int(done[0])
        streets = dict(cursor.execute("SELECT community_code, street_code FROM communities").fetchall())
        unknown = sorted(set(grids["nest_id"].astype(str)) - set(streets))
        if unknown:
            raise StoreError("The plan lies in {community}, which is no community of this district.", community=unknown[0])
        row = cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM grid_versions").fetchone()
        version = int(row[0]) if row else 1
        low, high = norm or getattr(merged, "norm", None) or (None, None)
        cursor.execute(
            "INSERT INTO grid_versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            [version, note, low, high, len(grids), layers.digest_of(codes, stored), clock.now()],
        )
        _state(cursor, version, "draft", by)
        _keep_grids(cursor, version, grids, stored, streets)
        _keep_crosswalk(cursor, version, merged.crosswalk)
        edits, findings = getattr(merged, "edits", None), getattr(merged, "findings", ())
        conflicts.keep(self, cursor, version, edits=edits, findings=findings, metric=grids.crs, by=by)
        if batch is not None:
            cursor.execute("INSERT INTO batches VALUES (?, 'draft', ?, 0, 0, ?)", [batch, version, clock.now()])
    atoms = getattr(merged, "atoms", None)
    if atoms is not None and "weight" in atoms.columns:
        drafts.keep_atoms(self, version, atoms)
    return version


def propose(self: Store, version: int, *, by: str | None = None) -> None:
    """Put a draft before those who decide. Raises StoreError unless it is a draft."""
    with self.write() as cursor:
        _expect(cursor, version, {"draft"})
        _state(cursor, version, "proposed", by)


def approve(self: Store, version: int, *, by: str | None = None) -> None:
    """Approve a proposed version. Raises StoreError unless it is proposed."""
    with self.write() as cursor:
        _expect(cursor, version, {"proposed"})
        _state(cursor, version, "approved", by)


def publish(self: Store, version: int, *, by: str | None = None, when: datetime | None = None) -> None:
    """Put a version into force from ``when`` (naive UTC+8, by default now) and give every incident its grid of today.

    The version in force until then is closed as ``replaced`` and kept; incidents keep the grid of their day; grid_change_log
    says what became of every grid. Raises StoreError when the version is unknown or in force already, or ``when`` lies before
    the last change.
    """
    with self.write() as cursor:
        if _status(cursor, version) == "published":
            return
        _expect(cursor, version, {"draft", "proposed", "approved", "replaced", "withdrawn"})
        _enter(self, cursor, version, when=when or _now(cursor), leave_as="replaced", by=by)


def rollback(self: Store, *, by: str | None = None) -> int:
    """Take the version in force out of force and put the one before it back; give the number of the latter.

    Nothing is erased: the withdrawn version stays, and incidents of its days keep its grids as the grids of their day.
    Raises StoreError when there is no version before it.
    """
    with self.write() as cursor:
        log = cursor.execute("SELECT version FROM grid_periods ORDER BY period DESC").fetchall()
        standing = log[0][0] if log else None
        gone = {
            row[0] for row in cursor.execute("SELECT version FROM grid_version_states WHERE status = 'withdrawn'").fetchall()
        }
        before = next((row[0] for row in log if row[0] != standing and row[0] not in gone), None)
        if before is None:
            raise StoreError("There is no earlier version to go back to.")
        _enter(self, cursor, before, when=_now(cursor), leave_as="withdrawn", by=by)
    return int(before)


def _now(cursor: duckdb.DuckDBPyConnection) -> datetime:
    """Give the time now, or of the last change of versions where the clock was put back since: they keep their order."""
    row = cursor.execute("SELECT max(valid_from) FROM grid_periods").fetchone()
    return max(clock.now(), row[0]) if row and row[0] else clock.now()


def versions(self: Store) -> pd.DataFrame:
    """Give all versions, oldest first.

    Columns: version, status, note, grids, norm_low, norm_high, made_at, valid_from, valid_to (when last in force), digest,
    approved_by, approved_at, filed_by, filed_with, filed_no, filed_at.
    """
    query = """
        WITH states AS (SELECT version, arg_max(status, seq) AS status FROM grid_version_states GROUP BY 1),
        periods AS (
            SELECT version, arg_max(valid_from, period) AS valid_from, max_by(struct_pack(t := valid_to), period).t AS valid_to
            FROM grid_periods GROUP BY 1
        )
        SELECT v.version, status, note, grids, norm_low, norm_high, made_at, valid_from, valid_to, digest, f.* EXCLUDE version
        FROM grid_versions v JOIN states s ON s.version = v.version LEFT JOIN periods p ON p.version = v.version
        LEFT JOIN grid_version_filing f ON f.version = v.version
        ORDER BY v.version"""
    return self.cursor().execute(query).df()


def merge_map(self: Store, version: int) -> pd.DataFrame:
    """Give the crosswalk of a version.

    Columns: layer_key, dgrid_id, grid_code, overlap_m2, households, share_of_dgrid, share_of_unified.
    """
    columns = "layer_key, dgrid_id, grid_code, overlap_m2, households, share_of_dgrid, share_of_unified"
    query = f"SELECT {columns} FROM grid_merge_map WHERE version = ? ORDER BY ALL"
    return self.cursor().execute(query, [version]).df()


def version_now(self: Store) -> int | None:
    """Give the version in force, or None before the first is published."""
    row = self.cursor().execute("SELECT version FROM grid_periods WHERE valid_to IS NULL").fetchone()
    return int(row[0]) if row else None


def version_known(self: Store, version: int) -> int:
    """Give the number back. Raises StoreError when there is no such version."""
    _status(self.cursor(), version)
    return version


def _enter(
    self: Store, cursor: duckdb.DuckDBPyConnection, version: int, *, when: datetime, leave_as: str, by: str | None
) -> None:
    last = cursor.execute("SELECT period, version, valid_from FROM grid_periods WHERE valid_to IS NULL").fetchone()
    if last is not None:
        if when < last[2]:
            raise StoreError(
                "Version {version} cannot enter into force before {day}, when the last one did.", version=version, day=last[2]
            )
        cursor.execute("UPDATE grid_periods SET valid_to = ? WHERE period = ?", [when, last[0]])
        _state(cursor, last[1], leave_as, by)
    cursor.execute(
        "INSERT INTO grid_periods SELECT coalesce(max(period), 0) + 1, ?, ?, NULL FROM grid_periods", [version, when]
    )
    _state(cursor, version, "published", by)
    if last is not None:
        _log_changes(cursor, last[1], version, when, by)
    attribution.reattribute(self, cursor)


def _log_changes(cursor: duckdb.DuckDBPyConnection, old: int, new: int, when: datetime, by: str | None) -> None:
    def shapes(version: int) -> gpd.GeoDataFrame:
        rows = cursor.execute(
            "SELECT grid_code, area_m2, ST_AsWKB(geom) AS geometry FROM grids_unified WHERE version = ? ORDER BY grid_code",
            [version],
        )
        return areas.frame(rows).set_index("grid_code")

    changed = layers.difference(shapes(old), shapes(new)).drop(columns="geometry").rename_axis("grid_code").reset_index()
    if changed.empty:
        return
    cursor.register("changed", pa.Table.from_pandas(pd.DataFrame(changed), preserve_index=False))
    cursor.execute(
        "INSERT INTO grid_change_log SELECT "
        "format('{}-{}', (SELECT max(period) FROM grid_periods), grid_code), grid_code, change, NULL, ?, ?, "
        "old_m2, new_m2, NULL, ?, ? FROM changed",
        [old, new, by, when.date()],
    )
    cursor.unregister("changed")


def _keep_grids(
    cursor: duckdb.DuckDBPyConnection, version: int, grids: gpd.GeoDataFrame, stored: gpd.GeoSeries, streets: dict[str, str]
) -> None:
    nest = grids["nest_id"].astype(str)
    rows = pd.DataFrame({"grid_code": grids["grid_code"].astype(str), "community_code": nest, "street_code": nest.map(streets)})
    rows["area_m2"] = loading.metric(grids).area
    if "weight" in grids.columns:
        rows["households"] = np.round(grids["weight"].astype(float)).astype("Int64")
    for name in ("name_zh", "grid_type", "resident_population", "boundary_basis"):
        if name in grids.columns:
            rows[name] = grids[name]
    arrow = pa.Table.from_pandas(rows, preserve_index=False).append_column("geom", pa.array(stored.to_wkb(), pa.binary()))
    cursor.register("plan", arrow)
    cursor.execute(
        "INSERT INTO grids_unified BY NAME "
        "SELECT * REPLACE (ST_GeomFromWKB(geom) AS geom), ? AS version FROM plan ORDER BY grid_code",
        [version],
    )
    cursor.unregister("plan")


def _keep_crosswalk(cursor: duckdb.DuckDBPyConnection, version: int, crosswalk: pd.DataFrame) -> None:
    cursor.register("way", pa.Table.from_pandas(crosswalk, preserve_index=False))
    weight = "weight" if "weight" in crosswalk.columns else "NULL"
    share_new = "share_of_new" if "share_of_new" in crosswalk.columns else "NULL"
    cursor.execute(
        f"""INSERT INTO grid_merge_map
        SELECT ?, layer, old_id::VARCHAR, grid_code::VARCHAR, area_m2, {weight}, share_of_old, {share_new},
          CASE WHEN share_of_old >= $same AND {share_new} >= $same THEN 'same' WHEN share_of_old >= $same THEN 'inside'
               WHEN {share_new} >= $same THEN 'contains' ELSE 'partial' END
        FROM way""".replace("?", "$version").replace("$same", str(_SAME)),
        {"version": version},
    )
    cursor.unregister("way")


def _state(cursor: duckdb.DuckDBPyConnection, version: int, status: str, by: str | None) -> None:
    cursor.execute(
        "INSERT INTO grid_version_states "
        "SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ? FROM grid_version_states WHERE version = ?",
        [version, status, by, clock.now(), version],
    )


def _status(cursor: duckdb.DuckDBPyConnection, version: int) -> str:
    row = cursor.execute(
        "SELECT status FROM grid_version_states WHERE version = ? ORDER BY seq DESC LIMIT 1", [version]
    ).fetchone()
    if row is None:
        raise StoreError("There is no version {version} of the grids.", version=version)
    return str(row[0])


def _expect(cursor: duckdb.DuckDBPyConnection, version: int, states: set[str]) -> None:
    status = _status(cursor, version)
    if status not in states:
        raise StoreError("Version {version} is {status}; this step needs another state.", version=version, status=status)
