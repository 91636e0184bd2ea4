"""Registers from one description, the rules of the speech, tracks of patrols, and scores in both directions."""

import io
from datetime import timedelta

import openpyxl
import pandas as pd
import pytest

from gridmap import intake, store, uploads
from gridmap.cases import assessment, calendar, limits, patrols, registers, rulebook, tracks
from gridmap.cases.duties import Visit
from gridmap.demo import work
from gridmap.errors import CaseError, InputError
from gridmap.uploads import tables as loading
from tests.cases.test_record import START


@pytest.mark.parametrize("name", list(registers.every()))
def test_each_register_goes_out_as_excel_and_comes_back_as_it_was(db, tmp_path, name):
    one = registers.register(name)
    assert registers.figure(db, one) == (0, registers.figure(db, one)[1])
    blank = intake.write_template(one.form, tmp_path / "blank.xlsx")
    assert blank.exists()
    book = openpyxl.load_workbook(io.BytesIO(registers.workbook(db, one)))
    headings = [cell.value for cell in next(book.active.iter_rows())]
    assert set(headings) <= {column.zh for column in one.form.columns}


def test_a_register_is_filled_counted_drawn_and_sent_back(db, tmp_path):
    one = registers.register("inspections")
    rows = [
        {
            "inspection_id": "1",
            "community_code": "990199001001",
            "name_zh": "=cmd|x",
            "found_on": "2026-03-01",
            "corrected_on": "2026-03-05",
        },
        {
            "inspection_id": "2",
            "community_code": "990199002001",
            "name_zh": "记录不全",
            "found_on": "2026-03-02",
            "corrected_on": None,
        },
    ]
    db.load("inspections", pd.DataFrame(rows), batch="rows")
    assert registers.figure(db, one) == (1, 2)
    assert registers.figure(db, one, "990199002") == (0, 1)
    assert registers.by_area(db, one)["n"].tolist() == [1, 1]
    written = tmp_path / "out.xlsx"
    written.write_bytes(registers.workbook(db, one))
    cells = [[cell.value for cell in line] for line in openpyxl.load_workbook(written).active.iter_rows(min_row=2)]
    assert not str(cells[0][3]).startswith("=")  # no spreadsheet runs what a register says
    read = intake.open_table(written)
    choice = loading.Choice(columns=loading.propose(one.form, read, db).columns)
    judged = uploads.tables.judge(one.form, read, choice, db)
    assert judged.bad.empty
    assert loading.load(db, judged, choice).rows == 2
    assert len(registers.rows(db, one)) == 2  # the same rows again replace themselves


def test_meetings_are_drawn_by_street_and_those_of_the_district_by_none(db):
    one = registers.register("work_meetings")
    codes = ["990199", "990199001", "990199001002", "990199002", None]
    rows = [
        {"meeting_id": str(n), "kind": "joint", "level": "street", "held_on": "2026-03-01", "place_code": code}
        for n, code in enumerate(codes)
    ]
    db.load("work_meetings", pd.DataFrame(rows), batch="rows")
    assert registers.by_area(db, one).to_numpy().tolist() == [["990199001", 2, 1.0], ["990199002", 1, 1.0]]
    assert registers.rows(db, one, "990199001")["meeting_id"].tolist() == ["1", "2"]


def test_every_register_that_the_demo_makes_is_taken_whole(db, tmp_path):
    codes = ["990199001001", "990199001002", "990199002001", "990199002002"]
    pd.DataFrame({"community_code": codes}).to_parquet(tmp_path / "communities.parquet")
    for table, frame in work.fill(tmp_path, __import__("numpy").random.default_rng(1)).items():
        done = db.load(table, frame, batch=f"demo-{table}")
        assert (done.rows, done.set_aside) == (len(frame), 0), table
    found = {rule.id: rule for rule in rulebook.rules(db)}
    assert list(found) == [f"R{n:02d}" for n in range(1, 70)]
    assert all(rule.has_data for rule in found.values() if rule.register in {None, *work.MADE})
    assert len({rule.name_en for rule in found.values()} - {""}) == 69
    assert found["R45"].unset
    db.fill_in("whistle_limit_minutes", "30")
    assert not next(rule for rule in rulebook.rules(db) if rule.id == "R45").unset


