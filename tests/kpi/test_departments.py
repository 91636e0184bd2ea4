"""Incidents by a department's old grids."""

import pandas as pd
import pytest

from gridmap import kpi
from gridmap.errors import InputError
from gridmap.kpi import Filters
from tests.store.conftest import incident, plan


@pytest.fixture
def shared(district):
    """Community A is one grid now; before, chengguan had cut it at a quarter of its width, with all homes in the east."""
    merged = plan(cuts=())
    a = "990199001001001"
    area = merged.grids.set_index("grid_code").loc[a, "area_m2"]
    way = merged.crosswalk[merged.crosswalk["grid_code"] != a]
    old = pd.DataFrame(
        {
            "layer": "chengguan",
            "old_id": ["west", "east"],
            "grid_code": a,
            "area_m2": [area / 4, area * 3 / 4],
            "weight": [0.0, 350.0],
        }
    )
    merged.crosswalk = pd.concat([way, old.assign(share_of_old=1.0, share_of_new=[0.25, 0.75])], ignore_index=True)
    district.publish(district.draft(merged))
    district.load(
        "incidents", pd.DataFrame([incident(n, 0, 0) for n in range(8)] + [incident(9, 1, 1), incident(10, 7, 7)]), batch="i"
    )
    return district


def test_incidents_of_a_divided_grid_are_shared_by_area_or_by_households_and_none_is_lost(shared):
    area = kpi.by_department(shared, Filters(), "chengguan").set_index("dgrid_id")["n"]
    homes = kpi.by_department(shared, Filters(), "chengguan", weight="households").set_index("dgrid_id")["n"]
    assert (area["west"], area["east"]) == (2, 6)
    assert (homes["east"], homes["west"]) == (8, 0)
    assert area.sum() == homes.sum() == kpi.counts(shared, Filters())["n"].sum() == 10


def test_incidents_that_the_layer_does_not_reach_stand_in_a_row_of_their_own(shared):
    found = kpi.by_department(shared, Filters(), "zongzhi")
    assert found[found["dgrid_id"].isna()]["n"].tolist() == [9]  # 8 in a grid zongzhi had no part in, 1 in no grid
    assert found["n"].sum() == 10


def test_a_layer_the_grids_were_not_made_from_is_refused(shared):
    with pytest.raises(InputError, match="not made from a layer nobody"):
        kpi.by_department(shared, Filters(), "nobody")
    with pytest.raises(InputError, match="version in force only"):
        kpi.by_department(shared, Filters(version=1), "chengguan")


def test_an_indicator_seen_by_old_grids_keeps_its_whole(shared):
    closed = pd.DataFrame([incident(20 + n, 0, 0, closed_at=pd.Timestamp("2026-01-02"), reopen_count=n % 2) for n in range(12)])
    shared.load("incidents", closed, batch="closed")
    asked = Filters(as_of=pd.Timestamp("2026-03-01").to_pydatetime())
    whole = kpi.run(shared, "K06", asked).iloc[0]
    for weight in ("area", "households"):
        seen = kpi.run_by_department(shared, "K06", asked, layer="chengguan", weight=weight)
        assert (seen["part"].sum(), seen["n"].sum()) == (whole["part"], whole["n"]) == (6, 12)
    area = kpi.run_by_department(shared, "K06", asked, layer="chengguan").set_index("dgrid_id")
    assert area.loc["west", ["part", "n", "hidden"]].tolist() == [1.5, 3, True]  # of a share over three nothing is said
    assert area.loc["east", ["part", "n", "hidden"]].tolist() == [4.5, 9, True]
    homes = kpi.run_by_department(shared, "K06", asked, layer="chengguan", weight="households").set_index("dgrid_id")
    assert homes.loc["east", "value"] == 0.5
    orphans = kpi.run_by_department(shared, "K34", asked, layer="chengguan")
    assert orphans[["part", "value"]].sum().tolist() == [1, 1]
    with pytest.raises(InputError, match="cannot be shared among old grids"):
        kpi.run_by_department(shared, "K10", asked, layer="chengguan")
