"""What the store's codes are called: departments, channels, levels, states, posts, kinds of organisation.

Terms follow the glossary (dossier §4). A code that is not listed is shown as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LAYERS = {
    "zongzhi": key("Public security"),
    "yingji": key("Emergency"),
    "chengguan": key("Urban management"),
    "huanjing": key("Ecology and environment"),
    "shengtai": key("Ecology and environment"),
}
LAYERS_BRIEF = {
    "zongzhi": key("Security"),
    "yingji": key("Emergency"),
    "chengguan": key("Urban"),
    "huanjing": key("Ecology"),
    "shengtai": key("Ecology"),
}
"""The same where a column has room for a word only."""

CHANNELS = {
    "patrol": key("Full-time patrol"),
    "assist": key("Part-time assistance"),
    "property": key("Property feedback"),
    "resident": key("Resident report"),
    "hotline": key("Citizen hotline"),
}
LEVELS = {
    "city": key("City"),
    "district": key("District"),
    "street": key("Sub-district"),
    "community": key("Community"),
    "grid": key("Grid"),
}
LEVELS_BELOW = {"city": "district", "district": "street", "street": "community", "community": "grid"}
STATES = {
    "new": key("New"),
    "accepted": key("Accepted"),
    "assigned": key("Assigned"),
    "handling": key("Being handled"),
    "coordinating": key("In coordination"),
    "checking": key("Being checked"),
    "closed": key("Closed"),
    "returned": key("Returned"),
    "deferred": key("Deferred"),
    "void": key("Void"),
}
POSTS = {
    "grid_head": key("Grid head"),
    "full_time": key("Full-time grid worker"),
    "part_time": key("Part-time grid worker"),
    "party_secretary": key("Party secretary"),
    "enforcement": key("Enforcement officer"),
    "police": key("Police officer"),
    "instructor": key("Instructor"),
}
FUNDS = {
    "operations": key("Activities and public services"),
    "worker_pay": key("Pay of community workers"),
    "facilities": key("Facilities and information systems"),
    "training": key("Training"),
    "special": key("Special fund for residents"),
}
STAFF = {
    "community_worker": key("Community worker"),
    "building_leader": key("Building leader"),
    "party_member": key("Party member"),
    "volunteer": key("Volunteer"),
    "enforcement": key("Enforcement officer"),
    "police": key("Police officer"),
    "instructor": key("Instructor"),
}
PARTY = {
    "party_committee": key("Party committee"),
    "general_branch": key("General Party branch"),
    "party_branch": key("Party branch"),
    "party_group": key("Party group"),
    "joint_branch": key("Joint Party branch"),
}
VERSIONS = {
    "draft": key("Draft"),
    "proposed": key("Proposed"),
    "approved": key("Approved"),
    "published": key("In force"),
    "replaced": key("Replaced"),
    "withdrawn": key("Withdrawn"),
    "retired": key("Retired"),
}
FINDINGS = {
    "invalid_geom": key("Broken ring"),
    "gap": key("Gap"),
    "overlap": key("Overlap"),
    "sliver": key("Sliver"),
    "multipart": key("Several parts"),
    "hole": key("Hole"),
    "duplicate_id": key("Id twice"),
    "duplicate_geometry": key("Area twice"),
    "no_shape": key("No shape"),
    "damaged": key("Damaged"),
    "no_place": key("No place"),
    "not_area": key("No area"),
    "flattened": key("Heights dropped"),
    "vertices": key("Vertices joined"),
    "curved": key("Arcs made lines"),
    "outside": key("Outside the district"),
    "cross_community": key("Across communities"),
    "cross_street": key("Across sub-districts"),
    "cuts_compound": key("Compound cut"),
    "cuts_building": key("Building cut"),
    "code_mismatch": key("Wrong code"),
    "code_order": key("Order of codes"),
    "size_out_of_range": key("Unusual size"),
    "mismatch": key("Edges differ"),
    "norm": key("Outside the norm"),
    "orphan_incidents": key("Incidents in no grid"),
    "not_mapped": key("Not mapped"),
    "four_fixings": key("Four fixings"),
    "no_party_org": key("No Party organisation"),
    "cut_short": key("File cut short"),
    "fewer_rows": key("Rows missing"),
    "stray": key("Far off"),
    "torn_rows": key("Torn rows"),
    "unread": key("Files not read"),
    "scrambled": key("Scrambled text"),
}
"""Kinds of finding, by the ``kind`` of intake's and merge's findings."""

SHAPES = {"Polygon": key("Areas"), "Surface": key("Areas"), "Line": key("Lines"), "Point": key("Points")}
"""What lies in a layer of a file, by a word of what the readers call it."""

UNITS = {
    "rows": key("rows"),
    "grids": key("grids"),
    "buildings": key("buildings"),
    "households": key("households"),
    "incidents": key("incidents"),
}
CHANGES = {"added": key("Added"), "removed": key("Removed"), "reshaped": key("Moved")}
ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GBK / GB18030", "big5": "Big5", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
SEVERITIES = {"error": key("Error"), "warning": key("Warning"), "note": key("Remark")}


def capital(text: str) -> str:
    """Begin a text with a capital, as what stands by itself does; Chinese has none."""
    return text[:1].upper() + text[1:]


def called(code: str | None, words: Mapping[str, str]) -> str:
    """Give the word for a code in the reader's language."""
    if not isinstance(code, str):
        return ""
    return terms.say(words[code]) if code in words else code


def joined(names: Iterable[str]) -> str:
    """Write names one after the other as the reader's language parts them."""
    return ("、" if terms.language() == "zh" else ", ").join(names)
