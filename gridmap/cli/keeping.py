"""The commands that keep a district safe: backup, restore, verify, export."""

from __future__ import annotations

import tempfile
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap import access, store, terms
from gridmap.access.book import FILE
from gridmap.cli import district, files
from gridmap.cli.user import SHELL
from gridmap.errors import InputError
from gridmap.store import served

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from gridmap.store.verify import Broken


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    data: district.Data = None,
    as_json: district.Json = False,
) -> None:
    """Copy the whole district's database to a new file, and the book of accounts and actions to FILE.access beside it.

    While the dashboard runs, it makes the copy: people go on working.
    """
    folder = district.database(data).parent
    with _acting(folder, "backup", file) if folder.is_dir() else nullcontext():
        done = served.ask(folder, file)
        if done is None:
            with district.opened(data) as db:
                done = db.backup(file)
        beside = _beside(done)
        if (folder / FILE).exists():
            access.open_book(folder).copy(beside)
    files.out({"file": str(done)}, [terms.say("The backup is {file}.", file=done)], as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    accounts: Annotated[bool, typer.Option("--accounts", help="Put the accounts and the log of actions back too.")] = False,
    data: district.Data = None,
    as_json: district.Json = False,
) -> None:
    """Put a backup in the place of the district's database; the old one is kept beside it.

    Accounts and the log of actions stay as they are, so that no trace is lost, unless there are none or they are asked for.
    """
    target = district.database(data)
    beside, book = _beside(file.resolve()), target.parent / FILE
    if accounts and not beside.exists():
        raise InputError("There is no file {path}.", path=beside)
    with _acting(target.parent, "restore", file):
        done = store.restore(file, target)
    if beside.exists() and (accounts or not book.exists()):
        access.restore_book(beside, target.parent)
    files.out({"file": str(done)}, [terms.say("{file} is restored.", file=done)], as_json=as_json)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    data: district.Data = None,
    as_json: district.Json = False,
) -> None:
    """Write every table as Parquet and the schema as SQL into a new folder, which a newer DuckDB reads with IMPORT DATABASE.

    While the dashboard runs, it makes a copy that is written from: people go on working.
    """
    home = district.database(data).parent
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    with (
        _acting(home, "export", folder) if home.is_dir() else nullcontext(),
        tempfile.TemporaryDirectory(dir=folder.absolute().parent) as beside,
    ):
        copy = served.ask(home, Path(beside) / "copy.duckdb")
        if copy is None:
            with district.opened(data) as db:
                done = db.export(folder)
        else:
            with closing(store.open_store(copy)) as db:
                done = db.export(folder)
    files.out({"folder": str(done)}, [terms.say("The tables are in {folder}.", folder=done)], as_json=as_json)


def verify(
    *,
    head: Annotated[str | None, typer.Option(metavar="DIGEST", help="A digest of the log noted earlier.")] = None,
    data: district.Data = None,
    as_json: district.Json = False,
) -> None:
    """Check the database and the log of actions; exit status 1 when something is broken."""
    folder = district.database(data).parent
    found: list[Broken] = []
    if district.database(data).exists():
        with district.opened(data) as db:
            found = db.verify()
    book = access.open_book(folder)
    torn = book.broken(head=head)
    last, digest = book.head()
    lines = [f"{terms.say(one.promise)} {one.where}: {one.times}" for one in found]
    if torn is not None:
        lines.append(terms.say("The log of actions is not whole from entry {n} on.", n=torn))
    if not lines:
        lines = [terms.say("Database and log are whole. {n} actions, digest {digest}", n=last, digest=digest)]
    broken = [{"promise": one.promise, "where": one.where, "times": one.times} for one in found]
    files.out({"broken": broken, "log_broken_at": torn, "actions": last, "digest": digest}, lines, as_json=as_json)
    if found or torn is not None:
        raise typer.Exit(1)


def _acting(folder: Path, action: str, file: Path) -> AbstractContextManager[None]:
    return access.open_book(folder).acting(SHELL, action, str(file))


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".access")
