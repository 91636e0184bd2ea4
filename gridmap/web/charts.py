"""Charts as ECharts options, and what a reader has picked in them.

One hue says how many, grey says "not picked" or "the period before"; nothing depends on telling hues apart. Drawn as SVG,
so that they print sharply and Chinese characters come from the page's own font. Selections are kept by key, so a chart's
categories keep their order whatever the filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from gridmap import terms
from gridmap.web import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    Option = dict[str, Any]

ACCENT = {"light": "#2b6f9e", "dark": "#5aa9d6"}
MUTED = {"light": "#c3cdd2", "dark": "#3d505d"}
BEFORE = {"light": "#7f8e98", "dark": "#93a6b3"}
ALERT = {"light": "#b3261e", "dark": "#ff8a80"}

ROW_PX = 25
"""Height of one bar with its label."""


def scheme() -> Literal["light", "dark"]:
    """Give the reader's colour scheme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def bars(labels: Sequence[str], values: Sequence[float], *, picked: Sequence[int] = (), pick: bool = True) -> Option:
    """Give horizontal bars, first label on top, each with its figure at the end.

    picked: positions that are chosen; the others turn grey when there are any. pick: bars can be clicked.
    """
    colour, muted = ACCENT[scheme()], MUTED[scheme()]
    data = [
        {
            "value": value,
            "label": {"formatter": numbers.short(value)},
            "itemStyle": {"color": muted if picked and place not in picked else colour},
        }
        for place, value in enumerate(values)
    ]
    return {
        "animationDuration": 200,
        "grid": {"left": 4, "right": 64, "top": 0, "bottom": 0, "containLabel": True},
        "xAxis": {"type": "value", "show": False, "max": _top(values)},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": list(labels),
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": {"fontSize": 14, "interval": 0, "width": 150, "overflow": "truncate"},
        },
        "series": [
            {
                "type": "bar",
                "data": data,
                "barWidth": "62%",
                "selectedMode": "multiple" if pick else False,
                "select": {"itemStyle": {"color": colour, "borderWidth": 0}},
                "label": {"show": True, "position": "right", "fontSize": 14},
            }
        ],
        "tooltip": {"show": False},
    }


def days(
    when: Sequence[date],
    values: Sequence[float],
    *,
    name: str,
    before: Sequence[float] = (),
    picked: tuple[date, date] | None = None,
) -> Option:
    """Give a count a day as columns, with the period before as a grey line; days can be clicked or a stretch brushed.

    picked: the stretch that is chosen; the other days turn grey.
    """
    colour, muted = ACCENT[scheme()], MUTED[scheme()]
    inside = [picked is None or picked[0] <= day <= picked[1] for day in when]
    series: list[Option] = [
        {
            "type": "bar",
            "name": name,
            "data": [
                {"value": value, "itemStyle": {"color": colour if kept else muted}}
                for value, kept in zip(values, inside, strict=True)
            ],
            "itemStyle": {"color": colour},
            "barCategoryGap": "18%",
            "selectedMode": "multiple",
            "select": {"itemStyle": {"color": colour, "borderWidth": 0}},
        }
    ]
    if len(before):
        series.append(
            {
                "type": "line",
                "name": terms.say("Period before"),
                "data": list(before),
                "showSymbol": False,
                "lineStyle": {"color": BEFORE[scheme()], "width": 2},
                "itemStyle": {"color": BEFORE[scheme()]},
            }
        )
    return {
        "animationDuration": 200,
        "grid": {"left": 4, "right": 8, "top": 30, "bottom": 10, "containLabel": True},
        "legend": {"show": bool(len(before)), "left": 0, "top": 0, "itemWidth": 14, "itemHeight": 8},
        "xAxis": {
            "type": "category",
            "data": [f"{day:%m-%d}" for day in when],
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 13},
        },
        "yAxis": {"type": "value", "splitNumber": 3, "axisLabel": {"fontSize": 13}, "minInterval": 1},
        "tooltip": {"trigger": "axis"},
        "brush": {
            "xAxisIndex": "all",
            "brushType": "lineX",
            "brushMode": "single",
            "transformable": True,
            "throttleType": "debounce",
            "throttleDelay": 250,
            "outOfBrush": {"colorAlpha": 0.25},
        },
        "toolbox": {
            "show": True,
            "right": 0,
            "top": 0,
            "itemSize": 15,
            "feature": {
                "brush": {
                    "type": ["lineX", "clear"],
                    "title": {"lineX": terms.say("Pick days"), "clear": terms.say("Clear")},
                }
            },
        },
        "series": series,
    }


