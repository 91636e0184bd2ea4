"""A meeting as a new user would hold it: from the list of disputes to a version in force and its brief, no file touched."""

import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from docx import Document

from gridmap import store, terms
from tests.browser.test_pages import settled
from tests.store import conftest as small
from tests.store.test_drafts import merged

pytestmark = pytest.mark.browser
SIZE = {"width": 1920, "height": 1080}
WAIT = 60_000


def incidents():
    """Forty incidents, ten in each community."""
    rng = np.random.default_rng(0)
    spots = rng.random((40, 2))
    rows = [small.incident(n, n % 2, n % 4 // 2, x=x, y=y, title_zh=f"事件{n}") for n, (x, y) in enumerate(spots)]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Four communities whose two departments disagree, with their atoms, forty incidents and the files they sent."""
    folder = tmp_path_factory.mktemp("meeting")
    db = store.open_store(folder / "gridmap.duckdb")
    small.fill_places(db)
    plan = merged()
    for layer, source in (("zongzhi", "zongzhi.zip"), ("chengguan", "chengguan.gpkg")):
        old = plan.atoms.dissolve(layer)[["geometry"]].to_crs(4549 if layer == "zongzhi" else 4528)
        db.save_layer(layer, old, source=source, batch=layer)
    db.publish(db.draft(plan, note="first", norm=(300, 500)))
    db.load("incidents", incidents(), batch="incidents")
    db.close()
    (folder / "source").mkdir()
    (folder / "source" / "manifest.json").write_text(json.dumps({"fictional": True, "layers": {}}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def address(serving, data):
    with serving("app:app", GRIDMAP_DATA=str(data)) as found:
        yield found


def opened(visit, address, view, **options):
    page = settled(visit(address, f"/meeting?view={view}", **{"language": "zh-CN", **SIZE, **options}))
    page.set_default_timeout(WAIT)
    return page


def painted(page):
    page.frame_locator("iframe[title*=folium]").locator("[data-painted]").wait_for()
    page.wait_for_timeout(500)
    return next(frame for frame in page.frames if "streamlit_folium" in frame.url)


def touch(page, code):
    """Click the middle of an area of the map."""
    x, y = painted(page).evaluate(
        "(code) => { const s = gridmap.stage.main.areas, b = s.latLngBounds(s.index.get(code)).getCenter();"
        " const p = gridmap.stage.map.latLngToContainerPoint(b); return [p.x, p.y]; }",
        code,
    )
    box = page.locator("iframe[title*=folium]").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)


def bordered(page, steps):
    """Which of the first four pieces of ground, side by side, the map parts by a border, once it shows so many steps."""
    page.frame_locator("iframe[title*=folium]").locator(f"[data-stamp='{steps}']").wait_for()
    return painted(page).evaluate(
        """() => [0, 1, 2].filter((i) => {
          const s = gridmap.stage.main.areas, [west, low, east, high] = s.boxes.slice(4 * i, 4 * i + 4);
          gridmap.probe.lineWidth = (east - west) / 50;
          const at = [east, (low + high) / 2];
          return gridmap.stage.outlines[0].shapes.lines().some((line) => gridmap.probe.isPointInStroke(line, ...at));
        })"""
    )


def fill(page, label, text):
    page.get_by_label(label, exact=True).first.fill(text)


def download(page, name):
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).first.click()
    return caught.value.path()


def test_from_the_list_of_disputes_to_a_version_in_force_and_its_brief(visit, address, data):
    page = opened(visit, address, "disputes")
    page.get_by_text("分歧地点").wait_for()
    assert painted(page).evaluate("() => gridmap.stage.main.areas.index.size") >= 2  # all places, on one map
    page.get_by_role("button", name="从第一处议起").click()
    page.get_by_text("系统建议：").wait_for()
    painted(page)
    fill(page, "议定人", "王主任")
    fill(page, terms.say("Reason for it", language="zh"), "便于管理")
    page.get_by_role("button", name="登记议定结果").click()
    page.get_by_text("已议定1处").wait_for()

    page.get_by_role("button", name="去调整界线").click()
    page.get_by_text("已选1个地块").wait_for()
    assert bordered(page, 0) == [1]
    page.get_by_role("button", name="划入002：350→525").click()
    page.get_by_text("地块划入002").wait_for()
    assert bordered(page, 1) == [0]
    page.get_by_role("button", name="撤销", exact=False).first.click()
    page.get_by_text("已调整0步").wait_for()
    assert bordered(page, 0) == [1]
    page.get_by_role("button", name="恢复", exact=False).first.click()
    page.get_by_text("已调整1步").wait_for()

    page.get_by_text("方案比选", exact=True).click()
    page.get_by_role("button", name="生成网格版本").click()
    page.get_by_text("街道划定").wait_for()
    for action in ("提报方案", "同意", "发布生效并告知", "备案"):
        button = page.get_by_role("button", name=action, exact=True)
        button.wait_for()
        settled(page)
        fill(page, "单位", "演示街道")
        fill(page, "姓名", "李科长")
        button.click()
        button.wait_for(state="detached")
    settled(page)
    page.get_by_text("待办").wait_for(state="detached")
    with zipfile.ZipFile(download(page, "致综治告知书")) as packed:
        assert {"zongzhi_v2.docx", "zongzhi_v2.xlsx", "zongzhi_v2.shp"} <= set(packed.namelist())
        packed.extractall(data / "told")
    told = gpd.read_file(data / "told" / "zongzhi_v2.shp")
    assert told.crs.to_epsg() == 4549
    assert len(told) == 2

    page.get_by_text("会议纪要", exact=True).click()
    page.get_by_role("button", name="生成纪要").click()
    page.get_by_role("button", name="下载纪要").wait_for()
    text = Document(io.BytesIO(download(page, "下载纪要").read_bytes()))
    words = "\n".join(paragraph.text for paragraph in text.paragraphs)
    assert "便于管理" in words
    assert "议定事项" in words
    assert len(text.inline_shapes) == 2  # before and after
    page.close()


def test_the_second_editor_sees_the_first_ones_step_and_a_closed_browser_loses_none(visit, address):
    one = opened(visit, address, "scenarios")
    one.get_by_role("button", name="新建草案").click()
    fill(one, "名称", "乙案")
    one.get_by_role("button", name="建立", exact=True).click()
    one.locator("[data-testid=stAlert]").wait_for(state="detached")
    settled(one)
    first, second = opened(visit, address, "borders"), opened(visit, address, "borders")
    for page in (first, second):
        page.get_by_text("已调整0步").wait_for()
        painted(page)
    touch(first, "1")
    first.get_by_role("button", name="设为新网格").wait_for()
    first.get_by_role("button", name="锁定网格").click()
    first.get_by_text("已调整1步").wait_for()
    second.get_by_text("已调整1步").wait_for()
    settled(second)
    painted(second)
    touch(second, "5")
    second.get_by_text("已选1个地块").wait_for()
    second.get_by_role("button", name="锁定网格").click()
    second.wait_for_timeout(500)  # until the press has left the browser: what it never sent nobody can keep
    second.context.close()  # in the middle of the step: nobody waits for its answer
    first.get_by_text("已调整2步").wait_for()
    settled(first)
    painted(first)
    touch(first, "0")
    first.get_by_role("button", name="设为新网格").wait_for()
    first.get_by_role("button", name="固定", exact=True).click()
    first.get_by_text("已调整3步").wait_for()
    first.context.close()
    again = opened(visit, address, "borders")
    again.get_by_text("已调整3步").wait_for()
    again.get_by_role("button", name="撤销", exact=False).first.click()
    again.get_by_text("已调整2步").wait_for()
    for page in (one, again):
        page.close()


def test_an_area_drawn_is_answered_at_once(visit, address):
    page = opened(visit, address, "ask&days=365", language="en-US")
    frame = painted(page)
    page.frame_locator("iframe[title*=folium]").locator("[data-tool=polygon]").click()
    box = page.locator("iframe[title*=folium]").bounding_box()
    corners = [(39.9001, 119.9001), (39.9001, 119.9199), (39.9185, 119.9199), (39.9185, 119.9001)]  # clear of the tools
    spots = [
        frame.evaluate("(at) => { const p = gridmap.stage.map.latLngToContainerPoint(at); return [p.x, p.y]; }", list(corner))
        for corner in corners
    ]
    for x, y in spots:
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.keyboard.press("Enter")
    page.get_by_text("A month per 1,000 households", exact=True).wait_for()
    figures = page.locator(".gm-strip .gm-value").all_inner_texts()
    assert figures[1] == "8"  # grids
    known = incidents()  # a click is a pixel wide, which here is some 5 m
    least, most = (
        known["lon"].between(119.9001 + slack, 119.9199 - slack) & known["lat"].between(39.9001 + slack, 39.9185 - slack)
        for slack in (1e-4, -1e-4)
    )
    assert least.sum() <= int(figures[2]) <= most.sum()
    page.close()


def test_a_question_in_sql_is_answered_and_a_harmful_one_refused(visit, address):
    page = opened(visit, address, "sql", language="en-US")
    field = page.frame_locator("iframe[title*=gridmap_sql]").locator("#text")
    field.click()
    field.press("Control+a")
    field.type("SELECT count(*) AS n FROM inci")
    page.frame_locator("iframe[title*=gridmap_sql]").locator("#offers li", has_text="incidents").first.wait_for()
    field.press("Tab")
    field.press("Control+Enter")
    page.get_by_text("1 row in").wait_for()
    field.press("Control+a")
    field.type("SELECT * FROM read_csv('/etc/passwd')")
    field.press("Control+Enter")
    page.locator("[data-testid=stAlert]", has_text="read_csv cannot be used here").wait_for()
    page.close()
