"""Maps: first view, filter, click, bytes and memory, beside plain folium with streamlit-folium, in one run in Chromium.

    python benchmarks/maps.py [--grids 1500 5000 30000] [--rounds 5] [--filters 100] [--write]

Plain folium is ``folium.GeoJson`` with a style function, built anew for every filter, as its guide shows. Its scripts come
from this machine too: with the addresses it has by itself it would show nothing where there is no internet. Each way has a
server of its own: gridmap's with what gridmap adds to Streamlit's, plain folium's with Streamlit's alone, as installing
streamlit and streamlit-folium gives it. Both pages draw the same synthetic grids; 30,000 are drawn by gridmap alone, because
plain folium does not finish.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import folium
import geopandas as gpd
import harness
import numpy as np
import pandas as pd
import shapely
import streamlit as st
from branca.element import MacroElement
from folium.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
SMALL, PLAIN_ENDS_AT = 1500, 5000
LIMIT_S = 120


def grids(n: int) -> gpd.GeoDataFrame:
    """Make n bent cells, about 24 vertices each, over 15 by 13 km, in 64 communities."""
    rng = np.random.default_rng(n)
    columns = round(np.sqrt(n))
    rows = -(-n // columns)
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    seeds = np.c_[x.ravel(), y.ravel()] + rng.normal(0, 0.22 / columns, (x.size, 2))
    square = shapely.box(0, 0, 1, 1)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=square))
    cells = shapely.segmentize(shapely.intersection(cells, square), 0.15 / columns)

    def bend(p: np.ndarray) -> np.ndarray:
        waves = np.c_[p[:, 0] + 0.02 * np.sin(9 * p[:, 1]), p[:, 1] + 0.02 * np.sin(7 * p[:, 0])]
        return waves * [0.18, 0.12] + [119.8, 39.84]

    bent = shapely.transform(cells, bend)
    centre = shapely.get_coordinates(shapely.centroid(cells))
    community = (centre[:, 0] * 8).astype(int) * 8 + (centre[:, 1] * 8).astype(int)
    frame = gpd.GeoDataFrame({"community": [f"990199001{c:03d}" for c in community]}, geometry=bent, crs=4490).iloc[:n]
    number = frame.groupby("community").cumcount() + 1
    frame["code"] = frame["community"] + number.map("{:03d}".format)
    frame["name_zh"] = number.map("第{}网格".format)
    return frame.sort_values("code").reset_index(drop=True)


def counts(frame: gpd.GeoDataFrame, month: int) -> pd.Series:
    """Make a month's incidents of every grid."""
    return pd.Series(np.random.default_rng(month).negative_binomial(1, 0.09, len(frame)), index=frame["code"])


class Stamp(MacroElement):
    """Notes in the frame when a plain folium map has been painted."""

    _template = Template(
        "{% macro script(this, kwargs) %}requestAnimationFrame(() => requestAnimationFrame(() => {"
        "document.body.dataset.stamp = '{{ this.stamp }}'; }));{% endmacro %}"
    )

    def __init__(self, stamp: str) -> None:
        super().__init__()
        self.stamp = stamp


