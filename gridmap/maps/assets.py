"""The scripts, styles and fonts a map needs, each from an npm package at an exact version and served by gridmap itself.

``CARRIED`` names every file that folium, streamlit-folium and branca would ask other hosts for, and the one that stands in.
Nothing else is served: not the rest of the package, not the folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gridmap import settings
from gridmap.errors import MapError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = "/gridmap/assets/"
"""Where the server offers the files below."""

_OWN = Path(__file__).with_name("static")
_SCRIPT = "own/gridmap.js"
_PARTS = (
    "shapes",
    "groups",
    "sheet",
    "near",
    "many",
    "density",
    "patches",
    "names",
    "view",
    "legend",
    "time",
    "compare",
    "tools",
    "draw",
    "stage",
)
"""gridmap's own script is served as one file: these, in this order."""

_GLYPHICONS = "bootstrap3/dist/css/glyphicons.css"
_ROTATE = "made/rotate.css"

CARRIED = {
    # folium.Map
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "jquery-3.7.1.min.js": "jquery/dist/jquery.min.js",
    "jquery.min.js": "jquery/dist/jquery.min.js",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap-glyphicons.css": _GLYPHICONS,
    "all.min.css": "@fortawesome/fontawesome-free/css/all.min.css",
    "leaflet.awesome-markers.js": "leaflet.awesome-markers/dist/leaflet.awesome-markers.js",
    "leaflet.awesome-markers.css": "leaflet.awesome-markers/dist/leaflet.awesome-markers.css",
    "leaflet.awesome.rotate.min.css": _ROTATE,
    # folium.plugins
    "leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "MarkerCluster.css": "leaflet.markercluster/dist/MarkerCluster.css",
    "MarkerCluster.Default.css": "leaflet.markercluster/dist/MarkerCluster.Default.css",
    "Control.FullScreen.min.js": "leaflet.fullscreen/Control.FullScreen.js",
    "Control.FullScreen.css": "leaflet.fullscreen/Control.FullScreen.css",
    "leaflet.draw.js": "leaflet-draw/dist/leaflet.draw.js",
    "leaflet.draw.css": "leaflet-draw/dist/leaflet.draw.css",
    "leaflet_heat.min.js": "leaflet.heat/dist/leaflet-heat.js",
    "L.Map.Sync.min.js": "leaflet.sync/L.Map.Sync.js",
    "Control.MiniMap.js": "leaflet-minimap/dist/Control.MiniMap.min.js",
    "Control.MiniMap.css": "leaflet-minimap/dist/Control.MiniMap.min.css",
    "L.Control.MousePosition.min.js": "leaflet-mouse-position/src/L.Control.MousePosition.js",
    "L.Control.MousePosition.min.css": "leaflet-mouse-position/src/L.Control.MousePosition.css",
    "L.Control.Layers.Tree.min.js": "leaflet.control.layers.tree/L.Control.Layers.Tree.js",
    "L.Control.Layers.Tree.min.css": "leaflet.control.layers.tree/L.Control.Layers.Tree.css",
    "leaflet.groupedlayercontrol.min.js": "leaflet-groupedlayercontrol/dist/leaflet.groupedlayercontrol.min.js",
    "leaflet.groupedlayercontrol.min.css": "leaflet-groupedlayercontrol/dist/leaflet.groupedlayercontrol.min.css",
    "L.Control.Locate.min.js": "leaflet.locatecontrol/dist/L.Control.Locate.min.js",
    "L.Control.Locate.min.css": "leaflet.locatecontrol/dist/L.Control.Locate.min.css",
    "L.Realtime.js": "leaflet-realtime/dist/leaflet-realtime.js",
    "leaflet-realtime.js": "leaflet-realtime/dist/leaflet-realtime.js",
    "Polyline.encoded.js": "polyline-encoded/Polyline.encoded.js",
    "Semicircle.min.js": "leaflet-semicircle/Semicircle.js",
    "d3.min.js": "d3/d3.min.js",
    "d3.v4.min.js": "d3v4/build/d3.min.js",
    "default.min.css": "highlight.js/styles/default.css",
    "easy-button.css": "leaflet-easybutton/src/easy-button.css",
    "easy-button.js": "leaflet-easybutton/src/easy-button.js",
    "iso8601.min.js": "iso8601-js-period/iso8601.js",
    "jquery-ui.min.js": "jquery-ui-dist/jquery-ui.min.js",
    "leaflet-ant-path.min.js": "leaflet-ant-path/dist/leaflet-ant-path.js",
    "leaflet-beautify-marker-icon.min.css": "beautifymarker/leaflet-beautify-marker-icon.css",
    "leaflet-beautify-marker-icon.min.js": "beautifymarker/leaflet-beautify-marker-icon.js",
    "leaflet-search.min.css": "leaflet-search/dist/leaflet-search.min.css",
    "leaflet-search.min.js": "leaflet-search/dist/leaflet-search.min.js",
    "leaflet-tag-filter-button.css": "leaflet-tag-filter-button/src/leaflet-tag-filter-button.css",
    "leaflet-tag-filter-button.js": "leaflet-tag-filter-button/src/leaflet-tag-filter-button.js",
    "leaflet.boatmarker.min.js": "leaflet.boatmarker/leaflet.boatmarker.min.js",
    "leaflet.featuregroup.subgroup.js": "leaflet.featuregroup.subgroup/dist/leaflet.featuregroup.subgroup.js",
    "leaflet.pattern.js": "leaflet.pattern/dist/leaflet.pattern.js",
    "leaflet.polylineoffset.min.js": "leaflet-polylineoffset/leaflet.polylineoffset.js",
    "leaflet.terminator": "@joergdietrich/leaflet.terminator/L.Terminator.js",
    "leaflet.textpath.min.js": "leaflet-textpath/leaflet.textpath.js",
    "leaflet.timedimension.control.css": "leaflet-timedimension/dist/leaflet.timedimension.control.css",
    "leaflet.timedimension.min.js": "leaflet-timedimension/dist/leaflet.timedimension.min.js",
    "leaflet.timeline.min.js": "leaflet.timeline/dist/leaflet.timeline.js",
    "moment.min.js": "moment/min/moment.min.js",
    "oms.min.js": "overlapping-marker-spiderfier/dist/oms.min.js",
    "pa7_hm.min.js": "heatmap.js/build/heatmap.min.js",
    "pa7_leaflet_hm.min.js": "heatmap.js/plugins/leaflet-heatmap/leaflet-heatmap.js",
    "ripple.min.css": "css-ripple-effect/dist/ripple.min.css",
}
"""The file an outside address asks for, by its name → the file that stands in for it, as package/path.

``own`` is gridmap's own folder; what is in ``_made`` below is derived from a package's file and lies in none.
"""

