"""Service centres, the Party's page and their reports in a real browser."""

import io
import re

import geopandas as gpd
import openpyxl
import pytest
import shapely
from docx import Document

from tests.browser import town
from tests.browser.test_pages import settled
from tests.store import conftest as small

pytestmark = pytest.mark.browser

KM_EAST = 1 / 85.4
HOSTILE_NAME = '<img src=x onerror="window.hacked=1">${window.hacked=2}'


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """One centre of 400 m² in the west, homes along a road to the east, an organisation on one grid of eight."""
    folder = tmp_path_factory.mktemp("data")
    with town.district(folder) as db:
        west, south = small.WEST + 0.0005, small.SOUTH + 0.005
        homes = [(west + step * 0.3 * KM_EAST, south) for step in range(1, 6)]
        buildings = {"building_id": [f"b{n}" for n in range(5)], "households": [100] * 5}
        shapes = [shapely.Point(at).buffer(0.00005) for at in homes]
        db.load("buildings", gpd.GeoDataFrame(buildings, geometry=shapes, crs=4490), batch="buildings")
        road = shapely.LineString([(west, south), (west + 1.6 * KM_EAST, south)])
        roads = gpd.GeoDataFrame({"road_id": ["r"], "road_class": ["branch"]}, geometry=[road], crs=4490)
        db.load("roads", roads, batch="roads")
        centre = {"centre_id": ["c"], "name_zh": [HOSTILE_NAME], "community_code": ["990199001001"]}
        centre |= {"centre_level": ["community"], "floor_area_m2": [400.0]}
        db.load("service_centres", gpd.GeoDataFrame(centre, geometry=[shapely.Point(west, south)], crs=4490), batch="centres")
        orgs = {"party_org_id": ["p"], "org_kind": ["party_branch"], "name_zh": ["支部"], "grid_code": ["990199001001001"]}
        db.load("party_orgs", gpd.GeoDataFrame(orgs, geometry=[shapely.Point(west, south)], crs=4490), batch="orgs")
    return folder


@pytest.fixture(scope="module")
def address(serving, data):
    with serving("app:app", GRIDMAP_DATA=str(data)) as found:
        yield found


def strip(page):
    return dict(
        zip(page.locator(".gm-strip dt").all_inner_texts(), page.locator(".gm-strip .gm-value").all_inner_texts(), strict=True)
    )


def test_the_centres_page_counts_who_walks_too_far_and_proposes_a_site(visit, address, map_frame):
    page = settled(visit(address, "/centres", language="en-US"))
    map_frame(page)
    shown = strip(page)
    assert shown["Households within 15 minutes' walk"] == "60.0%"
    assert shown["Households outside"] == "200"
    assert shown["Missing floor area"].startswith("100")
    assert (
        page.get_by_text("Proposed site", exact=True).count()
        or page.frame_locator("iframe[title*=folium]").get_by_text("Proposed site").count()
    )
    page.get_by_text("Under size", exact=True).click()
    settled(page)
    assert page.evaluate("window.hacked") is None
    page.locator(".st-key-need").get_by_text("Clinic").click()
    page.locator("[data-testid=stAlert]", has_text="No service centre on the map has what is asked for").wait_for()


def test_the_party_page_marks_grids_without_an_organisation(visit, address, map_frame):
    page = settled(visit(address, "/party", language="zh-CN"))
    frame = map_frame(page)
    assert strip(page)["党组织进网格率"] == "—"  # one of eight: fewer than ten are hidden
    page.locator(".gm-h", has_text="未建党组织的网格").wait_for()
    page.frame_locator("iframe[title*=folium]").locator(".gm-panel", has_text="未建党组织").wait_for()
    frame.evaluate("window.same = true")
    page.locator(".st-key-kept-colour").get_by_text("六方联动").click()
    page.frame_locator("iframe[title*=folium]").locator(".gm-panel", has_text="六方已有数量").wait_for()
    assert frame.evaluate("window.same") is True


def test_reports_say_what_is_on_the_screen_and_open_without_a_network(visit, address, map_frame, chromium, tmp_path):
    page = settled(visit(address, "/centres"))
    map_frame(page)
    page.get_by_role("button", name="报告").click()
    files = {}
    for label in ("Word 简报", "Excel 工作簿", "地图图片（PNG）", "离线地图（HTML）"):
        with page.expect_download() as started:
            page.get_by_role("button", name=label).click()
        name = started.value.suggested_filename
        assert re.fullmatch(r"演示区阵地情况-\d{8}-\d{4}\.(docx|xlsx|png|html)", name)
        files[name.rpartition(".")[2]] = tmp_path / name
        started.value.save_as(tmp_path / name)
    paper = Document(io.BytesIO(files["docx"].read_bytes()))
    assert paper.sections[0].header.paragraphs[0].text == "演示数据"
    assert "60.0%" in [cell.text for row in paper.tables[0].rows for cell in row.cells]
    assert len(paper.inline_shapes) == 1
    book = openpyxl.load_workbook(files["xlsx"])
    assert "新增阵地建议选址" in book.sheetnames
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    context = chromium.new_context(offline=True)
    alone = context.new_page()
    asked = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(files["html"].as_uri())
    alone.locator("[data-painted]").wait_for()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()
