"""Every page can be read and worked by everybody: axe finds nothing serious, in light and in dark."""

from pathlib import Path

import pytest

from tests.browser import town
from tests.browser.conftest import missing

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
  return found.violations.filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 160)).join(" | ")}`);
}"""


@pytest.fixture(scope="module")
def address(serving, tmp_path_factory):
    with serving("app:app", GRIDMAP_DATA=str(town.make(tmp_path_factory.mktemp("town")))) as found:
        yield found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(visit, address, scheme):
    if not AXE.is_file():
        missing("axe-core is not installed (npm ci --ignore-scripts)")
    page, problems = visit(address, "/", scheme=scheme), {}
    page.set_default_timeout(60_000)
    for name in PAGES:
        page.goto(f"{address}/{'' if name == 'one_map' else name}")
        page.wait_for_selector("h1, [data-testid=stAlert]")
        page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
        page.wait_for_timeout(700)
        for frame in (frame for frame in page.frames if frame is page.main_frame or "folium" in frame.url):
            frame.evaluate(AXE.read_text("utf-8") + ";0")
            if found := frame.evaluate(RUN):
                problems[f"{name} {'page' if frame is page.main_frame else 'map'}"] = found
    assert problems == {}
