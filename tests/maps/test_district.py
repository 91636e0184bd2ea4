"""The map stays as it is between runs; only the message changes, and it is small."""

import numpy as np
import pandas as pd
import pytest
import streamlit_folium

from gridmap import settings
from gridmap.errors import MapError
from gridmap.maps import district, scales

pytestmark = pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the maps' scripts are not installed (npm ci)")

BOUNDS = (119.8, 39.8, 120.0, 40.0)


def layer(n=1500):
    codes = tuple(f"990199{k:09d}" for k in range(n))
    return district.AreaLayer("/gridmap/held/x.json", codes, "grid", BOUNDS)


def sent(base, now):
    """What streamlit-folium would send: the map's script and the message's."""
    base.get_root().render()
    base.render()
    script = streamlit_folium._get_map_string(base)
    return script, streamlit_folium._get_feature_group_string(now, base)


def message(n=1500, seed=0, **kind):
    values = pd.Series(np.random.default_rng(seed).negative_binomial(1, 0.09, n), index=layer(n).codes)
    scale = scales.scale_for(values, meaning="count", title="Incidents", unit="件")
    return district.repaint(layer(n), values, scale, **kind)


def test_a_filter_changes_the_message_and_not_the_map():
    first = sent(district.district_map(BOUNDS, language="zh"), message(seed=1))
    second = sent(district.district_map(BOUNDS, language="zh"), message(seed=2))
    assert first[0] == second[0]
    assert first[1] != second[1]
    assert streamlit_folium.generate_js_hash(first[0]) == streamlit_folium.generate_js_hash(second[0])


@pytest.mark.parametrize(("grids", "bytes_at_most"), [(1500, 8_000), (5000, 12_000)])
def test_map_and_message_together_are_small(grids, bytes_at_most):
    script, now = sent(district.district_map(BOUNDS, language="zh"), message(grids))
    assert len((script + now).encode()) < bytes_at_most


def test_a_map_loads_no_script_but_leaflet_and_our_own():
    drawn = district.district_map(BOUNDS)
    assert len(drawn.default_js) == 2
    assert all(url.startswith("/gridmap/assets/") for _, url in [*drawn.default_js, *drawn.default_css])


def test_text_from_data_cannot_leave_the_message():
    nasty = "</script>`${alert(1)}` ' {{'map_div'}}"
    _, now = sent(district.district_map(BOUNDS, source=nasty), message(selected=nasty))
    assert "</script" not in now
    assert "${" not in now
    assert "`" not in now


def test_figures_need_a_scale():
    with pytest.raises(MapError):
        district.repaint(layer(), pd.Series(dtype=float))


def test_a_code_without_figure_is_shown_as_none():
    now = district.repaint(layer(2), pd.Series({layer(2).codes[1]: 3}), scales.scale_for([3], meaning="count", title="t"))
    assert '"values":".3"' in now.message
