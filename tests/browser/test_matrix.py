"""Every role at every page and route of the real server: what is declared opens, nothing else, and no row of another place."""

import contextlib
import gzip
import re
import urllib.error
import urllib.request

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import app
from gridmap import access
from gridmap.web import gate
from tests.browser import town

pytestmark = pytest.mark.browser

STREET = "990199001"
OTHER = ("990199002", "演示街道2", "演示社区002001", "演示社区002002")
"""Codes and names of the other street: none of them may reach whoever answers for STREET."""

WHOLE = {f"{role}": role for role in access.ROLES}
PARTS = {"part_officer": "department_officer", "part_secretary": "community_secretary"}
PAGES = [page for section in app.PAGES.values() for page in section]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    with town.district(folder, fictional=False) as db:
        town.report_evenly(db)
    return folder


@pytest.fixture(scope="module")
def tokens(data):
    """A session of every role for the whole district, and of two for one street."""
    book = access.open_book(data)
    for name, role in WHOLE.items():
        book.add(name, role)
    for name, role in PARTS.items():
        book.add(name, role, STREET)
    with book.write() as writing:
        writing.execute("UPDATE accounts SET must_change = 0")
    found = {name: book.begin(book.account(name)) for name in [*WHOLE, *PARTS]}
    book.close()
    return found


@pytest.fixture(scope="module")
def address(serving, data):
    with serving("app:app", GRIDMAP_DATA=str(data), GRIDMAP_LOGIN="accounts") as found:
        yield found


@contextlib.contextmanager
def reading(address, token):
    """Open one reader's WebSocket for as long as a with block lasts."""
    with connect(
        address.replace("http", "ws") + "/_stcore/stream",
        subprotocols=["streamlit"],
        additional_headers={"Cookie": f"gridmap_session={token}"} if token else {},
        max_size=None,
        open_timeout=30,
    ) as wire:
        yield Reader(address, token, wire)


class Reader:
    """One signed-in reader."""

    def __init__(self, address, token, wire):
        self.address, self.token, self.wire, self.pages = address, token, wire, {}

    def view(self, page="", query="lang=zh", name=""):
        """Open a page; give all that the server said about it, as one bytes object, and whether the page was there."""
        state = ClientState(query_string=query, page_script_hash=page, page_name=name)
        self.wire.send(BackMsg(rerun_script=state).SerializeToString())
        said, found = [], True
        while True:
            raw = self.wire.recv(timeout=90)
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            said.append(raw)
            if kind == "navigation":
                self.pages = {one.url_pathname: one.page_script_hash for one in message.navigation.app_pages}
            found &= kind != "page_not_found"
            if kind == "script_finished":
                return b"".join(said), found

    def get(self, path):
        return ask(self.address + path, self.token)[1]


def ask(url, token=None, *, accept="application/json", data=None):
    headers = {"Accept": accept, "Accept-Encoding": "gzip", **({"Cookie": f"gridmap_session={token}"} if token else {})}
    request = urllib.request.Request(url, headers=headers, data=data)  # noqa: S310 - loopback
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=60) as answer:
            body = answer.read()
            return answer.status, gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirect."""

    def redirect_request(self, *_):
        return None


def path_of(file):
    return file.removeprefix("pages/").removesuffix(".py")


@pytest.mark.parametrize("name", WHOLE)
def test_a_role_is_shown_the_pages_declared_for_it_and_cannot_open_another(address, tokens, name):
    actor, first = access.Actor(name, WHOLE[name]), path_of(PAGES[0][0])
    allowed = {path_of(page[0]) for page in PAGES if access.may(actor, page[2])}
    with reading(address, tokens[name]) as reader, reading(address, tokens["administrator"]) as administrator:
        reader.view()
        administrator.view()
        assert {path or first for path in reader.pages} == allowed
        forbidden = [path for path in administrator.pages if (path or first) not in allowed]
        for path in forbidden[:2]:  # every such page goes the same way: the reader's navigation has none of that name
            assert reader.view(name=path)[1] is False
            assert not {path, *forbidden} & set(reader.pages)


@pytest.mark.parametrize("name", PARTS)
def test_a_street_sees_itself_on_every_page_and_nothing_of_the_next(address, tokens, name):
    with reading(address, tokens[name]) as reader:
        reader.view()
        assert reader.pages
        for path, its_hash in reader.pages.items():
            said, found = reader.view(its_hash, f"lang=zh&at={OTHER[0]}")
            assert found, path
            for held in set(re.findall(rb"/gridmap/[a-z]+/[\w./-]+\.json", said)):
                said += reader.get(held.decode())
            said = said.replace(f"at={OTHER[0]}".encode(), b"")
            for word in OTHER:
                at = said.find(word.encode())
                assert at < 0, (path, said[max(0, at - 200) : at + 200])


ROUTES = [
    ("/gridmap/held/" + "0" * 32 + ".json", "look"),
    ("/gridmap/grids/1/grid/all.json", "look"),
    ("/account", gate.SIGNED_IN),
    ("/show", gate.SIGNED_IN),
    ("/_stcore/host-config", None),
    ("/_stcore/metrics", None),
    ("/static/index.html", None),
    ("/media/x.png", None),
    ("/", None),
    ("/merge", None),
    ("/app.py", None),
    ("/gridmap.duckdb", None),
    ("/access.sqlite", None),
]


@pytest.mark.parametrize(("path", "right"), ROUTES)
def test_nobody_gets_past_the_gate_and_a_role_where_its_right_reaches(address, tokens, path, right):
    assert ask(address + path)[0] == 401
    status = ask(address + path, accept="text/html")[0]
    assert status == 303
    assert ask(address + path, "made-up-token")[0] == 401
    for name, token in tokens.items():
        role = {**WHOLE, **PARTS}[name]
        status = ask(address + path, token)[0]
        if right not in {None, gate.SIGNED_IN} and not access.may(access.Actor(name, role), right):
            assert status == 403
        else:
            assert status not in {401, 403, 500}, (name, path)


def test_grids_come_to_each_as_far_as_their_territory_goes(address, tokens):
    whole = ask(address + "/gridmap/grids/1/grid/all.json", tokens["leader"])[1]
    part = ask(address + "/gridmap/grids/1/grid/all.json", tokens["part_secretary"])[1]
    assert OTHER[0].encode() in whole
    assert STREET.encode() in part
    assert OTHER[0].encode() not in part


def test_no_websocket_without_a_session_and_none_from_another_site(address, tokens):
    for token in (None, "made-up"):
        with pytest.raises(InvalidStatus), reading(address, token):
            pass
    url = address.replace("http", "ws") + "/_stcore/stream"
    cookie = {"Cookie": f"gridmap_session={tokens['leader']}"}
    with (
        pytest.raises(InvalidStatus),
        connect(url, subprotocols=["streamlit"], origin="http://evil.example", additional_headers=cookie),
    ):
        pass


def test_every_own_route_has_a_right_declared():
    assert {getattr(route, "path", "") for route in app.own} == set(gate.RIGHTS)
