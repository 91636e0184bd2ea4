"""The command line: the same calls as the pages, for the shell.

Exit status: 0 done; 1 done, and what was looked at has faults (``check``); 2 not done, and one sentence on standard error
says why; 130 stopped with Ctrl-C. Nothing half-written is left behind.
"""

from __future__ import annotations

import os
import sys

import typer

from gridmap import terms
from gridmap.cli import check, demo, district, keeping, load, merge, serve, user
from gridmap.errors import GridmapError

FAULTY, REFUSED = 1, 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Merges departmental grids into one set of all-subject grids, and puts a district's work on that one map.",
)
app.command("serve")(serve.serve)
app.command("check")(check.check)
app.command("demo")(demo.demo)
app.command("merge")(merge.merge)
app.command("load")(load.load)
app.command("publish")(district.publish)
app.command("versions")(district.versions)
app.command("rollback")(district.rollback)
app.command("kpi")(district.indicators)
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("verify")(keeping.verify)
app.add_typer(user.app, name="user")


def main() -> None:
    """Run the command line in the language of the shell."""
    terms.use(spoken(os.environ))
    try:
        app()
    except GridmapError as error:
        sys.stderr.write(f"gridmap: {error}\n")
        sys.exit(REFUSED)


def spoken(environment: os._Environ[str] | dict[str, str]) -> str:
    """Give the language of a shell: GRIDMAP_LANGUAGE, else that of the locale, English where it names none."""
    named = next((environment[name] for name in ("GRIDMAP_LANGUAGE", "LC_ALL", "LANG") if environment.get(name)), "en")
    return "en" if named.split(".")[0] in {"C", "POSIX"} else terms.nearest(named)
