"""What was acknowledged is there after a kill, and nothing half done is seen: the short form of kills.py beside it."""

import pytest

from tests.crash import kills


@pytest.mark.slow
def test_no_acknowledged_write_is_lost_by_kills_at_random_moments(tmp_path):
    known, opened, broken = kills.run(tmp_path, 10, longest=1.0, seed=7)
    assert broken == []
    assert len(opened) == 11
    assert sum(map(len, known.values())) > 10
