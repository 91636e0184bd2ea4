"""What of the district somebody sees who answers for a part of it: the one place that says so, below every page.

A page asks ``confine`` for its store; every query through it (figures, maps, tiles, lists, exports, a sandbox's snapshot) then
finds only the territory's rows, whatever it asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import codes, store
from gridmap.errors import AccessError, InputError

if TYPE_CHECKING:
    from gridmap.access.actor import Actor
    from gridmap.store import Store

_CASE = "incident_id IN (SELECT incident_id FROM incidents)"
_PLACE = "starts_with(coalesce(community_code, street_code, ''), $code)"
_COMMUNITY = "starts_with(community_code, left($code, 12))"
_STREET = "starts_with(street_code, left($code, 9))"
_ALL = "true"

TERRITORY = {
    # The divisions' names and borders are public, and lead from a community up to its district.
    "divisions": "starts_with(code, $code) OR starts_with($code, code)",
    "districts": "starts_with($code, district_code)",
    "streets": "starts_with(street_code, $code) OR starts_with($code, street_code)",
    "communities": "starts_with(community_code, $code) OR starts_with($code, community_code)",
    "restricted_areas": _ALL,  # closed roads and sites concern whoever passes
    "roads": _ALL,
    "waters": _ALL,
    # What belongs to a place.
    "compounds": "starts_with(community_code, left($code, 12))",
    "buildings": "starts_with(community_code, left($code, 12))",
    "micro_units": "starts_with(grid_code, $code)",
    "grids_unified": "starts_with(grid_code, $code)",
    "grid_merge_map": "starts_with(grid_code, $code)",
    "grid_change_log": "starts_with(grid_code, $code)",
    "grid_conflicts": "starts_with(street_code, $code)",
    "grids_departmental": "(layer_key, dgrid_id) IN (SELECT (layer_key, dgrid_id) FROM grid_merge_map)",
    "incidents": "{incident} = $code",
    "incident_cells": _PLACE,  # tallies are not told apart by grid: empty to whoever answers for one
    "incident_days": _PLACE,
    "incident_events": _CASE,
    "whistles": _CASE,
    "whistle_responses": "whistle_id IN (SELECT whistle_id FROM whistles)",
    "mediations": _CASE,
    "case_requests": _CASE,
    "spot_checks": _CASE,
    "duty_logs": "starts_with(coalesce(grid_code, community_code), $code)",
    "patrol_plans": "starts_with(grid_code, $code)",
    "work_posts": "starts_with(coalesce(territory, ''), $code) OR starts_with($code, coalesce(territory, ''))",
    "work_meetings": "starts_with(coalesce(place_code, ''), $code)",
    "staff": "starts_with(community_code, left($code, 12))",
    "grid_assignments": "starts_with(grid_code, $code)",
    "patrols": "starts_with(grid_code, $code)",
    "assessments": "assessee_id IN (SELECT staff_id FROM staff) OR starts_with(assessee_id, $code)",
    "party_orgs": "starts_with(coalesce(grid_code, community_code), left($code, 12))",
    "service_centres": "starts_with(community_code, left($code, 12))",
    "owners_committees": "compound_id IN (SELECT compound_id FROM compounds)",
    "property_companies": "property_company_id IN (SELECT property_company_id FROM compounds)",
    "budgets": "starts_with(community_code, left($code, 12))",
    "elections": _COMMUNITY,
    "inspections": _PLACE,
    "joint_committees": _PLACE,
    "key_areas": _PLACE,
    "leaders": "starts_with(place_code, $code)",
    "party_contacts": _STREET,
    "platform_modules": _COMMUNITY,
    "projects": _PLACE,
    "sensors": _COMMUNITY,
    "social_projects": _COMMUNITY,
    "stories": _PLACE,
    "tasks": _STREET,
    "volunteering": _COMMUNITY,
    "work_actions": _STREET,
    # Code tables and registers of versions say nothing about a place.
    "departments": _ALL,
    "dept_plans": _ALL,
    "duties": _ALL,
    "matter_types": _ALL,
    "matter_numberings": _ALL,
    "seed_violations": _ALL,
    "matter_synonyms": _ALL,
    "responsibilities": _ALL,
    "calendar_days": _ALL,
    "sla_rules": _ALL,
    "settings": _ALL,
    "layer_versions": _ALL,
    "layer_notes": _ALL,
    "intake_profiles": _ALL,
    # A street is one plan: whoever answers for a part of it sees it whole in a meeting.
    "atom_sets": _ALL,
    "plan_atoms": "starts_with(street_code, left($code, 9))",
    "plan_drafts": _ALL,
    "draft_steps": "starts_with(street_code, left($code, 9))",
    "draft_versions": _ALL,
    "version_steps": _ALL,
    "meetings": _ALL,
    "decisions": "starts_with(street_code, left($code, 9))",
    "open_questions": _ALL,
    "saved_questions": _ALL,
    "grid_versions": _ALL,
    "grid_version_states": _ALL,
    "grid_periods": _ALL,
}
"""For every table, which rows lie in the territory $code; in this order, so that a condition may name the tables above it.

A table that is not here is empty to whoever answers for a part only.
"""

HIDDEN = (
    *("store_meta", "schema_migrations", "batches", "set_aside", "watched_references"),
    *("api_keys", "hooks", "outbox"),
)
"""Tables that nobody sees who answers for a part only: how the store keeps itself, and other systems' keys and secrets."""

_INCIDENT = {"street": "street_code", "community": "community_code", "grid": "grid_code"}


def confine(db: Store, actor: Actor) -> Store:
    """Give the store as an actor may see it: whole, or only the rows of their territory.

    Raises AccessError when the territory is no code of a division or grid.
    """
    code = actor.scope
    if not code:
        return db
    try:
        column = _INCIDENT[codes.level(code)]
    except (InputError, KeyError) as error:
        raise AccessError("The territory {code} of this account is no code of a division or grid.", code=code) from error
    return store.within(
        db, code, {table: rule.replace("{incident}", column).replace("$code", f"'{code}'") for table, rule in TERRITORY.items()}
    )
