"""The look at what the program brings along: a known vulnerability or a binding licence ends it with an error."""

import importlib.util
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

spec = importlib.util.spec_from_file_location("supply", Path(__file__).parents[1] / ".ci" / "supply.py")
supply = importlib.util.module_from_spec(spec)
spec.loader.exec_module(supply)


def answering(monkeypatch, stdout):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=stdout))


def test_a_known_vulnerability_counts_and_an_accepted_one_does_not(monkeypatch):
    found = {"name": "numpy", "version": "1", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}
    answering(monkeypatch, json.dumps({"dependencies": [found, {"name": "x", "skip_reason": "not found"}]}))
    assert supply.vulnerabilities() == 2
    monkeypatch.setitem(supply.ACCEPTED, "CVE-1", "cannot be reached")
    assert supply.vulnerabilities() == 1


@pytest.mark.parametrize("nothing", ["", "no network", "{}"])
def test_what_cannot_be_audited_is_said_and_does_not_fail(monkeypatch, nothing, capsys):
    answering(monkeypatch, nothing)
    assert supply.vulnerabilities() == 0
    assert "NOT AUDITED" in capsys.readouterr().out


def test_a_binding_licence_counts(monkeypatch):
    listed = [
        {"Name": "numpy", "License": "GPL-3.0"},
        {"Name": "pandas", "License": "LGPL-2.1"},
        {"Name": "other", "License": "GPL"},
    ]
    answering(monkeypatch, json.dumps(listed))
    assert supply.licences() == 1
