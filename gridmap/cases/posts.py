"""As what an account works: the posts it may take, each with the hand it lends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridmap import codes, store, terms
from gridmap.cases.hands import Hand
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from gridmap.store import Store

KINDS = {
    "worker": terms.key("Grid worker"),
    "community": terms.key("Community desk"),
    "street": terms.key("Street command"),
    "district": terms.key("District command"),
    "department": terms.key("Department desk"),
    "supervisor": terms.key("Supervision"),
    "leader": terms.key("Leadership"),
}
"""The kinds of post, from the ground up."""

BY_ROLE = {"administrator": tuple(KINDS), "leader": ("leader", "supervisor")}
"""What a role of access works as where nobody gave the account a post; a secretary's post is by territory.

A department's officer and a grid worker have none before they are given one: which department, and who of the staff they are,
cannot be told from an account.
"""

ROLE = {"community": "desk", "street": "desk", "district": "desk"}
"""The role of a kind's hand, where it is called otherwise."""

_WORKERS = """
    SELECT DISTINCT ON (s.staff_id) s.staff_id, s.staff_id, coalesce(s.name_masked, s.staff_id), left(a.grid_code, 12)
    FROM grid_assignments a JOIN staff s USING (staff_id)
    WHERE a.post IN ('full_time', 'part_time') AND a.end_on IS NULL AND starts_with(a.grid_code, $place)
    ORDER BY s.staff_id, a.grid_code LIMIT 400"""


@dataclass(frozen=True)
class Post:
    """A post: an id for addresses, what it is called, the hand it lends."""

    id: str
    name: str
    hand: Hand


def kinds(db: Store, account: str, role: str, territory: str) -> list[str]:
    """Give the kinds of post an account may take."""
    own = _own(db, account)
    if own:
        return list(dict.fromkeys(_kind(post.hand) for post in own))
    if role == "community_secretary":
        return [{codes.STREET: "street", codes.COMMUNITY: "community"}.get(len(territory), "worker")]
    return list(BY_ROLE.get(role, ()))


def title(db: Store, account: str, role: str, territory: str) -> str | None:
    """Give the kind of post that says what an account is better than its role does: the first it was given, or a street's."""
    own = _own(db, account)
    if own:
        return _kind(own[0].hand)
    return "street" if role == "community_secretary" and len(territory) == codes.STREET else None


def posts(db: Store, kind: str, account: str, territory: str = "") -> list[Post]:
    """Give the posts of a kind inside a territory that an account may take, in the order of their codes.

    A worker's posts are those of a community (the first of the territory where none is named).
    """
    own = [post for post in _own(db, account) if _kind(post.hand) == kind]
    if own:
        return own
    cursor = db.cursor()
    top = cursor.execute("SELECT district_code, name_zh FROM districts ORDER BY 1 LIMIT 1").fetchone() or ("", "")
    place = territory or top[0]
    if kind == "worker":
        rows = cursor.execute(_WORKERS, {"place": place}).fetchall()
        return [Post(f"worker-{home}@{i}", name, Hand(name, "worker", home, staff=staff)) for i, staff, name, home in rows]
    if kind in {"community", "street"}:
        table, column = ("communities", "community_code") if kind == "community" else ("streets", "street_code")
        rows = cursor.execute(
            f"SELECT {column}, coalesce(name_zh, {column}) FROM {table} WHERE starts_with({column}, ?) ORDER BY 1", [place]
        ).fetchall()
        return [Post(f"{kind}-{code}", name, Hand(name, "desk", code, kind)) for code, name in rows]
    if kind == "department":
        rows = cursor.execute(
            "SELECT dept_id, name_zh FROM departments WHERE dept_role IN ('enforcement', 'utility', 'grid') ORDER BY rowid"
        ).fetchall()
        return [Post(f"department-{dept}", name, Hand(name, "department", top[0], dept=dept)) for dept, name in rows]
    role = ROLE.get(kind, kind)
    return [Post(kind, top[1] or place, Hand(f"{top[1]}{terms.say(KINDS[kind], language='zh')}", role, place, "district"))]


def every(db: Store, kind: str, territory: str = "") -> list[Post]:
    """Give every post of a kind there is, whoever may take it."""
    return posts(db, kind, "", territory)


def give(db: Store, account: str, post: Post) -> None:
    """Give a post to an account: from now on it works as what it was given, and as nothing else."""
    hand = post.hand
    row = {
        "post_id": f"{account}:{post.id}",
        "account": account,
        "name_zh": post.name,
        "role": hand.role,
        "level": hand.level,
        "territory": hand.territory,
        "dept_id": hand.dept,
        "staff_id": hand.staff,
    }
    if not account.strip():
        raise CaseError("Say which account is given the post.")
    with db.write() as cursor:
        cursor.execute("DELETE FROM work_posts WHERE post_id = ?", [row["post_id"]])
        store.insert(cursor, "work_posts", row)


def take(db: Store, post_id: str) -> None:
    """Take a post back."""
    with db.write() as cursor:
        cursor.execute("DELETE FROM work_posts WHERE post_id = ?", [post_id])


def given(db: Store) -> list[tuple[str, str, str, str]]:
    """List the posts that were given: post_id, account, kind, what it is called."""
    rows = db.cursor().execute("SELECT account, post_id FROM work_posts ORDER BY account, post_id").fetchall()
    called = {post.id: post for account in {row[0] for row in rows} for post in _own(db, account)}
    return [(name, account, _kind(called[name].hand), called[name].name) for account, name in rows]


def signed(post: Post, account: str) -> Hand:
    """Give the hand of a post as an account lends it: its events carry the account's name."""
    return replace(post.hand, name=account)


def _own(db: Store, account: str) -> list[Post]:
    rows = db.cursor().execute(
        "SELECT post_id, coalesce(name_zh, post_id), role, territory, level, dept_id, staff_id FROM work_posts "
        "WHERE account = ? ORDER BY post_id",
        [account],
    )
    return [
        Post(post_id, name, Hand(name, role, territory or "", level, dept, staff))
        for post_id, name, role, territory, level, dept, staff in rows.fetchall()
    ]


def _kind(hand: Hand) -> str:
    return (hand.level or "district") if hand.role == "desk" else hand.role
