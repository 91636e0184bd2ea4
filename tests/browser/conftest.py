"""A real Chromium in front of the real server; every request, error and warning of a page is watched.

Nothing can leave the machine: names other than the server's own do not resolve, and asking for one fails the test.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from gridmap import settings
from tests import processes

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-prefers-reduced-motion",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def missing(what):
    """Skip with the reason, or fail where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def chromium():
    """The browser, once a file: while it runs, Playwright holds the thread's event loop, which other tests need."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("there is no Chromium here (Debian: apt-get install chromium)")
    if not settings.ASSETS.is_dir():
        missing("the maps' scripts are not installed (npm ci --ignore-scripts)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


HOSTILE = "<img src=x onerror=\"window.hacked=1\"> ${window.hacked=2} `x` {{'map_div'}} & 'q'"


@pytest.fixture(scope="session")
def hostile():
    """A text that would run if any place took it for more than text; the servers of these tests have it in HOSTILE."""
    return HOSTILE


@pytest.fixture(scope="session")
def serving():
    """Run an ASGI app of this folder or of the project, for as long as a with block lasts."""
    return _serving


@contextlib.contextmanager
def _serving(target, **environment):
    """Run an ASGI app on a free loopback port until the block ends; gives its address."""
    port = processes.free_port()
    command = [sys.executable, "-m", "uvicorn", target, "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    own = {
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "STREAMLIT_LOGGER_LEVEL": "error",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}",
        "HOSTILE": HOSTILE,
    }
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own, **environment}, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):  # generous, because the machine may be busy with other tests
            assert process.poll() is None, f"the server of {target} ended with {process.returncode}"
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - loopback
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"the server of {target} did not start")
        yield address
    finally:
        processes.end(process)


def probe(said):
    """Streamlit, opened at a page's own address, asks below that address first whether the server is mounted there: a 404."""
    return said.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))


class Watch:
    """What pages of one test asked for and complained of."""

    def __init__(self, address):
        self.address = address
        self.requests = []
        self.problems = []

    def follow(self, page):
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on(
            "console", lambda said: said.type == "error" and not probe(said) and self.problems.append(f"console: {said.text}")
        )

    def outside(self):
        """Requests to any host but the server."""
        own = (self.address, self.address.replace("http", "ws"), "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]


FAILED = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def say_what_it_shows(page):
    """Print a page as its reader sees it, so that the report of a failed test tells what stood there."""
    with contextlib.suppress(Error):
        print(f"--- {page.url}\n{page.locator('body').inner_text(timeout=2000)[:4000]}")  # noqa: T201 - into the report


@pytest.fixture
def visit(chromium, request):
    """``visit(address, path, language=…)`` opens a page; at the end nothing may have left the server or been complained of."""
    watches, contexts = [], []

    def opened(address, path="/", *, language="zh-CN", width=1600, height=900, scheme="light"):
        context = chromium.new_context(locale=language, viewport={"width": width, "height": height}, color_scheme=scheme)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watch = Watch(address)
        watch.follow(page)
        watches.append(watch)
        page.goto(address + path)
        page.watch = watch
        return page

    yield opened
    for context in contexts:
        for page in context.pages if request.node.stash.get(FAILED, False) else ():
            say_what_it_shows(page)
        context.close()
    for watch in watches:
        assert watch.outside() == []
        assert watch.problems == []


@pytest.fixture
def map_frame():
    """``map_frame(page)`` waits for the page's map to be painted and gives its frame."""

    def found(page, stamp=None):
        place = "[data-painted]" if stamp is None else f'[data-stamp="{stamp}"]'
        page.frame_locator("iframe[title*=folium]").locator(place).wait_for()
        return next(frame for frame in page.frames if "streamlit_folium" in frame.url)

    return found
