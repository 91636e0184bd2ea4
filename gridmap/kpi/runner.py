"""Runs indicators: the figure, its trend and ranking, and the rows behind it."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from gridmap import codes, crs, terms
from gridmap.errors import InputError, StoreError
from gridmap.kpi import cache, figures, places, questions, torn
from gridmap.kpi import filters as filtering
from gridmap.kpi.figures import LEAST
from gridmap.kpi.filters import Filters
from gridmap.kpi.indicator import KINDS, Indicator, indicator, indicators
from gridmap.store import now

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pandas as pd
    import pyarrow as pa

    from gridmap.store import Store

GROUPS = {
    "street_code": "street_code",
    "community_code": "community_code",
    "grid_code": "grid_code",
    "grp": "grp",
    "day": "happened::DATE",
    "week": "date_trunc('week', happened)::DATE",
    "month": "date_trunc('month', happened)::DATE",
}
"""What an indicator can be broken down by; the last three for a trend."""

_PROTOTYPE = (
    "SELECT NULL::VARCHAR AS id, NULL::TIMESTAMP AS happened, NULL::VARCHAR AS street_code, NULL::VARCHAR AS community_code, "
    "NULL::VARCHAR AS grid_code, NULL::VARCHAR AS grp, NULL::VARCHAR AS label, NULL::BOOLEAN AS hit, NULL::DOUBLE AS amount, "
    "NULL::DOUBLE AS base WHERE false"
)
_SETTING = re.compile(r"setting\('(\w+)'\)")
_EVERYTHING = Filters()
_ALL_ROWS = "SELECT * FROM rows"
_FILTERED = re.compile(r"\bmeant\b|\$(?!version\b|metric\b)\w+")
"""Found in an indicator whose rows depend on the filters or the moment, not only on the data: it reads the incidents meant."""


def run(db: Store, id_: str, filters: Filters = _EVERYTHING, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Give an indicator's figure, broken down by any of GROUPS.

    Columns: those of ``by``, part, n, value, hidden. value is a share 0-1, a count, a sum or a ratio in the indicator's unit;
    empty where there is nothing to judge, a setting it needs is not set, or (hidden) a share is over fewer than 10. n always
    stands beside it: the cases judged, for a ratio the sum it is divided by. A mix is always broken down by grp too.
    Raises InputError for an unknown indicator or group.
    """
    wanted = indicator(id_)
    filters = _heeded(db, wanted, filters)
    groups = tuple(dict.fromkeys([*by, *(["grp"] if wanted.kind == "mix" else [])]))
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise InputError("An indicator cannot be broken down by {name}.", name=unknown[0])

    reads, days = _reads(db, wanted), _days(wanted, filters)

    def ask() -> pd.DataFrame:
        if groups == (("grp",) if wanted.kind == "mix" else ()) and _is_one(filters):
            every = ("run", id_, replace(filters, area=None))
            rows = places.answered(db, every, filters.area, lambda: _everywhere(db, wanted, filters), reads=reads, days=days)
            if rows is not None:
                return _finish(wanted, rows if groups or len(rows) else _nothing(db, wanted), groups)
        keys = "".join(f"{GROUPS[name]} AS {name}, " for name in groups)
        order = " GROUP BY ALL ORDER BY ALL" if groups else ""
        rows = _ask(db, wanted, filters, f"SELECT {keys}{KINDS[wanted.kind]} FROM rows WHERE {{place}}{order}").df()
        return _finish(wanted, rows, groups)

    return cache.once(db, ("run", id_, filters, groups), ask, reads=reads, days=days)


def is_answered(db: Store, id_: str, filters: Filters = _EVERYTHING) -> bool:
    """Say whether an indicator's figure is at hand, so that run would make nobody wait."""
    wanted = indicator(id_)
    filters, reads = _heeded(db, wanted, filters), _reads(db, wanted)
    groups, days = ("grp",) if wanted.kind == "mix" else (), _days(wanted, filters)
    if cache.known(db, ("run", id_, filters, groups), reads=reads, days=days):
        return True
    every = ("run", id_, replace(filters, area=None))
    return _is_one(filters) and places.at_hand(db, every, filters.area, reads=reads, days=days)


