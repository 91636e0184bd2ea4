"""``gridmap system``: other systems from the shell: keys for those that call, and Open311 servers that are read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from gridmap import store, terms
from gridmap.api import reading
from gridmap.cases import systems
from gridmap.cli import district, files
from gridmap.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Other systems: give and take back keys, read an Open311 server.")

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the district's data.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("key")
def key(
    name: Annotated[str, typer.Argument(metavar="SYSTEM", help="What the system is called.")],
    *,
    dept: Annotated[str | None, typer.Option(help="The department it works for; left out for a hotline.")] = None,
    territory: Annotated[str, typer.Option(help="Division code it may see every case of; left out: only its own cases.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a key for a system that calls; it is shown this once."""
    with district.opened(data) as db:
        made = systems.make_key(
            db,
            name,
            by="shell",
            role="department" if dept else "system",
            dept=dept,
            territory=territory,
            sees="territory" if territory else "own",
        )
    files.out({"system": name, "key": made}, [terms.say("The key is shown this once:"), made], as_json=as_json)


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The middle part of the key, between its two underscores.")],
    *,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take a key back; its webhooks stop with it."""
    with district.opened(data) as db:
        if key_id not in set(systems.listed(db)["key_id"]):
            raise InputError("There is no key {key}.", key=key_id)
        systems.revoke(db, key_id)
    files.out({"revoked": key_id}, [terms.say("The key {key} was taken back.", key=key_id)], as_json=as_json)


@app.command("read")
def read(
    url: Annotated[str, typer.Argument(metavar="URL", help="An Open311 GeoReport v2 server, up to before /requests.json.")],
    *,
    name: Annotated[str, typer.Option("--system", help="What the server is called here.")],
    days: Annotated[int, typer.Option(min=1, max=90, help="How many days back.")] = 1,
    code: Annotated[list[str] | None, typer.Option(metavar="THEIRS=OURS", help="A code of theirs and our matter.")] = None,
    shown: Annotated[str | None, typer.Option("--key", help="The key that the server asks for.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Read an Open311 server's requests as cases; reading again adds only what is new."""
    pairs = [text.partition("=") for text in code or []]
    if any(not (theirs and ours) for theirs, _, ours in pairs):
        raise InputError("A code is written THEIRS=OURS, such as pothole=06013.")
    end: datetime = store.now()
    with district.opened(data) as db:
        found = reading.read(
            db,
            url,
            system=name,
            start=end - timedelta(days=days),
            end=end,
            codes={theirs: ours for theirs, _, ours in pairs},
            key=shown,
        )
    counts = {"new": found.new, "known": found.known, "refused": len(found.refused), "updates": found.updates}
    lines = [
        terms.say(
            "{new} new cases, {known} known already, {refused} refused; {updates} updates noted.", language=None, **counts
        )
    ]
    lines += [f"{number}: {why}" for number, why in found.refused.items()]
    files.out({**counts, "refused": found.refused}, lines, as_json=as_json)
