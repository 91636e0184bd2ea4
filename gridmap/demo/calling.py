"""Whistles that are open when the demo is opened: blown by street desks through the rules of the case, as people would."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from gridmap import cases
from gridmap.cases import books, matrix, reasons
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    import numpy as np

    from gridmap.store import Store

OPEN = 9
_ANSWERED = 0.4
_LIMIT_MINUTES = {"resident_problem": 1440, "joint_enforcement": 180, "emergency": 30}
_REASONS = {
    "resident_problem": "居民诉求街道难以单独解决（演示数据）",
    "joint_enforcement": "需部门联合执法（演示数据）",
    "emergency": "险情需立即处置（演示数据）",
}

_WAITING = """
    SELECT incident_id, street_code FROM incidents
    WHERE status IN ('assigned', 'handling') AND current_level = 'street' AND reported_at > $since AND grid_code IS NOT NULL
    ORDER BY incident_id"""


def blow(database: Store, rng: np.random.Generator) -> None:
    """Blow a whistle for some cases that a street has in hand, for two departments each; some of them have come already."""
    now = pd.Timestamp(NOW).to_pydatetime()
    waiting = database.cursor().execute(_WAITING, {"since": now - timedelta(days=20)}).fetchall()
    parties = books.parties(database)
    for number in sorted(rng.choice(len(waiting), min(OPEN, len(waiting)), replace=False).tolist()):
        case_id, street = waiting[number]
        kind = list(reasons.WHISTLES)[int(rng.integers(0, len(reasons.WHISTLES)))]
        lead = matrix.lead(database, cases.find(database, case_id).matter, "street")
        called = list(dict.fromkeys([lead if lead in parties else "chengguan", parties[int(rng.integers(0, len(parties)))]]))
        at = now - timedelta(minutes=int(rng.integers(20, 300)))
        desk = cases.Hand("街道指挥中心（演示）", "desk", street, "street")
        case = cases.act(database, desk, case_id, "whistle", {"kind": kind, "depts": called, "reason": _REASONS[kind]}, now=at)
        blown = case.last_at or at
        with database.write() as cursor:
            cursor.execute(
                "UPDATE whistle_responses SET required_by = ? WHERE whistle_id = ?",
                [blown + timedelta(minutes=_LIMIT_MINUTES[kind]), f"W{case_id}-{case.whistles}"],
            )
        if rng.random() < _ANSWERED:
            came = cases.Hand("部门值守（演示）", "department", street[:6], dept=called[0])
            cases.act(database, came, case_id, "report_in", now=blown + timedelta(minutes=int(rng.integers(5, 20))))
