"""A store with several districts opens as the city they make; one with a single district as that."""

import geopandas as gpd
import pytest
import shapely

from gridmap import access, store
from gridmap.web import district, guard, tables


@pytest.fixture
def opened(tmp_path, monkeypatch):
    db = store.open_store(tmp_path / "city.duckdb")
    monkeypatch.setattr(district, "db", lambda: db)
    monkeypatch.setattr(district, "areas", lambda level, parent=None, version=None: db.areas(level, parent, version))
    monkeypatch.setattr(guard, "actor", lambda: access.Actor("x", "admin", ""))
    yield db
    db.close()


def fill(db, codes):
    rows = [
        {"district_code": code, "name_zh": f"{code}区", "geometry": shapely.box(120 + n / 10, 40, 120.1 + n / 10, 40.1)}
        for n, code in enumerate(codes)
    ]
    db.load("districts", gpd.GeoDataFrame(rows, geometry="geometry", crs=4490), batch="d")


def test_several_districts_make_a_city_that_drills_down_to_each(opened):
    fill(opened, ["990101", "990102"])
    home = district.home()
    assert (home.code, home.level, home.inner) == ("9901", "city", "district")
    found = district.find("990102")
    assert (found.level, found.name, found.above) == ("district", "990102区", (home,))
    assert district.towards(home, "990102001001001") == "990102"
    assert district.find("9902") is None


def test_one_district_is_its_own_home(opened):
    fill(opened, ["990101"])
    assert (district.home().code, district.home().level) == ("990101", "district")


def test_streets_of_one_name_are_told_apart_by_their_district(opened):
    fill(opened, ["990101", "990102"])
    rows = [
        {"street_code": code, "name_zh": name, "district_code": code[:6], "geometry": shapely.box(120 + n, 40, 121 + n, 41)}
        for n, (code, name) in enumerate([("990101001", "望屿街道"), ("990102001", "望屿街道"), ("990102002", "汐月街道")])
    ]
    opened.load("streets", gpd.GeoDataFrame(rows, geometry="geometry", crs=4490), batch="s")
    assert tables.names("street") == {
        "990101001": "990101区望屿街道",
        "990102001": "990102区望屿街道",
        "990102002": "汐月街道",
    }
