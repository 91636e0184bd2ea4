"""Tables: placed by coordinates, compound or grid code; read the next time as confirmed; bad rows handed back."""

from gridmap import intake
from gridmap.uploads import tables

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
