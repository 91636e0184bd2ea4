"""The command line: the same calls as the pages, for the shell.

Exit status: 0 done; 1 done, and what was looked at has faults (``check``); 2 not done, and one sentence on standard error
says why; 130 stopped with Ctrl-C. Nothing half-written is left behind.
"""

from __future__ import annotations

import importlib
import os
import sys

import typer

from gridmap import errors, terms
from gridmap.cli import helping
from gridmap.errors import GridmapError

FAULTY, REFUSED = 1, 2

COMMANDS = {
    "serve": "serve.serve",
    "check": "check.check",
    "demo": "demo.demo",
    "merge": "merge.merge",
    "load": "load.load",
    "publish": "district.publish",
    "versions": "district.versions",
    "rollback": "district.rollback",
    "kpi": "district.indicators",
    "backup": "keeping.backup",
    "restore": "keeping.restore",
    "export": "keeping.export",
    "verify": "keeping.verify",
    "user": "user.app",
    "system": "system.app",
}
"""Each command and where it is written."""


def application(first: str = "") -> typer.Typer:
    """Make the command line. Where its first word is a command only that one is loaded: all together take over a second."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="Merges departmental grids into one set of all-subject grids, and puts a district's work on that one map.",
    )
    app.callback()(lambda: None)  # with a single command typer would do without its name
    for name in [first] if first in COMMANDS else COMMANDS:
        module, what = COMMANDS[name].split(".")
        command = getattr(importlib.import_module(f"gridmap.cli.{module}"), what)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Run the command line in the language of the shell."""
    terms.use(spoken(os.environ))
    try:
        command = typer.main.get_command(application(sys.argv[1] if len(sys.argv) > 1 else ""))
        helping.speak(command)
        command()
    except GridmapError as error:
        refusal = str(error)
    except Exception as error:
        if not errors.is_damaged(error):
            raise
        refusal = terms.say(errors.DAMAGED)
    else:
        return
    sys.stderr.write(f"gridmap: {refusal}\n")
    sys.exit(REFUSED)


def spoken(environment: os._Environ[str] | dict[str, str]) -> str:
    """Give the language of a shell: GRIDMAP_LANGUAGE, else that of the locale, English where it names none."""
    named = next((environment[name] for name in ("GRIDMAP_LANGUAGE", "LC_ALL", "LANG") if environment.get(name)), "en")
    return "en" if named.split(".")[0] in {"C", "POSIX"} else terms.nearest(named)
