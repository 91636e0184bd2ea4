"""What a plan costs, in figures and in words: which old grids stay whole, who is parted, which borders are new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from gridmap import terms
from gridmap.merge import borders
from gridmap.merge.crosswalk import layer_columns
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import geopandas as gpd

PROVEN = 1e-5
"""A gap to the bound below which a plan is the best: costs are rounded to a millimetre."""

VAGUE = 0.5
"""A gap to the bound above which the words say that there is none: a proof broken off early tells next to nothing."""

WHOLE = 0.98
"""An old grid stays whole when this share of its households (or, without any, of its land) is in one new grid."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an explanation: its English text, which is its catalogue key, and what stands in its places."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, language: str | None = None) -> str:
        """Say it in ``language`` or in the current one."""
        said = {name: value.say(language) if isinstance(value, Sentence) else value for name, value in self.values.items()}
        return terms.say(self.message, language=language, **said)


def border_lengths(atoms: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure what became of the borders inside nest units, in metres.

    atoms: a valid coverage with grid_code. Gives a row a layer (index = key) with ``kept_m`` (an old border that is also a new
    one) and ``erased_m`` (one that falls away), and the row ``""`` with ``kept_m`` = all inner borders of the new grids and
    ``new_m`` = those that no layer had. Lengths of streets add up.
    """
    found = borders.shared_segments(atoms.geometry.to_numpy())
    metres = borders.lengths(found)
    same_unit = _same(atoms["nest_id"], found)
    wall = same_unit & ~_same(atoms["grid_code"], found)
    rows: dict[str, dict[str, float]] = {}
    old = np.zeros(len(metres), dtype=bool)
    for layer in layer_columns(atoms):
        differs = same_unit & ~_same(atoms[layer].fillna(""), found)
        old |= differs
        rows[layer] = {
            "kept_m": float(metres[differs & wall].sum()),
            "erased_m": float(metres[differs & ~wall].sum()),
            "new_m": 0.0,
        }
    rows[""] = {"kept_m": float(metres[wall].sum()), "erased_m": 0.0, "new_m": float(metres[wall & ~old].sum())}
    return pd.DataFrame.from_dict(rows, orient="index")


def _same(labels: pd.Series, found: borders.Segments) -> np.ndarray:
    number = pd.factorize(labels)[0]
    return np.asarray(number[found.one] == number[found.two])


def old_grids(crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Say of every old grid into how many new ones it goes and how much of it stays together.

    Gives layer, old_id, grids, weight, kept (share in the biggest part, by households or, where it has none, by area), whole,
    and divided: not whole, but made of new grids that lie in it, as where it has several times the households of the norm.
    """
    inner = crosswalk["share_of_new"] >= WHOLE
    crosswalk = crosswalk.assign(inner=crosswalk["weight"].where(inner, 0.0), inner_m2=crosswalk["area_m2"].where(inner, 0.0))
    by = crosswalk.groupby(["layer", "old_id"], sort=True)
    table = by.agg(
        grids=("grid_code", "size"),
        weight=("weight", "sum"),
        biggest=("weight", "max"),
        area_m2=("area_m2", "sum"),
        biggest_m2=("area_m2", "max"),
        inner=("inner", "sum"),
        inner_m2=("inner_m2", "sum"),
    ).reset_index()
    weighs = table["weight"].where(table["weight"] > 0)
    table["kept"] = (table["biggest"] / weighs).fillna(table["biggest_m2"] / table["area_m2"])
    table["whole"] = table["kept"] >= WHOLE
    table["divided"] = ~table["whole"] & ((table["inner"] / weighs).fillna(table["inner_m2"] / table["area_m2"]) >= WHOLE)
    return table[["layer", "old_id", "grids", "weight", "kept", "whole", "divided"]]


class Lines(Protocol):
    """A list that may be too long to hold: items are added at its end, and read from the start as often as wanted."""

    def append(self, item: Any, /) -> None:  # noqa: ANN401 -- whatever JSON can hold
        """Add an item."""

    def __iter__(self) -> Iterator[Any]:
        """Give the items in order."""


@dataclass
class Costs:
    """What a plan costs, added up by parts of it: figures for a machine and sentences for a person.

    layers: keys in their order. norm: low, high. households: False when the weights are areas. lines: makes the lists that
    grow with the plan. "Parted" households are those outside the biggest part of their old grid: they no longer share a grid
    with most of their former grid-mates.
    """

    layers: Sequence[str]
    norm: tuple[float, float] | None
    households: bool
    lines: Callable[[], Lines] = list

    def __post_init__(self) -> None:
        """Begin at nothing."""
        self._layers: dict[str, dict[str, Any]] = {}
        self._lengths = pd.DataFrame()
        self._grids = self._below = self._above = 0
        self._proof: dict[str, float] = {"communities": 0, "proven": 0, "bounded": 0, "no_bound": 0, "widest_gap": 0.0}
        self.units = self.lines()

    def add(
        self, old: pd.DataFrame, grids: gpd.GeoDataFrame, lengths: pd.DataFrame, units: Sequence[Mapping[str, Any]]
    ) -> None:
        """Add a part.

        old: its old grids as `old_grids` gives them, each once in all parts; lengths: as `border_lengths` gives; units: the
        plan's records of its nest units, whose ``reasons`` say why grids miss the norm.
        """
        for layer, rows in old.groupby("layer", sort=False):
            so_far = self._layers.setdefault(
                str(layer), {"old": 0, "whole": 0, "divided": 0, "cut": self.lines(), "parted": 0.0, "weight": 0.0}
            )
            so_far["old"] += len(rows)
            so_far["whole"] += int(rows["whole"].sum())
            so_far["divided"] += int(rows["divided"].sum())
            for name in rows.loc[~rows["whole"] & ~rows["divided"], "old_id"]:
                so_far["cut"].append(name)
            so_far["parted"] += float((rows["weight"] * (1 - rows["kept"])).sum())
            so_far["weight"] += float(rows["weight"].sum())
        self._lengths = lengths if self._lengths.empty else self._lengths.add(lengths, fill_value=0.0)
        self._grids += len(grids)
        if self.norm is not None:
            self._below += int((grids["weight"] < self.norm[0]).sum())
            self._above += int((grids["weight"] > self.norm[1]).sum())
        for unit in units:
            self.units.append(unit)
            self._proof["communities"] += 1
            gap = unit["gap"] if unit["gap"] is None or unit["gap"] <= VAGUE else None
            self._proof["no_bound" if gap is None else "proven" if gap <= PROVEN else "bounded"] += 1
            self._proof["widest_gap"] = max(self._proof["widest_gap"], gap or 0.0)

    def figures(self) -> dict[str, Any]:
        """Give the figures: by layer, of all borders together, of the norm, and of what is proven of the communities' plans."""
        found: dict[str, Any] = {"layers": {}}
        for layer in self.layers:
            if layer not in self._layers:
                continue
            sums = self._layers[layer]
            found["layers"][layer] = {
                "old": sums["old"],
                "whole": sums["whole"],
                "divided": sums["divided"],
                "cut": sums["cut"],
                "parted": round(sums["parted"], 3),
                "parted_share": round(sums["parted"] / sums["weight"], 6) if sums["weight"] > 0 else 0.0,
                "border_kept_m": round(self._metres("kept_m", layer), 1),
                "border_erased_m": round(self._metres("erased_m", layer), 1),
            }
        found["border_m"] = round(self._metres("kept_m", ""), 1)
        found["new_border_m"] = round(self._metres("new_m", ""), 1)
        if self.norm is not None:
            low, high = self.norm
            inside = self._grids - self._below - self._above
            found["norm"] = {"low": low, "high": high, "inside": inside, "below": self._below, "above": self._above}
        found["proof"] = dict(self._proof)
        return found

    def sentences(self) -> Iterator[Sentence]:
        """Say what the plan costs, and of each grid out of the norm why."""
        figures = self.figures()
        for layer, of_layer in figures["layers"].items():
            yield from _layer_sentences(layer, of_layer, households=self.households)
        yield Sentence(
            key("Of {total} km of border between the new grids, {new} km are new: no department had them."),
            {"total": round(figures["border_m"] / 1000, 1), "new": round(figures["new_border_m"] / 1000, 1)},
        )
        yield from _proof_sentences(figures["proof"])
        if self.norm is not None:
            low, high = (int(value) if float(value).is_integer() else value for value in self.norm)
            yield Sentence(
                key("Of {grids} new grids, {inside} have {low} to {high} households, {below} have fewer and {above} more.")
                if self.households
                else key("Of {grids} new grids, {inside} measure {low} to {high} m², {below} less and {above} more."),
                {"grids": self._grids, **figures["norm"], "low": low, "high": high},
            )
        for unit in self.units:
            for reason in unit.get("reasons", ()):
                yield _reason(reason, households=self.households)

    def _metres(self, column: str, layer: str) -> float:
        return float(self._lengths[column].get(layer, 0.0)) if len(self._lengths) else 0.0


def _layer_sentences(layer: str, figures: Mapping[str, Any], *, households: bool) -> list[Sentence]:
    cut = figures["old"] - figures["whole"] - figures["divided"]
    said = [
        Sentence(
            key("{layer}: of {old} old grids, {whole} stay whole, {divided} are divided into new ones and {cut} are cut."),
            {"layer": layer, **{name: figures[name] for name in ("old", "whole", "divided")}, "cut": cut},
        ),
        Sentence(
            key("{layer}: {kept} km of its borders remain borders, {erased} km fall away."),
            {
                "layer": layer,
                "kept": round(figures["border_kept_m"] / 1000, 1),
                "erased": round(figures["border_erased_m"] / 1000, 1),
            },
        ),
    ]
    if households:
        said.append(
            Sentence(
                key("{layer}: {households} households ({percent} %) are parted from most of their former grid-mates."),
                {
                    "layer": layer,
                    "households": round(figures["parted"]),
                    "percent": round(100 * figures["parted_share"], 1),
                },
            )
        )
    return said


def _proof_sentences(proof: Mapping[str, float]) -> Iterator[Sentence]:
    """Say how far the plan is proven to be the best."""
    yield Sentence(
        key("Of {communities} communities, {proven} have the best plan there is by these prices."),
        {"communities": proof["communities"], "proven": proof["proven"]},
    )
    if proof["bounded"]:
        yield Sentence(
            key("In {bounded} communities the best plan could be cheaper by {percent} % at most."),
            {"bounded": proof["bounded"], "percent": round(100 * proof["widest_gap"], 2)},
        )
    if proof["no_bound"]:
        yield Sentence(
            key("In {communities} communities there is no bound: no proof was asked for, or none was found in its time."),
            {"communities": proof["no_bound"]},
        )


def _reason(reason: Mapping[str, Any], *, households: bool) -> Sentence:
    """Say why a grid misses the norm; the partition's own sentence is said when this one is."""
    values = dict(reason["values"])
    values |= {"unit": Sentence(values["unit"])} if "unit" in values else {}
    return Sentence(
        key("Grid {grid} has {households} households: {reason}")
        if households
        else key("Grid {grid} measures {households} m²: {reason}"),
        {
            "grid": reason["grid_code"],
            "households": round(float(reason["weight"])),
            "reason": Sentence(reason["message"], values),
        },
    )
