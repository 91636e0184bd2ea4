"""``gridmap user``: accounts from the shell, also while the server runs."""

from __future__ import annotations

import getpass
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import typer

from gridmap import access, terms
from gridmap.cli import files
from gridmap.settings import settings

app = typer.Typer(no_args_is_help=True, help="Accounts: list, add, change, close, and give a new one-time password.")

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the district's data.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day on which the account works.")]

SHELL = access.Actor(f"shell:{getpass.getuser()}", "administrator")
"""Who acts here: whoever may read the data's folder on this machine."""


@app.command("list")
def listed(*, data: Data = None, as_json: Json = False) -> None:
    """List the accounts."""
    found = _book(data).accounts()
    rows = [
        {
            "name": one.name,
            "shown": one.shown,
            "role": one.role,
            "territory": one.territory,
            "works": one.works,
            "locked": one.locked,
            "expires_at": one.expires_at.isoformat() if one.expires_at else None,
        }
        for one in found
    ]
    lines = [
        f"{one.name:20} {terms.say(access.ROLES[one.role]):22} {one.territory:15} "
        + ("" if one.works else terms.say("closed")) + (terms.say("locked") if one.locked else "")
        for one in found
    ]  # fmt: skip
    files.out({"accounts": rows}, lines, as_json=as_json)


@app.command()
def add(
    name: str,
    *,
    role: Annotated[str, typer.Option(help="One of: " + ", ".join(access.ROLES))],
    territory: Annotated[
        str, typer.Option(metavar="CODE", help="Code of the street or community; left out: the district.")
    ] = "",
    shown: Annotated[str, typer.Option(help="The person's name as shown.")] = "",
    until: Until = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add an account and print its one-time password."""
    book = _book(data)
    with book.acting(SHELL, "accounts", name):
        password = book.add(name, role, territory, shown=shown, expires_at=_end(until))
    _told(name, password, as_json=as_json)


@app.command()
def change(
    name: str,
    *,
    role: Annotated[str | None, typer.Option(help="Another role.")] = None,
    territory: Annotated[str | None, typer.Option(metavar="CODE", help="Another territory.")] = None,
    until: Until = None,
    close: Annotated[bool | None, typer.Option("--close/--open", help="Close the account, or open it again.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Give it a new one-time password.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change an account; closing it or resetting its password ends its sessions."""
    asked = {"role": role, "territory": territory, "expires_at": _end(until), "closed": close, "reset": reset or None}
    values = {key: value for key, value in asked.items() if value is not None}
    book = _book(data)
    with book.acting(SHELL, "accounts", f"{name} {' '.join(f'{key}={value}' for key, value in values.items())}"):
        password = book.change(name, **values)
    _told(name, password, as_json=as_json)


def _told(name: str, password: str | None, *, as_json: bool) -> None:
    lines = [terms.say("The account {name} is ready.", name=name)]
    if password:
        lines.append(terms.say("One-time password, to be changed within 72 hours: {password}", password=password))
    files.out({"name": name, "password": password}, lines, as_json=as_json)


def _book(data: Path | None) -> access.Book:
    return access.open_book(data or settings().data)


def _end(day: datetime | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.max).replace(microsecond=0)
