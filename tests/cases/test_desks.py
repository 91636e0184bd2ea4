"""What lies on each desk, who may be given what, and the books kept beside the cases."""

import io
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from PIL import Image

from gridmap import access, cases, intake, kpi
from gridmap.cases import (
    books,
    checking,
    desk,
    duties,
    limits,
    matrix,
    mediation,
    patrols,
    photos,
    posts,
    registers,
    rulebook,
    search,
    sheets,
    whistles,
)  # fmt: skip
from gridmap.cases.duties import Visit
from gridmap.errors import CaseError
from tests.cases.test_record import START, WHAT, Walk

LATER = START + timedelta(days=3)


def boxes(db, hand, now=LATER):
    return {box: n for box, n in desk.counts(db, hand, now).items() if n}


def test_a_case_lies_on_one_desk_at_a_time_and_moves_with_its_level(db, hands):
    walk = Walk(db, hands.hotline, channel="hotline")
    assert boxes(db, hands.community, START) == {"new": 1, "all": 1}
    assert boxes(db, hands.community) == {"new": 1, "late": 1, "all": 1}
    walk(hands.community, "accept")
    walk(hands.community, "assign", handler="S2")
    assert boxes(db, hands.worker, START) == {"work": 1, "all": 1}
    assert boxes(db, hands.finder, START) == {}
    walk(hands.community, "escalate", reason="需执法")
    assert boxes(db, hands.community, START) == {}
    assert boxes(db, hands.street, START) == {"assign": 1, "all": 1}
    walk(hands.street, "assign", dept="chengguan")
    assert boxes(db, hands.chengguan, START) == {"work": 1, "all": 1}
    assert boxes(db, hands.gongan, START) == {}
    walk(hands.street, "whistle", kind="emergency", depts=["gongan"], reason="联合")
    assert boxes(db, hands.gongan, START) == {"coordinate": 1, "all": 1}
    assert desk.cases(db, hands.street, "coordinate", START)["incident_id"].tolist() == [walk.case.id]
    assert desk.by_area(db, hands.district, START).to_dict("records") == [
        {"community_code": "990199001001", "open": 1, "late": 0, "whistles": 1}
    ]


def test_a_desk_is_warned_before_a_case_is_due(db, hands):
    due = START + timedelta(days=1)
    case = cases.report(db, hands.hotline, WHAT | {"channel": "hotline"}, now=START)
    assert due_of(db, case.id) == due
    times = {"early": due - timedelta(hours=5), "soon": due - timedelta(hours=4), "late": due + timedelta(seconds=1)}
    assert {said: set(boxes(db, hands.community, at)) - {"new", "all"} for said, at in times.items()} == {
        "early": set(), "soon": {"soon"}, "late": {"late"},
    }  # fmt: skip


def test_what_a_resident_reported_is_to_be_accepted_first_then_reached_then_closed(db, hands):
    walk = Walk(db, hands.hotline, channel="hotline")
    rules, hour, due = limits.rules(db), timedelta(hours=1), due_of(db, walk.case.id)

    def first(box, now=START):
        return desk.next_due(desk.cases(db, hands.community, box, now).to_dict("records")[0], rules, now)

    assert first("new") == ("accept", START + timedelta(minutes=1))
    assert first("new", LATER) == ("close", due)  # what is overdue to be closed has nothing before that
    walk(hands.community, "accept")
    assert first("assign") == ("arrive", START + hour)
    walk(hands.community, "assign", handler="S2")
    walk(hands.worker, "arrive")
    assert first("work") == ("close", due)
    own = Walk(db, hands.finder)
    assert desk.next_due(desk.cases(db, hands.community, "new", START).to_dict("records")[0], rules, START)[0] == "close"
    assert own.case.resident is False


def due_of(db, case_id):
    return db.cursor().execute("SELECT due_at FROM incidents WHERE incident_id = ?", [case_id]).fetchone()[0]


