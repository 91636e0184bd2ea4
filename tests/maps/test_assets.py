"""Every address a map can ask for is the server's own, and the server offers nothing else."""

import inspect
import re

import branca.colormap
import folium
import folium.features
import folium.plugins
import pytest
import streamlit_folium

from gridmap import settings
from gridmap.errors import MapError
from gridmap.maps import assets

pytestmark = pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the maps' scripts are not installed (npm ci)")


def test_an_address_no_file_stands_in_for_is_refused():
    with pytest.raises(MapError, match="unheard"):
        assets.own("https://example.org/unheard.js")


def test_an_address_of_the_server_itself_is_left_alone():
    assert assets.own("/gridmap/assets/leaflet@1/x.js") == "/gridmap/assets/leaflet@1/x.js"


@pytest.mark.parametrize("name", sorted(assets.CARRIED))
def test_every_carried_file_is_installed_and_offered(name):
    url = assets.own(f"https://example.org/some/{name}")
    asset = assets.asset(url.removeprefix(assets.ROOT))
    assert asset.content
    assert asset.type.startswith("text/javascript" if assets.CARRIED[name].endswith(".js") else "text/css")


@pytest.mark.parametrize("url", [assets.own(f"//x/{name}") for name in assets.CARRIED if name.endswith(".css")])
def test_no_style_refers_to_another_host_or_to_a_file_that_is_not_offered(url):
    text = assets.asset(url.removeprefix(assets.ROOT)).content.decode()
    base = url.removeprefix(assets.ROOT).rsplit("/", 1)[0]
    assert not re.search(r"""(url\(|@import)\s*['"]?\s*(https?:)?//""", text)
    for reference in re.findall(r"url\(\s*['\"]?([^'\")?#]+)", text):
        if reference.startswith("data:") or not reference.endswith((".png", ".woff2", ".gif")):
            continue
        folder, rest = base, reference
        while rest.startswith(("../", "./")):
            folder, rest = (folder.rsplit("/", 1)[0], rest[3:]) if rest.startswith("../") else (folder, rest[2:])
        assert assets.asset(f"{folder}/{rest}").content


@pytest.mark.parametrize(
    "path",
    [
        "",
        "leaflet@1.9.4/package.json",
        "leaflet@1.9.4/../jquery/package.json",
        "../package.json",
        "own@x/gridmap.js",
        "leaflet@0/dist/leaflet.js",
    ],
)
def test_nothing_but_the_carried_files_is_offered(path):
    with pytest.raises(MapError):
        assets.asset(path)


def test_no_page_is_offered():
    assert not [path for path in assets._offered() if path.endswith((".html", ".htm", ".json", ".md", ".map"))]


def test_the_font_covers_the_characters_offices_use_and_asks_only_this_server():
    text = assets.asset(assets.fonts_url().removeprefix(assets.ROOT)).content.decode()
    assert not re.search(r"url\((?!/gridmap/assets/)", text)
    assert f"'{assets.FONT_FAMILY}'" in text
    ranges = [(int(low, 16), int(high or low, 16)) for low, high in re.findall(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?", text)]
    for character in "全科网格综治应急城管生态环境街道社区党群服务中心阵地楼栋矛盾纠纷调解率同比㎡％℃①":
        assert any(low <= ord(character) <= high for low, high in ranges), character
    for url in re.findall(r"url\(([^)]+)\)", text):
        assert assets.asset(url.removeprefix(assets.ROOT)).type == "font/woff2"


REFUSED = {
    "RegularPolygonMarker": "its package needs tools that are no longer published; a circle or gridmap's own signs do",
    "Vega": "charts are drawn by the page, beside the map",
    "VegaLite": "charts are drawn by the page, beside the map",
    "TopoJson": "shapes come as GeoJSON from the server",
    "Geocoder": "asks an outside service for addresses",
    "GeoMan": "Draw does the same with one package instead of thirty",
    "MeasureControl": "its package needs tools that are no longer published",
    "SideBySideLayers": "its package needs tools that are no longer published",
    "VectorGridProtobuf": "asks for whatever is newest; tiles are gridmap's own",
}
"""folium's classes that are not carried, and why; using one raises MapError."""


def classes():
    """Every class of folium and branca that asks for a script or a style."""
    modules = [folium, folium.features, folium.plugins, branca.colormap]
    found = {name: kind for module in modules for name, kind in vars(module).items() if inspect.isclass(kind)}
    return {name: kind for name, kind in found.items() if getattr(kind, "default_js", []) or getattr(kind, "default_css", [])}


@pytest.mark.parametrize("name", sorted(classes()))
def test_what_a_folium_class_asks_for_is_carried_or_refused_with_a_reason(name):
    kind = classes()[name]
    addresses = [address for _, address in [*getattr(kind, "default_js", []), *getattr(kind, "default_css", [])]]
    if name in REFUSED:
        with pytest.raises(MapError):
            [assets.own(address) for address in addresses]
    else:
        assert all(assets.own(address).startswith(assets.ROOT) for address in addresses)


def test_what_streamlit_folium_asks_for_by_itself_is_carried():
    source = inspect.getsource(streamlit_folium)
    for address in re.findall(r'"(https://[^"]+\.js)"', source):
        assert assets.own(address).startswith(assets.ROOT)


@pytest.mark.parametrize("drawn", [folium.Map(), folium.Map(tiles=None).add_child(folium.plugins.MiniMap())])
def test_a_map_with_tiles_of_another_host_is_refused(drawn):
    with pytest.raises(MapError, match="tile"):
        assets.refuse_tiles(drawn.get_root().render())


def test_a_map_with_tiles_of_this_server_is_not():
    assets.refuse_tiles(folium.Map(tiles="/gridmap/tiles/{z}/{x}/{y}.png", attr=" ").get_root().render())
