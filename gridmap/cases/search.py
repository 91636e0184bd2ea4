"""Finding a matter by the words people use for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmap.store import Store

_ALL = """
    SELECT matter_code, any_value(name_zh), any_value(name_en), any_value(class_zh), any_value(class_code) IN ('22', '26'),
        (SELECT list(word) FROM matter_synonyms s WHERE s.matter_code = m.matter_code),
        (SELECT list(violation_zh) FROM seed_violations v WHERE v.matter_code = m.matter_code)
    FROM matter_types m GROUP BY matter_code ORDER BY matter_code"""


@dataclass(frozen=True)
class Matter:
    """A kind of matter: code, names, class, and what else people call it. dispute: it can be mediated."""

    code: str
    name_zh: str
    name_en: str
    class_zh: str
    dispute: bool
    words: tuple[str, ...]


def matters(db: Store) -> list[Matter]:
    """Give every kind of matter, by code."""
    rows = db.cursor().execute(_ALL).fetchall()
    return [
        Matter(code, zh, en, class_zh, bool(dispute), tuple(dict.fromkeys([*(words or []), *(seed or [])])))
        for code, zh, en, class_zh, dispute, words, seed in rows
    ]


def find(known: list[Matter], text: str, *, most: int = 8) -> list[Matter]:
    """Give the matters that a text most likely means, the best first; none where nothing fits.

    Looked at in this order: code, name or synonym as it is, one inside the other, the pairs of characters they share.
    """
    asked = text.strip().lower()
    if not asked:
        return []
    scored = [(max(_fit(asked, word.lower()) for word in (m.name_zh, m.name_en or "", m.code, *m.words)), m) for m in known]
    return [m for score, m in sorted(scored, key=lambda pair: (-pair[0], pair[1].code)) if score > 0][:most]


def _fit(asked: str, word: str) -> float:
    if not word:
        return 0.0
    if asked == word:
        return 3.0
    if asked in word:
        return 2.0 + len(asked) / len(word) / 2
    if word in asked:
        return 1.5 + len(word) / len(asked) / 2
    pairs, theirs = _pairs(asked), _pairs(word)
    return 1.2 * len(pairs & theirs) / len(pairs | theirs) if pairs and theirs and pairs & theirs else 0.0


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
