"""Old incidents seen by other grids: today's after a publication, or any department's through the crosswalk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gridmap.store import incidents, loading

if TYPE_CHECKING:
    import duckdb

    from gridmap.store.database import Store


def reattribute(store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
    """Give every incident its grid by the version in force, and put the table back into the order of time.

    The whole table is rewritten: an update of a column of 10 million rows costs DuckDB more than writing it anew, and late
    arrivals get back into order. day_grid_code changes only for incidents that fall into the new version's own time (or had
    none).
    """
    if cursor.execute("SELECT 1 FROM incidents LIMIT 1").fetchone() is None:
        return
    known = incidents.periods(cursor)
    newest = known[-1]
    by = incidents.Attribution(store, cursor)
    columns = [column.name for column in loading.describe(cursor, "incidents").columns]
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE placed "
        "(spot BIGINT, grid_now VARCHAR, day_now VARCHAR, community_now VARCHAR, street_now VARCHAR)"
    )
    reader = cursor.execute("SELECT rowid AS spot, lon, lat, reported_at, day_grid_code FROM incidents").to_arrow_table()
    for batch in reader.to_batches(max_chunksize=loading.CHUNK):
        lon, lat = (np.asarray(batch.column(name).to_numpy(zero_copy_only=False), np.float64) for name in ("lon", "lat"))
        placed = by.now(lon, lat)
        when = batch.column("reported_at").to_numpy(zero_copy_only=False)
        first = len({period.version for period in known}) == 1
        fresh = np.ones(len(lon), bool) if first else when >= np.datetime64(newest.start)
        table = pa.table(
            {
                "spot": batch.column("spot"),
                "grid_now": placed.grid.cast(pa.string()),
                "day_now": pa.array(
                    np.where(
                        fresh,
                        placed.grid.to_numpy(zero_copy_only=False),
                        batch.column("day_grid_code").to_numpy(zero_copy_only=False),
                    ),
                    pa.string(),
                ),
                "community_now": placed.community.cast(pa.string()),
                "street_now": placed.street.cast(pa.string()),
            }
        )
        cursor.register("newly", table)
        cursor.execute("INSERT INTO placed SELECT * FROM newly")
        cursor.unregister("newly")
    new = {
        "grid_code": "grid_now",
        "day_grid_code": "day_now",
        "community_code": "coalesce(community_now, community_code)",
        "street_code": "coalesce(street_now, street_code)",
    }
    chosen = ", ".join(f"{new[name]} AS {name}" if name in new else name for name in columns)
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE rewritten AS SELECT {chosen} FROM incidents i JOIN placed p ON p.spot = i.rowid "
        "ORDER BY reported_at, incident_id"
    )
    cursor.execute("DELETE FROM incidents")
    cursor.execute("INSERT INTO incidents SELECT * FROM rewritten")
    cursor.execute("DROP TABLE rewritten")
    cursor.execute("DROP TABLE placed")
