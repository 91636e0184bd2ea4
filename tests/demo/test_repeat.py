"""The same seed gives the same district to the byte; another seed another one."""

import hashlib

import pytest

from gridmap import demo
from gridmap.errors import InputError


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_in_every_file(street, tmp_path):
    assert digests(demo.make_source(tmp_path, size="street", seed=1)) == digests(street)


def test_another_seed_gives_another_district(street, tmp_path):
    other = demo.make_source(tmp_path, size="street", seed=2)
    assert digests(other)["communities.parquet"] != digests(street)["communities.parquet"]


@pytest.mark.parametrize("make", [demo.make_source, demo.make])
def test_an_unknown_size_is_refused_in_one_sentence_and_leaves_nothing(make, tmp_path):
    with pytest.raises(InputError, match="street, district or city"):
        make(tmp_path / "new", size="village")
    assert not (tmp_path / "new").exists()
