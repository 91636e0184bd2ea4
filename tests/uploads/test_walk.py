"""A boundary file's five steps: proposed, confirmed, checked, cleaned, stored; left and resumed; stopped without a trace."""

import io
import os
import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap import intake, settings, uploads
from gridmap.errors import InputError, IntakeError
from tests.store.conftest import box
from tests.uploads import sent


class StopHereError(Exception):
    pass


def begun(shelf, path, department="zongzhi"):
    with path.open("rb") as content:
        return shelf.begin([(path.name, content)], department=department, by="tester")


@pytest.fixture
def gcj(tmp_path):
    return sent.gbk_zip(tmp_path / "综治.zip", sent.shifted(sent.layer()))


@pytest.fixture
def walked(shelf, published, quiet):
    """Walk a file to the end of a step: (path, last) -> upload."""

    def walk(path, last="stored", department="zongzhi"):
        upload = uploads.look(shelf, begun(shelf, path, department), published, quiet)
        if last != "read":
            upload = uploads.check(shelf, upload, upload.reading, published, quiet)
        if last in {"cleaned", "stored"}:
            upload = uploads.clean(shelf, upload, published, quiet)
        return uploads.keep(shelf, upload, published, by="tester") if last == "stored" else upload

    return walk


def test_encoding_shift_and_columns_are_proposed_with_their_reasons(shelf, walked, gcj):
    upload = walked(gcj, "read")
    offered = uploads.Look.read(shelf.path(upload, uploads.LOOKED))
    assert upload.reading.encoding == "gb18030"
    assert all("网格" in name for name in offered.readings["gb18030"])
    assert offered.crs is None
    assert upload.reading.system == "gcj02"
    best = offered.proposals[0]
    assert best.follows > 0.9
    assert 300 < best.shift_m < 900
    assert np.hypot(*best.left_m) < 1
    assert (upload.reading.id_column, upload.reading.name_column, upload.reading.households_column) == (
        "网格编码",
        "网格名称",
        "户数",
    )


def test_findings_are_where_they_were_drawn_and_say_which_checks_were_made(shelf, walked, gcj):
    upload = walked(gcj, "findings")
    found, made = uploads.findings(shelf, upload)
    kinds = {one.kind: one for one in found}
    west, _, east, _ = box(0, 0, 0.5, 0.55).bounds
    metres = uploads.table(shelf, upload, upload.layer).crs
    place = shapely.box(west, 39.90, east, 39.91)
    drawn = intake.read_as(sent.layer().iloc[:1].assign(geometry=[place]), "4490").to_crs(metres).geometry.iloc[0]
    assert kinds["overlap"].place.symmetric_difference(drawn).area < 0.02 * drawn.area
    assert "gap" in kinds
    assert {1, 2, 3, 4, 5, 7, 10} <= made  # this plan was drafted without a norm
    assert 12 not in made
    assert intake.times(kinds["mismatch"]) >= 2


def test_what_is_stored_is_a_coverage_with_names_and_households_and_a_diff(shelf, walked, published, gcj):
    upload = walked(gcj)
    assert upload.version == 1
    layer = published.layer("zongzhi")
    assert shapely.coverage_is_valid(layer.to_crs(4549).geometry.to_numpy(), gap_width=0.0)
    assert layer.loc["ZZ990199001001001", "name_zh"] == "望潮网格"
    assert layer["households"].tolist() == [300 + n for n in range(8)]
    rows = sent.cells()[:-1]
    rows[0] = (rows[0][0], box(0, 0, 0.0, 0.25))
    rows.append(("ZZ990199001001003", box(0, 0, 0.25, 0.5)))
    again = walked(sent.gbk_zip(gcj.with_name("b.zip"), sent.shifted(sent.layer(rows))))
    found = uploads.stored_changes(published, "zongzhi", again.version)
    assert (found.old, found.new) == (1, 2)
    assert found.grids.loc["ZZ990199001001003", "change"] == "added"
    assert found.grids.loc["ZZ990199002002002", "change"] == "removed"
    assert found.count("reshaped") >= 1
    assert found.moved_m2 > 0.2 * layer.loc["ZZ990199001001001", "area_m2"]
    assert np.isnan(found.moved_households)  # this district knows no buildings


