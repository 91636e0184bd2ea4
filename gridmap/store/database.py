"""The open database of this process: its cursors, its one writer, and what the other modules do with it."""

from __future__ import annotations

import re
import threading
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
from duckdb_extensions import import_extension

from gridmap import errors
from gridmap.errors import HeldError, StoreError
from gridmap.store import (
    areas,
    conflicts,
    drafts,
    durable,
    layers,
    loading,
    meetings,
    migrate,
    places,
    profiles,
    reference,
    referring,
    topics,
    verify,
    versions,
)
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from gridmap.store.cells import CellIndex

STORAGE = "v1.5.0"
"""Form of the file: the newest the pinned DuckDB writes, for its better compression of texts and geometry."""

MEMORY = "4GB"
"""What DuckDB may hold in memory; sorting and rewriting more than that goes through files beside the database."""

_DAMAGED = key(
    "{file} cannot be opened: it is damaged, cut short or no database of this program. Put back a backup with gridmap restore;"
    " gridmap verify then says whether it is whole."
)

_HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)(?: by user (?P<user>\S+))?")
_open: dict[Path, Store] = {}
_opening = threading.Lock()


class Store:
    """One district's database, made by open_store.

    Every call takes its own cursor, so any thread may ask; writes queue behind one lock and are one transaction each.
    """

    scope = ""
    """Code of the part that it is confined to; empty for the whole."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.cache: dict[object, object] = {}
        """What other rooms worked out, by keys that contain a data_version()."""
        self._connection = connection
        self._writer: topics.Writer | None = None
        self._writing = threading.RLock()
        self._inside = False
        self._indexes: dict[object, CellIndex] = {}
        known = connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        self._versions = topics.Versions(uuid.uuid4().hex[:12], [row[0] for row in known])

    @property
    def shared(self) -> dict[object, object]:
        """What the whole and its parts keep in common: who shows any of it asks first whether its rows are found here."""
        return self.cache

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a cursor of its own, which one thread uses and drops. For reading; writes go through write()."""
        return self._connection.cursor()

    def data_version(self, *about: str, start: date | None = None, end: date | None = None) -> str:
        """Give a text that changes with every committed write about these topics and never comes back: the key of a cache.

        about: names of topics.TOPICS or of tables; none means every write. start, end: only cases reported from start to
        end (left out) are asked about, so that writes about others leave it as it is. Raises StoreError for other names.
        """
        return self._versions.of(*about, start=start, end=end)

    def tables_read(self, query: str) -> tuple[str, ...]:
        """Name the tables that a query reads: the topics whose version its answer has."""
        return self._versions.read_by(query)

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor inside the one write transaction: all of it is kept when the block ends, nothing when it raises."""
        with self._writing:
            if self._inside:
                raise StoreError("A write was begun inside another write.")
            writer, self._writer = self._writer or topics.Writer(self._connection.cursor()), None
            self._inside = True
            try:
                writer.begin()
                try:
                    yield cast("duckdb.DuckDBPyConnection", writer)
                    writer.commit()
                except BaseException as error:
                    writer.only_rows = False
                    with suppress(duckdb.Error):  # a write that failed at its very end is taken back already
                        writer.rollback()
                    if said := _unwritten(error):
                        raise said from error
                    raise
                self._versions.count(writer)
            finally:
                self._inside = False
                if writer.only_rows:
                    self._writer = writer
                else:
                    writer.close()

    @contextmanager
    def pause(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor while no write runs: what is copied is one moment's state. Readers go on."""
        with self._writing:
            cursor = self._connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        with _opening, self._writing:
            if self._writer is not None:
                self._writer.close()
            self._connection.close()
            _open.pop(self.path, None)

    # What can be done with a database, each in the module named for it.
    load = loading.load
    tables = loading.tables
    index = places.index
    areas = areas.areas
    save_layer = layers.save_layer
    layer = layers.layer
    layer_keys = layers.layer_keys
    layer_diff = layers.layer_diff
    layer_versions = layers.layer_versions
    rollback_layer = layers.rollback_layer
    save_profile = profiles.save_profile
    profiles = profiles.profiles
    references = referring.references
    layer_sources = layers.layer_sources
    draft = versions.draft
    propose = versions.propose
    approve = versions.approve
    publish = versions.publish
    rollback = versions.rollback
    merge_map = versions.merge_map
    conflict_counts = conflicts.conflict_counts
    conflicts = conflicts.conflicts
    version_now = versions.version_now
    version_known = versions.version_known
    versions = versions.versions
    fill_in = reference.fill_in
    backup = durable.backup
    export = durable.export
    verify = verify.verify
    keep_atoms = drafts.keep_atoms
    atoms = drafts.atoms
    atom_set = drafts.atom_set
    make_draft = drafts.make_draft
    steps = drafts.steps
    edited = drafts.edited
    take_step = drafts.take_step
    made_of = drafts.made_of
    drafts = drafts.drafts
    hold_meeting = meetings.hold_meeting
    decide = meetings.decide
    decisions = meetings.decisions
    ask_later = meetings.ask_later
    open_questions = meetings.open_questions
    step_version = meetings.step_version
    put_on_file = meetings.put_on_file
    version_steps = meetings.version_steps
    save_question = meetings.save_question
    saved_questions = meetings.saved_questions
    meetings = meetings.meetings


