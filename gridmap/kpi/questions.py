"""Counts, trends, lists and densities of incidents."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from gridmap import codes, store
from gridmap.errors import InputError
from gridmap.kpi import cache, places
from gridmap.kpi import filters as filtering

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from gridmap.kpi.filters import Filters, Where
    from gridmap.store import Store

DIMENSIONS = {
    "grid_code": "{grid}",
    "community_code": "community_code",
    "street_code": "street_code",
    "day": "reported_at::DATE",
    "week": "date_trunc('week', reported_at)::DATE",
    "month": "date_trunc('month', reported_at)::DATE",
    "hour": "hour(reported_at)",
    "weekday": "isodow(reported_at)",
    "channel": "channel",
    "class_code": "left(matter_code, 2)",
    "matter_code": "matter_code",
    "status": "status",
    "current_level": "current_level",
    "top_level": "top_level",
}
"""What incidents can be counted by. hour is 0-23, weekday 1 (Monday) - 7."""

OF_DAYS = frozenset({"day", "week", "month", "weekday", "street_code", "community_code"})
"""Those of DIMENSIONS that the tally of days tells."""

SHARED = (("class_code",), ("channel",))
"""What is counted for every place at once, from the second place on that is asked about (see places)."""

STEPS = {"day": "D", "week": "7D", "month": "MS"}

_CASES = (
    "incident_id, incident_no, matter_code, title_zh, channel, reported_at, accepted_at, arrived_at, closed_at, due_at, "
    "status, current_level, top_level, {grid} AS grid_code, community_code, street_code, handler_dept_id, "
    "is_resident_reported, duplicate_of, reopen_count, "
    "deferred, satisfied, lon, lat"
)

ORDERS = (
    "reported_at",
    "closed_at",
    "due_at",
    "status",
    "channel",
    "matter_code",
    "grid_code",
    "community_code",
    "street_code",
)


def counts(db: Store, filters: Filters, by: tuple[str, ...] = ("grid_code",)) -> pd.DataFrame:
    """Count incidents by one or more of DIMENSIONS.

    Columns: those, then n; ordered by them; groups without incidents are left out.
    With a version number in the filters that is not the one in force, grids are worked out anew from the points.
    Raises InputError for an unknown dimension.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or not by:
        raise InputError("Incidents cannot be counted by {name}.", name=unknown[0] if unknown else "")

    def ask() -> pd.DataFrame:
        if by in SHARED and filtering.only_placed(filters):
            every = replace(filters, area=None)
            rows = places.answered(
                db,
                ("counts", every, by),
                filters.area,
                lambda: _everywhere(db, every, by[0]),
                reads=("incidents",),
                days=filters.days,
            )
            if rows is not None:
                return rows
        if (tallied := _tallied(db, filters, by)) is not None:
            return tallied
        cursor, table, found = source(db, filters)
        keys = ", ".join(f"{DIMENSIONS[name].format(grid=found.grid)} AS {name}" for name in by)
        return cursor.execute(
            f"SELECT {keys}, count(*) AS n FROM {table} WHERE {found.condition} GROUP BY ALL ORDER BY ALL", found.parameters
        ).df()

    return cache.once(db, ("counts", filters, by), ask, reads=("incidents", "incident_days"), days=filters.days)


def _tallied(db: Store, filters: Filters, by: tuple[str, ...]) -> pd.DataFrame | None:
    """Count from the tally of days; None where the filters or the dimensions ask for more than it tells."""
    found = filtering.tallied(filters)
    whole = all(filtering.moment(edge).time() == time() for edge in (filters.start, filters.end) if edge is not None)
    if found is None or not whole or not OF_DAYS.issuperset(by) or len(db.scope) > codes.COMMUNITY:
        return None
    edges = [f"day {sign} ${name}" for name, sign in (("start", ">="), ("end", "<")) if getattr(filters, name) is not None]
    dates = {name: filtering.moment(edge).date() for name in ("start", "end") if (edge := getattr(filters, name)) is not None}
    keys = ", ".join(
        f"{DIMENSIONS[name].replace('reported_at::DATE', 'day').replace('reported_at', 'day')} AS {name}" for name in by
    )
    query = f"""
        SELECT {keys}, sum(n)::BIGINT AS n FROM incident_days WHERE {" AND ".join([found.condition, *edges])}
        GROUP BY ALL HAVING sum(n) <> 0 ORDER BY ALL"""
    return db.cursor().execute(query, found.parameters | dates).df()


def work_out(db: Store, filters: Filters) -> None:
    """Count for every place what pages show of each, so that no reader who drills down waits for it. filters: time alone."""
    for (by,) in SHARED:
        every = functools.partial(_everywhere, db, filters, by)
        places.work_out(db, ("counts", filters, (by,)), every, reads=("incidents",), days=filters.days)


def _everywhere(db: Store, filters: Filters, by: str) -> pd.DataFrame:
    found = filtering.where(filters)
    column = DIMENSIONS[by].format(grid=found.grid)
    query = f"""
        WITH counted AS (
            SELECT street_code, community_code, {found.grid} AS grid_code, {column} AS {by}, count(*) AS cases
            FROM incidents WHERE {found.condition} GROUP BY ALL
        )
        SELECT {places.PLACE} AS place, {by}, sum(cases)::BIGINT AS n
        FROM ({places.ROWS.format(rows="counted")}) {places.groups(by)}"""
    return db.cursor().execute(query, found.parameters).df()