def test_the_same_file_again_is_the_same_version(walked, gcj):
    walked(gcj)
    again = walked(gcj)
    assert (again.version, again.unchanged) == (1, True)


def test_a_version_can_be_taken_back_and_nothing_is_erased(walked, published, gcj):
    walked(gcj)
    walked(sent.gbk_zip(gcj.with_name("b.zip"), sent.shifted(sent.layer(sent.cells()[:-1]))))
    assert published.rollback_layer("zongzhi", by="tester") == 3
    assert len(published.layer("zongzhi")) == 8
    listed = published.layer_versions("zongzhi")
    assert listed["grids"].tolist() == [8, 7, 8]
    assert listed["restored_from"].iloc[-1] == 1
    assert published.layer("zongzhi")["households"].tolist() == [300 + n for n in range(8)]


def test_a_walk_is_resumed_by_whoever_opens_the_folder(walked, published, tmp_path, quiet, gcj):
    upload = walked(gcj, "findings")
    elsewhere = uploads.Shelf(tmp_path)
    again = elsewhere.get(upload.id)
    assert again == upload
    assert [one.id for one in elsewhere.all()] == [upload.id]
    assert uploads.clean(elsewhere, again, published, quiet).step == "cleaned"


@pytest.mark.parametrize("until", [0.0, 0.3, 0.5, 0.8])
def test_a_step_that_is_stopped_has_never_been(shelf, walked, published, gcj, until):
    upload = walked(gcj, "read")

    def stopping(_stage, share):
        if share >= until:
            raise StopHereError

    with pytest.raises(StopHereError):
        uploads.check(shelf, upload, upload.reading, published, stopping)
    assert shelf.get(upload.id).step == "read"
    assert not shelf.path(upload, upload.layer).exists()
    assert published.profiles("zongzhi") == {}


def test_a_layer_can_be_looked_at_while_its_faults_are_looked_for(shelf, walked, published, gcj):
    upload = walked(gcj, "read")
    seen = []

    def looking(_stage, share):
        path = uploads.being_checked(shelf, upload)
        seen.append((share, None if path is None else len(gpd.read_parquet(path))))

    done = uploads.check(shelf, upload, upload.reading, published, looking)
    assert {count for share, count in seen if share > 0.22} == {8}
    assert uploads.being_checked(shelf, upload) == shelf.path(upload, done.layer)


def test_the_next_file_of_a_department_is_read_as_the_last_was_confirmed(shelf, walked, published, quiet, gcj):
    upload = walked(gcj, "read")
    reading = upload.reading.model_copy(update={"name_column": None})
    uploads.check(shelf, upload, reading, published, quiet)
    fresh = walked(gcj, "read")
    assert fresh.reading.name_column is None
    assert uploads.Look.read(shelf.path(fresh, uploads.LOOKED)).profile
    other = walked(gcj, "read", department="yingji")
    assert other.reading.name_column == "网格名称"


def test_another_layer_of_the_file_is_read_in_a_system_of_its_own(shelf, walked, published, quiet, tmp_path):
    for code in (4549, 4528):
        sent.layer().to_crs(code).to_file(tmp_path / "a.gpkg", layer=f"in {code}")
    upload = walked(tmp_path / "a.gpkg", "read")
    assert (upload.reading.layer, upload.reading.system) == ("in 4549", "4549")
    again = uploads.look(shelf, upload, published, quiet, wanted=upload.reading.model_copy(update={"system": "gcj02"}))
    assert again.reading.system == "gcj02"
    other = uploads.look(shelf, again, published, quiet, wanted=again.reading.model_copy(update={"layer": "in 4528"}))
    assert (other.reading.layer, other.reading.system) == ("in 4528", "4528")


