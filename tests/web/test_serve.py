"""``gridmap serve`` itself, as an administrator starts it: over TLS, behind an identity service, behind a proxy."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

import httpx2
import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gridmap import access, store
from tests import processes
from tests.browser import town
from tests.web import identity

pytestmark = pytest.mark.slow

PASSWORD = "an own long word 7"  # noqa: S105


@pytest.fixture
def data(tmp_path):
    """A district that is not fictional, with nobody in it yet."""
    folder = tmp_path / "data"
    with town.district(folder, fictional=False):
        return folder


@contextlib.contextmanager
def serving(data, port, *options, **environment):
    """Run ``gridmap serve`` until the block ends; gives what it prints, line by line. It leaves no process behind."""
    command = [sys.executable, "-m", "gridmap", "serve", "--data", str(data), "--port", str(port), *options]
    home = data.parent / "home"
    home.mkdir(exist_ok=True)
    log = data.parent / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, env={**os.environ, "HOME": str(home), **environment}, stdout=out, stderr=out, start_new_session=True
        )
        try:
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline:
                assert process.poll() is None, log.read_text()
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield log.read_text
        finally:
            beside = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            processes.end(process)
            left = psutil.wait_procs(beside, timeout=10)[1]
            assert all(one.status() == psutil.STATUS_ZOMBIE for one in left)  # ended, if nobody has asked for its end yet


def test_over_tls_from_the_one_time_token_to_a_backup_while_people_work(data, tmp_path):
    if shutil.which("openssl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no openssl to make a certificate with")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(make, check=True, capture_output=True)
    trusted, port = ssl.create_default_context(cafile=cert), processes.free_port()
    address = f"https://127.0.0.1:{port}"
    with (
        serving(data, port, "--tls-cert", str(cert), "--tls-key", str(key)) as said,
        httpx2.Client(timeout=60, verify=trusted, base_url=address, headers={"Accept": "text/html"}) as browser,
    ):
        assert f"{address}/setup" in said()
        token = re.search(r"^ {4}(\S{30,})$", said(), re.MULTILINE)[1]
        assert browser.get("/").status_code == 303
        assert browser.get("/login").headers["location"] == "/setup"
        form = {"token": token, "name": "root", "password": PASSWORD, "again": PASSWORD}
        refused = browser.post("/setup", data={**form, "token": "guessed"}, headers={"Origin": address})
        assert "Set-Cookie" not in refused.headers
        assert 'value="root"' in refused.text  # need not be typed again
        assert PASSWORD not in refused.text
        made = browser.post("/setup", data=form, headers={"Origin": address})
        assert made.status_code == 303
        line = made.headers["set-cookie"]
        assert all(part in line for part in ("; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"))
        assert browser.get("/setup").headers["location"] == "/login"  # once, and never again
        assert browser.get("/").status_code == 200
        cookie = {"Cookie": f"gridmap_session={browser.cookies['gridmap_session']}"}
        wire = f"wss://127.0.0.1:{port}/_stcore/stream"
        with connect(wire, ssl=trusted, subprotocols=["streamlit"], additional_headers=cookie, origin=address):
            pass
        with pytest.raises(InvalidStatus), connect(wire, ssl=trusted, subprotocols=["streamlit"], origin=address):
            pass
        with pytest.raises(httpx2.TransportError):
            httpx2.get(timeout=60, url=f"http://127.0.0.1:{port}/login")
        backup = [sys.executable, "-m", "gridmap", "backup", str(tmp_path / "safe.duckdb"), "--data", str(data)]
        done = subprocess.run(backup, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert_refused(data, processes.free_port(), "The folder data is served by another process: ")
        assert browser.get("/").status_code == 200
    copy = store.open_store(tmp_path / "safe.duckdb")
    assert copy.verify() == []
    copy.close()
    book = access.open_book(data)
    assert [row.action for row in book.actions().sort_values("seq").itertuples()] == ["accounts", "sign in", "backup", "backup"]
    book.close()


def assert_refused(data, port, sentence):
    """A second server on a folder that is held ends at once, says by whom, and has listened nowhere."""
    command = [sys.executable, "-m", "gridmap", "serve", "--data", str(data), "--port", str(port)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert re.fullmatch(rf"gridmap: {sentence}python\S*, process \d+\. Ask there, or \w+ it first\.\n", done.stderr)
    assert done.stdout == ""
    return int(re.search(r"process (\d+)", done.stderr)[1])


def test_a_database_that_any_other_process_holds_is_not_served(data):
    db = store.open_store(data / "gridmap.duckdb")
    sentence = "The database gridmap.duckdb is open in another process: "
    assert assert_refused(data, processes.free_port(), sentence) == os.getpid()
    db.close()


def account(data, name, role):
    book = access.open_book(data)
    book.add(name, role)
    with book.write() as writing:
        writing.execute("UPDATE accounts SET must_change = 0")
    book.close()


def test_behind_an_identity_service_an_account_of_the_book_gets_in_and_nobody_else(data):
    account(data, "liu", "leader")
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    with identity.serving() as service:
        secrets = data.parent / "home/.streamlit/secrets.toml"
        secrets.parent.mkdir(parents=True)
        secrets.write_text(
            f'[auth]\nredirect_uri = "{address}/oauth2callback"\ncookie_secret = "{"s" * 40}"\n'
            f'client_id = "{identity.CLIENT}"\nclient_secret = "{identity.SECRET}"\n'
            f'server_metadata_url = "{service.address}/.well-known/openid-configuration"\n'
        )
        with serving(data, port, GRIDMAP_LOGIN="oidc") as said:
            for person, inside in (("liu", True), ("stranger", False), ("", False)):
                service.person = person
                with httpx2.Client(
                    timeout=60, base_url=address, headers={"Accept": "text/html"}, follow_redirects=True
                ) as browser:
                    page = browser.get("/cockpit")
                    assert page.url.path == "/login"
                    assert "/login?service=" in page.text
                    browser.get("/login?service=")
                    first = browser.get("/", follow_redirects=False)
                    assert first.status_code == (200 if inside else 303), said()
                    left = {name for name in browser.cookies if name.startswith("_streamlit_user")}
                    assert not (inside and left), "the service's month-long cookie is exchanged and thrown away"
                    if inside:
                        assert browser.cookies["gridmap_session"]
                        assert browser.get("/", follow_redirects=False).status_code == 200
    book = access.open_book(data)
    assert [(row.actor, row.action, row.detail) for row in book.actions().itertuples()] == [("liu", "sign in", "oidc")]
    book.close()


def test_behind_a_proxy_only_its_header_with_the_secret_opens(data):
    account(data, "liu", "leader")
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    own = {"GRIDMAP_LOGIN": "proxy", "GRIDMAP_PROXY_SECRET": "shared word", "GRIDMAP_TRUSTED_PROXIES": "127.0.0.1"}
    with serving(data, port, **own), httpx2.Client(timeout=60, base_url=address, headers={"Accept": "text/html"}) as wire:
        right = {"X-Remote-User": "liu", "X-Gridmap-Proxy-Secret": "shared word"}
        for headers in (
            {},
            {"X-Remote-User": "liu"},
            right | {"X-Gridmap-Proxy-Secret": "guess"},
            right | {"X-Remote-User": "x"},
        ):
            assert wire.get("/", headers=headers).status_code == 303
            assert "gridmap_session" not in wire.cookies
        found = wire.get("/", headers=right | {"X-Forwarded-Proto": "https"})
        assert found.status_code == 200
        assert "; Secure" in found.headers["set-cookie"]
