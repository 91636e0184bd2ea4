"""Open311 GeoReport v2, served as the standard writes it and read from another server that serves it."""

from datetime import timedelta

import pytest
from defusedxml.ElementTree import fromstring

from gridmap import cases, store
from gridmap.api import reading
from gridmap.errors import InputError

FORM = {"service_code": "06010", "lat": "39.905", "long": "119.9025", "description": "楼前垃圾 <b>&"}


def test_services_are_the_kinds_of_matter_in_both_forms(hotline):
    listed = hotline.get("/open311/v2/services.json").json()
    one = next(service for service in listed if service["service_code"] == "06034")
    assert "僵尸车" in one["keywords"]
    root = fromstring(hotline.get("/open311/v2/services.xml").content)
    assert root.tag == "services"
    assert len(root.findall("service")) == len(listed)
    assert hotline.get("/open311/v2/services/06034.json").json() == {"service_code": "06034", "attributes": []}
    assert hotline.get("/open311/v2/services/xx.json").status_code == 404


def test_a_request_is_written_down_and_read_back_with_its_update(db, hotline, hands):
    answer = hotline.post("/open311/v2/requests.json", data=FORM)
    assert answer.status_code == 201
    number = answer.json()[0]["service_request_id"]
    row = hotline.get(f"/open311/v2/requests/{number}.json").json()[0]
    assert (row["status"], row["service_name"], row["description"]) == ("open", "暴露垃圾", FORM["description"])
    assert row["expected_datetime"] is not None
    xml = fromstring(hotline.get("/open311/v2/requests.xml?status=open").content)
    assert xml.find("request/service_request_id").text == number
    assert xml.find("request/description").text == FORM["description"]
    cases.act(db, hands.community, number, "void", {"reason": "重复"})
    assert hotline.get("/open311/v2/requests.json?status=open").json() == []
    assert hotline.get("/open311/v2/requests.json?status=closed").json()[0]["service_request_id"] == number
    changes = hotline.get("/open311/v2/servicerequestupdates.json").json()
    assert [(change["status"], change["description"]) for change in changes] == [
        ("open", FORM["description"]),
        ("closed", "重复"),
    ]


def test_the_key_may_come_in_the_form_as_the_standard_has_it(hotline, nobody):
    key = hotline.headers["X-API-Key"]
    assert nobody.post("/open311/v2/requests.json", data=FORM | {"api_key": key}).status_code == 201
    assert nobody.get(f"/open311/v2/services.json?api_key={key}").status_code == 200


@pytest.mark.parametrize(
    "change", [{"service_code": ""}, {"lat": "north"}, {"lat": "91"}, {"service_code": "99999"}, {"long": ""}]
)
def test_what_is_wrong_is_a_list_of_errors(hotline, change):
    answer = hotline.post("/open311/v2/requests.xml", data=FORM | change)
    assert answer.status_code in {400, 409}
    error = fromstring(answer.content)
    assert error.tag == "errors"
    assert error.find("error/description").text


def test_another_servers_requests_become_cases_once(db, hotline):
    for _ in range(3):
        hotline.post("/open311/v2/requests.json", data=FORM)
    now = store.now() + timedelta(seconds=2)
    first = reading.read(db, "/open311/v2", system="邻区", start=now - timedelta(days=1), end=now, client=hotline)
    assert (first.new, first.known, first.refused) == (3, 0, {})
    again = reading.read(db, "/open311/v2", system="邻区", start=now - timedelta(days=1), end=now, client=hotline)
    assert (again.new, again.known) == (0, 3)
    rows = (
        db.cursor().execute("SELECT count(*), count(DISTINCT source_id) FROM incidents WHERE source_system = '邻区'").fetchone()
    )
    assert rows == (3, 3)


def test_codes_that_are_not_ours_are_refused_one_by_one_unless_they_are_mapped(db, hotline, monkeypatch):
    rows = [{"service_request_id": "7", "service_code": "pothole", "lat": 39.905, "long": 119.9025}]
    monkeypatch.setattr(reading, "_requests", lambda *_: iter(rows))
    now = store.now()
    span = {"start": now - timedelta(days=1), "end": now}
    assert reading.read(db, "", system="x", **span).refused.keys() == {"7"}
    assert reading.read(db, "", system="x", codes={"pothole": "06013"}, **span).new == 1


def test_a_server_that_answers_otherwise_is_named(db, hotline):
    with pytest.raises(InputError, match="Open311"):
        reading.read(db, "/nothing", system="x", start=store.now(), end=store.now(), client=hotline)
