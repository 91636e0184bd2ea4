"""Who may do what, where: accounts, roles, territory, audit.

A right is asked for as (actor, action, code): ``require`` raises Forbidden, ``may`` answers. Which role has which right
stands in ``data/reference/rights.csv`` and nowhere else.
"""

from gridmap.access.actor import DEMO, ROLES, Actor
from gridmap.access.rights import Right, may, require, rights

__all__ = ["DEMO", "ROLES", "Actor", "Right", "may", "require", "rights"]
