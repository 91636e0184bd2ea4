"""What a merge keeps of each street between its passes, on disk."""

from __future__ import annotations

import pickle
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Kept(MutableMapping[tuple[str, int], Any]):
    """A mapping from (kind, street) whose values lie in files of a private folder, one each."""

    def __init__(self, folder: Path) -> None:
        """Keep things in ``folder``, which is empty and whose owner alone can write into it."""
        self._folder = folder

    def _path(self, name: tuple[str, int]) -> Path:
        return self._folder / f"{name[0]}-{name[1]}"

    def __getitem__(self, name: tuple[str, int]) -> Any:  # noqa: ANN401 -- whatever was kept
        """Read a value."""
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise KeyError(name) from error
        return pickle.loads(data)  # noqa: S301 -- written by this very run, in a folder nobody else can write into

    def __setitem__(self, name: tuple[str, int], value: Any) -> None:  # noqa: ANN401 -- whatever is to be kept
        """Write a value."""
        self._path(name).write_bytes(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))

    def __delitem__(self, name: tuple[str, int]) -> None:
        """Forget a value."""
        self._path(name).unlink()

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Give the names of all that is kept."""
        for path in self._folder.iterdir():
            kind, _, number = path.name.partition("-")
            yield kind, int(number)

    def __len__(self) -> int:
        """Count what is kept."""
        return sum(1 for _ in self._folder.iterdir())
