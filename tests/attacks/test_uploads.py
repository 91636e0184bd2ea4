"""Odd and hostile files end in the right frame or in one sentence: nothing else is read, asked, or taken down."""

import http.server
import re
import resource
import threading
import time

import pytest

from gridmap import intake
from gridmap.errors import IntakeError
from gridmap.intake import sealed

from .zoo import ZOO, Place

SECRET = "the-canary-sings-7f3a"  # noqa: S105 - what must never come out


@pytest.fixture(scope="module")
def server():
    """A server that remembers whether anybody asked."""
    asked = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the name the library calls

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


@pytest.fixture
def place(tmp_path, server):
    canary = tmp_path / "canary.csv"
    canary.write_text(f"id,wkt\n{SECRET},POINT (1 1)\n", "utf-8")
    folder = tmp_path / "upload"
    folder.mkdir()
    return Place(folder, canary, server[0])


@pytest.mark.parametrize("name", list(ZOO))
def test_the_file_ends_in_its_frame_or_in_one_sentence(name, place, server, capfd):
    maker, expected = ZOO[name]
    path = maker(place)
    before = place.canary.stat().st_atime_ns
    started = time.monotonic()
    try:
        found = intake.open_file(path)
    except IntakeError as error:
        told = error.sentence("en")
        assert isinstance(expected, str), told
        assert re.search(expected, told), told
        assert re.fullmatch(r"[^\n]{10,300}\.", told.replace("\n", " ")), told
    else:
        told = str(found.frame) + str(found.findings)
        choices = {expected} if isinstance(expected, int) else {int(one) for one in expected.split("|") if one.isdigit()}
        assert len(found.frame) in choices
        assert found.frame.index.is_unique
        assert {"network namespace", "system calls"} & set(found.seal)
    assert time.monotonic() - started < intake.limits().wall_s + 30  # CPU and memory are held below
    assert SECRET not in told
    assert SECRET not in "".join(capfd.readouterr())
    assert place.canary.stat().st_atime_ns == before
    assert not server[1]
    sealed.warm()  # and the next file is read as if nothing had been


def test_the_zoo_is_large_enough():
    assert len(ZOO) >= 60


def test_no_file_passed_the_limits_of_computing_and_memory():
    """All children of the helper that ended so far: the greatest memory of any of them."""
    spent = sealed.spent()
    assert 0 < spent.memory_mb < 2048
    assert spent.longest_s <= intake.limits().cpu_s + 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 * 1024 * 1024
