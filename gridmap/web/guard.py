"""Who is looking at this page, and what they may do there."""

from __future__ import annotations

from gridmap import access


def actor() -> access.Actor:
    """Give who looks at the page."""
    return access.DEMO


def may(action: str, code: str | None = None) -> bool:
    """Say whether they may do an action (at the place that ``code`` names): a page hides what they may not."""
    return access.may(actor(), action, code)


def require(action: str, code: str | None = None) -> access.Actor:
    """Give who looks at the page, having made sure that they may do an action. Raises Forbidden."""
    who = actor()
    access.require(who, action, code)
    return who
