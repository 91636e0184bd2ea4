"""The whole way once on the smallest size: files, merge, store, all in place and nothing set aside."""

import json

import geopandas as gpd
import pytest
import shapely

from gridmap import demo, store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "uploads").mkdir()
    heard = []
    found = demo.make(folder, size="street", seed=1, progress=lambda stage, share: heard.append((stage, share)))
    return found, heard


@pytest.fixture(scope="module")
def database(made):
    opened = store.open_store(made[0].folder / "gridmap.duckdb")
    yield opened
    opened.close()


def ask(database, question):
    return database.cursor().execute(question).fetchall()


def test_a_demo_folder_holds_its_parts_keeps_what_was_there_and_leaves_nothing_behind(made):
    found, _ = made
    assert {path.name for path in found.folder.iterdir()} - {"gridmap.duckdb.wal"} >= {
        "source",
        "merge",
        "gridmap.duckdb",
        "uploads",
    }
    assert not [path for path in found.folder.iterdir() if path.name.startswith(".")]


def test_progress_runs_from_nothing_to_all_and_never_back(made):
    shares = [share for _, share in made[1]]
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert shares[-1] == pytest.approx(1.0)


def test_the_merged_grids_tile_every_community(made):
    grids = gpd.read_parquet(made[0].folder / "merge" / "grids.parquet")
    communities = gpd.read_parquet(made[0].folder / "source" / "communities.parquet")
    assert made[0].grids == len(grids)
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert set(grids.nest_id) == set(communities.community_code)
    whole = communities.geometry.union_all()
    assert shapely.symmetric_difference(grids.geometry.union_all(), whole).area < len(communities)


def test_most_grids_meet_the_norm(made):
    weight = gpd.read_parquet(made[0].folder / "merge" / "grids.parquet").weight
    assert weight.between(300, 500).mean() > 0.6
    report = json.loads((made[0].folder / "merge" / "report.json").read_text("utf-8"))
    assert report["grids"] == len(weight)


def test_everything_that_was_written_is_in_the_store_and_nothing_was_set_aside(made, database):
    manifest = json.loads((made[0].folder / "source" / "manifest.json").read_text("utf-8"))
    loaded = dict(ask(database, "SELECT what, rows FROM batches WHERE batch LIKE 'demo-%' AND batch NOT LIKE 'demo-layer-%'"))
    for table in ("streets", "communities", "buildings", "staff", "incidents", "incident_events", "whistles", "mediations"):
        assert loaded[table] == manifest["tables"][table]["rows"], table
    assert ask(database, "SELECT count(*) FROM set_aside") == [(0,)]


def test_each_incident_has_its_grid_but_the_two_outside(database):
    assert ask(database, "SELECT count(*) FROM incidents WHERE grid_code IS NULL") == [(2,)]
    wrong = "SELECT count(*) FROM incidents WHERE grid_code IS NOT NULL AND left(grid_code, 12) <> community_code"
    assert ask(database, wrong) == [(0,)]


def test_grids_have_heads_workers_and_branches_and_some_lack_them_on_purpose(database):
    grids = ask(database, "SELECT count(*) FROM grids_now")[0][0]
    heads = "SELECT count(DISTINCT grid_code) FROM grid_assignments WHERE post = 'grid_head' AND staff_id IS NOT NULL"
    assert ask(database, heads) == [(grids,)]
    with_branch = ask(database, "SELECT count(DISTINCT grid_code) FROM party_orgs WHERE grid_code IS NOT NULL")[0][0]
    assert 0.7 * grids < with_branch < grids


def test_the_grid_head_is_the_secretary_of_the_community(database):
    other = """SELECT count(*) FROM grid_assignments a JOIN communities c ON c.community_code = left(a.grid_code, 12)
        WHERE a.post = 'grid_head' AND a.staff_id <> c.party_secretary_staff_id"""
    assert ask(database, other) == [(0,)]


def test_grid_workers_made_visits_for_all_six_duties_and_walk_by_plans_that_some_grids_may_lack(database):
    assert len(ask(database, "SELECT DISTINCT duty_id FROM duty_logs")) == 6
    walked, planned = (ask(database, f"SELECT count(DISTINCT grid_code) FROM {t}")[0][0] for t in ("patrols", "patrol_plans"))
    assert 0.8 * walked < planned <= walked
    seen = """SELECT sum(l.households) / any_value(g.households) FROM duty_logs l JOIN grids_now g USING (grid_code)
        GROUP BY grid_code HAVING any_value(g.households) > 0"""
    assert all(0 < share[0] < 1.5 for share in ask(database, seen))
    assert ask(database, "SELECT count(*) > 0 FROM whistles WHERE closed_at IS NULL") == [(True,)]
    assert ask(database, "SELECT count(*) > 0 AND count(checked_at) BETWEEN 1 AND count(*) FROM spot_checks") == [(True,)]


def test_nothing_points_to_what_is_not_there(database):
    assert database.verify() == []
