"""The work in a real browser: a case's whole life done by each hand in turn, and every rule's link followed."""

import re

import numpy as np
import openpyxl
import pandas as pd
import pytest
from PIL import Image

from gridmap import access, cases
from gridmap.cases import posts, registers
from gridmap.demo import work
from tests.browser import town
from tests.browser.test_access import own_password, sign_in
from tests.browser.test_pages import settled, touch
from tests.cases.conftest import COMMUNITY, HANDS, STREET

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages' small district, with three people on its first grid and the demo's registers."""
    made = tmp_path_factory.mktemp("work")
    with town.district(made) as db:
        people = [
            {"staff_id": f"S{n}", "name_masked": f"员{n}*", "staff_kind": "community_worker", "community_code": COMMUNITY}
            for n in (1, 2, 3)
        ]
        db.load("staff", pd.DataFrame(people), batch="staff")
        serving_ = [("S3", "grid_head"), ("S1", "full_time"), ("S2", "full_time")]
        rows = [
            {"assignment_id": f"A{n}", "grid_code": f"{COMMUNITY}001", "staff_id": who, "post": post}
            for n, (who, post) in enumerate(serving_)
        ]
        db.load("grid_assignments", pd.DataFrame(rows), batch="posts")
        pd.DataFrame({"community_code": [COMMUNITY]}).to_parquet(made / "communities.parquet")
        for table, frame in work.fill(made, np.random.default_rng(1)).items():
            db.load(table, frame, batch=f"demo-{table}")
        workers = {post.hand.staff: post for post in posts.every(db, "worker", COMMUNITY)}
        city = {post.hand.dept: post for post in posts.every(db, "department")}
        given = {
            "zhang": workers["S1"],
            "li": workers["S2"],
            "qu": posts.every(db, "district")[0],
            "cheng": city["chengguan"],
            "du": posts.every(db, "supervisor")[0],
        }
        for account, post in given.items():
            posts.give(db, account, post)
        for _ in range(2):
            cases.report(db, HANDS.hotline, {"matter": "06010", "note": "楼前堆放垃圾", "place": f"{STREET}002"})
    book = access.open_book(made)
    for account, role, territory in ACCOUNTS:
        own_password(book, account, role, territory)
    book.close()
    return made


ACCOUNTS = (
    ("root", "administrator", ""),
    ("zhang", "community_secretary", COMMUNITY),
    ("li", "community_secretary", COMMUNITY),
    ("she", "community_secretary", COMMUNITY),
    ("lin", "community_secretary", f"{STREET}002"),
    ("jie", "community_secretary", STREET),
    ("qu", "leader", ""),
    ("cheng", "department_officer", ""),
    ("du", "leader", ""),
)
"""Who works: two of the grid, community, neighbour, street, district, a department, supervision; the last column is theirs."""


@pytest.fixture(scope="module")
def address(serving, folder):
    with serving("app:app", GRIDMAP_DATA=str(folder), GRIDMAP_LOGIN="accounts") as found:
        yield found


@pytest.fixture
def enter(visit, address):
    """``enter(account, path)`` signs in in a browser of its own and opens a page."""

    def opened(account, path="/", **screen):
        page = visit(address, path, **screen)
        page.wait_for_url(re.compile("/login"))
        return sign_in(page, account)

    return opened


class Hand:
    """One person in a browser and a session of their own: opens their desk and makes moves on the case."""

    def __init__(self, enter, address, account, path, case):
        self.enter, self.account, self.page = enter, account, None
        self.address, self.desk = address, f"/{path}?case={case}"

    def comes(self):
        """Open the desk with the case chosen; the first time, sign in on the way there."""
        if self.page is None:
            self.page = self.enter(self.account, self.desk)
        else:
            self.page.goto(self.address + self.desk)
            settled(self.page)
        return self

    def is_refused(self):
        """Be told that there is no such case, or that it is not on this desk."""
        self.comes().page.locator("[data-testid=stAlert]").wait_for()
        assert self.page.locator(".st-key-case-card .gm-card").count() == 0

    def does(self, move, state, **said):
        """Choose a move by its name, say what it needs by label, send it; the card must then show the state."""
        page = self.page
        page.locator(".st-key-case-card .gm-card").wait_for()
        told = page.locator(".gm-history li").count()
        page.locator(".st-key-case-card [data-testid=stButtonGroup] button", has_text=re.compile(f"^{move}$")).click()
        form = page.locator(".st-key-case-card [data-testid=stForm]")
        form.wait_for()
        for label, value in said.items():
            if label in {"备注", "原因"}:
                form.get_by_label(label, exact=True).fill(value)
            else:
                form.get_by_label(label).click()
                page.get_by_role("option", name=value).first.click()
                if label == "吹哨部门":
                    page.keyboard.press("Escape")
        form.locator("button[kind=primaryFormSubmit]").click()
        page.locator(f".gm-history li:nth-child({told + 1})").wait_for()
        assert f"· {state} ·" in page.locator(".st-key-case-card .gm-code").inner_text()
        settled(page)
        return self


def reported(page, frame, photo):
    """Report a case on a telephone: a point on the map, a photograph, a word of one's own; gives its number."""
    touch(page, frame, town.SOUTH + 0.004, town.WEST + 0.002)
    page.get_by_text("演示社区001001 001").first.wait_for()
    page.get_by_label("是什么问题").fill("垃圾")
    page.keyboard.press("Tab")
    page.get_by_text("暴露垃圾").first.wait_for()
    page.get_by_label("情况描述").fill("楼前堆放垃圾")
    page.keyboard.press("Tab")
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_text(photo.name).wait_for()
    page.get_by_role("button", name="安全隐患排查").click()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390  # a telephone needs no sideways scrolling
    page.get_by_role("button", name="事件上报", exact=True).click()
    return re.search(r"C\d{15}", page.locator("[data-testid=stAlert]", has_text="已上报").inner_text()).group()


