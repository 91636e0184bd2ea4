"""Readers for the load benchmark: what each does next, and how long the page takes to answer."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

if TYPE_CHECKING:
    from gridmap import store

LONGEST = 120
"""Seconds after which a rerun counts as an error."""

PAGES = {"": 35, "cockpit": 15, "incidents": 20, "indicators": 15, "meeting": 15}
"""Pages and how often each is opened."""

HABITS = {
    "": {"drill": 50, "period": 10, "colour": 15, "page": 25},
    "cockpit": {"page": 100},
    "incidents": {"drill": 35, "period": 10, "filter": 30, "page": 25},
    "indicators": {"drill": 40, "period": 20, "page": 40},
    "meeting": {"draw": 65, "page": 35},
}
"""What is done on a page, and how often."""

PERIODS = {7: 25, 30: 50, 90: 20, 365: 5}
COLOURS = ("cases", "density", "closing", "households")


@dataclass
class Told:
    """What the sessions of one phase measured: page and seconds of each rerun, and errors."""

    reruns: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        """Give the seconds of every rerun."""
        return [seconds for _, seconds in self.reruns]

    def p95(self) -> float:
        """Give the 95th percentile."""
        return statistics.quantiles(self.seconds, n=20)[-1] if len(self.reruns) > 1 else float("nan")

    def median(self) -> float:
        """Give the median."""
        return statistics.median(self.seconds) if self.reruns else float("nan")

    def pages(self) -> str:
        """Give median and longest of each page's reruns, for the eye."""
        by_page: dict[str, list[float]] = {}
        for page, seconds in self.reruns:
            by_page.setdefault(page or "one map", []).append(seconds)
        return ", ".join(f"{page} {statistics.median(own):.2f}-{max(own):.2f}" for page, own in sorted(by_page.items()))


@dataclass(frozen=True)
class Town:
    """Where readers go: the parts of each place by its code, and the bounds of the whole as west, south, east, north."""

    top: str
    parts: dict[str, list[str]]
    bounds: tuple[float, float, float, float]

    @classmethod
    def of(cls, db: store.Store) -> Town:
        """Read it from a district's or city's database."""
        parts: dict[str, list[str]] = {}
        tops = list(db.areas("district")["code"])
        for level, length in (("street", 6), ("community", 9), ("grid", 12)):
            for code in db.areas(level)["code"]:
                parts.setdefault(code[:length], []).append(code)
        top = tops[0] if len(tops) == 1 else ""
        if not top:
            parts[""] = tops
        west, south, east, north = db.areas("district").to_crs(4490).total_bounds
        return cls(top, parts, (float(west), float(south), float(east), float(north)))


class Session:
    """One reader's WebSocket."""

    def __init__(self, address: str, town: Town, seed: int) -> None:
        self._url = address.replace("http", "ws") + "/_stcore/stream"
        self._town, self._random = town, random.Random(seed)
        self._asked: dict[str, str] = {"lang": "zh"}
        self._files, self.page = {"": ""}, ""
        self._channels: tuple[str, list[str]] | None = None
        self._map = ""
        self._states: dict[str, WidgetState] = {}
        self._clicks = 0

    async def run(self, told: Told, until: float, *, pause: tuple[float, float]) -> None:
        """Open the first page, then move about until the time is over."""
        try:
            async with connect(self._url, subprotocols=["streamlit"], max_size=None, open_timeout=60) as wire:  # type: ignore[list-item]
                await self.rerun(wire)
                while time.monotonic() < until:
                    await asyncio.sleep(self._random.uniform(*pause))
                    self.act()
                    started = time.monotonic()
                    await self.rerun(wire)
                    told.reruns.append((self.page, time.monotonic() - started))
        except Exception as error:  # noqa: BLE001  counted and told
            told.errors.append(f"{type(error).__name__} {error}"[:120])

    def _one_of(self, shares: dict[Any, int]) -> Any:  # noqa: ANN401  whatever the table lists
        return self._random.choices(list(shares), list(shares.values()))[0]

    def act(self) -> None:
        """Do the next thing."""
        match self._one_of(HABITS[self.page]):
            case "drill":
                inside = self._town.parts.get(self._asked.get("at", self._town.top))
                if inside is None or self._random.random() < 0.15:
                    self._asked.pop("at", None)
                else:
                    self._asked["at"] = self._random.choice(inside)
            case "period":
                self._asked["days"] = str(self._one_of(PERIODS))
            case "colour":
                self._asked["by"] = self._random.choice(COLOURS)
            case "filter" if self._channels is not None:
                ident, options = self._channels
                chosen = self._random.sample(options, self._random.randint(0, min(2, len(options))))
                self._states[ident] = WidgetState(id=ident, string_array_value={"data": chosen})
            case "draw" if self._map:
                self._states[self._map] = WidgetState(id=self._map, json_value=json.dumps(self._drawing()))
            case _:
                self.page = self._one_of({name: share for name, share in PAGES.items() if name != self.page})
                self._states, self._channels, self._map = {}, None, ""

    def _drawing(self) -> dict[str, Any]:
        """Draw a circle somewhere, as the map tells of it."""
        west, south, east, north = self._town.bounds
        at = [self._random.uniform(south, north), self._random.uniform(west, east)]
        self._clicks += 1
        return {"kind": "drawn", "tool": "circle", "points": [at], "radius_m": self._random.uniform(200, 800),
                "n": self._clicks, "session": "load"}  # fmt: skip

    async def rerun(self, wire: ClientConnection) -> None:
        """Send the wish and wait until the page is drawn. Raises RuntimeError where the page shows an error."""
        state = ClientState(
            query_string=urlencode(self._asked),
            page_script_hash=self._files.get(self.page, ""),
            widget_states=WidgetStates(widgets=list(self._states.values())),
        )
        await wire.send(BackMsg(rerun_script=state).SerializeToString())
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(wire.recv(decode=False), LONGEST))
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._files = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "delta":
                self._see(message)
            elif kind == "session_event" and message.session_event.WhichOneof("type") == "script_compilation_exception":
                raise RuntimeError("the page does not compile")
            elif kind == "script_finished":
                return

    def _see(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception" or (kind == "alert" and element.alert.format == Alert.ERROR):
            raise RuntimeError(f"a page showed an error: {element.exception.message or element.alert.body}")
        if kind == "multiselect" and self._channels is None:
            self._channels = element.multiselect.id, list(element.multiselect.options)
        elif kind == "component_instance" and self.page == "meeting":
            self._map = element.component_instance.id
