"""Read service requests as Open311 GeoReport v2 gives them, JSON or XML, inside the sealed process.

Fields: service_request_id, status (open, closed), service_code, service_name, description, agency_responsible, address,
requested_datetime, updated_datetime, expected_datetime, lat, long and others; every value becomes text. A closed request was
closed when it was last updated, which is said in a column of its own: ``closed_datetime``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyarrow as pa

from gridmap.errors import IntakeError
from gridmap.intake import encodings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gridmap.intake.content import Source

ROOT = re.compile(rb"<service_requests[\s>]")
"""What an XML answer begins with."""

_ENTITIES = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_LISTS = ("service_requests", "requests", "data", "results")


def layers(_source: Source) -> Iterator[tuple[str, str]]:
    """Give the one table an answer holds."""
    yield "", ""


def read(source: Source, _inner: str) -> pa.Table:
    """Refuse to read requests as a boundary file."""
    raise IntakeError("{file} holds service requests, not boundaries; load it as a table of incidents.", file=source.name)


def read_table(source: Source, _inner: str) -> pa.Table:
    """Read the requests, a row each. Raises IntakeError for what is neither form."""
    text = _text(source.path, source.encoding)
    rows = _of_xml(text, source) if text.lstrip().startswith("<") else _of_json(text, source)
    if not rows:
        raise IntakeError("{file} holds no service request.", file=source.name)
    if len(rows) > source.limits.rows:
        raise IntakeError("{file} has more than {most} rows.", file=source.name, most=source.limits.rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > source.limits.columns:
        raise IntakeError("{file} has more than {most} columns.", file=source.name, most=source.limits.columns)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


def _text(path: Path, encoding: str | None) -> str:
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    chosen = encodings.known(encoding) or encodings.tell([data[:1_000_000]]).name
    return data.decode(chosen, "replace")


def _of_json(text: str, source: Source) -> list[dict[str, str]]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IntakeError("{file} is damaged or not what its name says; export it again.", file=source.name) from error
    if isinstance(said, dict):
        said = next((said[name] for name in _LISTS if isinstance(said.get(name), list)), [said])
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise IntakeError("{file} is JSON, but no list of service requests.", file=source.name)
    return [_row(one) for one in said]


def _of_xml(text: str, source: Source) -> list[dict[str, str]]:
    if _ENTITIES.search(text):
        raise IntakeError("{file} declares a document type or entities; it was not read.", file=source.name)
    try:
        root = ET.fromstring(text)  # noqa: S314 - see above
    except ET.ParseError as error:
        raise IntakeError("{file} is damaged or not what its name says; export it again.", file=source.name) from error
    return [_row({field.tag: field.text for field in request}) for request in root.iter("request")]


def _row(said: dict[str, Any]) -> dict[str, str]:
    """Give a request's plain fields as text; lists and objects within it are left out."""
    row = {str(name): _plain(value) for name, value in said.items() if value is not None and not isinstance(value, list | dict)}
    if row.get("status", "").strip().lower() == "closed" and "updated_datetime" in row:
        row["closed_datetime"] = row["updated_datetime"]
    return row


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
