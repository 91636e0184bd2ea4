"""Whoever answers for a part of the district finds only that part in the store, whatever is asked."""

import ast

import pandas as pd
import pytest

from gridmap import access, analysis, kpi, settings, store
from gridmap.errors import AccessError
from tests.store import conftest as small

SOUTH_STREET, COMMUNITY = "990199001", "990199001002"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    db = store.open_store(tmp_path_factory.mktemp("territory") / "gridmap.duckdb")
    small.fill_places(db)
    db.publish(db.draft(small.plan(), note="first"))
    rows = [small.incident(n, n % 2, (n // 2) % 2, x=0.25 + 0.5 * (n % 3 == 0), title_zh=f"事{n}") for n in range(40)]
    db.load("incidents", pd.DataFrame(rows), batch="incidents")
    with db.write() as cursor:
        cursor.execute(
            "INSERT INTO incident_events (event_id, incident_id, seq, step, occurred_at) "
            "SELECT 'E' || incident_id, incident_id, 1, 'discover', reported_at FROM incidents"
        )
        cursor.execute(
            "INSERT INTO staff (staff_id, name_masked, community_code) "
            "SELECT 'S' || community_code, '王*', community_code FROM communities"
        )
        cursor.execute(
            "INSERT INTO grid_assignments (assignment_id, grid_code, staff_id, post) "
            "SELECT grid_code, grid_code, 'S' || community_code, 'full_time' FROM grids_now"
        )
    yield db
    db.close()


@pytest.fixture(scope="module")
def confined(whole):
    return lambda code: access.confine(whole, access.Actor("x", "leader", code))


def tables(db):
    rows = db.cursor().execute("SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()").fetchall()
    return {row[0] for row in rows}


def codes_in(db, table):
    """Every division or grid code that stands in a table, in whatever column."""
    frame = db.cursor().execute(f"SELECT * FROM {table}").df()
    found = set()
    for name in frame.columns:
        if name.endswith("_code") and name not in {"matter_code", "class_code", "old_code", "urban_rural_code"}:
            found |= set(frame[name].dropna().astype(str))
    return found


def test_a_table_that_says_nothing_of_territory_is_empty_for_a_part(whole, confined):
    assert set(access.TERRITORY) <= tables(whole)
    assert not set(access.HIDDEN) & set(access.TERRITORY)
    for table in tables(whole) - set(access.TERRITORY):
        assert confined(SOUTH_STREET).cursor().execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table


@pytest.mark.parametrize("code", [SOUTH_STREET, COMMUNITY, COMMUNITY + "001"])
@pytest.mark.parametrize("table", sorted(access.TERRITORY))
def test_no_row_of_another_place_is_found(whole, confined, table, code):
    public = {"divisions", "districts", "streets", "communities"}
    for found in codes_in(confined(code), table):
        assert found.startswith(code) or code.startswith(found), (table, found)
    if table not in public | {"incidents"}:
        return
    everything, part = (db.cursor().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for db in (whole, confined(code)))
    assert 0 < part <= everything


def test_the_part_is_all_of_the_territory_not_less(whole, confined):
    for code, column in ((SOUTH_STREET, "street_code"), (COMMUNITY, "community_code"), (COMMUNITY + "002", "grid_code")):
        wanted = whole.cursor().execute(f"SELECT count(*) FROM incidents WHERE {column} = ?", [code]).fetchone()
        assert confined(code).cursor().execute("SELECT count(*) FROM incidents").fetchone() == wanted
        assert kpi.strip(confined(code), kpi.Filters())["reported"].value == wanted[0]
        assert confined(code).areas("grid")["code"].str.startswith(code).all()


@pytest.mark.parametrize("name", ["grids_now", "merge_map_now", "layers_now"])
def test_views_are_confined_too(whole, confined, name):
    rows = confined(COMMUNITY).cursor().execute(f"SELECT * FROM {name}").df()
    assert len(rows) <= len(whole.cursor().execute(f"SELECT * FROM {name}").df())
    if "grid_code" in rows:
        assert rows["grid_code"].str.startswith(COMMUNITY).all()
        assert len(rows)


def test_every_question_and_indicator_answers_within_the_territory(confined):
    db = confined(COMMUNITY)
    for version in (None, "day", 1):
        asked = kpi.Filters(version=version)
        assert set(kpi.counts(db, asked)["grid_code"].dropna().str[:12]) == {COMMUNITY}
        assert set(kpi.cases(db, asked)["community_code"]) == {COMMUNITY}
    for name in kpi.indicators():
        rows = kpi.run(db, name, by=("community_code",))
        assert set(rows["community_code"].dropna()) <= {COMMUNITY}
        behind = kpi.cases_behind(db, name)
        if "community_code" in behind:
            assert set(behind["community_code"].dropna()) <= {COMMUNITY}
    assert analysis.area(db, COMMUNITY).grids == 2
    assert analysis.area(db, "990199002001").grids == 0


def test_answers_are_kept_apart(whole, confined):
    one, other = confined(SOUTH_STREET), confined(COMMUNITY)
    assert len({db.data_version("incidents") for db in (whole, one, other)}) == 3
    figures = [kpi.strip(db, kpi.Filters())["reported"].value for db in (whole, one, other, whole)]
    assert figures[0] == figures[3] > figures[1] > figures[2]
    assert confined(SOUTH_STREET) is one


def test_a_write_through_a_part_reaches_the_whole_and_shows_in_every_part(whole, confined):
    db = confined(SOUTH_STREET)
    before = db.data_version("settings")
    db.fill_in("accept_limit_minutes", "2")
    assert db.data_version("settings") != before
    with db.write() as cursor:
        assert cursor.execute("SELECT count(*) FROM incidents").fetchone()[0] == 40


def test_the_whole_district_is_confined_to_nothing(whole):
    assert access.confine(whole, access.DEMO) is whole
    assert access.confine(whole, access.Actor("x", "leader", "990199")) is whole


@pytest.mark.parametrize("code", ["9901990", "x'; DROP TABLE incidents; --", "99019900100"])
def test_a_territory_that_is_no_code_sees_nothing(whole, code):
    with pytest.raises(AccessError):
        access.confine(whole, access.Actor("x", "leader", code))


def test_no_query_of_the_program_names_the_database_past_the_territory():
    """The search path confines; a name with its schema before it would go past it."""
    for room in ("kpi", "analysis", "cases", "maps", "reports", "web", "api"):
        for path in (settings.HOME / "gridmap" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words = node.value.lower().split()
                    assert not any(word.startswith(("main.", "gridmap.main.", "confined.")) for word in words), (
                        path,
                        node.value,
                    )
        for path in (settings.HOME / "gridmap" / room).rglob("*.sql"):
            assert "main." not in path.read_text("utf-8").lower(), path
