"""Upload 数据上传: boundary files through five steps, tables with bad rows handed back, and every version of each layer."""

import streamlit as st

from gridmap import terms
from gridmap.terms import key
from gridmap.web import district, messages, upload_layers, upload_maps, upload_steps, upload_tables, uploading

VIEWS = {"boundaries": key("Boundary files"), "tables": key("Tables"), "layers": key("Layer versions")}

district.db()
upload = uploading.opened()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    uploading.title(upload)
    st.space("stretch")
    if upload is not None:
        st.button(terms.say("All uploads"), type="tertiary", icon=":material/list:", on_click=uploading.go, args=(None,))
    view = st.segmented_control(
        terms.say("View"),
        list(VIEWS),
        default="boundaries",
        format_func=lambda name: terms.say(VIEWS[name]),
        required=True,
        key="upload-view",
        label_visibility="collapsed",
        persist_state="session",
    )
with messages.catching():
    if view == "boundaries":
        uploading.steps(upload)
        if upload is None:
            upload_steps.begin()
        elif not uploading.working(upload):
            upload = uploading.shelf().get(upload.id)
            upload_steps.SHOWN[uploading.shown(upload)](upload)
        else:
            upload_maps.meanwhile(upload)
    elif view == "tables":
        upload_tables.draw()
    elif view == "layers":
        upload_layers.versions()
