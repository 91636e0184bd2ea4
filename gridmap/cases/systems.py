"""Systems that work with cases from outside: their keys, what each may see, and what is to be told to them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gridmap import store
from gridmap.cases.hands import Hand
from gridmap.cases.remembered import remembered
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb
    import pandas as pd

    from gridmap.cases.case import Case, Event
    from gridmap.store import Store

SIGN = "gm"


@dataclass(frozen=True)
class System:
    """A system that has shown its key: its name, its hand, what it may see and how often it may ask."""

    key_id: str
    name: str
    hand: Hand
    sees: str
    a_minute: int


def make_key(
    db: Store,
    system: str,
    *,
    by: str,
    role: str = "system",
    dept: str | None = None,
    territory: str = "",
    sees: str = "own",
    a_minute: int = 300,
) -> str:
    """Make a key for a system and give it; it is shown this once and cannot be read again.

    role: system (a hotline, another platform) or department (then dept names it). sees: own (what it sent or was given), or
    territory (every case there). Raises CaseError for an unknown department or an empty name.
    """
    if not system.strip():
        raise CaseError("A system needs a name.")
    known = db.cursor().execute("SELECT 1 FROM departments WHERE dept_id = ?", [dept]).fetchone()
    if role == "department" and not known:
        raise CaseError("There is no department {dept}.", dept=dept or "—")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with db.write() as cursor:
        cursor.execute(
            "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            [key_id, system.strip(), _digest(secret), role, dept, territory, sees, a_minute, store.now(), by],
        )
    return f"{SIGN}_{key_id}_{secret}"


def revoke(db: Store, key_id: str) -> None:
    """Take a key back; its hooks stop with it."""
    with db.write() as cursor:
        cursor.execute("UPDATE api_keys SET revoked_at = ? WHERE key_id = ? AND revoked_at IS NULL", [store.now(), key_id])
        cursor.execute("UPDATE hooks SET stopped_at = ? WHERE key_id = ? AND stopped_at IS NULL", [store.now(), key_id])


def listed(db: Store) -> pd.DataFrame:
    """List the keys, without their digests: key_id, system, role, dept_id, territory, sees, a_minute, made_at, revoked_at."""
    return (
        db.cursor()
        .execute(
            "SELECT key_id, system, role, dept_id, territory, sees, a_minute, made_at, revoked_at FROM api_keys "
            "ORDER BY made_at"
        )
        .df()
    )


def known(db: Store, key: str | None) -> System | None:
    """Give the system that a key belongs to, or None when it is nobody's or was taken back."""
    sign, _, rest = (key or "").partition("_")
    key_id, _, secret = rest.partition("_")
    if sign != SIGN or not secret:
        return None
    row = (
        db.cursor()
        .execute(
            "SELECT digest, system, role, dept_id, territory, sees, a_minute FROM api_keys "
            "WHERE key_id = ? AND revoked_at IS NULL",
            [key_id],
        )
        .fetchone()
    )
    if row is None or not hmac.compare_digest(row[0], _digest(secret)):
        return None
    _, name, role, dept, territory, sees, a_minute = row
    return System(key_id, name, Hand(name, role, territory or "", dept=dept), sees, a_minute)


def seen_by(system: System) -> tuple[str, dict[str, Any]]:
    """Give which incidents a system may see, as SQL and its parameters.

    Who sent a second report follows the case it was joined to: the answer to it is given there.
    """
    if system.sees == "territory":
        return "starts_with(coalesce(grid_code, community_code, street_code, $within), $within)", {
            "within": system.hand.territory
        }
    if system.hand.role == "department":
        called = (
            "incident_id IN (SELECT incident_id FROM whistles JOIN whistle_responses USING (whistle_id) WHERE dept_id = $dept)"
        )
        return f"(handler_dept_id = $dept OR {called})", {"dept": system.hand.dept}
    main = "incident_id IN (SELECT duplicate_of FROM incidents WHERE source_system = $system AND duplicate_of IS NOT NULL)"
    return f"(source_system = $system OR {main})", {"system": system.name}


def hook(db: Store, system: System, url: str, *, actions: str = "") -> tuple[str, str]:
    """Let a system be told of what happens to the cases it may see; give the hook's id and the secret that signs the news.

    Raises CaseError when the address is none of http or https.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > 500:
        raise CaseError("News are sent to an http or https address, not to {url}.", url=url[:80])
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(24)
    with db.write() as cursor:
        cursor.execute(
            "INSERT INTO hooks VALUES (?, ?, ?, ?, ?, ?, NULL)", [name, system.key_id, url, secret, actions, store.now()]
        )
    return name, secret


def unhook(db: Store, system: System, hook_id: str) -> bool:
    """Stop telling; False when the system has no such hook."""
    with db.write() as cursor:
        done = cursor.execute(
            "UPDATE hooks SET stopped_at = ? WHERE hook_id = ? AND key_id = ? AND stopped_at IS NULL",
            [store.now(), hook_id, system.key_id],
        ).fetchone()
    return bool(done and done[0])


def listening(db: Store, cursor: duckdb.DuckDBPyConnection) -> bool:
    """Say whether any hook wants news at all. cursor: of a write, for who is confined to a part sees no hooks."""
    text = "SELECT 1 FROM hooks WHERE stopped_at IS NULL LIMIT 1"
    return remembered(db, "hooks", ("hooks", "api_keys"), lambda: cursor.execute(text).fetchone() is not None)


def tell(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    """Put the news of an event into the outbox of every hook that wants it and may see the case."""
    hooks = cursor.execute(
        "SELECT hook_id, actions, role, dept_id, territory, sees, system FROM hooks JOIN api_keys USING (key_id) "
        "WHERE stopped_at IS NULL AND revoked_at IS NULL"
    ).fetchall()
    for hook_id, actions, role, dept, territory, sees, system in hooks:
        wanted = not actions or event.action in actions.split()
        if wanted and _concerns(cursor, case, System("", system, Hand(system, role, territory or "", dept=dept), sees, 1)):
            cursor.execute(
                "INSERT INTO outbox (hook_id, incident_id, seq, action, body, next_at) VALUES (?, ?, ?, ?, ?, ?)",
                [hook_id, case.id, event.seq, event.action, json.dumps(_news(case, event), ensure_ascii=False), event.at],
            )


def _concerns(cursor: duckdb.DuckDBPyConnection, case: Case, system: System) -> bool:
    where, values = seen_by(system)
    text = f"SELECT 1 FROM incidents WHERE reported_at = $reported AND incident_id = $id AND {where}"
    return cursor.execute(text, {"reported": case.reported_at, "id": case.id, **values}).fetchone() is not None


def _news(case: Case, event: Event) -> dict[str, Any]:
    return {
        "case": case.id,
        "seq": event.seq,
        "action": event.action,
        "at": stamp(event.at),
        "status": case.status,
        "level": case.level,
    }


def stamp(moment: datetime | None) -> str | None:
    """Write a moment as other systems read it: with China's offset."""
    return None if moment is None or moment != moment else f"{moment.isoformat(timespec='seconds')}+08:00"  # noqa: PLR0124  missing


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