def test_a_second_report_is_joined_to_a_case_there_is_and_offered_those_like_it(db, hands):
    one, two, three = (cases.report(db, hands.hotline, WHAT, now=START + timedelta(hours=n)) for n in range(3))
    other = cases.report(db, hands.hotline, WHAT | {"matter": "09009"}, now=START)
    assert desk.alike(db, two)["incident_id"].tolist() == [one.id, three.id]
    for into in ("C209901010000001", two.id, ""):
        with pytest.raises(CaseError):
            cases.act(db, hands.community, two.id, "join", {"into": into}, now=LATER)
    assert cases.act(db, hands.community, two.id, "join", {"into": one.id}, now=LATER).duplicate_of == one.id
    with pytest.raises(CaseError, match="joined"):
        cases.act(db, hands.community, three.id, "join", {"into": two.id}, now=LATER)
    assert desk.alike(db, three)["incident_id"].tolist() == [one.id]
    cases.act(db, hands.community, three.id, "join", {"into": one.id}, now=LATER)
    assert desk.joined(db, [one.id, two.id]) == {one.id: [two.id, three.id]}
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.workbook(db, hands.community, "new", START))).worksheets[0]
    column = list(sheets.COLUMNS).index("joined")
    told = {row[0]: row[column] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert told == {one.id: f"{two.id}、{three.id}", other.id: None}
    assert desk.alike(db, other).empty


def test_those_due_first_stand_on_top(db, hands):
    ids = [
        cases.report(db, hands.hotline, WHAT | {"channel": "hotline", "reported_at": START - timedelta(hours=n)}, now=START).id
        for n in (1, 3, 2)
    ]
    assert desk.cases(db, hands.community, "new", START)["incident_id"].tolist() == [ids[1], ids[2], ids[0]]
    assert len(desk.cases(db, hands.community, "new", START, limit=2, offset=2)) == 1


def test_a_community_has_its_people_but_not_the_one_who_found_it(db):
    assert set(books.workers(db, "990199001001001", but="S1")["staff_id"]) == {"S2"}
    assert books.workers(db, "990199001001001")["near"].all()
    assert len(books.parties(db)) == 12  # the eight and the four of R44


def test_whistles_are_ranked_by_the_limit_that_is_set_and_by_none_before(db, hands):
    for answered in (True, False):
        walk = Walk(db, hands.finder)
        walk(hands.community, "accept")
        walk(hands.community, "whistle", kind="emergency", depts=["gongan"], reason="险情")
        if answered:
            walk(hands.gongan, "report_in")
    ranked = whistles.ranking(db, "990199", START, LATER).iloc[0]
    assert (ranked["called"], ranked["came"], ranked["judged"]) == (2, 1, 0)
    db.fill_in("whistle_limit_minutes", "30")
    ranked = whistles.ranking(db, "990199", START, LATER).iloc[0]
    assert (ranked["judged"], ranked["in_time"]) == (2, 1)
    late = kpi.run(db, "R45", kpi.Filters(as_of=LATER)).iloc[0]["n"]
    assert len(whistles.unanswered(db, "990199")) == late == 1
    assert whistles.unanswered(db, "990199002").empty


def test_disputes_end_in_a_pyramid_and_petitions_stand_apart(db, hands):
    for petition in (False, True):
        walk = Walk(db, hands.finder, matter="22001")
        walk(hands.community, "accept")
        walk(hands.community, "assign", handler="S2")
        walk(hands.worker, "arrive")
        walk(hands.worker, "mediate", kind="people", venue="community_room", helper="lawyer")
        with pytest.raises(CaseError, match="under way"):
            walk(hands.worker, "handle", note="已和解")
        walk(hands.worker, "settle", outcome="failed" if petition else "agreed", petition=petition)
        walk(hands.worker, "handle", note="已和解")
        walk(hands.supervisor, "check")
        walk(hands.community, "close")
    assert mediation.pyramid(db, "990199", START, LATER) == {"community": 1, "street": 0, "district": 0, "petition": 1}
    found = mediation.results(db, "990199", START, LATER).iloc[0]
    assert (found["kind"], found["ended"], found["agreed"], found["with_helper"], found["petitions"]) == ("people", 2, 1, 2, 1)
    assert mediation.running(db, "990199").empty


def test_a_sample_is_drawn_once_and_its_result_written_once(db, hands):
    walk = Walk(db, hands.finder)
    walk(hands.community, "accept")
    walk(hands.finder, "spot", note="当场清理")
    walk(hands.community, "close")
    assert checking.draw(db, "990199", 10, now=LATER) == 1
    assert checking.draw(db, "990199", 10, now=LATER) == 0
    check = checking.listed(db, "990199").iloc[0]["check_id"]
    checking.result(db, hands.supervisor, check, passed=False, note="仍有残留", now=LATER)
    with pytest.raises(CaseError):
        checking.result(db, hands.supervisor, check, passed=True)
    assert checking.listed(db, "990199", done=True).iloc[0]["note_zh"] == "仍有残留"


def test_one_visit_counts_for_its_duty_and_its_households_and_never_for_its_length(db, hands):
    duties.log(db, hands.finder, Visit(("hazard",), 30), place="990199001001001", now=START)
    duties.log(db, hands.finder, Visit(("info", "policy"), 40), place="990199001001001", now=START)
    grids = duties.by_grid(db, "990199001001", START.date(), LATER.date()).set_index("grid_code")
    assert grids.loc["990199001001002", "coverage"] == 0  # nobody was seen there
    grid = grids.loc["990199001001001"]
    assert (grid["hazard"], grid["info"], grid["policy"], grid["visited"]) == (1, 1, 1, 70)
    assert grid["coverage"] == pytest.approx(70 / 350)
    assert not {"length", "mileage", "track"} & set(grid.index)
    assert duties.today(db, hands.finder, START)["hazard"] == 1
    for wrong in (("mileage",), ("info", "mileage"), ()):
        with pytest.raises(CaseError):
            duties.log(db, hands.finder, Visit(wrong), place="990199001001001")
    assert db.cursor().execute("SELECT count(*) FROM duty_logs").fetchone() == (3,)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("垃圾", "06010"),
        ("僵尸车", "06034"),
        ("乱停车", "09009"),
        ("楼上漏水", "22001"),
        ("09012", "09012"),
        ("fire lane", "09012"),
    ],
)
def test_a_matter_is_found_by_what_people_call_it(db, words, code):
    assert search.find(search.matters(db), words)[0].code == code


