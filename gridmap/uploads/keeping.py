"""Where an upload is kept while it is worked on: a folder of its own under the district's data, one record of how far it is.

uploads/<id>/record.json      the record, replaced in one step
uploads/<id>/sent/            the file as it was sent
uploads/<id>/<name>.parquet   what each step made of it
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from datetime import datetime  # noqa: TC003 - pydantic reads it as the program runs
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from gridmap import store
from gridmap.errors import InputError, IntakeError
from gridmap.intake import limits
from gridmap.settings import settings
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

FOLDER = "uploads"
Step = Literal["file", "read", "findings", "cleaned", "stored"]
STEPS: dict[Step, str] = {
    "file": key("File"),
    "read": key("Read as"),
    "findings": key("Findings"),
    "cleaned": key("Cleaning"),
    "stored": key("Store"),
}
"""The steps in their order and what they are called. An upload's step is the last that was done."""

DEPARTMENTS = {
    "zongzhi": key("Public security"),
    "yingji": key("Emergency"),
    "chengguan": key("Urban management"),
    "huanjing": key("Ecology and environment"),
}
"""The four departments whose grids are merged; a fifth may be named by any key."""

_KEY = re.compile(r"[a-z][a-z0-9_]{1,30}")
_ID = re.compile(r"[0-9a-f]{12}")
_RECORD = "record.json"
_CHUNK = 1024 * 1024
_DAY_S = 86_400
_SHAPEFILE = {".shp", ".shx", ".dbf", ".prj", ".cpg"}


class Reading(BaseModel):
    """How a file is read: layer, encoding, the system of its coordinates (see intake.system), the columns of each role."""

    model_config = ConfigDict(frozen=True)

    layer: str | None = None
    encoding: str | None = None
    system: str = ""
    id_column: str | None = None
    name_column: str | None = None
    households_column: str | None = None


