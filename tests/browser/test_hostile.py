"""A district whose every name, title and note is a piece of hostile text: every page draws it, and nothing of it runs."""

import contextlib
import itertools

import pytest

import app
from gridmap import store
from tests.attacks.test_texts import FORMULAS, PAYLOADS
from tests.browser import town
from tests.browser.test_pages import settled

pytestmark = pytest.mark.browser

TEXTS = (
    "name_zh",
    "title_zh",
    "note",
    "reason_zh",
    "unit_no",
    "name",
    "summary",
    "text",
    "question",
    "subject",
    "reason",
    "title",
)
RUNS = [text for text in PAYLOADS if "\u0000" not in text] + FORMULAS[:3]
MARKED = "<img src=x onerror=window.hacked=1>"


def spoil(db):
    """Put another payload into every text of every row that people or files wrote; give how many texts those are."""
    payloads, count = itertools.cycle(RUNS), 0
    columns = (
        db.cursor()
        .execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal "
            "AND data_type = 'VARCHAR' AND table_name IN (SELECT table_name FROM duckdb_tables()) ORDER BY ALL"
        )
        .fetchall()
    )
    for table, column in columns:
        if column not in TEXTS or table in {
            "matter_types",
            "departments",
            "settings",
            "duties",
            "schema_migrations",
            "divisions",
        }:
            continue
        rows = db.cursor().execute(f'SELECT DISTINCT "{column}" FROM {table} WHERE "{column}" IS NOT NULL').fetchall()
        for (value,) in rows:
            with contextlib.suppress(Exception), db.write() as cursor:  # a column that others refer to stays as it is
                cursor.execute(f'UPDATE {table} SET "{column}" = ? WHERE "{column}" = ?', [f"{value} {next(payloads)}", value])
                count += 1
    return count


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = town.make(tmp_path_factory.mktemp("hostile"))
    db = store.open_store(folder / "gridmap.duckdb")
    db.hold_meeting(MARKED, store.now().date(), place=MARKED, chair=MARKED, present=MARKED)
    db.save_question(MARKED, f"SELECT 1 -- {MARKED}")
    db.ask_later(MARKED, meeting=None, answerer=MARKED, due=None, by=MARKED)
    assert spoil(db) > 60
    db.close()
    return folder


@pytest.fixture(scope="module")
def address(serving, data):
    with serving("app:app", GRIDMAP_DATA=str(data)) as found:
        yield found


ASKED = {
    "one_map": (f"at={town.GRID}&show=centre.party.zongzhi&as=points&days=365", f"at={town.COMMUNITY}&pick=centre:C1"),
    "meeting": tuple(f"view={view}" for view in ("ask", "sql", "disputes", "borders", "scenarios", "minutes")),
}
NOTHING_RAN = """() => window.hacked === undefined
    && document.querySelectorAll('[onerror], [onload], [ontoggle], [onfocus], [onpageshow], img[src="x"]').length === 0"""


def test_every_page_draws_hostile_texts_and_none_of_them_runs(visit, address):
    page = visit(address, "/")
    page.on("dialog", lambda dialog: page.watch.problems.append(f"a dialog: {dialog.message}"))
    shown = 0
    places = [name.removeprefix("pages/").removesuffix(".py") for section in app.PAGES.values() for name, *_ in section]
    for number, name in enumerate(places):
        for query in ASKED.get(name, ("days=365",)):
            page.goto(f"{address}/{'' if name == 'one_map' else name}?{query}&lang={('zh', 'en')[number % 2]}")
            settled(page)
            page.wait_for_timeout(200)
            for frame in page.frames:
                assert frame.evaluate(NOTHING_RAN), (name, query, frame.url)
            assert page.locator("[data-testid=stException]").count() == 0, name
            shown += page.content().count("hacked") + page.content().count("evil.example")
    assert shown > 40
