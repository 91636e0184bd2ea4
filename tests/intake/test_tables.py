"""Tables of departments: good rows in, bad rows back with what to mend, the same file twice the same."""

# ruff: noqa: DTZ001 - the store's times are local

import dataclasses
import datetime as dt

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from gridmap import crs, intake
from gridmap.errors import IntakeError

HEAD = "工单编号,上报时间,来源,状态,经度,纬度,事发位置,是否满意\n"
ROW = "A1,2026-05-01 08:30:00,居民举报,办结,119.9,39.9,,是\n"


def table(tmp_path, text, name="事件.csv", encoding="utf-8"):
    (tmp_path / name).write_bytes(text.encode(encoding))
    return intake.open_table(tmp_path / name)


def rows(tmp_path, text, form="incidents", **how):
    return intake.read_rows(table(tmp_path, text), intake.form(form), **how)


def one(found):
    assert found.good.num_rows == 1, found.bad.to_dict()
    return found.good.to_pylist()[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_csv_is_read_in_any_encoding_with_headings_of_its_own(tmp_path, encoding):
    read = table(tmp_path, HEAD + ROW, encoding=encoding)
    got = one(intake.read_rows(read, intake.form("incidents")))
    assert got == {
        "incident_id": "A1",
        "reported_at": dt.datetime(2026, 5, 1, 8, 30),
        "channel": "resident",
        "status": "closed",
        "lon": 119.9,
        "lat": 39.9,
        "satisfied": True,
        "description_zh": None,
    }


def test_a_table_of_headings_alone_is_read_and_holds_nothing(tmp_path):
    read = table(tmp_path, HEAD)
    assert read.texts.column_names == HEAD.strip().split(",")
    assert intake.read_rows(read, intake.form("incidents")).good.num_rows == 0


def test_bad_rows_come_back_as_sent_with_every_fault_and_good_ones_go_in(tmp_path):
    found = rows(tmp_path, HEAD + ROW + "A2,昨天,飞鸽,办结,219,39.9,,也许\n")
    assert found.good.num_rows == 1
    problem = found.bad["problem"].iloc[0]
    assert found.bad["row"].tolist() == [3]
    assert found.bad["工单编号"].tolist() == ["A2"]
    assert all(word in problem for word in ("昨天", "飞鸽", "219", "也许", "巡查"))
    assert {finding.kind for finding in found.findings} == {"bad_rows"}


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_bad_rows_can_be_mended_and_sent_again_as_they_are(tmp_path, ending):
    found = rows(tmp_path, HEAD + "A2,昨天,居民举报,办结,119.9,39.9,,是\n")
    path = found.write_bad(tmp_path / f"bad{ending}")
    if ending == ".csv":
        path.write_text(path.read_text("utf-8-sig").replace("昨天", "2026-05-02 10:00"), "utf-8")
    else:
        book = openpyxl.load_workbook(path)
        cell = next(cell for row in book.active.iter_rows() for cell in row if cell.value == "昨天")
        cell.value = "2026-05-02 10:00"
        book.save(path)
    again = one(intake.read_rows(intake.open_table(path), intake.form("incidents")))
    assert again["reported_at"] == dt.datetime(2026, 5, 2, 10, 0)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-05-01 08:30:05", dt.datetime(2026, 5, 1, 8, 30, 5)),
        ("2026/5/1 8:30", dt.datetime(2026, 5, 1, 8, 30)),
        ("2026年5月1日8时30分", dt.datetime(2026, 5, 1, 8, 30)),
        ("2026.5.1", dt.datetime(2026, 5, 1)),
        ("20260501083000", dt.datetime(2026, 5, 1, 8, 30)),
        ("46143.5", dt.datetime(2026, 5, 1, 12, 0)),
        ("2026-05-01T00:30:00Z", dt.datetime(2026, 5, 1, 8, 30)),
        ("2026-05-01T08:30:00+08:00", dt.datetime(2026, 5, 1, 8, 30)),
        ("1777595400000", dt.datetime(2026, 5, 1, 8, 30)),
    ],
)
def test_times_are_read_as_people_and_systems_write_them(tmp_path, text, when):
    assert one(rows(tmp_path, f"编号,上报时间\nA1,{text}\n"))["reported_at"] == when


