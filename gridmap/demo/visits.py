"""What grid workers did besides cases: plans of patrols, visits for the six duties, spot checks; fictional, as all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.demo.posts import DUTIES
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    import geopandas as gpd

HOURS = ("08:30", "09:00", "14:30", "15:00", "19:00")
NO_PLAN = 0.06
"""Share of the grids with a worker for which no patrol is planned."""

_SHARES = (0.34, 0.16, 0.2, 0.08, 0.12, 0.1)
"""How often a visit is made for each of DUTIES first of all."""

_NOTES = {
    "info": "入户核对住户信息（演示数据）",
    "opinion": "听取居民意见（演示数据）",
    "hazard": "检查楼道与消防通道（演示数据）",
    "dispute": "了解邻里矛盾（演示数据）",
    "policy": "宣传政策法规（演示数据）",
    "service": "代办民生事项（演示数据）",
}
_CHECKS = 60
LAST_WEEK = [("closed_at", ">", pd.Timestamp(NOW) - pd.Timedelta(days=7))]
"""Which incidents a spot check is drawn from, as a filter of Parquet."""


def plans(patrols: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Plan two patrols a week for most of the grids that are walked: the table patrol_plans."""
    walked = patrols.drop_duplicates("grid_code")
    walked = walked[rng.random(len(walked)) >= NO_PLAN]
    first, hour = rng.integers(1, 4, len(walked)), rng.integers(0, len(HOURS), len(walked))
    twice = [walked.assign(weekday=first + more, starts_at=np.array(HOURS)[hour]) for more in (0, 3)]
    frame = pd.concat(twice)[["grid_code", "staff_id", "weekday", "starts_at"]].sort_values(["grid_code", "weekday"])
    named = frame["grid_code"] + "-" + frame["weekday"].astype(str) + "-" + frame["starts_at"]
    return frame.assign(plan_id=named, note_zh="演示数据")


def logs(patrols: pd.DataFrame, grids: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Say what every patrol was made for, one or two of the six duties each: the table duty_logs.

    Grids differ in how many of their households were seen in the month: from a fifth to all of them.
    """
    households = grids.set_index("grid_code")["weight"].astype(float).reindex(patrols["grid_code"]).to_numpy()
    walks = patrols.groupby("grid_code")["grid_code"].transform("size").to_numpy()
    reach = pd.Series(rng.uniform(0.2, 1.1, len(grids)), index=grids["grid_code"]).reindex(patrols["grid_code"]).to_numpy()
    seen = np.round(households * reach / walks * rng.uniform(0.7, 1.3, len(patrols))).astype(int)
    first = rng.choice(len(DUTIES), len(patrols), p=_SHARES)
    second = (first + rng.integers(1, len(DUTIES), len(patrols))) % len(DUTIES)
    also = rng.random(len(patrols)) < 0.45
    base = pd.DataFrame(
        {
            "grid_code": patrols["grid_code"].to_numpy(),
            "community_code": patrols["grid_code"].str[:12].to_numpy(),
            "staff_id": patrols["staff_id"].to_numpy(),
            "done_at": patrols["ended_at"].to_numpy(),
            "visit": patrols["patrol_id"].to_numpy(),
        }
    )
    parts = [base.assign(duty=first, households=seen, n="1"), base[also].assign(duty=second[also], households=0, n="2")]
    frame = pd.concat(parts).sort_values(["visit", "n"])
    frame["duty_id"] = np.array(DUTIES)[frame.pop("duty")]
    frame["log_id"] = frame.pop("visit") + "-" + frame.pop("n")
    return frame.assign(note_zh=frame["duty_id"].map(_NOTES))


def spot_checks(incidents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw some of the closed cases of LAST_WEEK for spot checks, most of them looked at: the table spot_checks."""
    now = pd.Timestamp(NOW)
    picked = np.sort(rng.choice(len(incidents), min(_CHECKS, len(incidents)), replace=False))
    drawn = incidents.sort_values("incident_id").iloc[picked]
    done = rng.random(len(drawn)) < 0.8
    passed = rng.random(len(drawn)) < 0.93
    at = np.full(len(drawn), now - pd.Timedelta(hours=20))
    return pd.DataFrame(
        {
            "check_id": [f"S{number:05d}" for number in range(1, len(drawn) + 1)],
            "incident_id": drawn["incident_id"].to_numpy(),
            "drawn_at": at,
            "checked_at": pd.Series(at + pd.Timedelta(hours=4)).where(done),
            "passed": pd.Series(passed, dtype="boolean").where(done),
            "checked_by": pd.Series("督查（演示）", index=range(len(drawn))).where(done),
            "note_zh": pd.Series(np.where(passed, "现场已复原", "问题反复"), index=range(len(drawn))).where(done),
        }
    )
