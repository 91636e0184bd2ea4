"""The upload page in a real browser: a boundary file's whole walk, and a table whose bad rows come back."""

import io
import json
import re

import geopandas as gpd
import openpyxl
import pytest

from tests.browser import town
from tests.browser.test_pages import settled
from tests.uploads import sent

pytestmark = pytest.mark.browser

CSV = """编号,上报时间,来源,描述,经度,纬度,网格编码
A1,2026-05-01 08:30,巡查,门口摆摊,119.905,39.905,
A2,2026-05-01 08:30,巡查,夜间施工,,,990199001001001
A3,昨天,巡查,{hostile},119.905,39.905,
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Four communities of two grids each, and a first version of one department's layer."""
    folder = tmp_path_factory.mktemp("upload")
    with town.district(folder) as db:
        first = sent.layer([(name, shape) for name, shape in sent.cells()[1:]]).set_index("网格编码")
        db.save_layer("zongzhi", gpd.GeoDataFrame(first), source="first.zip", batch="first")
    return folder


@pytest.fixture(scope="module")
def hold(tmp_path_factory):
    """A file: while it stands there, long work of the dashboard waits."""
    return tmp_path_factory.mktemp("hold") / "hold"


@pytest.fixture(scope="module")
def address(serving, data, hold):
    with serving("held_app:app", GRIDMAP_DATA=str(data), HOLD=str(hold)) as found:
        yield found


def press(page, name):
    page.get_by_role("button", name=name).first.click()
    return settled(page)


def book(download):
    return openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))


def figure(page, label):
    """The value under a label of the strip of figures."""
    return page.locator(".gm-strip > div", has=page.locator(f"dt:text-is('{label}')")).locator(".gm-value").inner_text()


def test_a_shifted_gbk_shapefile_walks_the_five_steps_and_is_taken_back(visit, address, tmp_path, map_frame, hostile):
    named = sent.layer()
    named.loc[2, "网格名称"] = hostile
    path = sent.gbk_zip(tmp_path / "综治 ![x](b.png) *2026*.zip", sent.shifted(named))
    page = settled(visit(address, "/upload"))
    page.locator("input[type=file]").set_input_files(str(path))
    press(page, "读取文件")

    page.get_by_role("button", name="确认,开始检查".replace(",", "，")).wait_for()
    assert page.locator("h1 + p").inner_text().startswith("综治 ![x](b.png) *2026*.zip")
    chosen = page.locator("[data-testid=stRadio] label:has(input:checked)")
    assert "GB18030" in chosen.nth(0).inner_text()
    assert "GCJ-02" in chosen.nth(1).inner_text()
    assert re.search(r"纠偏 \d{3} 米", page.locator("[data-testid=stRadio]").nth(1).inner_text())
    map_frame(page)
    upload = re.search(r"upload=([0-9a-f]{12})", page.url).group(1)
    page.goto(f"{address}/upload?upload={upload}")  # it is left and resumed by its address
    settled(page)
    press(page, "确认，开始检查")

    page.get_by_role("button", name="清理图层").wait_for()
    settled(page)
    assert figure(page, "网格") == "8"
    assert page.locator(".gm-checks li").count() == 12
    assert page.locator(".gm-checks .bad", has_text="无重叠").count() == 1
    with page.expect_download() as excel:
        page.get_by_role("button", name="问题清单（Excel）").click()
    assert any("重叠" in str(cell.value) for cell in book(excel).active["C"])
    map_frame(page)
    press(page, "清理图层")

    page.get_by_role("button", name="与上一版本比较").wait_for()
    frame = map_frame(page)
    frame.wait_for_selector(".gm-divider")
    press(page, "与上一版本比较")

    page.get_by_role("button", name="存为第 2 版").wait_for()
    assert (figure(page, "新增"), figure(page, "撤销")) == ("1", "0")
    press(page, "存为第 2 版")
    page.get_by_text("已存为综治第 2 版").wait_for()

    page.locator(".st-key-upload-view").get_by_text("图层版本", exact=True).click()
    settled(page)
    press(page, "退回上一版本")
    press(page.locator("[role=dialog]").page, re.compile("^退回$|^确认退回$"))
    page.wait_for_function("!document.querySelector('[role=dialog]')")
    settled(page)
    page.wait_for_function("[...document.querySelectorAll('.gm-strip .gm-value')][0].innerText === '7'")
    assert page.evaluate("window.hacked === undefined")
    assert all(frame.evaluate("window.hacked === undefined") for frame in page.frames)


def test_stop_is_heard_while_work_goes_on_and_leaves_the_step_as_it_was(visit, address, data, hold, tmp_path):
    page = settled(visit(address, "/upload"))
    page.locator("input[type=file]").set_input_files(str(sent.gbk_zip(tmp_path / "应急.zip", sent.layer())))
    press(page, "读取文件")
    page.get_by_role("button", name="确认，开始检查").wait_for()
    folder = data / "uploads" / re.search(r"upload=([0-9a-f]{12})", page.url).group(1)

    def state():
        record = json.loads((folder / "record.json").read_text("utf-8"))
        return record["step"], {path.name for path in folder.iterdir()}

    def stopped(step):
        """Begin a step, stop it while it works, and let it go on: it ends, and nothing of it is left."""
        before = state()
        hold.touch()
        page.get_by_role("button", name=step).click()
        page.get_by_role("button", name="停止").click()
        page.get_by_text("正在停止").wait_for()
        hold.unlink()
        page.get_by_text("已停止，数据未作任何更改。").wait_for()
        assert state() == before
        press(page, "知道了")
        page.get_by_role("button", name=step).wait_for()

    stopped("确认，开始检查")
    press(page, "确认，开始检查")
    page.get_by_role("button", name="清理图层").wait_for()
    stopped("清理图层")


def test_a_table_goes_in_but_for_the_rows_that_come_back(visit, address, tmp_path, hostile):
    path = tmp_path / "事件.csv"
    quoted = '"' + hostile.replace('"', '""') + '"'
    path.write_text(CSV.replace("{hostile}", quoted), "utf-8")
    page = settled(visit(address, "/upload", language="en-US"))
    page.locator(".st-key-upload-view").get_by_text("Tables", exact=True).click()
    settled(page)
    with page.expect_download() as blank:
        page.get_by_role("button", name="Download the blank form").click()
    assert book(blank).sheetnames[0] == "事件"
    page.locator("input[type=file]").set_input_files(str(path))
    press(page, "Read the table")
    page.get_by_role("button", name="Check the rows").wait_for()
    press(page, "Check the rows")
    load = page.get_by_role("button", name=re.compile("^Load 2 rows"))
    load.wait_for()
    settled(page)
    assert (figure(page, "Good rows"), figure(page, "Rows to mend")) == ("2", "1")
    with page.expect_download() as bad:
        page.get_by_role("button", name="Download the rows to mend").click()
    rows = list(book(bad).active.iter_rows(values_only=True))
    assert len(rows) == 2
    assert hostile in rows[1]
    load.click()
    page.get_by_text("2 rows were loaded").wait_for()
    settled(page)
    press(page, "Send another file")
    page.locator("input[type=file]").set_input_files(str(path))
    press(page, "Read the table")
    press(page, "Check the rows")
    page.get_by_role("button", name=re.compile("^Load 2 rows")).click()
    page.get_by_text("loaded before; nothing was changed").wait_for()
    assert page.evaluate("window.hacked === undefined")
