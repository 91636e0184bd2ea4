"""The conflicts of each version of the grids: what cleaning settled, what the checks left open, what meetings decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridmap import codes, crs, terms
from gridmap.store import areas, clock, loading, places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb
    from pyproj import CRS

    from gridmap.finding import Finding
    from gridmap.store.database import Store

LEAST_M2 = 10.0
"""Ground below which what cleaning did to a layer is the width of a pencil line, and no conflict."""

TYPES = {
    "given": "overlap",
    "closed": "gap",
    "left": "gap",
    "moved": "multipart",
    "repaired": "invalid_geom",
    "lost": "orphan",
    "cut": "cross_community",
}
"""What cleaning does to a layer (merge.Cleaned.edits, column what), and which conflict that is. Slivers are nobody's."""

OPEN = ("left", "lost")
"""What cleaning finds and cannot settle."""

KINDS = frozenset(
    {*TYPES.values(), "sliver", "cross_street", "cuts_compound", "code_mismatch", "size_out_of_range", "mismatch"}
)
"""Kinds of merge.check that are conflicts of the grids themselves."""

_COLUMNS = ("conflict_type", "layer_key", "street_code", "left_id", "right_id", "area_m2", "severity", "status", "decision_zh")


def keep(
    store: Store,
    cursor: duckdb.DuckDBPyConnection,
    version: int,
    *,
    edits: gpd.GeoDataFrame | None,
    findings: Sequence[Finding],
    metric: CRS | None,
    by: str | None,
) -> None:
    """Write the conflicts of a version that is being drafted, the gravest and largest first.

    edits: the log of cleaning (layer, id, what, to, why, area_m2, geometry; metric CRS); findings: of merge.check, their places
    in the CRS ``metric``.
    """
    parts = [frame for frame in (_settled(edits), _found(findings, metric)) if len(frame)]
    if not parts:
        return
    rows = gpd.GeoDataFrame(pd.concat([part.to_crs(crs.STORED) for part in parts], ignore_index=True), crs=crs.STORED)
    rows = rows.assign(
        street_code=rows["street_code"].where(rows["street_code"].notna(), _streets(store, cursor, rows.geometry))
    )
    rank = rows["severity"].map({"error": 0, "warning": 1, "note": 2})
    rows = rows.iloc[np.lexsort((-rows["area_m2"].fillna(0), rows["status"] != "open", rank))]
    table = pa.Table.from_pandas(pd.DataFrame(rows[list(_COLUMNS)]), preserve_index=False)
    cursor.register("conflicts", table.append_column("geom", pa.array(rows.geometry.to_wkb(), pa.binary())))
    cursor.execute(
        "INSERT INTO grid_conflicts BY NAME SELECT * REPLACE (ST_GeomFromWKB(geom) AS geom), $version AS version, "
        "format('{}-{}', $version, row_number() OVER ()) AS conflict_id, "
        "CASE WHEN status = 'settled' THEN $by END AS decided_by, CASE WHEN status = 'settled' THEN $at END AS decided_at "
        "FROM conflicts",
        {"version": version, "by": by, "at": clock.now()},
    )
    cursor.unregister("conflicts")


def settle(
    cursor: duckdb.DuckDBPyConnection, version: int | None, decision: Mapping[str, object], *, ground: shapely.Geometry | None
) -> None:
    """Write what was decided on a place in dispute, in place of an earlier decision on it.

    decision: a row of table decisions. ground: EPSG:4490, None where it is not known.
    """
    if version is None:
        return
    names = str(decision["dispute"]).partition("/")[2].split("/")  # merge.disputes.Dispute.key: nest/layer=old/layer=old
    said = [str(decision[name]) for name in ("alternative", "reason") if decision[name]]
    area = None if ground is None else float(loading.metric(gpd.GeoDataFrame(geometry=[ground], crs=crs.STORED)).area.iloc[0])
    values = {
        "id": f"{version}/{decision['dispute']}", "version": version, "street": decision["street_code"],
        "left": names[0] or None, "right": "/".join(names[1:]) or None, "area": area,
        "geom": None if ground is None else shapely.to_wkb(ground),
        "status": "put_off" if decision["verdict"] == "put_off" else "settled", "by": decision["decided_by"],
        "at": decision["decided_at"], "said": "；".join([terms.say(_VERDICTS[str(decision["verdict"])], language="zh"), *said]),
    }  # fmt: skip
    cursor.execute(
        "INSERT INTO grid_conflicts BY NAME SELECT $id AS conflict_id, $version AS version, 'disagreement' AS conflict_type, "
        "$street AS street_code, $left AS left_id, $right AS right_id, $area AS area_m2, ST_GeomFromWKB($geom::BLOB) AS geom, "
        "'warning' AS severity, $status AS status, $by AS decided_by, $at AS decided_at, $said AS decision_zh "
        "ON CONFLICT (conflict_id) DO UPDATE SET status = excluded.status, decided_by = excluded.decided_by, "
        "decided_at = excluded.decided_at, decision_zh = excluded.decision_zh",
        values,
    )