def open_store(path: Path | str) -> Store:
    """Open the database file, making or migrating it when needed; the same file gives the same Store within a process.

    Raises HeldError when another process holds the file (it says which), StoreError when the file is no DuckDB database or a
    newer gridmap wrote it.
    """
    path = Path(path).resolve()
    with _opening:
        if path in _open:
            return _open[path]
        path.parent.mkdir(parents=True, exist_ok=True)
        import_extension("spatial")
        try:
            connection = duckdb.connect(path, config={"storage_compatibility_version": STORAGE, "memory_limit": MEMORY})
        except duckdb.IOException as error:
            raise _refused(path, error) from error
        except duckdb.Error as error:
            raise StoreError(_DAMAGED, file=path.name) from error
        try:
            connection.execute("LOAD spatial")
            migrate.migrate(connection)
            connection.execute(
                "INSERT INTO store_meta VALUES ('store', ?) ON CONFLICT DO NOTHING",
                [uuid.uuid4().hex[:12]],
            )
            store = Store(path, connection)
            reference.seed(store)
        except duckdb.Error as error:
            connection.close()
            raise StoreError(_DAMAGED, file=path.name) from error
        except BaseException:
            connection.close()
            raise
        _open[path] = store
        return store


def is_open(path: Path) -> bool:
    """Say whether this process has the database file open."""
    return path.resolve() in _open


def is_held(error: duckdb.Error) -> bool:
    """Say whether DuckDB refused a file because another process has it open."""
    return _HOLDER.search(str(error)) is not None


def _unwritten(error: BaseException) -> StoreError | None:
    """Say what hindered a write when it was the disk, or that the database has to be opened anew; None for anything else."""
    if not isinstance(error, duckdb.Error):
        return None
    if errors.is_out_of_room(error):
        return StoreError(errors.NO_ROOM)
    if errors.is_damaged(error):
        return StoreError(errors.DAMAGED)
    if isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return StoreError("The database stopped after an error of its disk. Start the server again: what was kept is there.")
    if isinstance(error, duckdb.IOException):
        return StoreError("The disk refused the database, and nothing of this was kept: {why}", why=str(error).splitlines()[0])
    return None


def _refused(path: Path, error: duckdb.IOException) -> StoreError:
    holder = _HOLDER.search(str(error))
    if holder is None:
        return StoreError(_DAMAGED, file=path.name)
    return HeldError(
        "The database {file} is open in another process: {program}, process {pid}. Ask there, or close it first.",
        file=path.name,
        program=Path(holder["program"]).name,
        pid=holder["pid"],
    )
