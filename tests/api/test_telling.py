"""Webhooks against a real server that refuses, hangs up and takes: signed, tried again, told once, never lost."""

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest

from gridmap import cases, store
from gridmap.api import telling
from gridmap.cases import sent

CASE = {"matter": "06010", "note": "垃圾", "lon": 119.9025, "lat": 39.905}


@pytest.fixture
def receiver():
    """A server of our own that answers with the statuses it is told to, then 200."""
    got, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = answers.pop(0) if answers else 200
            if status is None:
                self.close_connection = True
                return
            if status == 200:
                got.append((dict(self.headers), body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.got, server.answers = got, answers
    server.url = f"http://127.0.0.1:{server.server_port}/news"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def deliver(db, now=None):
    with httpx2.Client(timeout=5, trust_env=False) as client:
        return sent.deliver(db, telling.sender(client, pause_s=0.01), now=now or store.now() + timedelta(seconds=1))


def test_news_are_signed_and_told_once(db, hotline, receiver, hands):
    hook = hotline.post("/v1/hooks", json={"url": receiver.url, "actions": ["accept"]}).json()
    case = hotline.post("/v1/cases", json=CASE).json()["id"]
    cases.report(db, hands.finder, CASE)  # not the hotline's: it is not told of it
    cases.act(db, hands.community, case, "accept")
    assert deliver(db) == (1, 0)
    assert deliver(db) == (0, 0)
    headers, body = receiver.got[0]
    assert json.loads(body) | {"at": ""} == {
        "case": case,
        "seq": 2,
        "action": "accept",
        "at": "",
        "status": "accepted",
        "level": "community",
    }
    assert headers["X-Gridmap-Signature"] == "sha256=" + hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()


def test_a_refusal_is_tried_again_later_and_a_hiccup_at_once(db, hotline, receiver):
    hotline.post("/v1/hooks", json={"url": receiver.url})
    hotline.post("/v1/cases", json=CASE)
    receiver.answers[:] = [500]
    assert deliver(db) == (0, 1)
    assert deliver(db) == (0, 0)  # not before the pause is over
    receiver.answers[:] = [None, None]
    assert deliver(db, store.now() + timedelta(minutes=2)) == (1, 0)
    assert len(receiver.got) == 1


def test_after_the_last_pause_it_is_given_up_and_its_trouble_kept(db, hotline):
    hotline.post("/v1/hooks", json={"url": "http://127.0.0.1:1/"})
    hotline.post("/v1/cases", json=CASE)

    def refuse(news):
        raise OSError("closed")

    now = store.now()
    for _ in range(len(sent.PAUSES) + 3):
        now += timedelta(days=2)
        sent.deliver(db, refuse, now=now)
    row = db.cursor().execute("SELECT tries, next_at, told_at, trouble FROM outbox").fetchone()
    assert row == (len(sent.PAUSES) + 1, None, None, "closed")


def test_a_hook_that_was_stopped_is_told_nothing(db, hotline, receiver):
    hook = hotline.post("/v1/hooks", json={"url": receiver.url}).json()["hook"]
    assert hotline.delete(f"/v1/hooks/{hook}").status_code == 204
    assert hotline.delete(f"/v1/hooks/{hook}").status_code == 404
    hotline.post("/v1/cases", json=CASE)
    assert deliver(db) == (0, 0)
    assert hotline.post("/v1/hooks", json={"url": "file:///etc/passwd"}).status_code == 409
