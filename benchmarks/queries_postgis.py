"""PostGIS as a peer: Debian's package, a cluster of its own on loopback in a temporary folder, stopped at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import geopandas as gpd

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/bin"))
SHARE = next(iter(sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"), reverse=True)), None)


def _as_postgres(*command: str, stdin: object = None) -> str:
    """PostgreSQL refuses to run as root; Debian makes a user for it."""
    head = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*head, *command], capture_output=True, text=True, check=True, stdin=stdin)
    return done.stdout


def run(parquet: Path, grids: gpd.GeoDataFrame, rows: int, scratch: Path) -> dict[str, float] | str:
    """Give wall seconds of each question over the first ``rows`` incidents, or one line that says why there are none."""
    if SHARE is None or not (BIN / "initdb").exists():
        return "PostGIS is not installed (Debian: postgresql-15-postgis-3); left out"
    folder = scratch / "postgis"
    folder.mkdir()
    scratch.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    cluster = folder / "cluster"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    _as_postgres(str(BIN / "initdb"), "-D", str(cluster), "-A", "trust", "-U", "bench")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    options += " -c shared_buffers=1GB -c fsync=off -c jit=off"
    _as_postgres(str(BIN / "pg_ctl"), "-D", str(cluster), "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        return _questions(parquet, grids, rows, folder, port)
    finally:
        _as_postgres(str(BIN / "pg_ctl"), "-D", str(cluster), "-m", "immediate", "stop")


def _questions(parquet: Path, grids: gpd.GeoDataFrame, rows: int, folder: Path, port: str) -> dict[str, float]:
    def sql(text: str, stdin: object = None) -> float:
        start = time.perf_counter()
        _as_postgres(
            str(BIN / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            port,
            "-U",
            "bench",
            "-v",
            "ON_ERROR_STOP=1",
            "-qAtc",
            text,
            "postgres",
            stdin=stdin,
        )
        return time.perf_counter() - start

    sql("CREATE EXTENSION postgis")
    sql("CREATE TABLE incidents (incident_id text, reported_at timestamp, grid_code text, lon float8, lat float8)")
    csv = folder / "incidents.csv"
    columns = "incident_id, reported_at, grid_code, lon, lat"
    some = f"SELECT {columns} FROM read_parquet('{parquet}') WHERE reported_at >= '2026-01-01' LIMIT {rows}"
    duckdb.execute(f"COPY ({some}) TO '{csv}' (HEADER false)")
    with csv.open() as file:
        sql("COPY incidents FROM STDIN WITH (FORMAT csv)", stdin=file)
    shapes = folder / "grids.csv"
    shapes.write_text("".join(f'{code},"{shape.wkb_hex}"\n' for code, shape in zip(grids["code"], grids.geometry, strict=True)))
    sql("CREATE TABLE grids (grid_code text, geom geometry)")
    with shapes.open() as file:
        sql("COPY grids FROM STDIN WITH (FORMAT csv)", stdin=file)
    sql("ALTER TABLE incidents ADD COLUMN geom geometry; UPDATE incidents SET geom = ST_MakePoint(lon, lat)")
    for index in (
        "CREATE INDEX ON grids USING gist (geom)",
        "CREATE INDEX ON incidents (reported_at)",
        "VACUUM ANALYZE incidents",
    ):
        sql(index)
    join = "CREATE TABLE joined AS SELECT i.incident_id, g.grid_code "
    join += "FROM incidents i JOIN grids g ON ST_Intersects(g.geom, i.geom)"
    month = (
        "SELECT grid_code, count(*) FROM incidents WHERE reported_at >= '2026-03-01' AND reported_at < '2026-04-01' GROUP BY 1"
    )
    return {
        f"assign {rows:,} points to {len(grids):,} grids": sql(join),
        "counts by grid, one month": min(sql(month) for _ in range(3)),
        f"counts by grid, all of {rows:,}": min(sql("SELECT grid_code, count(*) FROM incidents GROUP BY 1") for _ in range(3)),
    }