@pytest.mark.parametrize("text", ["2026-02-30 08:00:00", "2026-13-01", "25:00", "2026-05-01 25:00", "5/1"])
def test_a_time_that_is_none_is_set_aside(tmp_path, text):
    found = rows(tmp_path, f"编号,上报时间\nA1,{text}\nA2,2026-05-01\n")
    assert found.good["incident_id"].to_pylist() == ["A2"]
    assert text in found.bad["problem"].iloc[0]


def test_dates_that_stand_for_none_are_read_as_nothing_and_said(tmp_path):
    found = rows(tmp_path, "编号,上报时间,办结时间\nA1,2026-05-01,1970-01-01 00:00:00\nA2,1970-01-01,\n")
    assert found.good.to_pylist()[0]["closed_at"] is None
    assert found.good.num_rows == 1
    assert [finding.kind for finding in found.findings].count("sentinel_date") == 2


def test_an_end_before_its_beginning_is_set_aside(tmp_path):
    found = rows(tmp_path, "编号,上报时间,办结时间\nA1,2026-05-02,2026-05-01\n")
    assert found.good.num_rows == 0
    assert "before" in found.bad["problem"].iloc[0]


def test_numbers_are_read_with_units_and_separators(tmp_path):
    text = '年度,社区代码,预算(万元),支出金额\n2026,990199001001,"1,200.5",3万元\n２０２６,990199001002.0,5,12元\n'
    got = rows(tmp_path, text, "budgets").good.to_pylist()
    assert [(row["year"], row["community_code"], row["budgeted_cny"], row["paid_cny"]) for row in got] == [
        (2026, "990199001001", 12_005_000, 30_000),
        (2026, "990199001002", 50_000, 12),
    ]


def test_rates_are_kept_between_0_and_1(tmp_path):
    got = rows(tmp_path, "企业名称,业主满意率\n甲,95%\n乙,0.95\n丙,95\n", "property_companies").good
    assert got["owner_satisfaction"].to_pylist() == pytest.approx([0.95] * 3)


def test_lists_and_choices_are_read(tmp_path):
    got = one(rows(tmp_path, "网格编码,岗位,职责\n990199001001001,网格长,巡查、协查\n", "grid_assignments"))
    assert (got["post"], got["duties"]) == ("grid_head", ["巡查", "协查"])


def test_names_of_people_are_masked_on_the_way_in(tmp_path):
    got = rows(tmp_path, "人员编号,姓名\n1,张小丰\n2,李某\n3,王*\n", "staff").good
    assert got["name_masked"].to_pylist() == ["张某某", "李某", "王*"]


def test_rows_without_a_number_get_one_from_their_content_the_same_each_time(tmp_path):
    text = "吹哨时间,社区代码,事由\n2026-05-01 08:00,990199001001,占道\n2026-05-01 09:00,990199001001,占道\n"
    first, second = (rows(tmp_path, text, "whistles").good["whistle_id"].to_pylist() for _ in range(2))
    assert first == second
    assert len(set(first)) == 2


def test_the_same_file_is_the_same_batch_and_another_is_not(tmp_path):
    batches = [rows(tmp_path, HEAD + ROW).batch, rows(tmp_path, HEAD + ROW).batch, rows(tmp_path, HEAD + ROW * 2).batch]
    assert batches[0] == batches[1] != batches[2]


def test_another_sheet_or_another_reading_of_a_file_is_a_load_of_its_own(tmp_path):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        for month in ("一月", "二月"):
            pd.DataFrame({"编号": [month], "上报时间": ["2026-05-01"], "x": ["500000"], "y": ["4400000"]}).to_excel(
                book, sheet_name=month, index=False
            )
    form = intake.form("incidents")
    read = [intake.open_table(path, sheet=sheet) for sheet in ("一月", "二月")]
    assert len({intake.read_rows(one, form, coordinates=system).batch for one in read for system in (4549, 4550)}) == 4


