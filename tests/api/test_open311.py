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
    later = store.now() + timedelta(minutes=5)
    cases.act(db, hands.community, number, "accept", now=later)
    cases.act(db, hands.community, number, "assign", {"dept": "chengguan"}, now=later + timedelta(minutes=5))
    row = hotline.get(f"/open311/v2/requests/{number}.json").json()[0]
    assert row["agency_responsible"] == "城管执法"
    assert row["updated_datetime"] == f"{later + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}+08:00"
    assert len(hotline.get("/v1/cases", params={"since": (later + timedelta(minutes=3)).isoformat()}).json()) == 1
    assert hotline.get("/v1/cases", params={"since": (later + timedelta(minutes=6)).isoformat()}).json() == []
    cases.act(db, hands.chengguan, number, "return", {"reason": "非城管职责"}, now=later + timedelta(minutes=7))
    cases.act(db, hands.community, number, "void", {"reason": "重复"}, now=later + timedelta(minutes=8))
    assert hotline.get("/open311/v2/requests.json?status=open").json() == []
    assert hotline.get("/open311/v2/requests.json?status=closed").json()[0]["service_request_id"] == number
    until = {"end_date": (later + timedelta(minutes=9)).isoformat()}
    changes = hotline.get("/open311/v2/servicerequestupdates.json", params=until).json()
    assert [(change["status"], change["description"]) for change in changes] == [
        ("open", FORM["description"]),
        ("open", "受理"),
        ("open", "派遣"),
        ("open", "非城管职责"),
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


def test_another_servers_requests_become_cases_once_and_what_happens_there_is_noted_once(db, hotline, hands):
    for _ in range(3):
        hotline.post("/open311/v2/requests.json", data=FORM)
    now = store.now() + timedelta(seconds=2)
    first = reading.read(db, "/open311/v2", system="邻区", start=now - timedelta(days=1), end=now, client=hotline)
    assert (first.new, first.known, first.refused) == (3, 0, {})
    there = db.cursor().execute("SELECT source_id FROM incidents WHERE source_system = '邻区' LIMIT 1").fetchone()[0]
    cases.act(db, hands.community, there, "void", {"reason": "已由物业处理"})
    now += timedelta(seconds=2)
    for updates in (1, 0):
        again = reading.read(db, "/open311/v2", system="邻区", start=now - timedelta(days=1), end=now, client=hotline)
        assert (again.new, again.known, again.updates) == (0, 3, updates)
    here = db.cursor().execute("SELECT incident_id FROM incidents WHERE source_id = ?", [there]).fetchone()[0]
    assert [event.data.get("note") for event in cases.history(db, here)][-1] == "已由物业处理 (closed there)"
    rows = (
        db.cursor().execute("SELECT count(*), count(DISTINCT source_id) FROM incidents WHERE source_system = '邻区'").fetchone()
    )
    assert rows == (3, 3)


def test_codes_that_are_not_ours_are_refused_one_by_one_unless_they_are_mapped(db, hotline, monkeypatch):
    rows = [{"service_request_id": "7", "service_code": "pothole", "lat": 39.905, "long": 119.9025}]
    monkeypatch.setattr(reading, "_requests", lambda *_: iter(rows))
    monkeypatch.setattr(reading, "_listed", lambda *_, **__: [])
    now = store.now()
    span = {"start": now - timedelta(days=1), "end": now}
    assert reading.read(db, "", system="x", **span).refused.keys() == {"7"}
    assert reading.read(db, "", system="x", codes={"pothole": "06013"}, **span).new == 1
    rows[0] |= {"service_request_id": "8"}
    monkeypatch.setattr(reading, "_listed", lambda *_, **__: [{"service_code": "pothole", "service_name": "道路破损"}])
    assert reading.read(db, "", system="x", **span).new == 1  # the service is called as a matter here


def test_a_server_that_answers_otherwise_is_named(db, hotline):
    with pytest.raises(InputError, match="Open311"):
        reading.read(db, "/nothing", system="x", start=store.now(), end=store.now(), client=hotline)
