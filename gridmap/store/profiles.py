"""How each department's files are read, as it was confirmed the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.store import clock

if TYPE_CHECKING:
    from gridmap.store.database import Store


def save_profile(self: Store, subject: str, profile: str, *, name: str = "", by: str | None = None) -> None:
    """Keep a profile (JSON) for a subject: a layer's key or a table's name. One of the same name gives way to it."""
    if profile == self.profiles(subject).get(name):
        return
    with self.write() as cursor:
        cursor.execute(
            "INSERT INTO intake_profiles VALUES (?, ?, ?, ?, ?) ON CONFLICT (subject, name) DO UPDATE SET "
            "profile = excluded.profile, who = excluded.who, saved_at = excluded.saved_at",
            [subject, name, profile, by, clock.now()],
        )


def profiles(self: Store, subject: str) -> dict[str, str]:
    """Give a subject's profiles (JSON) by name, the newest first."""
    rows = self.cursor().execute(
        "SELECT name, profile FROM intake_profiles WHERE subject = ? ORDER BY saved_at DESC, name", [subject]
    )
    return dict(rows.fetchall())