def cases_behind(
    db: Store,
    id_: str,
    filters: Filters = _EVERYTHING,
    *,
    failing: bool | None = None,
    limit: int = 1000,
    offset: int = 0,
    **groups: object,
) -> pd.DataFrame:
    """List the rows behind a figure: its columns id, happened, street_code … and whatever else the indicator says about them.

    failing: True for those that miss a share, False for those that make it, None for all judged. Any of GROUPS can be named
    with a value (street_code="…", grp="…") to list what stands behind one bar or one line of a ranking.
    """
    wanted = indicator(id_)
    filters = _heeded(db, wanted, filters)
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise InputError("An indicator cannot be broken down by {name}.", name=unknown[0])

    def ask() -> pd.DataFrame:
        parts = ["{place}", *(f"{GROUPS[name]} IS NOT DISTINCT FROM $group_{name}" for name in groups)]
        if wanted.kind == "share":
            parts.append("hit IS NOT NULL" if failing is None else "NOT hit" if failing else "hit")
        query = (
            f"SELECT * FROM rows WHERE {' AND '.join(parts)} ORDER BY happened DESC NULLS LAST, id LIMIT $limit OFFSET $offset"
        )
        more = {"limit": limit, "offset": offset} | {f"group_{name}": value for name, value in groups.items()}
        rows = _ask(db, wanted, filters, query, more).df()
        used = set(re.findall(r"\w+", wanted.sql))
        return rows.drop(columns=[name for name in ("hit", "amount", "base", "label", "happened", "grp") if name not in used])

    question = ("behind", id_, filters, failing, limit, offset, tuple(sorted(groups.items())))
    return cache.once(db, question, ask, reads=_reads(db, wanted), days=_days(wanted, filters))


def goal(db: Store, id_: str) -> float | None:
    """Give the goal of an indicator, or None when there is none or it is a setting that is not set."""
    wanted = indicator(id_)
    if wanted.goal_setting is None:
        return None if wanted.threshold == "none" else float(wanted.threshold)
    return _settings(db).get(wanted.goal_setting, (None, None))[1]


def not_set(db: Store, id_: str) -> list[str]:
    """Give the keys of the settings this indicator needs (for its figure or its goal) that are not set."""
    wanted = indicator(id_)
    keys = [*wanted.settings, *([wanted.goal_setting] if wanted.goal_setting else [])]
    return [key for key in keys if _settings(db).get(key, (None,))[0] is None]


def called_not_set(db: Store, id_: str) -> list[str]:
    """Give what those settings are called, in the current language."""
    query = f"SELECT key, name_{terms.language()} FROM settings"
    names = cache.once(
        db, ("setting names", terms.language()), lambda: dict(db.cursor().execute(query).fetchall()), reads=("settings",)
    )
    return [names.get(key) or key for key in not_set(db, id_)]


def _settings(db: Store) -> dict[str, tuple[str | None, float | None]]:
    """Give every setting as text and as a number, None where it is blank or no number."""
    query = "SELECT key, value, TRY_CAST(value AS DOUBLE) FROM settings"
    return cache.once(
        db,
        ("settings",),
        lambda: {key: (text, number) for key, text, number in db.cursor().execute(query).fetchall()},
        reads=("settings",),
    )


def work_ahead(db: Store, periods: Sequence[tuple[datetime, datetime]] = ()) -> None:
    """Work out for every place what readers will ask: rows that depend on neither time nor place, then the figures of periods.

    periods: start and end (not included), those asked most first: all indicators of the first, the core ones (K) of the others;
    strips are worked out for the period before each, too.
    """
    for wanted in indicators().values():
        if not _FILTERED.search(wanted.sql):
            run(db, wanted.id)
    for start, end in periods:
        figures.work_out(db, Filters(start=start, end=end))
        figures.work_out(db, Filters(start=start - (end - start), end=start))
        questions.work_out(db, Filters(start=start, end=end))
    for number, (start, end) in enumerate(periods):
        for id_ in indicators():
            if id_.startswith("K") or not number:
                work_out(db, id_, Filters(start=start, end=end))


def _is_one(filters: Filters) -> bool:
    """Say whether one place is asked about, or all; a city's rows are found by whatever code they have (see _column)."""
    return not filters.streets and len(filters.area or "") != codes.CITY


