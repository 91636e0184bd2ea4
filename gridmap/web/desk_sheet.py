"""A box of a desk as Excel, out and back in: for who has thirty cases to assign and no wish to click thirty times."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import store, terms
from gridmap.cases import sheets
from gridmap.web import case_form, deeds, district, guard, tables

if TYPE_CHECKING:
    from gridmap.cases import Hand


DONE = "sheet-done"


def exchange(hand: Hand, box: str) -> None:
    """Draw the way out and in, folded away; a hand that makes no moves by file is offered none."""
    if hand.role not in {"desk", "department", "worker", "supervisor"}:
        return
    deeds.hindered("sheet")  # outside what is folded away: it folds when the list above it grows shorter
    if done := st.session_state.pop(DONE, None):
        _say(done)
    with st.expander(terms.say("Work in Excel"), icon=":material/table_view:"):
        st.caption(terms.say("Take the box along, choose a move in the yellow columns, send the file back."))
        guard.download(
            terms.say("This box as Excel"),
            lambda: sheets.workbook(district.db(), hand, box, store.now()),
            file_name=f"{terms.say('Cases')}-{store.now():%Y%m%d-%H%M}.xlsx",
        )
        sent = st.file_uploader(terms.say("Filled-in file"), type=["xlsx"], key=f"sheet-{hand.role}")
        if sent is not None:
            deed = deeds.deed(partial(_make, hand, sent.name, sent.getvalue()), "sheet")
            st.button(terms.say("Make these moves"), type="primary", on_click=deed)


def _make(hand: Hand, name: str, content: bytes) -> None:
    """Make the moves before the desk is drawn, so that its boxes show what they led to."""
    with tempfile.TemporaryDirectory() as folder, guard.acting(case_form.RIGHTS[hand.role], name):
        path = Path(folder) / "sent.xlsx"
        path.write_bytes(content)
        st.session_state[DONE] = sheets.send_back(district.db(), hand, path)


def _say(done: sheets.SentBack) -> None:
    st.success(terms.say("{n} moves were made, {aside} rows refused.", n=done.made, aside=len(done.refused)))
    if len(done.refused):
        words = {"row": terms.say("Row"), "case": terms.say("Case"), "reason": terms.say("Reason")}
        tables.show(done.refused.rename(columns=words), key="sheet-refused", height=200)
