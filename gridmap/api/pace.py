"""How often a system may ask: a bucket a key that fills evenly over the minute."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """Buckets by key. clock: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def wait(self, key: str, a_minute: int) -> float:
        """Take one from the key's bucket; give 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            level, at = self._levels.get(key, (float(a_minute), now))
            level = min(a_minute, level + (now - at) * a_minute / 60)
            if level < 1:
                self._levels[key] = (level, now)
                return (1 - level) * 60 / a_minute
            self._levels[key] = (level - 1, now)
            return 0.0