def _everywhere(db: Store, wanted: Indicator, filters: Filters) -> pd.DataFrame:
    grp = "grp" if wanted.kind == "mix" else ""
    query = f"""
        SELECT {places.PLACE} AS place, {grp and "grp, "}{KINDS[wanted.kind]}
        FROM ({places.ROWS.format(rows="rows")}) WHERE {{place}} {places.groups(grp)}"""
    return _ask(db, wanted, replace(filters, area=None), query).df()


def _nothing(db: Store, wanted: Indicator) -> pd.DataFrame:
    """Give the figure of a place that has no rows."""
    query = f"SELECT {KINDS[wanted.kind]} FROM ({_PROTOTYPE})"
    return cache.once(db, ("nothing", wanted.kind), lambda: db.cursor().execute(query).df(), reads=("settings",))


def work_out(db: Store, id_: str, filters: Filters) -> None:
    """Work out an indicator's figure for every place, so that no reader who drills down waits for it."""
    wanted = indicator(id_)
    filters, reads = _heeded(db, wanted, filters), _reads(db, wanted)
    every = ("run", id_, replace(filters, area=None))
    places.work_out(db, every, lambda: _everywhere(db, wanted, filters), reads=reads, days=_days(wanted, filters))


def _finish(wanted: Indicator, rows: pd.DataFrame, groups: tuple[str, ...]) -> pd.DataFrame:
    if wanted.kind == "mix":
        others = [name for name in groups if name != "grp"]
        whole = rows.groupby(others, dropna=False)["n"].transform("sum") if others else rows["n"].sum()
        rows["n"] = whole
        rows["value"] = rows["part"] / rows["n"]
    return hide(wanted, rows)


def hide(wanted: Indicator, rows: pd.DataFrame) -> pd.DataFrame:
    """Empty the value of shares over fewer than LEAST, and say so in the column hidden."""
    rows["hidden"] = (rows["n"] < LEAST) & (rows["n"] > 0) if wanted.kind in {"share", "mix"} else False
    rows["value"] = rows["value"].mask(rows["hidden"])
    return rows


def _ask(
    db: Store, wanted: Indicator, filters: Filters, query: str, more: dict[str, object] | None = None
) -> duckdb.DuckDBPyConnection:
    version = filters.version if isinstance(filters.version, int) else db.version_now()
    if query != _ALL_ROWS and not _FILTERED.search(wanted.sql):
        return _ask_kept(db, wanted, version, filters, query, more=more or {})
    cursor, table, found = questions.source(db, filters)
    if "torn" in _words(wanted.sql):
        torn.give(db, cursor, version)
    grid = " REPLACE (day_grid_code AS grid_code)" if filters.version == "day" else ""
    place, values = _place(filters)
    begun = " WHERE occurred_at >= $start" if filters.start is not None else ""  # nothing happens to a case before its report
    text = f"""
        WITH meant AS NOT MATERIALIZED (
            SELECT *{grid} FROM {table} WHERE {found.condition}
        ), grids AS NOT MATERIALIZED (
            SELECT * FROM grids_unified WHERE version = $version
        ), way AS NOT MATERIALIZED (
            SELECT * FROM grid_merge_map WHERE version = $version
        ), logs AS NOT MATERIALIZED (
            SELECT * FROM incident_events{begun}
        ), rows AS NOT MATERIALIZED (
            {_PROTOTYPE} UNION ALL BY NAME (
{wanted.sql}
            )
        )
        {query.replace("{place}", place)}"""
    settled = {f"set_{name}": _settings(db).get(name, (None, None))[1] for name in _SETTING.findall(text)}
    text = _SETTING.sub(r"$set_\1::DOUBLE", text)  # a constant is worked with once, not for every row
    values |= {**found.parameters, **settled, "version": version, "as_of": filters.as_of, **(more or {})}
    if "$metric" in text:
        values["metric"] = _metric(db)
    used = set(re.findall(r"\$(\w+)", text))
    return cursor.execute(text, {name: value for name, value in values.items() if name in used})