def test_rows_torn_apart_come_back_with_the_others_in_their_order(tmp_path):
    lines = [
        "编号,上报时间,来源",
        "A1,昨天,巡查",
        "A2,2026-05-01",
        "A3,2026-05-01,巡查",
        "A4,2026-05-01,巡查,多,余",
        "A5,前天,巡查",
    ]
    found = rows(tmp_path, "\n".join(lines))
    assert found.good["incident_id"].to_pylist() == ["A3"]
    assert found.bad["row"].tolist() == [2, 3, 5, 6]
    assert found.bad["编号"].tolist() == ["A1", "A2", "A4", "A5"]
    assert found.bad["来源"].fillna("").tolist()[1:3] == ["", "巡查,多,余"]
    assert found.bad["problem"].iloc[2] == "The row has 5 values, the table 3 columns."


TITLED = """2026年5月事件台账,,
填报单位：综治中心,,

编号,上报时间,来源
A1,昨天,巡查
A2,2026-05-01
A3,2026-05-01,巡查
A4,前天,巡查
"""


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_titles_above_the_heading_are_no_rows_and_rows_keep_the_numbers_a_spreadsheet_gives_them(tmp_path, separator):
    found = rows(tmp_path, TITLED.replace(",", separator))
    assert found.good["incident_id"].to_pylist() == ["A3"]
    assert found.bad["row"].tolist() == [5, 6, 8]
    assert found.bad["编号"].tolist() == ["A1", "A2", "A4"]


def test_headings_merged_over_several_columns_name_each_of_them(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["2026年5月事件台账"], [], ["编号", "上报", None, "位置", None], [None, "时间", "来源", "经度", "纬度"],
        ["A1", 46143.354166666664, "巡查", 119.9, 39.9], ["A2", "昨天", "巡查", 119.9, 39.9],
    ):  # fmt: skip
        book.active.append(row)
    for merged in ("A1:E1", "A3:A4", "B3:C3", "D3:E3"):
        book.active.merge_cells(merged)
    book.save(tmp_path / "a.xlsx")
    read = intake.open_table(tmp_path / "a.xlsx")
    assert read.texts.column_names == ["编号", "上报时间", "来源", "经度", "纬度"]
    found = intake.read_rows(read, intake.form("incidents"))
    assert one(found)["reported_at"] == dt.datetime(2026, 5, 1, 8, 30)
    assert found.bad["row"].tolist() == [6]


def test_rows_handed_back_keep_every_letter_and_run_nothing(tmp_path):
    text = "编号,上报时间,描述,社区代码\n001,昨天,=1+1,990199001001\n002,前天,\x0b-3 楼,+86\n"
    found = rows(tmp_path, text)
    path = found.write_bad(tmp_path / "back.xlsx")
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2, min_col=3) for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    again = intake.open_table(path).texts
    assert again["编号"].to_pylist() == ["001", "002"]
    assert again["描述"].to_pylist() == ["=1+1", "-3 楼"]
    assert again["社区代码"].to_pylist() == ["990199001001", "+86"]


def test_a_whole_smaller_than_its_part_and_a_mark_above_100_are_set_aside(tmp_path):
    found = rows(tmp_path, "编号,类别,委员人数,党员人数\n1,业委会,3,5\n2,业委会,5,3\n", "owners_committees")
    assert found.bad["problem"].tolist() == ["members is smaller than Party members."]
    marked = rows(tmp_path, "吹哨编号,部门,街道评分\n1,a,101\n2,b,100\n", "whistle_responses")
    assert "mark from 0 to 100" in marked.bad["problem"].iloc[0]
    assert marked.good["street_rating"].to_pylist() == [100]


def test_a_number_that_comes_twice_is_set_aside_the_second_time(tmp_path):
    found = rows(tmp_path, HEAD + ROW + ROW)
    assert found.good.num_rows == 1
    assert found.bad["row"].tolist() == [3]


def test_shifted_coordinates_are_put_right(tmp_path):
    x, y = crs.to_gcj02(*(pd.Series([value]).to_numpy() for value in (119.9, 39.9)))
    got = one(rows(tmp_path, f"编号,上报时间,经度,纬度\nA1,2026-05-01,{x[0]:.7f},{y[0]:.7f}\n", coordinates="gcj02"))
    assert (got["lon"], got["lat"]) == pytest.approx((119.9, 39.9), abs=1e-6)


def test_projected_coordinates_are_put_right(tmp_path):
    got = one(rows(tmp_path, "编号,上报时间,x,y\nA1,2026-05-01,500000,4400000\n", coordinates=4549))
    assert got["lon"] == pytest.approx(120.0)


