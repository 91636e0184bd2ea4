"""Service requests from an address: only from a host that is named, never from where it points, never more than allowed."""

import http.server
import io
import threading

import pytest

from gridmap import intake
from gridmap.errors import IntakeError
from gridmap.settings import settings
from gridmap.uploads import address

REQUESTS = b'[{"service_request_id": "1", "requested_datetime": "2026-05-01T08:00:00+08:00"}]'


@pytest.fixture(scope="module")
def server():
    asked = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "/requests.json")
                self.end_headers()
            elif self.path.startswith("/requests.json"):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(REQUESTS)
            elif self.path == "/endless":
                self.send_response(200)
                self.end_headers()
                for _ in range(40):
                    self.wfile.write(b"x" * 65536)
            else:
                self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{listening.server_port}", asked
        listening.shutdown()


@pytest.fixture
def named(server, monkeypatch):
    monkeypatch.setattr(settings(), "open311_hosts", f"10.0.0.9, {server[0]}")
    return server[0]


def test_a_named_host_is_asked(named):
    answer = io.BytesIO()
    assert address.fetch(f"http://{named}/requests.json?start_date=2026-05-01", answer).endswith(".json")
    assert answer.getvalue() == REQUESTS


def test_no_host_is_asked_unless_it_is_named(server):
    before = len(server[1])
    with pytest.raises(IntakeError, match="not among the hosts"):
        address.fetch(f"http://{server[0]}/requests.json", io.BytesIO())
    assert len(server[1]) == before


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("http://{host}/away", "points to another address"),
        ("http://{host}/none", "answers 404"),
        ("http://localhost:{port}/requests.json", "not among the hosts"),
        ("http://{host}@10.1.1.1/requests.json", "not among the hosts|no address"),
        ("http://user:word@{host}/requests.json", "no address"),
        ("file:///etc/passwd", "no address"),
        ("gopher://{host}/", "no address"),
        ("http://{host}/a b\r\nHost: x", "cannot be asked|answers"),
        ("http://[::1", "no address"),
    ],
)
def test_everything_else_is_one_sentence_and_nothing_is_followed(named, server, where, sentence):
    before = [path for path in server[1] if path.startswith("/requests.json")]
    with pytest.raises(IntakeError, match=sentence):
        address.fetch(where.format(host=named, port=named.split(":")[1]), io.BytesIO())
    assert [path for path in server[1] if path.startswith("/requests.json")] == before


def test_an_answer_is_cut_off_at_the_largest_size(named, monkeypatch):
    monkeypatch.setattr(intake.limits(), "file_mb", 1)
    into = io.BytesIO()
    with pytest.raises(IntakeError, match="larger than 1 MB"):
        address.fetch(f"http://{named}/endless", into)
    assert len(into.getvalue()) <= 1024 * 1024
