"""A plan under edit: steps keep grids whole, are undone and redone to the byte, and are told again from what was kept."""

import random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import MergeError
from gridmap.merge import dividing, editing, effects, mending, plan
from gridmap.merge.board import Board
from gridmap.merge.plan import Change
from tests.merge import boards
from tests.merge.boards import number


def whole(draft):
    return all(len(draft.board.parts(atoms)) == 1 for atoms in draft.state.members().values())


def random_change(draft, pick):
    """One change that a person could ask for and get, or None."""
    atom = pick.randrange(len(draft.board))
    near = draft.board.neighbours[atom]
    makes = [
        lambda: editing.give(draft, [atom], draft.state.grid[pick.choice(near)]),
        lambda: editing.give(draft, [atom], draft.state.grid[pick.choice(near)]),
        lambda: editing.make(draft, [atom]),
        lambda: editing.lock(draft, draft.state.grid[atom]),
        lambda: editing.pin(draft, [atom]),
        lambda: editing.release(draft, [atom]),
        lambda: editing.merge(draft, draft.state.grid[atom], draft.state.grid[pick.choice(near)]),
    ]
    try:
        return pick.choice(makes)()
    except MergeError:
        return None


def test_ground_goes_to_a_neighbour_and_both_grids_figures_follow():
    before = boards.draft()
    after = before.do(editing.give(before, [number(0, 0)], "n1-1"))
    mine, theirs = effects.effects(before, after, ["n1-0", "n1-1"])
    assert (mine.before["households"], mine.after["households"]) == (400, 300)
    assert (theirs.before["households"], theirs.after["households"]) == (400, 500)
    assert (mine.after["area_m2"], mine.after["incidents"]) == (30_000, 6)
    assert "a:a0" in theirs.after["cut"]
    assert whole(after)


def test_a_grid_stays_inside_its_community():
    with pytest.raises(MergeError, match="inside one of them"):
        editing.give(boards.draft(), [number(2, 0)], "n2-0")


def test_what_would_fall_apart_is_not_done_but_completed():
    draft = boards.draft()
    with pytest.raises(editing.NotWhole) as refused:
        editing.give(draft, [number(0, 1)], "n1-1")  # parts the column into its foot and the rest
    ways = mending.completions(draft, refused.value.change)
    assert ways
    for way in ways:
        after = draft.do(way.change)
        assert whole(after)
        assert after.state.grid[number(0, 1)] == "n1-1"
        assert way.extra_atoms == len(set(way.change.atoms) - {number(0, 1)})


def test_a_completion_is_found_that_keeps_the_norm_where_there_is_one():
    draft = boards.draft()
    with pytest.raises(editing.NotWhole) as refused:
        editing.give(draft, [number(0, 1)], "n1-1")
    best = mending.completions(draft, refused.value.change)[0]
    assert best.missing == 0
    table = effects.figures(draft.board, draft.do(best.change).state)
    assert (table["norm_gap"] == 0).all()


def test_ground_that_does_not_touch_is_linked():
    draft = boards.draft()
    change = editing.asked(draft, [number(0, 0)], "n1-2")
    ways = mending.completions(draft, change)
    assert ways
    assert all(whole(draft.do(way.change)) for way in ways)


def test_a_locked_grid_is_changed_by_no_step_and_no_search():
    draft = boards.draft()
    draft = draft.do(editing.lock(draft, "n1-0"))
    with pytest.raises(MergeError, match="locked"):
        editing.give(draft, [number(0, 0)], "n1-1")
    with pytest.raises(MergeError, match="locked"):
        editing.give(draft, [number(1, 0)], "n1-0")
    found = draft.do(mending.finish(draft).change)
    assert found.state.atoms_of("n1-0") == boards.state().atoms_of("n1-0")
    assert draft.do(editing.lock(draft, "n1-0")).state.locked == frozenset()


def test_pinned_ground_stays_and_forbidden_ground_keeps_out():
    draft = boards.draft()
    draft = draft.do(editing.pin(draft, [number(0, 0)]))
    with pytest.raises(MergeError, match="pinned"):
        editing.give(draft, [number(0, 0)], "n1-1")
    draft = draft.do(editing.forbid(draft, [number(1, 0)], "n1-0"))
    with pytest.raises(MergeError, match="rule"):
        editing.give(draft, [number(1, 0)], "n1-0")
    found = draft.do(mending.finish(draft).change).state.grid
    assert found[number(0, 0)] == "n1-0"
    assert found[number(1, 0)] != "n1-0"
    freed = draft.do(editing.release(draft, [number(0, 0), number(1, 0)]))
    assert freed.state.rules == frozenset()


def test_a_compound_moves_whole_and_is_never_cut():
    pair = (number(0, 0), number(1, 0))
    draft = plan.Draft(boards.board(units=[pair]), boards.state())
    change = editing.asked(draft, [number(0, 0)], "n1-1")
    assert number(0, 0) in change.atoms
    after = draft.do(change)
    assert after.state.grid[pair[0]] == after.state.grid[pair[1]]