class Upload(BaseModel):
    """One upload's record.

    file: its name as sent; department: the layer's key; step: the last one done; by: who sent it; reading: as proposed or
    confirmed; version: the layer version it was stored as, unchanged: that was the last version already.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    file: str
    department: str
    by: str
    digest: str
    begun_at: datetime
    changed_at: datetime
    step: Step = "file"
    reading: Reading = Reading()
    version: int | None = None
    unchanged: bool = False

    @property
    def layer(self) -> str:
        """The name of the layer as this reading gives it: read otherwise, it is another file."""
        return f"layer-{hashlib.sha256(self.reading.model_dump_json().encode()).hexdigest()[:8]}.parquet"


class Shelf:
    """The uploads of one district, in ``folder``/uploads or another folder there. Raises IntakeError for an unknown id."""

    def __init__(self, folder: Path, name: str = FOLDER) -> None:
        self._folder = folder / name

    def begin(self, files: Sequence[tuple[str, BinaryIO]], *, department: str, by: str) -> Upload:
        """Take in a file, or the parts of one shapefile, as (name, content); nothing is left of one that is refused.

        Raises IntakeError for several files that are no shapefile or for more than the largest size, InputError for a
        department whose key is none.
        """
        if not _KEY.fullmatch(department):
            raise InputError("{key} is no key of a department: small letters, figures and _ only.", key=department)
        name = _main(files)
        fresh = self._folder / f".{secrets.token_hex(6)}"
        try:
            (fresh / "sent").mkdir(parents=True, mode=0o700)
            digest = hashlib.sha256()
            for part, content in files:
                _copy(content, fresh / "sent" / _plain(name, part), digest, name)
            now = store.now()
            upload = Upload(
                id=fresh.name[1:],
                file=name,
                department=department,
                by=by,
                digest=digest.hexdigest()[:16],
                begun_at=now,
                changed_at=now,
            )
            (fresh / _RECORD).write_text(upload.model_dump_json(indent=1), "utf-8")
            fresh.rename(self._folder / upload.id)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        self.prune(settings().uploads_days)
        return upload

    def get(self, ident: str) -> Upload:
        """Give an upload's record."""
        if _ID.fullmatch(ident):
            try:
                return Upload.model_validate_json((self._folder / ident / _RECORD).read_bytes())
            except (OSError, ValidationError):
                pass
        raise IntakeError("There is no such upload any more; begin a new one.")

    def all(self) -> list[Upload]:
        """Give every upload, the last worked on first."""
        found = []
        for path in self._folder.glob(f"*/{_RECORD}") if self._folder.is_dir() else ():
            try:
                found.append(self.get(path.parent.name))
            except IntakeError:
                continue
        return sorted(found, key=lambda one: one.changed_at, reverse=True)

    def put(self, upload: Upload, **changes: object) -> Upload:
        """Keep an upload's record with changes, in one step; give it."""
        changed = upload.model_copy(update={**changes, "changed_at": store.now()})
        target = self._folder / upload.id / _RECORD
        fresh = target.with_name(f".{_RECORD}.{secrets.token_hex(4)}")
        fresh.write_text(changed.model_dump_json(indent=1), "utf-8")
        fresh.replace(target)
        return changed

    def drop(self, ident: str) -> None:
        """Throw an upload away with everything made of it; a stored version stays where it is."""
        self.get(ident)
        shutil.rmtree(self._folder / ident)

    def prune(self, days: int) -> list[str]:
        """Throw away what nobody has worked on for so many days; give the ids. A stored version stays where it is.

        One in use is younger than that: each step renews its record and writes beside it. What a sending that broke off left
        behind goes after a day.
        """
        gone = []
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            kept_s = _DAY_S * (1 if folder.name.startswith(".") else days)
            if folder.is_dir() and time.time() - _touched(folder) > kept_s:
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder.name.removeprefix("."))
        return gone

    def path(self, upload: Upload, name: str) -> Path:
        """Give the path of something made of an upload."""
        return self._folder / upload.id / name

    def sent(self, upload: Upload) -> Path:
        """Give the file as it was sent; of a shapefile's parts, the .shp."""
        parts = sorted((self._folder / upload.id / "sent").iterdir())
        return next((part for part in parts if part.suffix == ".shp"), parts[0])


def _touched(folder: Path) -> float:
    """Give when anything in a folder was written last; now, where it is being thrown away this moment."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()


def departments(keys: Sequence[str]) -> list[str]:
    """Give the keys of the departments one can upload for: the four, then others that have a layer already."""
    return [*DEPARTMENTS, *(name for name in keys if name not in DEPARTMENTS)]


def _main(files: Sequence[tuple[str, BinaryIO]]) -> str:
    """Give the name of what was sent: the file's, or of a shapefile's parts, the .shp's."""
    names = [Path(name.replace("\\", "/")).name for name, _ in files]
    if len(names) == 1:
        return names[0]
    shapes = [name for name in names if name.lower().endswith(".shp")]
    parts = {Path(name).stem for name in names}
    if len(shapes) == 1 and len(parts) == 1 and all(Path(name).suffix.lower() in _SHAPEFILE for name in names):
        return shapes[0]
    raise IntakeError("Send one file, or the parts of one shapefile (.shp, .shx, .dbf, .prj, .cpg) together.")


def _plain(name: str, part: str) -> str:
    """Give the name a part is kept under: the name says what kind of file it is, and nothing else."""
    suffix = Path(part).suffix.lower()
    return ("layer" if name else "file") + (suffix if re.fullmatch(r"\.[a-z0-9]{1,10}", suffix) else "")


def _copy(content: BinaryIO, target: Path, digest: hashlib._Hash, name: str) -> None:
    left = limits().file_mb * 1024 * 1024
    with target.open("xb") as file:
        while chunk := content.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise IntakeError("{file} is larger than {most} MB.", file=name, most=limits().file_mb)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
