"""The one map as a leader uses it: down to the building, every layer, through time and side by side, measured and printed."""

import re

import pytest

from tests.browser import town

pytestmark = pytest.mark.browser

# Watches every frame that is painted: the map must never be blank, move, or be another map.
WATCH = """() => {
  const stage = gridmap.stage, fill = stage.fill._container, at = JSON.stringify([stage.map.getCenter(), stage.map.getZoom()]);
  window.seen = {frames: 0, blank: 0, moved: 0};
  const look = () => {
    const d = fill.getContext('2d').getImageData(0, 0, fill.width, fill.height).data;
    let some = false;
    for (let i = 3; i < d.length; i += 4004) if (d[i]) { some = true; break; }
    if (!some) window.seen.blank++;
    if (JSON.stringify([stage.map.getCenter(), stage.map.getZoom()]) !== at) window.seen.moved++;
    window.seen.frames++;
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module")
def address(serving, tmp_path_factory):
    with serving("app:app", GRIDMAP_DATA=str(town.make(tmp_path_factory.mktemp("town")))) as found:
        yield found


@pytest.fixture
def opened(visit, address, map_frame):
    def open_(path="/", **kinds):
        page = visit(address, path, **kinds)
        page.set_default_timeout(30_000)
        page.wait_for_selector(".gm-card")
        return page, map_frame(page)

    return open_


def touch(page, frame, lat, lon):
    x, y = frame.evaluate(
        "([lat, lon]) => { const p = gridmap.stage.map.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }", [lat, lon]
    )
    box = page.locator("iframe[title*=folium]").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)


def repainted(frame, count):
    frame.wait_for_function(f"() => Number(document.querySelector('[data-painted]').dataset.painted) > {count}")


def painted(frame):
    return frame.evaluate("() => gridmap.stage.painted")


def legend(frame):
    return frame.locator(".gm-panel").inner_text()


def test_every_layer_is_switched_in_place_named_in_the_legend_and_kept_in_the_address(opened):
    page, frame = opened("/?at=990199001001&days=30")
    frame.evaluate("() => gridmap.stage.map.panBy([40, 30], {animate: false})")
    page.wait_for_timeout(300)
    frame.evaluate(WATCH)
    page.get_by_role("button", name="图层").click()
    said = {
        "综治": "综治", "全科网格": "全科网格", "社区": "社区", "党组织": "未建党支部（党小组）的网格",
        "物业企业": "正式党员3名以上未建党组织", "小区与业委会": "有物业、未成立业委会", "巡查轨迹": "巡查轨迹，近7天",
        "管控区域": "道路施工",
    }  # fmt: skip
    for switch, row in said.items():
        page.get_by_test_id("stPopoverBody").get_by_role("button", name=switch, exact=True).click()
        frame.locator(".gm-panel", has_text=row).wait_for()
    seen = frame.evaluate("() => window.seen")
    assert seen["frames"] > 10
    assert (seen["blank"], seen["moved"]) == (0, 0)
    assert "show=d-zongzhi.grids.communities.centre.party.company.compound.patrol.restricted" in page.url
    page.reload()
    page.get_by_role("button", name="图层（9）").wait_for()
    page.frame_locator("iframe[title*=folium]").locator(".gm-panel", has_text="道路施工").wait_for()


def test_one_drills_down_to_the_building_and_its_units_and_back_up(opened):
    page, frame = opened(f"/?at={town.GRID}")
    card = page.locator(".gm-card")
    for text in ("六方联动", "王*", "空缺", "第一党支部", "潮声党群服务中心", "沿道路"):
        card.get_by_text(text).first.wait_for()
    there = card.locator(".gm-dots").first.locator(".gm-on")
    assert there.all_inner_texts() == ["物业企业\n有", "楼门长\n有", "综合服务站\n有"]
    assert card.locator(".gm-ticks tbody tr").nth(1).locator(".gm-no").count() == 3
    touch(page, frame, town.SOUTH + 0.007, town.WEST + 0.0015)
    page.locator("h1", has_text="潮声里1号楼").wait_for()
    page.get_by_text("1单元").wait_for()
    assert "pick=micro" in page.url
    page.get_by_role("button", name="返回").click()
    card.get_by_text("六方联动").wait_for()
    assert "pick" not in page.url
    page.get_by_role("combobox", name="查找").click()
    page.get_by_role("option", name="演示街道2").click()
    page.wait_for_url(re.compile("at=990199002"))


def test_whatever_is_clicked_has_a_card(opened):
    places = {
        (0.004, 0.004): ("潮声党群服务中心", "面积缺口"), (0.001, 0.002): ("第一党支部", "党支部"),
        (0.002, 0.0088): ("潮声里", "业委会"), (0.002, 0.001): ("王*", "走访户数"),
        (0.007, 0.002): ("潮声路施工段", "雨污分流改造"),
    }  # fmt: skip
    page, frame = opened("/?at=990199001001&days=30&show=centre.party.compound.patrol.restricted")
    for (x, y), (title, row) in places.items():
        touch(page, frame, town.SOUTH + y, town.WEST + x)
        page.locator(".gm-card h2", has_text=title).wait_for()
        page.locator(".gm-card", has_text=row).wait_for()


def test_incidents_are_shown_as_density_and_points_and_a_point_has_its_card(opened):
    page, frame = opened("/?at=990199001001&days=30&show=")
    page.get_by_role("button", name="播放与对比").click()
    page.get_by_text("热力", exact=True).click()
    frame.wait_for_function("() => gridmap.stage.density")
    page.get_by_text("点位", exact=True).click()
    frame.wait_for_function("() => gridmap.stage.points.length && !gridmap.stage.density")
    assert "as=points" in page.url
    page.keyboard.press("Escape")
    spot = frame.evaluate("() => gridmap.stage.points[0].points[0]")
    touch(page, frame, spot["at"][1], spot["at"][0])
    page.locator(".gm-card", has_text="来源渠道").or_(page.locator(".gm-card", has_text="上报时间")).first.wait_for()


def test_a_period_is_played_and_two_periods_and_two_versions_stand_side_by_side(opened):
    page, frame = opened("/?days=30&view=play")
    bar = frame.locator(".gm-time")
    last = bar.locator("output").inner_text()
    asked = len(page.watch.requests)
    bar.get_by_role("slider").press("Home")
    assert bar.locator("output").inner_text() != last
    assert len(page.watch.requests) == asked
    page.get_by_role("button", name="时段播放").click()
    page.get_by_text("对比上期", exact=True).click()
    frame.locator(".gm-divider .left", has_text="2025年").wait_for()
    page.get_by_text("对比版本", exact=True).click()
    frame.locator(".gm-divider .left", has_text="第2版").wait_for()
    page.get_by_text("一张图", exact=True).last.click()
    frame.wait_for_function("() => !document.querySelector('.gm-divider')")


def test_the_map_is_measured_printed_and_used_with_the_keyboard(opened):
    page, frame = opened("/?at=990199001&show=centre")
    frame.get_by_role("button", name="测量").click()
    for x in (0.002, 0.012):
        touch(page, frame, town.SOUTH + 0.002, town.WEST + x)
    note = frame.locator(".gm-note")
    assert 840 < int(re.match(r"(\d+) m", note.inner_text())[1]) < 870  # 0.01° at 39.9° north: 854 m
    touch(page, frame, town.SOUTH + 0.008, town.WEST + 0.012)
    assert "m²" in note.inner_text() or "km²" in note.inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert frame.get_by_role("button", name="测量").get_attribute("aria-pressed") == "false"
    assert "pick" not in page.url  # measuring opens no card
    frame.evaluate("() => { window.print = () => { window.sheet = document.querySelector('.gm-print').innerText; }; }")
    frame.get_by_role("button", name="打印").click()
    frame.wait_for_function("() => window.sheet")
    sheet = frame.evaluate("() => window.sheet")
    assert "演示街道1 · 事件" in sheet
    assert "党群服务中心" in sheet
    assert "演示数据" in sheet
    frame.get_by_role("button", name="全屏").click()
    frame.wait_for_function("() => document.fullscreenElement")
    frame.get_by_role("heading", name="演示街道1").wait_for()
    frame.get_by_role("button", name="全屏").click()
    frame.wait_for_function("() => !document.fullscreenElement")
    frame.locator(".gm-map").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"at=99019900100\d+|pick="))
