"""R01–R69: every mechanism of the speech with its data, its figure and the page that shows it, or what is not set."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmap import settings, terms
from gridmap.cases import registers

if TYPE_CHECKING:
    from gridmap.store import Store

GROUPS = (
    ("R01", "R10", terms.key("Leadership and responsibility")),
    ("R11", "R26", terms.key("Six parties and organisations")),
    ("R27", "R34", terms.key("Grid: build")),
    ("R35", "R42", terms.key("Grid: run")),
    ("R43", "R54", terms.key("Grid: use, order and disputes")),
    ("R55", "R69", terms.key("Places, people, money, technology, projects")),
)
"""The parts of the speech: first rule, last rule, name."""


@dataclass(frozen=True)
class Rule:
    """One mechanism. indicators: ids of kpi. register: the table, where its data are one. unset: names of blank settings."""

    id: str
    name_zh: str
    name_en: str
    indicators: tuple[str, ...]
    register: str | None
    page: str
    query: str
    unset: tuple[str, ...]
    rows: int | None

    @property
    def name(self) -> str:
        """Give the name in the reader's language; the Chinese is the original."""
        return self.name_zh if terms.language() == "zh" else self.name_en

    @property
    def address(self) -> str:
        """Give the address of the page that shows it."""
        return f"/{self.page}?{self.query}" if self.query else f"/{self.page}"

    @property
    def has_data(self) -> bool:
        """Say whether there is something to count: a register that is not empty, or without one an indicator of kpi."""
        return bool(self.rows) if self.register else bool(self.indicators)


def rules(db: Store) -> list[Rule]:
    """Give all 69 in order, each with its blanks as the settings stand now."""
    blank = db.cursor().execute(
        "SELECT source, CASE WHEN ? = 'zh' THEN name_zh ELSE name_en END FROM settings "
        "WHERE is_blank_in_seed AND value IS NULL",
        [terms.language()],
    )
    unset: dict[str, list[str]] = {}
    for source, name in blank.fetchall():
        unset.setdefault((source or "").removeprefix("speech ").split()[0] if source else "", []).append(name)
    known = {row["rule"]: row for row in _lines("rules")}
    found = []
    for place in _lines("rule_places"):
        line = known[place["rule"]]
        table = next((name for name, one in registers.every().items() if place["rule"] in one.rules), None)
        count = registers.count(db, registers.register(table)) if table else None
        found.append(
            Rule(
                place["rule"],
                line["name_zh"],
                line["name_en"],
                tuple(line["indicators"].split()),
                table,
                place["page"],
                place["query"],
                tuple(unset.get(place["rule"], ())),
                count,
            )
        )
    return found


def _lines(name: str) -> list[dict[str, str]]:
    with (settings.REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
