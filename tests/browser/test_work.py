"""The work in a real browser: a case's whole life done by each hand in turn, and every rule's link followed."""

import re

import numpy as np
import pandas as pd
import pytest

from gridmap import store
from gridmap.cases import registers
from gridmap.demo import work
from tests.browser.test_pages import data as _data
from tests.browser.test_pages import settled
from tests.cases.conftest import COMMUNITY, STREET

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages' small district, with three people on its first grid and the demo's registers."""
    made = (
        _data.__wrapped__(tmp_path_factory) if hasattr(_data, "__wrapped__") else _data.__pytest_wrapped__.obj(tmp_path_factory)
    )
    db = store.open_store(made / "gridmap.duckdb")
    people = [{"staff_id": f"S{n}", "name_masked": f"员{n}*", "staff_kind": "community_worker"} for n in (1, 2, 3)]
    db.load("staff", pd.DataFrame(people), batch="staff")
    posts = [("S3", "grid_head"), ("S1", "full_time"), ("S2", "full_time")]
    rows = [
        {"assignment_id": f"A{n}", "grid_code": f"{COMMUNITY}001", "staff_id": who, "post": post}
        for n, (who, post) in enumerate(posts)
    ]
    db.load("grid_assignments", pd.DataFrame(rows), batch="posts")
    pd.DataFrame({"community_code": [COMMUNITY]}).to_parquet(made / "communities.parquet")
    for table, frame in work.fill(made, np.random.default_rng(1)).items():
        db.load(table, frame, batch=f"demo-{table}")
    db.close()
    return made


@pytest.fixture(scope="module")
def address(serving, folder):
    with serving("app:app", GRIDMAP_DATA=str(folder)) as found:
        yield found


class Hand:
    """One hand in the browser: opens its desk as its post and makes moves on the case."""

    def __init__(self, page, address):
        self.page, self.address, self.case = page, address, None

    def at(self, path, post):
        self.page.goto(f"{self.address}/{path}?post={post}&case={self.case}")
        settled(self.page)
        self.page.locator(".st-key-case-card .gm-card").wait_for()
        return self

    def does(self, move, state, **said):
        """Choose a move by its name, say what it needs by label, send it; the card must then show the state."""
        page = self.page
        told = page.locator(".gm-history li").count()
        page.locator(".st-key-case-card [data-testid=stButtonGroup] button", has_text=re.compile(f"^{move}$")).click()
        form = page.locator("[data-testid=stForm]")
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


def test_a_case_lives_through_three_levels_a_return_and_a_whistle_each_hand_in_turn(visit, address, folder):
    page = settled(visit(address, f"/report?post=worker-{COMMUNITY}@S1"))
    page.get_by_label("地址、小区或社区").fill("演示社区001001")
    page.get_by_label("是什么问题").fill("垃圾")
    page.keyboard.press("Tab")
    page.get_by_text("暴露垃圾").first.wait_for()
    page.get_by_label("情况描述").fill("楼前堆放垃圾")
    page.keyboard.press("Tab")
    settled(page)
    page.get_by_role("button", name="事件上报", exact=True).click()
    told = page.locator("[data-testid=stAlert]", has_text="已上报").inner_text()
    hand = Hand(page, address)
    hand.case = re.search(r"C\d{15}", told).group()

    community, street, district = f"community-{COMMUNITY}", f"street-{STREET}", "district"
    hand.at("community_desk", community).does("受理", "已受理")
    hand.does("派遣", "已派遣", 承办人="员2")
    hand.at("my_grid", f"worker-{COMMUNITY}@S2").does("到场", "处置中").does("退回", "退单", 原因="不属于本社区职责")
    hand.at("community_desk", community).does("上报上级", "已受理", 原因="需执法部门处置")
    hand.at("command", street).does("上报上级", "已受理", 原因="需区级统筹")
    hand.at("command", district).does("下派", "已受理", 原因="由街道牵头")
    hand.at("command", street).does("派遣", "已派遣")
    hand.does("吹哨", "协调中", 原因="联合清理")
    hand.at("department_desk", "department-chengguan").does("报到", "协调中").does("离场", "协调中", 备注="已清运")
    hand.at("command", street).does("评价", "协调中").does("结束吹哨", "处置中")
    hand.at("department_desk", "department-chengguan").does("处置完毕", "核查中", 备注="清理完毕")
    hand.at("supervision", "supervisor").does("核查通过", "核查中").does("回访", "核查中")
    hand.at("command", street).does("结案", "办结")
    assert page.locator(".gm-steps li.done").count() == 6
    assert page.locator(".gm-history li").count() == 18
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390  # a telephone needs no sideways scrolling
    card, list_ = (page.locator(f".st-key-case-{name}").bounding_box()["y"] for name in ("card", "list"))
    assert card < list_
    page.close()


def test_every_rule_has_its_line_and_every_link_leads_to_a_page_that_opens(visit, address):
    page = settled(visit(address, "/rules"))
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