def test_a_citys_own_system_is_named_once(shelf, walked, published, quiet, tmp_path):
    own = "+proj=tmerc +lat_0=0 +lon_0=119.9 +k=1 +x_0=50000 +y_0=-4400000 +ellps=GRS80 +units=m"
    local = sent.layer().to_crs(own)
    path = sent.gbk_zip(
        tmp_path / "a.zip", gpd.GeoDataFrame(local.drop(columns="geometry"), geometry=local.geometry.to_numpy())
    )
    upload = walked(path, "read")
    assert upload.reading.system == ""
    done = uploads.check(shelf, upload, upload.reading.model_copy(update={"system": own}), published, quiet)
    assert shapely.area(uploads.table(shelf, done, done.layer).geometry).sum() == pytest.approx(local.area.sum(), rel=1e-3)
    assert walked(path, "read").reading.system == own


def test_a_wrong_system_or_column_is_one_sentence(shelf, walked, published, quiet, gcj):
    upload = walked(gcj, "read")
    for wrong in ({"system": "4549"}, {"system": "moon"}, {"id_column": "没有"}, {"name_column": "没有"}):
        with pytest.raises((IntakeError, InputError)) as told:
            uploads.check(shelf, upload, upload.reading.model_copy(update=wrong), published, quiet)
        assert told.value.sentence("zh") != told.value.sentence("en")


@pytest.mark.parametrize(
    ("files", "department"),
    [
        ([("a.zip", b"1"), ("b.zip", b"2")], "zongzhi"),
        ([("a.shp", b"1"), ("b.dbf", b"2")], "zongzhi"),
        ([("a.zip", b"1")], "../secrets"),
    ],
)
def test_what_is_refused_leaves_nothing(shelf, tmp_path, files, department):
    with pytest.raises((IntakeError, InputError)):
        shelf.begin([(name, io.BytesIO(content)) for name, content in files], department=department, by="x")
    assert not any((tmp_path / "uploads").rglob("sent/*"))
    assert shelf.all() == []


@pytest.mark.parametrize("ident", ["../../etc", "..", "", "0" * 12, "nosuchupload"])
def test_an_id_of_no_upload_opens_no_folder(shelf, ident):
    with pytest.raises(IntakeError):
        shelf.get(ident)


def test_parts_of_a_shapefile_sent_together_are_one_layer(shelf, published, quiet, tmp_path):
    sent.layer().rename(columns={"网格编码": "code", "网格名称": "name", "户数": "hh"}).to_file(tmp_path / "a.shp")
    parts = [(path.name, path.open("rb")) for path in sorted(tmp_path.glob("a.*"))]
    upload = shelf.begin(parts, department="zongzhi", by="tester")
    for _, content in parts:
        content.close()
    assert uploads.look(shelf, upload, published, quiet).reading.id_column == "code"


def aged(folder, days):
    """Make everything in a folder as old as that."""
    then = time.time() - days * 86_400
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (then, then))


def test_what_nobody_works_on_is_thrown_away_when_the_next_file_comes(shelf, monkeypatch):
    monkeypatch.setenv("GRIDMAP_UPLOADS_DAYS", "30")
    settings.settings.cache_clear()
    old, used, left = (shelf.begin([("a.csv", io.BytesIO(b"x"))], department="zongzhi", by="li") for _ in range(3))
    for one in (old, used, left):
        aged(shelf.path(one, ""), 40)
    shelf.put(used, step="read")
    shelf.path(left, "layer.parquet").write_bytes(b"being written")
    broken = shelf.path(old, "").parent / ".0123456789ab"
    broken.mkdir()
    aged(broken, 2)
    new = shelf.begin([("b.csv", io.BytesIO(b"y"))], department="zongzhi", by="li")
    settings.settings.cache_clear()
    assert {one.id for one in shelf.all()} == {used.id, left.id, new.id}
    assert not broken.exists()
    assert not shelf.path(old, "").exists()
