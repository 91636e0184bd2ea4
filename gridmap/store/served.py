"""A backup while the server holds the database: the shell asks the server for it, over a socket file beside the database.

Whoever may write into the district's folder may ask; nobody else reaches the file. One line of JSON asks, one answers.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridmap.errors import GridmapError, HeldError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from gridmap.store.database import Store

SOCKET = "gridmap.sock"
LONGEST_S = 3600
"""Seconds after which a copy is given up."""


@asynccontextmanager
async def answering(folder: Path, database: Callable[[], Store | None]) -> AsyncIterator[None]:
    """Answer the shell as long as the block lasts. database: gives the open store, or None where there is none."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target = json.loads(await reader.readline())["backup"]
            db = database()
            if db is None:
                raise StoreError("There are no data yet.")
            said: dict[str, Any] = {"file": str(await asyncio.to_thread(db.backup, target))}
        except GridmapError as error:
            said = {"message": error.message, "values": {name: str(value) for name, value in error.values.items()}}
        except (OSError, ValueError, KeyError, TypeError) as error:
            said = {"message": "The copy {file} could not be written: {why}", "values": {"file": "", "why": str(error)}}
        with suppress(OSError):  # whoever asked may have gone
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
        writer.close()

    own = await asyncio.to_thread(_listening, folder)
    if own is None:  # another server answers here, which holds the database
        yield
        return
    server = await asyncio.start_unix_server(answer, sock=own)
    try:
        yield
    finally:
        server.close()
        await asyncio.to_thread((folder / SOCKET).unlink, missing_ok=True)


def _listening(folder: Path) -> socket.socket | None:
    folder.mkdir(parents=True, exist_ok=True)
    with _near(folder) as path:
        if other := _connected(path):
            other.close()
            return None
        Path(path).unlink(missing_ok=True)  # of a server that was killed
        own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        own.bind(path)
        Path(path).chmod(0o600)
        return own


def ask(folder: Path, target: Path) -> Path | None:
    """Have the running server copy its database to a new file; None where no server runs. Raises StoreError as Store.backup."""
    if not folder.is_dir():
        return None
    with _near(folder) as path:
        wire = _connected(path)
    if wire is None:
        return None
    with wire:
        wire.settimeout(LONGEST_S)
        wire.sendall(json.dumps({"backup": str(target.resolve())}).encode() + b"\n")
        with wire.makefile("r", encoding="utf-8") as lines:
            said = json.loads(lines.readline() or '{"message": "The server ended before the copy was whole.", "values": {}}')
    if "file" not in said:
        why: str = said["message"]
        raise StoreError(why, **said["values"])
    return Path(said["file"])


def refuse_second(folder: Path) -> None:
    """Refuse a folder that another server serves, also one without a database yet. Raises HeldError, which names it."""
    with _near(folder) as path:
        wire = _connected(path)
    if wire is None:
        return
    with wire:
        size = struct.calcsize("3i")
        pid, _, _ = struct.unpack("3i", wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    try:
        program = Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        program = "gridmap"
    raise HeldError(
        "The folder {folder} is served by another process: {program}, process {pid}. Ask there, or end it first.",
        folder=folder.name,
        program=program,
        pid=pid,
    )


def _connected(path: str) -> socket.socket | None:
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        wire.connect(path)
    except OSError:
        wire.close()
        return None
    return wire


@contextmanager
def _near(folder: Path) -> Iterator[str]:
    """Name the socket by way of its open folder: a socket's path may be no longer than 107 bytes, a district's may."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET}"
    finally:
        os.close(handle)
