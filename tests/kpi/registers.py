"""The registers beside the cases: a few rows counted by hand for the town, and their figures once more in pandas."""

# ruff: noqa: ARG005 - every figure takes (tables, now)
import pandas as pd

from tests.kpi.town import A, B, C, table

ROWS = {
    "leaders": table(
        {"leader_id": "l1", "level": "district", "place_code": "990199", "role": "head_organisation", "name_masked": "演*"},
        {"leader_id": "l2", "level": "district", "place_code": "990199", "role": "head_government"},
    ),
    "tasks": table(
        {"task_id": "t1", "level": "street", "street_code": A[:9], "due_on": "2026-02-10", "done_on": "2026-02-10"},
        {"task_id": "t2", "level": "street", "street_code": A[:9], "due_on": "2026-02-10"},
        {"task_id": "t3", "level": "street", "street_code": C[:9], "due_on": "2026-04-01"},
        {"task_id": "t4", "level": "district", "due_on": "2026-02-20", "done_on": "2026-02-25"},
        {"task_id": "t5", "level": "district"},
    ).assign(name_zh="演示任务"),
    "work_meetings": table(
        {"meeting_id": "w1", "kind": "coordination", "level": "district", "place_code": "990199", "held_on": "2026-02-01"},
        {"meeting_id": "w2", "kind": "coordination", "level": "street", "place_code": A[:9], "held_on": "2026-02-03"},
        {"meeting_id": "w3", "kind": "joint", "level": "street", "place_code": A[:9], "held_on": "2026-02-04"},
    ),
    "work_actions": table(
        {"action_id": "a1", "meeting_id": "w1", "street_code": A[:9], "due_on": "2026-02-20", "done_on": "2026-02-27"},
        {"action_id": "a2", "meeting_id": "w1", "street_code": C[:9], "due_on": "2026-04-20"},
    ).assign(name_zh="演示事项"),
    "joint_committees": table(
        {"committee_id": "j1", "kind": "street", "street_code": A[:9]},
        {"committee_id": "j2", "kind": "community", "street_code": A[:9], "community_code": A},
    ),
    "dept_plans": table(
        {"plan_id": "d1", "dept_id": "zhujian", "issued_on": "2026-02-01"},
        {"plan_id": "d2", "dept_id": "fagai"},
        {"plan_id": "d3", "dept_id": "gongan", "issued_on": "2026-04-01"},
        {"plan_id": "d4", "dept_id": "sifa", "issued_on": "2026-02-01"},
    ),
    "inspections": table(
        {"inspection_id": "i1", "community_code": A, "found_on": "2026-02-01", "corrected_on": "2026-02-09"},
        {"inspection_id": "i2", "community_code": C, "found_on": "2026-02-01"},
    ).assign(name_zh="演示问题", street_code=lambda f: f["community_code"].str[:9]),
    "stories": table({"story_id": "s1", "name_zh": "演示案例", "street_code": A[:9], "published_on": "2026-02-01"}),
    "elections": table(
        {"election_id": "e1", "community_code": A, "due_on": "2026-01-15", "held_on": "2026-01-20"},
        {"election_id": "e2", "community_code": B, "due_on": "2026-02-01"},
        {"election_id": "e3", "community_code": C, "due_on": "2026-05-01"},
    ),
    "party_contacts": table(
        {"contact_id": "c1", "street_code": A[:9], "dept_id": "chengguan", "connected": True},
        {"contact_id": "c2", "street_code": A[:9], "dept_id": "gongan", "connected": False},
        {"contact_id": "c3", "street_code": A[:9], "dept_id": "zongzhi", "connected": True},
    ),
    "social_projects": table(
        {"project_id": "o1", "mode": "purchase", "community_code": A, "amount_cny": 100},
        {"project_id": "o2", "mode": "grant", "community_code": C},
    ).assign(organisation_zh="演示组织", name_zh="演示项目"),
    "volunteering": table(
        {"service_id": "v1", "community_code": A, "client_group": "lonely_elderly", "listed": 10, "served": 7},
        {"service_id": "v2", "community_code": B, "client_group": "disabled", "listed": 5},
        {"service_id": "v3", "community_code": C, "client_group": "disabled", "listed": 0, "served": 0},
    ).assign(field="elderly"),
    "platform_modules": table(
        {"module_id": "m1", "community_code": A, "module": "party", "live": True},
        {"module_id": "m2", "community_code": A, "module": "residents", "live": False},
        {"module_id": "m3", "community_code": B, "module": "service", "live": True},
        {"module_id": "m4", "community_code": B, "module": "service", "live": True},
    ),
    "sensors": table(
        {"sensor_id": "n1", "community_code": A, "kind": "security", "installed": 4, "online": 3},
        {"sensor_id": "n2", "community_code": B, "kind": "parks", "installed": 2},
        {"sensor_id": "n3", "community_code": C, "kind": "parks", "installed": 0, "online": 0},
    ),
    "projects": table(
        {"project_id": "p1", "kind": "parking", "community_code": A, "done_on": "2026-02-01"},
        {"project_id": "p2", "kind": "traffic", "community_code": B, "stage": "done"},
        {"project_id": "p3", "kind": "shanty", "community_code": C, "stage": "running"},
        {"project_id": "p4", "kind": "centre", "community_code": C, "stage": "done"},
    ).assign(name_zh="演示工程", street_code=lambda f: f["community_code"].str[:9]),
    "key_areas": table(
        {"area_id": "k1", "kind": "demolition", "street_code": A[:9], "started_on": "2026-01-01"},
        {"area_id": "k2", "kind": "roadworks", "street_code": A[:9], "started_on": "2026-01-01", "ended_on": "2026-02-15"},
        {"area_id": "k3", "kind": "building", "street_code": A[:9], "started_on": "2026-05-01"},
    ).assign(name_zh="演示片区"),
}

