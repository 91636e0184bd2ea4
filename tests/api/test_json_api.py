"""The JSON API: nothing without a key, nothing of others, nothing twice; what is refused says why."""

import pytest
from starlette.testclient import TestClient

from gridmap import cases
from gridmap.api.pace import Pace
from gridmap.cases import systems

POINT = {"lon": 119.9025, "lat": 39.905}
CASE = {"matter": "06010", "note": "楼前垃圾", **POINT}


def test_nothing_is_answered_without_a_key(nobody, interface):
    for path, methods in interface.openapi()["paths"].items():
        for method in methods:
            asked = (
                path.replace("{kind}", "json").replace("{case_id}", "C1").replace("{code}", "06010").replace("{hook_id}", "ab")
            )
            assert nobody.request(method, asked, json=CASE).status_code == 401, (method, path)
    assert nobody.get("/v1/cases", headers={"X-API-Key": "gm_000000000000_x"}).status_code == 401


def test_a_key_is_kept_as_a_digest_and_taken_back_at_once(db, interface):
    key = systems.make_key(db, "12345", by="test")
    stored = db.cursor().execute("SELECT * FROM api_keys").fetchall()
    assert key.split("_", 2)[2] not in str(stored)
    client = TestClient(interface, headers={"X-API-Key": key})
    assert client.get("/v1/matters").status_code == 200
    systems.revoke(db, key.split("_")[1])
    assert client.get("/v1/matters").status_code == 401


def test_a_hotline_reports_and_reads_how_its_case_goes(db, hotline, department, hands):
    sent = hotline.post("/v1/cases", json=CASE | {"reported_at": "2026-11-25T01:00:00Z"}).json()
    assert (sent["status"], sent["grid"]) == ("new", "990199001001001")
    assert sent["reported_at"] == "2026-11-25T09:00:00+08:00"
    assert department.get(f"/v1/cases/{sent['id']}").status_code == 404  # not given to it yet
    cases.act(db, hands.community, sent["id"], "accept")
    cases.act(db, hands.community, sent["id"], "assign", {"dept": "chengguan"})
    assert department.get("/v1/cases").json()[0]["incident_id"] == sent["id"]
    assert department.post(f"/v1/cases/{sent['id']}/moves", json={"action": "arrive"}).json()["status"] == "handling"
    done = department.post(f"/v1/cases/{sent['id']}/moves", json={"action": "handle", "note": "已清运"}).json()
    assert done["status"] == "checking"
    events = hotline.get(f"/v1/cases/{sent['id']}").json()["events"]
    assert [event["action"] for event in events] == ["report", "accept", "assign", "arrive", "handle"]


def test_who_sent_a_second_report_follows_the_case_it_was_joined_to_and_sees_nothing_else_of_it(db, hotline, interface, hands):
    other = TestClient(interface, headers={"X-API-Key": systems.make_key(db, "12319", by="test")})
    main, second = other.post("/v1/cases", json=CASE).json()["id"], hotline.post("/v1/cases", json=CASE).json()["id"]
    assert hotline.get(f"/v1/cases/{main}").status_code == 404
    cases.act(db, hands.community, second, "join", {"into": main})
    assert hotline.get(f"/v1/cases/{second}").json()["duplicate_of"] == main
    assert hotline.get(f"/v1/cases/{main}").json()["duplicates"] == [second]
    assert other.get(f"/v1/cases/{main}").json()["duplicates"] == []
    assert other.get(f"/v1/cases/{second}").status_code == 404
    told = hotline.get(f"/open311/v2/requests/{second}.json").json()[0]
    assert (told["status"], told["status_notes"]) == ("closed", f"joined to {main}")


def test_the_same_key_of_one_system_is_answered_once_and_is_not_anothers(db, hotline, interface):
    same = {"Idempotency-Key": "A-1"}
    first = hotline.post("/v1/cases", json=CASE, headers=same).json()["id"]
    assert hotline.post("/v1/cases", json=CASE, headers=same).json()["id"] == first
    other = TestClient(interface, headers={"X-API-Key": systems.make_key(db, "12319", by="test")})
    assert other.post("/v1/cases", json=CASE, headers=same).json()["id"] != first
    assert len(other.get("/v1/cases").json()) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"matter": "99999", **POINT}, 409),
        ({"matter": "06010"}, 409),
        ({"matter": "06010", "lon": 10, "lat": 10}, 409),
        (CASE | {"lon": 1e9}, 422),
        (CASE | {"surprise": 1}, 422),
    ],
)
def test_what_is_refused_says_why_and_writes_nothing(db, hotline, body, status):
    answer = hotline.post("/v1/cases", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert db.cursor().execute("SELECT count(*) FROM incidents").fetchone() == (0,)


def test_a_move_the_rules_forbid_is_refused_in_the_readers_language(hotline):
    case = hotline.post("/v1/cases", json=CASE).json()["id"]
    move = {"action": "close"}
    english = hotline.post(f"/v1/cases/{case}/moves", json=move, headers={"Accept-Language": "en"})
    assert english.status_code == 409
    assert "state" in english.json()["error"]
    assert "状态" in hotline.post(f"/v1/cases/{case}/moves", json=move).json()["error"]


def test_too_large_a_request_is_not_read(hotline):
    assert hotline.post("/v1/cases", content=b"x" * 1_000_001).status_code == 413


def test_a_bucket_empties_and_fills_with_time():
    clock = [0.0]
    pace = Pace(lambda: clock[0])
    assert [pace.wait("a", 2) == 0 for _ in range(3)] == [True, True, False]
    assert pace.wait("b", 2) == 0
    clock[0] += 30
    assert pace.wait("a", 2) == 0


def test_a_system_that_asks_too_often_is_told_when_to_come_back(db, interface):
    client = TestClient(interface, headers={"X-API-Key": systems.make_key(db, "12345", by="test", a_minute=2)})
    answers = [client.get("/v1/moves") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) <= 31
