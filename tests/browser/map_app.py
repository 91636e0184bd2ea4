"""A page with a map and nothing else, on a small checkerboard: what the map's own tests drive."""

import os

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st
from folium import plugins

from gridmap import maps
from gridmap.web import map_frame, routes

SIDE = 12
HOSTILE = os.environ["HOSTILE"]
"""A text from data that would run if any place took it for more than text."""


def board():
    """SIDE by SIDE grids in one district, the one in the south-west corner with a hostile name."""
    corners = [(119.8 + i / 100, 39.8 + j / 100) for j in range(SIDE) for i in range(SIDE)]
    boxes = [shapely.box(x, y, x + 0.01, y + 0.01) for x, y in corners]
    codes = [f"990199001001{k:03d}" for k in range(1, SIDE * SIDE + 1)]
    names = [HOSTILE, *(f"第{k}网格" for k in range(2, SIDE * SIDE + 1))]
    return gpd.GeoDataFrame({"code": codes, "name_zh": names}, geometry=boxes, crs=4490)


def town(side=70):
    """Areas on the ground of the board, so many along each side."""
    step = SIDE / 100 / side
    x, y = (axis.ravel() for axis in np.meshgrid(119.8 + step * np.arange(side), 39.8 + step * np.arange(side)))
    return gpd.GeoDataFrame(geometry=shapely.box(x, y, x + step, y + step), crs=4490)


def page():
    st.set_page_config(layout="wide")
    frame = board()
    month = st.slider("month", 1, 100, 1)
    theme = st.query_params.get("theme", "light")
    values = pd.Series([(k * 7 + month * 5) % 23 for k in range(len(frame))], index=frame.code)
    scale = maps.scale_for(values, meaning="count", title="事件", unit="件", breaks=[1, 5, 10, 15, 20], theme=theme)
    centre = gpd.GeoDataFrame(
        {"name_zh": ["阵地 " + HOSTILE], "sign": ["ok"]}, geometry=[shapely.Point(119.865, 39.865)], crs=4490
    )
    dots = maps.point_layer(centre, {"ok": maps.Sign("党群服务中心", "#0072b2", "star", 14)}, key="centre")
    land = frame.dissolve().assign(code="990199", name_zh="演示区")
    base = maps.district_map(
        tuple(frame.total_bounds), base=[maps.ground(land, "land")], source=HOSTILE, language="zh", theme=theme
    )
    more = {}
    if "compare" in st.query_params:
        more["other"] = maps.Other(maps.area_layer(frame.iloc[:72], level="grid"), values * 0 + 22, ("before", HOSTILE))
    if "periods" in st.query_params:
        more["periods"] = {f"2026-{k:02d}": (values + 3 * k) % 23 for k in range(1, 13)}
    if "density" in st.query_params:
        more["density"] = maps.density(frame.set_geometry(frame.centroid), radius_m=900)
    outlines = [maps.outline(land, width=3, labels=20)]
    if "lines" in st.query_params:
        outlines.append(maps.borders(town(), width=3, colour="#b3261e", dash=(6, 4)))
    clicks = st.session_state.setdefault("clicks", [])
    now = maps.repaint(
        maps.area_layer(frame, level="grid"), values, scale, outlines=outlines, dots=[dots],
        selected=clicks[-1]["code"] if clicks else None, stamp=f"m{month}-{len(clicks)}", language="zh", **more,
    )  # fmt: skip
    map_frame.show(base, now, key="map", height=600, on_click=clicks.append)
    st.text(f"clicks: {[(c['kind'], c['code']) for c in clicks]}")


def plain():
    """A map as folium alone would make it, with the plugins it would fetch from other hosts."""
    drawn = folium.Map([39.9, 119.9], tiles=None, attribution_control=False)
    drawn.options["max_zoom"] = 18  # folium hands it to tiles alone; clusters need it
    cluster = plugins.MarkerCluster().add_to(drawn)
    for k in range(5):
        folium.Marker([39.9 + k / 100, 119.9], icon=folium.Icon(icon="star", angle=30)).add_to(cluster)
    folium.Marker([39.8, 119.9]).add_to(drawn)
    for plugin in (plugins.Draw(), plugins.Fullscreen(), plugins.HeatMap([[39.9, 119.9, 1]])):
        plugin.add_to(drawn)
    map_frame.component().st_folium(drawn, key="plain", height=500, returned_objects=[])


if __name__ == "__main__":
    plain() if "plain" in st.query_params else page()
else:
    app = st.App(__file__, routes=routes.routes(lambda *_: board()))
