"""What stands on a picture of a map beside its shapes: words, the legend, the scale bar."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, cast

from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Affine2D

from gridmap.maps import print_font

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Message = Mapping[str, Any]

MARKERS = {"circle": "o", "star": "*", "square": "s", "diamond": "D", "triangle": "^"}

_NICE = (1, 2, 5)

_WAIST = 0.38
"""Half the height of a Chinese letter above the baseline, in ems."""


def words(
    axes: Axes,
    at: tuple[float, float],
    said: str,
    look: Mapping[str, str],
    *,
    size: float,
    weight: int = print_font.REGULAR,
    colour: str = "",
    halo: float = 2,
    middle: bool = False,
    on_map: bool = False,
) -> PathPatch:
    """Write words at a place of the axes, 0-1 each way, or on_map at a place in degrees; size in points, as is the halo.

    middle: the place is the middle of the words and not where they begin.
    """
    outline, wide = print_font.line(said, weight)
    place = (axes.transData if on_map else axes.transAxes).transform(at)
    left, low = -wide / 2 if middle else 0, -_WAIST if on_map else 0
    written = PathPatch(
        outline,
        transform=Affine2D().translate(left, low).scale(size * _drawn_on(axes).dpi / 72).translate(*place),
        facecolor=colour or look["ink"],
        linewidth=0,
        zorder=7 if on_map else 11,
        path_effects=[withStroke(linewidth=halo, foreground=look["halo"])] if halo else [],
    )
    axes.add_artist(written).set_clip_on(False)
    return written


def scale_bar(axes: Axes, latitude: float, look: Mapping[str, str]) -> None:
    """Draw a bar of a round length in the lower left corner. latitude: where it is true, in degrees."""
    west, east = axes.get_xlim()
    metres = (east - west) * 111_320 * math.cos(math.radians(latitude))
    power = 10 ** math.floor(math.log10(metres / 5))
    length = max(step * power for step in _NICE if step * power <= metres / 5)
    share = length / metres
    axes.add_artist(Line2D([0.02, 0.02 + share], [0.06, 0.06], transform=axes.transAxes, color=look["ink"], lw=1.6, zorder=8))
    said = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    words(axes, (0.02, 0.072), said, look, size=8)


def legend(panel: Axes, content: Message, look: Mapping[str, str]) -> None:
    """Draw the legend of a message in the lower right corner."""
    rows = [[*group, None] for group in content["groups"]]
    lines = list(itertools.chain.from_iterable(rows))[:-1]
    head = [part for part in (content["title"], content["note"]) if part]
    step = 0.034
    height = step * (len(lines) + len(head)) + 0.03
    longest = max([*(_wide(panel, part, 9) for part in head), *(0.036 + _wide(panel, row["text"], 8) for row in lines if row)])
    wide = 0.034 + longest
    left, bottom = 0.985 - wide, 0.025
    panel.add_patch(
        FancyBboxPatch(
            (left, bottom),
            wide,
            height,
            boxstyle="round,pad=0,rounding_size=0.006",
            facecolor=look["panel"],
            edgecolor=look["edge"],
            linewidth=0.6,
            alpha=0.95,
            transform=panel.transAxes,
            zorder=9,
        )
    )
    y = bottom + height - 0.034
    for number, part in enumerate(head):
        strong = number == 0 and bool(content["title"])
        words(
            panel,
            (left + 0.014, y),
            part,
            look,
            size=9 if strong else 7.5,
            weight=print_font.BOLD if strong else print_font.REGULAR,
            colour=look["ink" if strong else "soft"],
            halo=0,
        )
        y -= step
    for row in lines:
        if row is not None:
            _key(panel, (left + 0.014, y), row, look)
            words(
                panel,
                (left + 0.050, y),
                row["text"],
                look,
                size=8,
                halo=0,
                colour=look["soft" if row.get("quiet") else "ink"],
            )
        y -= step


def _key(panel: Axes, at: tuple[float, float], row: Message, look: Mapping[str, str]) -> None:
    x, y = at
    if "shape" in row:
        face = "none" if row.get("hollow") else row["colour"]
        panel.scatter(
            [x + 0.012],
            [y + 0.008],
            s=34,
            marker=MARKERS[row["shape"]],
            c=face,
            transform=panel.transAxes,
            zorder=10,
            edgecolors=row["colour"],
            linewidths=0.6,
        )
    elif row.get("line"):
        panel.add_artist(
            Line2D(
                [x, x + 0.024],
                [y + 0.008] * 2,
                color=row["colour"],
                lw=2,
                ls="--" if row.get("dash") else "-",
                transform=panel.transAxes,
                zorder=10,
            )
        )
    else:
        panel.add_patch(
            Rectangle(
                (x, y - 0.002),
                0.024,
                0.021,
                facecolor="none" if row.get("hatch") else row["colour"],
                transform=panel.transAxes,
                hatch="////" if row.get("hatch") else None,
                edgecolor=row["colour"] if row.get("hatch") else look["edge"],
                linewidth=0.4,
                zorder=10,
            )
        )


def _wide(panel: Axes, said: str, size: float) -> float:
    """Give how wide words are, as a share of the picture."""
    return print_font.line(said)[1] * size / 72 / _drawn_on(panel).get_figwidth()


def _drawn_on(axes: Axes) -> Figure:
    return cast("Figure", axes.figure)