def test_what_fits_nothing_finds_nothing(db):
    assert search.find(search.matters(db), "  ") == []
    assert search.find(search.matters(db), "qzx") == []


def test_the_matrix_shows_its_gaps_and_doubles_and_gives_one_lead(db):
    cells = matrix.matrix(db)
    assert len(cells) == 3 * cells["matter_code"].nunique()
    assert set(matrix.gaps(cells)["matter_code"].str[:2]) >= {"25", "26", "27"}
    assert matrix.doubles(cells).empty
    assert matrix.lead(db, "06010", "street") == "chengguan"
    matrix.put(db, "06010", "street", ["chengguan", "huanjing"], source="test")
    assert matrix.doubles(matrix.matrix(db))[["matter_code", "level"]].to_numpy().tolist() == [["06010", "street"]]
    assert matrix.lead(db, "06010", "street") is None
    matrix.put(db, "06010", "street", ["huanjing"], source="test")
    assert matrix.lead(db, "06010", "street") == "huanjing"
    with pytest.raises(CaseError):
        matrix.put(db, "06010", "street", ["nobody"], source="test")


def test_an_account_works_only_as_what_it_was_given(db):
    assert posts.kinds(db, "demo", "administrator", "") == list(posts.KINDS)
    assert posts.kinds(db, "x", "community_secretary", "990199001001") == ["community"]
    assert posts.kinds(db, "x", "gis_officer", "") == []
    assert [post.hand.territory for post in posts.posts(db, "community", "x", "990199002")] == ["990199002001", "990199002002"]
    assert {post.hand.staff for post in posts.posts(db, "worker", "demo", "990199001001")} == {"S1", "S2"}
    assert posts.kinds(db, "zhou", "department_officer", "") == []  # which department, nobody has said


