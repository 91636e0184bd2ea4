"""The map in a real browser: it paints, reports clicks, changes colour in place, and asks no one but this server."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import ndimage

from gridmap import maps

pytestmark = pytest.mark.browser

WATCH_FRAME = """() => {
  const stage = gridmap.stage, fill = stage.fill._container;
  window.seen = {blank: 0, frames: 0, moved: 0};
  const at = JSON.stringify(stage.map.getCenter());
  const look = () => {
    const c = fill.getContext('2d').getImageData(fill.width / 2 + 40, fill.height / 2 + 25, 1, 1).data;
    if (!c[3]) window.seen.blank++;
    if (JSON.stringify(stage.map.getCenter()) !== at) window.seen.moved++;
    window.seen.frames++;
    requestAnimationFrame(look);
  };
  look();
}"""


# Draws letters in the map's font, 240 pixels square each; gives how bright every pixel is.
LETTERS = """async (letters) => {
  const c = document.createElement("canvas"), font = '200px "Noto Sans SC"';
  const ctx = c.getContext("2d", {willReadFrequently: true});
  c.width = c.height = 240;
  const drawn = [];
  for (const letter of letters) {
    if (!(await document.fonts.load(font, letter)).length) throw new Error("no font has " + letter);
    ctx.fillStyle = "#fff"; ctx.fillRect(0, 0, 240, 240);
    ctx.fillStyle = "#000"; ctx.font = font; ctx.fillText(letter, 20, 190);
    drawn.push(Array.from(ctx.getImageData(0, 0, 240, 240).data.filter((_, i) => i % 4 === 0)));
  }
  return drawn;
}"""

LINES, RED = 70 * 70, "#b3261e"
# Draws the lines anew; gives how many outlines are in view, and the width and the dashes of every stroke in their colour.
STROKES = """colour => {
  const stage = gridmap.stage, pen = CanvasRenderingContext2D.prototype, stroke = pen.stroke, strokes = [];
  pen.stroke = function (...path) {
    const width = Math.round(100 * this.lineWidth * this.getTransform().a) / 100;
    if (this.strokeStyle === colour) strokes.push([width, this.getLineDash().length]);
    return stroke.apply(this, path);
  };
  stage.top.paint();
  pen.stroke = stroke;
  const town = stage.outlines.at(-1).shapes;
  return { lines: town.lines(stage.top.enter(stage.top._ctx, town).view).length, strokes };
}"""


@pytest.fixture(scope="module")
def address(serving):
    with serving("map_app:app") as found:
        yield found


def step(page):
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")


def spot(frame, page, column, row):
    """Where a grid of the board lies on the screen, columns from west, rows from south."""
    at = frame.evaluate(
        "([lat, lng]) => { const p = gridmap.stage.map.latLngToContainerPoint([lat, lng]); return [p.x, p.y]; }",
        [39.805 + row / 100, 119.805 + column / 100],
    )
    box = page.locator("iframe[title*=folium]").bounding_box()
    return box["x"] + at[0], box["y"] + at[1]


def card(frame, page, column, row):
    """Move the pointer within a grid of the board, as a hand does, until its card shows; gives the card's lines."""
    shown = frame.locator(".gm-tip")
    for step in range(20):
        x, y = spot(frame, page, column, row)
        page.mouse.move(x + step % 3, y)
        if shown.count():
            break
        page.wait_for_timeout(100)
    return shown.inner_text().split("\n")


def colours(frame):
    """How many pixels of the filled sheet have each colour, once the page has laid the map out."""
    frame.wait_for_function("() => gridmap.stage.fill._container.height > 0")
    return frame.evaluate(
        """() => {
          const c = gridmap.stage.fill._container, d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, n = {};
          for (let i = 0; i < d.length; i += 404) if (d[i + 3]) {
            const k = [d[i], d[i + 1], d[i + 2]].join();
            n[k] = (n[k] || 0) + 1;
          }
          return n;
        }"""
    )


def test_a_filter_changes_colours_in_place_without_flicker_or_movement(visit, address, map_frame):
    page = visit(address)
    frame = map_frame(page)
    frame.evaluate("() => gridmap.stage.map.panBy([60, 40], {animate: false})")
    page.wait_for_timeout(200)
    before = colours(frame)
    frame.evaluate(WATCH_FRAME)
    page.evaluate("() => { window.frameBefore = document.querySelector('iframe[title*=folium]'); }")
    for month in (2, 3, 4):
        step(page)
        map_frame(page, f"m{month}-0")
    assert colours(frame) != before
    seen = frame.evaluate("() => window.seen")
    assert seen["frames"] > 5
    assert (seen["blank"], seen["moved"]) == (0, 0)
    assert page.evaluate("() => window.frameBefore === document.querySelector('iframe[title*=folium]')")


def test_shapes_are_fetched_once_however_often_the_colours_change(visit, address, map_frame):
    page = visit(address)
    map_frame(page)
    for month in (2, 3, 4, 5):
        step(page)
        frame = map_frame(page, f"m{month}-0")
    held = [url for url in page.watch.requests if "/gridmap/held/" in url]
    assert len(held) == len(set(held)) == 4
    assert frame.evaluate("() => window.feature_group.length") == 1


