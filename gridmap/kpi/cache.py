"""The same question about the same data is answered once, however many ask at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar, cast

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import date

    from gridmap.store import Store

Answer = TypeVar("Answer")
Days = tuple["date | None", "date | None"]
"""Start and end (left out) of the reports that an answer hangs on; None where it is open."""

ALWAYS: Days = (None, None)

SIZE = 4096
"""Answers kept a database; an answer is a small frame or a few figures."""

_guard = threading.Lock()


class _Kept:
    """The answers of one database, each with the data version it was given at."""

    def __init__(self) -> None:
        self.answers: OrderedDict[Hashable, tuple[str, object]] = OrderedDict()
        self.locks: dict[Hashable, threading.Lock] = {}
        self.begun: dict[Hashable, str] = {}
        """Questions that were asked about one place, each with the data version it was asked at."""


def once(
    db: Store, question: tuple[Hashable, ...], ask: Callable[[], Answer], *, reads: tuple[str, ...], days: Days = ALWAYS
) -> Answer:
    """Give the answer to a question, asking only if nobody did since the last write to what it reads.

    reads: topics or tables (store.topics). days: of incidents and what happened to them it reads only those reported then, so
    that the answer about last month outlives the reports of today. A frame is given as a copy of its own: pandas notes up to
    500 readers of every column that is shared, and of thousands of answers that grows for hours.
    """
    with _guard:
        kept = _kept(db)
        lock = kept.locks.setdefault(question, threading.Lock())
    with lock:
        version = _version(db, reads, days)
        known = kept.answers.get(question)
        if known is None or known[0] != version:
            known = kept.answers[question] = (version, ask())
        with _guard:
            kept.answers.move_to_end(question)
            while len(kept.answers) > SIZE:
                old, _ = kept.answers.popitem(last=False)
                kept.locks.pop(old, None)
    answer = known[1]
    return cast("Answer", answer.copy() if isinstance(answer, pd.DataFrame) else answer)


def known(db: Store, question: tuple[Hashable, ...], *, reads: tuple[str, ...], days: Days = ALWAYS) -> bool:
    """Say whether the answer to a question is kept, so that asking it waits for nothing."""
    found = _kept(db).answers.get(question)
    return found is not None and found[0] == _version(db, reads, days)


def fixed(db: Store, question: tuple[Hashable, ...], ask: Callable[[], Answer]) -> Answer:
    """Give the answer to a question that no write changes."""
    if question not in db.cache:
        db.cache[question] = ask()
    return cast("Answer", db.cache[question])


def again(db: Store, question: tuple[Hashable, ...], *, reads: tuple[str, ...], days: Days = ALWAYS) -> bool:
    """Say whether this is called with the same question a second time since the last write to what it reads."""
    version = _version(db, reads, days)
    with _guard:
        begun = _kept(db).begun
        if begun.get(question) == version:
            return True
        if len(begun) > SIZE:
            begun.clear()
        begun[question] = version
    return False


def _version(db: Store, reads: tuple[str, ...], days: Days) -> str:
    return db.data_version(*reads, start=days[0], end=days[1])


def _kept(db: Store) -> _Kept:
    return cast("_Kept", db.cache.setdefault("kpi", _Kept()))
