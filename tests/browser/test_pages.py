"""The dashboard in a real browser: every page in both languages, drill-down, linked views; nothing but this server is asked."""

import io
import json
import re

import openpyxl
import pytest

from tests.browser import town

pytestmark = pytest.mark.browser

PAGES = {
    "/": ("看图", "一张图", "Maps", "One map"),
    "/cockpit": ("看图", "驾驶舱", "Maps", "Cockpit"),
    "/incidents": ("看图", "事件", "Maps", "Incidents"),
    "/indicators": ("看图", "指标", "Maps", "Indicators"),
    "/merge": ("网格", "网格融合", "Grids", "Merge"),
}
WIDE = {"width": 1600, "height": 900}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder as ``gridmap demo`` leaves one: four communities of two grids each, forty incidents, most in the south-west."""
    folder = tmp_path_factory.mktemp("data")
    with town.district(folder) as db:
        town.report(db)
    return folder


@pytest.fixture(scope="module")
def address(serving, data):
    with serving("app:app", GRIDMAP_DATA=str(data)) as found:
        yield found


def settled(page):
    """Wait until the page has drawn itself; generous, because the machine may be busy with other tests."""
    page.set_default_timeout(60_000)
    page.wait_for_selector("h1")
    page.wait_for_timeout(200)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    return page


def touch(page, frame, lat, lon):
    """Click a place on the map."""
    x, y = frame.evaluate(
        "([lat, lon]) => { const p = gridmap.stage.map.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }", [lat, lon]
    )
    box = page.locator("iframe[title*=folium]").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)


def menu(page, section):
    """Open a section of the navigation and give its entries."""
    page.locator("[data-testid=stTopNavSection]", has_text=section).click()
    return page.locator("[data-testid=stTopNavDropdownLink]")


def first_figure(page):
    return page.locator(".gm-strip .gm-value").first.inner_text()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(visit, address, path, language):
    page = settled(visit(address, path, language=language))
    section, title = PAGES[path][:2] if language == "zh-CN" else PAGES[path][2:]
    assert page.locator("[data-testid=stAlert], [data-testid=stException]").count() == 0
    page.get_by_text("演示数据" if language == "zh-CN" else "Demo data", exact=True).first.wait_for()
    assert menu(page, section).and_(page.locator("[aria-current=page]")).inner_text() == title


def test_a_page_asked_for_before_any_other_has_the_frame(visit, serving, tmp_path):
    with serving("app:app", GRIDMAP_DATA=str(tmp_path)) as fresh:
        page = visit(fresh, "/merge")
        page.get_by_text("尚无数据").wait_for()
        page.locator("[data-testid=stTopNavSection]").first.wait_for()
        assert page.locator("[data-testid=stSidebarNav]").count() == 0
        page.close()


def test_a_database_that_another_process_holds_is_said_in_one_sentence(visit, serving, address, data):
    settled(visit(address))  # this server has it open
    with serving("app:app", GRIDMAP_DATA=str(data)) as second:
        page = visit(second, "/")
        page.locator("[data-testid=stAlert]", has_text="gridmap.duckdb").wait_for()
        assert page.locator("[data-testid=stAlert]").count() == 1
        page.close()


def test_a_folder_without_data_says_what_to_do(visit, serving, tmp_path):
    with serving("app:app", GRIDMAP_DATA=str(tmp_path)) as empty:
        page = visit(empty, "/")
        page.get_by_text("尚无数据").wait_for()
        assert not (tmp_path / "gridmap.duckdb").exists()
        page.close()


def test_a_click_drills_down_and_the_way_back_leads_up(visit, address, map_frame):
    page = settled(visit(address, "/", language="en-US", **WIDE))
    frame = map_frame(page)
    touch(page, frame, 39.905, 119.9025)
    page.wait_for_url(re.compile(r"at=990199001($|&)"))
    page.locator("h1", has_text="演示街道1").wait_for()
    for code in ("990199001001", "990199001001001"):
        settled(page)
        page.wait_for_timeout(900)  # the map flies to the place
        touch(page, map_frame(page), 39.905, 119.9025)
        page.wait_for_url(re.compile(rf"at={code}($|&)"))
    page.locator(".gm-card", has_text="990199001001001").wait_for()
    page.get_by_role("button", name="演示街道1").click()
    page.wait_for_url(re.compile(r"at=990199001($|&)"))
    page.go_back()
    page.wait_for_url(re.compile(r"at=990199001001001"))
    page.locator(".gm-card", has_text="990199001001001").wait_for()


def test_an_address_with_a_place_can_be_sent(visit, address):
    page = settled(visit(address, "/?at=990199002001&lang=en"))
    assert page.locator("h1").inner_text() == "演示社区002001"
    assert first_figure(page) == "5"


def test_the_language_switch_keeps_the_place(visit, address):
    page = settled(visit(address, "/?at=990199001"))
    page.get_by_role("radio", name="English").or_(page.get_by_role("button", name="English")).first.click()
    page.get_by_text("Reported", exact=True).first.wait_for()
    assert "at=990199001" in page.url
    menu(page, "Maps").filter(has_text="Incidents").click()
    page.wait_for_url(re.compile("/incidents"))
    page.locator("h1", has_text="演示街道1").wait_for()
    assert "lang=en" in page.url
    assert "at=990199001" in page.url


def test_the_cockpit_stands_alone_on_a_big_screen_and_leads_to_the_place_that_is_pressed(visit, address, map_frame):
    page = settled(visit(address, "/cockpit", language="en-US"))
    page.get_by_role("button", name="Big screen").click()
    alone = page.get_by_role("link", name="Dark").get_attribute("href")
    page.keyboard.press("Escape")
    touch(page, map_frame(page), town.SOUTH + 0.005, town.WEST + 0.005)
    page.wait_for_url(re.compile(r"/\?.*at=99019900\d+"))
    page.goto(f"{address}/{alone}")
    frame = map_frame(page)
    page.get_by_text("Demo data", exact=True).wait_for()
    assert frame.evaluate("document.querySelector('.gm-dark') !== null")
    assert not page.get_by_test_id("stHeader").is_visible()
    page.locator(".gm-meters a").last.click()
    page.wait_for_url(re.compile(r"/\?.*at=99019900\d+.*days=7"))
    page.locator("h1", has_text="演示街道").wait_for()


def test_a_measure_recolours_the_map_without_building_it_again(visit, address, map_frame):
    page = settled(visit(address, "/", language="en-US"))
    frame = map_frame(page)
    frame.evaluate("window.same = true")
    page.locator(".st-key-kept-by").get_by_text("Households", exact=True).click()
    page.frame_locator("iframe[title*=folium]").locator(".gm-panel h2", has_text="Households").wait_for()
    assert frame.evaluate("window.same") is True


def test_a_bar_narrows_figures_list_and_map_and_a_second_click_lets_go(visit, address, map_frame):
    page = settled(visit(address, "/incidents?days=30", language="en-US", **WIDE))
    map_frame(page)
    whole = int(first_figure(page))
    box = page.locator(".st-key-pick-ways").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + 15)  # the first bar: full-time patrol
    page.wait_for_function(f"document.querySelector('.gm-strip .gm-value').innerText !== '{whole}'")
    part = int(first_figure(page))
    assert 0 < part < whole
    settled(page)
    page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + 15)
    page.wait_for_function(f"document.querySelector('.gm-strip .gm-value').innerText === '{whole}'")


def test_day_row_and_map_narrow_figures_charts_list_and_map(visit, address, map_frame):
    page = settled(visit(address, "/incidents?days=30", language="en-US", **WIDE))
    frame = map_frame(page)
    frame.evaluate("window.same = true")
    whole = int(first_figure(page))
    note = page.locator(".gm-h", has_text="Cases").filter(has_text="the newest").locator("small")
    colours = "() => JSON.stringify(gridmap.stage.message.areas.values)"

    def changed(before):
        page.wait_for_function(f"document.querySelector('.gm-strip .gm-value').innerText !== '{before}'")
        settled(page)
        return int(first_figure(page))

    before = frame.evaluate(colours)
    place = page.locator(".st-key-pick-days").bounding_box()
    page.mouse.click(place["x"] + place["width"] * 0.5, place["y"] + place["height"] * 0.7)  # a day's column
    day = changed(whole)
    assert 0 < day < whole
    assert note.inner_text() == f"the newest {day} of {day}"
    frame.wait_for_function(f"JSON.stringify(gridmap.stage.message.areas.values) !== {json.dumps(before)}")
    assert page.locator(".gm-h", has_text="Channel").locator("small").inner_text() == str(day)  # other charts follow the day
    page.mouse.click(place["x"] + place["width"] * 0.5, place["y"] + place["height"] * 0.7)
    assert changed(day) == whole

    table = page.locator(".st-key-cases [data-testid=stDataFrame]").bounding_box()
    page.mouse.click(table["x"] + 16, table["y"] + 54)  # the first case: the map goes to its grid and shows it
    frame.wait_for_function("gridmap.stage.message.points.length === 1 && gridmap.stage.message.selected.length === 15")
    page.mouse.click(table["x"] + 16, table["y"] + 54)
    frame.wait_for_function("gridmap.stage.message.points.length === 0")
    settled(page)
    page.wait_for_timeout(900)  # the map is on its way back

    touch(page, frame, 39.905, 119.9025)
    page.wait_for_url(re.compile("at=990199"))
    assert 0 < changed(whole) < whole
    assert frame.evaluate("window.same") is True


def test_the_period_is_in_the_address(visit, address):
    page = settled(visit(address, "/", language="en-US"))
    page.get_by_text("7 days", exact=True).click()
    page.wait_for_url(re.compile("days=7"))
    page.wait_for_function("Number(document.querySelector('.gm-strip .gm-value').innerText) < 40")


def test_a_merge_without_source_files_says_so_in_one_sentence(visit, address):
    page = settled(visit(address, "/merge", language="en-US"))
    page.get_by_role("button", name="Merge now").click()
    page.locator("[data-testid=stAlert]").first.wait_for()
    page.get_by_role("button", name="Dismiss").click()
    page.wait_for_function("document.querySelectorAll('[data-testid=stAlert]').length === 0")


def test_the_dark_theme_is_dark_to_the_last_corner(visit, address, map_frame):
    page = settled(visit(address, "/", scheme="dark"))
    frame = map_frame(page)
    background = "e => getComputedStyle(e).backgroundColor"
    for place in (page.locator(".stApp"), page.locator(".gm-strip"), page.locator(".gm-card").first):
        red, green, blue = (int(part) for part in re.findall(r"\d+", place.evaluate(background))[:3])
        assert max(red, green, blue) < 80
    assert frame.evaluate("document.querySelector('.gm-dark') !== null")


def test_indicators_are_seen_by_old_grids_and_a_red_lists_row_leads_to_its_place(visit, address):
    page = settled(visit(address, "/indicators", language="en-US"))
    page.locator(".st-key-seen-by input").click()
    page.locator("[role=option]", has_text="Urban management, by households").click()
    page.get_by_text("old grids; together").wait_for()
    assert page.locator(".stAlert").count() == 0
    with page.expect_download() as taken:
        page.locator(".st-key-statement-K button").click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    assert [cell.value for cell in book.worksheets[0][4]][:4] == ["No.", "Indicator", "Value", "Unit"]
    assert book.worksheets[1]["D2"].value.startswith("accepted within the limit")
    page.locator(".st-key-group button").nth(2).click()
    table = page.locator("[class*=st-key-red-] [data-testid=stDataFrame]").last
    page.get_by_text("Click a row to see its place on the map.").wait_for()
    settled(page)
    with page.expect_download() as taken:
        page.locator("[class*=st-key-export] button").click()
    assert taken.value.suggested_filename.endswith(".csv")
    place = table.bounding_box()
    page.mouse.click(place["x"] + 16, place["y"] + 54)
    page.wait_for_url(re.compile(r"at=990199"))
    page.wait_for_selector(".st-key-stage iframe")
