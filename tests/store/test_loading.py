"""What a load promises."""

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from gridmap.errors import StoreError
from gridmap.store import loading, tallies

from .conftest import SOUTH, STEP, WEST, incident


def reasons(db):
    return db.cursor().execute("SELECT row_key, reason, detail FROM set_aside ORDER BY ALL").fetchall()


def test_the_same_batch_again_changes_nothing(published):
    rows = pd.DataFrame([incident(number, 0, 0) for number in range(5)])
    first = published.load("incidents", rows, batch="one")
    version = published.data_version()
    again = published.load("incidents", rows, batch="one")
    assert (first.rows, again.rows, again.already) == (5, 5, True)
    assert published.cursor().execute("SELECT count(*) FROM incidents").fetchone() == (5,)
    assert published.data_version() == version


def test_a_batch_name_used_for_another_table_is_refused(published):
    published.load("incidents", pd.DataFrame([incident(1, 0, 0)]), batch="one")
    with pytest.raises(StoreError, match="was used for incidents before"):
        published.load("staff", pd.DataFrame({"staff_id": ["s1"]}), batch="one")


def test_each_incident_gets_one_grid_and_its_community_and_street(published):
    rows = pd.DataFrame([incident(1, 0, 0, x=0.25), incident(2, 1, 1, x=0.75)])
    published.load("incidents", rows, batch="one")
    found = (
        published.cursor()
        .execute("SELECT grid_code, day_grid_code, community_code, street_code FROM incidents ORDER BY incident_id")
        .fetchall()
    )
    assert found == [
        ("990199001001001", "990199001001001", "990199001001", "990199001"),
        ("990199002002002", "990199002002002", "990199002002", "990199002"),
    ]


def test_a_point_on_a_border_lies_in_exactly_one_grid_and_on_the_outer_corner_in_the_grid_there(published):
    middle = incident(1, 0, 0, x=1.0, y=1.0)
    corner = incident(2, 1, 1, x=1.0, y=1.0)
    published.load("incidents", pd.DataFrame([middle, corner]), batch="one")
    found = published.cursor().execute("SELECT grid_code FROM incidents ORDER BY incident_id").fetchall()
    assert found[0][0] in {"990199001001002", "990199001002001", "990199002001002", "990199002002001"}
    assert found[1] == ("990199002002002",)


def test_incidents_outside_every_grid_and_without_a_point_are_counted_as_unassigned(published):
    rows = pd.DataFrame(
        [incident(1, 0, 0), incident(2, 5, 5), incident(3, 0, 0, lon=None, lat=None), incident(4, 0, 0, lon=float("inf"))]
    )
    loaded = published.load("incidents", rows, batch="one")
    assert (loaded.rows, loaded.unassigned) == (4, 3)
    assert published.cursor().execute("SELECT count(*) FROM incidents WHERE cell IS NULL").fetchone() == (2,)


def test_a_load_of_several_row_groups_is_placed_and_counted_as_each_row_alone(published, monkeypatch):
    monkeypatch.setattr(loading, "ROW_GROUP", 10)
    every = [incident(number, number % 3, 0, status="void" if number % 7 == 0 else None) for number in range(35)]
    every[33] |= {"lon": None, "lat": None, "community_code": "990199001001"}
    rows = pd.DataFrame(every).assign(reported_at=pd.Timestamp("2026-01-30") + pd.to_timedelta(range(35), "D"))
    loaded = published.load("incidents", rows, batch="at once")
    content = "SELECT * EXCLUDE incident_id FROM incidents WHERE starts_with(incident_id, ?) ORDER BY reported_at"
    kept = published.cursor().execute(content, ["I"]).fetchall()
    assert (loaded.rows, loaded.unassigned) == (35, 11 + 1)
    assert tallies.wrong(published.cursor()) == {}
    for number in range(35):
        published.load("incidents", rows.iloc[[number]].assign(incident_id=f"alone {number:02}"), batch=f"{number}")
    alone = published.cursor().execute(
        "SELECT * EXCLUDE incident_id FROM incidents WHERE incident_id LIKE 'alone %' ORDER BY ALL"
    )
    assert sorted(map(repr, alone.fetchall())) == sorted(map(repr, kept))
    assert tallies.wrong(published.cursor()) == {}


def test_an_incident_that_is_there_already_or_twice_in_a_load_is_set_aside(published):
    published.load("incidents", pd.DataFrame([incident(1, 0, 0)]), batch="one")
    twice = pd.DataFrame([incident(1, 0, 0), incident(2, 0, 0), incident(2, 1, 0), incident(3, 0, 0)])
    loaded = published.load("incidents", twice, batch="two")
    assert (loaded.rows, loaded.set_aside) == (2, 2)
    assert [row[0] for row in reasons(published)] == ["I000001", "I000002"]