BY_HAND = {
    "R01": (1, 2),  # the government's head has no name
    "R02": (1, 3),  # t1 on its day, t2 never, t4 late; t3 is not due yet, t5 has no day
    "R04": (1, 2),
    "R04B": (2, 2),
    "R05": (2, 6),  # of two streets and four communities
    "R06": (1, 1),
    "R07": (1, 10),  # housing; not yet public security; justice is none of the ten
    "R08": (1, 2),
    "R10": (1, 1),
    "R14": (1, 2),  # the third is not due yet
    "R44": (1, 24),  # two streets, twelve parties each; 综治 is none of the twelve
    "R60": (2, 2),
    "R61": (7, 15),
    "R64": (2, 16),  # one module twice counts once
    "R65": (3, 6),
    "R67": (2, 3),  # a centre is none of the seven kinds
    "R69": (1, 1),
}
MIXES = {"R03": {"district": 2, "street": 3}}

TEN = ["zhujian", "fagai", "gongan", "minzheng", "caizheng", "renshe", "chengguan", "shuiwu", "shichang", "shenpi"]
TWELVE = ["zhujian", "chengguan", "gongan", "sifa", "xiaofang", "shichang", "huanjing", "ziran", "shui", "dian", "qi", "nuan"]


def share(mask):
    return int(mask.sum()), len(mask)


def number(frame):
    return len(frame), len(frame)


def day(column):
    return pd.to_datetime(column)


def heads(t, now):
    named = t.leaders[t.leaders["name_masked"].notna() & ~(day(t.leaders["since_on"]) > now.normalize())]
    roles = {(row.place_code, row.role) for row in named.itertuples() if row.role.startswith("head_")}
    places = t.districts["district_code"]
    return len({pair for pair in roles if pair[0] in set(places)}), 2 * len(places)


def tasks(t, now):
    due, done = day(t.tasks["due_on"]), day(t.tasks["done_on"])
    judged = due.notna() & ((due < now.normalize()) | done.notna())
    return share((done <= due)[judged])


def committees(t, now):
    have = set(t.joint_committees.query("kind == 'street'")["street_code"])
    have |= set(t.joint_committees.query("kind == 'community'")["community_code"])
    return share(pd.concat([t.streets["street_code"], t.communities["community_code"]]).isin(have))


def elections(t, now):
    due = day(t.elections["due_on"])
    return share(t.elections[due.isna() | (due <= now.normalize())]["held_on"].notna())


def parties(t, now):
    there = t.party_contacts[
        t.party_contacts["connected"].fillna(False).astype(bool) & t.party_contacts["dept_id"].isin(TWELVE)
    ]
    there = there[there["street_code"].isin(t.streets["street_code"])]
    return len(there.drop_duplicates(["street_code", "dept_id"])), 12 * len(t.streets)


def modules(t, now):
    live = t.platform_modules[t.platform_modules["live"].fillna(False).astype(bool)]
    return len(live.drop_duplicates(["community_code", "module"])), 4 * len(t.communities)


def areas(t, now):
    begun, ended = day(t.key_areas["started_on"]), day(t.key_areas["ended_on"])
    return number(t.key_areas[~(begun > now.normalize()) & ~(ended <= now.normalize())])


def projects(t, now):
    p = t.projects.query("kind != 'centre'")
    return share(p["done_on"].notna() | (p["stage"] == "done"))


FIGURES = {
    "R01": heads,
    "R02": tasks,
    "R04": lambda t, now: share(t.work_actions["done_on"].notna()),
    "R04B": lambda t, now: number(t.work_meetings.query("kind == 'coordination'")),
    "R05": committees,
    "R06": lambda t, now: number(t.work_meetings.query("kind == 'joint'")),
    "R07": lambda t, now: (
        len({*t.dept_plans[day(t.dept_plans["issued_on"]) <= now.normalize()]["dept_id"]} & {*TEN}), len(TEN),
    ),
    "R08": lambda t, now: share(t.inspections["corrected_on"].notna()),
    "R10": lambda t, now: number(t.stories),
    "R14": elections,
    "R44": parties,
    "R60": lambda t, now: number(t.social_projects),
    "R61": lambda t, now: (int(t.volunteering["served"].fillna(0).sum()), int(t.volunteering["listed"].sum())),
    "R64": modules,
    "R65": lambda t, now: (int(t.sensors["online"].fillna(0).sum()), int(t.sensors["installed"].sum())),
    "R67": projects,
    "R69": areas,
}  # fmt: skip
MIXED = {"R03": lambda t: t.tasks["level"].value_counts(dropna=False)}
