"""The declared rights: role × action, and how far each reaches."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

from gridmap import settings, terms
from gridmap.access.actor import ROLES
from gridmap.errors import Forbidden

if TYPE_CHECKING:
    from gridmap.access.actor import Actor

Reach = Literal["own", "whole", ""]


@dataclass(frozen=True)
class Right:
    """One action and which roles may do it.

    reach: per role, ``own`` inside the actor's territory, ``whole`` only for those whose territory is the whole district, empty
    for not at all.
    """

    action: str
    name_zh: str
    name_en: str
    reach: dict[str, Reach]

    def name(self) -> str:
        """Give what the action is called, in the reader's language."""
        return self.name_zh if terms.language() == "zh" else self.name_en


@cache
def rights() -> dict[str, Right]:
    """Give every declared right by its action, from data/reference/rights.csv."""
    with (settings.REFERENCE / "rights.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["action"]: Right(
                row["action"], row["name_zh"], row["name_en"], {role: cast("Reach", row[role]) for role in ROLES}
            )
            for row in csv.DictReader(file)
        }


def may(actor: Actor, action: str, code: str | None = None) -> bool:
    """Say whether an actor may do an action, at a place where ``code`` names one.

    code: a division or grid code; left out, the question is whether they may do it anywhere. Raises KeyError for an action that
    is not declared: a misspelt right must not open a door.
    """
    reach = rights()[action].reach.get(actor.role, "")
    if reach == "whole" and not actor.whole:
        return False
    return bool(reach) and (code is None or actor.holds(code))


def require(actor: Actor, action: str, code: str | None = None) -> None:
    """Raise Forbidden unless the actor may do the action at the place."""
    if may(actor, action, code):
        return
    role = terms.say(ROLES.get(actor.role, actor.role))
    if code is not None and may(actor, action):
        raise Forbidden("{code} does not lie in your territory {territory}.", code=code, territory=actor.territory)
    raise Forbidden("Your account ({role}) has no right to {action}.", role=role, action=rights()[action].name())
