"""Read columns of text as what they are: the common form in one vectorised step, what people also write value by value."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridmap.intake.forms import plain
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridmap.intake.forms import Column

_TRUE = {"是", "有", "1", "y", "yes", "true", "t", "√", "✓", "党员", "中共党员", "满意", "非常满意", "基本满意", "已解决", "已"}
_FALSE = {"否", "无", "0", "n", "no", "false", "f", "×", "✗", "群众", "不满意", "未解决", "未", "没有", "团员", "共青团员"}
_NOTHING = {"", "-", "--", "—", "/", "\\", "无数据", "不详", "未知", "空", "null", "none", "nan", "n/a", "#n/a"}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"\s*[T ]?\s*(\d{1,2})\s*[::时]\s*(\d{1,2})\s*(?:[::分]\s*(\d{1,2})(?:\.\d+)?\s*秒?|分)?\s*(.*)")
_OFFSET = re.compile(r"(Z|UTC|[+-]\d{2}:?\d{2})", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(户|人|个|名|平方米|平米|㎡|m2|m²|元|万元|万|%|%|年|次|分)?")
_HERE = dt.timezone(dt.timedelta(hours=8))
_MOMENT = pa.timestamp("us")
_AHEAD = {"date": _MOMENT, "time": _MOMENT, **dict.fromkeys(("number", "money", "longitude", "latitude"), pa.float64())}
"""Kinds whose common form is read in one step, and as what."""
_EXCEL_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - local time, as Excel counts it
_SENTINELS = [dt.date(1, 1, 1), dt.date(1899, 12, 30), dt.date(1900, 1, 1), dt.date(1970, 1, 1), dt.date(9999, 12, 31)]
"""Days that systems write for "none", the earliest first."""
_SPACE, _BEYOND = 0x20, 0x7F
"""Plain letters lie between these."""

UNREADABLE = {
    "whole": key("{column}: {value} is not a whole number."),
    "number": key("{column}: {value} is not a number."),
    "money": key("{column}: {value} is not an amount."),
    "rate": key("{column}: {value} is not a share between 0 and 1, or 0 and 100 %."),
    "score": key("{column}: {value} is not a mark from 0 to 100."),
    "year": key("{column}: {value} is not a year."),
    "date": key("{column}: {value} is not a date, such as 2026-05-01."),
    "time": key("{column}: {value} is not a time, such as 2026-05-01 08:30."),
    "flag": key("{column}: {value} is neither yes nor no."),
    "choice": key("{column}: {value} is not one of {choices}."),
    "code9": key("{column}: {value} is not a code of 9 digits."),
    "code12": key("{column}: {value} is not a code of 12 digits."),
    "code15": key("{column}: {value} is not a code of 15 digits."),
    "uscc": key("{column}: {value} is not a unified social credit code of 18 characters."),
    "longitude": key("{column}: {value} is not a longitude in degrees."),
    "latitude": key("{column}: {value} is not a latitude in degrees."),
}

Read = tuple[pa.Array, "NDArray[np.bool_]"]
"""A typed array, null where nothing stands or nothing can be read; and where something stands that cannot be read.

