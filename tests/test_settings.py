"""What the environment says reaches the merge, and what it does not say is as the engine has it."""

import pytest
from pydantic import ValidationError

from gridmap import merge
from gridmap.errors import InputError
from gridmap.settings import Settings


def told():
    return Settings().merge.model_dump(exclude_none=True)


def test_what_merging_weighs_is_set_in_the_environment(monkeypatch):
    monkeypatch.setenv("GRIDMAP_MERGE__BETA", "3")
    monkeypatch.setenv("GRIDMAP_MERGE__DEPARTMENTS", '{"zongzhi": 2}')
    monkeypatch.setenv("GRIDMAP_MERGE__TIME_LIMIT_S", "7")
    options = merge.options(told(), norm=(300, 500))
    assert options.objective == merge.Objective(beta=3, departments={"zongzhi": 2})
    assert options.time_limit_s == 7
    assert options.sliver_m2 == merge.Options().sliver_m2
    assert options.norm == (300, 500)


def test_nothing_said_leaves_the_engines_own_settings():
    assert merge.options(told()) == merge.Options()


@pytest.mark.parametrize("name", ["BETA", "SLIVER_M2", "TIME_LIMIT_S"])
def test_a_setting_below_zero_is_refused(monkeypatch, name):
    monkeypatch.setenv(f"GRIDMAP_MERGE__{name}", "-1")
    with pytest.raises(InputError, match=name.lower()):
        merge.options(told())


def test_a_setting_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setenv("GRIDMAP_MERGE__BETTA", "1")
    with pytest.raises(ValidationError, match="betta"):
        Settings()
