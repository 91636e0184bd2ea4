"""Drafts of plans: the atoms they are edited on and every step taken, so that a browser closed in the middle loses nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridmap import codes, crs
from gridmap.errors import StoreError
from gridmap.store import clock, conflicts, topics
from gridmap.terms import key

if TYPE_CHECKING:
    from datetime import datetime

    from gridmap.store.database import Store

NOT_LAYERS = frozenset({"nest_id", "geometry", "weight", "unit_id", "grid_code", "incidents"})
"""Columns of atoms that are no layer's."""


@dataclass(frozen=True)
class Step:
    """One step of a street of a draft: do (with the change as JSON), undo or redo; who took it, and when (naive UTC+8)."""

    seq: int
    act: str
    change: str
    who: str | None
    taken_at: datetime


class OvertakenError(StoreError):
    """Somebody else has taken steps in the same street meanwhile. steps: theirs."""

    steps: tuple[Step, ...] = ()


def keep_atoms(self: Store, version: int, atoms: gpd.GeoDataFrame) -> str:
    """Keep the atoms a version was made of, and give the set's name; a version that has a set keeps it.

    atoms: metric CRS, columns nest_id, grid_code, weight, perhaps unit_id, and a column a layer (gridmap.merge.Merged.atoms).
    Raises StoreError when the atoms' grids are not the version's.
    """
    metric = crs.require(atoms, "atoms")
    streets = atoms["nest_id"].astype(str).str[: codes.STREET]
    order = np.argsort(streets.to_numpy(dtype=str), kind="stable")
    listed = atoms.iloc[order]
    street = streets.iloc[order].to_numpy()
    layers = [str(name) for name in atoms.columns if name not in NOT_LAYERS]
    name = f"v{version}"
    with self.write() as cursor:
        if cursor.execute("SELECT 1 FROM atom_sets WHERE atom_set = ?", [name]).fetchone():
            return name
        known = {
            row[0] for row in cursor.execute("SELECT grid_code FROM grids_unified WHERE version = ?", [version]).fetchall()
        }
        if known != set(listed["grid_code"].astype(str)):
            raise StoreError("The atoms are not those of version {version} of the grids.", version=version)
        labels = [[None if pd.isna(x) else str(x) for x in row] for row in listed[layers].to_numpy(dtype=object)]
        units = [unit if isinstance(unit, str) else None for unit in listed.get("unit_id", [None] * len(listed))]
        rows = pa.table({
            "atom_set": pa.array([name] * len(listed)),
            "street_code": pa.array(street.tolist()),
            "atom": pa.array(pd.Series(street).groupby(street).cumcount().to_numpy(np.int32)),
            "nest_id": pa.array(listed["nest_id"].astype(str).tolist()),
            "unit_id": pa.array(units, pa.string()),
            "households": pa.array(listed["weight"].to_numpy(float)),
            "labels": pa.array(labels, pa.list_(pa.string())),
            "grid_code": pa.array(listed["grid_code"].astype(str).tolist()),
            "shape": pa.array(shapely.to_wkb(listed.geometry.to_numpy()).tolist(), pa.binary()),
        })  # fmt: skip
        cursor.execute(
            "INSERT INTO atom_sets VALUES (?, ?, ?, ?, ?, ?)",
            [name, version, metric.to_string(), layers, len(atoms), clock.now()],
        )
        cursor.register("kept_atoms", rows)
        cursor.execute("INSERT INTO plan_atoms BY NAME SELECT * FROM kept_atoms")
        cursor.unregister("kept_atoms")
    return name


def atoms(self: Store, atom_set: str, street: str | None = None) -> gpd.GeoDataFrame:
    """Give the atoms of a set in its metric CRS: of one street with index = number within it, or of all.

    Columns nest_id, unit_id, weight, a column a layer, grid_code, geometry; of all streets also street_code and atom.
    Raises StoreError when there is no such set or street.
    """
    cursor = self.cursor()
    head = cursor.execute("SELECT crs, layers FROM atom_sets WHERE atom_set = ?", [atom_set]).fetchone()
    where = "" if street is None else "AND street_code = $street"
    values = {"set": atom_set} if street is None else {"set": atom_set, "street": street}
    rows = cursor.execute(
        "SELECT street_code, atom, nest_id, unit_id, households AS weight, labels, grid_code, shape FROM plan_atoms "
        f"WHERE atom_set = $set {where} ORDER BY street_code, atom",
        values,
    ).df()
    if head is None or rows.empty:
        raise StoreError("There are no atoms to edit {street} on; merge the layers first.", street=street or atom_set)
    labels = np.array([list(row) for row in rows.pop("labels")], dtype=object).reshape(len(rows), -1)
    shapes = shapely.from_wkb([bytes(shape) for shape in rows.pop("shape")])
    for place, layer in enumerate(head[1]):
        rows[layer] = labels[:, place]
    rows["unit_id"] = rows["unit_id"].astype(object).where(rows["unit_id"].notna(), None)
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=head[0])
    return frame if street is None else frame.drop(columns=["street_code", "atom"])


def atom_set(self: Store, version: int) -> str | None:
    """Give the name of the set of atoms a version was made of, or None."""
    row = self.cursor().execute("SELECT atom_set FROM atom_sets WHERE version = ?", [version]).fetchone()
    return None if row is None else str(row[0])


