"""The book: who gets in, for how long, and that no entry of the log can be changed unseen."""

import sqlite3
from datetime import timedelta

import pytest

from gridmap import access
from gridmap.access import accounts, masking, passwords, sessions
from gridmap.errors import AccessError, Forbidden, GridmapError
from gridmap.store import now

GOOD = "an own long word 7"


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Hashes that cost a thousandth: what is tested here is who gets in, not how slow it is."""
    slow, passwords._HASHER = passwords._HASHER, passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody.cache_clear()
    yield
    passwords._HASHER = slow
    passwords._nobody.cache_clear()


@pytest.fixture
def book(tmp_path):
    opened = access.open_book(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def clock(monkeypatch):
    """A clock that can be put forward (hours=1) and back (hours=-1)."""
    moved = timedelta()

    def move(**by):
        nonlocal moved
        moved += timedelta(**by)

    for module in (accounts, sessions):
        monkeypatch.setattr(module, "now", lambda: now() + moved)
    return move


@pytest.fixture
def chen(book):
    book.set_password("chen", book.add("chen", "community_secretary", "990199001002"), GOOD)
    return book.account("chen")


def test_a_new_password_is_kept_as_argon2id():
    assert passwords._HASHER.type.name == "ID"
    kept = passwords.keep(GOOD)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, GOOD)
    assert not passwords.fits(kept, GOOD + "!")
    assert not passwords.fits(None, GOOD)
    assert not passwords.fits("no hash", GOOD)


@pytest.mark.parametrize(
    "bad", ["short", "password2026", "1234567890", "aaaaaaaaaaaa", "chen-chen-77", "x" * 201, "Admin-admin-1", "qwertyuiop123"]
)
def test_a_password_everybody_tries_first_is_refused(bad):
    with pytest.raises(AccessError):
        passwords.judge(bad, "chen")


def test_a_one_time_password_has_to_be_changed_and_lasts_three_days(book, clock):
    first = book.add("wang", "leader")
    assert book.sign_in("wang", first).must_change
    clock(hours=73)
    with pytest.raises(AccessError, match="one-time"):
        book.sign_in("wang", first)
    book.add("root", "administrator")
    assert book.sign_in("wang", book.change("wang", reset=True) or "").must_change


def test_every_refusal_says_the_same(book, chen):
    said = set()
    for name, password in (("nobody", GOOD), ("chen", "wrong"), ("chen' OR 1=1 --", GOOD)):
        with pytest.raises(AccessError) as refused:
            book.sign_in(name, password)
        said.add(refused.value.sentence("en"))
    assert len(said) == 1


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(book, chen, clock):
    for _ in range(5):
        with pytest.raises(AccessError):
            book.sign_in("chen", "wrong")
    with pytest.raises(AccessError):
        book.sign_in("chen", GOOD)
    assert book.account("chen").locked
    clock(minutes=16)
    assert book.sign_in("chen", GOOD).failed == 0


def test_a_clock_put_back_does_not_lock_for_years(book, chen, clock):
    clock(days=400)
    for _ in range(5):
        with pytest.raises(AccessError):
            book.sign_in("chen", "wrong")
    clock(days=-400)
    assert book.sign_in("chen", GOOD)


def test_a_closed_or_expired_account_opens_nothing_and_ends_at_once(book, chen, clock):
    book.add("root", "administrator")
    token = book.begin(chen)
    assert book.look(token).account.name == "chen"
    book.change("chen", closed=True)
    assert book.look(token) is None
    with pytest.raises(AccessError):
        book.sign_in("chen", GOOD)
    book.change("chen", closed=False, expires_at=now() + timedelta(hours=1))
    token = book.begin(book.account("chen"))
    clock(hours=1, seconds=1)
    assert book.look(token) is None


def test_the_last_administrator_stays(book):
    book.add("root", "administrator")
    for values in ({"closed": True}, {"role": "leader"}, {"territory": "990199001"}):
        with pytest.raises(AccessError, match="last administrator"):
            book.change("root", **values)
    book.add("second", "administrator")
    book.change("root", role="leader")
    assert book.account("root").role == "leader"


@pytest.mark.parametrize(
    ("name", "role", "territory"),
    [
        ("x", "leader", ""),
        ("a b", "leader", ""),
        ("chen", "king", ""),
        ("chen", "leader", "99"),
        ("a;--", "leader", ""),
        ("", "leader", ""),
    ],
)
def test_an_account_that_cannot_be_is_refused(book, name, role, territory):
    with pytest.raises(GridmapError):
        book.add(name, role, territory)
    assert book.is_new()


def test_a_name_is_taken_once_and_only_known_accounts_change(book, chen):
    with pytest.raises(AccessError, match="already"):
        book.add("chen", "leader")
    with pytest.raises(AccessError, match="no account"):
        book.change("nobody", role="leader")


def test_the_first_administrator_needs_the_token_and_it_works_once(book):
    token = book.invite()
    later = book.invite()
    for wrong in ("", token, later + "x"):
        with pytest.raises(AccessError, match="invitation"):
            book.claim(wrong, "root", GOOD)
    with pytest.raises(AccessError):
        book.claim(later, "root", "short")
    assert book.claim(later, "root", GOOD).role == "administrator"
    with pytest.raises(AccessError):
        book.claim(later, "second", GOOD)
    assert not book.is_new()


def test_a_password_is_changed_by_whoever_knows_the_old_one_and_ends_the_sessions(book, chen):
    token = book.begin(chen)
    for old, new in (("wrong", "another long word 8"), (GOOD, GOOD), (GOOD, "short")):
        with pytest.raises(AccessError):
            book.set_password("chen", old, new)
    book.set_password("chen", GOOD, "another long word 8")
    assert book.look(token) is None
    assert book.sign_in("chen", "another long word 8")


def test_a_session_lasts_a_day_and_ends_when_it_is_idle_or_ended(book, chen, clock):
    token = book.begin(chen)
    for _ in range(6):
        clock(minutes=110)
        assert book.look(token)
    clock(minutes=110)
    assert book.look(token) is None  # 12 hours
    token = book.begin(chen)
    clock(minutes=121)
    assert book.look(token) is None  # 2 hours without use
    token = book.begin(chen)
    book.end(token)
    assert book.look(token) is None
    token = book.begin(chen)
    clock(days=-30)  # a session from the clock's future
    assert book.look(token) is None
    assert book.look("") is None
    assert book.look("made up") is None


def test_signing_in_gives_a_new_token_and_ends_the_one_before(book, chen):
    before = book.begin(chen)
    after = book.begin(chen, instead_of=before)
    assert before != after
    assert book.look(before) is None
    assert [one.id for one in book.sessions()] == [book.look(after).id]
    assert after not in book.path.read_bytes().decode("latin-1")  # the book alone opens nothing


def test_the_log_says_who_did_what_and_is_found_again(book):
    actor = access.Actor("liu", "leader")
    with book.acting(actor, "publish", "version 3"):
        pass
    with pytest.raises(Forbidden), book.acting(actor, "publish", "version 4"):
        raise Forbidden("Your account ({role}) has no right to {action}.", role="x", action="y")
    with pytest.raises(ZeroDivisionError), book.acting(actor, "merge"):
        raise ZeroDivisionError
    book.record(access.Actor("chen", "auditor"), "export", "cases.csv", "1000 rows", address="10.1.2.3")
    details = book.actions()["detail"].tolist()[::-1]
    assert [detail.split(" ")[0] for detail in details] == ["begun", "done", "begun", "not", "begun", "not", "1000"]
    assert len(book.actions(action="publish")) == 4
    assert len(book.actions(words="cases.csv")) == 1
    assert len(book.actions(actor="chen")) == 1
    assert book.actions(words="' OR 1=1 --").empty
    assert book.actions(end="2000-01-01").empty
    assert len(book.actions(start="2000-01-01", limit=2)) == 2
    assert book.broken() is None


@pytest.mark.parametrize("change", [
    "UPDATE audit SET actor = 'nobody' WHERE seq = 3",
    "UPDATE audit SET detail = 'x' WHERE seq = 3",
    "DELETE FROM audit WHERE seq = 3",
    "UPDATE audit SET seq = 99 WHERE seq = 3",
    "INSERT INTO audit SELECT 6, at, actor, role, action, object, detail, address, digest, digest FROM audit WHERE seq = 5",
])  # fmt: skip
def test_a_changed_log_is_seen(book, change):
    for number in range(5):
        book.record(access.DEMO, "look", str(number))
    assert book.broken() is None
    number, noted = book.head()
    assert number == 5
    assert book.broken(head=noted) is None
    with sqlite3.connect(book.path) as other:
        other.execute(change)
    other.close()
    assert book.broken() in {3, 6}


def test_an_end_that_was_cut_off_is_seen_by_the_digest_noted_before(book):
    for number in range(5):
        book.record(access.DEMO, "look", str(number))
    _, noted = book.head()
    with book.write() as writing:
        writing.execute("DELETE FROM audit WHERE seq > 3")
    assert book.broken() is None
    assert book.broken(head=noted) == 4


def test_a_damaged_book_is_said_in_one_sentence(tmp_path):
    (tmp_path / "access.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(AccessError, match=r"access\.sqlite"):
        access.open_book(tmp_path)


def test_a_copy_is_put_back_and_the_old_book_is_kept(book, chen, tmp_path):
    book.copy(tmp_path / "copy")
    book.change("chen", role="leader")
    access.restore_book(tmp_path / "copy", tmp_path)
    again = access.open_book(tmp_path)
    assert again.account("chen").role == "community_secretary"
    assert (tmp_path / "access.sqlite.before-restore").exists()
    assert (tmp_path / "access.sqlite").stat().st_mode & 0o777 == 0o600
    again.close()


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王小明", "王**"), ("李四", "李*"), ("欧阳明月", "欧阳**"), ("王*", "王*"), ("", ""), (None, ""), ("王", "王*")],
)
def test_a_name_is_masked(name, masked):
    assert masking.name(name) == masked


def test_numbers_are_masked_also_in_a_text():
    assert masking.telephone("138 1234 5678") == "138****5678"
    assert masking.telephone("12345") == "*****"
    assert masking.telephone(None) == ""
    text = masking.prose("来电13812345678,身份证110101199001011234,座机010-12345678,编号20260101")
    assert "13812345678" not in text
    assert "110101199001011234" not in text
    assert "12345678" not in text.replace("138****5678", "")
    assert "编号20260101" in text
