"""What is promised of cuts drawn anew for a plan: shorter where they may be, nothing lost, no plan dearer."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.merge.cut import cut
from gridmap.merge.partition import partition
from gridmap.merge.recut import redrawn
from gridmap.merge.straight import Homes
from gridmap.merge.weigh import weigh

CRS = 4549
NORM = (600.0, 1000.0)


def ground(*boxes):
    """Atoms of one community, each its own old grid."""
    names = [str(n) for n in range(len(boxes))]
    return gpd.GeoDataFrame({"one": names, "nest_id": "u"}, geometry=[shapely.box(*box) for box in boxes], crs=CRS)


def spread(frame, figures):
    return gpd.GeoDataFrame({"n": figures}, geometry=frame.geometry.to_numpy(), crs=CRS)


def planned(pieces, homes, **more):
    return partition(pieces, weights=weigh(pieces, homes, "n"), norm=NORM, **more)


def test_a_slanted_cut_becomes_the_shortest_that_lets_both_grids_meet_the_norm():
    atoms = ground((0, 0, 300, 100))
    homes = spread(atoms, [1500])
    slanted = gpd.GeoDataFrame(geometry=[shapely.LineString([(80, -1), (220, 101)])], crs=CRS)
    pieces = cut(atoms, slanted, homes, "n", NORM[1], straight_too=False)
    first = planned(pieces, homes)
    again, start = redrawn(pieces, atoms, first.atoms, Homes(homes, "n"), NORM)
    plan = planned(again, homes, start=start)
    assert len(first.grids) == len(plan.grids) == 2
    assert plan.grids["weight"].between(*NORM).all()
    assert first.units[0]["objective"] > 170
    assert plan.units[0]["objective"] < 100 + 2 * 20 + 1  # the ground is 100 m deep; two grids touch one old grid


def test_a_border_that_noding_anew_moves_moves_on_both_its_sides():
    # From a to b the border comes within 0.1 mm of c; the ground that is cut touches one of its two sides only.
    a, b, c, d, e = (0, 0), (4.2516, -2.6926), (4.2515, -2.6926), (-50, -10), (-50, 10)
    shapes = [
        shapely.Polygon([(-150, 0), (-50, 0), e, (-50, 100), (-150, 100)]),
        shapely.Polygon([(-50, 100), (0, 100), a, b, e]),
        shapely.Polygon([e, b, c, d, (-50, 0)]),
        shapely.Polygon([(0, 100), (50, 100), (50, -100), (-50, -100), d, c, b, a]),
    ]
    atoms = gpd.GeoDataFrame({"nest_id": ["u"] * 4}, geometry=shapes, crs=CRS)
    assert shapely.coverage_is_valid(shapes, gap_width=0.001)
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(-100, -1), (-100, 101)])], crs=CRS)
    pieces = cut(atoms, line, spread(atoms, [2000, 0, 0, 0]), "n", NORM[1], straight_too=False)
    assert len(pieces) == 5
    assert shapely.coverage_is_valid(pieces.geometry.to_numpy(), gap_width=0.001)


def test_a_grid_that_lacks_households_gets_them_from_its_neighbours_side_of_the_cut():
    atoms = ground((0, 0, 100, 100), (100, 0, 400, 100))
    homes = spread(atoms, [100, 1500])
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(190, -1), (190, 101)])], crs=CRS)  # 450 households and 1050
    pieces = cut(atoms, line, homes, "n", NORM[1], straight_too=False)
    first = planned(pieces, homes)
    assert not first.grids["weight"].between(*NORM).all()
    again, start = redrawn(pieces, atoms, first.atoms, Homes(homes, "n"), NORM)
    assert planned(again, homes, start=start).grids["weight"].between(*NORM).all()


def test_ground_that_was_not_planned_comes_back_as_it_was():
    atoms = ground((0, 0, 100, 100), (100, 0, 200, 100))
    again, start = redrawn(
        atoms, atoms, pd.DataFrame({"weight": [5.0], "grid_code": ["a"]}), Homes(spread(atoms, [5, 5]), "n"), NORM
    )
    assert shapely.equals_exact(again.geometry.to_numpy(), atoms.geometry.to_numpy(), 0, normalize=True).all()
    assert again.columns.tolist() == atoms.columns.tolist()
    assert start.tolist()[0] == "a"
    assert pd.isna(start.tolist()[1])


@given(seed=st.integers(0, 10**6))
@settings(max_examples=6, deadline=None)
def test_ground_is_kept_and_no_plan_becomes_dearer(seed):
    random = np.random.default_rng(seed)
    atoms = ground(*[(x, y, x + 200, y + 200) for x in (0, 200) for y in (0, 200)])
    homes = spread(atoms, random.integers(200, 2500, len(atoms)))
    lines = [shapely.LineString(random.uniform(-50, 450, (2, 2))) for _ in range(6)]
    pieces = cut(atoms, gpd.GeoDataFrame(geometry=lines, crs=CRS), homes, "n", NORM[1])
    first = planned(pieces, homes)
    again, start = redrawn(pieces, atoms, first.atoms, Homes(homes, "n"), NORM)
    plan = planned(again, homes, start=start)
    assert shapely.coverage_is_valid(again.geometry.to_numpy())
    assert again.area.sum() == pytest.approx(atoms.area.sum())
    assert plan.grids["weight"].sum() == pytest.approx(homes["n"].sum())
    assert plan.units[0]["objective"] <= first.units[0]["objective"] + 1
    assert set(start) == set(first.grids["grid_code"])
