"""The interface in front of the small district, with a hotline's key and a department's."""

import pytest
from starlette.testclient import TestClient

from gridmap import api
from gridmap.cases import systems
from tests.cases.conftest import db as _db
from tests.cases.conftest import hands as _hands
from tests.store.conftest import templates as _templates

db, hands, templates = _db, _hands, _templates


@pytest.fixture
def interface(db):
    return api.application(lambda: db)


@pytest.fixture
def hotline(db, interface):
    """A client that sends the hotline's key."""
    key = systems.make_key(db, "12345", by="test", a_minute=100_000)
    return TestClient(interface, headers={"X-API-Key": key}, raise_server_exceptions=False)


@pytest.fixture
def department(db, interface):
    """A client that sends the key of the urban-management system."""
    key = systems.make_key(db, "城管平台", by="test", role="department", dept="chengguan", a_minute=100_000)
    return TestClient(interface, headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def nobody(interface):
    return TestClient(interface)
