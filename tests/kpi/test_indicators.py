"""Every indicator on a town counted by hand (tests/kpi/town.py)."""

import pandas as pd
import pytest

from gridmap import kpi
from gridmap.errors import InputError
from gridmap.kpi import Filters
from tests.kpi import registers, town
from tests.store.conftest import copy_of, plan

AS_OF = Filters(as_of=town.NOW.to_pydatetime())

# id: (part, n), counted by hand from the tables of the town
BY_HAND = {
    "K01": (2, 5),  # resident-reported 1 2 3 15 16 (14 is 30 s old, 4 a duplicate, 9 void); in time 1 and 15
    "K02": (2, 5),
    "K03": (2, 5),  # 1 after exactly 24 h, 15 after 5 h
    "K04": (4, 6),  # due 1 2 3 7 8 15, of them 3 and 7 open
    "K05": (3, 6),  # 2 was closed a second late
    "K06": (1, 5),  # closed 1 2 5 8 15, again 2
    "K07": (2, 2),  # 3 and 7; 6 is deferred
    "K08": (3, 5),  # 1 8 15
    "K08B": (4, 5),  # and 2
    "K09": (2, 3),  # 1 by another, 5 on the spot, 2 by the same
    "K12": (0, 0),
    "K13": (0, 0),
    "K14": (8, 8),
    "K15": (0, 0),
    "K16": (12, 8),  # 4 old grids of communities and 8 old grids equal to the new ones
    "K17": (8, 12),  # the 8 lie in one grid each, the 4 in two
    "K18": (3, 8),  # A1 A2 C1; B1's post is vacant, B2's worker has left
    "K19": (1, 1),  # s7 on A1 and A2
    "K20": (2, 8),  # A1 B1
    "K21": (1, 3),  # A; B differs, C is vacant, D is a village
    "K22": (2, 4),  # 600 and 1200 of 600 300 1200 and unknown
    "K22B": (1, 4),  # B
    "K22C": (1, 1),
    "K23": (210_000, 2800),  # 100 × (600 + 300 + 1200) m² over 4 × 700 households
    "K24": (1, 2),  # three members: c1 yes, c2 no
    "K25": (2, 3),  # fifty employees: c1 c2 yes, c4 no
    "K26": (1, 3),  # managed q1 q2 q3, committee q1 (q2 has the other kind)
    "K27": (5, 10),
    "K28": (1, 2),  # on the minute, never; one has no limit, one is not due yet
    "K29": (1, 2),
    "K30": (2, 2),
    "K30B": (1, 2),
    "K31": (250, 300),
    "K32": (2, 15),  # 4 and 13 of all but the void one
    "K33": (1, 1),  # 10 11 12 on A1; 13 is a duplicate
    "K34": (1, 1),  # 7
    "R09": (130, 1.5),
    "R11": (14, 24),  # A 6, B 3 (director, company, centre), C 3 (organisation, committee, centre), D 2
    "R12": (2, 3),
    "R15": (1, 2),
    "R16": (3, 3),
    "R18": (0, 0),
    "R19": (1, 2),  # s10 has a part-time post, s8 has not
    "R20": (1, 5),
    "R26": (1000, 2800),
    "R28": (5, 5),  # info 2, hazard, dispute, opinion; the vacant post and the one that ended do not count
    "R29": (1, 2),
    "R30": (2, 8),  # A1 A2; B1 is headed by the director
    "R32": (3, 8),  # A1 A2 C1
    "R33": (6, 15),  # 5 6 10 11 12 13
    "R33B": (3, 5),
    "R34": (2, 3),
    "R36": (1, 2),
    "R36B": (80, 8),  # eight stays of ten minutes
    "R36C": (1, 1),
    "R37": (1, 1),
    "R37B": (1, 1),
    "R39": (7, 15),
    "R43": (10_000, 8000),
    "R45": (1, 1),  # the police have not come
    "R46": (115, 128),  # data/reference/matter_types.csv names a department for all but 13
    "R47": (15, 15),
    "R48": (1, 1),  # 3; 4 is its duplicate
    "R49": (2, 2),  # 6 an abandoned vehicle, 7 a misparked bicycle
    "R51": (1, 1),
    "R52": (1, 1),
    "R53": (1, 1),  # 8
    "R58": (2, 4),  # A by two centres together, B
    "R59": (1, 2),  # s7 of s7 and s8; s2 has left
    "R63": (0, 0),
    "R68": (1, 2),
    **registers.BY_HAND,
}
MEASURED = {"K11": 1.0, "R41": 0.75}  # geometry: the grids fill the streets; 1 + ½ of two equal tracks
MIXES = {
    "K10": {"assist": 1, "hotline": 3, "patrol": 6, "property": 1, "resident": 4},
    "R21": {"A": 2, "B": 1, None: 2},
    "R57": {"new_build": 3, "transfer": 1, None: 1},
    **registers.MIXES,
}
BLANK = {"R25", "R18", "R63"}


@pytest.fixture(scope="module")
def towns(templates, tmp_path_factory):
    made = copy_of(templates, "published", tmp_path_factory.mktemp("town"))
    db = next(made)
    town.fill(db, registers.ROWS)
    yield db
    next(made, None)


