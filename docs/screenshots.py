"""Takes the pictures of every page, in both languages, into docs/screens: ``make screenshots``.

``python docs/screenshots.py DATA NAME …`` takes those of single pages. It starts the dashboard on the demo district, opens
each page as a leader's browser would, waits until the map is painted, and saves what is on a 1920 x 1080 screen.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SCREENS = Path(__file__).with_name("screens")
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
PAGES = {page.stem: page.stem for page in sorted((SCREENS.parents[1] / "pages").glob("*.py"))} | {
    "one_map": "",
    "meeting": "meeting?view=disputes",
    "meeting_borders": "meeting?view=borders",
    "meeting_sql": "meeting?view=sql",
    "grid": "?at=990199001001003&show=centre.party.compound",
    "big_screen": "cockpit?embed=true&embed_options=dark_theme",
}
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
READY_MS = 120_000
SETTLE_MS = 2_500


def free_port() -> int:
    """Give a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str) -> None:
    """Wait until the dashboard answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 -- our own server on loopback
                return
        except OSError:
            time.sleep(0.1)
    message = f"the dashboard did not start on {address}"
    raise TimeoutError(message)


def picture(page: Page, address: str, name: str) -> None:
    """Open one page, wait until it has run and its map (where it has one) is painted, and save the screen."""
    page.goto(address)
    page.locator("[data-testid=stMain] h1, [data-testid=stMain] h2").first.wait_for(timeout=READY_MS)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=READY_MS)
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_function("!document.querySelector('[data-testid=stProgress]')", timeout=READY_MS)
    if page.locator("iframe[title*=folium]").count():
        page.frame_locator("iframe[title*=folium]").first.locator("[data-painted]").wait_for(timeout=READY_MS)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=SCREENS / f"{name}.png")


def main(data: str, *wanted: str) -> None:
    """Take the pictures of the pages wanted, or of every page, from the dashboard of the data folder ``data``."""
    SCREENS.mkdir(exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gridmap", "serve", "--data", data, "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own program
    try:
        wait_for(address)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for language, locale in LANGUAGES.items():
                context = browser.new_context(locale=locale, viewport={"width": 1920, "height": 1080})
                page = context.new_page()
                for name in wanted or PAGES:
                    path = PAGES[name]
                    picture(page, f"{address}/{path}", f"{name}_{language}")
                context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main(*sys.argv[1:])
