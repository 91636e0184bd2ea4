"""Unpack a .zip or .kmz, after its list of contents has been looked at."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gridmap.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.intake.limits import Limits

_MEGABYTE = 1024 * 1024
_CHUNK = 1024 * 1024
_SMALL = 64 * _MEGABYTE  # below it even a blank table, which packs a thousandfold, does no harm
_UTF8_NAMES = 0x800
_IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_SHAPEFILE = {".shp", ".shx", ".dbf", ".prj", ".cpg"}


def holds(path: Path, member: str) -> bool:
    """Say whether an archive has a member of that name; False where it is no archive at all."""
    try:
        with zipfile.ZipFile(path) as archive:
            return member in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def look_at(path: Path, *, name: str, limits: Limits) -> None:
    """Refuse an archive that would be refused by ``unpack``, without unpacking it."""
    with zipfile.ZipFile(path) as archive:
        _looked_at(archive, path.stat().st_size, name, Budget(limits))


class Budget:
    """What all archives of one file may still bring, nested ones included."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members = limits.archive_members
        self.bytes = limits.archive_mb * _MEGABYTE

    def take(self, members: int, size: int, name: str) -> None:
        """Take from the budget. Raises IntakeError when it is spent."""
        self.members -= members
        self.bytes -= size
        if self.members < 0:
            raise IntakeError("{file} holds more than {most} files.", file=name, most=self.limits.archive_members)
        if self.bytes < 0:
            raise IntakeError("{file} unpacks to more than {most} MB.", file=name, most=self.limits.archive_mb)


def unpack(path: Path, into: Path, *, name: str, limits: Limits) -> list[Path]:
    """Unpack the archive at ``path`` into the empty folder ``into`` and give its files, nested archives unpacked too.

    Members are written as plain files under names of our own making (``<number>/<stem><suffix>``), the parts of one shapefile
    side by side. Raises IntakeError, before anything is written, for links, ways out of the folder, passwords, too many
    members, too much content or a ratio no honest file has.
    """
    return list(_unpack(path, into, name, Budget(limits), 0))


def _unpack(path: Path, into: Path, name: str, budget: Budget, depth: int) -> Iterator[Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = _looked_at(archive, path.stat().st_size, name, budget)
            folders: dict[str, Path] = {}
            for number, (member, inner) in enumerate(members):
                group = str(inner.with_suffix("")).lower() if inner.suffix.lower() in _SHAPEFILE else f"{number}:{inner}"
                folder = folders.setdefault(group, into / str(len(folders)))
                folder.mkdir(parents=True, exist_ok=True)
                target = folder / (_safe(inner.stem) + inner.suffix.lower())
                _write(archive, member, target)
                if inner.suffix.lower() == ".zip":
                    if depth >= budget.limits.archive_depth:
                        raise IntakeError("{file} holds archives in archives in archives; pack the files once.", file=name)
                    yield from _unpack(target, folder / "nested", name, budget, depth + 1)
                else:
                    yield target
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zipfile.LargeZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise IntakeError("{file} is a damaged archive; pack it again.", file=name) from error


def _looked_at(archive: zipfile.ZipFile, packed: int, name: str, budget: Budget) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    members = []
    for member in archive.infolist():
        inner = PurePosixPath(_name(member).replace("\\", "/"))
        if inner.is_absolute() or ".." in inner.parts or ":" in inner.parts[0] if inner.parts else True:
            raise IntakeError("{file} holds a path that leads out of the archive; it was not opened.", file=name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise IntakeError("{file} holds a link or a device; it was not opened.", file=name)
        if member.flag_bits & 1:
            raise IntakeError("{file} is locked with a password; pack it again without one.", file=name)
        if not member.is_dir() and not any(part in str(inner) for part in _IGNORED):
            members.append((member, inner))
    size = sum(member.file_size for member, _ in members)
    budget.take(len(members), size, name)
    if size > max(packed, 1) * budget.limits.archive_ratio and size > _SMALL:
        raise IntakeError(
            "{file} unpacks to more than {most} times its size; no boundary file does.",
            file=name,
            most=budget.limits.archive_ratio,
        )
    if not members:
        raise IntakeError("{file} is an archive with nothing in it.", file=name)
    return members


def _name(member: zipfile.ZipInfo) -> str:
    """Give the member's name; without the UTF-8 mark, Chinese Windows wrote it in GBK."""
    if member.flag_bits & _UTF8_NAMES:
        return member.filename
    raw = member.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _safe(stem: str) -> str:
    """Give a stem that is only a name: it becomes the layer's."""
    kept = "".join(letter for letter in stem if letter.isprintable() and letter not in '/\\:*?"<>|')
    return kept.strip(". ")[:80] or "layer"


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Copy one member, never more of it than its entry promised."""
    left = member.file_size
    with archive.open(member) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile
            file.write(chunk)