_SIGNS = ("marker-icon.png", "marker-icon-2x.png", "marker-shadow.png")
EXTRA = ("own/gridmap.css", *(f"leaflet/dist/images/{sign}" for sign in _SIGNS))
"""Files no address of folium's asks for."""

FONT_PACKAGE = "@fontsource-variable/noto-sans-sc"
FONT_FAMILY = "Noto Sans SC"
"""The family ``fonts.css`` declares: every Chinese character of common use, in slices a browser fetches as it meets them."""

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".ttf": "font/ttf",
    ".png": "image/png",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
_REFERENCE = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")


@dataclass(frozen=True)
class Asset:
    """One file the server offers: its path below ROOT, its bytes, its content type."""

    path: str
    content: bytes
    type: str

    @property
    def drawing(self) -> bool:
        """Say whether it is an SVG, which a browser that opens it by itself could run: the server must forbid that."""
        return self.type == _TYPES[".svg"]

    @property
    def compressible(self) -> bool:
        """Say whether gzip makes it smaller: text does, fonts and pictures are packed already."""
        return self.type.startswith("text/") or self.drawing


def own(address: str) -> str:
    """Give the server's own URL for an address folium asks for; one that is the server's own already is given back.

    Raises MapError for an address nothing stands in for, so that a map never quietly asks another host.
    """
    if address.startswith("/gridmap/"):
        return address
    target = CARRIED.get(posixpath.basename(address))
    if target is None:
        raise MapError("The map asks for {address}, which this server does not carry.", address=address)
    return url(target)


def fonts_css_for(text: str) -> str:
    """Give the style sheet of FONT_FAMILY with only the slices these characters need, the fonts inside it."""
    wanted = {ord(character) for character in text}
    chosen = []
    for face in re.findall(r"@font-face\s*\{[^}]*\}", _fonts_css()):
        spans = re.findall(r"U\+([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?", face.partition("unicode-range")[2])
        if any(wanted & set(range(int(low, 16), int(high or low, 16) + 1)) for low, high in spans):
            chosen.append(re.sub(r"url\(([^)]+)\)", lambda match: f"url({data_url(match[1])})", face))
    return "\n".join(chosen)


def data_url(address: str) -> str:
    """Give a carried file as a data URL, for pages that must hold all they need."""
    found = asset(address.removeprefix(ROOT))
    return f"data:{found.type};base64,{base64.b64encode(found.content).decode()}"


def prelude() -> str:
    """Give the script to run before a map's own: where marker signs are, which Leaflet guesses wrongly, and no flag.

    Leaflet's attribution carries a link to its own site with a flag, which has no place on an office's map.
    """
    signs = url(f"leaflet/dist/images/{_SIGNS[0]}").removesuffix(_SIGNS[0])
    return f'L.Icon.Default.imagePath="{signs}";L.Control.Attribution.prototype.options.prefix=false;\n'


def refuse_tiles(script: str) -> None:
    """Raise MapError when a map's script asks another host for tiles, as folium does unless told ``tiles=None``."""
    found = re.search(r"""L\.tileLayer(?:\.\w+)?\(\s*["']((?:https?:)?//[^"']*)""", script)
    if found:
        raise MapError("The map asks for {address}, which this server does not carry.", address=found[1])


