"""Findings as a file between two steps: their sentences as keys and values, so that each reader gets them in their language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyproj import CRS


def write(found: Sequence[Finding], path: Path, crs: CRS | None = None) -> None:
    """Write findings, places in ``crs``, as GeoParquet."""
    rows = pd.DataFrame(
        {
            "kind": [one.kind for one in found],
            "severity": [one.severity for one in found],
            "message": [one.message for one in found],
            "values": [json.dumps(dict(one.values), ensure_ascii=False, default=str) for one in found],
            "remedy": [one.remedy for one in found],
            "size": [one.size for one in found],
            "unit": [one.unit for one in found],
            "ids": [json.dumps(one.ids, ensure_ascii=False) for one in found],
        }
    )
    places = np.array([one.place for one in found], dtype=object)
    gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapely.from_wkb(shapely.to_wkb(places)), crs=crs)).to_parquet(path)


def read(path: Path) -> list[Finding]:
    """Read findings back."""
    rows: list[dict[Any, Any]] = gpd.read_parquet(path).to_dict("records")
    return [
        Finding(
            row["kind"],
            row["severity"],
            row["message"],
            json.loads(row["values"]),
            row["remedy"],
            row["geometry"],
            None if pd.isna(row["size"]) else float(row["size"]),
            row["unit"],
            tuple(json.loads(row["ids"])),
        )
        for row in rows
    ]
