"""Drafts are kept step by step, a second editor is told; decisions and the way of a version are on record."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest
import shapely

from gridmap import access
from gridmap.errors import StoreError
from gridmap.merge import editing, plan
from gridmap.merge.board import Board
from gridmap.store import clock
from gridmap.store.drafts import OvertakenError
from tests.store.conftest import SPOTS, box, frame

STREET = "990199001"


def merged():
    """A merge with atoms: each community in quarters; zongzhi in halves, chengguan keeps the middle together."""
    atoms = [
        {
            "nest_id": code,
            "zongzhi": f"z{code[-6:]}{part // 2}",
            "chengguan": f"c{code[-6:]}{(part + 1) // 2}",
            "weight": 175.0,
            "grid_code": f"{code}00{part // 2 + 1}",
            "geometry": box(column, row, part / 4, (part + 1) / 4),
        }
        for code, (column, row) in SPOTS.items()
        for part in range(4)
    ]
    atoms = frame(atoms).to_crs(4549)
    grids = atoms.dissolve("grid_code", aggfunc={"weight": "sum", "nest_id": "first"}).reset_index()
    grids["area_m2"] = grids.area
    way = pd.concat(
        [
            atoms.assign(area_m2=atoms.area, old_id=atoms[layer], layer=layer)
            .groupby(["layer", "old_id", "grid_code"], as_index=False)[["area_m2", "weight"]]
            .sum()
            for layer in ("zongzhi", "chengguan")
        ]
    )
    way["share_of_old"] = way["area_m2"] / way.groupby(["layer", "old_id"])["area_m2"].transform("sum")
    way["share_of_new"] = way["area_m2"] / way["grid_code"].map(grids.set_index("grid_code")["area_m2"])
    return SimpleNamespace(grids=grids, crosswalk=way, atoms=atoms)


@pytest.fixture
def db(district):
    district.publish(district.draft(merged(), note="first", norm=(300, 500)))
    return district


@pytest.fixture
def draft(db):
    return db.make_draft("one", 1, by="Li")


def told(db, draft):
    """The draft as whoever opens it now sees it."""
    atoms = db.atoms(db.atom_set(1), STREET)
    grid = tuple(atoms.pop("grid_code"))
    acts = [(step.act, step.change) for step in db.steps(draft, STREET)]
    return plan.replay(Board(atoms, norm=(300, 500)), plan.State(grid), acts)


def test_atoms_come_back_to_the_last_bit(db):
    given = merged().atoms
    there = db.atoms(db.atom_set(1))
    assert shapely.equals_identical(there.geometry.to_numpy(), given.geometry.to_numpy()).all()
    assert there["zongzhi"].tolist() == given["zongzhi"].tolist()
    assert there.crs == given.crs
    assert len(db.atoms("v1", STREET)) == 8


def test_atoms_of_another_plan_are_refused(db):
    other = merged()
    version = db.draft(SimpleNamespace(grids=other.grids.iloc[:2], crosswalk=other.crosswalk.iloc[:0]))
    with pytest.raises(StoreError, match="not those of version 2"):
        db.keep_atoms(version, other.atoms)


def test_a_browser_closed_in_the_middle_loses_nothing(db, draft):
    now = told(db, draft)
    change = editing.give(now, [1], now.state.grid[2])
    db.take_step(draft, STREET, "do", change.to_json(), after=0, by="Li")
    assert told(db, draft).digest() == now.do(change).digest()
    db.take_step(draft, STREET, "undo", after=1, by="Li")
    assert told(db, draft).digest() == now.digest()


def test_the_second_editor_is_told_and_nothing_is_overwritten(db, draft):
    now = told(db, draft)
    change = editing.give(now, [1], now.state.grid[2]).to_json()
    db.take_step(draft, STREET, "do", change, after=0, by="Li")
    with pytest.raises(OvertakenError, match="Li has changed") as overtaken:
        db.take_step(draft, STREET, "do", change, after=0, by="Wang")
    assert [step.who for step in overtaken.value.steps] == ["Li"]
    assert len(db.steps(draft, STREET)) == 1
    assert db.take_step(draft, "990199002", "do", change, after=0, by="Wang") == 1  # another street is another plan


def test_a_copy_has_the_steps_and_goes_its_own_way(db, draft):
    now = told(db, draft)
    db.take_step(draft, STREET, "do", editing.give(now, [1], now.state.grid[2]).to_json(), after=0)
    copy = db.make_draft("two", 1, like=draft)
    assert told(db, copy).digest() == told(db, draft).digest()
    db.take_step(copy, STREET, "undo", after=1)
    assert told(db, copy).digest() != told(db, draft).digest()
    with pytest.raises(StoreError, match="already"):
        db.make_draft("two", 1)


def test_of_editors_in_one_moment_one_is_heard_and_the_others_are_told(db, draft):
    now = told(db, draft)
    text = editing.lock(now, now.state.grid[0]).to_json()

    def editor(name):
        try:
            return db.take_step(draft, STREET, "do", text, after=0, by=name)
        except OvertakenError as error:
            return error.steps[0].who

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(editor, [f"editor {n}" for n in range(8)]))
    with pytest.raises(duckdb.ConstraintException, match="act"):  # no editor is blamed for what no editor did
        db.take_step(draft, STREET, "fly", text, after=1)
    (kept,) = db.steps(draft, STREET)
    assert answers.count(1) == 1
    assert set(answers) == {1, kept.who}


def test_drafts_and_meetings_of_one_second_are_listed_the_newest_first(db, monkeypatch):
    """The clock counts seconds: which draft a page opens first must not hang on chance."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    drafts = [db.make_draft(f"draft {n}", 1) for n in range(12)]
    meetings = [db.hold_meeting(f"meeting {n}", moment.date()) for n in range(12)]
    part = access.confine(db, access.Actor("x", "leader", STREET))
    for seen in (db, part):
        assert seen.drafts()["draft_id"].tolist() == drafts[::-1]
        assert seen.meetings()["meeting_id"].tolist() == meetings[::-1]
    for step in ("drawn", "agreed", "told", "filed"):
        db.step_version(1, step, who="Li")
    assert db.version_steps(1)["step"].tolist() == ["drawn", "agreed", "told", "filed"]


