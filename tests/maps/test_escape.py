"""Text from data can do nothing but be shown."""

import json
import re

import streamlit_folium
from hypothesis import given
from hypothesis import strategies as st

from gridmap.maps import escape

NASTY = "</script><img src=x onerror=alert(1)>`${alert(1)}` \"' {{'map_div'}} \u2028"


def test_html_keeps_no_mark_that_html_or_a_template_would_run():
    assert not re.search(r"[<>\"'`${}]", escape.html(NASTY))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_script_literal_says_the_same_and_keeps_no_mark_that_would_end_it(value):
    literal = escape.script(value)
    assert json.loads(literal) == value
    assert not re.search("[<>'`$_&\u2028\u2029]|{[{%#]", literal)


def test_a_script_literal_survives_streamlit_foliums_renaming():
    literal = escape.script({"name": "map_0123 feature_group_0 {{'x'}}"})
    kept = streamlit_folium._resolve_element_refs(
        streamlit_folium._replace_folium_vars(literal, {"0123": "div", "0": "evil", "group": "evil"})
    )
    assert kept == literal
