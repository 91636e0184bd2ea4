"""Vertices listed row by row become areas; points that merely stand in groups do not."""

import pandas as pd
import pytest

from gridmap import intake
from gridmap.errors import IntakeError

SQUARE = [(119.90, 39.90), (119.91, 39.90), (119.91, 39.91), (119.90, 39.91)]


def listed(path, *, closed=False, numbered=True):
    rows = []
    for grid, east in (("G1", 0.0), ("G2", 0.01)):
        ring = [*SQUARE, SQUARE[0]] if closed else SQUARE
        rows += [("螺泰社区", grid, number, x + east, y) for number, (x, y) in enumerate(ring, 1)]
    frame = pd.DataFrame(rows, columns=["社区", "网格编码", "点号", "经度", "纬度"])
    frame = frame if numbered else frame.drop(columns="点号")
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_excel(path, index=False)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize(("closed", "numbered"), [(False, True), (True, False)])
def test_numbered_or_closed_vertices_are_joined(tmp_path, name, closed, numbered):
    opened = intake.open_file(listed(tmp_path / name, closed=closed, numbered=numbered))
    assert opened.frame.index.tolist() == ["G1", "G2"]
    assert opened.frame.geometry.iloc[1].bounds == pytest.approx((119.91, 39.90, 119.92, 39.91))
    assert opened.frame["社区"].tolist() == ["螺泰社区"] * 2
    assert "经度" not in opened.columns
    said = next(one for one in opened.findings if one.kind == "vertices")
    assert "8" in said.sentence() or "10" in said.sentence()


def test_points_in_groups_are_no_borders(tmp_path):
    with pytest.raises(IntakeError, match="no area"):
        intake.open_file(listed(tmp_path / "a.csv", numbered=False))
    assert len(intake.open_file(listed(tmp_path / "b.csv"), shapes="any").frame) == 8
