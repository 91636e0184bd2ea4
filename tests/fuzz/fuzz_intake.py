"""Feed the readers made-up files, guided by coverage; whatever is not one sentence is a crash.

    python tests/fuzz/fuzz_intake.py [-max_total_time=600] [CORPUS ...]     (make fuzz)

Every input is read in this process by all of the readers that is Python, and what a table holds is then judged as the server
judges it, outside any sealed process; their coverage guides the next input. One input in SEALED_EVERY goes the whole way
through the sealed process too, where GDAL and GEOS are: a crash inside it is its own affair and must come out as a sentence.
The first byte chooses the file's name, so that what a reader concludes from a name is tried as well. Two names stand for no
file: an input called ``a.arcs`` is one geometry with arcs, ``a.rows`` what a sealed process might send in place of rows.
"""

import atexit
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import atheris
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["gridmap.intake"]):
    from gridmap import intake
    from gridmap.errors import GridmapError
    from gridmap.intake import (
        archive,
        curves,
        dbf,
        drawing,
        encodings,
        excel,
        kinds,
        open311,
        sending,
        shapes,
        tables,
        text,
        values,
        vertices,
    )
    from gridmap.intake.content import Source

NAMES = [
    "a.geojson",
    "a.zip",
    "a.kml",
    "a.gpkg",
    "a.fgb",
    "a.parquet",
    "a.csv",
    "a.dxf",
    "a.shp",
    "a.dbf",
    "a.xlsx",
    "a.xml",
    "a",
    "a.arcs",
    "a.rows",
    "a.gdbtable",
    "a.xls",
]


FOLDER = Path(tempfile.mkdtemp(prefix="gridmap-fuzz-"))
SEALED_EVERY = 100
DRAWN_EVERY = 10
"""Drawings are a hundred times as slow as the rest."""

LIMITS = intake.Limits(archive_mb=8, archive_members=50)
FORMS = [intake.form(name) for name in ("incidents", "staff", "mediations")]
_count = 0


def parts(path: Path) -> Iterator[pa.Table]:
    """Run what is Python in the readers, in this process, and give the tables that come of it."""
    data = path.read_bytes()
    encodings.tell(dbf.texts(data))
    encodings.unscrambled(data[:200].decode("latin-1"))
    kind = kinds.sniff(path, path.name)
    source = Source(path, kind, path.name, None, LIMITS)
    if kind == "zip" and archive.holds(path, "xl/workbook.xml"):
        archive.look_at(path, name=path.name, limits=LIMITS)
        yield from (excel.read_table(source, inner) for inner, _ in excel.layers(source))
    elif kind == "zip":
        for member in archive.unpack(path, path.parent / "work", name=path.name, limits=LIMITS):
            kinds.sniff(member, path.name)
    elif kind in {"open311", "geojson"}:
        yield open311.read_table(source, "")
    elif kind == "dxf" and _count % DRAWN_EVERY == 0:
        for inner, _ in drawing.layers(source):
            drawing.read(source, inner)
    elif kind == "text":
        stream = text.Stream(source, plain=True)
        sent = pa.Table.from_batches(stream.batches(), stream.schema)
        sent.validate(full=True)  # as it is on arrival
        yield sent


def join(found: list[pa.Table]) -> None:
    """Look for the vertices of borders in tables, row by row; whatever a reader raises there becomes a sentence."""
    for table in found:
        with contextlib.suppress(Exception):
            others, wkb, _ = shapes.found(table, "a")
            if vertices.may_list(wkb):
                vertices.joined(text.typed(others), wkb)


def take(path: Path) -> None:
    """Take what calls itself rows, outside any sealed process."""
    ahead = values.Ahead()

    def use(batch: pa.RecordBatch) -> None:
        ahead.take(batch)
        batch.to_pylist()

    with path.open("rb") as file, contextlib.suppress(sending.TooMuchError, sending.NoTextError):
        sending.receive(file.fileno(), use, most=2**24, waits=None)
    ahead.columns()


def judge(name: str, found: list[pa.Table]) -> None:
    """Judge tables by forms as the server does: nothing but one sentence may come of them."""
    for texts in found:
        ahead = values.Ahead()
        for batch in texts.to_batches():
            ahead.take(batch)
        whole = texts.unify_dictionaries()
        sent = tables.Table(name, whole, "", (), None, True, (), {}, (), "0", 0, ahead.columns())
        for form in FORMS:
            with contextlib.suppress(GridmapError):
                columns = dict(zip((column.name for column in form.columns), texts.column_names, strict=False))
                intake.read_rows(sent, form, columns=columns)


def read(path: Path) -> None:
    """Read a file, here and now and then sealed, and judge what it holds."""
    if _count % SEALED_EVERY == 0:
        with contextlib.suppress(GridmapError):
            intake.open_file(path)
        with contextlib.suppress(GridmapError):
            intake.open_table(path)
    found = []
    with contextlib.suppress(Exception):  # in the sealed process this becomes the sentence that the file is damaged
        found = list(parts(path))
    join(found)
    judge(path.name, found)


def one(data: bytes) -> None:
    """Read one made-up file. Any error that is not a sentence ends the run and is kept by the fuzzer."""
    global _count  # noqa: PLW0603 - the fuzzer calls a plain function
    if len(data) < 2:
        return
    _count += 1
    path = FOLDER / NAMES[data[0] % len(NAMES)]
    path.write_bytes(data[1:])
    try:
        if path.suffix == ".arcs":
            curves.straight(data[1:])
        elif path.suffix == ".rows":
            take(path)
        else:
            read(path)
    finally:
        path.unlink(missing_ok=True)
        shutil.rmtree(FOLDER / "work", ignore_errors=True)


if __name__ == "__main__":
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
