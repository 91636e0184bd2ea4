"""The indicators of this room: one .sql file each, with a head that says what it is."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from gridmap import settings, terms
from gridmap.errors import InputError

FOLDER = Path(__file__).with_name("indicators")

Kind = Literal["share", "count", "sum", "ratio", "mix"]

KINDS: dict[str, str] = {
    "share": "count(*) FILTER (hit) AS part, count(hit) AS n, count(*) FILTER (hit) / nullif(count(hit), 0) AS value",
    "count": "count(*) AS part, count(*) AS n, count(*)::DOUBLE AS value",
    "sum": "count(*) AS part, count(*) AS n, coalesce(sum(amount), 0)::DOUBLE AS value",
    "ratio": "sum(amount) AS part, sum(base) AS n, sum(amount) / nullif(sum(base), 0) AS value",
    "mix": "count(*) AS part, count(*) AS n, count(*)::DOUBLE AS value",
}
"""How the rows of an indicator become its figure. mix is divided by its whole afterwards."""


@dataclass(frozen=True)
class Indicator:
    """What the head of a .sql file says.

    The query gives one row for each thing observed (a case, a grid, a community, a company …), with id, where it is known
    happened, street_code, community_code, grid_code, grp (its own way of grouping), and

    - share: hit, true or false, empty when it cannot be judged; the figure is the share of true ones
    - count: nothing more; the figure is their number
    - sum: amount; the figure is the sum
    - ratio: amount and base; the figure is Σ amount / Σ base
    - mix: grp; the figures are the shares of the groups

    It reads ``meant`` (the incidents that the filters mean, without void ones), ``logs`` (what happened to them, and to
    others), ``grids`` and ``way`` (grids and crosswalk of the version meant), ``torn`` (its grids at edges that are not
    sound, see kpi.torn) and any table; ``$as_of`` is the moment from
    which lateness is seen, ``$metric`` the metric CRS, ``setting('key')`` a setting as a number.
    """

    id: str
    name_zh: str
    name_en: str
    kind: Kind
    unit: str
    formula: str
    formula_zh: str
    source: str
    source_zh: str
    sql: str
    grp: str = ""
    threshold: str = "none"
    better: str = ""
    settings: tuple[str, ...] = ()
    blank: str = ""
    rules: tuple[str, ...] = ()

    def name(self, language: str | None = None) -> str:
        """Give the name in a language, by default the current one."""
        return self.name_zh if (language or terms.language()) == "zh" else self.name_en

    def definition(self, language: str | None = None) -> str:
        """Say in a language, by default the current one, how the figure is worked out."""
        return self.formula_zh if (language or terms.language()) == "zh" else self.formula

    def sources(self, language: str | None = None) -> str:
        """Say in a language, by default the current one, what the figure goes back to."""
        return self.source_zh if (language or terms.language()) == "zh" else self.source

    @property
    def goal_setting(self) -> str | None:
        """The setting that holds the goal, when it is not a number of its own."""
        return None if self.threshold == "none" or _is_number(self.threshold) else self.threshold


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


_TEXTS = ("formula", "formula_zh", "source", "source_zh")


def parse(text: str) -> Indicator:
    """Read one .sql file's text. Raises InputError when its head is not complete."""
    head: dict[str, str] = {}
    body: list[str] = []
    for line in text.splitlines():
        if line.startswith("-- ") and not body:
            key, _, value = line[3:].partition(":")
            head[key.strip()] = value.strip()
        else:
            body.append(line)
    missing = [key for key in ("id", "name_zh", "name_en", "kind", "unit", *_TEXTS, "rules") if key not in head]
    if missing or head["kind"] not in KINDS:
        raise InputError("The head of indicator {id} lacks {what}.", id=head.get("id", "?"), what=", ".join(missing) or "kind")
    lists = {key: tuple(head.pop(key, "").split()) for key in ("settings", "rules")}
    kind: Kind = head.pop("kind")  # type: ignore[assignment]  # held by KINDS above
    return Indicator(sql="\n".join(body).strip(), kind=kind, **head, **lists)  # type: ignore[arg-type]  # texts and lists by name


@cache
def indicators() -> dict[str, Indicator]:
    """Give all indicators by id, K first, then R, in the order of their numbers."""
    found = [parse(path.read_text("utf-8")) for path in FOLDER.glob("*.sql")]
    return {indicator.id: indicator for indicator in sorted(found, key=lambda one: one.id)}


def indicator(id_: str) -> Indicator:
    """Give one indicator. Raises InputError when there is none of that id."""
    known = indicators()
    if id_ not in known:
        raise InputError("There is no indicator {id}.", id=id_)
    return known[id_]


@dataclass(frozen=True)
class Rule:
    """One rule of the speech (dossier §1, R01-R69): its indicators, or why the store has no data for it."""

    id: str
    name_zh: str
    indicators: tuple[str, ...]
    without_data: str


@cache
def rules() -> dict[str, Rule]:
    """Give all rules of the speech by id, from data/reference/rules.csv."""
    with (settings.REFERENCE / "rules.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["rule"]: Rule(row["rule"], row["name_zh"], tuple(row["indicators"].split()), row["without_data"]) for row in rows
    }
