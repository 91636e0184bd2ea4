"""Where departments disagree, counted by hand on a board of squares."""

from gridmap.merge import disputes
from gridmap.merge.board import Board
from tests.merge import boards
from tests.merge.boards import number


def test_every_square_is_a_place_when_one_department_cuts_by_columns_and_the_other_by_rows():
    found = disputes.disputes(boards.board())
    assert len(found) == boards.WIDE * boards.HIGH
    corner = next(one for one in found if one.atoms == (number(0, 0),))
    assert corner.households == 100
    assert corner.metres == 200  # 100 m to the east, where b joins, and 100 m to the north, where a does
    assert {(together, apart) for _, _, together, apart in corner.joins} == {(("a",), ("b",)), (("b",), ("a",))}
    assert corner.grids == {"a": "a0", "b": "bw0"}


def test_the_gravest_places_come_first():
    board = boards.board()
    atoms = board.atoms.copy()
    atoms.loc[number(1, 1), "weight"] = 900
    found = disputes.disputes(Board(atoms, norm=board.norm))
    assert found[0].atoms == (number(1, 1),)
    assert [one.households for one in found] == sorted((one.households for one in found), reverse=True)


def test_departments_that_agree_dispute_nothing():
    atoms = boards.board().atoms.copy()
    atoms["b"] = atoms["a"]
    assert disputes.disputes(Board(atoms)) == []


def test_ground_that_all_keep_together_is_one_place():
    atoms = boards.board().atoms.copy()
    same = [number(0, 0), number(0, 1)]
    atoms.loc[same, "b"] = "bw0"
    found = disputes.disputes(Board(atoms))
    assert tuple(same) in [one.atoms for one in found]


def test_the_same_places_come_in_the_same_order_whatever_the_order_of_their_pieces():
    """Also where all are equally grave; two apart from each other in the same old grids are told apart by their key."""
    atoms = boards.board().atoms.copy()
    atoms.loc[number(2, 3), "a"] = "a0"
    keys = [one.key for one in disputes.disputes(Board(atoms))]
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if key.startswith("n1/a=a0/b=bw3")] == ["n1/a=a0/b=bw3", "n1/a=a0/b=bw3#2"]
    for seed in range(5):
        mixed = atoms.sample(frac=1, random_state=seed).reset_index(drop=True)
        assert [one.key for one in disputes.disputes(Board(mixed))] == keys


def test_reasons_say_whose_wish_is_followed_and_how_far():
    board = boards.board()
    one = next(one for one in disputes.disputes(board) if one.atoms == (number(1, 0),))
    said = [sentence.say("en") for sentence in disputes.reasons(board, boards.state().grid, one)]
    assert said[0] == "It goes to grid n1-1 of 400 households."
    assert disputes.followed(boards.state().grid, one) == {"a": (300, 0), "b": (0, 300)}