def make_draft(self: Store, name: str, version: int, *, by: str | None = None, like: str | None = None) -> str:
    """Begin a draft of a version's grids under a name, or a copy of the draft ``like`` with all its steps; give its id.

    Raises StoreError for an empty or used name, and when the version has no atoms to edit.
    """
    name = name.strip()
    with self.write() as cursor:
        if not name:
            raise StoreError("Give the draft a name.")
        if cursor.execute("SELECT 1 FROM plan_drafts WHERE name = ?", [name]).fetchone():
            raise StoreError("There is a draft called {name} already; choose another name.", name=name)
        row = cursor.execute("SELECT atom_set FROM atom_sets WHERE version = ?", [version]).fetchone()
        if like is not None:
            row = cursor.execute("SELECT atom_set, base_version FROM plan_drafts WHERE draft_id = ?", [like]).fetchone()
            version = version if row is None else int(row[1])
        if row is None:
            raise StoreError("Version {version} has no atoms to edit; merge the layers again.", version=version)
        draft = uuid.uuid4().hex[:12]
        cursor.execute(
            "INSERT INTO plan_drafts VALUES (?, ?, ?, ?, ?, ?, ?)", [draft, name, version, row[0], like, by, clock.now()]
        )
        if like is not None:
            cursor.execute(
                "INSERT INTO draft_steps SELECT ?, street_code, seq, act, change, who, taken_at FROM draft_steps "
                "WHERE draft_id = ?",
                [draft, like],
            )
    return draft


def drafts(self: Store) -> pd.DataFrame:
    """List the drafts, the newest first.

    Columns: draft_id, name, base_version, atom_set, made_by, made_at, steps, streets, last_at, last_by, version (that was made
    of it, or none).
    """
    return (
        self.cursor()
        .execute(
            "SELECT d.draft_id, name, base_version, atom_set, made_by, made_at, count(s.seq) AS steps, "
            "count(DISTINCT s.street_code) AS streets, max(s.taken_at) AS last_at, "
            "arg_max(s.who, (s.taken_at, s.seq, s.street_code)) AS last_by, "
            "(SELECT max(version) FROM draft_versions v WHERE v.draft_id = d.draft_id) AS version "
            "FROM plan_drafts d LEFT JOIN draft_steps s USING (draft_id) GROUP BY ALL "
            "ORDER BY made_at DESC, max(d.rowid) DESC"  # the clock counts seconds
        )
        .df()
    )


def steps(self: Store, draft: str, street: str, *, after: int = 0) -> list[Step]:
    """List the steps of a street of a draft behind step ``after``, in order."""
    rows = (
        self.cursor()
        .execute(
            "SELECT seq, act, change, who, taken_at FROM draft_steps "
            "WHERE draft_id = ? AND street_code = ? AND seq > ? ORDER BY seq",
            [draft, street, after],
        )
        .fetchall()
    )
    return [Step(*row) for row in rows]


def edited(self: Store, draft: str) -> list[str]:
    """List the streets in which a draft has steps."""
    rows = self.cursor().execute("SELECT DISTINCT street_code FROM draft_steps WHERE draft_id = ? ORDER BY 1", [draft])
    return [row[0] for row in rows.fetchall()]


def take_step(self: Store, draft: str, street: str, act: str, change: str = "", *, after: int, by: str | None = None) -> int:
    """Keep one step and give its number. after: the number of the last step the editor has seen, 0 for none.

    Raises OvertakenError, with the steps meanwhile taken, when there are later ones: nothing is overwritten unseen; and
    StoreError when a version was made of the draft already.
    """
    step = {"draft_id": draft, "street_code": street, "seq": after + 1, "act": act, "change": change, "who": by}
    try:
        with self.write() as cursor:
            if draft in _ended(self, cursor):
                raise StoreError("A version was made of this draft; copy it to go on editing.")
            topics.insert(cursor, "draft_steps", step | {"taken_at": clock.now()})
        return after + 1
    except duckdb.ConstraintException:  # the table's key: there is a step of that number
        theirs = steps(self, draft, street, after=after)
        if not theirs:
            raise
    refused = OvertakenError(
        key("{who} has changed this street meanwhile ({n} steps); here is the plan as it is now. Your step was not taken."),
        who=theirs[-1].who or "?",
        n=len(theirs),
    )
    refused.steps = tuple(theirs)
    raise refused


def _ended(self: Store, cursor: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Name the drafts of which versions were made, read again only when that changes: every step asks."""
    now = self.data_version("draft_versions")
    known = cast("tuple[str, frozenset[str]] | None", self.cache.get("drafts ended"))
    if known is None or known[0] != now:
        found = frozenset(row[0] for row in cursor.execute("SELECT draft_id FROM draft_versions").fetchall())
        self.cache["drafts ended"] = known = now, found
    return known[1]


def made_of(self: Store, version: int, draft: str) -> None:
    """Note that a version was made of a draft, which from then on is not edited any more.

    What was settled in the version that the draft was begun with is settled in this one.
    """
    with self.write() as cursor:
        cursor.execute("INSERT INTO draft_versions VALUES (?, ?)", [version, draft])
        base = cursor.execute("SELECT base_version FROM plan_drafts WHERE draft_id = ?", [draft]).fetchone()
        if base is not None:
            conflicts.inherit(cursor, version, int(base[0]))
