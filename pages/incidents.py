"""Incidents 事件: filters, map, charts and list that follow each other; a choice in one narrows the others."""

import streamlit as st

from gridmap import kpi, terms
from gridmap.web import atlas, district, figures, filters, linked, measures, messages, numbers, shaded, strips, tables

MOST = 500


db = district.db()
place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    district.title(place)
    st.space("stretch")
    start, end = filters.period()
one, two, three = st.columns(3)
with one:
    channels = filters.many(terms.say("Channel"), filters.channels(), "channels")
with two:
    classes = filters.many(terms.say("Kind"), filters.classes(), "classes")
with three:
    streets = filters.many(terms.say("Sub-district"), tables.names("street"), "streets")
asked = kpi.Filters(area=place.code, start=start, end=end, channels=channels, classes=classes, streets=streets)
view = linked.View(asked, classes=tuple(classes or filters.classes()), channels=tuple(channels or filters.channels()))
figures.strip(strips.incidents(kpi.strip(db, view.all), kpi.strip(db, filters.before(view.all))))

left, right = st.columns([6, 7])
with right:
    one, two = st.columns([3, 4])
    with one:
        linked.kinds(view)
    with two:
        linked.ways(view)
        linked.days(view)
    listed = kpi.cases(db, view.all, limit=MOST)
    everything = kpi.strip(db, view.all)["reported"].value
    figures.heading(terms.say("Cases"), terms.say("the newest {n} of {all}", n=len(listed), all=numbers.count(everything)))
    if listed.empty:
        messages.empty(terms.say("No case is like that."), terms.say("Take a filter back, or choose a longer period."))
    row = None if listed.empty else tables.show(tables.cases(listed), key="cases", height=330, pick=True)
case = None if row is None else listed.iloc[row]
with left, st.container(key="stage-linked"):
    values, scale = measures.values("cases", atlas.finest(place), view.all)
    shaded.show(
        place,
        values,
        scale,
        dots=[] if case is None else [atlas.case(case)],
        selected=place.code if case is None else case["grid_code"],
        focus=None if case is None else atlas.focus(district.find(case["grid_code"]) or place),
        height=520,
    )