@pytest.mark.parametrize("id_", BY_HAND)
def test_the_figure_is_the_one_counted_by_hand(towns, id_):
    row = kpi.run(towns, id_, AS_OF).iloc[0]
    part, n = (0 if pd.isna(row[name]) else row[name] for name in ("part", "n"))
    assert (part, n) == pytest.approx(BY_HAND[id_])


@pytest.mark.parametrize("id_", BY_HAND)
def test_its_value_is_part_over_n_hidden_where_a_share_is_over_fewer_than_ten(towns, id_):
    row = kpi.run(towns, id_, AS_OF).iloc[0]
    kind = kpi.indicators()[id_].kind
    part, n = BY_HAND[id_]
    if kind in {"share", "ratio"}:
        shown = n >= 10 or (kind == "ratio" and n > 0)
        assert row["hidden"] == (kind == "share" and 0 < n < 10)
        assert (row["value"] == pytest.approx(part / n)) if shown else pd.isna(row["value"])
    elif kind == "count":
        assert row["value"] == n


@pytest.mark.parametrize("id_", MEASURED)
def test_a_measured_figure_is_the_one_drawn(towns, id_):
    assert kpi.run(towns, id_, AS_OF)["value"].iloc[0] == pytest.approx(MEASURED[id_], abs=1e-4)


@pytest.mark.parametrize("id_", MIXES)
def test_a_mix_gives_the_share_of_each_group(towns, id_):
    rows = kpi.run(towns, id_, AS_OF)
    assert {None if pd.isna(g) else g: part for g, part in zip(rows["grp"], rows["part"], strict=True)} == MIXES[id_]
    assert (rows["n"] == sum(MIXES[id_].values())).all()


def test_every_indicator_has_a_case_counted_by_hand():
    assert set(kpi.indicators()) == {*BY_HAND, *MEASURED, *MIXES, "R25"}


def test_missing_floor_area_and_money_are_summed(towns):
    assert kpi.run(towns, "K22C", AS_OF)["value"].iloc[0] == 200
    assert kpi.run(towns, "R60", AS_OF)["value"].iloc[0] == 100


@pytest.mark.parametrize("id_", sorted(kpi.indicators()))
def test_the_rows_behind_a_figure_are_as_many_as_it_counts_and_split_by_street_without_loss(towns, id_):
    one = kpi.indicators()[id_]
    whole = kpi.run(towns, id_, AS_OF)
    behind = kpi.cases_behind(towns, id_, AS_OF)
    streets = kpi.run(towns, id_, AS_OF, by=("street_code",))
    assert behind["id"].is_unique
    if one.kind == "share":
        failing = kpi.cases_behind(towns, id_, AS_OF, failing=True)
        assert (len(behind), len(failing)) == (whole["n"].iloc[0], whole["n"].iloc[0] - whole["part"].iloc[0])
    if one.kind in {"count", "sum"}:
        assert len(behind) == whole["n"].iloc[0]
    assert streets["part"].sum() == pytest.approx(0 if whole["part"].isna().all() else whole["part"].sum())


@pytest.mark.parametrize("id_", sorted(kpi.indicators()))
def test_an_indicator_asked_for_one_street_is_its_line_in_the_ranking(towns, id_):
    ranking = kpi.run(towns, id_, AS_OF, by=("street_code",))
    for street in ("990199001", "990199002"):
        alone = kpi.run(towns, id_, Filters(as_of=AS_OF.as_of, area=street))
        line = ranking[ranking["street_code"] == street]
        assert alone["part"].fillna(0).sum() == pytest.approx(line["part"].fillna(0).sum())


def set_to(db, **values):
    for key, value in values.items():
        db.fill_in(key, value)


@pytest.fixture
def own(templates, tmp_path):
    made = copy_of(templates, "published", tmp_path)
    db = next(made)
    town.fill(db, registers.ROWS)
    yield db
    next(made, None)


@pytest.mark.parametrize("id_", sorted(BLANK))
def test_a_figure_whose_setting_is_not_set_is_empty_and_says_which(towns, id_):
    row = kpi.run(towns, id_, AS_OF).iloc[0]
    assert pd.isna(row["value"])
    assert kpi.not_set(towns, id_)
    assert kpi.indicators()[id_].blank


def test_a_goal_that_is_not_set_leaves_the_figure_and_gives_no_goal(towns):
    assert kpi.run(towns, "K27", AS_OF)["value"].iloc[0] == 0.5
    assert kpi.goal(towns, "K27") is None
    assert kpi.not_set(towns, "K27") == ["owners_committee_party_share"]
    assert kpi.goal(towns, "K21") == 1.0


