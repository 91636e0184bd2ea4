"""The same question about the same data is answered once, however many ask at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar, cast

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from gridmap.store import Store

Answer = TypeVar("Answer")

SIZE = 512
"""Answers kept a database; an answer is a small frame or a few figures."""

_guard = threading.Lock()


class _Kept:
    """The answers of one database at one data version."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.answers: OrderedDict[Hashable, object] = OrderedDict()
        self.locks: dict[Hashable, threading.Lock] = {}


def once(db: Store, question: tuple[Hashable, ...], ask: Callable[[], Answer]) -> Answer:
    """Give the answer to a question, asking only if nobody did since the last write.

    A frame is given as a copy-on-write copy.
    """
    with _guard:
        kept = cast("_Kept | None", db.cache.get("kpi"))
        if kept is None or kept.version != db.data_version():
            kept = _Kept(db.data_version())
            db.cache["kpi"] = kept
        lock = kept.locks.setdefault(question, threading.Lock())
    with lock:
        if question not in kept.answers:
            kept.answers[question] = ask()
        with _guard:
            kept.answers.move_to_end(question)
            answer = kept.answers[question]
            while len(kept.answers) > SIZE:
                old, _ = kept.answers.popitem(last=False)
                kept.locks.pop(old, None)
    return cast("Answer", answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer)