def page() -> None:
    """Draw the page under test: ``?way=ours`` or ``?way=plain``, ``&n=`` grids."""
    from gridmap import maps  # noqa: PLC0415 - the client needs none of it
    from gridmap.web import map_frame  # noqa: PLC0415

    st.set_page_config(layout="wide")
    way, n = st.query_params["way"], int(st.query_params["n"])
    frame = st.cache_resource(grids, show_spinner=False)(n)
    month = st.slider("month", 1, 200, 1)
    values = counts(frame, month)
    scale = maps.scale_for(values, meaning="count", title="Incidents", breaks=[1, 5, 10, 20, 40])
    if way == "ours":
        layer = st.cache_resource(_layer, show_spinner=False)(n)
        bounds = tuple(float(side) for side in frame.total_bounds)
        click = map_frame.show(
            maps.district_map(bounds), maps.repaint(layer, values, scale, stamp=f"m{month}"), key="map", height=700
        )
        if click is not None:
            st.html(f'<p data-card="{click["n"]}">{click["code"]}: {values[click["code"]]}</p>')
        return
    drawn = folium.Map([39.9, 119.89], zoom_start=12, tiles=None, attribution_control=False)
    colour = {code: scale.colours[k] for code, k in scale.classes(values).items()}
    shown = frame[["code", "name_zh", "geometry"]].assign(figure=values.to_numpy())
    folium.GeoJson(
        shown,
        style_function=lambda f: {
            "fillColor": colour[f["properties"]["code"]],
            "color": "#ffffff",
            "weight": 1,
            "fillOpacity": 0.8,
        },
        tooltip=folium.GeoJsonTooltip(["name_zh", "figure"]),
    ).add_to(drawn)
    clicked = (st.session_state.get("map") or {}).get("last_clicked") if "click" in st.query_params else None
    if clicked:
        at = shapely.Point(clicked["lng"], clicked["lat"])
        row = frame[frame.contains(at)].iloc[0]
        text = f'<p data-card="{clicked["lat"]:.6f}">{row["code"]}: {values[row["code"]]}</p>'
        folium.Popup(text, show=True).add_to(folium.Marker([clicked["lat"], clicked["lng"]]).add_to(drawn))
    Stamp(f"m{month}").add_to(drawn)
    wanted = ["last_clicked"] if "click" in st.query_params else []
    map_frame.component().st_folium(drawn, key="map", height=700, width=None, returned_objects=wanted)


def _layer(n: int) -> object:
    from gridmap import maps  # noqa: PLC0415 - as above

    return maps.area_layer(grids(n), level="grid", labels=0, near="/gridmap/grids/1/grid/")


def serve(way: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start this file as a server of one way on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"maps:{way}", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    if way == "plain":
        command += ["--http", "h11", "--loop", "asyncio"]  # all that its own installation brings
    quiet = {"STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", "STREAMLIT_LOGGER_LEVEL": "error"}
    own = {"PYTHONPATH": f"{ROOT / 'benchmarks'}{os.pathsep}{ROOT}"}
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **quiet, **own}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    return server, f"http://127.0.0.1:{port}"


NOTE = """(stamp) => {
  if (window.noted !== document) {
    window.noted = document; window.seen = {};
    const note = (el) => { const now = el && el.dataset.stamp; if (now) window.seen[now] = window.seen[now] || Date.now(); };
    new MutationObserver((changes) => changes.forEach((change) => note(change.target)))
      .observe(document, { attributes: true, attributeFilter: ["data-stamp"], subtree: true });
    note(document.querySelector("[data-stamp]"));
  }
  return window.seen[stamp] || 0;
}"""
"""Has a frame note by itself when it painted what, so that asking it need not be so frequent that it slows what is measured."""

SETTLE_MS = 1500
"""Until a new window of the browser has read its own surroundings, which are nobody's page."""