def test_who_is_given_a_post_works_as_that_and_as_nothing_else(db):
    worker = next(post for post in posts.every(db, "worker", "990199001001") if post.hand.staff == "S2")
    posts.give(db, "li", worker)
    posts.give(db, "li", worker)
    assert posts.kinds(db, "li", "community_secretary", "990199001001") == ["worker"]
    assert posts.signed(posts.posts(db, "worker", "li")[0], "li") == replace(worker.hand, name="li")
    fire = next(post for post in posts.every(db, "department") if post.hand.dept == "xiaofang")
    posts.give(db, "zhou", fire)
    assert [post.hand.dept for post in posts.posts(db, "department", "zhou")] == ["xiaofang"]
    assert [(account, kind) for _, account, kind, _ in posts.given(db)] == [("li", "worker"), ("zhou", "department")]
    posts.take(db, posts.given(db)[1][0])
    assert posts.kinds(db, "zhou", "department_officer", "") == []
    with pytest.raises(CaseError):
        posts.give(db, " ", fire)


def test_each_hand_sees_its_own_cases_and_only_those(db, hands):
    walk = Walk(db, hands.finder)
    elsewhere = cases.Hand("x", "desk", "990199001002", "community")
    sees = lambda *who: [desk.shows(hand, walk.case) for hand in who]  # noqa: E731
    assert sees(hands.finder, hands.community, hands.street, hands.district, hands.leader) == [True] * 5
    assert sees(hands.worker, elsewhere, hands.chengguan, hands.gongan) == [False] * 4
    walk(hands.community, "accept")
    walk(hands.community, "assign", handler="S2")
    assert sees(hands.worker, hands.gongan) == [True, False]
    walk(hands.community, "whistle", kind="emergency", depts=["gongan"], reason="险情")
    assert sees(hands.gongan, hands.chengguan) == [True, False]


def test_a_box_goes_out_as_excel_is_filled_in_and_comes_back_as_moves(db, hands, tmp_path):
    walks = [Walk(db, hands.hotline, channel="hotline", note=f"=1+{n}") for n in range(4)]
    book = openpyxl.load_workbook(io.BytesIO(sheets.workbook(db, hands.community, "new", START)))
    sheet = book.worksheets[0]
    where = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.max_row == 5
    assert "f" not in {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row}  # no text runs as a formula
    fill = {2: ("Accept", ""), 3: ("Do not take", "重复"), 4: ("Close the case", ""), 5: ("Accept", "")}
    for row, (move, note) in fill.items():
        sheet.cell(row, where["What to do"], move)
        sheet.cell(row, where["Note or reason"], note)
    last = sheet.cell(5, where["Case"]).value
    cases.act(db, hands.community, last, "note", {"note": "电话已核"}, now=START)  # somebody was faster
    book.save(tmp_path / "back.xlsx")
    done = sheets.send_back(db, hands.community, tmp_path / "back.xlsx", now=START)
    assert done.made == 2
    assert done.refused["row"].tolist() == [4, 5]
    assert "state" in done.refused["reason"][0]
    assert "meantime" in done.refused["reason"][1]
    states = [cases.find(db, sheet.cell(row, where["Case"]).value).status for row in range(2, 6)]
    assert states == ["accepted", "void", "new", "new"]
    sheets.send_back(db, hands.community, tmp_path / "back.xlsx", now=START)
    assert [len(cases.history(db, walk.case.id)) for walk in walks].count(2) == 3  # the same file again changes nothing
    with pytest.raises(CaseError):
        sheets.send_back(db, hands.community, intake.write_template(registers.register("tasks").form, tmp_path / "other.xlsx"))


