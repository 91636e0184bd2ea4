"""Frames in, folium maps out: layers, legends, escaping, offline assets.

A page calls ``district_map`` (what stays) and ``repaint`` (what changes), and shows both with ``gridmap.web.map_frame.show``.
"""

from gridmap.maps.assets import FONT_FAMILY, fonts_url
from gridmap.maps.district import (
    AreaLayer,
    Bounds,
    DistrictMap,
    Ground,
    Other,
    Outline,
    Repaint,
    Tool,
    area_layer,
    borders,
    district_map,
    ground,
    outline,
    repaint,
)  # fmt: skip
from gridmap.maps.groups import Groups
from gridmap.maps.legends import legend, number
from gridmap.maps.patches import Look, PatchLayer, patch_layer
from gridmap.maps.picture import picture
from gridmap.maps.points import Density, PointLayer, Sign, density, point_layer
from gridmap.maps.scales import Scale, Theme, departments, scale_for
from gridmap.maps.standalone import standalone

__all__ = [
    "FONT_FAMILY",
    "AreaLayer",
    "Bounds",
    "Density",
    "DistrictMap",
    "Ground",
    "Groups",
    "Look",
    "Other",
    "Outline",
    "PatchLayer",
    "PointLayer",
    "Repaint",
    "Scale",
    "Sign",
    "Theme",
    "Tool",
    "area_layer",
    "borders",
    "density",
    "departments",
    "district_map",
    "fonts_url",
    "ground",
    "legend",
    "number",
    "outline",
    "patch_layer",
    "picture",
    "point_layer",
    "repaint",
    "scale_for",
    "standalone",
]  # fmt: skip
