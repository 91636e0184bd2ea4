"""What the page merges: the plan's files, and of a department that has sent another since, whatever it sent last."""

import geopandas as gpd
import pandas as pd
import pytest

from gridmap.web import merging
from tests.uploads import sent


class Sent:
    """A store in which one department's layer has these sources, oldest first."""

    def __init__(self, *sources):
        self.sources = sources

    def layer_keys(self):
        return ["zongzhi"] if self.sources else []

    def layer_versions(self, _key):
        return pd.DataFrame({"source": self.sources})

    def areas(self, _level):
        return gpd.GeoDataFrame({"code": [], "parent": []}, geometry=[], crs=4490)

    def layer(self, _key):
        return sent.layer(sent.cells()[1:]).set_index("网格编码")


@pytest.mark.parametrize(
    ("sources", "grids"),
    [((), 8), (("zongzhi.geojson",), 8), (("综治.zip",), 7), (("zongzhi.geojson", "zongzhi.geojson"), 7)],
)
def test_the_layer_sent_last_is_merged_even_under_the_name_it_had_before(tmp_path, sources, grids):
    sent.layer().to_file(tmp_path / "zongzhi.geojson")
    sent.layer().iloc[:2].to_file(tmp_path / "nest.geojson")
    plan = {"nest": {"file": "nest.geojson"}, "layers": {"zongzhi": {"file": "zongzhi.geojson", "id": "网格编码"}}, "crs": 4549}
    found = merging._inputs(tmp_path, plan, Sent(*sources), lambda _stage, _share: None)
    assert len(found.layers["zongzhi"]) == grids