_VERDICTS = {
    "accepted": terms.key("Proposal accepted"),
    "alternative": terms.key("Alternative decided"),
    "put_off": terms.key("Put off"),
}


def inherit(cursor: duckdb.DuckDBPyConnection, version: int, base: int) -> None:
    """Give a version that was made by editing another what was settled in the departments' layers and between departments.

    A conflict of a layer keeps its id behind the version's number, so that it never takes the id of what the checks of the
    edited grids found; a disagreement keeps its place's, by which it is decided anew.
    """
    cursor.execute(
        "INSERT INTO grid_conflicts BY NAME SELECT * REPLACE ($version AS version, "
        "$version || CASE conflict_type WHEN 'disagreement' THEN substr(conflict_id, length($base::VARCHAR) + 1) "
        "ELSE '-' || conflict_id END AS conflict_id) FROM grid_conflicts "
        "WHERE version = $base AND (layer_key IS NOT NULL OR conflict_type = 'disagreement') ON CONFLICT DO NOTHING",
        {"version": version, "base": base},
    )


def conflicts(self: Store, version: int, *, limit: int | None = None) -> gpd.GeoDataFrame:
    """List the conflicts of a version in EPSG:4490, the gravest first, of equal gravity those left open, then the largest.

    Columns: conflict_id, conflict_type, layer_key, street_code, left_id, right_id, area_m2, severity, status, decided_by,
    decided_at, decision_zh, geometry.
    """
    rows = self.cursor().execute(
        "SELECT * EXCLUDE (version, geom), ST_AsWKB(geom) AS geometry FROM grid_conflicts WHERE version = $version "
        "ORDER BY severity = 'note', severity <> 'error', status <> 'open', area_m2 DESC NULLS LAST, conflict_id LIMIT $limit",
        {"version": version, "limit": limit},
    )
    return areas.frame(rows)


def conflict_counts(self: Store, version: int) -> pd.DataFrame:
    """Count the conflicts of a version: conflict_type, layer_key, n, m2, open (neither settled nor put off); most first."""
    query = """
        SELECT conflict_type, layer_key, count(*) AS n, sum(area_m2) AS m2, count(*) FILTER (status = 'open') AS open
        FROM grid_conflicts WHERE version = $version GROUP BY ALL ORDER BY n DESC, conflict_type, layer_key"""
    return self.cursor().execute(query, {"version": version}).df()


def _settled(edits: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Give what cleaning did as conflicts."""
    if edits is None or not len(edits):
        return gpd.GeoDataFrame()
    whole = edits["what"].isin(["repaired", "lost"])
    seen = edits[edits["what"].isin(TYPES.keys()) & (whole | (edits["area_m2"] >= LEAST_M2))]
    left = seen["what"].isin(OPEN)
    return gpd.GeoDataFrame(
        {
            "conflict_type": seen["what"].map(TYPES),
            "layer_key": seen["layer"],
            "street_code": None,
            "left_id": seen["id"],
            "right_id": seen["to"].where(seen["to"] != seen["id"], None),
            "area_m2": seen["area_m2"].where(seen["what"] != "repaired"),  # a ring has no ground of its own
            "severity": np.where(left, "warning", "note"),
            "status": np.where(left, "open", "settled"),
            "decision_zh": seen["why"].map({why: terms.say(str(why), language="zh") for why in seen["why"].unique()}),
        },
        geometry=seen.geometry,
    )


def _found(findings: Sequence[Finding], metric: CRS | None) -> gpd.GeoDataFrame:
    """Give what the checks of a plan found as conflicts."""
    listed = [one for one in findings if one.kind in KINDS]
    if not listed:
        return gpd.GeoDataFrame()
    first = [one.ids[0] if one.ids else None for one in listed]
    return gpd.GeoDataFrame(
        {
            "conflict_type": [one.kind for one in listed],
            "layer_key": None,
            "street_code": [
                name[: codes.STREET] if name and len(name) >= codes.COMMUNITY and name.isdecimal() else None for name in first
            ],
            "left_id": first,
            "right_id": [one.ids[1] if len(one.ids) == 2 else None for one in listed],
            "area_m2": [one.size if one.unit == "m²" else np.nan for one in listed],
            "severity": [one.severity for one in listed],
            "status": "open",
            "decision_zh": None,
        },
        geometry=np.array([one.place for one in listed], dtype=object),
        crs=metric,
    )


def _streets(store: Store, cursor: duckdb.DuckDBPyConnection, shapes: gpd.GeoSeries) -> pd.Series:
    """Give the street in which each place lies, by a point inside it; None outside every community."""
    index = places.kept_index(store, cursor, None)
    inside = shapely.point_on_surface(shapes.to_numpy())
    if index is None:
        return pd.Series(None, index=shapes.index, dtype=object)
    at = index.locate(shapely.get_x(inside), shapely.get_y(inside))
    names = np.array([*(code[: codes.STREET] for code in index.codes), None], dtype=object)
    return pd.Series(names[at], index=shapes.index, dtype=object)
