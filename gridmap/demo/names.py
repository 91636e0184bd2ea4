"""Names that no real place, firm or person bears: sea words joined with good wishes, and masked people."""

from __future__ import annotations

import numpy as np

LABEL = "演示数据"
"""What stands wherever demo data is shown."""

CITY = "演示市"
DISTRICT = "演示市沧屿区"
STREETS = ["听潮街道", "云帆街道", "锚湾街道", "鸥鸣街道", "汐月街道", "渔灯街道", "望屿街道", "珊林街道"]
"""The streets in the order of their codes; the files carry them with the mark 演示."""

_SEA = "潮汐帆锚鸥贝礁屿澜珊浪鲸螺舟渚汀"
_WISH = "安和晴朗兴宁悦康乐明熙景祥嘉泰茂"
_VILLAGE = [
    "礁头",
    "浦岙",
    "渚上",
    "螺湾",
    "帆坞",
    "汐前",
    "屿背",
    "鲸沙",
    "澜底",
    "潮埠",
    "舟岬",
    "珊坳",
    "锚头",
    "鸥洲",
    "贝岗",
    "浪岭",
]
_COMPOUND_HEAD = "沧海云汐帆澜星月潮鸥珊碧"
_COMPOUND_TAIL = "庭苑园里府湾台轩"
_SURNAMES = "张王李赵陈刘杨黄周吴徐孙马朱胡林郭何高罗"


def communities(rng: np.random.Generator, village: list[bool]) -> list[str]:
    """Name communities (…社区) and villages (…村), each name once."""
    towns = [a + b for a in _SEA for b in _WISH]
    order = rng.permutation(len(towns))
    rural = _VILLAGE + [a + b for a in _SEA for b in "岙坞岬洲埭塘"]
    used = 0, 0
    found = []
    for is_village in village:
        town, country = used
        if is_village:
            found.append(_nth(rural, country) + "村")
            used = town, country + 1
        else:
            found.append(_nth([towns[k] for k in order], town) + "社区")
            used = town + 1, country
    return found


def _nth(words: list[str], number: int) -> str:
    """Take a word; when they run out, the next round carries a number."""
    turn, place = divmod(number, len(words))
    return words[place] + ("" if turn == 0 else "二三四五六七八九"[turn - 1])


def district(number: int) -> str:
    """Name one of a whole city's districts."""
    first, second = divmod(number, len(_SEA))
    return f"{CITY}{_SEA[-1 - second]}{_WISH[-1 - first]}区"


def streets() -> list[str]:
    """Name the streets, each with the mark that it is a demonstration."""
    return [f"{name}（演示）" for name in STREETS]


def compounds(rng: np.random.Generator, count: int, *, old: np.ndarray) -> list[str]:
    """Name compounds: old ones after works and lanes, new ones as builders like it."""
    head = rng.integers(0, len(_COMPOUND_HEAD), (count, 2))
    tail = rng.integers(0, len(_COMPOUND_TAIL), count)
    number = rng.integers(1, 19, count)
    return [
        f"{_COMPOUND_HEAD[a]}{_COMPOUND_HEAD[b]}{n}号院"
        if is_old
        else f"{_COMPOUND_HEAD[a]}{_COMPOUND_HEAD[b]}{_COMPOUND_TAIL[t]}"
        for (a, b), t, n, is_old in zip(head, tail, number, old, strict=True)
    ]


def people(rng: np.random.Generator, count: int) -> np.ndarray:
    """Name people as they are shown: a common surname, the rest masked."""
    masked = np.array([f"{surname}**" for surname in _SURNAMES], dtype=object)
    return np.asarray(masked[rng.integers(0, len(masked), count)])


ROADS = [a + b for a in "潮汐帆锚鸥贝礁屿澜珊浪鲸螺舟渚汀" for b in "光华平源明亭桥"]
"""First halves of road names."""

PLACES = {
    "market": "农贸市场",
    "park": "公园",
    "school": "学校",
    "hospital": "医院",
    "office": "写字楼",
    "mall": "商场",
    "temple": "文化馆",
    "site": "在建工地",
    "works": "工业园",
    "farm": "农用地",
    "wood": "林地",
    "port": "作业区",
    "beach": "海滩",
    "hotel": "度假区",
}
"""What places are called by their use."""
