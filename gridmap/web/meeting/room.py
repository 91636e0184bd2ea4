"""What the views of the meeting room share: the draft and street at hand, its plan as it is now, and taking a step."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap import analysis, crs, merge, store, terms
from gridmap.errors import GridmapError
from gridmap.merge import mending, plan
from gridmap.merge.board import Board
from gridmap.web import district, guard, merging, messages, session, tables

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pyproj import CRS

    from gridmap.merge.plan import Change, Draft
    from gridmap.web.jobs import Progress

    Key = tuple[str, str, tuple[float, float] | None, str]

K = TypeVar("K")
V = TypeVar("V")

ROOM = 24
"""Plans under edit kept ready, the latest used: one is a street of one draft."""

_kept: OrderedDict[tuple[str, str], tuple[int, Draft]] = OrderedDict()
_boards: OrderedDict[Key, tuple[Board, plan.State]] = OrderedDict()
_lock = threading.Lock()
_rehearsed = threading.Event()


def who() -> str:
    """Give the name of the person at the page, as records keep it."""
    return guard.actor().name


def versions() -> list[int]:
    """Give the versions that can be edited, the one in force first, then the newest."""
    db = district.db()
    now = db.version_now()
    listed = [int(version) for version in db.versions()["version"][::-1]]
    order = ([now] if now is not None else []) + [version for version in listed if version != now]
    return [version for version in order if _has_atoms(version)]


def drafts() -> pd.DataFrame:
    """List the drafts, the newest first; where there is none but a version that can be edited, one is begun."""
    db = district.db()
    listed = db.drafts()
    if listed.empty and (ready := versions()):
        with _lock:
            if db.drafts().empty:
                guard.require("meet")
                db.make_draft(terms.say("Draft {n}", n=1), ready[0], by=who())
        listed = db.drafts()
    return listed


def choose_draft() -> str | None:
    """Draw the choice of a draft; its id, or None (said on the page) when there is nothing to edit."""
    listed = drafts()
    if listed.empty:
        messages.empty(
            terms.say("There is no plan to work on yet."), terms.say("Merge the departments' layers on the page Merge first.")
        )
        return None
    names = called(listed)
    return option(terms.say("Draft"), list(names), "draft", names)


def called(drafts: pd.DataFrame) -> dict[str, str]:
    """Give what each draft is called, by its id."""
    return apart(dict(zip(drafts["draft_id"], drafts["name"], strict=True)))


def apart(names: dict[str, str]) -> dict[str, str]:
    """Tell options of one name apart by a number: a choice on a page is known by what it is called."""
    seen: Counter[str] = Counter()
    told = {}
    for ident, name in names.items():
        seen[name] += 1
        told[ident] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return told


def choose_street(*, whole: bool = False) -> str:
    """Draw the choice of a street and give its code; whole: also all of them, as an empty text."""
    names = tables.names("street")
    if whole:
        names = {"": terms.say("All sub-districts")} | names
    return option(terms.say("Sub-district"), list(names), "street", names)


def option(label: str, options: list[str], name: str, names: dict[str, str], *, width: int = 240) -> str:
    """Draw a choice, so many pixels wide, whose answer is in the address."""
    given = session.get(name)
    now = given if given in options else options[0]
    key = f"meet-{name}-{now}-{len(options)}"
    chosen: str = st.selectbox(label, options, index=options.index(now), format_func=names.__getitem__, key=key,
                     label_visibility="collapsed", width=width)  # fmt: skip
    if chosen != now:
        session.put(**{name: chosen})
        st.rerun()
    return chosen


def known(ident: str) -> dict[Hashable, Any]:
    """Give what is known of one draft, as Store.drafts lists it."""
    return next(row for row in district.db().drafts().to_dict("records") if row["draft_id"] == ident)


def metric(frame: gpd.GeoDataFrame) -> CRS:
    """Give a frame's CRS. Raises InputError when it says none."""
    return crs.require(frame, "grids")


def current(draft: str, street: str) -> tuple[Draft, int]:
    """Give a street's plan in a draft as it is now, and the number of its last step; only steps not yet seen are followed."""
    return prepare(draft, street)


def stands(draft: str, street: str) -> bool:
    """Say whether a street's plan in a draft stands ready, so that ``current`` answers at once."""
    return (draft, street) in _kept


def prepare(draft: str, street: str, report: Progress | None = None) -> tuple[Draft, int]:
    """Give what ``current`` gives, saying on the way how far it is; report may raise to stop, and then nothing is kept."""
    with _lock:
        kept = _kept.get((draft, street))
    seq, now = kept or (0, plan.Draft(*_board(_key(draft, street), report)))
    for step in district.db().steps(draft, street, after=seq):
        now, seq = plan.follow(now, step.act, step.change), step.seq
    _keep(_kept, (draft, street), (seq, now))
    if report is not None and not _rehearsed.is_set():
        report(terms.key("Making the engine ready"), 0.95)
        _rehearse(now)
    return now, seq


