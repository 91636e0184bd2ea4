"""The second step of a boundary file on the page: what it is read as, proposed with reasons, confirmed by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from gridmap import intake, terms, uploads
from gridmap.web import figures, messages, numbers, tables, upload_maps, uploading, words

if TYPE_CHECKING:
    from gridmap.uploads import Reading, Upload

OTHER = "other"
LIKELY = ("utf-8", "gb18030", "big5")
"""Encodings that are always offered."""

_NONE = "—"
_FOLLOWS = 0.3
"""Share of borders that must follow the district's before what remains between them means anything."""


def read(upload: Upload) -> None:
    """Draw how the file is read: layer, encoding with sample names, coordinates on the map, columns; a person confirms."""
    offered = uploads.Look.read(uploading.shelf().path(upload, uploads.LOOKED))
    raw = uploading.shelf().path(upload, uploads.RAW)
    left, right = st.columns([7, 5], gap="medium")
    with right:
        layer = _layer(upload, offered)
        encoding = _encoding(upload, offered)
        if (layer, encoding) != (upload.reading.layer, upload.reading.encoding):
            uploading.look(upload, upload.reading.model_copy(update={"layer": layer, "encoding": encoding}))
            st.rerun()
        system = _system(upload, offered)
        reading = _columns(upload, offered, upload.reading.model_copy(update={"system": system}))
        if st.button(terms.say("Confirm and look for faults"), type="primary", width="stretch"):
            with messages.catching():
                intake.read_as(uploads.table(uploading.shelf(), upload, uploads.RAW).head(1), system)
                uploading.check(upload, reading)
                st.rerun()
    with left:
        figures.legend(terms.say("Legend"), _reading_legend(system))
        upload_maps.reading(raw, system, _plain(system))
        _sample(upload, reading)


def _layer(upload: Upload, offered: uploads.Look) -> str | None:
    if len(offered.layers) < 2:
        return upload.reading.layer
    kinds = dict(zip(offered.layers, offered.kinds, strict=True))
    chosen: str = st.selectbox(
        terms.say("Layer, one of {n}", n=len(offered.layers)),
        offered.layers,
        index=offered.layers.index(upload.reading.layer) if upload.reading.layer in offered.layers else 0,
        format_func=lambda name: " · ".join(filter(None, (messages.literal(name), _shapes(kinds[name])))),
        key=f"layer-{upload.id}",
    )
    return chosen


def _shapes(kind: str) -> str:
    return next((terms.say(word) for part, word in words.SHAPES.items() if part in kind), "")


def _encoding(upload: Upload, offered: uploads.Look) -> str | None:
    if len(offered.readings) < 2:
        return upload.reading.encoding
    likely = [name for name in offered.readings if name in LIKELY or name == offered.encoding]
    names = sorted(likely, key=lambda name: name != offered.encoding)
    if upload.reading.encoding in offered.readings and upload.reading.encoding not in names:
        names.append(str(upload.reading.encoding))
    note = "" if offered.sure else terms.say("more than one fits; look at the names")
    figures.heading(terms.say("Encoding"), note)
    chosen: str = st.radio(
        terms.say("Encoding"),
        names,
        index=names.index(upload.reading.encoding) if upload.reading.encoding in names else 0,
        format_func=lambda name: words.ENCODINGS.get(name, name),
        captions=[messages.literal(" · ".join(text[:16] for text in offered.readings[name][:4] if text)) for name in names],
        key=f"encoding-{upload.id}-{upload.reading.layer}",
        label_visibility="collapsed",
    )
    return chosen


