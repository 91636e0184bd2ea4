"""Nothing is done and nothing leaves through a page without a declared right: read from the pages' own source.

A page, a file to take away or an action that somebody adds without saying which right opens it fails here.
"""

import ast
import functools

import pytest

import app
from gridmap import access, settings

ROOMS = ("store", "cases", "access")
FILES = [*(settings.HOME / "gridmap/web").rglob("*.py"), *(settings.HOME / "pages").glob("*.py")]
KEEPING = {"shelf().begin", "uploads.keep", "address.fetch", "loading.load", "tables.load"}
"""What else keeps something: files that were sent, and tables read from them."""

SIGNING_IN = {"doors.py", "gate.py", "visitor.py", "guard.py", "district.py"}
"""Files that write sessions, the log or nothing: signing in itself, which no right of the table opens."""

STARTED = {
    ("merging.py", "run"): ("pages/merge.py", "merge"),
    ("publishing.py", "make_version"): ("gridmap/web/meeting/publishing.py", "publish"),
    ("table_uploads.py", "work"): ("gridmap/web/table_uploads.py", "load"),
}
"""What runs in the background without anybody's page: the file that starts it, and the right that is asked for there."""


def calls(node):
    """Every call inside a piece of source, by the name of what is called as it is written."""
    return [(ast.unparse(one.func), one) for one in ast.walk(node) if isinstance(one, ast.Call)]


def functions(path):
    """Every function of a file that is not inside another."""
    tree = ast.parse(path.read_text("utf-8"))
    return [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one in tree.body]


@functools.cache
def writers():
    """Every public function of the rooms below the pages that writes, itself or through another of its room."""
    found = set()
    for room in ROOMS:
        called = {}
        for path in (settings.HOME / "gridmap" / room).rglob("*.py"):
            for one in functions(path):
                called.setdefault(one.name, set()).update(name for name, _ in calls(one))
        names = {name for name, those in called.items() if any(one.endswith(".write") and "(" not in one for one in those)}
        while more := {n for n, those in called.items() if {one.rpartition(".")[2] for one in those} & names} - names:
            names |= more
        found |= names
    return found - {"migrate", "seed", "open_store", "look", "sessions"}


HARMLESS = {"tables.propose", "loading.propose", "job.end", "editing.give"}
"""Called like what writes, but a guess of columns, the end of a piece of work, and a step of a draft that is kept elsewhere."""


def of_the_pages(path):
    """Names of modules of the pages themselves that a file imports: what they write is looked for in them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gridmap.web"):
            yield from (alias.asname or alias.name for alias in node.names)


def doings():
    for path in FILES:
        own = {"st", "merge", *of_the_pages(path)}
        if path.name not in SIGNING_IN:
            for one in functions(path):
                made = {
                    name
                    for name, _ in calls(one)
                    if name not in HARMLESS
                    if name in KEEPING
                    or ("." in name and name.rpartition(".")[2] in writers() and name.split(".")[0] not in own)
                }
                if made:
                    yield pytest.param(path, one, id=f"{path.stem}.{one.name}: {', '.join(sorted(made))}"[:90])


def rights_asked(node):
    """The rights that guard is asked for inside a piece of source; None for one worked out while it runs."""
    for name, one in calls(node):
        if name in {"guard.acting", "guard.require", "guard.may", "guard.note"}:
            yield one.args[0].value if isinstance(one.args[0], ast.Constant) else None


def test_what_writes_is_found():
    assert {"load", "publish", "rollback", "save_layer", "fill_in", "decide", "take_step"} <= writers()
    assert {"act", "report", "make_key", "add", "change", "record", "end_all"} <= writers()
    assert len(list(doings())) >= 20


@pytest.mark.parametrize(("path", "function"), list(doings()))
def test_what_writes_asks_for_a_right_first(path, function):
    asked = [name for name, _ in calls(function) if name in {"guard.acting", "guard.require"}]
    if not asked:
        start, right = STARTED[path.name, function.name]
        started = ast.parse((settings.HOME / start).read_text("utf-8"))
        assert right in set(rights_asked(started)), f"{start} starts {function.name} without asking for {right}"


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FILES])
def test_every_right_that_is_asked_for_is_declared(path):
    asked = {right for right in rights_asked(ast.parse(path.read_text("utf-8"))) if right is not None}
    assert asked <= set(access.rights())


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FILES])
def test_files_leave_through_the_one_door_that_asks_and_writes_down(path):
    if path.name != "guard.py":
        assert not [name for name, _ in calls(ast.parse(path.read_text("utf-8"))) if name.endswith("download_button")]


def test_every_declared_right_opens_something():
    asked = {right for path in FILES for right in rights_asked(ast.parse(path.read_text("utf-8")))}
    asked |= {page[2] for section in app.PAGES.values() for page in section}
    assert set(access.rights()) - asked == {"unmask", "backup"}  # guard.unmasked asks for it itself; the shell's
