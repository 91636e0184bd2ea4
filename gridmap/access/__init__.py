"""Who may do what, where: accounts, roles, territory, audit.

A right is asked for as (actor, action, code): ``require`` raises Forbidden, ``may`` answers. Which role has which right
stands in ``data/reference/rights.csv`` and nowhere else. ``confine`` gives the store as an actor may see it. ``open_book``
gives the book of accounts, sessions and actions. ``masking`` says what of a name or number is shown.
"""

from gridmap.access import masking
from gridmap.access.accounts import Account
from gridmap.access.actor import DEMO, ROLES, Actor
from gridmap.access.book import Book, open_book, restore_book
from gridmap.access.rights import Right, may, require, rights
from gridmap.access.sessions import Session
from gridmap.access.territory import HIDDEN, TERRITORY, confine
from gridmap.access.ways import DATABASE, Way, manifest, way

__all__ = [
    "DATABASE",
    "DEMO",
    "HIDDEN",
    "ROLES",
    "TERRITORY",
    "Account",
    "Actor",
    "Book",
    "Right",
    "Session",
    "Way",
    "confine",
    "manifest",
    "masking",
    "may",
    "open_book",
    "require",
    "restore_book",
    "rights",
    "way",
]
