"""The indicators once more, in pandas, from the tables alone: a second way to each figure, written without looking at the SQL.

Each function takes the tables and the moment of asking and gives part and n; part of a count is n.
"""

# ruff: noqa: ARG005, E712 - every figure takes (tables, now); a flag may be empty, and empty is not true
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

STEPS = ["discover", "push", "dispose", "coordinate", "supervise", "feedback"]
LEVELS = {"community": 0, "street": 1, "district": 2}
VIOLATIONS = {
    "R48": ["06001", "06045", "09012"],
    "R49": ["07006", "09006", "09001", "09005", "07001", "08003", "09009", "09010", "06040", "06034"],
}


class Tables:
    """The tables of a store as frames; geometry as shapely objects in a metric CRS."""

    def __init__(self, db):
        self.db = db
        self.kept = {}

    def __getattr__(self, name):
        if name not in self.kept:
            self.kept[name] = self.db.cursor().execute(f"SELECT * FROM {name}").df()
        return self.kept[name]

    @property
    def cases(self):
        return self.incidents[self.incidents["status"] != "void"]

    def metric(self, level):
        frame = self.db.areas(level)
        return frame.to_crs(frame.estimate_utm_crs()).set_index("code")

    def zone(self, geometry):
        """Geometry in the 3° zone of the communities' middle, by the dossier's rule 4534 + (meridian - 75) / 3."""
        places = self.db.areas("community")
        middle = places.geometry.bounds[["minx", "maxx"]].mean(axis=1).mean()
        return geometry.to_crs(4534 + (round(middle / 3) * 3 - 75) // 3)

    def grid_shapes(self):
        frame = self.db.areas("grid")
        return frame.set_geometry(self.zone(frame.geometry)).set_index("code")


def share(mask, among=None):
    mask = mask.fillna(False).astype(bool) if among is None else mask[among].fillna(False).astype(bool)
    return int(mask.sum()), len(mask)


def number(frame):
    return len(frame), len(frame)


def in_post(t, now):
    a = t.grid_assignments
    day = now.normalize()
    ended = pd.to_datetime(a["end_on"]) <= day
    begun = pd.to_datetime(a["start_on"]).fillna(pd.Timestamp(0)) <= day
    return a[~ended & begun & a["staff_id"].notna()]


def ripe(t, now, limit):
    c = t.cases
    return c[
        c["is_resident_reported"].fillna(False).astype(bool) & c["duplicate_of"].isna() & (c["reported_at"] + limit <= now)
    ]


def three_ones(column, limit):
    def figure(t, now):
        c = ripe(t, now, limit)
        return share(c[column] - c["reported_at"] <= limit)

    return figure


def due(t, now):
    c = t.cases
    return c[(c["due_at"] <= now) & ~c["deferred"]]


def closed(t):
    c = t.cases
    return c[c["closed_at"].notna()]


def levelled(t):
    c = closed(t)
    return c[c["top_level"].notna()]


def called_back(t):
    c = t.cases
    return c[c["is_resident_reported"].fillna(False).astype(bool) & c["satisfied"].notna()]


def on_grid(t, codes):
    return share(t.grids_now["grid_code"].isin(set(codes)))


def hot(t, now):
    c = t.cases
    recent = c[(c["reported_at"] <= now) & (c["reported_at"] >= now - pd.Timedelta(days=30)) & c["duplicate_of"].isna()]
    return number(
        recent.groupby(["grid_code", "matter_code"]).filter(lambda g: len(g) >= 3).groupby(["grid_code", "matter_code"]).size()
    )


def clean_merge(t, now):
    pieces = t.merge_map_now[t.merge_map_now["share_of_dgrid"] >= 0.02].groupby(["layer_key", "dgrid_id"]).size()
    return int((pieces == 1).sum()), t.merge_map_now.groupby(["layer_key", "dgrid_id"]).ngroups


def whistles(t, now):
    r = t.whistle_responses
    judged = r[r["required_by"].notna() & ((r["required_by"] <= now) | r["reported_at"].notna())]
    return share(judged["reported_at"] <= judged["required_by"])


def open_whistles(t, now):
    r = t.whistle_responses.merge(t.whistles[["whistle_id", "closed_at"]], on="whistle_id")
    return number(r[r["reported_at"].isna() & r["closed_at"].isna() & (r["required_by"] < now)])


def six(t, now):
    c = t.communities
    orgs = t.party_orgs[t.party_orgs["grid_code"].isna() & t.party_orgs["property_company_id"].isna()]
    owners = t.owners_committees[t.owners_committees["kind"] == "owners_committee"].merge(t.compounds, on="compound_id")
    led = t.micro_units[t.micro_units["leader_staff_id"].notna()].merge(
        t.grids_now[["grid_code", "community_code"]], on="grid_code"
    )
    have = [orgs, owners, t.compounds[t.compounds["property_company_id"].notna()], led, t.service_centres]
    present = sum(c["community_code"].isin(set(frame["community_code"].dropna())).sum() for frame in have)
    return int(present + c["committee_director_staff_id"].notna().sum()), 6 * len(c)


def logs(t):
    return t.incident_events.merge(t.cases[["incident_id", "closed_at"]], on="incident_id").sort_values(["incident_id", "seq"])


def all_steps(t, now):
    steps = logs(t).query("closed_at == closed_at").groupby("incident_id")["step"].nunique()
    return share(steps == 6)


def dwell(t, now):
    e = logs(t)
    stay = e.groupby("incident_id")["occurred_at"].diff().dropna().dt.total_seconds() / 60
    return stay.sum(), len(stay)


def out_of_order(t, now):
    e = logs(t)
    e = e[~e["action"].isin(["urge", "note", "take_over"])]
    place = e["step"].map({step: number for number, step in enumerate(STEPS)})
    before = e.groupby("incident_id")[["step", "action"]].shift()
    anew = (before["step"] == "coordinate") | before["action"].isin(["return", "reopen"])
    back = (place < place.groupby(e["incident_id"]).shift()) & ~e["action"].isin(["return", "reopen"]) & ~anew
    return number(e[back]["incident_id"].drop_duplicates())


def moves(way):
    def figure(t, now):
        e = logs(t)
        return number(e[way * (e["to_level"].map(LEVELS) - e["from_level"].map(LEVELS)) > 0])

    return figure


def leaders(t, now):
    ids = t.micro_units["leader_staff_id"].dropna().drop_duplicates()
    posts = in_post(t, now)
    return share(ids.isin(posts[posts["post"] == "part_time"]["staff_id"]))


def heads(t, now):
    a = in_post(t, now)
    pairs = set(zip(*a[a["post"] == "grid_head"][["grid_code", "staff_id"]].to_numpy().T, strict=True))
    g = t.grids_now.merge(t.communities[["community_code", "party_secretary_staff_id"]], on="community_code")
    return share(pd.Series([pair in pairs for pair in zip(g["grid_code"], g["party_secretary_staff_id"], strict=True)]))


def three_facilities(t, now):
    flags = ["has_elderly_room", "has_meals", "has_clinic"]
    have = (
        t.service_centres.groupby("community_code")[flags]
        .agg(lambda column: column.fillna(False).astype(bool).any())
        .all(axis=1)
    )
    return share(t.communities["community_code"].map(have))


def committees(t):
    o = t.owners_committees
    return o[(o["kind"] == "owners_committee") & (o["members"] > 0)]


def many_grids(t, now):
    a = in_post(t, now)
    return number(a[a["post"] == "full_time"].groupby("staff_id")["grid_code"].nunique().loc[lambda n: n > 1])


def centre_gap(t, now):
    area = t.service_centres[t.service_centres["centre_level"] == "community"]["floor_area_m2"]
    return number(area[area < 500])


def centres(t, least):
    c = t.service_centres[t.service_centres["centre_level"] == "community"]
    return share(c["floor_area_m2"] >= least)


def floor(t, now):
    c = t.service_centres[t.service_centres["centre_level"] == "community"]
    homes = t.communities[t.communities["households"] > 0]
    return 100 * c[c["community_code"].isin(homes["community_code"])]["floor_area_m2"].sum(), homes["households"].sum()


def enforcement(t, now):
    a = in_post(t, now)
    people = t.communities["resident_population"]
    return 10_000 * a[a["post"] == "enforcement"]["staff_id"].nunique(), people[people > 0].sum()


def settled(t, now):
    m = t.mediations[t.mediations["ended_at"].notna()]
    return share(m["outcome"] == "agreed")


def helped(t, now):
    c = t.cases[t.cases["is_petition"].fillna(False).astype(bool)]
    return share(c["incident_id"].isin(t.mediations[t.mediations["helper_kind"].notna()]["incident_id"]))


def same_post(t, now):
    c = t.communities[t.communities["urban_rural_code"].fillna("1").str.startswith("1")]
    return share(c["party_secretary_staff_id"] == c["committee_director_staff_id"])


def separated(t, now):
    c = t.cases.dropna(subset=["reporter_staff_id", "handler_staff_id"])
    return share((c["reporter_staff_id"] != c["handler_staff_id"]) | (c["on_the_spot"] == True))


def flagged(column):
    return lambda t: t[column].fillna(False).astype(bool)


def sizes(t, now):
    g = t.grids_now[(t.grids_now["grid_type"] == "basic") & t.grids_now["households"].notna()]
    return share(g["households"].between(300, 500))


def wrong_sizes(t, now):
    part, n = sizes(t, now)
    return n - part, n - part


def violations(rule):
    def figure(t, now):
        return number(t.cases[t.cases["duplicate_of"].isna() & t.cases["matter_code"].isin(VIOLATIONS[rule])])

    return figure


def of_class(*classes):
    return lambda t, now: number(t.cases[t.cases["matter_code"].str[:2].isin(classes)])


MINUTE, HOUR, DAY = (pd.Timedelta(1, unit) for unit in ("min", "h", "D"))

FIGURES = {
    "K01": three_ones("accepted_at", MINUTE),
    "K02": three_ones("arrived_at", HOUR),
    "K03": three_ones("closed_at", DAY),
    "K04": lambda t, now: share(due(t, now)["closed_at"].notna()),
    "K05": lambda t, now: share(due(t, now)["closed_at"] <= due(t, now)["due_at"]),
    "K06": lambda t, now: share(closed(t)["reopen_count"] > 0),
    "K07": lambda t, now: number(t.cases[t.cases["closed_at"].isna() & (t.cases["due_at"] <= now) & ~t.cases["deferred"]]),
    "K08": lambda t, now: share(levelled(t)["top_level"] == "community"),
    "K08B": lambda t, now: share(levelled(t)["top_level"] != "district"),
    "K09": separated,
    "K14": sizes,
    "K15": wrong_sizes,
    "K16": lambda t, now: (t.merge_map_now.groupby(["layer_key", "dgrid_id"]).ngroups, len(t.grids_now)),
    "K17": clean_merge,
    "K18": lambda t, now: on_grid(t, in_post(t, now).query("post == 'full_time'")["grid_code"]),
    "K19": many_grids,
    "K20": lambda t, now: on_grid(
        t, t.party_orgs[t.party_orgs["org_kind"].isin(["party_branch", "party_group"])]["grid_code"].dropna()
    ),
    "K21": same_post,
    "K22": lambda t, now: centres(t, 500),
    "K22B": lambda t, now: share(
        t.communities["community_code"].isin(
            t.service_centres.query("floor_area_m2 > 1000 and centre_level == 'community'")["community_code"]
        )
    ),
    "K22C": centre_gap,
    "K23": floor,
    "K24": lambda t, now: share(t.property_companies.query("full_party_members >= 3")["has_party_org"]),
    "K25": lambda t, now: share(t.property_companies.query("employees >= 50")["full_party_members"] >= 1),
    "K26": lambda t, now: share(
        t.compounds["compound_id"].isin(t.owners_committees.query("kind == 'owners_committee'")["compound_id"]),
        t.compounds["has_property_mgmt"] == True,
    ),
    "K27": lambda t, now: (committees(t)["party_members"].sum(), committees(t)["members"].sum()),
    "K28": whistles,
    "K29": settled,
    "K30": lambda t, now: share(called_back(t)["resolved"]),
    "K30B": lambda t, now: share(called_back(t)["satisfied"]),
    "K31": lambda t, now: (t.budgets.query("budgeted_cny > 0")["paid_cny"].sum(), t.budgets["budgeted_cny"].sum()),
    "K32": lambda t, now: share(t.cases["duplicate_of"].notna()),
    "K33": hot,
    "K34": lambda t, now: number(t.cases[t.cases["grid_code"].isna()]),
    "R09": lambda t, now: ((t.assessments["weight"] * t.assessments["score"]).sum(), t.assessments["weight"].sum()),
    "R11": six,
    "R12": lambda t, now: share(t.micro_units["leader_staff_id"].notna()),
    "R15": lambda t, now: share(
        t.party_orgs["fixed_on"].notna(), (t.party_orgs["is_weak"] == True) | t.party_orgs["fixed_on"].notna()
    ),
    "R16": lambda t, now: number(t.owners_committees),
    "R19": leaders,
    "R20": lambda t, now: share(
        t.property_companies[["sync_registered", "sync_supervised", "sync_appraised"]].fillna(False).astype(bool).all(axis=1)
    ),
    "R26": lambda t, now: (
        1000 * len(t.cases[t.cases["matter_code"].str.startswith("21", na=False) & t.cases["duplicate_of"].isna()]),
        t.communities["households"].sum(),
    ),
    "R28": lambda t, now: number(in_post(t, now)["duties"].explode().dropna()),
    "R29": lambda t, now: share(
        t.party_orgs["secretary_staff_id"].notna(), t.party_orgs["grid_code"].isin(t.grids_now["grid_code"])
    ),
    "R30": heads,
    "R32": lambda t, now: on_grid(
        t, in_post(t, now)[in_post(t, now)["duties"].map(np.size) > 0].dropna(subset=["duties"])["grid_code"]
    ),
    "R33": lambda t, now: share(t.cases["channel"].isin(["patrol", "assist"]) & t.cases["grid_code"].notna()),
    "R33B": lambda t, now: share((levelled(t)["top_level"] == "community") & levelled(t)["grid_code"].notna()),
    "R34": lambda t, now: share(t.micro_units["grid_code"].isin(t.grids_now["grid_code"])),
    "R36": all_steps,
    "R36B": dwell,
    "R36C": out_of_order,
    "R37": moves(1),
    "R37B": moves(-1),
    "R39": lambda t, now: share(t.cases["channel"].isin(["patrol", "assist"])),
    "R43": enforcement,
    "R45": open_whistles,
    "R46": lambda t, now: share(t.matter_types["default_dept_id"].notna()),
    "R47": lambda t, now: number(t.cases[t.cases["matter_code"].notna()]),
    "R48": violations("R48"),
    "R49": violations("R49"),
    "R51": helped,
    "R52": lambda t, now: number(t.mediations[t.mediations["petition_after"] == True]),
    "R53": of_class("21", "22", "23"),
    "R58": three_facilities,
    "R59": lambda t, now: share(
        t.staff["cert_social_worker"] == True,
        (t.staff["staff_kind"] == "community_worker") & ~(pd.to_datetime(t.staff["left_on"]) <= now.normalize()),
    ),
    "R68": lambda t, now: share(t.compounds["has_property_mgmt"] == True, t.compounds["is_old"] == True),
}


def cover(t):
    """K11: the union of the grids over the streets, each street by itself."""
    grids, streets = t.metric("grid"), t.metric("street")
    part = sum(
        shapely.area(shapely.union_all(grids.geometry[grids.index.str.startswith(code)].array)) for code in streets.index
    )
    return part / streets.area.sum()


def overlaps(t, now):
    """K12: pairs of grids that share more than 1 m²."""
    shapes = t.grid_shapes().geometry.array
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    areas = shapely.area(shapely.intersection(shapes[left[once]], shapes[right[once]]))
    return number(areas[areas > 1])


def outside(t, now):
    """K13: grids with more than 1 m² outside their community."""
    grids = t.db.areas("grid").set_index("code")
    places = t.db.areas("community").set_index("code").geometry
    homes = places.reindex(grids.index.str[:12])
    left = gpd.GeoSeries(shapely.difference(grids.geometry.array, homes.array), crs=grids.crs)
    return number(left[t.zone(left).area > 1])


def tracks(t, now):
    """R41: metres of tracks inside the patroller's own grid, and all of them."""
    rows = t.db.cursor().execute("SELECT grid_code, ST_AsWKB(track) AS track FROM patrols WHERE track IS NOT NULL").df()
    shapes = t.grid_shapes().geometry
    rows = rows[rows["grid_code"].isin(shapes.index)]
    lines = t.zone(gpd.GeoSeries.from_wkb(rows["track"].map(bytes), crs=4490)).array
    inside = shapely.intersection(lines, shapes.reindex(rows["grid_code"]).array)
    return float(shapely.length(inside).sum()), float(shapely.length(lines).sum())


FIGURES |= {"K12": overlaps, "K13": outside, "R41": tracks}


def funds(t, least):
    return share(t.budgets[t.budgets["fund_kind"] == "special"]["paid_cny"] >= least)


def committees_with(t, least):
    c = committees(t)
    return share(c["party_members"] / c["members"] >= least)


def service(t, satisfaction, party):
    p = t.property_companies.dropna(subset=["owner_satisfaction", "party_org_score"])
    return float((satisfaction * p["owner_satisfaction"] + party * p["party_org_score"]).sum()), len(p)


SET = {
    "R18": ({"owners_committee_party_share": "0.5"}, lambda t: committees_with(t, 0.5)),
    "R25": (
        {"property_weight_satisfaction": "0.6", "property_weight_party": "0.4"},
        lambda t: service(t, 0.6, 0.4),
    ),
    "R63": ({"special_fund_city_cny": "100000"}, lambda t: funds(t, 100_000)),
}
"""Indicators that need a figure the speech leaves blank: what to set, and the figure then."""


MIXED = {
    "K10": lambda t: t.cases["channel"].value_counts(dropna=False),
    "R21": lambda t: t.property_companies["credit_grade"].value_counts(dropna=False),
    "R57": lambda t: t.service_centres["acquire_mode"].value_counts(dropna=False),
}
