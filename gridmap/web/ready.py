"""What is done once, before the first reader: modules read, the district opened, files packed, and what stays set apart.

Whenever Python looks through all objects for garbage, no page can be drawn. Those of the libraries alone take longer to look
through than most pages to draw; frozen, they are not looked at any more. With 500 readers' pages held, a full look took half a
second and came every 15 to 30 s; it comes when this module says, every few minutes. Streamlit's own look after every run of a
page is switched off in .streamlit/config.toml.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging
import sys
import threading
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from gridmap import access, kpi
from gridmap.errors import GridmapError
from gridmap.web import atlas, cards, centres, district, filters, guard, standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

LOG = logging.getLogger("gridmap.web")

LARGE = 2_000
"""Grids of a district whose indicators of borders take longer than a reader should wait."""

ASKED = (30, 7, 90, 365)
"""Lengths of the periods that pages offer, in days, those asked most first."""

SHARE_S = 0.0005
"""Seconds for which one of many readers' pages holds Python before another goes on. At Python's own 5 ms a page that waited for
the database, the disk or the wire for a moment waits behind each of the others again before it may go on."""

YOUNG = (10_000, 20)
"""Objects made before Python looks through the youngest, and how many such looks before it looks through the next older."""

NEVER = 1_000_000
"""Looks through these before Python by itself looks through all."""

TIDY_S = 180
"""Seconds between two looks through all objects. What is let go of in rings until then (a hundred objects a run) is small."""

ARENAS = (-8, 2)
"""glibc's M_ARENA_MAX and how many heaps it may keep: by itself it keeps sixteen on two cores, and as every run of a page has a
thread of its own, what lives long comes to lie everywhere between what was let go of, and the server grows for hours."""

ROOMS = ("merge", "intake", "kpi", "analysis", "cases", "sandbox", "maps", "reports")
"""Rooms that pages read when they are first opened."""


@asynccontextmanager
async def serving(*beside: AbstractAsyncContextManager[object]) -> AsyncIterator[None]:
    """Make ready, then serve. beside: what runs as long as the server does."""
    _memory("mallopt", *ARENAS)
    await run_in_threadpool(prepare)
    for work in (ahead, tidy):
        threading.Thread(target=work, daemon=True).start()
    async with AsyncExitStack() as running:
        for one in beside:
            await running.enter_async_context(one)
        yield


def prepare() -> None:
    """Read the rooms, open the district where there is one, pack what every reader needs, and freeze what is there.

    A district that cannot be opened is said by the pages.
    """
    for room in ROOMS:
        importlib.import_module(f"gridmap.{room}")
    if district.exists():
        try:
            district.seen_by(access.DEMO).areas("district")
        except GridmapError as error:
            LOG.warning("%s", error.sentence("en"))
    standing.pack()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG, NEVER)
    sys.setswitchinterval(SHARE_S)


def tidy() -> None:
    """Look through all objects for garbage now and then, as long as the server runs, and give back what is free."""
    while True:
        time.sleep(TIDY_S)
        gc.collect()
        _memory("malloc_trim", 0)


def _memory(function: str, *values: int) -> None:
    """Tell the C library how to hold memory, where it is one that can be told (glibc)."""
    if told := getattr(ctypes.CDLL(None), function, None):
        told(*values)


def ahead() -> None:
    """Work out, while the first readers come, what in a large district would make one of them wait: the pages' own periods."""
    try:
        db = district.running()
        if db is not None and len(db.areas("grid")) > LARGE:
            known = kpi.data_range(db)
            with guard.for_all():
                atlas.draw_ahead()
                cards.ways()
                centres.measure_ahead()
            if (version := db.version_now()) is not None:
                db.index(version)  # finds the grid of a point, for reports and drawn areas
            kpi.work_ahead(db, [filters.ending(known[1], days) for days in ASKED] if known else [])
    except GridmapError as error:
        LOG.warning("%s", error.sentence("en"))
