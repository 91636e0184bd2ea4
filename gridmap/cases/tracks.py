"""Patrol tracks: GPX read with care, told as which grids were walked and for how long. Its length is never a score."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from defusedxml import DefusedXmlException, ElementTree

from gridmap import store
from gridmap.cases import duties
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from gridmap.cases.hands import Hand
    from gridmap.store import Store

MOST_BYTES = 8_000_000
MOST_POINTS = 100_000


@dataclass(frozen=True)
class Track:
    """A walked way: points in EPSG:4490 (a receiver's WGS 84 is the same to the metre) and their times (naive UTC+8)."""

    lon: np.ndarray
    lat: np.ndarray
    times: list[datetime]


def read(content: bytes) -> Track:
    """Read the track points of a GPX file in the order of the file.

    Entities and external references are refused, not resolved. Raises CaseError when the file is too large, no GPX, or has
    fewer than two points with a time.
    """
    if len(content) > MOST_BYTES:
        raise CaseError("The track is larger than {n} MB.", n=MOST_BYTES // 1_000_000)
    try:
        root = ElementTree.fromstring(content)
        points = [
            (float(one.attrib["lon"]), float(one.attrib["lat"]), store.local(datetime.fromisoformat(_time(one))))
            for one in root.iter()
            if one.tag.rsplit("}", 1)[-1] == "trkpt" and _time(one)
        ]
    except (ElementTree.ParseError, DefusedXmlException, KeyError, ValueError) as error:
        raise CaseError("The file is no GPX track.") from error
    if not 2 <= len(points) <= MOST_POINTS:
        raise CaseError("A track needs from 2 to {n} points with a time.", n=MOST_POINTS)
    lon, lat, at = zip(*points, strict=True)
    x, y = np.array(lon), np.array(lat)
    if not (np.isfinite(x).all() and np.isfinite(y).all() and (np.abs(x) <= 180).all() and (np.abs(y) <= 90).all()):
        raise CaseError("The file is no GPX track.")
    if list(at) != sorted(at):
        raise CaseError("The times of the track go back.")
    return Track(x, y, list(at))


def by_grid(db: Store, track: Track) -> pd.DataFrame:
    """Say how long each grid was walked: columns grid_code (None outside every grid), minutes, points; the longest first.

    The time between two points belongs to the grid of the first.
    """
    index = db.index(db.version_now())
    found = index.locate(track.lon, track.lat) if index else np.full(len(track.lon), -1)
    codes = [str(index.codes[n]) if n >= 0 and index else None for n in found]
    minutes = [*((b - a).total_seconds() / 60 for a, b in zip(track.times, track.times[1:], strict=False)), 0.0]
    frame = pd.DataFrame({"grid_code": codes, "minutes": minutes, "points": 1})
    summed = frame.groupby("grid_code", dropna=False, as_index=False).sum()
    return summed.sort_values(["minutes", "grid_code"], ascending=[False, True], ignore_index=True)


def keep(db: Store, hand: Hand, content: bytes, visit: duties.Visit | None = None, now: datetime | None = None) -> pd.DataFrame:
    """Keep a patrol's track with the grid that was walked longest, and give the summary by grid.

    visit: what was done on the way; its duties are logged for that grid in the same transaction. The same track again is kept
    once, and its visit logged once. Raises CaseError as read() does, and when no point lies in a grid.
    """
    track = read(content)
    walked = by_grid(db, track)
    inside = walked.dropna(subset=["grid_code"])
    if inside.empty:
        raise CaseError("The track lies outside every grid.")
    line = shapely.linestrings(np.column_stack([track.lon, track.lat]))
    grid, households = inside.iloc[0]["grid_code"], visit.households if visit else 0
    name = f"P{hashlib.sha256(content).hexdigest()[:16]}"
    with db.write() as cursor:
        new = cursor.execute(
            "INSERT INTO patrols (patrol_id, grid_code, staff_id, started_at, ended_at, households_visited, track) "
            "VALUES (?, ?, ?, ?, ?, ?, ST_GeomFromWKB(?)) ON CONFLICT DO NOTHING",
            [name, grid, hand.staff, track.times[0], track.times[-1], households, shapely.to_wkb(line)],
        ).fetchone()
        if new and new[0] and visit is not None and visit.duties:
            duties.write(cursor, hand, visit, place=grid, at=now or store.now())
    return walked


def _time(point: ElementTree.Element) -> str:
    return next((child.text or "" for child in point if child.tag.rsplit("}", 1)[-1] == "time"), "").strip()
