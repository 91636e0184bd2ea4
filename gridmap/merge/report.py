"""The report of a merge, added up street by street."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from gridmap.finding import Finding
from gridmap.merge import explain
from gridmap.merge.street import STAGES
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import geopandas as gpd

    from gridmap.merge.explain import Lines
    from gridmap.merge.finish import Part
    from gridmap.merge.inputs import Options


@dataclass
class Report:
    """What `gridmap merge` writes as report.json.

    layers, households: of the inputs. loose: incidents that lie near no street, None where none were given. lines: makes the
    lists that grow with the plan; pairs: makes an object of JSON from such a list of names and values.
    """

    layers: Sequence[str]
    options: Options
    households: bool
    loose: gpd.GeoDataFrame | None
    lines: Callable[[], Lines] = list
    pairs: Callable[[Iterable[Any]], Any] = dict

    def __post_init__(self) -> None:
        """Begin at nothing."""
        self.costs = explain.Costs(self.layers, self.options.norm, self.households, self.lines)
        self.grids = self.atoms = self.streets = 0
        self.errors: list[Finding] = []
        self._sums: dict[str, float | None] = {"objective": 0.0, "bound": 0.0}
        self._seconds = dict.fromkeys(STAGES, 0.0)
        self._checks, self._by_grid = self.lines(), self.lines()
        self._located = self._given = 0
        self._outside = [] if self.loose is None else [self.loose]

    def add(self, part: Part) -> None:
        """Add a street."""
        street = part.finished
        self.costs.add(part.old, street.grids, street.lengths, street.units)
        self.grids += len(street.grids)
        self.atoms += len(street.atoms)
        self.streets += 1
        for name, so_far in self._sums.items():
            values = [so_far, *(unit.get(name) for unit in street.units)]
            self._sums[name] = None if None in values else float(sum(value for value in values if value is not None))
        for stage in STAGES:
            self._seconds[stage] += street.seconds.get(stage, 0.0)
        for finding in part.findings:
            self._checks.append(_plain(finding))
        for pair in street.by_grid.items():
            self._by_grid.append(pair)
        self._located += sum(street.by_grid.values())
        self._given += street.incidents
        if street.outside is not None and len(street.outside):
            self._outside.append(street.outside)

    def end(self) -> list[Finding]:
        """Give, once every street is in, what concerns none of them: incidents outside every community."""
        lost = sum(len(frame) for frame in self._outside)
        if not lost:
            return []
        places = shapely.union_all([shape for frame in self._outside for shape in frame.geometry])
        finding = Finding(
            "orphan",
            "warning",
            key("{points} incidents lie outside every community."),
            {"points": lost},
            place=places,
            size=float(lost),
            unit="rows",
            ids=tuple(str(name) for frame in self._outside for name in frame.index),
        )
        self._checks.append(_plain(finding))
        return [finding]

    def told(self) -> dict[str, Any]:
        """Give the report."""
        record: dict[str, Any] = {
            "grids": self.grids,
            "atoms": self.atoms,
            "streets": self.streets,
            "norm": self.options.norm,
            "seed": self.options.seed,
            **self._sums,
            "units": self.costs.units,
            "costs": self.costs.figures(),
            "words": {language: Words(self.costs, language) for language in ("zh", "en")},
            "checks": self._checks,
            "seconds": {"stages": {stage: round(spent, 3) for stage, spent in self._seconds.items()}},
        }
        if self.loose is not None:
            total = self._given + sum(len(frame) for frame in self._outside)
            record["incidents"] = {
                "total": total,
                "in_no_grid": total - self._located,
                "by_grid": self.pairs(self._by_grid),
            }
        return record


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a report in one language, said as they are read."""

    costs: explain.Costs
    language: str

    def __iter__(self) -> Iterator[str]:
        """Give the sentences."""
        return (sentence.say(self.language) for sentence in self.costs.sentences())


def _plain(finding: Finding) -> dict[str, Any]:
    place = None if finding.place is None else shapely.point_on_surface(finding.place)
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "zh": finding.sentence("zh"),
        "en": finding.sentence("en"),
        "size": finding.size,
        "unit": finding.unit,
        "ids": list(finding.ids),
        "place": None if place is None or place.is_empty else [round(place.x, 2), round(place.y, 2)],
    }