def test_a_click_reports_the_area_or_the_point_under_it_and_marks_it(visit, address, map_frame):
    page = visit(address)
    frame = map_frame(page)
    page.mouse.click(*spot(frame, page, 3, 2))
    map_frame(page, "m1-1")
    page.get_by_text("clicks: [('area', '990199001001028')]").wait_for()
    assert frame.evaluate("() => gridmap.stage.message.selected") == "990199001001028"
    page.mouse.click(*spot(frame, page, 6, 6))
    map_frame(page, "m1-2")
    page.get_by_text("clicks: [('area', '990199001001028'), ('point', '0')]").wait_for()
    page.mouse.click(*spot(frame, page, 3, 2))
    map_frame(page, "m1-3")
    step(page)
    map_frame(page, "m2-3")  # a filter afterwards is no further click


def test_a_card_under_the_pointer_says_name_and_figure(visit, address, map_frame):
    page = visit(address)
    frame = map_frame(page)
    assert card(frame, page, 1, 0) == ["第2网格", "事件 12 件"]


def test_text_from_data_is_shown_and_never_run(visit, address, map_frame, hostile):
    page = visit(address)
    frame = map_frame(page)
    assert card(frame, page, 0, 0)[0] == hostile
    page.mouse.move(*spot(frame, page, 6, 6))
    assert card(frame, page, 6, 6)[0] == f"阵地 {hostile}"
    assert frame.get_by_text(hostile, exact=True).first.is_visible()
    page.wait_for_timeout(200)
    assert frame.evaluate("() => window.hacked") is None
    assert page.evaluate("() => window.hacked") is None


def test_chinese_is_drawn_in_the_font_the_server_carries_where_the_machine_has_none(visit, address, map_frame):
    frame = map_frame(visit(address))
    drawn = frame.evaluate(LETTERS, list("一口中品田晶8"))
    enclosed = [ndimage.label(np.reshape(ink, (240, 240)) > 128)[1] - 1 for ink in drawn]
    assert enclosed == [0, 1, 2, 3, 4, 6, 2]


def test_the_legend_names_every_class_the_unit_and_the_signs(visit, address, map_frame):
    frame = map_frame(visit(address))
    said = frame.locator(".gm-panel").inner_text().split()
    ranges = ["0", "1", "–", "4", "5", "–", "9", "10", "–", "14", "15", "–", "19", "20及以上"]
    assert said == ["事件", "件", *ranges, "无数据", "党群服务中心"]


def test_the_map_is_shown_whole_at_every_size_clear_of_the_legend_unless_it_was_moved(visit, address, map_frame):
    page = visit(address)
    frame = map_frame(page)
    covered = """() => { const stage = gridmap.stage, s = stage.main.areas, map = stage.map;
      const { width, height } = stage.panel.getContainer().getBoundingClientRect(), size = map.getSize();
      return s.codes.filter((_, i) => { const b = s.latLngBounds(i), p = map.latLngToContainerPoint(b.getSouthEast());
        return p.x > size.x - width - 10 && p.y > size.y - height - 10; }); }"""
    whole = "() => gridmap.stage.map.getBounds().contains(gridmap.stage.message.focus || gridmap.stage.options.bounds)"

    def size(width, height):
        before = frame.evaluate("() => gridmap.stage.map.getSize().x")
        page.set_viewport_size({"width": width, "height": height})
        frame.wait_for_function("before => gridmap.stage.map.getSize().x !== before", arg=before)

    assert frame.evaluate("gridmap.stage.folded") is None
    zooms = [frame.evaluate("() => gridmap.stage.map.getZoom()")]
    for width in (1000, 760):
        size(width, 900)
        assert (frame.evaluate(covered), frame.evaluate(whole)) == ([], True)
        zooms.append(frame.evaluate("() => gridmap.stage.map.getZoom()"))
    assert zooms == sorted(zooms, reverse=True)
    size(1600, 900)
    assert frame.evaluate("() => gridmap.stage.map.getZoom()") == zooms[0]
    size(390, 844)
    assert frame.locator(".gm-panel.gm-folded").is_visible()
    frame.locator(".gm-fold").click()
    assert not frame.locator(".gm-panel.gm-folded").count()
    centre = frame.evaluate("() => { gridmap.stage.map.setZoom(14, {animate: false}); return gridmap.stage.map.getCenter(); }")
    size(1600, 900)
    assert frame.evaluate("centre => gridmap.stage.map.getCenter().equals(centre, 1e-4)", centre)
    assert frame.evaluate("() => gridmap.stage.map.getZoom()") == 14


