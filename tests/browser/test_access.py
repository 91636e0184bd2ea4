"""Signing in, seeing one's own territory only, and being shown out, in a real browser and over the wire."""

import re

import pandas as pd
import pytest

from gridmap import access, store
from tests.browser.test_pages import settled
from tests.store import conftest as small

pytestmark = pytest.mark.browser

STREET = "990199001"
PASSWORD = "an own long word 7"  # noqa: S105
"""Passwords of the accounts below."""


def own_password(book, name, *rest, **more):
    first = book.add(name, *rest, **more)
    book.set_password(name, first, PASSWORD)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A district that is not fictional, with accounts."""
    folder = tmp_path_factory.mktemp("closed")
    db = store.open_store(folder / "gridmap.duckdb")
    small.fill_places(db)
    db.publish(db.draft(small.plan(), note="first", norm=(300, 500)))
    rows = [small.incident(n, n % 2, n // 20, title_zh=f"事件{n}") for n in range(40)]
    db.load("incidents", pd.DataFrame(rows), batch="incidents")
    db.close()
    book = access.open_book(folder)
    own_password(book, "root", "administrator")
    own_password(book, "liu", "leader")
    own_password(book, "chen", "community_secretary", STREET)
    book.close()
    return folder


@pytest.fixture(scope="module")
def address(serving, data):
    with serving("app:app", GRIDMAP_DATA=str(data), GRIDMAP_LOGIN="accounts") as found:
        yield found


def sign_in(page, name):
    page.get_by_label("账号").fill(name)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    return settled(page)


def test_one_signs_in_sees_the_own_street_and_is_shown_out_when_the_session_ends(visit, address, data):
    page = visit(address, f"/?at={STREET}001")
    page.wait_for_url(re.compile("/login"))
    page.get_by_label("账号").fill("chen")
    page.get_by_label("口令").fill("wrong")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("alert").wait_for()
    page.watch.problems.clear()  # the browser's own line about the 401
    sign_in(page, "chen")
    assert f"at={STREET}001" in page.url
    assert page.evaluate("document.cookie").find("gridmap_session") == -1
    page.goto(f"{address}/")
    settled(page)
    assert page.locator("h1").inner_text() == "演示街道1"
    page.goto(f"{address}/?at=990199002001")  # another street: the page stays at home
    settled(page)
    assert page.locator("h1").inner_text() == "演示街道1"
    assert page.locator(".gm-strip .gm-value").first.inner_text() == "20"
    sections = page.locator("[data-testid=stTopNavSection]").all_inner_texts()
    assert [name.strip() for name in sections] == ["看图", "会商", "工作"]
    book = access.open_book(data)
    book.end_all("chen")
    book.close()
    page.get_by_text("近7天").click()
    page.get_by_text("登录已失效").wait_for()
    page.get_by_role("link", name="登录").click()
    page.get_by_label("账号").wait_for()