def _rehearse(now: Draft) -> None:
    """Let the engine divide a grid once, for nothing: what it has to load or compile the first time, nobody waits for later."""
    grid = max(now.state.members().items(), key=lambda held: len(held[1]))[0]
    with suppress(GridmapError):
        mending.divide(now, grid)
    _rehearsed.set()


def take(draft: str, street: str, act: str, change: Change | None = None, *, after: int) -> None:
    """Take a step in a street of a draft, as the person at the page, who has seen step ``after``.

    Raises OvertakenError when somebody else was quicker, and Forbidden without the right.
    """
    actor = guard.require("meet", street)
    text = "" if change is None else change.to_json()
    district.db().take_step(draft, street, act, text, after=after, by=actor.name)


def meeting(*, begin: bool = True) -> str | None:
    """Give the meeting at hand: the one the address names, else the newest; where there is none, one of today is begun."""
    db = district.db()
    listed = list(db.meetings()["meeting_id"])
    given = session.get("meeting")
    if given in listed:
        return given
    if listed:
        return str(listed[0])
    if not begin:
        return None
    guard.require("meet")
    return db.hold_meeting(terms.say("Coordination meeting on all-subject grids"), store.now().date(), by=who())


def norm(version: int) -> tuple[float, float] | None:
    """Give the norm a version was made for."""
    row = district.db().versions().set_index("version").loc[version]
    return None if pd.isna(row["norm_low"]) else (float(row["norm_low"]), float(row["norm_high"]))


def base(version: int, street: str, report: Progress | None = None) -> tuple[Board, plan.State]:
    """Give a street of a version as the merge left it: its board and its grids. report: as in ``prepare``."""
    return _board(_version_key(version, street), report)


def stands_base(version: int, street: str) -> bool:
    """Say whether a street of a version stands ready."""
    return _version_key(version, street) in _boards


def buildings(street: str) -> gpd.GeoDataFrame | None:
    """Give the households of a street's buildings, in the CRS of its atoms, or None where there are none."""
    return _buildings(street, district.db().data_version("buildings"))


def short(grid: str) -> str:
    """Give what a grid is called inside its community: its last three digits, or new and a number."""
    head, mark, number = grid.partition(plan.NEW)
    return terms.say("new {n}", n=number) if mark else head[-3:]


def _key(draft: str, street: str) -> Key:
    row = known(draft)
    return str(row["atom_set"]), street, norm(int(row["base_version"])), _seen()


def _version_key(version: int, street: str) -> Key:
    name = district.db().atom_set(version)
    if name is None:
        raise GridmapError("Version {version} has no atoms to edit; merge the layers again.", version=version)
    return name, street, norm(version), _seen()


def _seen() -> str:
    return f"{district.folder()}/{district.db().data_version('buildings')}"


def _has_atoms(version: int) -> bool:
    """Say whether a version has its atoms; those a merge left in its folder are taken in."""
    db = district.db()
    if db.atom_set(version) is not None:
        return True
    left = district.folder() / merging.OUT / "atoms.parquet"
    if version != db.version_now() or not left.exists():
        return False
    guard.require("meet")
    try:
        db.keep_atoms(version, gpd.read_parquet(left))
    except GridmapError:
        return False
    return True


def _board(key: Key, report: Progress | None) -> tuple[Board, plan.State]:
    """Make a street's board, with all that every edit needs of it, or give the one that is kept."""
    with _lock:
        kept = _boards.get(key)
    if kept is not None:
        return kept
    say = report or (lambda *_: None)
    atom_set, street, norm, _ = key
    say(terms.key("Reading the ground"), 0.0)
    atoms = district.db().atoms(atom_set, street)
    grid = tuple(atoms.pop("grid_code").astype(str))
    say(terms.key("Counting incidents"), 0.2)
    atoms["incidents"] = analysis.monthly(district.db(), atoms.geometry, street)
    board = Board(atoms, norm=norm)
    say(terms.key("Finding borders and neighbours"), 0.7)
    _ = board.neighbours
    say(terms.key("Finding borders and neighbours"), 0.85)
    _ = board.whole
    return _keep(_boards, key, (board, plan.State(grid)))


def _keep(among: OrderedDict[K, V], key: K, value: V) -> V:
    """Keep a value among the latest used."""
    with _lock:
        among[key] = value
        among.move_to_end(key)
        while len(among) > ROOM:
            among.popitem(last=False)
    return value


@st.cache_resource(show_spinner=False, max_entries=ROOM)
def _buildings(street: str, data_version: str) -> gpd.GeoDataFrame | None:  # noqa: ARG001  the key
    found = analysis.homes(district.db(), street)
    name = district.db().atom_set(versions()[0]) if versions() else None
    if found.empty or name is None:
        return None
    return merge.project(found, metric(district.db().atoms(name, street)), "buildings")