def test_cases_of_which_no_grid_is_known_go_out_as_excel_too(db, hands):
    told = {"matter": "06010", "place": hands.community.territory, "note": ""}
    case = cases.report(db, hands.hotline, told, now=START)
    assert case.grid is None
    book = openpyxl.load_workbook(io.BytesIO(sheets.workbook(db, hands.community, "new", LATER)))
    assert [cell.value for cell in book.worksheets[0][2]][:4] == [case.id, "暴露垃圾", None, "演示社区001001"]


def test_people_and_departments_are_chosen_from_lists_in_the_file(db, hands, tmp_path):
    walk = Walk(db, hands.hotline, channel="hotline")
    walk(hands.community, "accept")
    book = openpyxl.load_workbook(io.BytesIO(sheets.workbook(db, hands.community, "assign", START)))
    sheet, lists = book.worksheets
    assert {one.formula1 for one in sheet.data_validations.dataValidation}
    people = [row[0].value for row in lists.iter_rows(min_row=2, min_col=2, max_col=2) if row[0].value]
    where = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, where["What to do"], "Assign")
    sheet.cell(2, where["Person"], next(name for name in people if name.startswith("S2")))
    book.save(tmp_path / "back.xlsx")
    assert sheets.send_back(db, hands.community, tmp_path / "back.xlsx", now=walk.now).made == 1
    assert cases.find(db, walk.case.id).handler == "S2"


def test_a_photograph_is_kept_without_what_a_telephone_writes_into_it(tmp_path):
    picture = Image.new("RGB", (3000, 1000), "red")
    data = Image.Exif()
    data[0x010E] = "where it was taken"
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=data)
    name = photos.keep(tmp_path, written.getvalue())
    assert photos.keep(tmp_path, written.getvalue()) == name
    kept = Image.open(io.BytesIO(photos.read(tmp_path, name)))
    assert max(kept.size) == photos.SIDE
    assert not kept.getexif()
    for bad in (b"", b"GIF89a", b"<svg/>", written.getvalue()[:200]):
        with pytest.raises(CaseError):
            photos.keep(tmp_path, bad)
    for name in ("../../etc/passwd", "0" * 64):
        with pytest.raises(CaseError):
            photos.read(tmp_path, name)


@pytest.mark.parametrize("code", ["990199001", "990199001001", "990199001001001"])
def test_every_question_of_the_work_is_answered_for_who_is_confined_to_a_part(db, hands, code):
    walk = Walk(db, hands.finder)
    part = access.confine(db, access.Actor("x", "community_secretary", code))
    hand = cases.Hand("x", "desk", code, "community")
    assert books.departments(part) == books.departments(db)
    assert books.parties(part) == books.parties(db)
    assert set(books.workers(part, code)["staff_id"]) <= {"S1", "S2"}
    assert [case for box in desk.counts(part, hand, START) for case in desk.cases(part, hand, box, START)["incident_id"]]
    for kind in posts.KINDS:
        assert all(post.hand.territory.startswith("990199") for post in posts.every(part, kind, code))
    assert len(desk.by_area(part, hand, START)) == 1
    assert sheets.workbook(part, hand, "all", START)
    assert len(rulebook.rules(part)) == 69
    for one in registers.every().values():
        registers.figure(part, one, code)
        registers.rows(part, one, code)
    assert matrix.lead(part, "06010", "street") == "chengguan"
    assert duties.by_grid(part, code, START.date(), LATER.date())["grid_code"].str.startswith(code).all()
    assert len(patrols.kept(part, code))
    for listed in (whistles.calls, whistles.unanswered, checking.listed, mediation.running):
        assert listed(part, code).empty
    assert sum(mediation.pyramid(part, code, START, LATER).values()) == 0
    assert search.find(search.matters(part), "垃圾")
    assert cases.history(part, walk.case.id)
