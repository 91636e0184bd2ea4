"""Encodings are told from the bytes, not from what the file says."""

import pytest

from gridmap import intake
from gridmap.intake import encodings

SIMPLIFIED = ["海风街道望潮社区第一网格", "党群服务中心", "综合执法大队", "经济技术开发区", "建设路小学", "网格长姓名"]
TRADITIONAL = ["臺北市信義區", "中正國民小學", "萬華區公所", "衛生福利部", "戶政事務所"]


@pytest.mark.parametrize("name", ["utf-8", "gb18030"])
def test_simplified_chinese_is_told(name):
    told = encodings.tell([text.encode(name) for text in SIMPLIFIED])
    assert told.name == name
    assert told.samples[0] == SIMPLIFIED[0]


def test_traditional_chinese_is_told():
    told = encodings.tell([text.encode("big5") for text in TRADITIONAL])
    assert told.name == "big5"
    assert told.samples[0] == TRADITIONAL[0]


def test_a_wrong_declaration_is_not_believed():
    told = encodings.tell([text.encode("gbk") for text in SIMPLIFIED], declared="UTF-8")
    assert (told.name, told.declared) == ("gb18030", "utf-8")


def test_a_right_declaration_settles_a_doubt():
    assert encodings.tell(["中正".encode("big5")], declared="Big5").name == "big5"


def test_a_character_cut_off_at_the_end_is_forgiven():
    assert encodings.tell(["海风街道".encode()[:-1]]).name == "utf-8"


def test_plain_latin_text_needs_no_guess():
    assert encodings.tell([b"grid 1"]) == encodings.Told("utf-8", None, sure=True)


@pytest.mark.parametrize(("text", "right"), [("Ö£ÖÝ", "郑州"), ("æµ·é£Ž", "海风")])
def test_scrambled_chinese_is_given_back(text, right):
    assert encodings.unscrambled(text) == right


@pytest.mark.parametrize("text", ["Zürich", "café", "grid", "海风", "naïve"])
def test_text_that_is_right_is_left_alone(text):
    assert encodings.unscrambled(text) is None


@pytest.mark.parametrize("name", ["cpg__big5.shp", "ldid__chinese.shp"])
def test_real_shapefiles_with_chinese_tables_are_read(shared, name):
    found = intake.open_file(shared / "data" / "dirty" / "encodings" / name, shapes="any")
    assert any(not text.isascii() for text in found.samples)
    assert not any("\ufffd" in str(value) for value in found.frame.drop(columns="geometry").to_numpy().ravel())
