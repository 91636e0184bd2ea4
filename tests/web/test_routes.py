"""The map routes: right types, packed, kept for good, and nothing that was not asked to be there."""

import gzip
import json

import geopandas as gpd
import pytest
import shapely
from starlette.applications import Starlette

from gridmap import access, settings
from gridmap.errors import StoreError
from gridmap.maps import assets, held
from gridmap.web import routes, visitor
from tests.web.asking import get

pytestmark = pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the maps' scripts are not installed (npm ci)")


def signed_in(app, path, territory=""):
    """Ask for a path as somebody signed in does; give status, headers and the unpacked body."""
    state = {"visit": visitor.Visit(access.Actor("a", "leader", territory))}
    answer = get(app, path, state=state, accept_encoding="gzip")
    if answer.headers.get("content-encoding") == "gzip":
        answer.body = gzip.decompress(answer.body)
    return answer


@pytest.fixture
def asked():
    return []


@pytest.fixture
def client(asked):
    def areas(actor, level, parent, version):
        asked.append((actor.territory, level, parent, version))
        if level == "planet":
            raise StoreError("There is no level {level}.", level=level)
        boxes = [shapely.box(120, 39, 121, 40), shapely.box(119, 39, 120, 40)]
        return gpd.GeoDataFrame({"code": ["b", "a"], "name_zh": ["乙", "甲"]}, geometry=boxes, crs=4490)

    app = Starlette(routes=routes.routes(areas))
    return lambda path, territory="": signed_in(app, path, territory)


def test_a_script_comes_packed_with_its_type_and_is_kept_for_good(client):
    answer = client(assets.url("leaflet/dist/leaflet.js"))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_drawing_can_run_nothing(client):
    answer = client(assets.url("leaflet-draw/dist/images/spritesheet.svg"))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["x", "leaflet@1.9.4/package.json", "leaflet@1.9.4/%2e%2e/jquery/package.json", "..%2f..%2fapp.py"]
)
def test_what_is_not_carried_is_not_found(client, path):
    assert client(assets.ROOT + path).status == 404


def test_fonts_have_an_address_that_stays(client):
    assert client("/gridmap/fonts.css").headers["location"] == assets.fonts_url()
    assert b"@font-face" in client(assets.fonts_url()).body


def test_held_content_comes_back(client):
    assert json.loads(client(held.hold(b'{"a":1}')).body) == {"a": 1}
    assert client(held.ROOT + "0" * 32 + ".json").status == 404


def test_grids_are_made_once_for_each_address_and_ordered_by_code(client, asked):
    for _ in range(2):
        answer = client("/gridmap/grids/3/street/990199.json")
    assert [f["id"] for f in json.loads(answer.body)["features"]] == ["a", "b"]
    assert asked == [("", "street", "990199", "3")]
    client("/gridmap/grids/3/street/all.json")
    assert asked[-1] == ("", "street", None, "3")


def test_grids_are_made_anew_for_another_territory(client, asked):
    for territory in ("", "990199001", "990199001", "990199002"):
        assert client("/gridmap/grids/3/street/990199.json", territory).headers["vary"] == "Cookie"
    assert [row[0] for row in asked] == ["", "990199001", "990199002"]


def test_an_error_of_the_store_is_a_sentence_and_not_kept(client, asked):
    assert client("/gridmap/grids/3/planet/all.json").status == 404
    assert b"planet" in client("/gridmap/grids/3/planet/all.json").body
    assert len(asked) == 2


def test_held_content_is_packed_once():
    name = held.hold(json.dumps({"n": list(range(1000))}).encode()).removeprefix(held.ROOT).removesuffix(".json")
    assert held.packed(name) is held.packed(name)
    assert len(gzip.decompress(held.packed(name))) > len(held.packed(name))
