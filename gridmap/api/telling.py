"""News on their way to other systems: signed, tried again at once for a hiccup, and later from the outbox for an outage."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from gridmap.cases import sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gridmap.cases.sent import News
    from gridmap.store import Store

LOG = logging.getLogger("gridmap.api")
EVERY_S = 5


def sender(client: httpx2.Client, *, pause_s: float = 0.5) -> Callable[[News], None]:
    """Make the function that sends one piece of news; it raises OSError when the other side does not take it.

    A hiccup (no connection, a server error) is tried three times at once; a refusal (4xx) is not.
    """

    def send(news: News) -> None:
        headers = {
            "Content-Type": "application/json",
            "X-Gridmap-Signature": f"sha256={news.signature}",
            "X-Gridmap-Delivery": f"{news.incident_id}-{news.seq}",
        }
        hiccups = Retrying(
            stop=stop_after_attempt(3),
            wait=wait_exponential(pause_s),
            retry=retry_if_exception_type(httpx2.TransportError),
            reraise=True,
        )
        try:
            answer = hiccups(client.post, news.url, content=news.body, headers=headers)
        except httpx2.HTTPError as error:
            raise OSError(str(error) or type(error).__name__) from error
        if not answer.is_success:
            raise OSError(f"HTTP {answer.status_code}")

    return send


@asynccontextmanager
async def running(database: Callable[[], Store | None]) -> AsyncIterator[None]:
    """Send what is due every few seconds while the server runs. database: gives the store, or None while there is none."""
    task = asyncio.create_task(_forever(database))
    try:
        yield
    finally:
        task.cancel()


async def _forever(database: Callable[[], Store | None]) -> None:
    with httpx2.Client(timeout=10, follow_redirects=False) as client:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                db = database()
                if db is not None:
                    await asyncio.to_thread(sent.deliver, db, sender(client))
            except Exception:
                LOG.exception("News could not be sent.")