def line(labels: Sequence[str], values: Sequence[float | None], *, goal: float | None = None, percent: bool = False) -> Option:
    """Give a line over time, with its goal as a dashed line; percent: values are 0-100."""
    colour = ACCENT[scheme()]
    series: Option = {
        "type": "line",
        "data": list(values),
        "symbolSize": 6,
        "lineStyle": {"color": colour, "width": 2.5},
        "itemStyle": {"color": colour},
    }
    if goal is not None:
        series["markLine"] = {
            "symbol": "none",
            "silent": True,
            "lineStyle": {"color": ALERT[scheme()], "type": "dashed"},
            "label": {"formatter": terms.say("Goal"), "position": "insideEndTop"},
            "data": [{"yAxis": goal}],
        }
    return {
        "animationDuration": 200,
        "grid": {"left": 4, "right": 12, "top": 14, "bottom": 10, "containLabel": True},
        "xAxis": {"type": "category", "data": list(labels), "axisTick": {"show": False}, "axisLabel": {"fontSize": 13}},
        "yAxis": {"type": "value", "scale": True, "splitNumber": 4, "axisLabel": {"fontSize": 13}}
        | ({"axisLabel": {"fontSize": 13, "formatter": "{value}%"}} if percent else {}),
        "tooltip": {"trigger": "axis"},
        "series": [series],
    }


def lines(labels: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> Option:
    """Give several lines over the same labels, the first in the accent colour, the others grey and broken."""
    colours = [ACCENT[scheme()], BEFORE[scheme()]]
    return {
        "animationDuration": 200,
        "grid": {"left": 4, "right": 20, "top": 34, "bottom": 4, "containLabel": True},
        "legend": {"top": 0, "right": 10, "textStyle": {"fontSize": 14}},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(labels), "axisLabel": {"fontSize": 13}},
        "yAxis": {"type": "value", "axisLabel": {"fontSize": 13}},
        "series": [
            {
                "name": name,
                "type": "line",
                "data": list(values),
                "symbolSize": 7,
                "color": colours[min(place, 1)],
                "lineStyle": {"width": 3, "type": "solid" if place == 0 else "dashed"},
            }
            for place, (name, values) in enumerate(series.items())
        ],
    }


def spark(values: Sequence[float]) -> Option:
    """Give a small line without axes, for a card."""
    colour = ACCENT[scheme()]
    return {
        "animation": False,
        "grid": {"left": 2, "right": 2, "top": 6, "bottom": 4},
        "xAxis": {"type": "category", "show": False, "data": list(range(len(values)))},
        "yAxis": {"type": "value", "show": False, "min": 0},
        "series": [
            {
                "type": "line",
                "data": list(values),
                "showSymbol": False,
                "lineStyle": {"color": colour, "width": 2},
                "areaStyle": {"color": colour, "opacity": 0.15},
            }
        ],
    }


def show(option: Option, *, key: str, height: int, alt: str) -> None:
    """Draw a chart to look at. alt: what it shows, for screen readers."""
    st.echarts_chart(option, key=key, height=height, alt=alt, renderer="svg")


def choose(option: Option, *, key: str, height: int, alt: str) -> None:
    """Draw a chart to choose in; read the choice with picked() or stretch(), also before it is drawn."""
    st.echarts_chart(option, key=key, height=height, alt=alt, renderer="svg", on_select="rerun")


def picked(key: str, among: Sequence[str]) -> tuple[str, ...]:
    """Give the codes picked in a chart of bars. among: the code of each bar, in the chart's order."""
    groups = _selection(key).get("selected", [])
    places = sorted({place for group in groups for place in group["data_indices"]})
    return tuple(among[place] for place in places if place < len(among))


def stretch(key: str, among: Sequence[date]) -> tuple[date, date] | None:
    """Give the first and last day brushed or clicked in a chart of days, or None. among: the day of each column."""
    found = _selection(key)
    places = [place for group in found.get("selected", []) for place in group["data_indices"]]
    places += [round(edge) for region in found.get("areas", []) for edge in region["coord_range"]]
    inside = [min(max(place, 0), len(among) - 1) for place in places]
    return (among[min(inside)], among[max(inside)]) if inside and among else None


def _selection(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    return state["selection"] if state else {}


def _top(values: Sequence[float]) -> float:
    return max([*values, 1]) * 1.02
