"""What all tests share."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

from gridmap import sandbox, terms
from gridmap.intake import sealed
from tests import covered

ROOT = Path(__file__).parents[1]
os.environ.setdefault("GRIDMAP_LOGIN", "demo")  # tests of signing in say so themselves

hypothesis.settings.register_profile("house", deadline=None)  # no test asserts time; a busy machine is no fault
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def english():
    """Every test begins in English, whatever language the one before it spoke last."""
    terms.use("en")


@pytest.fixture(autouse=True)
def own_program():
    """A page that was run as Streamlit runs it leaves itself as the main program, which a process that is spawned would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session", autouse=True)
def all_walked():
    """What is walked in sealed processes counts too, where a run is measured."""
    with covered.children([sandbox, sealed]):
        yield


@pytest.fixture(scope="session")
def shared():
    """The folder of real data and judges beside the project, or a skip with the reason."""
    folder = Path(os.environ.get("GRIDMAP_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data beside the project ({folder.name}/data is absent)")
    return folder