def test_a_figure_is_of_what_the_rule_asks_for_not_of_the_rows_that_are_there(db):
    """Two heads a district, a committee for each street and community, ten plans: what has no row is missing, not absent."""
    heads = [{"leader_id": "1", "level": "district", "place_code": "990199", "role": "head_organisation", "name_masked": "王*"}]
    db.load("leaders", pd.DataFrame(heads), batch="heads")
    formed = [{"committee_id": "1", "kind": "street", "street_code": "990199001"}]
    formed += [{"committee_id": n, "kind": "community", "community_code": "990199001001"} for n in ("2", "3")]
    db.load("joint_committees", pd.DataFrame(formed), batch="formed")
    db.load("dept_plans", pd.DataFrame([{"plan_id": "1", "dept_id": "zhujian", "issued_on": "2026-01-01"}]), batch="plans")
    db.load("work_meetings", pd.DataFrame([{"meeting_id": "1", "kind": "coordination", "level": "district",
                                            "held_on": store.now().date()}]), batch="met")  # fmt: skip
    figures = {name: registers.figure(db, registers.register(name)) for name in registers.every()}
    assert figures["leaders"] == (1, 2)
    assert figures["joint_committees"] == (2, 2 + 4)
    assert registers.figure(db, registers.register("joint_committees"), "990199002") == (0, 1 + 2)
    assert figures["dept_plans"] == (1, 10)
    assert figures["work_meetings"] == (1, None)
    assert figures["party_contacts"] == (0, 12 * 2)
    assert registers.by_area(db, registers.register("joint_committees"))["share"].tolist() == [1.0]
    db.fill_in("meetings_per_year", "4")
    assert registers.figure(db, registers.register("work_meetings")) == (1, 4)


def test_an_unknown_register_is_one_sentence():
    with pytest.raises(InputError, match="no register"):
        registers.register("secrets")


def gpx(points):
    body = "".join(f'<trkpt lat="{lat}" lon="{lon}"><time>{time}</time></trkpt>' for lon, lat, time in points)
    return (
        f'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{body}</trkseg></trk></gpx>'.encode()
    )


WALK = gpx(
    [
        (119.901, 39.905, "2026-03-02T01:00:00Z"),
        (119.904, 39.905, "2026-03-02T01:20:00Z"),
        (119.907, 39.905, "2026-03-02T01:30:00Z"),
    ]
)


def test_a_track_is_told_by_grid_and_kept_once(db, hands):
    walked = tracks.keep(db, hands.finder, WALK, Visit(("hazard",), 12))
    assert walked[["grid_code", "minutes"]].to_numpy().tolist() == [["990199001001001", 30.0], ["990199001001002", 0.0]]
    tracks.keep(db, hands.finder, WALK, Visit(("hazard",), 12))
    kept = db.cursor().execute("SELECT grid_code, started_at, households_visited, ST_NPoints(track) FROM patrols").fetchall()
    assert kept == [("990199001001001", START.replace(hour=9), 12, 3)]
    logged = db.cursor().execute("SELECT grid_code, duty_id, households FROM duty_logs").fetchall()
    assert logged == [("990199001001001", "hazard", 12)]
    with pytest.raises(CaseError):  # a track is not kept without the visit it came with
        tracks.keep(db, hands.finder, WALK.replace(b"119.901", b"119.9011"), Visit(("mileage",), 12))
    assert db.cursor().execute("SELECT count(*) FROM patrols").fetchone() == (1,)


