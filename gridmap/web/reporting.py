"""Reports made from what is on the screen: a brief in Word, a workbook, a picture, a map that opens from a USB stick."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import maps, reports, store, terms
from gridmap.web import district, guard, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.web.recorded import Screen

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def menu() -> None:
    """Draw the menu of reports; each file is made only when it is asked for."""
    if not guard.may("export", district.here().code):
        return
    shown, language = recorded.screen(), terms.language()
    name = f"{_title(shown)}-{store.now():%Y%m%d-%H%M}"
    with st.popover(terms.say("Report"), icon=":material/description:"):
        for label, ending, kind, make in (
            (terms.say("Word brief"), "docx", WORD, _word),
            (terms.say("Excel workbook"), "xlsx", EXCEL, _excel),
            *_of_the_map(shown),
        ):
            guard.download(
                label,
                partial(make, shown, language),
                file_name=f"{name}.{ending}",
                mime=kind,
                key=f"report-{ending}",
                icon=None,
                width="stretch",
            )


def _of_the_map(shown: Screen) -> tuple[tuple[str, str, str, Callable[[Screen, str], bytes | str]], ...]:
    if not shown.maps:
        return ()
    return (
        (terms.say("Picture of the map"), "png", "image/png", _picture),
        (terms.say("Map for a USB stick"), "html", "text/html", _standalone),
    )


def brief(shown: Screen, language: str, *, pictures: bool = True) -> reports.Brief:
    """Say in a brief what a page shows. pictures: with its maps."""
    terms.use(language)  # files are made in a thread of their own
    drawn = [maps.picture(base, now) for base, now in shown.maps.values()] if pictures else []
    sections = [reports.Section(terms.say("How it lies"), pictures=drawn)] if drawn else []
    listed = [reports.Table(name, frame) for name, frame in shown.tables.values() if not frame.empty]
    if listed:
        sections.append(reports.Section(terms.say("In detail"), tables=listed))
    return reports.Brief(
        organ=district.home().name,
        title=_title(shown),
        made_at=store.now(),
        scope=shown.scope,
        mark=terms.say("Demo data") if district.is_demo() else "",
        figures=[
            reports.Figure(one.label, f"{one.value} {one.unit}".strip(), one.note, one.meaning)
            for one in shown.figures.values()
        ],
        sections=sections,
        notes=[terms.say("A rate over fewer than 10 cases is hidden; figures the rules leave blank are shown as not set.")],
    )


def _title(shown: Screen) -> str:
    return terms.say("{page} of {place}", page=shown.page, place=shown.place) if shown.place != shown.page else shown.page


def _word(shown: Screen, language: str) -> bytes:
    return reports.word(brief(shown, language))


def _excel(shown: Screen, language: str) -> bytes:
    return reports.excel(brief(shown, language, pictures=False))


def _picture(shown: Screen, language: str) -> bytes:
    terms.use(language)
    base, now = _map(shown)
    return maps.picture(base, now, title=_title(shown))


def _standalone(shown: Screen, language: str) -> str:
    terms.use(language)
    base, now = _map(shown)
    return maps.standalone(base, now, title=_title(shown))


def _map(shown: Screen) -> tuple[maps.DistrictMap, maps.Repaint]:
    return next(iter(shown.maps.values()))