def _heeded(db: Store, wanted: Indicator, filters: Filters) -> Filters:
    """Leave out of the filters what an indicator does not ask about, so that its answer is kept as long as it is right.

    The overlap of grids, say, is the same whatever days are looked at.
    """
    words = _words(wanted.sql)
    moment = _moment(db, wanted, filters)
    if "meant" in words:
        return replace(filters, as_of=moment)
    kept = Filters(streets=filters.streets, area=filters.area, version=filters.version, as_of=moment)
    return replace(kept, start=filters.start, end=filters.end) if "happened" in words else kept


def _ask_kept(
    db: Store, wanted: Indicator, version: int | None, filters: Filters, query: str, *, more: dict[str, object]
) -> duckdb.DuckDBPyConnection:
    """Ask of an indicator's rows, worked out once for all places and periods."""

    def work_out() -> pa.Table:
        return _ask(db, wanted, Filters(version=filters.version), _ALL_ROWS).to_arrow_table()

    rows = cache.once(db, ("rows", wanted.id, version), work_out, reads=_reads(db, wanted))
    place, values = _place(filters)
    text, cursor = query.replace("{place}", place), db.cursor()
    cursor.register("kept_rows", rows)
    used = set(re.findall(r"\$(\w+)", text))
    values = {name: value for name, value in {**values, **more}.items() if name in used}
    return cursor.execute(f"WITH rows AS NOT MATERIALIZED (SELECT * FROM kept_rows) {text}", values)


def _days(wanted: Indicator, filters: Filters) -> cache.Days:
    """Give when the cases were reported that an indicator's figure hangs on: those meant, unless it looks at others, too."""
    words = _words(wanted.sql)
    return filters.days if "meant" in words and not words & {"incidents", "incident_events"} else cache.ALWAYS


def _reads(db: Store, wanted: Indicator) -> tuple[str, ...]:
    """Name the tables that an indicator reads, also by the names that its query is given (see _ask)."""
    named = {
        "meant": "incidents",
        "logs": "incident_events",
        "grids": "grids_now",
        "way": "merge_map_now",
        "setting": "settings",
        "metric": "communities",
    }
    words = _words(wanted.sql)
    return cache.fixed(
        db, ("reads", wanted.id), lambda: db.tables_read(" ".join([*(named.get(word, word) for word in words), "grid_periods"]))
    )


@functools.cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def _moment(db: Store, wanted: Indicator, filters: Filters) -> datetime | None:
    """Give the moment lateness is seen from: its day for an indicator that asks no more, whose answer then lasts the day."""
    asks = wanted.sql.count("$as_of")
    if not asks:
        return None
    try:
        moment = filtering.as_of(db, filters)
    except StoreError:  # no incidents: grids, centres and people can be asked about all the same
        moment = now().replace(minute=0, second=0)
    return datetime.combine(moment.date(), time()) if asks == wanted.sql.count("$as_of::DATE") else moment


def _place(filters: Filters) -> tuple[str, dict[str, object]]:
    """Give the filters that narrow any row by time and place, not only incidents."""
    parts: list[str] = []
    values: dict[str, object] = {}
    for name, sign in (("start", ">="), ("end", "<")):
        value = getattr(filters, name)
        if value is not None:
            parts.append(f"(happened IS NULL OR happened {sign} ${name})")
            values[name] = filtering.moment(value)
    if filters.streets:
        names = [f"street_{position}" for position in range(len(filters.streets))]
        parts.append(f"street_code IN ({', '.join('$' + name for name in names)})")
        values.update(zip(names, filters.streets, strict=True))
    if filters.area:
        parts.append(f"starts_with(coalesce({_column(filters.area)}, ''), $area)")
        values["area"] = filters.area
    return " AND ".join(parts) or "true", values


def _column(area: str) -> str:
    try:
        return {"district": "street_code", "street": "street_code", "community": "community_code", "grid": "grid_code"}[
            codes.level(area)
        ]
    except InputError:
        return "grid_code, community_code, street_code"


def _metric(db: Store) -> str:
    def ask() -> str:
        row = (
            db.cursor()
            .execute("SELECT avg((ST_XMin(geom) + ST_XMax(geom)) / 2) FROM communities WHERE geom IS NOT NULL")
            .fetchone()
        )
        if row is None or row[0] is None:
            raise StoreError("There are no communities in the store yet.")
        return f"EPSG:{crs.zone(row[0])}"

    return cache.once(db, ("metric",), ask, reads=("communities",))
