"""One thing that is wrong, or worth knowing, about a layer, a file or a merged plan: the same record everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gridmap import terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely import Geometry

Severity = Literal["error", "warning", "note"]
"""error: the layer must not be used as it is; warning: cleaning will change it; note: worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or remark.

    kind: a short name to group by (``overlap``, ``gap``, ``invalid_ring``, ``no_crs``, ...).
    message: the English sentence with {named} places, which is its catalogue key; values: what stands in those places.
    remedy: the English sentence saying what cleaning would do, or what the sender should do; "" when nothing is needed.
    place: where it is, in the CRS of the layer it belongs to; None when it is nowhere on the map.
    size: how big it is, in ``unit`` (``m²``, ``m``, ``rows``, ``households``); None when it has no size.
    ids: the grids, units or rows it concerns.
    """

    kind: str
    severity: Severity
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    remedy: str = ""
    place: Geometry | None = None
    size: float | None = None
    unit: str = ""
    ids: tuple[str, ...] = ()

    def sentence(self, language: str | None = None) -> str:
        """Say what is wrong, in ``language`` or the current one."""
        return terms.say(self.message, language=language, **self.values)

    def advice(self, language: str | None = None) -> str:
        """Say what cleaning would do or what to do about it, in ``language`` or the current one; "" when nothing."""
        return terms.say(self.remedy, language=language, **self.values) if self.remedy else ""
