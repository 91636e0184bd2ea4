"""Tables: placed by coordinates, compound or grid code; read the next time as confirmed; bad rows handed back."""

import pytest

from gridmap import intake
from gridmap.uploads import tables


class StopHereError(Exception):
    pass


CSV = """编号,上报时间,来源,网格编码,经度,纬度
A1,2026-05-01 08:30,巡查,990199001001001,,
A2,2026-05-01 08:30,巡查,,119.905,39.905
A3,昨天,巡查,,119.905,39.905
A4,2026-05-01 08:30,巡查,990199009009009,,
"""


def judged(db, path):
    form = intake.form("incidents")
    read = intake.open_table(path)
    choice = tables.Choice(columns=tables.propose(form, read, db).columns)
    return tables.judge(form, read, choice, db), choice, read


def test_a_row_without_coordinates_lies_in_the_grid_it_names(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, "utf-8")
    rows, choice, _ = judged(published, path)
    done = tables.load(published, rows, choice, by="tester")
    assert (done.rows, done.unassigned) == (3, 1)
    codes = dict(published.cursor().execute("SELECT incident_id, grid_code FROM incidents").fetchall())
    assert codes == {"A1": "990199001001001", "A2": "990199001001002", "A4": None}
    assert tables.load(published, rows, choice).already


def test_a_load_that_is_stopped_has_never_been(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, "utf-8")
    rows, choice, _ = judged(published, path)

    def stopping(_stage, _share):
        raise StopHereError

    with pytest.raises(StopHereError):
        tables.load(published, rows, choice, progress=stopping)
    kept = [published.cursor().execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("incidents", "set_aside")]
    assert kept == [0, 0]
    assert published.profiles("incidents") == {}
    done = tables.load(published, rows, choice)
    assert (done.rows, done.already) == (3, False)


def test_rows_to_mend_are_kept_under_the_districts_data(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, "utf-8")
    rows, _, read = judged(published, path)
    kept = tables.hand_back(rows, tmp_path, name="a.csv", digest=read.digest)
    assert kept.parent == tmp_path / tables.SET_ASIDE
    again, _, _ = judged(published, kept)
    assert again.good.num_rows == 0
    assert len(again.bad) == 1


def test_columns_are_proposed_as_they_were_confirmed(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV.replace("来源", "怎么来的"), "utf-8")
    form, read = intake.form("incidents"), intake.open_table(path)
    proposed = tables.propose(form, read, published)
    assert "channel" not in proposed.columns or proposed.by["channel"] == "values"
    chosen = tables.Choice(columns={**proposed.columns, "channel": "怎么来的"})
    tables.load(published, tables.judge(form, read, chosen, published), chosen)
    again = tables.propose(form, intake.open_table(path), published)
    assert again.columns["channel"] == "怎么来的"
    assert again.by["channel"] == tables.LAST_TIME


def test_codes_may_be_written_as_names_and_those_of_no_register_come_back(published, tmp_path):
    path = tmp_path / "a.csv"
    name = published.areas("community").set_index("code")["name_zh"]["990199001001"]
    path.write_text(
        f"经费编号,年度,社区代码\n1,2026,{name}\n2,2026,990199001002\n3,2026,990199009009\n4,2026,无此社区\n", "utf-8"
    )
    form, read = intake.form("budgets"), intake.open_table(path)
    rows = tables.judge(form, read, tables.Choice(columns=tables.propose(form, read, published).columns), published)
    assert rows.good["community_code"].to_pylist() == ["990199001001", "990199001002"]
    assert rows.bad["problem"].tolist() == [
        "community code: 990199009009 is not in the district's register.",
        "community code: 无此社区 is not a code of 12 digits.",
    ]
    done = tables.load(published, rows, tables.Choice())
    assert (done.rows, done.set_aside) == (2, 0)


def test_what_a_row_refers_to_may_come_later_and_is_said_until_then(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("委员会编号,类别,小区编号\n1,业委会,没有的小区\n", "utf-8")
    form, read = intake.form("owners_committees"), intake.open_table(path)
    rows = tables.judge(form, read, tables.Choice(columns=tables.propose(form, read, published).columns), published)
    assert rows.good.num_rows == 1
    assert [finding.kind for finding in rows.findings] == ["not_registered"]


def test_what_the_store_itself_refuses_is_named_with_its_reason(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, "utf-8")
    rows, choice, _ = judged(published, path)
    tables.load(published, rows, choice)
    path.write_text(CSV + "A9,2026-05-01 08:30,巡查,,119.905,39.905\n", "utf-8")
    rows, choice, _ = judged(published, path)
    done = tables.load(published, rows, choice)
    assert (done.rows, done.set_aside) == (1, 3)
    refused = tables.refused(published, rows)
    assert refused["key"].tolist() == ["A1", "A2", "A4"]
    assert set(refused["reason"]) == {"The incident is in the store already, or twice in this load."}


def test_columns_a_later_file_has_beyond_the_profile_are_proposed_but_those_left_out_are_not(published, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, "utf-8")
    form, read = intake.form("incidents"), intake.open_table(path)
    columns = {ours: name for ours, name in tables.propose(form, read, published).columns.items() if ours != "channel"}
    chosen = tables.Choice(columns=columns, left=("来源",))
    tables.load(published, tables.judge(form, read, chosen, published), chosen)
    head, *lines = CSV.splitlines()
    path.write_text("\n".join([f"{head},标题", *(f"{line},占道" for line in lines)]), "utf-8")
    again = tables.propose(form, intake.open_table(path), published)
    assert "channel" not in again.columns
    assert again.by["title_zh"] == "heading"


def test_a_table_sent_as_another_register_names_its_own(tmp_path):
    path = tmp_path / "配备.csv"
    path.write_text("配备编号,网格编码,人员编号,岗位,起始日期\n1,990199001001001,S1,网格长,2026-05-01\n", "utf-8")
    read = intake.open_table(path)
    assert tables.likelier(intake.form("incidents"), read) == intake.form("grid_assignments")
    assert tables.likelier(intake.form("grid_assignments"), read) is None
