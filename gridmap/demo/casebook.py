"""Incidents and their steps as tables (dossier §5.2), written in row groups so that ten million fit into little memory."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gridmap.demo import columns, flow, followups, names, rhythms, steps
from gridmap.demo.matters import CHANNEL_NAMES, MATTERS, SOURCE_SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gridmap.demo.columns import Register
    from gridmap.demo.incidents import Chunk

_HOW = ("网格员巡查发现", "兼职网格员协查发现", "物业公司反馈", "居民举报", "市民服务热线转办")


def write(
    folder: Path,
    chunks: Iterator[Chunk],
    register: Register,
    *,
    total: int,
    seed: int,
    events_from: np.datetime64,
    say: Callable[[str, float], None],
) -> dict[str, int]:
    """Write incidents, incident_events, whistles, whistle_responses and mediations; gives the rows of each.

    events_from: steps are written for incidents reported from this day on (all of them but for a whole city).
    """
    rows: dict[str, int] = {}
    with ExitStack() as stack:
        files: dict[str, pq.ParquetWriter] = {}
        for number, chunk in enumerate(chunks):
            rng = np.random.default_rng([seed, 30, number])
            events = steps.table(chunk, register, events_from, rng)
            whistles, responses = followups.whistles(chunk, register, rng)
            tables = {
                "incidents": incidents(chunk, register),
                "incident_events": events,
                "whistles": whistles,
                "whistle_responses": responses,
                "mediations": followups.mediations(chunk, register, rng),
            }
            for name, table in tables.items():
                if name not in files:
                    options = {"compression": "zstd", "store_schema": False}
                    files[name] = stack.enter_context(pq.ParquetWriter(folder / f"{name}.parquet", table.schema, **options))
                files[name].write_table(table)
                rows[name] = rows.get(name, 0) + table.num_rows
            say("Writing incidents", rows["incidents"] / total)
    return rows


def incidents(chunk: Chunk, register: Register) -> pa.Table:
    """Make the rows of one chunk; texts are dictionary-encoded, a missing value is null."""
    course = chunk.flow
    codes = [matter.code for matter in MATTERS]
    known = sorted(set(codes))  # a dictionary says each word once, or its bytes are not the same twice
    resident = chunk.reports.channel >= 3
    number = np.arange(chunk.first, chunk.first + len(chunk.reports.matter))
    day = chunk.reports.reported.astype("datetime64[D]")
    is_closed = course.status == flow.STATUSES.index("closed")
    depts = sorted({matter.dept for matter in MATTERS})
    dept = np.array([depts.index(matter.dept) for matter in MATTERS])[chunk.reports.matter]
    systems = sorted(set(SOURCE_SYSTEM.values()))
    system = np.array([systems.index(SOURCE_SYSTEM[code[:2]]) for code in codes])[chunk.reports.matter]
    disputes = np.array([code == "26003" for code in codes])[chunk.reports.matter]
    ids = columns.incident_ids(number)
    inside = chunk.reports.community >= 0
    return pa.table(
        {
            "incident_id": ids,
            "incident_no": pc.binary_join_element_wise(_compact(day), pc.utf8_slice_codeunits(ids, 1), "-"),
            "matter_code": columns.words(known, np.array([known.index(code) for code in codes])[chunk.reports.matter]),
            "title_zh": _titles(chunk, register),
            "description_zh": _descriptions(chunk),
            "channel": columns.words(CHANNEL_NAMES, chunk.reports.channel),
            "reported_at": columns.stamp(chunk.reports.reported),
            "accepted_at": columns.stamp(course.accepted),
            "arrived_at": columns.stamp(course.arrived),
            "closed_at": columns.stamp(course.closed),
            "due_at": columns.stamp(course.due),
            "status": columns.words(flow.STATUSES, course.status),
            "current_level": columns.words(flow.LEVELS, course.current),
            "top_level": columns.words(flow.LEVELS, course.top),
            "grid_code": pa.nulls(len(number), pa.string()),
            "community_code": columns.words(register.communities, chunk.reports.community),
            "street_code": columns.words(register.streets, np.where(inside, chunk.reports.street, -1)),
            "compound_id": columns.take(register.compounds, chunk.compound),
            "reporter_staff_id": columns.take(register.staff, course.reporter),
            "handler_staff_id": columns.take(register.staff, course.handler),
            "handler_dept_id": columns.words(depts, np.where(course.by_dept, dept, -1)),
            "is_resident_reported": pa.array(resident),
            "on_the_spot": pa.array(course.on_the_spot),
            "duplicate_of": columns.incident_ids(chunk.duplicate_of),
            "recurrence_of": columns.incident_ids(chunk.recurrence_of),
            "reopen_count": pa.array(course.reopened.astype(np.int32)),
            "deferred": pa.array(course.deferred),
            "is_petition": pa.array(disputes),
            "resolved": pa.array(course.resolved, mask=~is_closed),
            "satisfied": pa.array(course.satisfied, mask=~course.called_back),
            "source_system": columns.words(systems, system),
            "source_id": pc.binary_join_element_wise(columns.words(systems, system).cast(pa.string()), ids, "-"),
            "lon": pa.array(chunk.lon),
            "lat": pa.array(chunk.lat),
        }
    )


def _compact(day: np.ndarray) -> pa.Array:
    first = np.datetime64("2025-01-01")
    known = [str(first + n).replace("-", "") for n in range(int((rhythms.NOW.astype("datetime64[D]") - first).astype(int)) + 1)]
    return columns.words(known, (day - first).astype(int)).cast(pa.string())


def _titles(chunk: Chunk, register: Register) -> pa.DictionaryArray:
    pair = (chunk.reports.community + 1) * len(MATTERS) + chunk.reports.matter
    known, index = np.unique(pair, return_inverse=True)
    community, matter = np.divmod(known, len(MATTERS))
    place = [names.DISTRICT, *register.names_zh]
    return columns.words([f"{place[c]}{MATTERS[m].name_zh}" for c, m in zip(community, matter, strict=True)], index)


def _descriptions(chunk: Chunk) -> pa.DictionaryArray:
    known = [f"{names.LABEL}：{how}{matter.name_zh}问题。" for how in _HOW for matter in MATTERS]
    return columns.words(known, chunk.reports.channel * len(MATTERS) + chunk.reports.matter)
