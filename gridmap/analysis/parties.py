"""The six parties 六方 of every community, and how the Party stands on every grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.store import Store

PARTIES = ("party", "committee", "owners", "property", "leaders", "station")
"""社区党组织, 居委会, 业委会, 物业企业, 楼门长, 综合服务站, in the order of the speech (dossier R11)."""

STANDS = ("with secretary", "without secretary", "none")
"""How the Party stands on a grid, best first (dossier R29)."""

_SIX = """
SELECT c.community_code, c.street_code,
  EXISTS (FROM party_orgs o WHERE o.community_code = c.community_code AND o.grid_code IS NULL AND o.property_company_id IS NULL
    ) AS party,
  c.committee_director_staff_id IS NOT NULL AS committee,
  EXISTS (FROM owners_committees o JOIN compounds p USING (compound_id)
    WHERE o.kind = 'owners_committee' AND p.community_code = c.community_code) AS owners,
  EXISTS (FROM compounds p WHERE p.community_code = c.community_code AND p.property_company_id IS NOT NULL) AS property,
  EXISTS (FROM micro_units m JOIN grids_now g USING (grid_code)
    WHERE m.leader_staff_id IS NOT NULL AND g.community_code = c.community_code) AS leaders,
  EXISTS (FROM service_centres s WHERE s.community_code = c.community_code) AS station,
  c.party_secretary_staff_id = c.committee_director_staff_id AS two_posts,
  (SELECT count(*) FROM compounds p WHERE p.community_code = c.community_code AND p.has_property_mgmt) AS managed,
  (SELECT count(DISTINCT o.compound_id) FROM owners_committees o JOIN compounds p USING (compound_id)
    WHERE p.community_code = c.community_code AND p.has_property_mgmt AND o.kind = 'owners_committee') AS formed
FROM communities c WHERE c.valid_to IS NULL AND starts_with(c.community_code, left($code, 12)) ORDER BY 1
"""

_GRIDS = """
SELECT g.grid_code, CASE
  WHEN bool_or(o.secretary_staff_id IS NOT NULL) THEN 0 WHEN count(o.party_org_id) > 0 THEN 1 ELSE 2 END AS stands
FROM grids_now g LEFT JOIN party_orgs o
  ON o.grid_code = g.grid_code AND o.org_kind IN ('party_branch', 'party_group', 'joint_branch')
WHERE starts_with(g.grid_code, $code) GROUP BY 1 ORDER BY 1
"""


def parties(store: Store, code: str) -> pd.DataFrame:
    """List the communities of an area, index = community_code, with what each has.

    Columns: street_code; one of PARTIES each, true or false; present (how many of the six); two_posts (secretary and director
    are one person, R13; missing where a post is vacant); managed and formed (compounds under property management, and those
    of them with an owners' committee, R17).
    """
    frame = store.cursor().execute(_SIX, {"code": code}).df().set_index("community_code")
    frame["present"] = frame[list(PARTIES)].sum(axis=1)
    return frame


def stands(store: Store, code: str) -> pd.Series:
    """Say of every grid in force in an area how the Party stands on it: position in STANDS by grid_code."""
    return store.cursor().execute(_GRIDS, {"code": code}).df().set_index("grid_code")["stands"]
