"""A box of a desk as Excel, out and back in: for who has thirty cases to assign and no wish to click thirty times."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import store, terms
from gridmap.cases import sheets
from gridmap.errors import GridmapError
from gridmap.web import case_form, district, guard, tables

if TYPE_CHECKING:
    from gridmap.cases import Hand


def exchange(hand: Hand, box: str) -> None:
    """Draw the way out and in, folded away; a hand that makes no moves by file is offered none."""
    if hand.role not in {"desk", "department", "worker", "supervisor"}:
        return
    with st.expander(terms.say("Work in Excel"), icon=":material/table_view:"):
        st.caption(terms.say("Take the box along, choose a move in the yellow columns, send the file back."))
        guard.download(
            terms.say("This box as Excel"),
            lambda: sheets.workbook(district.db(), hand, box, store.now()),
            file_name=f"{terms.say('Cases')}-{store.now():%Y%m%d-%H%M}.xlsx",
        )
        sent = st.file_uploader(terms.say("Filled-in file"), type=["xlsx"], key=f"sheet-{hand.role}")
        if sent is not None and st.button(terms.say("Make these moves"), type="primary"):
            _make(hand, sent.name, sent.getvalue())


def _make(hand: Hand, name: str, content: bytes) -> None:
    try:
        with tempfile.TemporaryDirectory() as folder, guard.acting(case_form.RIGHTS[hand.role], name):
            path = Path(folder) / "sent.xlsx"
            path.write_bytes(content)
            done = sheets.send_back(district.db(), hand, path)
    except GridmapError as error:
        st.error(error.sentence(), icon=":material/error:")
        return
    st.success(terms.say("{n} moves were made, {aside} rows refused.", n=done.made, aside=len(done.refused)))
    if len(done.refused):
        words = {"row": terms.say("Row"), "case": terms.say("Case"), "reason": terms.say("Reason")}
        tables.show(done.refused.rename(columns=words), key="sheet-refused", height=200)