def test_coordinates_0_0_are_none_and_half_a_pair_is_a_fault(tmp_path):
    found = rows(tmp_path, "编号,上报时间,经度,纬度\nA1,2026-05-01,0,0\nA2,2026-05-01,119.9,\n")
    assert one(found)["lon"] is None
    assert found.bad["编号"].tolist() == ["A2"]


def test_an_address_places_a_row_by_the_longest_name_in_it(tmp_path):
    boxes = [
        shapely.box(119.9, 39.9, 119.91, 39.91),
        shapely.box(119.92, 39.9, 119.93, 39.91),
        shapely.box(119.94, 39.9, 119.95, 39.91),
    ]
    names = {"name_zh": ["海风里", "海风里二区", "双名园"], "community_code": ["990199001001"] * 3}
    compounds = gpd.GeoDataFrame(names, geometry=boxes, index=["C1", "C2", "C3"], crs=4490)
    compounds = pd.concat([compounds, compounds.iloc[[2]].set_axis(["C4"])])
    text = "编号,上报时间,地址\nA1,2026-05-01,滨海街道 海风里二区 3 号楼\nA2,2026-05-01,某处\nA3,2026-05-01,双名园门口\n"
    found = rows(tmp_path, text, compounds=compounds)
    got = found.good.to_pylist()
    assert [row["compound_id"] for row in got] == ["C2", None, None]
    assert {one.kind: one.size for one in found.findings} == {"placed_by_address": 1, "no_place": 2}
    assert boxes[1].contains(shapely.Point(got[0]["lon"], got[0]["lat"]))
    assert got[0]["description_zh"] == "滨海街道 海风里二区 3 号楼"


def test_a_missing_required_column_is_one_sentence(tmp_path):
    with pytest.raises(IntakeError, match=r"no column for 上报时间"):
        rows(tmp_path, "编号,内容\n1,x\n")


def test_a_mapping_that_names_no_column_is_one_sentence(tmp_path):
    with pytest.raises(IntakeError, match=r"has no column 时间"):
        rows(tmp_path, HEAD + ROW, columns={"reported_at": "时间"})


def test_columns_are_proposed_by_their_values_too(tmp_path):
    read = table(tmp_path, "a,b,c\n" + "2026-05-01,巡查,990199001001001\n" * 3)
    proposed = intake.propose_mapping(intake.form("incidents"), read.texts)
    assert proposed.columns == {"channel": "b", "grid_code": "c"}
    assert set(proposed.by.values()) == {"values"}
    assert proposed.unused == ("a",)


def test_of_two_columns_of_numbers_the_one_that_repeats_least_names_the_rows(tmp_path):
    read = table(tmp_path, "objectid,servicerequestid,编号\n1,A1,\n1,A2,\n2,A3,x\n")
    assert intake.propose_mapping(intake.form("incidents"), read.texts).columns["incident_id"] == "servicerequestid"
    read = table(tmp_path, "servicerequestid,objectid\nA1,1\nA2,2\n")
    assert intake.propose_mapping(intake.form("incidents"), read.texts).columns["incident_id"] == "objectid"


def test_an_unknown_table_is_one_sentence():
    with pytest.raises(IntakeError, match="There is no table secrets"):
        intake.form("secrets")


