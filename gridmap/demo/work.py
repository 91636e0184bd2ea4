"""The demo's registers and rules of work: made from the registers' own descriptions, so that a new one is filled by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap import intake
from gridmap.demo.matters import MATTERS
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from gridmap.intake.forms import Column

MADE = (
    "leaders",
    "tasks",
    "work_meetings",
    "work_actions",
    "joint_committees",
    "dept_plans",
    "inspections",
    "stories",
    "elections",
    "party_contacts",
    "projects",
    "social_projects",
    "volunteering",
    "platform_modules",
    "sensors",
    "key_areas",
)
"""Registers that nothing else of the demo fills."""

PLANNERS = ("zhujian", "fagai", "gongan", "minzheng", "caizheng", "renshe", "chengguan", "shuiwu", "shichang", "shenpi")
"""The ten departments that write a plan (R07)."""

_TITLES = {
    "tasks": ("健全网格体系", "推进业委会组建", "党群服务中心达标", "老旧小区物业化管理", "社区工作者培训"),
    "work_meetings": ("网格融合推进", "物业管理专题", "老旧小区改造协调"),
    "work_actions": ("划定专属网格", "落实值守联系人", "完善吹哨流程", "解决停车设施用地"),
    "inspections": ("网格公示牌未更新", "巡查记录不全", "整改未闭环", "值守电话无人接听"),
    "stories": ("楼门长议事会", "红色物业进小区", "一个网格解决一串事"),
    "projects": ("改造提升工程", "配套完善工程"),
    "social_projects": ("邻里互助项目", "助老服务项目", "青少年服务项目"),
    "key_areas": ("滨海片区", "站前片区", "老城片区"),
}
_DAY = np.timedelta64(1, "D")


def fill(folder: Path, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make every register of MADE and the limits of the matters, as frames with the tables' own columns."""
    communities = pd.read_parquet(folder / "communities.parquet", columns=["community_code"])["community_code"].tolist()
    made = {table: _register(table, communities, rng) for table in MADE}
    return made | {"sla_rules": limits()}


def limits() -> pd.DataFrame:
    """Give the limits that the demo's due times follow: by matter, and for residents' reports of easy ones a day."""
    rows: list[tuple[str, str, str | None, int]] = []
    for matter in {one.code: one for one in MATTERS}.values():
        median = matter.hours_to_close
        hours = 360 if median > 90 else 168 if median > 24 else 24 if median < 8 else 72
        rows.append((f"demo-{matter.code}", matter.code, None, hours))
        if hours == 72:
            rows += [(f"demo-{matter.code}-{channel}", matter.code, channel, 24) for channel in ("resident", "hotline")]
    frame = pd.DataFrame(rows, columns=["rule_id", "matter_code", "channel", "limit_value"])
    return frame.assign(
        stage="close", limit_unit="hour", clock="from report", pausable=frame["limit_value"] > 24, source="demo"
    )


def _register(table: str, communities: list[str], rng: np.random.Generator) -> pd.DataFrame:
    form = intake.form(table)
    streets = sorted({code[:9] for code in communities})
    rows: list[dict[str, Any]] = []
    for number, (community, street, fixed) in enumerate(_places(table, communities, streets), start=1):
        row: dict[str, Any] = {}
        for column in form.columns:
            row[column.name] = _value(table, column, number, rng)
        row |= {name: value for name, value in (("community_code", community), ("street_code", street)) if name in row}
        rows.append(row | fixed)
    frame = pd.DataFrame(rows, columns=[column.name for column in form.columns])
    return _ordered(frame, rng)


def _places(  # noqa: PLR0911  a kind of register a line
    table: str, communities: list[str], streets: list[str]
) -> list[tuple[str | None, str | None, dict[str, Any]]]:
    """Say how many rows a register has, each with its place and what must hold of it."""
    choices = {column.name: list(dict.fromkeys(column.choices.values())) for column in intake.form(table).columns}
    if table == "leaders":
        roles = ("head_organisation", "head_government", "member", "member")
        return [(None, None, {"level": "district", "role": role, "place_code": communities[0][:6]}) for role in roles]
    if table == "dept_plans":
        return [(None, None, {"dept_id": dept, "name_zh": "社区治理工作方案"}) for dept in PLANNERS]
    if table == "party_contacts":
        parties = (
            "zhujian",
            "chengguan",
            "gongan",
            "sifa",
            "xiaofang",
            "shichang",
            "huanjing",
            "ziran",
            "shui",
            "dian",
            "qi",
            "nuan",
        )
        return [(None, street, {"dept_id": dept}) for street in streets for dept in parties]
    if table in {"platform_modules", "sensors"}:
        name = "module" if table == "platform_modules" else "kind"
        return [(code, code[:9], {name: kind}) for code in communities for kind in choices[name]]
    if table == "joint_committees":
        known = [(None, street, {"kind": "street"}) for street in streets]
        return [*known, *((code, code[:9], {"kind": "community"}) for code in communities[::2])]
    if table == "work_meetings":
        held = [("district", streets[0][:6])] * 4 + [("street", streets[n % len(streets)]) for n in range(8)]
        return [(None, None, {"level": level, "place_code": code}) for level, code in held]
    if table == "work_actions":
        return [(None, streets[n % len(streets)], {}) for n in range(12)]
    many = communities if table in {"elections", "volunteering", "projects"} else communities[:: max(1, len(communities) // 24)]
    return [(code, code[:9], {}) for code in many]


def _value(table: str, column: Column, number: int, rng: np.random.Generator) -> Any:  # noqa: ANN401, PLR0911  a kind of cell a line
    if column.key:
        return f"{table}-{number:05d}"
    if column.choices:
        kept = list(dict.fromkeys(column.choices.values()))
        return kept[int(rng.integers(len(kept)))]
    if column.kind == "date":
        return NOW.astype("datetime64[D]") - int(rng.integers(5, 320)) * _DAY
    if column.kind in {"whole", "number", "money"}:
        return float(rng.integers(5, 60)) * (10_000 if column.kind == "money" else 1)
    if column.kind == "flag":
        return bool(rng.random() < 0.86)
    if column.kind == "masked":
        return "演*"
    if column.name == "name_zh":
        titles = _TITLES.get(table, ("演示事项",))
        return f"{titles[number % len(titles)]}（演示）"
    if column.name in {"lead_dept_id", "dept_id"}:
        return PLANNERS[number % len(PLANNERS)]
    if column.name == "meeting_id":
        return f"work_meetings-{1 + number % 12:05d}"
    return "演示数据" if column.kind == "text" else None


def _ordered(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Let dates follow each other, leave some things undone, and no more be served than are listed."""
    today = NOW.astype("datetime64[D]")
    for first, then in (("found_on", "corrected_on"), ("started_on", "ended_on"), ("due_on", "done_on"), ("due_on", "held_on")):
        if {first, then} <= set(frame.columns):
            later = pd.to_datetime(frame[first]) + pd.to_timedelta(
                rng.integers(-10, 45, len(frame)).clip(0 if then == "ended_on" else -10), "D"
            )
            frame[then] = later.where((later <= today) & (rng.random(len(frame)) < 0.82))
    for first, then in (("listed", "served"), ("installed", "online")):
        if {first, then} <= set(frame.columns):
            frame[then] = np.minimum(frame[first], frame[then])
    if "stage" in frame and "done_on" in frame:
        frame["stage"] = np.where(
            frame["done_on"].notna(), "done", np.where(frame["stage"] == "done", "running", frame["stage"])
        )
    return frame