def test_rows_that_break_a_rule_are_set_aside_with_the_reason_and_the_rest_is_kept(district):
    rows = pd.DataFrame(
        {
            "compound_id": ["c1", "c2", "c3", None, "c5", "c5"],
            "community_code": ["990199001001", "990199009009", "990199001001", "990199001001", "990199001001", "990199001002"],
            "households": ["10", "10", "many", "10", "-4", "7"],
        }
    )
    loaded = district.load("compounds", rows, batch="one")
    assert (loaded.rows, loaded.set_aside) == (2, 4)
    assert reasons(district) == [
        ("c2", "A value refers to a row that is not there.", "community_code -> divisions"),
        ("c3", "A value cannot be read as its column's kind.", "households (INTEGER)"),
        ("c5", "A rule of the table is broken.", "(households >= 0)"),
        (None, "A value that must be there is empty.", "compound_id"),
    ]


def test_times_that_come_as_texts_are_read_and_what_is_none_is_set_aside(published):
    rows = pd.DataFrame([incident(number, 0, 0) for number in range(4)])
    rows["reported_at"] = ["2026-05-02T08:30", "soon", None, "2026-05-01"]
    loaded = published.load("incidents", rows, batch="one")
    assert (loaded.rows, loaded.set_aside) == (2, 2)
    kept = published.cursor().execute("SELECT reported_at::VARCHAR FROM incidents").fetchall()
    assert kept == [("2026-05-01 00:00:00",), ("2026-05-02 08:30:00",)]
    assert [row[2] for row in reasons(published)] == ["reported_at (TIMESTAMP)", "reported_at"]
    assert tallies.wrong(published.cursor()) == {}


def test_a_repeated_key_keeps_the_last_row(district):
    district.load("staff", pd.DataFrame({"staff_id": ["a", "a"], "staff_kind": ["old", "new"]}), batch="one")
    assert district.cursor().execute("SELECT staff_kind FROM staff").fetchall() == [("new",)]


def test_a_load_replaces_rows_by_key_and_leaves_columns_it_does_not_bring(district):
    district.load("staff", pd.DataFrame({"staff_id": ["a"], "staff_kind": ["x"], "name_masked": ["王*"]}), batch="one")
    district.load("staff", pd.DataFrame({"staff_id": ["a"], "staff_kind": ["y"]}), batch="two")
    assert district.cursor().execute("SELECT staff_kind, name_masked FROM staff").fetchall() == [("y", "王*")]


def test_communities_with_children_can_be_loaded_again_with_other_borders(district):
    district.load("compounds", pd.DataFrame({"compound_id": ["c1"], "community_code": ["990199001001"]}), batch="one")
    moved = gpd.GeoDataFrame(
        {"community_code": ["990199001001"], "street_code": ["990199001"], "name_zh": ["新"]},
        geometry=[shapely.box(WEST, SOUTH, WEST + STEP / 2, SOUTH + STEP)],
        crs=4490,
    )
    assert district.load("communities", moved, batch="two").set_aside == 0
    assert district.areas("community", "990199001001")["name_zh"].tolist() == ["新"]


def test_a_geoframe_in_metres_is_stored_in_degrees(district):
    point = gpd.GeoSeries([shapely.Point(WEST + 0.001, SOUTH + 0.001)], crs=4490)
    frame = gpd.GeoDataFrame({"centre_id": ["z1"], "floor_area_m2": [480.0]}, geometry=point).to_crs(4549)
    district.load("service_centres", frame, batch="one")
    x, y = district.cursor().execute("SELECT ST_X(geom), ST_Y(geom) FROM service_centres").fetchone()
    assert (x, y) == pytest.approx((WEST + 0.001, SOUTH + 0.001), abs=1e-9)


def test_a_parquet_file_is_read_in_chunks_and_kept_in_the_order_of_time(published, tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.store.loading.CHUNK", 7)
    rows = pd.DataFrame([incident(number, number % 2, 0) for number in range(40)]).sample(frac=1, random_state=1)
    path = tmp_path / "incidents.parquet"
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
    seen = []
    loaded = published.load("incidents", path, batch="one", progress=lambda _, share: seen.append(share))
    times = [row[0] for row in published.cursor().execute("SELECT reported_at FROM incidents").fetchall()]
    assert loaded.rows == 40
    assert times == sorted(times)
    assert seen[-1] == 1.0


@pytest.mark.parametrize(
    ("table", "rows", "sentence"),
    [
        ("nothing", {"a": [1]}, "There is no table nothing"),
        ("staff", {"name_masked": ["a"]}, "needs the column staff_id"),
        ("incidents", {"incident_id": ["a"]}, "needs the column reported_at"),
    ],
)
def test_a_load_that_cannot_be_done_says_why_and_changes_nothing(published, table, rows, sentence):
    version = published.data_version()
    with pytest.raises(StoreError, match=sentence):
        published.load(table, pd.DataFrame(rows), batch="one")
    assert published.data_version() == version


def test_a_file_that_is_no_parquet_is_refused(published, tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("no")
    with pytest.raises(StoreError, match="cannot be read as Parquet"):
        published.load("staff", path, batch="one")


def test_columns_the_table_does_not_have_are_named(district):
    loaded = district.load("staff", pd.DataFrame({"staff_id": ["a"], "colour": ["red"]}), batch="one")
    assert loaded.ignored == ("colour",)