class View:
    """One browser with an empty cache, with one page under test."""

    def __init__(self, chromium: object, url: str) -> None:
        self.context = chromium.new_context(viewport={"width": 1600, "height": 900})
        self.page = self.context.new_page()
        self.page.wait_for_timeout(SETTLE_MS)
        self.bytes = 0
        self.page.on("websocket", lambda ws: ws.on("framereceived", self._count))
        start = time.time()
        self.page.goto(url)
        self.first_s = self._painted("m1") / 1000 - start
        self.page.evaluate("() => addEventListener('keydown', () => { window.pressed = Date.now(); }, true)")
        self.month = 1

    def _count(self, payload: bytes | str) -> None:
        self.bytes += len(payload)

    def _painted(self, stamp: str) -> float:
        """Wait until a frame says it has painted this stamp; give the time it says, in ms."""
        end = time.time() + LIMIT_S
        while time.time() < end:
            for frame in self.page.frames[1:]:
                try:
                    found = frame.evaluate(NOTE, stamp)
                except Exception:  # noqa: BLE001, S112 - the frame is being replaced, which is what is measured
                    continue
                if found:
                    return float(found)
            self.page.wait_for_timeout(25)
        raise TimeoutError(stamp)

    def filter(self) -> tuple[float, int]:
        """Move the filter one on; give seconds until it was painted, and bytes received."""
        self.page.wait_for_timeout(400)
        before, self.month = self.bytes, self.month + 1
        self.page.get_by_role("slider").press("ArrowRight")
        at = self._painted(f"m{self.month}")
        seconds = (at - self.page.evaluate("() => window.pressed")) / 1000
        self.page.wait_for_timeout(200)
        return seconds, self.bytes - before

    def click(self, number: int) -> float:
        """Click into the map, each time elsewhere; give seconds until the card, or popup, with its figure stands there."""
        self.page.wait_for_timeout(400)
        known = {
            card.get_attribute("data-card") for frame in self.page.frames for card in frame.query_selector_all("[data-card]")
        }
        box = self.page.locator("iframe[title*=folium]").bounding_box()
        start = time.perf_counter()
        self.page.mouse.click(box["x"] + box["width"] * (0.4 + 0.05 * number), box["y"] + box["height"] * (0.4 + 0.04 * number))
        while time.perf_counter() - start < LIMIT_S:
            for frame in self.page.frames:
                try:
                    cards = [card for card in frame.query_selector_all("[data-card]") if card.is_visible()]
                    if any(card.get_attribute("data-card") not in known for card in cards):
                        return time.perf_counter() - start
                except Exception:  # noqa: BLE001, S112 - the frame is being replaced, which is what is measured
                    continue
        raise TimeoutError("card")

    def heap_mb(self) -> float:
        """Give the script memory in use after collecting what is not."""
        session = self.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.enable") or session.send("Performance.getMetrics")
        return next(m["value"] for m in metrics["metrics"] if m["name"] == "JSHeapUsedSize") / 1e6


def first_of(chromium: object, pages: dict[object, str], rounds: int) -> dict[object, float]:
    """Give the median seconds of first views of several pages, in turn, so that a busy minute falls on all of them."""
    taken: dict[object, list[float]] = {name: [] for name in pages}
    for _ in range(rounds + 1):
        for name, url in pages.items():
            view = View(chromium, url)
            taken[name].append(view.first_s)
            view.context.close()
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}  # by then the server's caches are warm


def in_turn(views: dict[object, View], act: Callable[[View, int], tuple[float, ...]], rounds: int) -> dict[object, list[float]]:
    """Do something on several open pages in turn; give the medians of what each act gives."""
    taken: dict[object, list[tuple[float, ...]]] = {name: [] for name in views}
    for number in range(rounds):
        for name, view in views.items():
            taken[name].append(act(view, number))
    return {name: [statistics.median(part) for part in zip(*found, strict=True)] for name, found in taken.items()}


def measured(chromium: object, pages: dict[object, str], rounds: int) -> dict[object, list[float]]:
    """Measure pages in turn: seconds of the first view and of a filter, bytes a filter, seconds of a click."""
    first = first_of(chromium, pages, rounds)
    views = {name: View(chromium, url) for name, url in pages.items()}
    filters = in_turn(views, lambda view, _: view.filter(), rounds)
    asking = {name: View(chromium, f"{url}&click") for name, url in pages.items()}
    clicks = in_turn(asking, lambda view, number: (view.click(number),), rounds)
    for view in [*views.values(), *asking.values()]:
        view.context.close()
    return {name: [first[name], *filters[name], *clicks[name]] for name in pages}


def judged(name: str, ours: float, other: float, *, most: float, form: str, peer: str = "") -> str:
    """Give one line of the table: what was measured, both figures, their ratio, and whether the bar is held."""
    ratio = ours / other
    said = "held" if ratio <= most else "MISSED"
    return f"| {name} | {ours:{form}} | {other:{form}}{peer} | {ratio:.3f} | ≤ {most:g} {said} |"


def against_plain(n: int, ours: list[float], plain: list[float]) -> list[str]:
    """Judge one size against plain folium."""
    filter_most, most_kb = (0.15, 8) if n <= SMALL else (0.05, 12)
    sent, peer = ours[2] / 1000, plain[2] / 1000
    said = "held" if sent <= most_kb else "MISSED"
    return [
        judged(f"{n:,}: first view from a cold browser, s", ours[0], plain[0], most=0.5, form=".2f"),
        judged(f"{n:,}: filter → repainted, s", ours[1], plain[1], most=filter_most, form=".3f"),
        f"| {n:,}: sent a filter, kB | {sent:.1f} | {peer:,.0f} | {sent / peer:.3f} | ≤ {most_kb} kB {said} |",
        judged(f"{n:,}: click → card filled from Python, s", ours[3], plain[3], most=0.3, form=".3f"),
    ]


