"""The conflicts of a version: what cleaning settled, what the checks left open, what a meeting decided; each where it lies."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.finding import Finding
from gridmap.store import conflicts

from .conftest import STEP, box, frame, plan


def log(*rows):
    """Edits of cleaning in the metric CRS, each a strip of a community 100 m wide or so."""
    made = [
        {"layer": layer, "id": id_, "what": what, "to": to, "why": "another grid holds the same ground", "geometry": box(*spot)}
        for layer, id_, what, to, spot in rows
    ]
    edits = frame(made).to_crs(4549)
    return edits.assign(area_m2=edits.area)


@pytest.fixture
def merged():
    made = plan()
    made.edits = log(
        ("zongzhi", "a", "given", "b", (0, 0, 0.0, 0.1)),
        ("zongzhi", "a", "given", "b", (0, 0, 0.0, 0.000001)),  # a pencil line
        ("yingji", "c", "closed", "c", (1, 1, 0.0, 0.2)),
        ("yingji", None, "left", None, (1, 1, 0.5, 0.6)),
        ("yingji", "d", "dissolved", None, (1, 1, 0.5, 0.6)),
        ("chengguan", "e", "cut", None, (5, 5, 0.0, 0.1)),
    )
    place = made.grids.geometry.iloc[0]
    small = Finding("size_out_of_range", "warning", "", place=place, size=12.0, unit="households", ids=("990199001001001",))
    made.findings = [small, Finding("four_fixings", "warning", "", ids=("990199001001001",))]
    return made


def told(frame):
    columns = ["conflict_type", "layer_key", "street_code", "left_id", "right_id", "status"]
    return [
        tuple(None if pd.isna(value) else value for value in row) for row in frame[columns].itertuples(index=False, name=None)
    ]


def test_a_version_keeps_what_cleaning_settled_and_what_the_checks_left_open(published, merged):
    version = published.draft(merged, by="测试")
    found = published.conflicts(version)
    assert told(found) == [
        ("gap", "yingji", "990199002", None, None, "open"),
        ("size_out_of_range", None, "990199001", "990199001001001", None, "open"),
        ("gap", "yingji", "990199002", "c", None, "settled"),
        ("overlap", "zongzhi", "990199001", "a", "b", "settled"),
        ("cross_community", "chengguan", None, "e", None, "settled"),
    ]
    assert found["decision_zh"].notna().tolist() == [True, False, True, True, True]
    assert found["decided_by"].tolist()[2:] == ["测试"] * 3
    assert found.crs == 4490
    assert found.geometry.iloc[3].equals_exact(box(0, 0, 0.0, 0.1), 1e-9 * STEP + 1e-8, normalize=True)
    assert len(published.conflicts(version, limit=2)) == 2
    counted = published.conflict_counts(version).set_index(["conflict_type", "layer_key"])
    assert counted.loc[("gap", "yingji"), ["n", "open"]].tolist() == [2, 1]
    assert published.conflicts(published.version_now()).empty


def test_a_plan_without_a_log_has_no_conflicts(published):
    version = published.draft(plan(cuts=(0.4,)))
    assert published.conflicts(version).empty
    made = plan(cuts=(0.3,))
    made.edits, made.findings = gpd.GeoDataFrame(), []
    assert published.conflict_counts(published.draft(made)).empty


def test_a_decision_on_a_place_in_dispute_stands_among_the_conflicts_and_the_last_one_counts(published):
    version, ground = published.version_now(), box(0, 0, 0.0, 0.5)
    place = "990199001001/chengguan=c1/zongzhi=001001"
    published.decide(place, "put_off", subject="甲", decided_by="王主任", street="990199001", ground=ground)
    assert told(published.conflicts(version)) == [
        ("disagreement", None, "990199001", "chengguan=c1", "zongzhi=001001", "put_off")
    ]
    published.decide(
        place, "alternative", subject="甲", decided_by="李主任", street="990199001", alternative="沿河", ground=ground
    )
    found = published.conflicts(version)
    assert found["status"].tolist() == ["settled"]
    assert found["decided_by"].tolist() == ["李主任"]
    assert "沿河" in found["decision_zh"].iloc[0]
    assert found.geometry.iloc[0].equals(ground)
    assert found["area_m2"].iloc[0] == pytest.approx(
        shapely.area(frame([{"geometry": ground}]).to_crs(4549).geometry.iloc[0]), rel=1e-6
    )


def test_a_version_made_by_editing_keeps_what_was_settled_in_the_layers_and_between_departments(published, merged):
    base = published.draft(merged)
    published.publish(base)
    published.decide("990199001001/zongzhi=a", "accepted", subject="甲", decided_by="王主任", street="990199001")
    own = plan(cuts=(0.4,))
    own.findings = [Finding("gap", "note", "", place=shape, size=1.0, unit="m²") for shape in own.grids.geometry]
    edited = published.draft(own)
    with published.write() as cursor:
        conflicts.inherit(cursor, edited, base)
        conflicts.inherit(cursor, edited, base)
    kept = told(published.conflicts(edited))
    assert ("disagreement", None, "990199001", "zongzhi=a", None, "settled") in kept
    assert len(kept) == len(published.conflicts(base)) - 1 + 8  # what the checks found is each plan's own
