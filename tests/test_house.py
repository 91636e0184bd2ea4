"""The house keeps its shape: who may import whom, who may touch what, and how long a room's files grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gridmap"

FLOORS = [
    {"terms"},
    {"errors", "finding"},
    {"settings", "crs", "codes"},
    {"merge"},
    {"intake", "store", "shelf"},
    {"kpi", "analysis", "cases", "sandbox", "access", "maps", "reports", "uploads"},
    {"demo"},
    {"api"},
    {"web", "cli"},
    {"pages", "app"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
STREAMLIT = {"web", "pages", "app"}
DUCKDB = {"store", "kpi", "analysis", "cases", "sandbox"}


def modules():
    return list(_modules())


def _modules():
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        relative = path.relative_to(ROOT)
        parts = relative.with_suffix("").parts
        room = parts[1] if parts[0] == "gridmap" and len(parts) > 1 else parts[0]
        yield pytest.param(path, room, id=relative.as_posix())


def imports(path):
    """Every module name imported anywhere in the file, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def rooms_imported(path):
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "gridmap" and len(parts) > 1 and parts[1] != "__version__":
            yield parts[1]


@pytest.mark.parametrize(("path", "room"), modules())
def test_a_room_imports_only_rooms_on_lower_floors(path, room):
    if room in {"__init__", "__main__"}:
        return
    for other in set(rooms_imported(path)) - {room}:
        assert FLOOR[other] < FLOOR[room], f"{room} imports {other}, which is not below it"


@pytest.mark.parametrize(("path", "room"), modules())
def test_only_the_rooms_named_import_streamlit_or_duckdb(path, room):
    tops = {name.split(".")[0] for name in imports(path)}
    if "streamlit" in tops or "streamlit_folium" in tops:
        assert room in STREAMLIT
    if tops & {"duckdb", "duckdb_extensions"}:
        assert room in DUCKDB


@pytest.mark.parametrize("path", [pytest.param(p, id=p.name) for p in (PACKAGE / "merge").glob("*.py")])
def test_merge_is_pure(path):
    tree = ast.parse(path.read_text("utf-8"))
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & {"os", "io", "pathlib", "tempfile", "shutil", "socket", "pyogrio", "subprocess"}
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    read = {n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    assert not called & {"open", "print", "input"}
    assert not read & {"read_file", "read_parquet", "to_file", "to_parquet"}


@pytest.mark.parametrize(("path", "room"), modules())
def test_modules_stay_under_400_lines_and_pages_under_100(path, room):
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= (100 if room == "pages" else 400)


def test_every_room_has_a_floor():
    rooms = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert rooms - {"__init__", "__main__"} <= set(FLOOR)


@pytest.mark.parametrize(("path", "room"), modules())
def test_every_argument_of_a_cached_function_is_part_of_its_key(path, room):
    """Streamlit leaves arguments whose names begin with an underscore out of the key, and gives old answers for them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(one) for one in node.decorator_list):
            hidden = [one.arg for one in node.args.args + node.args.kwonlyargs if one.arg.startswith("_")]
            assert not hidden, f"{path.name}: {node.name}({', '.join(hidden)})"


@pytest.mark.parametrize(("path", "room"), modules())
def test_what_runs_by_itself_speaks_the_readers_language(path, room):
    """A fragment or dialog runs again without its page, in a thread that speaks no language yet."""
    if path.name == "session.py":
        return
    used = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
    assert not used & {"st.fragment", "st.dialog"}
