"""Every sentence a person can meet is said in both languages, with the same figures in it."""

import inspect
import pickle
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po

from gridmap import errors, terms

ROOT = Path(__file__).parents[1]
CATALOGUES = sorted((ROOT / "gridmap" / "locale" / "zh" / "LC_MESSAGES").glob("*.po"))
ERRORS = [name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.GridmapError)]
SAID_BY = ["say", "key", *ERRORS]
PLACE = re.compile(r"{(\w*)[^}]*}")


def sources():
    return [*(ROOT / "gridmap").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]


def said():
    """Where each message stands: message -> file:line."""
    found = {}
    for path in sources():
        with path.open("rb") as file:
            for line, _function, message, _comments in extract_python(file, SAID_BY, [], {}):
                text = message[0] if isinstance(message, (list, tuple)) else message
                if text:
                    found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def chinese():
    known = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    known[message.id] = message
    return known


def test_every_message_has_a_chinese_sentence():
    known = chinese()
    missing = {place: text for text, place in said().items() if text not in known or not known[text].string}
    assert not missing


def test_both_languages_have_the_same_places():
    for text, message in chinese().items():
        assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(message.string)), text


def test_a_sentence_in_two_catalogues_has_the_same_chinese():
    """Catalogues are merged, and the first file would win over the others."""
    known = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    known.setdefault(message.id, {})[path.name] = message.string
    assert not {text: files for text, files in known.items() if len(set(files.values())) > 1}


def test_chinese_sentences_have_chinese_punctuation():
    half = re.compile(r"[\u4e00-\u9fff][,;?!](?!\d)|\([^()]*[\u4e00-\u9fff][^()]*\)")
    assert not [message.string for message in chinese().values() if half.search(message.string)]


def test_no_catalogue_entry_is_fuzzy():
    assert not [text for text, message in chinese().items() if message.fuzzy]


@pytest.mark.parametrize(("tag", "spoken"), [("zh-CN", "zh"), ("en_GB", "en"), ("fr", "zh"), (None, "zh")])
def test_an_unknown_language_falls_back_to_chinese(tag, spoken):
    assert terms.nearest(tag) == spoken


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 places"), (1, "1 place"), ("1", "1 place"), (2, "2 places"), ("1,024", "1,024 places")]
)
def test_one_is_said_as_one_and_many_as_many(n, said):
    assert terms.say("{n:# place|# places}", n=n, language="en") == said
    assert terms.say("{n:# place|# places}", n=n, language="zh") == f"共 {n} 处"


def test_an_error_crosses_a_process_with_its_sentence():
    error = errors.InputError("The layer {layer} says no coordinate system; name one with --crs.", layer="zongzhi")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own object, as worker processes pass it
    assert back.sentence("en") == error.sentence("en")
    assert "zongzhi" in back.sentence("zh")
    assert back.sentence("zh") != back.sentence("en")


def test_a_list_is_said_with_the_commas_of_its_language():
    message, grids = "Compound {compound} is cut between {grids}.", ["a", "b", "c"]
    assert terms.say(message, language="en", compound="X", grids=grids) == "Compound X is cut between a, b, c."
    assert terms.say(message, language="zh", compound="X", grids=grids) == "小区 X 被 a、b、c 分割。"