def url(file: str) -> str:
    """Give the URL of a carried file, named as package/path, with the package's version in it.

    Raises MapError when the file is not installed.
    """
    package, inner = _split(file)
    if file not in {_GLYPHICONS, _ROTATE, _SCRIPT}:
        _locate(file)
    return f"{ROOT}{package}@{_version(package)}/{inner}"


def fonts_url() -> str:
    """Give the URL of the style sheet that declares FONT_FAMILY; it changes with the font's version."""
    return f"{ROOT}fonts@{_version(FONT_PACKAGE)}/fonts.css"


def asset(path: str) -> Asset:
    """Give the file offered at ``path`` below ROOT.

    Raises MapError when the path is not one of those offered, whatever lies in the folder.
    """
    if path in _made():
        return Asset(path, _made()[path]().encode(), _TYPES[Path(path).suffix])
    file = _offered().get(path)
    if file is None:
        raise MapError("This server does not carry {address}.", address=path)
    content = file.read_bytes()
    if file.suffix == ".css":
        content = _only_own_references(content.decode(), file).encode()
    return Asset(path, content, _TYPES[file.suffix])


@cache
def _made() -> dict[str, Callable[[], str]]:
    """Give what lies in no file as it is needed, by path below ROOT."""
    return {
        fonts_url().removeprefix(ROOT): _fonts_css,
        url(_GLYPHICONS).removeprefix(ROOT): _glyphicons_css,
        url(_ROTATE).removeprefix(ROOT): _rotate_css,
        url(_SCRIPT).removeprefix(ROOT): _own_script,
    }


def _own_script() -> str:
    return "".join((_OWN / f"{part}.js").read_text("utf-8") for part in _PARTS)


def _fonts_css() -> str:
    """Declare FONT_FAMILY, every address the server's own (the font's licence is the SIL Open Font License 1.1)."""
    text = _locate(f"{FONT_PACKAGE}/wght.css").read_text("utf-8").replace("Noto Sans SC Variable", FONT_FAMILY)
    return re.sub(r"url\(\./files/", f"url({url(f'{FONT_PACKAGE}/files')}/", text)


def _glyphicons_css() -> str:
    """Take the icon rules alone out of Bootstrap 3, whose other rules would change the page."""
    text = _locate("bootstrap3/dist/css/bootstrap.css").read_text("utf-8")
    return "\n".join(rule for rule in re.findall(r"[^{}]+\{[^{}]*\}", text) if "lyphicon" in rule.lower())


def _rotate_css() -> str:
    """Turn a marker's sign by whole degrees, which Font Awesome has for right angles only."""
    return "\n".join(f".awesome-marker .fa-rotate-{angle}{{transform:rotate({angle}deg)}}" for angle in range(360))


@cache
def _offered() -> dict[str, Path]:
    """Every path below ROOT and its file: the carried files and what their styles refer to inside their package."""
    offered: dict[str, Path] = {}
    for name in [*CARRIED.values(), *EXTRA, f"{FONT_PACKAGE}/wght.css", "bootstrap3/dist/css/bootstrap.css"]:
        package, inner = _split(name)
        file = _folder(package) / inner
        if name in {_GLYPHICONS, _ROTATE} or not file.is_file():
            continue
        prefix = f"{package}@{_version(package)}/"
        offered[prefix + inner] = file
        if file.suffix == ".css":
            for reference in _REFERENCE.findall(file.read_text("utf-8", "replace")):
                beside = posixpath.normpath(posixpath.join(posixpath.dirname(inner), re.split(r"[?#]", reference)[0]))
                target = _folder(package) / beside
                if not beside.startswith("..") and target.suffix in _TYPES and target.is_file():
                    offered[prefix + beside] = target
    return offered


def _only_own_references(text: str, file: Path) -> str:
    """Blank every address in a style that names another host or a file that is not there."""

    def keep(match: re.Match[str]) -> str:
        reference = re.split(r"[?#]", match[1])[0]
        return match[0] if match[1].startswith(("data:", "#")) or (file.parent / reference).is_file() else "url(data:,)"

    return _REFERENCE.sub(keep, text)


def _split(file: str) -> tuple[str, str]:
    parts = file.split("/")
    cut = 2 if file.startswith("@") else 1
    return "/".join(parts[:cut]), "/".join(parts[cut:])


def _folder(package: str) -> Path:
    return _OWN if package == "own" else settings.ASSETS / package


@cache
def _locate(file: str) -> Path:
    package, inner = _split(file)
    path = _folder(package) / inner
    if not path.exists():
        raise MapError("The map's file {file} is not installed; run npm ci --ignore-scripts in gridmap's folder.", file=file)
    return path


@cache
def _version(package: str) -> str:
    """Give the package's version, or for gridmap's own folder a hash of what is in it."""
    if package in {"own", "made"}:
        content = b"".join(path.read_bytes() for path in sorted([*_OWN.iterdir(), Path(__file__)]))
        return hashlib.sha256(content).hexdigest()[:12]
    return str(json.loads(_locate(f"{package}/package.json").read_text("utf-8"))["version"])
