"""Write the zoo of odd files, arcs, lists of vertices and rows on their way as seeds: ``python tests/fuzz/seeds.py FOLDER``."""

import io
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

from gridmap.intake.sending import Sending
from tests.attacks.zoo import ZOO, Place
from tests.fuzz.fuzz_intake import NAMES
from tests.intake.test_curves import CIRCLE, HALF, line, many
from tests.intake.test_othersheets import HEADING, ROWS, written
from tests.intake.test_vertices import listed

LARGEST = 200_000


def main(target: Path) -> None:
    """Write every animal that is a small plain file, its name's place in NAMES as first byte."""
    target.mkdir(parents=True, exist_ok=True)
    endings = {Path(name).suffix: place for place, name in enumerate(NAMES)}

    def put(name: str, suffix: str, data: bytes) -> None:
        (target / name).write_bytes(bytes([endings.get(suffix, endings[""])]) + data)

    for name, (maker, _) in ZOO.items():
        with tempfile.TemporaryDirectory() as folder:
            canary = Path(folder) / "canary"
            canary.write_text("x", "utf-8")
            (Path(folder) / "upload").mkdir()
            made = Path(maker(Place(Path(folder) / "upload", canary, "http://127.0.0.1:9")))
            if "\0" not in str(made) and made.is_file() and not made.is_symlink() and made.stat().st_size <= LARGEST:
                put(name, made.suffix, made.read_bytes())
    for number, shape in enumerate(
        (CIRCLE, HALF, many(10, CIRCLE), many(10, HALF), many(12, many(10, line(2, (0, 0), (1, 1)))))
    ):
        put(f"arcs-{number}", ".arcs", shape)
    with tempfile.TemporaryDirectory() as folder:
        for number, (closed, numbered) in enumerate(((True, False), (False, True), (False, False))):
            for suffix in (".csv", ".xlsx"):
                made = listed(Path(folder) / f"{number}{suffix}", closed=closed, numbered=numbered)
                put(f"vertices-{number}{suffix}", suffix, made.read_bytes())
        for suffix in (".xls", ".ods"):
            put(f"sheet{suffix}", ".xls", written(Path(folder) / f"sheet{suffix}", [HEADING, *ROWS]).read_bytes())
    sent = io.BytesIO()
    sending = Sending(sent)
    texts = pa.array(["甲", None, "乙"]).dictionary_encode()
    sending.send(pa.table({"name": texts, "row": [0, 1, 2], "shape": pa.array([b"\1", b"", None], pa.large_binary())}))
    sending.end()
    put("rows", ".rows", sent.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