@pytest.mark.parametrize("name", list(intake.every_form()))
def test_each_blank_template_filled_in_comes_back_as_it_was_written(tmp_path, name):
    form = intake.form(name)
    path = intake.write_template(form, tmp_path / f"{form.zh}.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book[form.zh]
    samples = {
        "text": "甲", "masked": "张某",
        "code9": "990199001", "code12": "990199001001", "code15": "990199001001001", "uscc": "9" * 18, "whole": 3, "score": 80,
        "number": 2.5, "money": 100, "rate": "95%", "year": 2026,
        "date": dt.date(2026, 5, 1), "time": dt.datetime(2026, 5, 1, 8),
        "flag": "是", "list": "巡查、协查", "longitude": 119.9, "latitude": 39.9,
    }  # fmt: skip
    for number, column in enumerate(form.columns, 1):
        value = samples.get(column.kind) or next(word for word in column.choices if not word.isascii())
        sheet.cell(2, number).value = value
    book.save(path)
    found = intake.read_rows(intake.open_table(path), form)
    assert found.bad.empty, found.bad.to_dict()
    got = one(found)
    assert all(value is not None for value in got.values())


def test_an_excel_sheet_with_titles_above_its_heading_is_read(tmp_path):
    book = openpyxl.Workbook()
    for line in [["2026 年事件汇总表"], [], ["编号", "上报时间", "来源"], ["A1", dt.datetime(2026, 5, 1, 8, 30), "巡查"]]:
        book.active.append(line)
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")
    read = intake.open_table(tmp_path / "a.xlsx")
    assert read.sheets == ("Sheet", "空")
    assert one(intake.read_rows(read, intake.form("incidents")))["channel"] == "patrol"
    with pytest.raises(IntakeError, match="nothing in it"):
        intake.open_table(tmp_path / "a.xlsx", sheet="空")


def test_a_map_is_no_table(tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4490).to_file(tmp_path / "a.gpkg")
    with pytest.raises(IntakeError, match="is no table"):
        intake.open_table(tmp_path / "a.gpkg")


@pytest.mark.parametrize(("name", "text"), [("gbk.dbf", None), ("big5.dbf", None), ("gb2312.dbf", None)])
def test_lone_dbf_tables_are_read_without_mojibake(shared, name, text):
    read = intake.open_table(shared / "data" / "dirty" / "encodings" / name)
    values = [str(value) for column in read.texts.columns for value in column.to_pylist()]
    assert any("\u4e00" <= letter <= "\u9fff" for value in values for letter in value)
    assert not any("\ufffd" in value for value in values)


def test_real_requests_with_dates_of_1970_are_read(shared):
    read = intake.open_table(shared / "data" / "dc" / "dc_service_requests.parquet")
    assert read.texts.num_rows == 34_050
    proposed = intake.propose_mapping(intake.form("incidents"), read.texts)
    found = intake.read_rows(read, intake.form("incidents"), columns=proposed.columns)
    assert proposed.columns["incident_id"] == "SERVICEREQUESTID"
    assert found.good.num_rows + len(found.bad) == 34_050
    assert any(finding.kind == "sentinel_date" for finding in found.findings)


def test_columns_that_change_their_form_far_down_are_read_as_if_each_row_stood_alone(tmp_path):
    plain = "".join(f"A{n},2026-05-01 08:30:00,居民举报,办结,119.{n:05},39.{n:05},新建路,是\n" for n in range(40_000))
    odd = "B1,2026/5/2 8:30,居民举报,办结,,,,\nB2,昨天,居民举报,办结,119.9,39.9,,\nB3,2026-05-03,居民举报,办结,一百一,39.9,,\n"
    read = table(tmp_path, HEAD + plain + odd)
    assert read.ahead.keys() == {"纬度"}
    found = intake.read_rows(read, intake.form("incidents"))
    alone = intake.read_rows(dataclasses.replace(read, ahead={}), intake.form("incidents"))
    assert found.good.equals(alone.good)
    assert found.batch == alone.batch
    assert found.good["reported_at"][-1].as_py() == dt.datetime(2026, 5, 2, 8, 30)
    assert found.bad["工单编号"].tolist() == ["B2", "B3"]


@pytest.mark.parametrize("torn", ["", ",one,more"])
def test_a_file_that_goes_on_in_another_encoding_is_refused_in_one_sentence(tmp_path, torn):
    last = ROW.rstrip("\n") + torn + "\n"
    (tmp_path / "a.csv").write_bytes((HEAD + ROW.replace(",,", ",新建路,") * 60_000).encode() + last.encode("gbk"))
    with pytest.raises(IntakeError, match="more than one encoding"):
        intake.open_table(tmp_path / "a.csv")


@pytest.mark.parametrize("heading", ["上报时间,描述", "事件编号,上报时间,描述"])
def test_rows_without_a_number_that_say_the_same_are_set_aside_as_such(tmp_path, heading):
    line = "," * (heading.count(",") - 1) + "2026-03-01 08:30,路面积水\n"
    path = tmp_path / "a.csv"
    path.write_text(f"{heading}\n{line}{line}", "utf-8")
    rows = intake.read_rows(intake.open_table(path), intake.form("incidents"))
    assert rows.good.num_rows == 1
    assert rows.bad.iloc[0, :2].to_list() == [3, "An earlier row says the same already."]