Dates that systems write for "none" (1970-01-01 and the like) become null without being wrong."""


class Ahead:
    """Columns of texts that are all times or all plain numbers, read as such block by block while the next block comes."""

    def __init__(self) -> None:
        self._read: dict[str, list[pa.Array]] = {}
        self._kinds: dict[str, list[pa.DataType]] = {}

    def take(self, block: pa.RecordBatch) -> None:
        """Read one more block; a column is given up with its first text that is of no kind."""
        for name, texts in zip(block.schema.names, block.columns, strict=True):
            kinds = self._kinds.setdefault(name, [_MOMENT, pa.float64()] if pa.types.is_string(texts.type) else [])
            while kinds:
                try:
                    self._read.setdefault(name, []).append(texts.cast(kinds[0]))
                    break
                except pa.ArrowInvalid:
                    kinds[:] = [] if self._read.pop(name, None) else kinds[1:]

    def columns(self) -> dict[str, pa.ChunkedArray]:
        """Give the columns that were read whole."""
        return {name: pa.chunked_array(self._read[name], kinds[0]) for name, kinds in self._kinds.items() if kinds}


def read(column: Column, texts: pa.Array | pa.ChunkedArray, *, heading: str = "", ahead: pa.ChunkedArray | None = None) -> Read:
    """Read one column's texts as its kind.

    heading: the file's own, which may say a unit (万元). ahead: the same column as Ahead read it. Dates that systems write for
    "none" (1970-01-01 and the like) are read as nothing. Lengths stay in metres, money in CNY, rates between 0 and 1. Text that
    comes as a dictionary stays one.
    """
    reader = _READERS[column.kind]
    if ahead is not None and ahead.type == _AHEAD.get(column.kind):
        typed, wrong = reader(column, texts, ahead.combine_chunks())
    elif isinstance(texts, pa.ChunkedArray):
        return read(column, texts.combine_chunks(), heading=heading)
    elif pa.types.is_dictionary(texts.type):  # each different text once
        words, unread = reader(column, texts.dictionary)
        words = words.dictionary_encode() if pa.types.is_string(words.type) else words
        typed, wrong = words.take(texts.indices), np.zeros(len(texts), dtype=bool)
        if unread.any():
            wrong = np.append(unread, False)[texts.indices.fill_null(len(unread)).to_numpy(zero_copy_only=False)]
    else:
        typed, wrong = reader(column, texts)
    if column.kind == "money" and "万" in heading:
        typed = pc.multiply(typed, 10_000.0)
    return typed, wrong


def _by_value(texts: pa.Array, kind: pa.DataType, parse: Callable[[str], object]) -> Read:
    """Read each different text once. parse gives None for nothing and raises ValueError for what cannot be read."""
    encoded = texts.dictionary_encode()
    values: list[object] = []
    wrong = np.zeros(len(encoded.dictionary) + 1, dtype=bool)
    for place, text in enumerate(encoded.dictionary.to_pylist()):
        value = None
        shown = unicodedata.normalize("NFKC", text).strip()
        if shown.casefold() not in _NOTHING:
            try:
                value = parse(shown)
            except (ValueError, OverflowError):
                wrong[place] = True
        values.append(value)
    typed = pa.array(values, kind).take(encoded.indices)
    where = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return typed, wrong[where]


def _mostly(texts: pa.Array, kind: pa.DataType, fast: Callable[[pa.Array], pa.Array], parse: Callable[[str], object]) -> Read:
    """Read in one step what has the common form, and value by value only what has not."""
    typed = fast(texts)
    if typed.null_count == texts.null_count:
        return typed, np.zeros(len(texts), dtype=bool)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    left = pc.and_(pc.is_null(typed), pc.is_valid(texts))
    others, wrong = _by_value(texts.filter(left), kind, parse)
    rows = np.flatnonzero(left.to_numpy(zero_copy_only=False))
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows] = wrong
    return pc.replace_with_mask(typed, left, others), mask


def _text(_column: Column, texts: pa.Array) -> Read:
    if _bare(texts):
        return texts, np.zeros(len(texts), dtype=bool)
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed), np.zeros(len(texts), dtype=bool)


def _bare(texts: pa.Array) -> bool:
    """Say whether every text begins and ends with a plain letter, so that there is nothing to trim."""
    _, offsets, content = texts.buffers()
    if content is None:
        return False
    edges = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first, end = edges[:-1], edges[1:]
    filled = end > first
    if texts.null_count + np.count_nonzero(filled) != len(texts):
        return False
    letters = np.frombuffer(content, np.uint8)
    ends = (letters[first[filled]], letters[end[filled] - 1])
    return all(bool(((one > _SPACE) & (one < _BEYOND)).all()) for one in ends)


def _masked(_column: Column, texts: pa.Array) -> Read:
    """Read names so that only the family name comes in, unless the sender has masked them in a way of its own."""

    def parse(text: str) -> str:
        return text if len(text) < 2 or set(text) & set("某*×xX○ⅹ") else text[0] + "某" * (len(text) - 1)

    return _by_value(texts, pa.string(), parse)


def _code(column: Column, texts: pa.Array) -> Read:
    digits = int(column.kind.removeprefix("code")) if column.kind != "uscc" else 18
    pattern = {15: r"\d{12}[0-9A-Z]{3}", 18: r"[0-9A-Z]{18}"}.get(digits, rf"\d{{{digits}}}")

    def parse(text: str) -> str:
        code = re.sub(r"\.0$", "", text).upper().replace(" ", "")
        if not re.fullmatch(pattern, code):
            raise ValueError
        return code

    return _mostly(
        texts, pa.string(), lambda all_: pc.if_else(pc.match_substring_regex(all_, f"^{pattern}$"), all_, None), parse
    )


def _number(text: str) -> float:
    """Read a number as people write it: with thousands separators, and a unit behind it."""
    match = _NUMBER.fullmatch(text.replace(",", "").strip())
    if match is None:
        raise ValueError
    factor = {"万元": 10_000.0, "万": 10_000.0, "%": 0.01}.get(match.group(2) or "", 1.0)
    return float(match.group(1)) * factor


def _whole(column: Column, texts: pa.Array) -> Read:
    low, high = {"year": (1900, 2100), "score": (0, 100)}.get(column.kind, (0, 2**31 - 1))

    def parse(text: str) -> int:
        value = _number(text)
        if not value.is_integer() or not low <= value <= high:
            raise ValueError
        return int(value)

    return _by_value(texts, pa.int32(), parse)


def _float(column: Column, texts: pa.Array, ahead: pa.Array | None = None) -> Read:
    low, high = {"rate": (0.0, 100.0), "longitude": (-180.0, 180.0), "latitude": (-90.0, 90.0)}.get(column.kind, (0.0, 1e15))

    def parse(text: str) -> float:
        value = _number(text)
        if column.kind == "rate" and value > 1 and "%" not in text:
            value /= 100
        if not low <= value <= high:
            raise ValueError
        return value

    def fast(all_: pa.Array) -> pa.Array:
        try:
            numbers = all_.cast(pa.float64()) if ahead is None else ahead
        except pa.ArrowInvalid:
            plain_ = pc.match_substring_regex(all_, r"^-?\d{1,15}(\.\d{1,15})?$")
            numbers = pc.if_else(plain_, all_, None).cast(pa.float64())
        within = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
        return numbers if pc.all(within).as_py() else pc.if_else(within, numbers, None)

    if column.kind == "rate":
        return _by_value(texts, pa.float64(), parse)
    return _mostly(texts, pa.float64(), fast, parse)


def _counted(text: str) -> dt.datetime | None:
    """Read a time that is one number: 20260501, 20260501083000, Excel's days, milliseconds since 1970."""
    if re.fullmatch(r"\d{8}|\d{14}", text):
        return dt.datetime.strptime(text, "%Y%m%d" if len(text) == 8 else "%Y%m%d%H%M%S")  # noqa: DTZ007 - local
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and 20_000 < float(text) < 80_000:
        return _EXCEL_ZERO + dt.timedelta(seconds=round(float(text) * 86_400))
    if re.fullmatch(r"1\d{12}", text):
        return dt.datetime.fromtimestamp(int(text) / 1000, _HERE).replace(tzinfo=None)
    return None


