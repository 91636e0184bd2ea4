"""Requests made up from the interface's own description: whatever is sent, the server does not break."""

import os

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from starlette.testclient import TestClient

EXAMPLES = int(os.environ.get("GRIDMAP_MADE_UP", "6"))


def test_nothing_that_is_made_up_breaks_the_server(interface, hotline, db, hands):
    hotline.post("/v1/cases", json={"matter": "06010", "lon": 119.9025, "lat": 39.905})
    key = hotline.headers["X-API-Key"]
    schema = schemathesis.openapi.from_asgi("/openapi.json", interface)
    asked = 0

    for operation in schema.get_all_operations():
        found = operation.ok()

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=found.as_strategy())
        def one(case):
            nonlocal asked
            answer = case.call(headers={"X-API-Key": key}, timeout=120)  # a busy machine is no fault
            case.validate_response(answer, checks=[not_a_server_error])
            asked += answer.status_code != 401

        one()
    assert asked > EXAMPLES
    assert TestClient(interface, headers={"X-API-Key": key}).get("/v1/cases").status_code == 200
