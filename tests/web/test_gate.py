"""The gate: what it turns away before anything else sees it, and what it lets on."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.web.server.starlette import starlette_app_utils

from gridmap import access, settings
from gridmap.web import gate, oidc, rates, visitor

HOST = "gridmap.test"
SECRET = "s3cret"  # noqa: S105


@pytest.fixture
def sets(monkeypatch, tmp_path):
    """Set settings for one test."""

    def put(**values):
        for name, value in {"data": str(tmp_path), "login": "accounts", **values}.items():
            monkeypatch.setenv(f"GRIDMAP_{name.upper()}", str(value))
        settings.settings.cache_clear()

    put()
    yield put
    access.open_book(tmp_path).close()
    monkeypatch.undo()
    settings.settings.cache_clear()


@pytest.fixture
def book(sets, tmp_path):
    found = access.open_book(tmp_path)
    found.add("liu", "leader")
    found.add("sun", "auditor")
    with found.write() as writing:
        writing.execute("UPDATE accounts SET must_change = 0")
    return found


def served(monkeypatch=None, right="look"):
    """An app that answers with what reached it, behind a gate."""

    async def seen(request):
        return JSONResponse({"headers": dict(request.headers), "address": request.client.host})

    own = [Route("/own", seen, methods=["GET", "POST"])]
    gate.RIGHTS["/own"] = right
    try:
        return gate.Gate(Starlette(routes=[*own, Route("/{rest:path}", seen, methods=["GET", "POST"])]), routes=own)
    finally:
        del gate.RIGHTS["/own"]


def ask(app, path="/own", *, method="GET", client=("10.0.0.9", 1234), scheme="http", **headers):
    """Give status, headers as a list, and body."""
    sent = []
    given = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "scheme": scheme, "http_version": "1.1", "server": (HOST, 80), "client": client,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    named = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return sent[0]["status"], named, b"".join(message.get("body", b"") for message in sent)


def test_a_route_without_a_declared_right_is_not_served(sets):
    with pytest.raises(KeyError):
        gate.Gate(Starlette(), routes=[Route("/forgotten", lambda _: None)])


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(sets, book):
    status, headers, _ = ask(served(), "/incidents", accept="text/html")
    assert status == 303
    assert dict(headers)["location"] == "/login?next=/incidents"
    assert ask(served())[0] == 401
    assert ask(served(), "/_stcore/health")[0] == 200


def test_a_right_opens_an_own_route_and_its_lack_does_not(sets, book):
    cookies = {name: f"{visitor.COOKIE}={book.begin(book.account(name))}" for name in ("liu", "sun")}
    assert ask(served(right="meet"), cookie=cookies["liu"])[0] == 200
    assert ask(served(right="meet"), cookie=cookies["sun"])[0] == 403
    assert ask(served(right=gate.SIGNED_IN), cookie=cookies["sun"])[0] == 200
    assert ask(served(right=gate.OPEN))[0] == 200


def test_what_only_the_gate_may_say_is_taken_out_of_what_a_browser_says(sets, book):
    cookie = f"{visitor.COOKIE}={book.begin(book.account('liu'))}"
    forged = {"x_gridmap_session": "f" * 64, "x_remote_user": "root", "x_gridmap_proxy_secret": "x"}
    assert ask(served(), **forged)[0] == 401
    reached = json.loads(ask(served(), cookie=cookie, **forged)[2])["headers"]
    assert reached["x-gridmap-session"] == book.sessions()[0].id
    assert "x-remote-user" not in reached
    assert "x-gridmap-proxy-secret" not in reached


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", f"http://{HOST}.evil.example", f"http://evil.example/{HOST}"]
)
def test_what_another_site_sends_changes_nothing(sets, book, origin):
    cookie = f"{visitor.COOKIE}={book.begin(book.account('liu'))}"
    assert ask(served(), method="POST", cookie=cookie, origin=origin)[0] == 403
    assert ask(served(), method="POST", cookie=cookie, origin=f"http://{HOST}")[0] == 200
    assert ask(served(), cookie=cookie, origin=origin)[0] == 200  # reading is what the browser itself holds back


def test_asking_too_often_is_told_to_wait(sets, book):
    sets(requests_a_second="1")
    app = served(right=gate.OPEN)
    answers = [ask(app)[0] for _ in range(12)]
    assert answers[:10] == [200] * 10
    assert 429 in answers
    assert ask(app, client=("10.0.0.10", 1))[0] == 200


def test_signing_in_is_tried_a_few_times_a_minute_only(sets, book):
    app = served(right=gate.OPEN)
    answers = [ask(app, "/login", method="POST")[0] for _ in range(12)]
    assert answers.count(429) == 2


def test_a_bucket_fills_again():
    bucket = rates.Rates(1000, burst=1)
    assert bucket.wait("a") == 0
    assert 0 < bucket.wait("a") <= 0.001
    assert bucket.wait("b") == 0


@pytest.mark.parametrize(
    ("client", "secret", "known"),
    [
        (("127.0.0.1", 5), "s3cret", True),
        (("10.1.2.3", 0), "s3cret", True),  # the server has put the reader's address in the place of a loopback proxy's
        (("192.168.7.9", 5), "s3cret", True),
        (("10.1.2.3", 5), "s3cret", False),
        (("127.0.0.1", 5), "wrong", False),
        (("127.0.0.1", 5), "", False),
    ],
)
def test_a_proxy_is_believed_by_its_address_and_its_secret(sets, book, client, secret, known):
    sets(login="proxy", proxy_secret=SECRET, trusted_proxies="127.0.0.1,192.168.7.0/24")
    status, headers, _ = ask(served(), client=client, x_remote_user="liu", x_gridmap_proxy_secret=secret)
    assert (status == 200) is known
    cookies = [value for name, value in headers if name == "set-cookie"]
    assert bool(cookies) is known
    if known:
        assert "HttpOnly" in cookies[0]
        assert "SameSite=Lax" in cookies[0]


def test_without_a_secret_no_proxy_is_believed(sets, book):
    sets(login="proxy", proxy_secret="")
    assert ask(served(), client=("127.0.0.1", 5), x_remote_user="liu", x_gridmap_proxy_secret="")[0] == 401


def test_a_proxy_that_names_another_account_begins_another_session(sets, book):
    sets(login="proxy", proxy_secret=SECRET)
    more = {"client": ("127.0.0.1", 5), "x_gridmap_proxy_secret": SECRET}
    cookie = next(v for n, v in ask(served(), x_remote_user="liu", **more)[1] if n == "set-cookie").split(";")[0]
    assert not [n for n, _ in ask(served(), x_remote_user="liu", cookie=cookie, **more)[1] if n == "set-cookie"]
    status, headers, _ = ask(served(), x_remote_user="sun", cookie=cookie, **more)
    assert status == 200
    assert [n for n, _ in headers if n == "set-cookie"]
    assert book.look(cookie.split("=")[1]) is None
    assert ask(served(), x_remote_user="nobody", **more)[0] == 401
    assert ask(served(), cookie=cookie, client=("127.0.0.1", 5))[0] == 401  # past the proxy


def test_a_cookie_is_secure_behind_tls(sets, book):
    sets(login="proxy", proxy_secret=SECRET)
    more = {"client": ("127.0.0.1", 5), "x_gridmap_proxy_secret": SECRET, "x_remote_user": "liu"}

    def cookie(**headers):
        return next(value for name, value in ask(served(), **more, **headers)[1] if name == "set-cookie")

    assert "Secure" not in cookie()
    assert "Secure" in cookie(scheme="https")
    assert "Secure" in cookie(x_forwarded_proto="https")


def test_a_one_time_password_leads_to_ones_own_account_first(sets, book):
    book.add("new", "leader")
    cookie = f"{visitor.COOKIE}={book.begin(book.account('new'))}"
    status, headers, _ = ask(served(), "/", cookie=cookie, accept="text/html")
    assert (status, dict(headers)["location"]) == (303, "/account")


def wire(app, cookie, messages):
    """Speak to an app's WebSocket through the gate; give what reached it."""
    reached = []

    async def inner(scope, receive, send):
        while (message := await receive())["type"] != "websocket.disconnect":
            reached.append(message)

    gate_ = gate.Gate(inner)
    scope = {
        "type": "websocket", "path": "/_stcore/stream", "scheme": "ws", "query_string": b"", "client": ("10.0.0.9", 1),
        "headers": [(b"host", HOST.encode()), (b"cookie", cookie.encode())],
    }  # fmt: skip
    given = iter(messages)

    async def receive():
        message = next(given, {"type": "websocket.disconnect"})
        return message() if callable(message) else message

    async def send(message):
        reached.append(message)

    asyncio.run(gate_(scope, receive, send))
    return reached


