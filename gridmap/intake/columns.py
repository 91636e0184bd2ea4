"""Propose which column of a boundary file holds ids, names and households of the grids; a person confirms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.intake import ids
from gridmap.intake.forms import plain
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd

HEADING, VALUES, KNOWN = (
    key("by its heading"),
    key("by its values"),
    key("its ids are those of the last version"),
)
"""Why a column was proposed: catalogue keys."""

_ID = (
    "网格编码", "网格代码", "网格编号", "网格号", "单元网格标识码", "网格id", "wgbm", "wgdm", "wgbh", "wgid", "gridcode",
    "gridid", "gridno", "szdywgbsm", "wanggebianma", "wanggebianhao", "编码", "代码", "编号", "标识码", "bianma",
    "bianhao", "daima", "bsm", "bm", "dm", "bh", "code", "id",
)  # fmt: skip
_NAME = (
    "网格名称",
    "网格名",
    "wgmc",
    "gridname",
    "名称",
    "mingcheng",
    "wanggemingcheng",
    "name",
    "mc",
    "namezh",
    "label",
    "title",
)
_HOUSEHOLDS = ("户数", "居民户数", "总户数", "常住户数", "住户数", "households", "hs", "zhs", "hushu", "hh")
_LOOKED_AT = 2000
_TELLING = 4
"""Letters a word must have to be looked for at the end of a heading."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the file, or None where none fits; why: a catalogue key, "" without one."""

    column: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """What each role is proposed to be: the grid's id, its name, its households."""

    id: Choice
    name: Choice
    households: Choice


def propose(frame: gpd.GeoDataFrame, *, known: Collection[str] = ()) -> Columns:
    """Propose columns. known: the ids of the department's last version; a column that holds most of them is the id."""
    attributes = frame.drop(columns="geometry")
    names_rows = [str(name) for name in attributes.columns if ids.names_rows(attributes[name])]
    coded = [str(name) for name in attributes.columns if str(name) in names_rows or _is_code(attributes[name])]
    first = Choice(names_rows[0], VALUES) if names_rows else Choice(None)
    id_ = _known(attributes, set(known)) or _headed(_ID, coded) or first  # a code of theirs that comes twice before our own
    rest = [str(name) for name in attributes.columns if str(name) != id_.column]
    counts = [name for name in rest if _is_count(attributes[name])]
    called = [name for name in rest if _is_chinese(attributes[name])]
    name = _headed(_NAME, rest) or (Choice(called[0], VALUES) if called else Choice(None))
    return Columns(id_, name, _headed(_HOUSEHOLDS, counts) or Choice(None))


def _known(attributes: pd.DataFrame, known: set[str]) -> Choice | None:
    """Find the column in which most of the last version's ids stand."""
    if not known:
        return None
    shares = {str(name): len(known & set(ids.as_text(attributes[name]).dropna())) / len(known) for name in attributes.columns}
    best = max(shares, key=shares.__getitem__, default=None)
    return Choice(best, KNOWN) if best is not None and shares[best] > 0.5 else None


def _headed(words: tuple[str, ...], columns: list[str]) -> Choice | None:
    """Find the first word that is a heading; else the first that ends one, as in HJWGMC."""
    there = {plain(column).replace("-", ""): column for column in reversed(columns)}
    whole = next((Choice(there[word], HEADING) for word in words if word in there), None)
    long = [word for word in words if len(word) >= _TELLING]
    return whole or next((Choice(there[name], HEADING) for word in long for name in there if name.endswith(word)), None)


def _is_code(values: pd.Series) -> bool:
    """Say whether a column could hold ids although some are missing or come twice."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values) or not len(values):
        return False
    text = ids.as_text(values).dropna()
    return bool(len(text) > 0.8 * len(values) and text.nunique() > 0.8 * len(text))


def _is_count(values: pd.Series) -> bool:
    """Say whether a column could count households: whole numbers from 0 on, as numbers or as text."""
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    return bool(len(numbers) >= 0.5 * len(values) and len(numbers) and (numbers >= 0).all() and np.isfinite(numbers).all())


def _is_chinese(values: pd.Series) -> bool:
    texts = [text for text in values.head(_LOOKED_AT) if isinstance(text, str)]
    named = [text for text in texts if any("\u4e00" <= letter <= "\u9fff" for letter in text)]
    return len(named) > 0.5 * max(len(values.head(_LOOKED_AT)), 1) and len(set(named)) > 0.5 * len(named)