def test_borders_of_thousands_are_hairlines_drawn_at_once_and_few_are_as_wide_as_they_are_meant(visit, address, map_frame):
    frame = map_frame(visit(address, "/?lines"))
    whole = frame.evaluate(STROKES, RED)
    assert whole["lines"] == LINES
    assert whole["strokes"] == [[0.5, 0]]
    frame.evaluate(
        """() => { const { map, top, outlines } = gridmap.stage, town = outlines.at(-1).shapes;
        const seen = () => town.lines(top.enter(top._ctx, town).view).length;
        while (seen() > town.paths.length / 2) map.panBy([0, 4], {animate: false}); }"""
    )
    part = frame.evaluate(STROKES, RED)  # fewer than half: to draw them all would cost more
    assert 2000 < part["lines"] <= LINES / 2
    assert part["strokes"] == [[0.5, 0]] * part["lines"]
    frame.evaluate(
        """() => { const { map, outlines } = gridmap.stage, town = outlines.at(-1).shapes;
        map.setView(town.bounds.getCenter(), map.getZoom() + 3, {animate: false}); }"""
    )
    few = frame.evaluate(STROKES, RED)
    assert 0 < few["lines"] <= 2000
    assert few["strokes"] == [[3, 2]] * few["lines"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ground_follows_the_theme(visit, address, map_frame, theme):
    frame = map_frame(visit(address, f"/?theme={theme}"))
    ground = frame.evaluate("() => getComputedStyle(gridmap.stage.map.getContainer()).backgroundColor")
    light = sum(map(int, re.findall(r"\d+", ground))) / 3
    assert (light > 200) == (theme == "light")


def test_a_divider_shows_two_states_and_moves_by_hand_and_by_key(visit, address, map_frame):
    page = visit(address, "/?compare")
    frame = map_frame(page)
    bar = frame.get_by_role("slider")
    assert bar.locator("span").all_inner_texts()[0] == "before"
    half = colours(frame)
    assert bar.get_attribute("aria-valuenow") == "50"
    bar.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert int(bar.get_attribute("aria-valuenow")) > 50
    assert colours(frame) != half
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] - 400, box["y"] + 100, steps=4)
    page.mouse.up()
    assert int(bar.get_attribute("aria-valuenow")) < 50
    page.mouse.click(*spot(frame, page, 9, 9))  # right of the divider, where the second state has no area
    page.get_by_text("clicks: [('ground', None)]").wait_for()


def test_periods_are_played_in_the_browser_without_asking_the_server(visit, address, map_frame):
    page = visit(address, "/?periods")
    frame = map_frame(page)
    shown = frame.locator(".gm-time output")
    assert shown.inner_text() == "2026-12"
    last, asked = colours(frame), len(page.watch.requests)
    frame.get_by_role("slider").press("Home")
    assert shown.inner_text() == "2026-01"
    page.wait_for_timeout(200)
    assert colours(frame) != last
    frame.get_by_role("button", name="播放").click()
    page.wait_for_timeout(2200)
    frame.get_by_role("button", name="暂停").click()
    assert shown.inner_text() in {"2026-02", "2026-03", "2026-04"}
    assert len(page.watch.requests) == asked


def test_density_is_drawn_above_the_areas(visit, address, map_frame):
    plain = colours(map_frame(visit(address)))
    dense = colours(map_frame(visit(address, "/?density")))
    assert len(dense) > 3 * len(plain)


def test_a_saved_map_opens_from_a_file_and_asks_nobody(chromium, tmp_path, hostile):
    boxes = [shapely.box(119.8 + k / 100, 39.8, 119.81 + k / 100, 39.84) for k in range(6)]
    frame = gpd.GeoDataFrame({"code": list("abcdef"), "name_zh": [hostile, *"沧屿潮汐湾"]}, geometry=boxes, crs=4490)
    values = pd.Series(range(6), index=frame.code)
    scale = maps.scale_for(values, meaning="count", title="事件", breaks=[1, 2, 4])
    now = maps.repaint(maps.area_layer(frame, level="grid"), values, scale, periods={"一月": values, "二月": values * 2})
    file = tmp_path / "map.html"
    file.write_text(maps.standalone(maps.district_map(tuple(frame.total_bounds)), now, title=hostile), "utf-8")
    saved, asked, said = chromium.new_page(), [], []
    saved.on("request", lambda request: asked.append(request.url))
    saved.on("console", lambda message: said.append(message.text))
    saved.on("pageerror", lambda error: said.append(str(error)))
    saved.goto(file.as_uri())
    saved.locator("[data-painted]").wait_for()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert saved.title() == hostile
    assert saved.evaluate("() => window.hacked") is None
    assert len(colours(saved)) > 3
    loaded = saved.evaluate("() => document.fonts.ready.then(() => [...document.fonts].map(f => f.status))")
    assert "loaded" in loaded
    saved.close()


def test_a_plain_folium_map_with_plugins_asks_this_server_only(visit, address):
    page = visit(address, "/?plain")
    page.frame_locator("iframe[title*=folium]").locator(".leaflet-draw-draw-polygon").wait_for()
    page.frame_locator("iframe[title*=folium]").locator(".marker-cluster, .awesome-marker").first.wait_for()
    assert len([url for url in page.watch.requests if "/gridmap/assets/" in url]) > 10
