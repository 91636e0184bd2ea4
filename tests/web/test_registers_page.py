"""Every register that a rule of the speech leads to opens on its page: the links that the browser's test does not follow."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from gridmap import access, settings
from gridmap.cases import registers, rulebook
from gridmap.web import guard, visitor
from tests.store.conftest import copy_of
from tests.store.conftest import templates as _templates

templates = _templates


@pytest.fixture
def db(templates, tmp_path, monkeypatch):
    """A small district that is looked at without signing in, because it is fictional."""
    for opened in copy_of(templates, "published", tmp_path):
        (opened.path.parent / "source").mkdir(exist_ok=True)
        manifest = {"fictional": True, "layers": {}}
        (opened.path.parent / "source" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        monkeypatch.setattr(settings.settings(), "data", opened.path.parent)
        monkeypatch.setattr(guard, "visit", lambda: visitor.Visit(access.DEMO))
        yield opened


def test_every_link_of_a_rule_to_a_register_opens_that_register(db):
    asked = {rule.query.removeprefix("register=") for rule in rulebook.rules(db) if rule.page == "registers"}
    assert len(asked) > 12
    for name in sorted(asked):
        page = AppTest.from_file(str(settings.HOME / "pages" / "registers.py"), default_timeout=120)
        page.query_params["register"] = name
        page.run()
        assert not page.exception, name
        assert not page.error, name
        assert registers.register(name).table == page.selectbox(key="register-choice").value
