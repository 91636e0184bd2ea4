"""Fetch service requests from another system's address on the intranet: only hosts that the settings name, within limits.

Nothing is followed: an answer that points elsewhere is refused, whatever it points to.
"""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gridmap.errors import IntakeError
from gridmap.intake import limits
from gridmap.settings import settings
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    Progress = Callable[[str, float], None]

CONNECT_S = 10
FETCHING = key("Fetching from the address")
_CHUNK = 256 * 1024
_PORTS = {"http": 80, "https": 443}


def hosts() -> tuple[str, ...]:
    """Give the hosts that may be asked, as ``host`` or ``host:port``."""
    return tuple(name.strip().lower() for name in settings().open311_hosts.split(",") if name.strip())


def is_address(text: str) -> bool:
    """Say whether a text is an address and not a file's name."""
    return text.lower().startswith(("http://", "https://"))


def fetch(address: str, into: BinaryIO, *, progress: Progress | None = None) -> str:
    """Fetch an address into a file; give a name for what was fetched.

    Raises IntakeError when the host is not one of `hosts`, cannot be reached, answers with anything but 200, points elsewhere,
    or sends more or longer than the limits of intake allow.
    """
    tell = progress or (lambda _stage, _share: None)
    try:
        parts = urlsplit(address.strip())
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise IntakeError("{address} is no address.", address=address) from error
    host = (parts.hostname or "").lower()
    if parts.scheme not in _PORTS or not port or not host or parts.username or parts.password:
        raise IntakeError("{address} is no address.", address=address)
    if not {host, f"{host}:{port}"} & set(hosts()):
        raise IntakeError(
            "{host} is not among the hosts that may be asked; the administrator names them in open311_hosts.",
            host=f"{host}:{port}",
        )
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=CONNECT_S)
    tell(FETCHING, 0.0)
    try:
        path = parts.path or "/"
        connection.request(
            "GET",
            f"{path}?{parts.query}" if parts.query else path,
            headers={"Accept": "application/json, application/xml", "User-Agent": "gridmap"},
        )
        answer = connection.getresponse()
        _expect(answer, host)
        _copy(answer, into, host, tell)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise IntakeError("{host} cannot be asked: {reason}.", host=host, reason=reason) from error
    finally:
        connection.close()
    return f"{host}.{'xml' if 'xml' in (answer.getheader('Content-Type') or '') else 'json'}"


def _expect(answer: http.client.HTTPResponse, host: str) -> None:
    if 300 <= answer.status < 400:
        raise IntakeError("{host} points to another address, which is not followed; give that address itself.", host=host)
    if answer.status != http.client.OK:
        raise IntakeError("{host} answers {status}, not service requests.", host=host, status=answer.status)


def _copy(answer: http.client.HTTPResponse, into: BinaryIO, host: str, tell: Progress) -> None:
    most, seen = limits().file_mb * 1024 * 1024, 0
    promised = int(answer.getheader("Content-Length") or 0)
    until = time.monotonic() + limits().wall_s
    while chunk := answer.read1(_CHUNK):
        seen += len(chunk)
        if seen > most:
            raise IntakeError("{file} is larger than {most} MB.", file=host, most=limits().file_mb)
        if time.monotonic() > until:
            raise IntakeError("{host} took longer than {seconds} s to answer.", host=host, seconds=limits().wall_s)
        into.write(chunk)
        tell(FETCHING, min(1.0, seen / promised) if promised else 0.5)
