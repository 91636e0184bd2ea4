"""The empty page and Streamlit's own files come ready: in the reader's language, packed, kept, each named file there."""

import gzip
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from gridmap import settings
from gridmap.maps import assets
from gridmap.web import shell, standing
from tests.web.asking import get

pytestmark = pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the maps' scripts are not installed (npm ci)")


async def streamlit(scope, receive, send):
    """Answer every path with Streamlit's page, as Streamlit does, but for one that is missing."""
    answer = PlainTextResponse("none", 404) if scope["path"] == "/missing" else HTMLResponse(standing.index())
    await answer(scope, receive, send)


OWN = [Route("/login", HTMLResponse("sign in"))]


@pytest.fixture
def app():
    async def either(scope, receive, send):
        await (Starlette(routes=OWN) if scope["path"] == "/login" else streamlit)(scope, receive, send)

    return standing.Standing(shell.Shell(GZipMiddleware(either), OWN))  # as Streamlit packs its page where it is not the first


def test_the_page_is_in_the_readers_language_under_the_programs_name(app):
    chinese, english = get(app, "/", accept_language="zh-CN,zh;q=0.9"), get(app, "/cockpit", accept_language="en-GB")
    assert b'<html lang="zh">' in chinese.body
    assert b"<title>gridmap</title>" in english.body
    assert b'<html lang="zh">' in get(app, "/cockpit", "at=1&lang=zh", accept_language="en").body
    assert b"Streamlit</title>" not in chinese.body
    assert get(app, "/cockpit", "lang=zh", accept_encoding="gzip").body == chinese.body
    assert int(chinese.headers["content-length"]) == len(chinese.body)


def test_every_file_the_page_names_is_there(app):
    page = get(app, "/").body.decode()
    named = re.findall(r'<link rel="(?:modulepreload|prefetch)"[^>]* href="\.?(/[^"]+)"', page)
    named += re.findall(r'<script [^>]*src="\.(/[^"]+)"', page)
    assert any("ComponentInstance" in path for path in named)
    assert standing.FRAME in named
    for path in named:
        if path.startswith(assets.ROOT):
            assert assets.asset(path.removeprefix(assets.ROOT)).content
        else:
            assert get(app, path).body == standing._files()[path].read_bytes()


def test_no_font_is_fetched_that_the_pages_do_not_use(app):
    assert b'as="font"' in standing.index().encode()
    assert b'as="font"' not in get(app, "/").body


def test_files_come_packed_and_for_good_and_unpacked_to_whoever_cannot_unpack(app):
    path = standing.part("ComponentInstance")
    packed, plain = get(app, path, accept_encoding="gzip, br"), get(app, path)
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert "content-encoding" not in plain.headers
    assert {packed.headers["vary"], plain.headers["vary"]} == {"Accept-Encoding"}
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["content-type"].startswith("text/javascript")


def test_a_maps_frame_names_the_files_it_will_need_and_is_asked_for_anew(app):
    frame = get(app, standing.FRAME, accept_encoding="gzip")
    assert frame.headers["cache-control"] == "no-cache"
    kinds = re.findall(r"</gridmap/[^>]+>; rel=preload; as=(script|style)", frame.headers["link"])
    assert kinds == ["script"] * 2 + ["style"] * 3


def test_own_pages_faults_and_other_files_are_left_as_they_are(app):
    assert get(app, "/login").body == b"sign in"
    assert get(app, "/missing").status == 404
    with pytest.raises(LookupError):
        standing.part("NoSuchPart")
