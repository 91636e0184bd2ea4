"""Ground with rules of its own in the demo district: a demolition site, road works, a key area, a closed yard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely
import shapely.ops

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

ROADWORKS_M = 420.0
"""How much of a road is dug up."""


def draw(folder: Path, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Choose the restricted areas from the demo's compounds, roads and places: columns of the table restricted_areas.

    folder: the source, whose parquet files are in one metric CRS.
    """
    compounds, roads, places = (gpd.read_parquet(folder / f"{name}.parquet") for name in ("compounds", "roads", "places"))
    rows = []
    old = compounds[compounds["is_old"] == True].sort_values("compound_id")  # noqa: E712 - a column of three values
    if len(old):
        one = old.iloc[int(rng.integers(len(old)))]
        rows.append(("demolition", f"{one['name_zh']}征拆片区（演示）", "旧房征收拆迁，围挡施工", one["geom"]))
    wide = roads[roads["road_class"].isin(("arterial", "secondary"))].sort_values("road_id")
    for number in sorted(rng.choice(len(wide), min(2, len(wide)), replace=False).tolist()):
        line = max(shapely.get_parts(wide.geometry.iloc[number]), key=lambda part: part.length)
        middle = line.length / 2
        dug = shapely.ops.substring(line, middle - ROADWORKS_M / 2, middle + ROADWORKS_M / 2).buffer(16, cap_style="flat")
        rows.append(("roadworks", f"{wide['name_zh'].iloc[number] or '道路'}施工段（演示）", "雨污分流改造，占道施工", dug))
    for use, kind, reason in (("works", "key_area", "重点项目建设片区"), ("port", "closed", "港区封闭管理，凭证通行")):
        among = places[places["use"] == use]
        if len(among):
            one = among.iloc[int(among.geometry.area.to_numpy().argmax())]
            rows.append((kind, f"{one['name_zh']}（演示）", reason, one["geom"]))
    frame = pd.DataFrame(rows, columns=["kind", "name_zh", "reason_zh", "geom"])
    frame.insert(0, "area_id", [f"RA{number:03d}" for number in range(1, len(frame) + 1)])
    frame["valid_from"] = pd.Timestamp("2026-03-01")
    return gpd.GeoDataFrame(frame, geometry="geom", crs=compounds.crs)
