"""Signing in, seeing one's own territory only, and being shown out, in a real browser and over the wire."""

import re

import pytest

from gridmap import access
from tests.browser import town
from tests.browser.test_pages import settled

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
    with town.district(folder, fictional=False) as db:
        town.report_evenly(db)
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


def pick_row(page, row):
    """Choose a row of the page's first table by the box before it."""
    box = page.locator("[data-testid=stDataFrame]").first.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 35 * (row + 1) + 18)


def one_time(page):
    """The one-time password that is shown once."""
    code = page.locator("[data-testid=stCode]").last
    code.wait_for()
    return code.inner_text().strip()


def enter(page, name, password):
    page.get_by_label("账号").fill(name)
    page.get_by_label("口令").fill(password)
    page.get_by_role("button", name="登录").click()


def test_an_administrator_makes_an_account_hands_it_over_resets_it_and_shows_it_out(visit, address, data):
    page = visit(address, "/accounts")
    sign_in(page, "root")
    page.goto(f"{address}/accounts")
    settled(page)
    page.get_by_role("button", name="新建账号").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("账号").fill("wang")
    dialog.get_by_label("姓名").fill("王 <b>某</b>")
    dialog.get_by_role("button", name="创建账号").click()
    first = one_time(page)

    other = visit(address, "/login")
    enter(other, "wang", first)
    other.wait_for_url(re.compile("/account"))  # nothing else opens before an own password is chosen
    other.goto(f"{address}/cockpit")
    other.wait_for_url(re.compile("/account"))
    assert "王 <b>某</b>" in other.inner_text("body")
    for password, again in (("wang-wang-wang-1", "wang-wang-wang-1"), (PASSWORD, PASSWORD + "x")):
        fill_change(other, first, password, again)
        other.get_by_role("alert").wait_for()
    fill_change(other, first, PASSWORD, PASSWORD)
    settled(other)
    assert other.url.rstrip("/") == address

    book = access.open_book(data)
    with book.write() as writing:  # two minutes later
        writing.execute("UPDATE sessions SET seen_at = datetime(seen_at, '-2 minutes')")
    page.goto(f"{address}/accounts")
    settled(page)
    page.get_by_text("当前登录").click()
    page.wait_for_timeout(1000)
    listed = [one.account.name for one in book.sessions()]
    pick_row(page, listed.index("wang"))
    page.get_by_role("button", name="终止所选登录").click()
    page.wait_for_timeout(1000)
    assert "wang" not in [one.account.name for one in book.sessions()]
    other.goto(f"{address}/cockpit")
    other.wait_for_url(re.compile("/login"))

    page.locator("[data-testid=stButtonGroup]").get_by_text("账号", exact=True).click()
    page.wait_for_timeout(1000)
    pick_row(page, [one.name for one in book.accounts()].index("wang"))
    page.get_by_role("button", name="重置为一次性口令").click()
    second = one_time(page)
    assert second != first
    for _ in range(5):
        enter(other, "wang", "wrong wrong wrong")
        other.get_by_role("alert").wait_for()
    enter(other, "wang", second)
    other.get_by_role("alert").wait_for()  # locked, and not said
    other.watch.problems.clear()  # the browser's own lines about the 401s
    assert book.account("wang").locked
    kinds = list(book.actions(words="wang")["action"])
    assert {"accounts", "sign in", "password"} <= set(kinds)
    assert book.broken() is None
    book.close()


def fill_change(page, old, new, again):
    for label, value in (("原口令", old), ("新口令", new), ("再次输入口令", again)):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="修改口令").click()
