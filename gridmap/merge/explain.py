"""What a plan costs, in figures and in words: which old grids stay whole, who is parted, which borders are new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap import terms
from gridmap.merge import borders
from gridmap.merge.crosswalk import layer_columns
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

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

    Gives layer, old_id, grids, weight, kept (share in the biggest part, by households or, where it has none, by area), whole.
    """
    by = crosswalk.groupby(["layer", "old_id"], sort=True)
    table = by.agg(
        grids=("grid_code", "size"),
        weight=("weight", "sum"),
        biggest=("weight", "max"),
        area_m2=("area_m2", "sum"),
        biggest_m2=("area_m2", "max"),
    ).reset_index()
    of_weight = table["biggest"] / table["weight"].where(table["weight"] > 0)
    table["kept"] = of_weight.fillna(table["biggest_m2"] / table["area_m2"])
    table["whole"] = table["kept"] >= WHOLE
    return table[["layer", "old_id", "grids", "weight", "kept", "whole"]]


def explain(
    crosswalk: pd.DataFrame,
    grids: gpd.GeoDataFrame,
    lengths: pd.DataFrame,
    *,
    norm: tuple[float, float] | None,
    units: Sequence[Mapping[str, Any]] = (),
    households: bool = True,
) -> tuple[dict[str, Any], list[Sentence]]:
    """Give what a plan costs as figures for a machine and as sentences for a person.

    crosswalk: as `merge.crosswalk` gives; lengths: as `border_lengths` gives; units: the plan's records of nest units, whose
    ``reasons`` say why grids miss the norm; households: False when the weights are areas. "Parted" households are those
    outside the biggest part of their old grid: they no longer share a grid with most of their former grid-mates.
    """
    table = old_grids(crosswalk)
    figures: dict[str, Any] = {"layers": {}}
    said: list[Sentence] = []
    for layer, rows in table.groupby("layer", sort=False):
        parted = float((rows["weight"] * (1 - rows["kept"])).sum())
        total = float(rows["weight"].sum())
        kept_m, erased_m = float(lengths["kept_m"].get(layer, 0.0)), float(lengths["erased_m"].get(layer, 0.0))
        figures["layers"][layer] = {
            "old": len(rows),
            "whole": int(rows["whole"].sum()),
            "cut": rows.loc[~rows["whole"], "old_id"].tolist(),
            "parted": round(parted, 3),
            "parted_share": round(parted / total, 6) if total > 0 else 0.0,
            "border_kept_m": round(kept_m, 1),
            "border_erased_m": round(erased_m, 1),
        }
        said += _layer_sentences(str(layer), figures["layers"][layer], households=households)
    figures["border_m"] = round(float(lengths["kept_m"].get("", 0.0)), 1)
    figures["new_border_m"] = round(float(lengths["new_m"].get("", 0.0)), 1)
    said.append(
        Sentence(
            key("Of {total} km of border between the new grids, {new} km are new: no department had them."),
            {"total": round(figures["border_m"] / 1000, 1), "new": round(figures["new_border_m"] / 1000, 1)},
        )
    )
    if norm is not None:
        said += _norm_sentences(grids, norm, figures)
    for unit in units:
        said += [_reason(reason) for reason in unit.get("reasons", ())]
    return figures, said


def _layer_sentences(layer: str, figures: Mapping[str, Any], *, households: bool) -> list[Sentence]:
    cut = len(figures["cut"])
    said = [
        Sentence(
            key("{layer}: of {old} old grids, {whole} stay whole and {cut} are cut."),
            {"layer": layer, "old": figures["old"], "whole": figures["whole"], "cut": cut},
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


def _norm_sentences(grids: gpd.GeoDataFrame, norm: tuple[float, float], figures: dict[str, Any]) -> list[Sentence]:
    low, high = norm
    below, above = int((grids["weight"] < low).sum()), int((grids["weight"] > high).sum())
    inside = len(grids) - below - above
    figures["norm"] = {"low": low, "high": high, "inside": inside, "below": below, "above": above}
    return [
        Sentence(
            key("Of {grids} new grids, {inside} have {low} to {high} households, {below} have fewer and {above} more."),
            {"grids": len(grids), "inside": inside, "low": low, "high": high, "below": below, "above": above},
        )
    ]


def _reason(reason: Mapping[str, Any]) -> Sentence:
    """Say why a grid misses the norm; the partition's own sentence is said when this one is."""
    return Sentence(
        key("Grid {grid} has {households} households: {reason}"),
        {
            "grid": reason["grid_code"],
            "households": round(float(reason["weight"])),
            "reason": Sentence(reason["message"], reason["values"]),
        },
    )
