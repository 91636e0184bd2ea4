"""The snapshot that questions in SQL are asked of: a DuckDB file with the documented views as tables, and nothing else."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from duckdb_extensions import import_extension

from gridmap import errors
from gridmap.errors import SandboxError
from gridmap.sandbox.views import VIEWS
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gridmap.sandbox.views import View
    from gridmap.store import Store

    Progress = Callable[[str, float], None]

TOPICS = ("divisions", "land", "layers", "grids", "people", "casework", "rules")
"""What a snapshot is made of: when one of these changes, the next is another."""

BATCH_ROWS = 200_000


def name_of(store: Store, scope: str) -> str:
    """Give the file name of the snapshot of the data as they are now; scope: whose part of the district it holds."""
    seen = hashlib.sha256(f"{store.data_version(*TOPICS)}/{scope}".encode()).hexdigest()[:16]
    return f"ask-{scope or 'district'}-{seen}.duckdb"


def make(store: Store, folder: Path, scope: str = "", *, progress: Progress | None = None) -> Path:
    """Make the snapshot of what this store shows, unless it is there already, and give its path; older ones are removed.

    store: as the person asking may see it (a confined store holds its part only). progress may raise to stop, and then nothing
    is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name_of(store, scope)
    if target.exists():
        return target
    fresh = folder / f".{uuid.uuid4().hex}.duckdb"
    import_extension("spatial")
    try:
        with duckdb.connect(fresh, config={"storage_compatibility_version": "v1.5.0"}) as kept:
            kept.execute("LOAD spatial")
            for number, view in enumerate(VIEWS):

                def tell(done: float, number: int = number) -> None:
                    if progress is not None:
                        progress(key("Copying what may be asked"), (number + done) / len(VIEWS))

                _copy(store, kept, view, tell)
        fresh.replace(target)
    except duckdb.Error as error:
        if errors.is_out_of_room(error):
            raise SandboxError(errors.NO_ROOM) from error
        raise
    finally:
        fresh.unlink(missing_ok=True)
    for old in folder.glob(f"ask-{scope or 'district'}-*.duckdb"):
        if old != target:
            old.unlink(missing_ok=True)
    return target


def _copy(store: Store, kept: duckdb.DuckDBPyConnection, view: View, tell: Callable[[float], None]) -> None:
    """Copy one view batch by batch, its geometry as WKB on the way. tell may raise to stop, between batches too."""
    wkb = ", ".join(f"ST_AsWKB({column}) AS {column}" for column in view.geometry)
    query = f"SELECT * REPLACE ({wkb}) FROM ({view.query})" if wkb else view.query  # noqa: S608 -- our own constants
    reader = store.cursor().execute(query).to_arrow_reader(BATCH_ROWS)
    schema = pa.schema([field.remove_metadata() for field in reader.schema])
    stopped: list[BaseException] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(reader):
            try:
                tell(1 - 0.8**number)  # how many there will be is not known
            except BaseException as error:
                stopped.append(error)
                raise
            yield _plain(batch, schema)

    tell(0.0)
    plain = pa.RecordBatchReader.from_batches(schema, batches())
    kept.register("copied", plain)
    shaped = ", ".join(f"ST_GeomFromWKB({column}::WKB_BLOB) AS {column}" for column in view.geometry)
    try:
        kept.execute(
            f"CREATE TABLE {view.name} AS SELECT * {f'REPLACE ({shaped})' if shaped else ''} FROM copied"  # noqa: S608 -- as above
        )
    except duckdb.Error:
        if stopped:  # DuckDB says only that its source failed
            raise stopped[0] from None
        raise
    kept.unregister("copied")


def _plain(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Take what Arrow knows of geometry off a batch: what is copied are bytes."""
    columns = [column.storage if isinstance(column, pa.ExtensionArray) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays([c.cast(f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
