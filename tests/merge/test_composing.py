"""An edited plan becomes grids again: what stayed keeps its code, what changed says where its land went."""

import pytest

from gridmap.errors import MergeError
from gridmap.merge import composing, editing
from tests.merge import boards
from tests.merge.boards import number


def composed(draft, previous):
    atoms = draft.board.atoms.drop(columns="incidents").assign(grid_code=list(draft.state.grid))
    return composing.compose(atoms, layers=("a", "b"), previous=previous)


@pytest.fixture(scope="module")
def first():
    draft = boards.draft()
    atoms = draft.board.atoms.assign(grid_code=list(draft.state.grid), nest_id=draft.board.nest)
    previous = atoms.dissolve("grid_code")[["nest_id", "geometry"]].reset_index()
    previous["grid_code"] = [f"{nest}00{n}" for n, nest in enumerate(previous["nest_id"], start=1)]
    return previous


def test_a_plan_that_did_not_change_keeps_every_code(first):
    found = composed(boards.draft(), first)
    assert sorted(found.grids["grid_code"]) == sorted(first["grid_code"])
    assert found.changes.empty


def test_only_what_changed_gets_another_code_and_its_land_is_accounted_for(first):
    draft = boards.draft()
    after = draft.do(editing.give(draft, [number(0, 0)], "n1-1"))
    found = composed(after, first)
    kept = set(found.grids["grid_code"]) & set(first["grid_code"])
    assert len(kept) == 5
    assert set(found.changes["change"]) == {"new"}
    assert found.changes["households"].sum() == 800
    assert found.changes.groupby("old_grid")["share_of_old"].sum().tolist() == pytest.approx([1, 1])
    assert found.changes.groupby("new_grid")["share_of_new"].sum().tolist() == pytest.approx([1, 1])
    way = found.crosswalk
    assert way[way["layer"] == "a"].groupby("old_id")["share_of_old"].sum().tolist() == pytest.approx([1] * 6)


def test_a_grid_in_two_communities_is_refused(first):
    atoms = boards.board().atoms.assign(grid_code="x")
    with pytest.raises(MergeError, match="more than one community"):
        composing.compose(atoms, layers=("a", "b"), previous=first)