def _system(upload: Upload, offered: uploads.Look) -> str:
    figures.heading(terms.say("Coordinate system"), terms.say("the file says: {crs}", crs=_said(offered)))
    best = [one.system for one in offered.proposals[:4]]
    current = upload.reading.system
    options = list(dict.fromkeys([*best, *([current] if current else []), *([""] if offered.crs else []), OTHER]))
    fits = {one.system: one for one in offered.proposals}
    if not best:
        st.warning(terms.say("In no known coordinate system does the layer lie on the district."))
    chosen: str = st.radio(
        terms.say("Coordinate system"),
        options,
        index=options.index(current) if current in options else 0,
        format_func=lambda name: terms.say("Another one …") if name == OTHER else messages.literal(intake.system_name(name)),
        captions=[_fit(fits.get(name), number, offered.own) for number, name in enumerate(options)],
        key=f"system-{upload.id}-{upload.reading.layer}",
        label_visibility="collapsed",
    )
    if chosen == OTHER:
        typed: str = st.text_input(
            terms.say("EPSG code or PROJ string of the city's own system"),
            key=f"proj-{upload.id}",
            placeholder="+proj=tmerc +lon_0=119.5 …",
        )
        chosen = typed.strip() or current
        with messages.catching():
            intake.system_name(chosen)
    return chosen


def _fit(one: uploads.Fit | None, number: int, own: str) -> str:
    """Say why a system is proposed: how much of the layer follows the district's borders, how far it is moved, what remains."""
    if one is None:
        return ""
    parts = []
    if one.follows is not None:
        parts.append(terms.say("{share} along the district's borders and roads", share=numbers.rate(one.follows)))
    if one.system.startswith(("gcj02", "bd09")) and one.shift_m is not None:
        parts.append(terms.say("moved back by {metres} m", metres=numbers.count(one.shift_m)))
    if one.left_m is not None and (one.follows or 0) >= _FOLLOWS:
        parts.append(terms.say("{metres} m remain", metres=numbers.decimal(float(np.hypot(*one.left_m)))))
    said = ("，" if terms.language() == "zh" else ", ").join(parts)
    told = one.system != own or one.follows is None or one.follows >= intake.TELLS
    proposed = (
        terms.say("proposed, the best fit") if told else terms.say("proposed, as the file says; too little follows to tell")
    )
    return f"**{proposed}** · {said}" if number == 0 and parts else said


def _reading_legend(system: str) -> dict[str, str]:
    said = intake.system_name(system)
    shown = {upload_maps.colour("layer"): terms.say("read as {system}", system=said) if system else said}
    plain = _plain(system)
    if plain is not None:
        shown[upload_maps.colour("raw")] = terms.say("dashed: as it would lie unshifted")
    return shown


def _said(offered: uploads.Look) -> str:
    """Name the system the file says it is in."""
    return intake.system_name(offered.own) if offered.own else offered.crs or terms.say("nothing")


def _plain(system: str) -> str | None:
    return "4490" + "~" * system.endswith("~") if system.startswith(("gcj02", "bd09")) else None


def _columns(upload: Upload, offered: uploads.Look, reading: Reading) -> Reading:
    note = terms.say("as the department's profile has it") if offered.profile else ""
    figures.heading(terms.say("Columns"), note)
    roles = {
        "id": ("id_column", terms.say("Grid id")),
        "name": ("name_column", terms.say("Name")),
        "households": ("households_column", terms.say("Households")),
    }
    chosen: dict[str, str | None] = {}
    for cell, (role, (attribute, label)) in zip(st.columns(3), roles.items(), strict=True):
        options = [None, *offered.columns]
        current = getattr(reading, attribute)
        with cell:
            chosen[attribute] = st.selectbox(
                label,
                options,
                index=options.index(current) if current in options else 0,
                format_func=lambda name: _NONE if name is None else str(name),
                key=f"{role}-{upload.id}-{reading.layer}-{reading.encoding}",
            )
            why = offered.why[role]
            st.caption(terms.say(why) if why and chosen[attribute] == current else " ")
    return reading.model_copy(update=chosen)


def _sample(upload: Upload, reading: Reading) -> None:
    """Show the first rows as they would come in: nothing says sooner that a column or an encoding is wrong."""
    frame = uploads.table(uploading.shelf(), upload, uploads.RAW)
    wanted = {
        terms.say("Grid id"): reading.id_column,
        terms.say("Name"): reading.name_column,
        terms.say("Households"): reading.households_column,
    }
    rows = {label: frame[column].head(4).to_numpy() for label, column in wanted.items() if column in frame.columns}
    if rows:
        tables.show(pd.DataFrame(rows), key=f"sample-{upload.id}", height=tables.fitted(len(next(iter(rows.values()))), 240))
