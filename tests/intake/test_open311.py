"""Service requests of Open311 GeoReport v2, as JSON and as XML, become incidents; what only looks like them is one sentence."""

import json

import pytest

from gridmap import intake
from gridmap.errors import IntakeError

OPEN = {
    "service_request_id": "9001",
    "status": "open",
    "service_name": "道路破损",
    "service_code": "06001",
    "requested_datetime": "2026-05-01T00:30:00Z",
    "updated_datetime": "2026-05-02T00:30:00Z",
    "address": "海风里 3 号楼",
    "lat": 39.905,
    "long": 119.905,
    "media_url": None,
    "extended_attributes": {"a": 1},
}
CLOSED = OPEN | {"service_request_id": "9002", "status": "closed", "expected_datetime": "2026-05-03T08:00:00+08:00"}


def xml(*requests):
    fields = "".join(
        "<request>" + "".join(f"<{name}>{value}</{name}>" for name, value in one.items() if value is not None) + "</request>"
        for one in ({k: v for k, v in request.items() if not isinstance(v, dict)} for request in requests)
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<service_requests>{fields}</service_requests>'


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([OPEN, CLOSED], ensure_ascii=False),
        json.dumps({"service_requests": [OPEN, CLOSED]}),
        xml(OPEN, CLOSED),
    ],
)
def test_requests_become_incidents_in_local_time(tmp_path, content):
    path = tmp_path / "requests"
    path.write_text(content, "utf-8")
    rows = intake.read_rows(intake.open_table(path), intake.form("incidents"))
    assert rows.bad.empty
    first, second = rows.good.to_pylist()
    assert first["incident_id"] == "9001"
    assert first["matter_code"] == "06001"
    assert str(first["reported_at"]) == "2026-05-01 08:30:00"
    assert (first["lon"], first["lat"]) == (119.905, 39.905)
    assert first["status"] == "handling"
    assert first["closed_at"] is None  # an open request was updated, not closed
    assert str(second["closed_at"]) == "2026-05-02 08:30:00"
    assert second["status"] == "closed"
    assert str(second["due_at"]) == "2026-05-03 08:00:00"


BOMB = (
    '<!DOCTYPE r [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<service_requests><request><description>&b;</description></request></service_requests>"
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BOMB, "declares a document type"),
        ("<service_requests><request><a>&xxe;</a></request></service_requests>", "damaged"),
        ("<service_requests><request>", "damaged"),
        ("<service_requests></service_requests>", "no service request"),
        ("[]", "no service request"),
        ("[1, 2]", "no list of service requests"),
        ("[" * 100_000, "damaged"),
        ('{"a": ' * 5_000 + "1" + "}" * 5_000, "damaged|no list|more"),
    ],
)
def test_what_is_no_list_of_requests_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "requests.json"
    path.write_text(content, "utf-8")
    with pytest.raises(IntakeError, match=sentence):
        intake.read_rows(intake.open_table(path), intake.form("incidents"))


def test_requests_are_no_boundary_file(tmp_path):
    path = tmp_path / "requests.xml"
    path.write_text(xml(OPEN), "utf-8")
    with pytest.raises(IntakeError, match="not boundaries"):
        intake.open_file(path)
