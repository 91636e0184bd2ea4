"""Who is looking at this page, and what they may do there."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from gridmap import access, terms
from gridmap.errors import AccessError
from gridmap.web import recorded, visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    Content = bytes | str | BinaryIO


_carried: ContextVar[tuple[visitor.Visit | None, str] | None] = ContextVar("carried", default=None)


def carry() -> Callable[[], None]:
    """Note who looks at this page and from where; what is given, called in a thread of its own, lets its work be theirs."""
    found = visit(), address()

    def be_theirs() -> None:
        _carried.set(found)

    return be_theirs


@contextmanager
def for_all() -> Iterator[None]:
    """Do the server's own work for all readers to come: nobody looks at a page, and the whole district is seen."""
    before = _carried.set((visitor.Visit(access.DEMO), ""))
    try:
        yield
    finally:
        _carried.reset(before)


def visit() -> visitor.Visit | None:
    """Give who looks at the page and through which session; None when it has ended or there never was one."""
    if carried := _carried.get():
        return carried[0]
    return visitor.of(st.context.cookies, session=st.context.headers.get(visitor.SESSION) or "-")


def actor() -> access.Actor:
    """Give who looks at the page. Raises AccessError when their session has ended."""
    found = visit()
    if found is None:
        raise AccessError("Your session has ended; sign in again.")
    return found.actor


def may(action: str, code: str | None = None) -> bool:
    """Say whether they may do an action (at the place that ``code`` names): a page hides what they may not."""
    return access.may(actor(), action, code)


def require(action: str, code: str | None = None) -> access.Actor:
    """Give who looks at the page, having made sure that they may do an action. Raises Forbidden."""
    who = actor()
    access.require(who, action, code)
    return who


@contextmanager
def acting(action: str, object_: str = "", *, code: str | None = None) -> Iterator[access.Actor]:
    """Do something that leaves a trace: the right is asked for, and the log says that it began and how it ended.

    object_: what it is done to, as code, id or file name. Raises Forbidden, which leaves a trace too.
    """
    who = actor()
    if not access.may(who, action, code):
        visitor.book().record(who, action, object_, "refused", address=address())
        access.require(who, action, code)
    onward: BaseException | None = None
    with visitor.book().acting(who, action, object_, address=address()):
        try:
            yield who
        except (RerunException, StopException) as done:  # how Streamlit leaves a page: the deed is done
            onward = done
    if onward is not None:
        raise onward


def note(action: str, object_: str = "", detail: str = "") -> None:
    """Write into the log that something was done, such as an export or a look at names."""
    visitor.book().record(actor(), action, object_, detail, address=address())


def download(label: str, make: Callable[[], Content] | Content, *, file_name: str, **look: Any) -> None:  # noqa: ANN401  Streamlit's
    """Draw the button of a file to take away, for whoever may export; each time it is taken the log says by whom, before it is.

    The one way out for files: st.download_button is used nowhere else. make: the content, or what makes it, in the reader's
    language, in a thread of its own. look: Streamlit's settings of the button.
    """
    who = actor()
    if not access.may(who, "export"):
        return
    language, origin, page, context = terms.language(), address(), recorded.screen().page, copy_context()
    context.run(carry())

    def made() -> Content:
        terms.use(language)
        with visitor.book().acting(who, "export", f"{file_name} ({page})" if page else file_name, address=origin):
            return make() if callable(make) else make

    look = {"icon": ":material/download:", "on_click": "ignore", **look}
    st.download_button(label, lambda: context.copy().run(made), file_name=file_name, **look)


def unmasked(object_: str, code: str | None) -> bool:
    """Draw the way to a thing's telephone and identity numbers for whoever may see them, and say whether they are asked for.

    Each look leaves a trace.
    """
    if not may("unmask", code):
        return False
    name = f"unmask-{object_}"

    def leave_a_trace() -> None:
        if st.session_state[name]:
            note("unmask", object_)

    return st.toggle(terms.say("Show telephone and identity numbers"), key=name, on_change=leave_a_trace)


def address() -> str:
    """Give the address the reader's browser came from, or nothing on the machine itself."""
    carried = _carried.get()
    return carried[1] if carried else st.context.ip_address or ""
