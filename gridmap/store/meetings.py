"""What meetings leave behind: decisions on places in dispute, open questions, the way of a version, questions shared."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from gridmap.errors import StoreError
from gridmap.store import clock, conflicts, topics, versions

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from shapely import Geometry

    from gridmap.store.database import Store

STEPS = ("drawn", "agreed", "told", "filed")
"""The way of a version: the street draws, the county office agrees, the departments are told, it is filed (dossier §3.3)."""

VERDICTS = ("accepted", "alternative", "put_off")


def hold_meeting(
    self: Store, title: str, on: date, *, place: str = "", chair: str = "", present: str = "", by: str | None = None
) -> str:
    """Open a meeting and give its id. Raises StoreError without a title."""
    if not title.strip():
        raise StoreError("Give the meeting a title.")
    ident = uuid.uuid4().hex[:12]
    with self.write() as cursor:
        cursor.execute(
            "INSERT INTO meetings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [ident, title.strip(), on, place or None, chair or None, present or None, by, clock.now()],
        )
    return ident


def meetings(self: Store) -> pd.DataFrame:
    """List the meetings, the newest first: meeting_id, title, held_on, place, chair, present, made_by, made_at."""
    columns = "meeting_id, title, held_on, place, chair, present, made_by, made_at"
    return _blank(self.cursor().execute(f"SELECT {columns} FROM meetings ORDER BY held_on DESC, made_at DESC, rowid DESC").df())


def decide(
    self: Store,
    dispute: str,
    verdict: str,
    *,
    subject: str,
    decided_by: str,
    meeting: str | None = None,
    draft: str | None = None,
    street: str | None = None,
    alternative: str = "",
    reason: str = "",
    votes: tuple[int | None, int | None, int | None] = (None, None, None),
    by: str | None = None,
    ground: Geometry | None = None,
) -> int:
    """Record a decision on a place in dispute and give its number; an earlier one on the same place stays on record.

    verdict: accepted, alternative (which must be said) or put_off. votes: for, against, abstained. by: who records it. ground:
    the place, EPSG:4490. It stands among the conflicts of the version that the draft was begun with, else of that in force.
    Raises StoreError for another verdict, without a decider, and for an alternative that is not said.
    """
    if verdict not in VERDICTS:
        raise StoreError("A decision is {known}, not {verdict}.", known=", ".join(VERDICTS), verdict=verdict)
    if not decided_by.strip():
        raise StoreError("Say who decided.")
    if verdict == "alternative" and not alternative.strip():
        raise StoreError("Say what the alternative is.")
    with self.write() as cursor:
        row = cursor.execute("SELECT coalesce(max(decision_id), 0) + 1 FROM decisions").fetchone()
        number = int(row[0]) if row else 1
        decision = {
            "decision_id": number, "meeting_id": meeting, "draft_id": draft, "street_code": street,
            "dispute": dispute, "subject": subject, "verdict": verdict, "alternative": alternative.strip() or None,
            "reason": reason.strip() or None, "votes_for": votes[0], "votes_against": votes[1], "abstained": votes[2],
            "decided_by": decided_by.strip(), "recorded_by": by, "decided_at": clock.now(),
        }  # fmt: skip
        topics.insert(cursor, "decisions", decision)
        begun = cursor.execute(
            "SELECT coalesce((SELECT base_version FROM plan_drafts WHERE draft_id = ?), "
            "(SELECT version FROM grid_periods WHERE valid_to IS NULL))",
            [draft],
        ).fetchone()
        conflicts.settle(cursor, begun[0] if begun else None, decision, ground=ground)
    return number


def decisions(self: Store, *, meeting: str | None = None) -> pd.DataFrame:
    """List the decisions that stand, the newest first: one a place (and meeting), all columns of the table."""
    where = "" if meeting is None else "WHERE meeting_id = $meeting"
    found = self.cursor().execute(
        f"SELECT * FROM decisions {where} QUALIFY row_number() OVER (PARTITION BY dispute ORDER BY decision_id DESC) = 1 "
        "ORDER BY decision_id DESC",
        {} if meeting is None else {"meeting": meeting},
    )
    return _blank(found.df())


def ask_later(
    self: Store,
    question: str,
    *,
    meeting: str | None = None,
    answerer: str = "",
    due: date | None = None,
    by: str | None = None,
) -> int:
    """Record an open question and give its number. Raises StoreError when it is empty."""
    if not question.strip():
        raise StoreError("Write the question first.")
    with self.write() as cursor:
        row = cursor.execute("SELECT coalesce(max(question_id), 0) + 1 FROM open_questions").fetchone()
        number = int(row[0]) if row else 1
        cursor.execute(
            "INSERT INTO open_questions VALUES (?, ?, ?, ?, ?, ?, ?)",
            [number, meeting, question.strip(), answerer.strip() or None, due, by, clock.now()],
        )
    return number


def open_questions(self: Store, *, meeting: str | None = None) -> pd.DataFrame:
    """List the open questions in the order they were raised, of one meeting or all."""
    where = "" if meeting is None else "WHERE meeting_id = $meeting"
    values = {} if meeting is None else {"meeting": meeting}
    return _blank(self.cursor().execute(f"SELECT * FROM open_questions {where} ORDER BY question_id", values).df())


def step_version(self: Store, version: int, step: str, *, who: str, office: str = "", note: str = "") -> None:
    """Take the next step on a version's way; what it means for the version happens with it.

    drawn: a draft is proposed; agreed: it is approved; told: it enters into force; filed: it is on file. Raises StoreError
    when it is not this step's turn or nobody is named.
    """
    if not who.strip():
        raise StoreError("Say who takes this step.")
    done = list(version_steps(self, version)["step"])
    turn = STEPS[len(done)] if len(done) < len(STEPS) else None
    if step != turn:
        raise StoreError("It is not the turn of the step {step} for version {version}.", step=step, version=version)
    by = f"{office} {who}".strip()
    listed = versions.versions(self).set_index("version")["status"]
    status = str(listed.get(version, ""))  # further than the steps say, when a process ended between the two writes
    if step == "drawn" and status == "draft":
        versions.propose(self, version, by=by)
    elif step == "agreed" and status == "proposed":
        versions.approve(self, version, by=by)
    elif step == "told" and status != "published":
        versions.publish(self, version, by=by)
    with self.write() as cursor:
        cursor.execute(
            "INSERT INTO version_steps VALUES (?, ?, ?, ?, ?, ?)",
            [version, step, office.strip() or None, who.strip(), note.strip() or None, clock.now()],
        )


def put_on_file(self: Store, version: int, *, who: str, office: str = "", number: str = "") -> None:
    """Record that a version that is or was in force was filed (备案), where no meeting leads it there (see step_version).

    office: with whom it was filed; number: that of the file. Raises StoreError when it is on file already, never was in force,
    goes the way of a draft, or nobody is named.
    """
    if not who.strip():
        raise StoreError("Say who takes this step.")
    with self.write() as cursor:
        if cursor.execute("SELECT 1 FROM draft_versions WHERE version = ?", [version]).fetchone():
            raise StoreError("Version {version} was made of a draft; it is filed on the page Meeting.", version=version)
        if not cursor.execute("SELECT 1 FROM grid_periods WHERE version = ?", [version]).fetchone():
            raise StoreError("Version {version} has never been in force; only what is in force is filed.", version=version)
        if cursor.execute("SELECT 1 FROM version_steps WHERE version = ? AND step = 'filed'", [version]).fetchone():
            raise StoreError("Version {version} is on file already.", version=version)
        row = {
            "version": version,
            "step": "filed",
            "office": office.strip() or None,
            "who": who.strip(),
            "done_at": clock.now(),
        }
        topics.insert(cursor, "version_steps", row | {"note": number.strip() or None})


def version_steps(self: Store, version: int) -> pd.DataFrame:
    """List the steps a version has taken, in order: version, step, office, who, note, done_at."""
    taken = self.cursor().execute(
        "SELECT * FROM version_steps WHERE version = $version ORDER BY list_position($order, step)",
        {"version": version, "order": list(STEPS)},
    )
    return _blank(taken.df())


def save_question(self: Store, name: str, sql: str, *, by: str | None = None) -> None:
    """Share a question under a name; saving under it again keeps the older ones on record. Raises StoreError without both."""
    if not name.strip() or not sql.strip():
        raise StoreError("A question is saved with a name and its SQL.")
    with self.write() as cursor:
        cursor.execute(
            "INSERT INTO saved_questions SELECT $name, coalesce(max(seq), 0) + 1, $sql, $by, $at "
            "FROM saved_questions WHERE name = $name",
            {"name": name.strip(), "sql": sql, "by": by, "at": clock.now()},
        )


def saved_questions(self: Store) -> pd.DataFrame:
    """List the questions shared by name, by name: name, sql, saved_by, saved_at, seq."""
    return (
        self.cursor()
        .execute(
            "SELECT * FROM saved_questions QUALIFY row_number() OVER (PARTITION BY name ORDER BY seq DESC) = 1 ORDER BY name"
        )
        .df()
    )


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    """Give None for every text that is absent, also beside others that are there, where pandas says NaN."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), None) for name in texts})
