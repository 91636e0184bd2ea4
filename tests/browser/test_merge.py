"""The merge in a real browser: run from the page, looked at from every side, put into force and taken back."""

import geopandas as gpd
import pytest

from tests.browser import town
from tests.browser.test_pages import settled
from tests.web import test_merging as sent

pytestmark = pytest.mark.browser

VIEWS = {
    "部门图层": "各部门报送情况", "界线分歧": "界线一致程度", "图层问题": "清理情况", "融合方案": "方案保留情况与代价",
    "质量检查": "各项检查全部通过", "代价清单": "各类界线的取舍代价",
}  # fmt: skip
"""Views of the page, and what each says of the merge that was run."""


@pytest.fixture(scope="module")
def address(serving, tmp_path_factory):
    """Four communities whose grids are in force and the files of two departments that can be merged anew."""
    folder = sent.send(tmp_path_factory.mktemp("merge"), fictional=True)
    with town.district(folder, fictional=False) as db:
        for key in ("zongzhi", "chengguan"):
            layer = gpd.read_file(folder / "source" / f"{key}.gpkg").set_index("id")
            db.save_layer(key, layer, source=f"{key}.gpkg", batch=key)
    with serving("app:app", GRIDMAP_DATA=str(folder)) as found:
        yield found


def first_row(page, key):
    """Choose the first row of a table."""
    place = page.locator(f".st-key-{key} [data-testid=stDataFrame]").bounding_box()
    page.mouse.click(place["x"] + 16, place["y"] + 54)


def shown(page, version):
    """Wait until a version stands in the box in which one is chosen."""
    page.wait_for_function("(said) => [...document.querySelectorAll('input')].some((box) => box.value === said)", arg=version)


def test_a_merge_is_run_from_the_page_seen_from_every_side_put_into_force_and_taken_back(visit, address, map_frame):
    page = settled(visit(address, "/merge"))
    map_frame(page)
    page.get_by_role("button", name="开始融合").click()
    page.get_by_text("融合完成，已生成第2版草案。").wait_for(timeout=240_000)  # two processes start and read the engine first
    page.get_by_role("button", name="知道了").click()
    for view, said in VIEWS.items():
        page.get_by_role("radio", name=view).click()
        page.get_by_text(said).first.wait_for()
    page.get_by_role("radio", name="新旧对照").click()
    map_frame(page)
    first_row(page, "way-zongzhi")
    page.frame_locator("iframe[title*=folium]").locator(".gm-panel", has_text="综治").wait_for()
    page.get_by_role("radio", name="版本管理").click()
    page.get_by_text("在表中选择一个版本，可发布该版本").wait_for()
    settled(page)
    first_row(page, "versions")
    page.get_by_text("审批与备案").wait_for()
    page.get_by_text("冲突台账").wait_for()
    settled(page)
    page.get_by_role("button", name="发布所选版本").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("radio", name="融合方案").click()
    shown(page, "第2版 · 现行")
    page.get_by_role("radio", name="版本管理").click()
    settled(page)
    first_row(page, "versions")
    page.get_by_role("textbox", name="备案机关").fill("区网格办")
    page.get_by_role("textbox", name="备案号").fill("备〔2026〕7号")
    page.get_by_role("button", name="备案", exact=True).click()
    page.get_by_text("请填写办理人姓名").wait_for()  # nobody is named: said, and nothing is filed
    page.get_by_role("textbox", name="姓名").fill("王敏")
    page.get_by_role("button", name="备案", exact=True).click()
    page.get_by_text("备〔2026〕7号").wait_for()
    page.get_by_role("button", name="备案", exact=True).wait_for(state="detached")
    page.get_by_role("button", name="退回上一版本").click()
    page.get_by_role("dialog").get_by_role("button", name="退回", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("radio", name="融合方案").click()
    shown(page, "第2版 · 已撤回")
