"""Without sign-in only fictional data open, whatever the settings say."""

import json

import pytest

from gridmap import access, settings


@pytest.mark.parametrize("login", ["auto", "demo", "accounts", "proxy", "oidc"])
@pytest.mark.parametrize("fictional", [True, False, None])
def test_only_fictional_data_open_without_signing_in(tmp_path, monkeypatch, login, fictional):
    monkeypatch.setenv("GRIDMAP_LOGIN", login)
    settings.settings.cache_clear()
    (tmp_path / access.DATABASE).touch()
    if fictional is not None:
        (tmp_path / "source").mkdir()
        (tmp_path / "source" / "manifest.json").write_text(json.dumps({"fictional": fictional}))
    expected = login if login in {"accounts", "proxy", "oidc"} else "demo" if fictional else "accounts"
    assert access.way(tmp_path) == expected
    settings.settings.cache_clear()
