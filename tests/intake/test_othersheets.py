"""Spreadsheets that are no .xlsx: what old Excel, WPS and LibreOffice write is read as the same table in .xlsx is."""

import struct
import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest

from gridmap import intake
from gridmap.errors import IntakeError

HEADING = ("事件编号", "上报时间", "经度", "纬度", "描述")
ROWS = [
    ("SJ001", datetime.fromisoformat("2026-03-01 08:30"), 119.9, 39.9, "路面积水"),
    ("SJ002", datetime.fromisoformat("2026-03-02 09:00"), 119.91, 39.91, "乱停车"),
]
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
DATED = 1
"""The cell format of a time: the second that the workbook below has."""


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def cell(row, column, value):
    """A cell of Excel 97's file format: a text, a number, or a time as days since 1899-12-30."""
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)
    days = (value - datetime.fromisoformat("1899-12-30")) / timedelta(days=1) if isinstance(value, datetime) else value
    return record(0x0203, struct.pack("<HHHd", row, column, DATED if isinstance(value, datetime) else 0, days))


def workbook(rows):
    """A workbook's stream in Excel 97's file format ([MS-XLS]) with one sheet 事件."""
    formats = b"".join(record(0x00E0, struct.pack("<HH", 0, number) + bytes(16)) for number in (0, 22))
    name = "事件".encode("utf-16-le")
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    before = record(0x0809, begin) + record(0x0042, struct.pack("<H", 1200)) + formats
    place = len(before) + len(record(0x0085, struct.pack("<IBBBB", 0, 0, 0, 2, 1) + name)) + len(record(0x000A))
    head = before + record(0x0085, struct.pack("<IBBBB", place, 0, 0, 2, 1) + name) + record(0x000A)
    cells = b"".join(cell(row, column, value) for row, values in enumerate(rows) for column, value in enumerate(values))
    return head + record(0x0809, begin[:2] + b"\x10\0" + begin[4:]) + cells + record(0x000A)


def old_office(stream, part="Workbook"):
    """A compound file ([MS-CFB]) of sectors of 512 bytes: one of numbers, one of names, then its only part."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    numbers = [FAT, END, *range(3, 2 + sectors), END]
    table = struct.pack(f"<{len(numbers)}I", *numbers).ljust(512, b"\xff")

    def entry(name, kind, child, start, size):
        called = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<BBIII", kind, 1, FREE, FREE, child) + bytes(36)
        return called.ljust(64, b"\0") + struct.pack("<H", len(called)) + links + struct.pack("<IQ", start, size)

    names = entry("Root Entry", 5, 1, END, 0) + entry(part, 2, FREE, 2, len(stream))
    names = names.ljust(512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    return head + table + names + stream


def open_document(rows):
    """The content of an OpenDocument spreadsheet."""

    def one(value):
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        if isinstance(value, datetime):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    lines = "".join(f"<table:table-row>{''.join(map(one, row))}</table:table-row>" for row in rows)
    sheet = f'<table:table table:name="事件">{lines}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    return f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}>{body}</office:document-content>'


def written(path, rows):
    if path.suffix == ".ods":
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", kind)
            archive.writestr("META-INF/manifest.xml", manifest)
            archive.writestr("content.xml", open_document(rows))
    else:
        path.write_bytes(old_office(workbook(rows)))
    return path


@pytest.mark.parametrize("name", ["事件.xls", "事件.et", "事件.ods", "misnamed.xlsx"])
def test_a_sheet_is_read_as_what_a_person_typed(tmp_path, name):
    table = intake.open_table(written(tmp_path / name, [HEADING, *ROWS]))
    assert table.sheet == "事件"
    assert [tuple(row.values()) for row in table.texts.to_pylist()] == [
        ("SJ001", "2026-03-01 08:30:00", "119.9", "39.9", "路面积水"),
        ("SJ002", "2026-03-02 09:00:00", "119.91", "39.91", "乱停车"),
    ]


@pytest.mark.parametrize("name", ["事件.xls", "事件.ods"])
def test_its_rows_are_judged_like_any_others_and_keep_their_numbers(tmp_path, name):
    path = written(tmp_path / name, [("事件台账",), HEADING, *ROWS, ("SJ003", "前天", 119.9, 39.9, "不明")])
    rows = intake.read_rows(intake.open_table(path), intake.form("incidents"))
    assert rows.good["incident_id"].to_pylist() == ["SJ001", "SJ002"]
    assert rows.bad.iloc[:, 0].to_list() == [5]


@pytest.mark.parametrize("name", ["网格.xls", "网格.ods"])
def test_a_sheet_with_shapes_is_a_layer(tmp_path, name):
    path = written(
        tmp_path / name, [("编号", "边界"), ("G1", "POLYGON ((0 0, 1 0, 1 1, 0 0))"), ("G2", "POLYGON ((1 1, 2 1, 2 2, 1 1))")]
    )
    assert list(intake.open_file(path).frame.index) == ["G1", "G2"]


@pytest.mark.parametrize("keep", [600, 1500, 3000])
def test_a_sheet_that_is_cut_short_is_refused_in_a_sentence(tmp_path, keep):
    path = tmp_path / "事件.xls"
    path.write_bytes(old_office(workbook([HEADING, *ROWS * 100]))[:keep])
    with pytest.raises(IntakeError):
        intake.open_table(path)


def test_an_old_document_without_sheets_is_told_from_one_with(tmp_path):
    path = tmp_path / "通知.doc"
    path.write_bytes(old_office(b"text", "WordDocument"))
    with pytest.raises(IntakeError, match="document"):
        intake.open_table(path)


@pytest.mark.parametrize("name", ["台账.xls", "台账.ods", "台账.xlsx"])
def test_a_title_over_all_columns_is_no_part_of_their_names(tmp_path, name):
    above = [("事件台账(2026年3月)",), ("填报单位:城管局", "", "填报人:王某", "")]
    lines = [*above, ("编号", "时间", "状态", "类型"), ("SJ001", "2026-03-01 08:30", "在办", "积水")]
    path = tmp_path / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        book.active.merge_cells("A1:D1")
        book.save(path)
    else:
        written(path, lines)
    assert intake.open_table(path).texts.column_names == ["编号", "时间", "状态", "类型"]