@pytest.mark.timeout(900)
def test_a_case_lives_through_three_levels_a_return_and_a_whistle_each_hand_in_its_own_session(
    enter, address, map_frame, tmp_path
):
    photo = tmp_path / "spot.jpg"
    Image.new("RGB", (640, 480), "teal").save(photo)
    finder = enter("zhang", "/report", width=390, height=844)
    case = reported(finder, map_frame(finder), photo)
    desks = {
        "she": "community_desk", "li": "my_grid", "jie": "command", "qu": "command", "cheng": "department_desk",
        "du": "supervision", "lin": "community_desk",
    }  # fmt: skip
    she, li, jie, qu, cheng, du, lin = (Hand(enter, address, account, path, case) for account, path in desks.items())

    lin.is_refused()
    cheng.is_refused()
    li.is_refused()
    she.comes().does("受理", "已受理").does("派遣", "已派遣", 承办人="员2")
    assert she.page.locator(".st-key-case-card img").count() == 1
    li.comes().does("到场", "处置中").does("退回", "退单", 原因="不属于本社区职责")
    she.comes().does("上报上级", "已受理", 原因="需执法部门处置")
    jie.comes().does("上报上级", "已受理", 原因="需区级统筹")
    li.is_refused()
    qu.comes().does("下派", "已受理", 原因="由街道牵头")
    jie.comes().does("派遣", "已派遣").does("吹哨", "协调中", 原因="联合清理")
    cheng.comes().does("报到", "协调中").does("离场", "协调中", 备注="已清运")
    jie.comes().does("评价", "协调中").does("结束吹哨", "处置中")
    cheng.comes().does("处置完毕", "核查中", 备注="清理完毕")
    du.comes().does("核查通过", "核查中").does("回访", "核查中")
    jie.comes().does("结案", "办结")
    assert jie.page.locator(".gm-steps li.done").count() == 6
    assert jie.page.locator(".gm-history li").count() == 18
    told = jie.page.locator(".gm-history").inner_text()
    assert all(account in told for account in ("zhang", "she", "li", "jie", "qu", "cheng", "du"))
    jie.page.set_viewport_size({"width": 390, "height": 844})
    settled(jie.page)
    assert jie.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not jie.page.locator(".st-key-case-list").is_visible()  # one thing at a time: the case, and the way back to the list
    jie.page.get_by_role("button", name="返回列表").click()
    jie.page.locator(".st-key-case-list").wait_for()
    assert jie.page.locator(".st-key-case-card").count() == 0


def test_a_box_goes_out_as_excel_and_comes_back_through_the_page(enter, folder, tmp_path):
    """Of two rows filled in, one is made and one refused with its reason, and the boxes show it at once."""
    page = enter("lin", "/community_desk")
    settled(page)

    box = page.locator("[data-testid=stButtonGroup] button", has_text="待受理")

    def waiting():
        return int(box.inner_text().split()[-1])

    before = waiting()
    assert before >= 2
    page.get_by_text("用 Excel 办理").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="导出当前列表").click()
    taken.value.save_as(tmp_path / "box.xlsx")
    book = openpyxl.load_workbook(tmp_path / "box.xlsx")
    heads = {cell.value: cell.column for cell in book.worksheets[0][1]}
    for line, move in ((2, "受理"), (3, "结案")):
        book.worksheets[0].cell(line, heads["可办事项"], move)
    book.save(tmp_path / "filled.xlsx")
    page.locator(".st-key-case-list input[type=file]").set_input_files(tmp_path / "filled.xlsx")
    page.get_by_role("button", name="批量办理").click()
    page.get_by_text("已办理 1 件，退回 1 行").wait_for()
    assert waiting() == before - 1
    settled(page)


def test_every_rule_has_its_line_and_every_link_leads_to_a_page_that_opens(enter, address):
    page = enter("root", "/rules")
    lines = page.locator(".gm-rules tr")
    assert lines.count() == 69
    assert lines.locator("th").all_inner_texts() == [f"R{n:02d}" for n in range(1, 70)]
    links = [link.get_attribute("href") for link in lines.locator("a").all()]
    assert len(links) == 69
    opened = {}
    for link in dict.fromkeys(links):
        name, _, query = link.lstrip("/").partition("?")
        if name in opened and not query:
            continue
        if name in opened and query:  # one page shows every register: what it is asked for has to exist
            assert query.removeprefix("register=") in registers.every()
            continue
        page.goto(f"{address}{link}")
        settled(page)
        opened[name] = page.locator("[data-testid=stTopNavLink], [data-testid=stNavSectionHeader]").count()
        assert page.locator("[data-testid=stException]").count() == 0, link
        assert not [a.inner_text() for a in page.locator("[data-testid=stAlert]").all() if "日志" in a.inner_text()], link
    page.close()
