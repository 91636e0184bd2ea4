"""Feed the readers made-up files, guided by coverage; whatever is not one sentence is a crash.

    python tests/fuzz/fuzz_intake.py [-max_total_time=600] [CORPUS ...]     (make fuzz)

Each input is read twice: by the Python parts of the readers in this process, whose coverage guides the next input, and as
a whole through the sealed process. A crash inside that process is its own affair: it must come out as a sentence too.
The first byte chooses the file's name, so that what a reader concludes from a name is tried as well.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["gridmap.intake"]):
    from gridmap import intake
    from gridmap.errors import GridmapError
    from gridmap.intake import archive, dbf, encodings, kinds, open311, text
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
]


def parts(path: Path) -> None:
    """Run what is Python in the readers, in this process."""
    data = path.read_bytes()
    encodings.tell(dbf.texts(data))
    encodings.unscrambled(data[:200].decode("latin-1"))
    kind = kinds.sniff(path, path.name)
    if kind == "zip":
        archive.unpack(path, path.parent / "work", name=path.name, limits=intake.Limits(archive_mb=8))
    elif kind in {"open311", "geojson"}:
        open311.read_table(Source(path, kind, path.name, None, intake.limits()), "")
    elif kind == "text":
        for _ in text.Stream(Source(path, kind, path.name, None, intake.limits())).batches():
            pass


def one(data: bytes) -> None:
    """Read one made-up file. Any error that is not a sentence ends the run and is kept by the fuzzer."""
    if len(data) < 2:
        return
    with tempfile.TemporaryDirectory(prefix="gridmap-fuzz-") as folder:
        path = Path(folder) / NAMES[data[0] % len(NAMES)]
        path.write_bytes(data[1:])
        with contextlib.suppress(GridmapError):
            intake.open_file(path)
        with contextlib.suppress(GridmapError):
            intake.open_table(path)
        with contextlib.suppress(GridmapError):
            parts(path)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
