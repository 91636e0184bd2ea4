"""``gridmap load zongzhi FILE``: a department's boundary file, checked, cleaned and stored as its layer's next version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmap import intake, terms, uploads
from gridmap.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gridmap.store import Store

BY = "shell"


@dataclass(frozen=True)
class Asked:
    """What the options say: department, layer, encoding, coordinate system (None: as proposed), id column (None: proposed)."""

    department: str
    layer: str | None
    encoding: str | None
    system: str | None
    id_column: str | None


def load(db: Store, path: Path, asked: Asked, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Walk a file through the five steps. What was made of it is kept under the district's data, as for one sent on the page.

    Raises IntakeError when the coordinate system has to be confirmed: the shell confirms it with --coordinates.
    """
    shelf = uploads.Shelf(db.path.parent)
    with path.open("rb") as content:
        upload = shelf.begin([(path.name, content)], department=asked.department, by=BY)
    try:
        wanted = uploads.Reading(layer=asked.layer, encoding=asked.encoding)
        upload = uploads.look(shelf, upload, db, report, wanted=wanted)
        offered = uploads.Look.read(shelf.path(upload, uploads.LOOKED))
        reading = upload.reading.model_copy(update={"system": _confirmed(offered, asked, path.name)})
        if asked.id_column is not None:
            reading = reading.model_copy(update={"id_column": asked.id_column})
        upload = uploads.check(shelf, upload, reading, db, report)
        found, _ = uploads.findings(shelf, upload)
        upload = uploads.clean(shelf, upload, db, report)
        changed = uploads.changes(db, asked.department, uploads.table(shelf, upload, uploads.CLEANED))
        upload = uploads.keep(shelf, upload, db, by=BY)
    except BaseException:
        shelf.drop(upload.id)
        raise
    return {
        "file": str(path),
        "version": upload.version,
        "unchanged": upload.unchanged,
        "grids": changed.after,
        "findings": len(found),
        **{name: changed.count(name) for name in ("added", "removed", "reshaped")},
        "moved_m2": round(changed.moved_m2, 1),
        "system": reading.system,
        "id_column": reading.id_column,
    }


def lines(record: dict[str, Any]) -> list[str]:
    """Say what became of a file."""
    if record["unchanged"]:
        return [terms.say("{file} was loaded before; nothing was changed.", file=record["file"])]
    return [
        terms.say("{file}: {grids} grids stored as version {version}; {findings} findings.", **record),
        terms.say("{added} grids added, {removed} removed, {reshaped} moved; {moved_m2} m² changed hands.", **record),
    ]


def _confirmed(offered: uploads.Look, asked: Asked, name: str) -> str:
    """Give the system to read in: the one asked for, else the file's own where no other fits the district clearly better."""
    if asked.system is not None:
        return asked.system
    best = offered.proposals[0] if offered.proposals else None
    if offered.crs is not None and (best is None or offered.own in {best.system, ""}):
        return offered.own
    if best is None:
        raise IntakeError("The file says no coordinate system; choose the one it is in.")
    raise IntakeError(
        "{file} fits the district best as {system}; confirm it with --coordinates {text}, or name another.",
        file=name,
        system=intake.system_name(best.system),
        text=best.system,
    )