def test_finishing_the_rest_is_never_dearer_and_says_a_bound():
    draft = boards.draft()
    for atom, to in ((number(0, 0), "n1-1"), (number(3, 3), "n2-2"), (number(4, 3), "n2-2")):
        draft = draft.do(editing.give(draft, [atom], to))
    found = mending.finish(draft)
    after = draft.do(found.change)
    assert found.was_m == pytest.approx(mending.cost(draft.board, draft.state.grid))
    assert found.cost_m == pytest.approx(mending.cost(draft.board, after.state.grid))
    assert found.cost_m <= found.was_m
    assert found.bound_m is not None
    assert found.bound_m <= found.cost_m + 1e-6
    assert whole(after)


def test_the_engine_divides_a_grid_in_connected_parts():
    draft = boards.draft()
    draft = draft.do(editing.merge(draft, "n1-0", "n1-1"))
    after = draft.do(mending.divide(draft, "n1-0"))
    held = effects.figures(after.board, after.state)["households"]
    assert held.filter(like="n1").tolist() == [400, 400, 400]
    assert whole(after)


def test_a_line_divides_a_grid_and_nothing_is_lost():
    before = boards.draft()
    line = shapely.LineString([(-20, 140), (120, 165)])
    after = before.do(dividing.along(before, "n1-0", line))
    shapes = after.board.atoms.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).equals(shapely.union_all(before.board.atoms.geometry.to_numpy()))
    assert after.board.weight.sum() == pytest.approx(before.board.weight.sum())
    assert after.board.incidents.sum() == pytest.approx(before.board.incidents.sum())
    assert len(after.state.members()) == len(before.state.members()) + 1
    assert whole(after)
    assert after.undo().digest() == before.digest()
    assert after.undo().redo().digest() == after.digest()


def test_a_line_that_ends_inside_divides_nothing():
    with pytest.raises(MergeError, match="right through"):
        dividing.along(boards.draft(), "n1-0", shapely.LineString([(-20, 140), (50, 150)]))


def test_500_steps_are_undone_and_redone_to_the_byte():
    pick = random.Random(7)
    draft = boards.draft()
    seen = [draft.digest()]
    while len(seen) <= 500:
        change = random_change(draft, pick)
        if change is not None and not change.nothing:
            draft = draft.do(change)
            seen.append(draft.digest())
    there = draft
    for digest in seen[-2::-1]:
        there = there.undo()
        assert there.digest() == digest
    assert there.undo() is there
    for digest in seen[1:]:
        there = there.redo()
        assert there.digest() == digest
    assert there.state.to_bytes() == draft.state.to_bytes()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 25))
def test_whatever_is_done_grids_stay_whole_and_the_steps_tell_the_plan(seed, steps):
    pick = random.Random(seed)
    first = draft = boards.draft()
    acts = []
    for _ in range(steps):
        act = pick.choice(["do", "do", "do", "undo", "redo"])
        change = random_change(draft, pick) if act == "do" else None
        if act == "do" and change is None:
            continue
        text = "" if change is None else change.to_json()
        draft = plan.follow(draft, act, text)
        acts.append((act, text))
        if change is not None:
            assert Change.from_json(text) == change
    assert whole(draft)
    assert plan.replay(first.board, first.state, acts).digest() == draft.digest()


def test_a_step_made_for_another_plan_is_refused():
    draft = boards.draft()
    change = editing.give(draft, [number(0, 0)], "n1-1")
    with pytest.raises(MergeError, match="does not fit"):
        draft.do(change).do(change)


def test_plans_are_compared_by_what_they_keep():
    draft = boards.draft()
    was = effects.summary(draft.board, draft.state, draft)
    assert (was["grids"], was["inside"], was["moved"], was["new_m"]) == (7, 7, 0, 0)
    assert (was["whole_a"], was["old_a"]) == (3, 6)  # a's columns stay whole in n1, where the plan is by columns
    after = draft.do(editing.give(draft, [number(0, 0)], "n1-1"))
    now = effects.summary(after.board, after.state, draft)
    assert (now["moved"], now["whole_a"]) == (100, 2)


def test_nobody_moves_where_only_names_or_the_order_of_the_ground_differ():
    draft = boards.draft()
    back = np.arange(len(draft.board))[::-1]
    turned = Board(draft.board.atoms.iloc[back].reset_index(drop=True), norm=draft.board.norm)
    same = plan.Draft(turned, plan.State(tuple(f"other {draft.state.grid[atom]}" for atom in back)))
    assert effects.summary(same.board, same.state, draft)["moved"] == 0
    after = draft.do(editing.give(draft, [number(0, 0)], "n1-1"))
    assert effects.summary(after.board, after.state, same)["moved"] == 100