def against_small(n: int, large: list[float], small: list[float]) -> list[str]:
    """Judge a city's size against a district's, both drawn by gridmap."""
    peer, sent = f" (ours, {SMALL:,})", large[2] / 1000
    return [
        judged(f"{n:,}: first view, s, beside {SMALL:,}", large[0], small[0], most=2, form=".2f", peer=peer),
        judged(f"{n:,}: filter, s, beside {SMALL:,}", large[1], small[1], most=2, form=".3f", peer=peer),
        f"| {n:,}: sent a filter, kB | {sent:.1f} | | | ≤ 40 kB {'held' if sent <= 40 else 'MISSED'} |",
    ]


def memory(chromium: object, n: int, url: str, filters: int) -> list[str]:
    """Judge what a hundred more filters leave in the script's memory."""
    view = View(chromium, url)
    view.filter()
    before = view.heap_mb()
    for _ in range(filters):
        view.filter()
    after = view.heap_mb()
    view.context.close()
    said = "held" if after <= 1.3 * before else "MISSED"
    name = f"{n:,}: script memory after {filters} more filters, MB"
    return [f"| {name} | {before:.1f} → {after:.1f} | | {after / before:.2f} × | ≤ 1.3 × {said} |"]


def main() -> None:
    """Run every size, gridmap beside plain folium and the largest beside the smallest, and print one table."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the server needs none of it

    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--grids", type=int, nargs="+", default=[1500, 5000, 30000])
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--filters", type=int, default=100, help="filters until memory is looked at again")
    ask.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    asked = ask.parse_args()
    servers = {way: serve(way) for way in ("ours", "plain")}
    at = {way: f"{address}/?way={way}" for way, (_, address) in servers.items()}
    lines = ["| | gridmap | plain folium | ratio | bar |", "|---|---|---|---|---|"]
    print("\n".join(lines), flush=True)

    def tell(rows: list[str]) -> None:
        lines.extend(rows)
        print("\n".join(rows), flush=True)

    load = os.getloadavg()[0]
    try:
        with sync_playwright() as playwright:
            flags = ["--no-sandbox", "--disable-background-networking"]
            chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
            for n in asked.grids:
                if n <= PLAIN_ENDS_AT:
                    found = measured(chromium, {way: f"{url}&n={n}" for way, url in at.items()}, asked.rounds)
                    tell(against_plain(n, found["ours"], found["plain"]))
                else:
                    found = measured(chromium, {size: f"{at['ours']}&n={size}" for size in (SMALL, n)}, asked.rounds)
                    tell(against_small(n, found[n], found[SMALL]))
                if n == asked.grids[0] and asked.filters:
                    tell(memory(chromium, n, f"{at['ours']}&n={n}", asked.filters))
            chromium.close()
    finally:
        for server, _ in servers.values():
            server.terminate()
            server.wait()
    if asked.write:
        head = (
            "## Maps in a browser (`python benchmarks/maps.py`)\n\nHeadless Chromium beside plain folium with streamlit-folium "
            f"(its scripts served from this machine too), the ways in turn, medians of {asked.rounds}. The machine's load was "
            f"{load:.0f} when it began and {os.getloadavg()[0]:.0f} at the end.\n\n"
        )
        harness.write("maps", head + "\n".join(lines))


if __name__ == "__main__" and "streamlit.runtime.scriptrunner_utils.script_run_context" in sys.modules and st.runtime.exists():
    page()
elif __name__ == "__main__":
    main()
else:
    sys.path.insert(0, str(ROOT))
    from starlette.middleware import Middleware

    from gridmap.web import routes, shell, standing

    served = routes.routes(lambda *_: grids(100))
    added = [Middleware(standing.Standing), Middleware(shell.Shell, routes=served)]
    ours = st.App(__file__, routes=served, middleware=added)
    plain = st.App(__file__, routes=served)