def test_a_patrol_is_planned_by_the_week_reminded_of_on_its_day_and_counted_when_it_was_walked(db, hands):
    assert patrols.plan(db, "990199001001001", [1, 4], "09:00", staff="S1") == 2
    assert patrols.plan(db, "990199001001001", [1], "09:00", staff="S1") == 0  # it is planned already
    assert patrols.kept(db, "990199001001")[["planned", "done"]].to_numpy().tolist() == [[2, 0], [0, 0]]
    monday = START.replace(hour=12)
    assert patrols.today(db, "S1", monday)[["grid_code", "starts_at", "done"]].to_numpy().tolist() == [
        ["990199001001001", "09:00", False]
    ]
    tracks.keep(db, hands.finder, WALK)
    assert patrols.today(db, "S1", monday)["done"].tolist() == [True]
    assert patrols.today(db, "S1", monday + timedelta(days=1)).empty
    assert patrols.today(db, "S2", monday).empty
    patrols.withdraw(db, patrols.planned(db, "990199001")["plan_id"][0])
    assert patrols.planned(db, "990199001")["weekday"].tolist() == [4]
    for grid, days, hour in (("990199001001001", [8], "09:00"), ("990199001001001", [], "09:00"), ("1", [1], "09:00")):
        with pytest.raises(CaseError):
            patrols.plan(db, grid, days, hour)
    with pytest.raises(CaseError):
        patrols.plan(db, "990199001001001", [1], "nine")


ENTITY = '<?xml version="1.0"?><!DOCTYPE g [{}]><gpx><trkpt lat="1" lon="1"><time>&b;</time></trkpt></gpx>'
BOMB = ENTITY.format('<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">').encode()
OUTSIDE = ENTITY.format('<!ENTITY b SYSTEM "file:///etc/passwd">').encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        BOMB,
        OUTSIDE,
        gpx([(119.9, 39.9, "2026-03-02T01:00:00Z")]),
        gpx([("x", 39.9, "2026-03-02T01:00:00Z")] * 2),
        gpx([(1e9, 39.9, "2026-03-02T01:00:00Z")] * 2),
        gpx([(float("nan"), 39.9, "2026-03-02T01:00:00Z")] * 2),
        gpx([(119.901, 39.905, "2026-03-02T02:00:00Z"), (119.904, 39.905, "2026-03-02T01:00:00Z")]),
        gpx([(100, 10, "2026-03-02T01:00:00Z"), (100, 11, "2026-03-02T01:10:00Z")]),
    ],
)
def test_a_file_that_is_no_walk_is_refused_in_one_sentence(db, hands, content):
    with pytest.raises(CaseError):
        tracks.keep(db, hands.finder, content)
    assert db.cursor().execute("SELECT count(*) FROM patrols").fetchone() == (0,)


def test_scores_are_weighed_only_by_weights_that_were_given(db):
    given = {"period": "2026", "direction": "down", "assessor": "990199", "assessee": "990199001"}
    assessment.put(db, **given, item="网格", score=80)
    assert pd.isna(assessment.scores(db, "2026", "down").iloc[0]["score"])
    assessment.put(db, **given, item="网格", score=80, weight=3)
    assessment.put(db, **given, item="物业", score=100, weight=1)
    assert assessment.scores(db, "2026", "down").iloc[0]["score"] == pytest.approx(85)
    assert assessment.scores(db, "2026", "up").empty
    assert assessment.weights(db) == {"down": None, "up": None}
    with pytest.raises(CaseError):
        assessment.put(db, **given, item="网格", score=101)


def test_a_limit_that_a_person_sets_goes_first(db):
    limits.put(db, "06010", 4, "work_hour", pausable=True, source="test")
    assert limits.find(db, "06010", "hotline") == ((4.0, "work_hour"), True)
    with pytest.raises(CaseError):
        limits.put(db, "06010", 0, "work_hour", pausable=True, source="test")


def test_a_day_that_a_person_sets_is_read_with_the_hours_of_the_setting(db):
    day = store.now().date() + timedelta(days=1)
    calendar.put(db, day, works=False, source="test")
    db.fill_in("work_hours", "09:00-12:00 13:00-17:00")
    found = calendar.read(db)
    assert not found.works(day)
    assert found.minutes == 7 * 60
    with pytest.raises(InputError, match="written like"):
        calendar.hours("17:00-09:00")
