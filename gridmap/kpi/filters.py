"""Which incidents are meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Literal

from gridmap import codes, store
from gridmap.errors import InputError, StoreError
from gridmap.kpi import cache

if TYPE_CHECKING:
    from gridmap.store import Store

_COLUMN = {"street": "street_code", "community": "community_code", "grid": "{grid}"}


@dataclass(frozen=True)
class Filters:
    """Which incidents are meant; hashable, so that an answer can be kept. Everything left out means all.

    start, end: reported_at from start (included) to end (left out); dates mean midnight. Naive UTC+8.
    channels, statuses: of the dossier's enumerations; a void case is no case and is meant only when asked for by its status.
    classes: 2-digit class codes. matters: 5-digit matter codes. streets: street codes.
    area: a division or grid code; everything below it.
    version: whose grids incidents are seen by: None those in force now, "day" those of each incident's own day, a number that
    version's (also a draft's).
    as_of: the moment from which "overdue" and "not yet due" are seen; by default the end, or the last report in the store.
    """

    start: date | datetime | None = None
    end: date | datetime | None = None
    channels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    area: str | None = None
    statuses: tuple[str, ...] = ()
    version: int | Literal["day"] | None = None
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        """Raise InputError when the end lies before the start."""
        if self.start is not None and self.end is not None and moment(self.end) < moment(self.start):
            raise InputError("The end {end} lies before the start {start}.", start=self.start, end=self.end)

    @property
    def days(self) -> cache.Days:
        """When the incidents meant were reported."""
        return self.start, self.end


@dataclass(frozen=True)
class Where:
    """Filters as SQL: a condition over incidents ``i``, its parameters, and the column or expression of the grid code."""

    condition: str
    parameters: dict[str, object]
    grid: str


def moment(value: date | datetime) -> datetime:
    """Give a date as its midnight."""
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def where(filters: Filters) -> Where:
    """Turn filters into SQL. ``version`` numbers other than the one in force are the caller's to resolve (see questions)."""
    grid = "day_grid_code" if filters.version == "day" else "grid_code"
    parts: list[str] = []
    values: dict[str, object] = {}
    if filters.start is not None:
        parts.append("reported_at >= $start")
        values["start"] = moment(filters.start)
    if filters.end is not None:
        parts.append("reported_at < $end")
        values["end"] = moment(filters.end)
    _among(
        parts,
        values,
        {"channel": filters.channels, "left(matter_code, 2)": filters.classes, "matter_code": filters.matters}
        | {"status": filters.statuses},
    )
    if "void" not in filters.statuses:
        parts.append("status IS DISTINCT FROM 'void'")
    _placed(filters, parts, values, grid)
    return Where(" AND ".join(parts) or "true", values, grid)


def tallied(filters: Filters) -> Where | None:
    """Turn the place in filters into SQL over the tallies of incidents; None where they tell more than time and place."""
    if filters.channels or filters.classes or filters.matters or filters.statuses or len(filters.area or "") > codes.COMMUNITY:
        return None
    parts: list[str] = []
    values: dict[str, object] = {}
    _placed(filters, parts, values, "NULL::VARCHAR")
    return Where(" AND ".join(parts) or "true", values, "")


def only_placed(filters: Filters) -> bool:
    """Say whether filters tell time and place alone."""
    return filters == Filters(start=filters.start, end=filters.end, area=filters.area, as_of=filters.as_of)


def _among(parts: list[str], values: dict[str, object], lists: dict[str, tuple[str, ...]]) -> None:
    for column, wanted in lists.items():
        if len(wanted) == 1:  # DuckDB asks each text of a dictionary once for "=", each row for "IN"
            parts.append(f"{column} = $in_{len(values)}")
            values[f"in_{len(values)}"] = wanted[0]
        elif wanted:
            names = [f"in_{len(values)}_{position}" for position in range(len(wanted))]
            parts.append(f"{column} IN ({', '.join('$' + name for name in names)})")
            values.update(zip(names, wanted, strict=True))


def _placed(filters: Filters, parts: list[str], values: dict[str, object], grid: str) -> None:
    _among(parts, values, {"street_code": filters.streets})
    if filters.area:
        parts.append(_below(filters.area, grid))
        values["area"] = filters.area


def _below(area: str, grid: str) -> str:
    try:
        level = codes.level(area)
    except InputError:
        level = "district" if len(area) == codes.CITY and area.isdecimal() else "other"
    if level == "district":
        return "starts_with(street_code, $area)"
    if level in _COLUMN:
        return f"{_COLUMN[level].format(grid=grid)} = $area"
    return f"starts_with(coalesce({grid}, community_code, street_code), $area)"


def as_of(db: Store, filters: Filters) -> datetime:
    """Give the moment from which overdue is seen: as asked, or the earlier of the end asked for and the last report.

    Raises StoreError when there are no incidents and no moment is asked for.
    """
    if filters.as_of is not None:
        return filters.as_of
    last = last_report(db)
    if last is None:
        raise StoreError("There are no incidents in the store yet.")
    return min(moment(filters.end), last) if filters.end is not None else last


def last_report(db: Store) -> datetime | None:
    """Give the time of the last report in the store; None when there are no incidents."""

    def ask() -> datetime | None:
        ends = store.span(db.cursor())
        return ends[1] if ends else None

    return cache.once(db, ("last_report",), ask, reads=("incidents",))
