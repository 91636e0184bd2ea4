"""What stands on a picture of a map beside its shapes: words, the legend, the scale bar."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.patheffects import withStroke

from gridmap.maps import print_font

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    Message = Mapping[str, Any]

MARKERS = {"circle": "o", "star": "*", "square": "s", "diamond": "D", "triangle": "^"}

_NICE = (1, 2, 5)


def words(
    axes: Axes,
    at: tuple[float, float],
    said: str,
    look: Mapping[str, str],
    *,
    size: float,
    text: str = "",
    weight: int = print_font.REGULAR,
    colour: str = "",
    halo: bool = True,
    ha: str = "left",
) -> None:
    """Write words at a place of the axes, 0-1 each way. text: all that the font must have besides."""
    axes.text(
        *at,
        said,
        transform=axes.transAxes,
        fontproperties=print_font.font(text + said, weight),
        size=size,
        ha=ha,
        color=colour or look["ink"],
        zorder=11,
        path_effects=[withStroke(linewidth=2, foreground=look["halo"])] if halo else [],
    )


def scale_bar(axes: Axes, latitude: float, look: Mapping[str, str], text: str) -> None:
    """Draw a bar of a round length in the lower left corner. latitude: where it is true, in degrees."""
    west, east = axes.get_xlim()
    metres = (east - west) * 111_320 * math.cos(math.radians(latitude))
    power = 10 ** math.floor(math.log10(metres / 5))
    length = max(step * power for step in _NICE if step * power <= metres / 5)
    share = length / metres
    axes.add_artist(Line2D([0.02, 0.02 + share], [0.06, 0.06], transform=axes.transAxes, color=look["ink"], lw=1.6, zorder=8))
    said = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    words(axes, (0.02, 0.072), said, look, size=8, text=text)


def legend(panel: Axes, content: Message, look: Mapping[str, str], text: str) -> None:
    """Draw the legend of a message in the lower right corner."""
    rows = [[*group, None] for group in content["groups"]]
    lines = list(itertools.chain.from_iterable(rows))[:-1]
    head = [part for part in (content["title"], content["note"]) if part]
    step = 0.034
    height = step * (len(lines) + len(head)) + 0.03
    longest = max(_width(part) for part in (*head, *(row["text"] for row in lines if row)))
    wide = 0.011 * longest * 0.62 + 0.075
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
            text=text,
            weight=print_font.BOLD if strong else print_font.REGULAR,
            colour=look["ink" if strong else "soft"],
            halo=False,
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
                text=text,
                halo=False,
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


def _width(text: str) -> float:
    """Give a text's width in halves of a Chinese character."""
    return sum(2 if ord(character) > 0x2E7F else 1.1 for character in text)