def test_a_page_whose_session_ended_only_draws_itself_anew(sets, book):
    token = book.begin(book.account("liu"))
    press = {"type": "websocket.receive", "bytes": b"a press of a button"}

    def ended():
        book.end(token)
        return press

    reached = wire(None, f"{visitor.COOKIE}={token}", [{"type": "websocket.connect"}, press, ended, press])
    assert [message.get("bytes") for message in reached] == [None, b"a press of a button", gate._FRESH, gate._FRESH]
    closed = wire(None, f"{visitor.COOKIE}={token}", [{"type": "websocket.connect"}])
    assert closed == [{"type": "websocket.close", "code": 1008}]


def told_by_the_service(secret, name="liu", origin=f"http://{HOST}", **more):
    """A cookie as Streamlit sets it once the identity service has sent the browser back."""
    said = {"is_logged_in": True, "origin": origin, "preferred_username": name} | more
    return starlette_app_utils.create_signed_value(secret, "_streamlit_user", json.dumps(said)).decode()


def test_what_the_identity_service_says_becomes_a_session_of_ours(sets, book, monkeypatch):
    secret = "0123456789abcdef" * 2
    monkeypatch.setattr(oidc, "get_cookie_secret", lambda: secret)
    sets(login="oidc")
    status, headers, _ = ask(served(), cookie=f"_streamlit_user={told_by_the_service(secret)}")
    cookies = [value for name, value in headers if name == "set-cookie"]
    assert status == 200
    assert any(value.startswith("gridmap_session=") for value in cookies)
    assert any(value.startswith("_streamlit_user=;") for value in cookies)  # it lasts a month, so it is taken away
    assert len(book.sessions()) == 1
    for cookie in (
        told_by_the_service(secret, name="nobody"),
        told_by_the_service("another secret" * 3),
        told_by_the_service(secret, origin="http://evil.example"),
        told_by_the_service(secret, is_logged_in=False),
        told_by_the_service(secret, preferred_username=["liu"]),
        "garbage",
    ):
        assert ask(served(), cookie=f"_streamlit_user={cookie}")[0] == 401
    assert ask(served(), "/oauth2callback")[0] == 200