def test_once_the_district_sets_them_the_figures_appear(own):
    set_to(own, owners_committee_party_share="0.5", property_weight_satisfaction="0.6", property_weight_party="0.4")
    set_to(own, special_fund_city_cny="150", whistle_limit_minutes="30")
    assert kpi.run(own, "R18", AS_OF)[["part", "n"]].iloc[0].tolist() == [1, 2]  # 3 of 5 pass, 2 of 5 fail
    assert kpi.run(own, "R25", AS_OF)["value"].iloc[0] == pytest.approx(0.6 * 80 + 0.4 * 90)
    assert kpi.run(own, "R63", AS_OF)[["part", "n"]].iloc[0].tolist() == [1, 1]
    assert kpi.run(own, "K28", AS_OF)[["part", "n"]].iloc[0].tolist() == [
        1,
        3,
    ]  # the fire brigade came an hour after the whistle
    assert kpi.goal(own, "K27") == 0.5
    assert kpi.not_set(own, "K27") == []


def test_sizes_follow_the_norm_that_is_set(own):
    set_to(own, norm_low="400")
    assert kpi.run(own, "K14", AS_OF)[["part", "n"]].iloc[0].tolist() == [0, 8]
    assert kpi.run(own, "K15", AS_OF, by=("grp",))[["grp", "n"]].to_numpy().tolist() == [["small", 8]]


def test_overlaps_and_grids_across_communities_are_measured(own):
    merged = plan()
    grids = merged.grids
    wide = grids["grid_code"] == town.A2
    grids.loc[wide, "geometry"] = grids.loc[wide, "geometry"].translate(xoff=10)  # 10 m into community B, 1,110 m high
    own.publish(own.draft(merged))
    overlap = kpi.cases_behind(own, "K12", AS_OF).set_index("id")["amount"]
    assert overlap[f"{town.A2} {town.B1}"] == pytest.approx(10 * 1110, rel=0.01)
    assert overlap.sum() == pytest.approx(kpi.run(own, "K12", AS_OF)["value"].iloc[0])
    assert kpi.cases_behind(own, "K13", AS_OF)["id"].tolist() == [town.A2]
    assert kpi.run(own, "K11", AS_OF)["value"].iloc[0] == pytest.approx(1 - 10 / 3417, abs=3e-4)


def test_red_lists_count_what_fails_and_name_its_place(towns):
    assert kpi.red_counts(towns, AS_OF) == {
        "company_without_org": 1,
        "company_without_member": 1,
        "two_posts": 2,
        "small_centre": 1,
        "grid_without_org": 6,
        "grid_without_worker": 5,
        "four_fixings": 5,
        "reporter_is_handler": 1,
        "late_accept": 3,
        "late_arrive": 3,
        "late_close": 3,
        "open_whistles": 1,
        "repeats": 1,
    }
    company = kpi.red_list(towns, "company_without_org", AS_OF).iloc[0]
    assert company[["id", "community_code", "street_code"]].tolist() == ["c2", town.A, "990199001"]
    assert kpi.red_list(towns, "two_posts", AS_OF)["id"].tolist() == [town.B, town.C]
    assert kpi.red_list(towns, "repeats", AS_OF).iloc[0][["grid_code", "grp", "amount"]].tolist() == [town.A1, "06010", 3]


def test_a_trend_by_month_and_the_rows_behind_one_bar(towns):
    months = kpi.run(towns, "K32", AS_OF, by=("month",))
    assert months["n"].tolist() == [1, 14]
    assert kpi.cases_behind(towns, "K32", AS_OF, failing=False, month=pd.Timestamp("2026-02-01").date())["id"].tolist() == [
        "I000013",
        "I000004",
    ]


def test_a_time_filter_narrows_cases_and_leaves_what_has_no_time(towns):
    january = Filters(as_of=AS_OF.as_of, end=pd.Timestamp("2026-02-01").to_pydatetime())
    assert kpi.run(towns, "K32", january)["n"].iloc[0] == 1
    assert kpi.run(towns, "K20", january)["n"].iloc[0] == 8
    assert kpi.run(towns, "K28", january)["n"].iloc[0] == 0


def test_every_rule_of_the_speech_has_indicators_or_a_reason_why_there_is_no_data():
    assert list(kpi.rules()) == [f"R{number:02d}" for number in range(1, 70)]
    known = set(kpi.indicators())
    for rule in kpi.rules().values():
        assert bool(rule.indicators) != bool(rule.without_data)
        assert set(rule.indicators) <= known
    named = {id_ for rule in kpi.rules().values() for id_ in rule.indicators}
    assert {one.id for one in kpi.indicators().values() if one.rules} <= named


def test_an_indicator_divided_by_its_own_groups_adds_up_whatever_was_asked_before(towns):
    for area in (None, "990199001", "990199002", "990199001"):
        asked = Filters(as_of=AS_OF.as_of, area=area)
        whole, groups = kpi.run(towns, "K32", asked), kpi.run(towns, "K32", asked, by=("grp",))
        assert (groups["part"].sum(), groups["n"].sum()) == (whole["part"].iloc[0], whole["n"].iloc[0])
        channel = groups["grp"].iloc[0]
        assert len(kpi.cases_behind(towns, "K32", asked, grp=channel)) == groups["n"].iloc[0]


def test_an_unknown_indicator_or_group_is_refused(towns):
    with pytest.raises(InputError, match="no indicator K99"):
        kpi.run(towns, "K99")
    with pytest.raises(InputError, match="broken down by colour"):
        kpi.run(towns, "K01", by=("colour",))
