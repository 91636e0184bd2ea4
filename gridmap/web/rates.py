"""How often one may ask."""

from __future__ import annotations

import time
from collections import OrderedDict

_MOST = 20_000


class Rates:
    """A bucket for each who asks: ``burst`` at once, ``rate`` a second after that."""

    def __init__(self, rate: float, *, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """Take one and give 0, or give the seconds until there is one again. The clock is one that nobody can set."""
        at = time.monotonic()
        left, then = self._buckets.pop(who, (self._burst, at))
        left = min(self._burst, left + (at - then) * self._rate)
        taken = left >= 1
        self._buckets[who] = (left - 1 if taken else left, at)
        while len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._rate
