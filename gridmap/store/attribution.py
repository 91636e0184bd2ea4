"""Old incidents seen by other grids: today's after a publication, or any department's through the crosswalk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridmap.store import incidents, loading, tallies

if TYPE_CHECKING:
    import duckdb

    from gridmap.store.database import Store


def reattribute(store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
    """Give every incident its grid by the version in force, and put the table back into the order of time.

    The whole table is written anew beside the old one and takes its name: an update of columns of 10 million rows costs
    DuckDB more, and late arrivals get back into order. day_grid_code changes only for incidents that fall into the new
    version's own time (or had none).
    """
    if cursor.execute("SELECT 1 FROM incidents LIMIT 1").fetchone() is None:
        return
    in_order = _place(store, cursor)
    new = {
        "grid_code": "grid_now",
        "day_grid_code": "day_now",
        "community_code": "coalesce(community_now, community_code)",
        "street_code": "coalesce(street_now, street_code)",
    }
    columns = [column.name for column in loading.describe(cursor, "incidents").columns]
    chosen = ", ".join(new.get(name, name) for name in columns)
    row = cursor.execute("SELECT sql FROM duckdb_tables() WHERE table_name = 'incidents' AND NOT temporary").fetchone()
    made = str(row[0] if row else "").replace("CREATE TABLE incidents", "CREATE TABLE incidents_next", 1)
    cursor.execute(made)
    order = "" if in_order else " ORDER BY reported_at, incident_id"
    # both tables are scanned in the order of their rows, which is what a positional join joins by
    cursor.execute(f"INSERT INTO incidents_next SELECT {chosen} FROM incidents POSITIONAL JOIN placed{order}")
    cursor.execute("DROP TABLE incidents")
    cursor.execute("ALTER TABLE incidents_next RENAME TO incidents")
    cursor.execute("DROP TABLE placed")
    tallies.recount(cursor)


def _place(store: Store, cursor: duckdb.DuckDBPyConnection) -> bool:
    """Make the temporary table placed, one row an incident in the same order; say whether that is the order of time."""
    known = incidents.periods(cursor)
    first = len({period.version for period in known}) == 1
    by = incidents.Attribution(store, cursor)
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE placed (grid_now VARCHAR, day_now VARCHAR, community_now VARCHAR, street_now VARCHAR)"
    )
    last, in_order = np.datetime64("0001-01-01"), True
    reader = store.cursor().execute("SELECT lon, lat, reported_at, day_grid_code FROM incidents")
    for batch in reader.to_arrow_reader(loading.CHUNK):
        lon, lat = (np.asarray(batch.column(name).to_numpy(zero_copy_only=False), np.float64) for name in ("lon", "lat"))
        when = batch.column("reported_at").to_numpy(zero_copy_only=False)
        if len(when):
            in_order = in_order and bool(when[0] >= last and (np.diff(when) >= np.timedelta64(0)).all())
            last = when[-1]
        found = by.now(lon, lat)
        day = found.grid
        if not first:
            fresh = pa.array(when >= np.datetime64(known[-1].start))
            day = pc.if_else(fresh, found.grid.cast(pa.string()), batch.column("day_grid_code"))
        codes = [found.grid, day, found.community, found.street]  # as dictionaries: a code is read once, not for every incident
        cursor.register("newly", pa.table(codes, names=["grid", "day", "community", "street"]))
        cursor.execute("INSERT INTO placed SELECT * FROM newly")
        cursor.unregister("newly")
    return in_order
