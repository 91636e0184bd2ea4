"""Who acts: a name, a role, and the part of the district that is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap import codes, terms

ROLES = {
    "leader": terms.key("Leader"),
    "gis_officer": terms.key("GIS officer"),
    "department_officer": terms.key("Department officer"),
    "community_secretary": terms.key("Community secretary"),
    "auditor": terms.key("Auditor"),
    "administrator": terms.key("Administrator"),
}
"""The roles and what they are called."""


@dataclass(frozen=True)
class Actor:
    """One person, as the program knows them.

    territory: the code of the district, street, community or grid they answer for; empty for the whole district.
    """

    name: str
    role: str
    territory: str = ""

    @property
    def whole(self) -> bool:
        """Say whether the whole district is theirs."""
        return len(self.territory) <= codes.DISTRICT

    @property
    def scope(self) -> str:
        """Give the code that confines what they see; empty for the whole district."""
        return "" if self.whole else self.territory

    def holds(self, code: str) -> bool:
        """Say whether a place, by its code, lies in their territory."""
        return code.startswith(self.scope)


DEMO = Actor("demo", "administrator")
"""The demo's account: it needs no password, may do everything, and exists only where the data are fictional."""