def trend(db: Store, filters: Filters, step: str = "day") -> pd.DataFrame:
    """Give reported and closed cases over time: columns t (first day of the step), reported, closed; steps without cases are 0.

    step: day, week or month. reported counts by the day of the report; closed counts the same incidents by the day of their
    closing.
    """
    if step not in STEPS:
        raise InputError("Incidents cannot be counted by {name}.", name=step)

    def ask() -> pd.DataFrame:
        cursor, table, found = source(db, filters)
        query = f"""
            SELECT reported_at::DATE AS first, closed_at::DATE AS last, count(*) AS n
            FROM {table} WHERE {found.condition} GROUP BY ALL"""
        pairs = cursor.execute(query, found.parameters).df()  # one scan; few cases share both days, but days are few
        sums = {"reported": _by_step(pairs["first"], pairs["n"], step), "closed": _by_step(pairs["last"], pairs["n"], step)}
        rows = pd.DataFrame(sums).fillna(0).astype("int64").rename_axis("t")
        if rows.empty:
            return rows.reset_index()
        whole = pd.date_range(rows.index[0], rows.index[-1], freq=STEPS[step], name="t")
        return rows.reindex(whole, fill_value=0).reset_index()

    return cache.once(db, ("trend", filters, step), ask, reads=("incidents",), days=filters.days)


def _by_step(days: pd.Series, n: pd.Series, step: str) -> pd.Series:
    """Sum by the first day of each step."""
    given = days.notna()
    days, n = pd.to_datetime(days[given]), n[given]
    first = {
        "day": days,
        "week": days - pd.to_timedelta(days.dt.day_of_week, unit="D"),
        "month": days - pd.to_timedelta(days.dt.day - 1, unit="D"),
    }[step]
    return n.groupby(first).sum()


def cases(
    db: Store, filters: Filters, *, limit: int = 100, offset: int = 0, order: str = "reported_at", descending: bool = True
) -> pd.DataFrame:
    """List incidents, by default the newest first: limit rows from offset.

    Columns: incident_id … lat as in the table, and matter_zh, matter_en, class_zh, class_en. order: one of ORDERS.
    """
    if order not in ORDERS:
        raise InputError("Incidents cannot be ordered by {name}.", name=order)

    def ask() -> pd.DataFrame:
        cursor, table, found = source(db, filters)
        way = "DESC" if descending else "ASC"
        values = {**found.parameters, "limit": limit, "offset": offset}
        near = ""
        if order == "reported_at":  # rows lie by time: where the page ends, found in one column, spares the others
            last = cursor.execute(
                f"SELECT reported_at FROM {table} WHERE {found.condition} ORDER BY reported_at {way} LIMIT 1 OFFSET $last",
                {**found.parameters, "last": limit + offset - 1},
            ).fetchone()
            if last is not None:
                near, values["near"] = f" AND reported_at {'>=' if descending else '<='} $near", last[0]
        query = f"""
            WITH page AS (
                SELECT {_CASES.format(grid=found.grid)} FROM {table} WHERE {found.condition}{near}
                ORDER BY {order} {way} NULLS LAST, incident_id LIMIT $limit OFFSET $offset
            ), names AS (
                SELECT matter_code, any_value(name_zh) AS matter_zh, any_value(name_en) AS matter_en,
                    any_value(class_zh) AS class_zh, any_value(class_en) AS class_en
                FROM matter_types GROUP BY 1
            )
            SELECT page.*, names.* EXCLUDE matter_code FROM page LEFT JOIN names USING (matter_code)
            ORDER BY {order} {way} NULLS LAST, incident_id"""
        return cursor.execute(query, values).df()

    question = ("cases", filters, limit, offset, order, descending)
    return cache.once(db, question, ask, reads=("incidents", "matter_types"), days=filters.days)


def data_range(db: Store) -> tuple[datetime, datetime] | None:
    """Give the times of the first and the last report, or None when there are no incidents."""
    return cache.once(db, ("data_range",), lambda: store.span(db.cursor()), reads=("incidents", "incident_days"))


def source(db: Store, filters: Filters) -> tuple[duckdb.DuckDBPyConnection, str, Where]:
    """Give a cursor, the table to read and the filters as SQL; incidents seen by another version's grids are placed first."""
    cursor, found = db.cursor(), filtering.where(filters)
    if filters.version in {None, "day"} or filters.version == db.version_now():
        return cursor, "incidents", found
    index = db.index(int(filters.version))
    points = cursor.execute("SELECT rowid AS spot, lon, lat FROM incidents WHERE lon IS NOT NULL").to_arrow_table()
    at = (
        index.locate(*(points.column(name).to_numpy() for name in ("lon", "lat")))
        if index
        else np.full(points.num_rows, -1, np.int32)
    )
    codes = pa.DictionaryArray.from_arrays(pa.array(at, mask=at < 0), pa.array(index.codes if index else [], pa.string()))
    cursor.register("placed", pa.table({"spot": points.column("spot"), "other_grid": codes.cast(pa.string())}))
    view = "(SELECT i.* REPLACE (p.other_grid AS grid_code) FROM incidents i LEFT JOIN placed p ON p.spot = i.rowid)"
    return cursor, view, found