def test_a_draft_that_became_a_version_is_edited_no_more(db, draft):
    db.made_of(db.draft(merged()), draft)
    with pytest.raises(StoreError, match="copy it"):
        db.take_step(draft, STREET, "undo", after=0)


def test_a_version_goes_its_way_step_by_step_each_with_name_and_time(db):
    version = db.draft(merged(), note="second")
    with pytest.raises(StoreError, match="not the turn"):
        db.step_version(version, "agreed", who="Zhao")
    with pytest.raises(StoreError, match="who takes"):
        db.step_version(version, "drawn", who=" ")
    states = []
    for step, who in zip(("drawn", "agreed", "told", "filed"), ("Li", "Zhao", "Qian", "Sun"), strict=True):
        db.step_version(version, step, who=who, office="office")
        states.append(db.versions().set_index("version").loc[version, "status"])
    assert states == ["proposed", "approved", "published", "published"]
    assert db.version_now() == version
    way = db.version_steps(version)
    assert way["who"].tolist() == ["Li", "Zhao", "Qian", "Sun"]
    assert way["done_at"].notna().all()


def test_the_last_decision_on_a_place_stands_and_the_first_is_kept(db):
    meeting = db.hold_meeting("m", pd.Timestamp("2026-11-26").date())
    db.decide("x", "put_off", subject="place", decided_by="Li", meeting=meeting)
    db.decide("x", "alternative", subject="place", decided_by="Li", meeting=meeting, alternative="east", votes=(5, 1, 0))
    standing = db.decisions(meeting=meeting)
    assert standing["verdict"].tolist() == ["alternative"]
    assert db.cursor().execute("SELECT count(*) FROM decisions").fetchone() == (2,)
    db.decide("y", "accepted", subject="other", decided_by="Li", meeting=meeting)
    assert db.decisions(meeting=meeting)["alternative"].tolist() == [None, "east"]  # never NaN, which a text would say
    with pytest.raises(StoreError, match="alternative is"):
        db.decide("x", "alternative", subject="place", decided_by="Li")
    with pytest.raises(StoreError, match="who decided"):
        db.decide("x", "accepted", subject="place", decided_by="")


def test_questions_are_shared_by_name_and_older_ones_stay_on_record(db):
    db.save_question("open", "SELECT 1", by="Li")
    db.save_question("open", "SELECT 2", by="Wang")
    (shared,) = db.saved_questions().to_dict("records")
    assert (shared["name"], shared["sql"], shared["saved_by"]) == ("open", "SELECT 2", "Wang")
    assert db.cursor().execute("SELECT count(*) FROM saved_questions").fetchone() == (2,)
    with pytest.raises(StoreError, match="name and its SQL"):
        db.save_question(" ", "SELECT 1")
