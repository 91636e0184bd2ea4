"""The registers a page reads: classes of matters, settings of the district, and the ground its maps are drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from gridmap import crs, terms
from gridmap.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from gridmap.store import Store

RANKS = {"expressway": 1, "arterial": 2, "secondary": 3}
"""How wide a road is drawn, 1 the widest; a class that is not listed is 4."""


def classes(store: Store) -> dict[str, tuple[str, str]]:
    """Give the classes of matters that have incidents or a code: 2-digit code -> (Chinese, English)."""
    rows = store.cursor().execute(
        "SELECT class_code, any_value(class_zh), any_value(class_en) FROM matter_types GROUP BY 1 ORDER BY 1"
    )
    return {code: (zh or code, en or zh or code) for code, zh, en in rows.fetchall()}


def matters(store: Store) -> dict[str, tuple[str, str]]:
    """Give the matters: 5-digit code -> (Chinese, English)."""
    rows = store.cursor().execute("SELECT matter_code, any_value(name_zh), any_value(name_en) FROM matter_types GROUP BY 1")
    return {code: (zh or code, en or zh or code) for code, zh, en in rows.fetchall()}


def compound_names(store: Store) -> dict[str, str]:
    """Give the names of the compounds that have one: compound_id -> name."""
    return dict(store.cursor().execute("SELECT compound_id, name_zh FROM compounds WHERE name_zh IS NOT NULL").fetchall())


def blanks(store: Store) -> list[str]:
    """Name the figures that the rules leave blank and nobody has set yet, in the current language."""
    rows = store.cursor().execute(
        "SELECT coalesce(CASE $language WHEN 'zh' THEN name_zh ELSE name_en END, key) FROM settings "
        "WHERE is_blank_in_seed AND value IS NULL ORDER BY key",
        {"language": terms.language()},
    )
    return [row[0] for row in rows.fetchall()]


def open_whistles(store: Store, now: datetime) -> int:
    """Count the whistles that were blown before a moment and are not closed (R45)."""
    row = store.cursor().execute(
        "SELECT count(*) FROM whistles WHERE blown_at <= $now AND (closed_at IS NULL OR closed_at > $now)", {"now": now}
    ).fetchone()  # fmt: skip
    return int(row[0]) if row else 0


def setting(store: Store, key: str) -> str | None:
    """Give the value of a setting, or None when it is unknown or left blank."""
    row = store.cursor().execute("SELECT value FROM settings WHERE key = $key", {"key": key}).fetchone()
    return row[0] if row else None


def ground(store: Store) -> dict[str, gpd.GeoDataFrame]:
    """Give waters and roads for the base map, EPSG:4490, by kind; roads carry ``rank`` from 1, the widest, to 4."""
    cursor = store.cursor()
    water = cursor.execute(
        "SELECT water_id AS code, name_zh, ST_AsWKB(geom) AS geometry FROM waters WHERE geom IS NOT NULL"
    ).df()
    road = cursor.execute(
        "SELECT road_id AS code, name_zh, road_class, ST_AsWKB(geom) AS geometry FROM roads WHERE geom IS NOT NULL"
    ).df()
    road["rank"] = [RANKS.get(kind, 4) for kind in road["road_class"]]
    return {"water": _frame(water), "road": _frame(road)}


def _frame(table: pd.DataFrame) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(table)
    frame["geometry"] = shapely.from_wkb([bytes(shape) for shape in frame["geometry"]])
    return frame.set_geometry("geometry", crs=crs.STORED)


def named_places(store: Store) -> dict[str, tuple[str, str]]:
    """Give what can be asked for by name: name -> (kind, id); compounds by their community, roads by name."""
    rows = (
        store.cursor()
        .execute(
            "SELECT coalesce(k.name_zh, '') || ' ' || c.name_zh, 'compound', compound_id FROM compounds c "
            "LEFT JOIN communities k USING (community_code) WHERE c.name_zh IS NOT NULL AND c.geom IS NOT NULL "
            "UNION ALL SELECT name_zh, 'road', name_zh FROM roads WHERE name_zh IS NOT NULL AND geom IS NOT NULL GROUP BY 1, 3 "
            "ORDER BY 2 DESC, 1"
        )
        .fetchall()
    )
    return {name.strip(): (kind, ident) for name, kind, ident in rows}


def shape_of(store: Store, kind: str, ident: str) -> shapely.Geometry:
    """Give the ground of a compound (by id) or the line of a road (by name, all its parts), EPSG:4490.

    Raises InputError when there is none.
    """
    table, column = ("compounds", "compound_id") if kind == "compound" else ("roads", "name_zh")
    query = f"SELECT ST_AsWKB(geom) FROM {table} WHERE {column} = $id AND geom IS NOT NULL"  # noqa: S608 -- the two above
    rows = store.cursor().execute(query, {"id": ident})
    shapes = shapely.from_wkb([bytes(row[0]) for row in rows.fetchall()])
    if not len(shapes):
        raise InputError("There is no {name} on the map.", name=ident)
    return shapely.union_all(shapes)
