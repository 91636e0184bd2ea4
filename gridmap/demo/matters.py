"""What is reported: how often, where, when, through which channel, how hard it is. Codes as in matter_types.csv."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Matter(NamedTuple):
    """One kind of matter.

    weight: its share of all reports; places: where it happens (kinds of spots.py) and how much; hours, season: keys of
    rhythms.py; channels: a key of CHANNELS; hours_to_close: median; hard: chance that it leaves the community;
    dept: the department that handles it above the community.
    """

    code: str
    name_zh: str
    weight: float
    places: dict[str, float]
    hours: str = "day"
    season: str = "flat"
    channels: str = "street"
    hours_to_close: float = 3.0
    hard: float = 0.15
    dept: str = "chengguan"


CHANNEL_NAMES = ("patrol", "assist", "property", "resident", "hotline")
CHANNELS: dict[str, tuple[float, ...]] = {
    "street": (0.54, 0.14, 0.03, 0.13, 0.16),
    "home": (0.16, 0.17, 0.21, 0.25, 0.21),
    "noise": (0.06, 0.06, 0.08, 0.36, 0.44),
    "dispute": (0.14, 0.25, 0.10, 0.35, 0.16),
    "service": (0.25, 0.22, 0.03, 0.36, 0.14),
    "hazard": (0.40, 0.22, 0.18, 0.11, 0.09),
}
"""Share of the five channels 专职巡查、兼职协查、物业反馈、居民举报、市民服务热线."""

_HOME = {"home": 1.0}
_STREET = {"street": 1.0}
_TRADE = {"market": 0.62, "street": 0.38}

MATTERS: tuple[Matter, ...] = (
    Matter(
        "09009",
        "机动车乱停放",
        12.0,
        {"street": 0.52, "market": 0.30, "home": 0.18},
        "rush",
        hours_to_close=1.6,
        hard=0.10,
        dept="gongan",
    ),
    Matter("09010", "非机动车乱停放", 4.2, {"street": 0.5, "market": 0.5}, "rush", hours_to_close=1.8, hard=0.04),
    Matter("09011", "共享单车乱象", 3.0, _STREET, "rush", "mild", hours_to_close=2.5, hard=0.05),
    Matter("09006", "占道经营", 4.8, _TRADE, "market", "mild", hours_to_close=1.2, hard=0.12),
    Matter("09005", "店外经营", 4.6, {"street": 0.75, "market": 0.25}, "trade", hours_to_close=1.3, hard=0.10),
    Matter(
        "09001",
        "无照经营游商",
        3.4,
        {"market": 0.5, "school": 0.25, "street": 0.25},
        "market",
        "mild",
        hours_to_close=1.1,
        hard=0.08,
    ),
    Matter("09002", "早(夜)市问题", 1.6, {"market": 1.0}, "market", "summer", hours_to_close=3, hard=0.2),
    Matter(
        "09012",
        "占用消防通道",
        4.2,
        {"home": 0.85, "market": 0.15},
        "evening",
        channels="hazard",
        hours_to_close=3,
        hard=0.22,
        dept="xiaofang",
    ),
    Matter("09022", "占道促销宣传", 0.8, _STREET, "trade", "holiday", hours_to_close=1.5, hard=0.05),
    Matter(
        "06010",
        "暴露垃圾",
        5.6,
        {"home": 0.5, "street": 0.4, "market": 0.1},
        "morning",
        "summer",
        hours_to_close=2.2,
        hard=0.05,
    ),
    Matter("06012", "道路不洁", 3.0, _STREET, "morning", "spring", hours_to_close=2.0, hard=0.03),
    Matter(
        "06042", "垃圾站(箱)满溢", 3.8, {"home": 0.7, "street": 0.3}, "morning", "summer", "home", hours_to_close=2.6, hard=0.05
    ),
    Matter("06041", "垃圾未分类", 2.2, _HOME, "morning", channels="home", hours_to_close=3, hard=0.03),
    Matter("06036", "乱堆杂物", 4.8, {"home": 0.85, "street": 0.15}, channels="home", hours_to_close=7, hard=0.08),
    Matter("06035", "废弃家具设备", 1.1, _HOME, channels="home", hours_to_close=6, hard=0.05),
    Matter("06034", "废弃车辆", 1.2, {"home": 0.5, "street": 0.5}, hours_to_close=60, hard=0.55, dept="gongan"),
    Matter("06001", "私搭乱建", 2.4, _HOME, season="spring", channels="home", hours_to_close=120, hard=0.72),
    Matter("06045", "非法占绿毁绿", 1.2, _HOME, season="spring", channels="home", hours_to_close=70, hard=0.5),
    Matter(
        "06040", "私设地锁、阻车桩", 1.9, {"home": 0.7, "street": 0.3}, "evening", channels="home", hours_to_close=20, hard=0.3
    ),
    Matter(
        "06028",
        "噪声扰民",
        4.6,
        {"home": 0.7, "park": 0.3},
        "night",
        "summer",
        "noise",
        hours_to_close=2.0,
        hard=0.18,
        dept="huanjing",
    ),
    Matter(
        "06029",
        "露天烧烤",
        1.6,
        {"street": 0.5, "market": 0.3, "beach": 0.2},
        "night",
        "summer",
        "noise",
        hours_to_close=1.6,
        hard=0.15,
    ),
    Matter(
        "06027",
        "油烟污染",
        1.8,
        {"market": 0.5, "street": 0.5},
        "meals",
        "summer",
        "noise",
        hours_to_close=26,
        hard=0.42,
        dept="huanjing",
    ),
    Matter("06013", "道路破损", 1.8, _STREET, season="rain", hours_to_close=46, hard=0.45),
    Matter("06017", "绿地脏乱", 1.0, {"park": 0.6, "home": 0.4}, season="mild", hours_to_close=5, hard=0.06),
    Matter("06021", "病虫害", 0.5, {"park": 0.6, "home": 0.4}, season="summer", hours_to_close=24, hard=0.3),
    Matter(
        "06020",
        "焚烧垃圾树叶",
        0.5,
        {"farm": 0.7, "street": 0.3},
        "evening",
        "autumn",
        hours_to_close=1.5,
        hard=0.2,
        dept="huanjing",
    ),
    Matter("06025", "水域不洁", 0.8, {"river": 1.0}, season="summer", hours_to_close=9, hard=0.25),
    Matter("06026", "河道污染", 0.5, {"river": 1.0}, season="rain", hours_to_close=30, hard=0.6, dept="huanjing"),
    Matter("06015", "沙(河)滩不洁", 0.9, {"beach": 1.0}, "day", "beach", hours_to_close=3, hard=0.05),
    Matter("06030", "乱倒乱排污水", 0.9, {"market": 0.5, "street": 0.5}, "meals", "rain", hours_to_close=8, hard=0.3),
    Matter("06043", "遮阳篷破损", 0.35, _STREET, season="typhoon", hours_to_close=12, hard=0.06),
    Matter("07001", "非法小广告", 4.4, {"street": 0.55, "home": 0.45}, hours_to_close=3, hard=0.03),
    Matter("07006", "违规牌匾标识", 1.2, _STREET, hours_to_close=36, hard=0.35),
    Matter("07003", "违规户外广告", 0.7, _STREET, season="typhoon", hours_to_close=40, hard=0.4),
    Matter(
        "08001",
        "施工扰民",
        2.0,
        {"site": 0.75, "home": 0.25},
        "night",
        "mild",
        "noise",
        hours_to_close=2.5,
        hard=0.35,
        dept="zhujian",
    ),
    Matter("08002", "施工占道", 0.9, {"site": 0.6, "street": 0.4}, season="mild", hours_to_close=9, hard=0.35, dept="zhujian"),
    Matter("08003", "无证掘路", 0.5, _STREET, season="mild", hours_to_close=14, hard=0.6, dept="zhujian"),
    Matter("08004", "工地扬尘", 1.4, {"site": 1.0}, season="spring", hours_to_close=5, hard=0.4, dept="zhujian"),
    Matter(
        "08011", "渣土车未密闭", 0.7, {"site": 0.5, "street": 0.5}, "night", "mild", hours_to_close=2, hard=0.4, dept="zhujian"
    ),
    Matter("10001", "道路积雪结冰", 1.0, {"street": 0.7, "home": 0.3}, "morning", "snow", hours_to_close=3.5, hard=0.08),
    Matter(
        "10002",
        "架空线缆脱落",
        1.0,
        {"street": 0.6, "home": 0.4},
        "day",
        "typhoon",
        "hazard",
        hours_to_close=4,
        hard=0.5,
        dept="dian",
    ),
    Matter("21001", "管理不科学", 0.9, _HOME, "office", channels="dispute", hours_to_close=40, hard=0.3, dept="zhujian"),
    Matter("21002", "安防不到位", 1.3, _HOME, "evening", channels="dispute", hours_to_close=26, hard=0.2, dept="zhujian"),
    Matter("21003", "收费不合理", 2.0, _HOME, "office", "newyear", "dispute", hours_to_close=50, hard=0.32, dept="zhujian"),
    Matter("21004", "停车不方便", 2.6, _HOME, "evening", channels="dispute", hours_to_close=18, hard=0.2, dept="zhujian"),
    Matter("21005", "维护不及时", 3.2, _HOME, season="rain", channels="home", hours_to_close=16, hard=0.15, dept="zhujian"),
    Matter(
        "21005", "维护不及时(供暖不热)", 2.4, _HOME, "evening", "heating", "noise", hours_to_close=14, hard=0.4, dept="nuan"
    ),
    Matter("22001", "邻里纠纷", 2.3, _HOME, "evening", channels="dispute", hours_to_close=20, hard=0.06, dept="sifa"),
    Matter("22002", "婚姻家庭纠纷", 0.9, _HOME, "evening", "newyear", "dispute", hours_to_close=30, hard=0.08, dept="sifa"),
    Matter("22003", "物业纠纷", 1.4, _HOME, "office", channels="dispute", hours_to_close=60, hard=0.35, dept="sifa"),
    Matter(
        "22004",
        "劳资纠纷",
        0.5,
        {"site": 0.6, "works": 0.4},
        "office",
        "newyear",
        "dispute",
        hours_to_close=70,
        hard=0.65,
        dept="renshe",
    ),
    Matter(
        "22005",
        "征地拆迁纠纷",
        0.35,
        {"site": 0.5, "farm": 0.5},
        "office",
        channels="dispute",
        hours_to_close=160,
        hard=0.8,
        dept="ziran",
    ),
    Matter(
        "23001",
        "消防隐患",
        2.3,
        {"home": 0.6, "market": 0.2, "works": 0.2},
        "office",
        "winter",
        "hazard",
        hours_to_close=15,
        hard=0.25,
        dept="xiaofang",
    ),
    Matter(
        "23002",
        "用电用气隐患",
        1.4,
        {"home": 0.8, "market": 0.2},
        "office",
        "winter",
        "hazard",
        hours_to_close=10,
        hard=0.3,
        dept="qi",
    ),
    Matter("23003", "高空坠物隐患", 0.7, _HOME, "day", "typhoon", "hazard", hours_to_close=12, hard=0.2, dept="zhujian"),
    Matter("23004", "房屋安全隐患", 0.5, _HOME, "office", "rain", "hazard", hours_to_close=90, hard=0.6, dept="zhujian"),
    Matter(
        "24001",
        "大气污染",
        0.8,
        {"works": 0.8, "port": 0.2},
        "night",
        "winter",
        "noise",
        hours_to_close=30,
        hard=0.7,
        dept="huanjing",
    ),
    Matter(
        "24002",
        "水体污染",
        0.35,
        {"river": 0.7, "port": 0.3},
        "day",
        "rain",
        "noise",
        hours_to_close=48,
        hard=0.75,
        dept="huanjing",
    ),
    Matter("25001", "社保医保代办", 2.2, _HOME, "office", "newyear", "service", hours_to_close=5, hard=0.03, dept="shenpi"),
    Matter("25002", "证件代办", 1.8, _HOME, "office", channels="service", hours_to_close=6, hard=0.05, dept="shenpi"),
    Matter("25003", "助老服务", 2.1, _HOME, "office", "winter", "service", hours_to_close=3, hard=0.02, dept="minzheng"),
    Matter("25004", "助残服务", 0.5, _HOME, "office", channels="service", hours_to_close=4, hard=0.03, dept="minzheng"),
    Matter(
        "26001",
        "意见建议",
        1.4,
        {"home": 0.8, "street": 0.2},
        "office",
        channels="service",
        hours_to_close=30,
        hard=0.2,
        dept="minzheng",
    ),
    Matter(
        "26002",
        "咨询求助",
        2.4,
        {"home": 0.8, "street": 0.2},
        "day",
        channels="noise",
        hours_to_close=1.5,
        hard=0.03,
        dept="minzheng",
    ),
    Matter("26003", "信访诉求", 0.35, _HOME, "office", channels="dispute", hours_to_close=200, hard=0.8, dept="sifa"),
    Matter(
        "27003",
        "自然灾害",
        0.3,
        {"river": 0.3, "beach": 0.2, "home": 0.5},
        "day",
        "typhoon",
        "hazard",
        hours_to_close=6,
        hard=0.5,
        dept="yingji",
    ),
)
"""Everything that is reported in the demo; the weights are invented, their order of size is not."""

SOURCE_SYSTEM = {"06": "chengguan", "07": "chengguan", "08": "chengguan", "09": "chengguan", "10": "yingji", "21": "other"}
SOURCE_SYSTEM |= {"22": "zongzhi", "23": "yingji", "24": "shengtai", "25": "zongzhi", "26": "zongzhi", "27": "yingji"}
"""Which system an incident came from, by class."""

DISPUTES = ("22001", "22002", "22003", "22004", "22005", "21003", "26003")
"""Matters that go to mediation."""


def weights() -> np.ndarray:
    """Give each matter's share of all reports; they sum to 1."""
    share = np.array([matter.weight for matter in MATTERS])
    return np.asarray(share / share.sum())
