"""Drawings: closed polylines become grids, their labels stay readable whatever the drawing says of its code page."""

import ezdxf
import pytest

from gridmap import intake

NAMES = ["螺泰社区第001网格", "渚景社区第002网格", "鸥朗社区第003网格"]


def drawn(path, names=NAMES, version="R2000"):
    drawing = ezdxf.new(version)
    drawing.encoding = "gbk"
    space = drawing.modelspace()
    drawing.layers.add("网格线")
    for number, name in enumerate(names):
        x = 500_000 + 100 * number
        space.add_lwpolyline([(x, 0), (x + 100, 0), (x + 100, 100), (x, 100)], close=True, dxfattribs={"layer": "网格线"})
        space.add_text(name, height=5).set_placement((x + 50, 50))
    drawing.saveas(path, encoding="gbk" if version == "R2000" else None)
    return path


def changed(path, *pairs):
    data = path.read_bytes()
    for old, new in pairs:
        assert old in data
        data = data.replace(old, new)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("page", [b"ANSI_936", b"ANSI_1252", b"ANSI_950", b"no page at all"])
def test_labels_and_layers_are_read_whatever_code_page_is_named(tmp_path, page):
    opened = intake.open_file(changed(drawn(tmp_path / "a.dxf"), (b"ANSI_936", page)))
    assert opened.layer == "网格线"
    assert opened.frame["label"].tolist() == NAMES
    assert opened.encoding == "gb18030"
    assert opened.readings["gb18030"][0] in NAMES


def test_another_encoding_can_be_chosen(tmp_path):
    path = drawn(tmp_path / "a.dxf")
    data = path.read_bytes().decode("gbk").translate(str.maketrans("区网鸥", "區網鷗"))
    path.write_bytes(data.encode("big5", "replace"))
    opened = intake.open_file(path, encoding="big5")
    assert opened.encoding == "big5"
    assert opened.encoding_sure
    assert opened.frame["label"].tolist()[1] == "渚景社區第002網格"


def test_a_drawing_without_a_head_is_read(tmp_path):
    path, drawing = tmp_path / "a.dxf", ezdxf.new("R12")
    drawing.encoding = "gbk"
    drawing.modelspace().add_polyline2d([(0, 0), (100, 0), (100, 100), (0, 100)], close=True)
    drawing.modelspace().add_text(NAMES[0], height=5).set_placement((50, 50))
    drawing.saveas(path, encoding="gbk")
    data = path.read_bytes()
    path.write_bytes(data[data.index(b"  0\nSECTION\n  2\nENTITIES") :])
    assert intake.open_file(path).frame["label"].tolist() == NAMES[:1]


def test_a_drawing_since_2007_is_unicode_even_where_a_program_wrote_gbk(tmp_path):
    path = drawn(tmp_path / "a.dxf", version="R2010")
    assert intake.open_file(path).encoding == "utf-8"
    path.write_bytes(path.read_bytes().decode().encode("gbk"))
    assert intake.open_file(path).frame["label"].tolist() == NAMES
