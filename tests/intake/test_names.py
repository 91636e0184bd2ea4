"""Coordinate systems are called what GIS staff call them, in the reader's language."""

import pytest

from gridmap import intake, terms


@pytest.mark.parametrize(
    ("system", "chinese", "english"),
    [
        ("4549", "CGCS2000 3°带，中央经线 120°", "CGCS2000, 3° zones, central meridian 120°E"),
        ("4528", "CGCS2000 3°带第 40 带（横坐标带带号）", "CGCS2000, 3° zone 40, with the zone number in the easting"),
        ("4509", "CGCS2000 6°带，中央经线 117°", "CGCS2000, 6° zones, central meridian 117°E"),
        ("2362", "西安 80 3°带第 38 带（横坐标带带号）", "Xian 1980, 3° zone 38, with the zone number in the easting"),
        ("2436", "北京 54 3°带，中央经线 117°", "Beijing 1954, 3° zones, central meridian 117°E"),
        ("4490", "CGCS2000 经纬度", "CGCS2000, degrees"),
        ("3857", "Web 墨卡托", "Web Mercator"),
        ("gcj02", "GCJ-02", "GCJ-02"),
        ("32650", "WGS 84 / UTM zone 50N", "WGS 84 / UTM zone 50N"),
    ],
)
def test_a_system_is_named_by_datum_zone_and_meridian(system, chinese, english):
    try:
        terms.use("zh")
        assert intake.system_name(system) == chinese
        terms.use("en")
        assert intake.system_name(system) == english
    finally:
        terms.use("zh")
