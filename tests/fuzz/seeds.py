"""Write the zoo of odd and hostile files as seeds for the fuzzer: ``python tests/fuzz/seeds.py FOLDER``."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from attacks.zoo import ZOO, Place
from fuzz.fuzz_intake import NAMES

LARGEST = 200_000


def main(target: Path) -> None:
    """Write every animal that is a small plain file, its name's place in NAMES as first byte."""
    target.mkdir(parents=True, exist_ok=True)
    endings = {Path(name).suffix: place for place, name in enumerate(NAMES)}
    for name, (maker, _) in ZOO.items():
        with tempfile.TemporaryDirectory() as folder:
            canary = Path(folder) / "canary"
            canary.write_text("x", "utf-8")
            (Path(folder) / "upload").mkdir()
            made = Path(maker(Place(Path(folder) / "upload", canary, "http://127.0.0.1:9")))
            if "\0" not in str(made) and made.is_file() and not made.is_symlink() and made.stat().st_size <= LARGEST:
                first = bytes([endings.get(made.suffix, len(NAMES) - 1)])
                (target / name).write_bytes(first + made.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
