"""What was planted is found by the check that looks at uploads, which knows nothing of the planting."""

import pytest
import shapely

from gridmap import intake

KEYS = ("zongzhi", "yingji", "chengguan", "huanjing")
BY_ID = ("overlap", "invalid_geom", "sliver", "multipart", "duplicate_id", "cross_community")


@pytest.fixture(scope="module")
def findings(street, manifest, table):
    """What the upload and the check of each layer say: key -> findings, places in the demo's CRS."""
    near = table("communities").set_index("community_code")
    compounds = table("compounds").set_index("compound_id")

    def one(key):
        spec = manifest["layers"][key]
        opened = intake.open_file(street / spec["file"], encoding=spec["encoding"], id_column=spec["id"])
        layer = opened.frame.to_crs(manifest["crs"])
        return [*opened.findings, *intake.find_faults(layer, near=near, compounds=compounds)]

    return {key: one(key) for key in KEYS}


def planted(manifest, key, *kinds):
    return [fault for fault in manifest["faults"] if fault["layer"] == key and fault["kind"] in kinds]


@pytest.mark.parametrize("key", KEYS)
def test_every_planted_fault_of_a_grid_is_found_with_its_kind_and_id(findings, manifest, key):
    for fault in planted(manifest, key, *BY_ID):
        same = [finding for finding in findings[key] if finding.kind == fault["kind"]]
        assert any(set(fault["ids"]) & {name.split("#")[0] for name in finding.ids} for finding in same), fault


@pytest.mark.parametrize("key", ["zongzhi", "yingji", "huanjing"])
def test_every_planted_gap_is_found_in_its_place(findings, manifest, key):
    places = [finding.place for finding in findings[key] if finding.kind == "gap" and finding.place is not None]
    for fault in planted(manifest, key, "gap"):
        assert min(shapely.distance(places, shapely.Point(fault["x"], fault["y"]))) < 40, fault


def test_a_copied_grid_and_a_row_without_a_shape_are_found(findings, manifest):
    assert planted(manifest, "yingji", "duplicate_geometry")
    assert [finding for finding in findings["yingji"] if finding.kind == "duplicate_geometry"]
    assert planted(manifest, "chengguan", "no_shape")
    assert [finding for finding in findings["chengguan"] if finding.kind == "no_shape"]


def test_where_a_layer_cuts_compounds_the_check_says_so(findings, manifest):
    cutting = [key for key in KEYS if planted(manifest, key, "cuts_compound")]
    assert cutting
    for key in cutting:
        assert [finding for finding in findings[key] if finding.kind == "cuts_compound"], key