def moment(text: str) -> dt.datetime:
    """Read a date, with or without a time, as people and systems write it; local time (UTC+8). Raises ValueError."""
    counted = _counted(text)
    if counted is not None:
        return counted
    date = _DATE.match(text)
    if date is None:
        raise ValueError
    rest = text[date.end() :]
    when = dt.datetime(int(date[1]), int(date[2]), int(date[3]))  # noqa: DTZ001 - local
    if not rest.strip():
        return when
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise ValueError
    when = when.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0))
    offset = clock[4].strip()
    if not offset:
        return when
    if not _OFFSET.fullmatch(offset):
        raise ValueError
    stamp = when.isoformat() + ("+00:00" if offset.upper() in {"Z", "UTC"} else offset)
    return dt.datetime.fromisoformat(stamp).astimezone(_HERE).replace(tzinfo=None)


def _time(column: Column, texts: pa.Array, ahead: pa.Array | None = None) -> Read:
    kind = _MOMENT if column.kind == "time" else pa.date32()

    def parse(text: str) -> dt.datetime | dt.date:
        when = moment(text)
        return when if column.kind == "time" else when.date()

    def fast(all_: pa.Array) -> pa.Array:
        try:
            return (all_.cast(_MOMENT) if ahead is None else ahead).cast(kind)
        except pa.ArrowInvalid:
            common = pc.match_substring_regex(all_, r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}:\d{2})?$")
        try:
            return pc.if_else(common, all_, None).cast(_MOMENT).cast(kind)
        except pa.ArrowInvalid:  # a day that does not exist, which only the slow way can point at
            return pa.nulls(len(all_), kind)

    typed, wrong = _mostly(texts, kind, fast, parse)
    return _without_none(typed), wrong


def _without_none(typed: pa.Array) -> pa.Array:
    """Leave out dates that a system wrote for "none": the first or last day it can count, or 1970."""
    first, last = (end.cast(pa.date32(), safe=False).as_py() for end in pc.min_max(typed).values())
    if first is None or (first > _SENTINELS[-2] and last < _SENTINELS[-1]):
        return typed
    none = pc.is_in(typed.cast(pa.date32(), safe=False), value_set=pa.array(_SENTINELS, pa.date32()))
    return pc.if_else(none, None, typed)


def _flag(_column: Column, texts: pa.Array) -> Read:
    def parse(text: str) -> bool:
        word = plain(text)
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise ValueError

    return _by_value(texts, pa.bool_(), parse)


def _choice(column: Column, texts: pa.Array) -> Read:
    def parse(text: str) -> str:
        word = plain(text)
        if word not in column.choices:
            raise ValueError
        return column.choices[word]

    return _by_value(texts, pa.string(), parse)


def _list(_column: Column, texts: pa.Array) -> Read:
    def parse(text: str) -> list[str]:
        return [word.strip() for word in re.split(r"[、,;,;|/]", text) if word.strip()]

    return _by_value(texts, pa.list_(pa.string()), parse)


_READERS: dict[str, Callable[..., Read]] = {
    "text": _text,
    "masked": _masked,
    **dict.fromkeys(("code9", "code12", "code15", "uscc"), _code),
    **dict.fromkeys(("whole", "year", "score"), _whole),
    **dict.fromkeys(("number", "money", "rate", "longitude", "latitude"), _float),
    **dict.fromkeys(("date", "time"), _time),
    "flag": _flag,
    "choice": _choice,
    "list": _list,
}
