"""The administrator's and the auditor's pages: accounts, sessions, the log of actions."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import access, terms
from gridmap.terms import key
from gridmap.web import district, guard, messages, session, tables, visitor

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 1000
"""Entries shown at once; an export has all that were asked for."""

ACTIONS = {
    "sign in": key("Sign in"),
    "sign out": key("Sign out"),
    "password": key("Change the password"),
    "restore": key("Put a backup back"),
    "revoke": key("End a session"),
}
"""Actions that are no rights; the others are called as their right is."""


def add() -> None:
    """Draw the way to a new account."""
    if st.button(terms.say("New account"), type="primary"):
        _new()


@session.dialog(" ")
def _new() -> None:
    st.subheader(terms.say("New account"))
    name = st.text_input(terms.say("Account"))
    shown = st.text_input(terms.say("Name of the person"))
    role = _role("leader")
    territory = _territory("")
    until = st.date_input(terms.say("Works until"), value=None, min_value=date.today())  # noqa: DTZ011  the reader's calendar
    if st.button(terms.say("Make the account"), type="primary"):
        with messages.catching(), guard.acting("accounts", f"{name} {role} {territory}"):
            password = visitor.book().add(name, role, territory, shown=shown, expires_at=_end(until))
            _hand_over(name, password)


def accounts() -> None:
    """Draw the accounts, and for the chosen one what can be changed."""
    listed = visitor.book().accounts()
    if not listed:
        messages.empty(terms.say("There are no accounts yet."))
        return
    frame = pd.DataFrame(
        {
            terms.say("Account"): [one.name for one in listed],
            terms.say("Name of the person"): [one.shown for one in listed],
            terms.say("Role"): [terms.say(access.ROLES[one.role]) for one in listed],
            terms.say("Territory"): [_called(one.territory) for one in listed],
            terms.say("State"): [_state(one) for one in listed],
            terms.say("Works until"): [one.expires_at.date().isoformat() if one.expires_at else "" for one in listed],
        }
    )
    row = tables.show(frame, key="accounts", height=36 * (min(len(frame), 14) + 1) + 4, pick=True)
    if row is None:
        st.caption(terms.say("Choose an account in the table to change it."))
        return
    _change(listed[row])


def sessions() -> None:
    """Draw who is signed in, and end a session."""
    listed = visitor.book().sessions()
    if not listed:
        messages.empty(terms.say("Nobody is signed in."))
        return
    frame = pd.DataFrame(
        {
            terms.say("Account"): [one.account.name for one in listed],
            terms.say("Signed in since"): [one.opened_at for one in listed],
            terms.say("Last used"): [one.seen_at for one in listed],
            terms.say("From address"): [one.address for one in listed],
            terms.say("Browser"): [one.browser for one in listed],
        }
    )
    row = tables.show(frame, key="sessions", height=36 * (min(len(frame), 14) + 1) + 4, pick=True)
    if st.button(terms.say("End the chosen session"), disabled=row is None) and row is not None:
        with guard.acting("accounts", f"session of {listed[row].account.name}"):
            visitor.book().end(id_=listed[row].id, why="revoked")
        st.rerun()


def asked() -> Mapping[str, Any]:
    """Draw what entries of the log are asked for and give it."""
    words = st.text_input(terms.say("Words"), placeholder=terms.say("Object or detail"), label_visibility="collapsed")
    actor = st.text_input(terms.say("Account"), placeholder=terms.say("Account"), label_visibility="collapsed")
    kinds = ["", *ACTIONS, *access.rights()]
    action = st.selectbox(terms.say("Action"), kinds, format_func=_action, label_visibility="collapsed")
    days = st.selectbox(
        terms.say("Period"), [7, 30, 365, 0], format_func=lambda n: terms.say("Last {n} days", n=n) if n else terms.say("All"),
        label_visibility="collapsed",
    )  # fmt: skip
    start = datetime.combine(date.today() - timedelta(days=days), time()) if days else None  # noqa: DTZ011
    return {"words": words, "actor": actor, "action": action, "start": start}


def whole() -> None:
    """Say whether the log is whole, and the digest to be noted elsewhere."""
    book = visitor.book()
    torn, (last, digest) = book.broken(), book.head()
    if torn is None and last:
        st.caption(terms.say("The log is whole: {n} entries. Digest of the last: {digest}", n=last, digest=digest))
    elif torn is not None:
        st.error(terms.say("The log of actions is not whole from entry {n} on.", n=torn))


def log(asked: Mapping[str, Any]) -> None:
    """Draw the entries asked for, and export them."""
    found = visitor.book().actions(**asked, limit=MOST)
    if found.empty:
        messages.empty(terms.say("Nothing was found."))
        return
    narrow: Any = st.column_config.Column(width="small")
    columns = [terms.say(name) for name in ("No.", "Account", "Role", "Action", "From address")]
    tables.show(_spoken(found), key="log", height=640, pick=False, **dict.fromkeys(columns, narrow))
    guard.download(
        terms.say("Export"),
        lambda: tables.csv(visitor.book().actions(**asked, limit=10_000_000)),
        file_name="log.csv",
        mime="text/csv",
    )


def _spoken(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            terms.say("No."): found["seq"],
            terms.say("When"): found["at"],
            terms.say("Account"): found["actor"],
            terms.say("Role"): [terms.say(access.ROLES[role]) if role in access.ROLES else role for role in found["role"]],
            terms.say("Action"): [_action(action) for action in found["action"]],
            terms.say("Object"): found["object"],
            terms.say("Detail"): [_detail(text) for text in found["detail"]],
            terms.say("From address"): found["address"],
        }
    )


def _change(one: access.Account) -> None:
    with st.container(border=True, key="account"):
        left, middle, right = st.columns(3)
        with left:
            role = _role(one.role)
        with middle:
            territory = _territory(one.territory)
        with right:
            until = st.date_input(terms.say("Works until"), value=one.expires_at.date() if one.expires_at else None)
        with st.container(horizontal=True):
            if st.button(terms.say("Save"), type="primary"):
                _do(one, role=role, territory=territory, expires_at=_end(until))
            if st.button(terms.say("Open the account again") if one.closed else terms.say("Close the account")):
                _do(one, closed=not one.closed)
            if st.button(terms.say("New one-time password")):
                _do(one, reset=True)


def _do(one: access.Account, **values: object) -> None:
    what = " ".join(f"{name}={value}" for name, value in values.items())
    with messages.catching(), guard.acting("accounts", f"{one.name} {what}"):
        password = visitor.book().change(one.name, **values)
        if password is None:
            st.rerun()
        _hand_over(one.name, password)


def _hand_over(name: str, password: str) -> None:
    st.success(terms.say("Hand this one-time password to {name}; it is shown once and works for 72 hours.", name=name))
    st.code(password, language=None)


def _role(now: str) -> str:
    chosen: str = st.selectbox(
        terms.say("Role"),
        list(access.ROLES),
        index=list(access.ROLES).index(now),
        format_func=lambda r: terms.say(access.ROLES[r]),
    )
    return chosen


def _territory(now: str) -> str:
    known = (
        {"": terms.say("the whole district"), **tables.names("street"), **tables.names("community")}
        if district.exists()
        else {"": ""}
    )
    codes = [*known, *([] if now in known else [now])]
    chosen: str = st.selectbox(
        terms.say("Territory"), codes, index=codes.index(now), format_func=lambda code: f"{known.get(code, '')} {code}".strip()
    )
    return chosen


def _called(code: str) -> str:
    place = district.find(code) if code and district.exists() else None
    return (f"{place.name} {code}" if place else code) or terms.say("the whole district")


def _state(one: access.Account) -> str:
    if not one.works:
        return terms.say("closed")
    if one.locked:
        return terms.say("locked")
    return terms.say("has a one-time password") if one.must_change else terms.say("in use")


def _action(action: str) -> str:
    if not action:
        return terms.say("All actions")
    if action in ACTIONS:
        return terms.say(ACTIONS[action])
    return access.rights()[action].name() if action in access.rights() else action


KNOWN = {
    "begun": terms.key("begun"),
    "refused": terms.key("refused"),
    "first administrator": terms.key("first administrator"),
    "oidc": terms.key("through the identity service"),
    "proxy": terms.key("through the portal"),
}
"""Details that the program itself writes, and how they are said."""


def _detail(text: str) -> str:
    """Give how an action went in the reader's language; the log itself keeps the one form that is sealed."""
    told = _WENT.fullmatch(text)
    if text in KNOWN:
        return terms.say(KNOWN[text])
    if told is None:
        return text
    if told["why"] is None:
        return terms.say("done (see {n})", n=told["n"])
    return terms.say("not done (see {n}): {why}", n=told["n"], why=told["why"])


_WENT = re.compile(r"(?:done|not done) \(see (?P<n>\d+)\)(?:: (?P<why>.*))?", re.DOTALL)


def _end(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(23, 59, 59))
