"""Patches: held once, explained by the legend, and carried by the message with how they look."""

import gzip
import json

import geopandas as gpd
import pytest
import shapely

from gridmap import maps, settings
from gridmap.errors import MapError
from gridmap.maps import held

pytestmark = pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the maps' scripts are not installed (npm ci)")

LOOKS = {
    "open": maps.Look("施工", "#c4501b", hatch=True),
    "walk": maps.Look("巡查", "#6d3fb0", fill=0),
    "rest": maps.Look("无", "#000"),
}


@pytest.fixture
def frame():
    shapes = [shapely.box(119.9, 39.9, 119.91, 39.91), shapely.LineString([(119.9, 39.9), (119.92, 39.92)])]
    return gpd.GeoDataFrame(
        {"name_zh": ["甲", "乙"], "look": ["open", "walk"], "line": ["占道", None]}, geometry=shapes, index=["a", "b"], crs=4490
    )


def test_polygons_and_lines_keep_their_id_name_look_and_lines(frame):
    layer = maps.patch_layer(frame, LOOKS, key="x", lines=["line"])
    body = json.loads(gzip.decompress(held.packed(layer.url.removeprefix(held.ROOT).removesuffix(".json"))))
    told = [
        (one["id"], one["properties"]["name"], one["properties"]["look"], one["properties"]["lines"])
        for one in body["features"]
    ]
    assert told == [("a", "甲", 0, ["占道"]), ("b", "乙", 1, [])]


def test_the_legend_explains_what_occurs_and_nothing_else(frame):
    layer = maps.patch_layer(frame, LOOKS, key="x")
    assert [(row["text"], row["line"], row["hatch"]) for row in layer.rows] == [("施工", False, True), ("巡查", True, False)]


def test_a_patch_the_legend_does_not_explain_is_refused(frame):
    with pytest.raises(MapError, match="strange"):
        maps.patch_layer(frame.assign(look=["open", "strange"]), LOOKS, key="x")


def test_the_message_carries_the_looks_and_the_legend_their_rows(frame):
    now = maps.repaint(patched=[maps.patch_layer(frame, LOOKS, key="x")], heading="演示区", note="点位过密")
    assert [look["hatch"] for look in now.content["patches"][0]["looks"]] == [True, False, False]
    assert [row["text"] for row in now.content["legend"]["groups"][0]] == ["施工", "巡查"]
    assert (now.content["heading"], now.content["note"]) == ("演示区", "点位过密")
