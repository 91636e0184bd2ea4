"""Small layers to write in every format: three grids in a row, 100 m each, with Chinese names."""

import geopandas as gpd
import pytest
import shapely

NAMES = ["海风一网格", "海风二网格", "望潮三网格"]


@pytest.fixture
def grids():
    squares = [shapely.box(500000 + i * 100, 4400000, 500100 + i * 100, 4400100) for i in range(3)]
    return gpd.GeoDataFrame({"name": NAMES, "households": [310, 420, 510]}, geometry=squares, crs=4549)
