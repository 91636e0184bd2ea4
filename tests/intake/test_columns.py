"""Columns are proposed by their headings, by their values, and by the ids of the last version."""

import geopandas as gpd
import pytest
import shapely

from gridmap import intake
from gridmap.intake.columns import HEADING, KNOWN, VALUES


def frame(**columns):
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(n, 0, n + 1, 1) for n in range(count)])


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"网格编码": ["a", "b"], "网格名称": ["甲", "乙"], "户数": [1, 2]}, ("网格编码", "网格名称", "户数")),
        ({"OBJECTID": [1, 2], "HJWGBH": ["a", "b"], "HJWGMC": ["甲", "乙"], "HS": [1, 2]}, ("HJWGBH", "HJWGMC", "HS")),
        ({"x1": ["g1", "g2"], "x2": ["海风网格", "望潮网格"], "x3": [1.5, 2.5]}, ("x1", "x2", None)),
        ({"same": ["a", "a"], "height": [1.5, 2.5]}, (None, None, None)),
        ({"编码": ["a", "b"], "户数": ["n/a", "-"]}, ("编码", None, None)),
    ],
)
def test_headings_first_then_values(columns, chosen):
    proposed = intake.propose_columns(frame(**columns))
    assert (proposed.id.column, proposed.name.column, proposed.households.column) == chosen


def test_the_column_with_the_last_versions_ids_is_the_id_whatever_it_is_called():
    proposed = intake.propose_columns(frame(编码=["p", "q", "r"], 备注=["g1", "g2", "g9"]), known=["g1", "g2", "g3"])
    assert (proposed.id.column, proposed.id.why) == ("备注", KNOWN)


def test_the_reason_is_said():
    proposed = intake.propose_columns(frame(网格编码=["a", "b"], x=["海风网格", "望潮网格"]))
    assert (proposed.id.why, proposed.name.why) == (HEADING, VALUES)


def test_a_damaged_id_column_is_still_the_id():
    proposed = intake.propose_columns(frame(网格编码=["a", "b", "c", "d", "e", "f", None], n=[1, 2, 3, 4, 5, 6, 7]))
    assert proposed.id.column == "网格编码"


@pytest.mark.parametrize(
    ("column", "word", "kept"),
    [
        ("status", "在办", "handling"),
        ("status", "未办结", "handling"),
        ("status", "已办结", "closed"),
        ("status", "待办", "new"),
        ("channel", "专职巡查", "patrol"),
        ("channel", "兼职协查", "assist"),
        ("channel", "12345市民热线", "hotline"),
    ],
)
def test_the_words_that_offices_and_our_own_pages_use_are_understood(column, word, kept):
    assert intake.form("incidents").column(column).choices[word] == kept
