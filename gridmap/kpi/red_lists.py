"""What is not as it must be, each with its place on the map: the rows that miss an indicator with a firm rule behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.kpi import runner
from gridmap.kpi.filters import Filters

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.store import Store

_EVERYTHING = Filters()


@dataclass(frozen=True)
class RedList:
    """One list: its id, its English title (a catalogue key), and the indicator it is taken from.

    failing: True when the list is of those that miss a share, None when every row of the indicator is itself a miss.
    """

    id: str
    title: str
    indicator: str
    failing: bool | None = True


RED_LISTS = {
    one.id: one
    for one in (
        RedList(
            "company_without_org", terms.key("Property companies with 3 or more full members and no Party organisation"), "K24"
        ),
        RedList("company_without_member", terms.key("Property companies with 50 or more employees and no member"), "K25"),
        RedList("two_posts", terms.key("Communities where secretary and director differ"), "K21"),
        RedList("small_centre", terms.key("Centres under the required floor area"), "K22C", None),
        RedList("grid_without_org", terms.key("Grids without a Party organisation"), "K20"),
        RedList("grid_without_worker", terms.key("Grids without a full-time worker"), "K18"),
        RedList("four_fixings", terms.key("Grids that fail the four fixings"), "R32"),
        RedList("reporter_is_handler", terms.key("Cases whose reporter is their handler"), "K09"),
        RedList("late_accept", terms.key("Cases not accepted within 1 minute"), "K01"),
        RedList("late_arrive", terms.key("Cases not reached within 1 hour"), "K02"),
        RedList("late_close", terms.key("Cases not closed within 1 day"), "K03"),
        RedList("open_whistles", terms.key("Open whistles past their limit"), "R45", None),
        RedList("repeats", terms.key("Three or more of a kind on one grid within 30 days"), "K33", None),
    )
}


def red_list(db: Store, id_: str, filters: Filters = _EVERYTHING, *, limit: int = 1000, offset: int = 0) -> pd.DataFrame:
    """Give the rows of a red list: id, street_code, community_code, grid_code and what the indicator says about each.

    A property company stands in the community where it manages most compounds. Raises KeyError for an unknown list.
    """
    one = RED_LISTS[id_]
    return runner.cases_behind(db, one.indicator, filters, failing=one.failing, limit=limit, offset=offset)


def red_counts(db: Store, filters: Filters = _EVERYTHING) -> dict[str, int]:
    """Give how many rows each red list has."""
    counts = {}
    for one in RED_LISTS.values():
        row = runner.run(db, one.indicator, filters).iloc[0]
        counts[one.id] = int(row["n"] - row["part"] if one.failing else row["n"])
    return counts
