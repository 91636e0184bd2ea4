"""Odd and hostile files, made by code. Each maker writes one into a folder and returns its path.

Names begin with what is wrong. ``canary`` is a file that must never be read, ``server`` an address that must never be asked.
"""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

ZOO = {}


@dataclass
class Place:
    """Where a maker works: an empty folder, a file not to be read, an address not to be asked."""

    folder: Path
    canary: Path
    server: str


def animal(expected):
    """Register a maker. expected: a part of the one sentence that must come, or the number of rows that must."""

    def register(maker):
        ZOO[maker.__name__] = (maker, expected)
        return maker

    return register


def grids(count=3):
    squares = [shapely.box(500000 + i * 100, 4400000, 500100 + i * 100, 4400100) for i in range(count)]
    return gpd.GeoDataFrame({"name": [f"格{i}" for i in range(count)]}, geometry=squares, crs=4549)


def put(place, name, content):
    path = place.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def feature(**properties):
    ring = [[119.9, 39.9], [119.91, 39.9], [119.91, 39.91], [119.9, 39.9]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features, **more):
    return {"type": "FeatureCollection", **more, "features": list(features or [feature(name="格")])}


def shapefile(place):
    folder = place.folder / "parts"
    folder.mkdir()
    grids().to_file(folder / "格.shp", encoding="utf-8")
    return folder / "格.shp"


def zipped(place, members, name="upload.zip"):
    path = place.folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in members:
            archive.writestr(inner, content)
    return path


def vrt(place):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="canary"><SrcDataSource>CSV:{place.canary}</SrcDataSource>'
        "<GeometryType>wkbPolygon</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
    )


# --- Files that are another format's door to files and hosts -----------------------------------------------------------


@animal("XML, but not KML")
def vrt_named_geojson(place):
    return put(place, "grids.geojson", vrt(place))


@animal("damaged")
def vrt_that_mentions_kml(place):
    return put(place, "grids.kml", "<kml >" + vrt(place))


@animal("XML, but not KML")
def vrt_in_a_zip(place):
    return zipped(place, [("grids.geojson", vrt(place))])


@animal("not GeoJSON")
def gdalg_pipeline_named_json(place):
    line = f"gdal vector convert CSV:{place.canary} --format stream streamed_dataset"
    return put(place, "grids.json", json.dumps({"type": "gdal_streamed_alg", "command_line": line}))


@animal("not GeoJSON")
def stac_asset_with_an_address(place):
    asset = {"type": "Feature", "stac_version": "1.0.0", "assets": {"a": {"href": f"/vsicurl/{place.server}/a.gpkg"}}}
    return put(place, "grids.json", json.dumps({"type": "FeatureCollection", "links": [asset]}))


@animal("no file")
def path_that_is_a_gdal_prefix(place):
    return f"CSV:{place.canary}"


@animal("no file")
def path_that_is_an_address(place):
    return f"/vsicurl/{place.server}/grids.geojson"


@animal("no file")
def path_that_is_a_connection(place):
    return "PG:host=127.0.0.1 dbname=x"


@animal(1)
def file_whose_name_looks_like_a_prefix(place):
    return put(place, "CSV:canary.geojson", json.dumps(collection()))


@animal(1)
def geojson_with_a_crs_link(place):
    crs = {"type": "link", "properties": {"href": f"{place.server}/crs", "type": "esriwkt"}}
    return put(place, "grids.geojson", json.dumps(collection(crs=crs)))


@animal(1)
def geojson_with_a_crs_url(place):
    crs = {"type": "url", "properties": {"url": f"{place.server}/crs"}}
    return put(place, "grids.geojson", json.dumps(collection(crs=crs)))


@animal(1)
def geojson_with_a_crs_named_by_a_path(place):
    crs = {"type": "name", "properties": {"name": str(place.canary)}}
    return put(place, "grids.geojson", json.dumps(collection(crs=crs)))


@animal("no boundary|no shape|no area|damaged")
def kml_that_links_to_the_network(place):
    link = f"<NetworkLink><Link><href>{place.server}/more.kml</href></Link></NetworkLink>"
    return put(
        place,
        "grids.kml",
        f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{link}</Document></kml>',
    )


def kml(body, head=""):
    ring = "119.9,39.9 119.91,39.9 119.91,39.91 119.9,39.9"
    shell = f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
    mark = f"<Placemark><name>{body}</name><Polygon>{shell}</Polygon></Placemark>"
    return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{mark}</Document></kml>'


@animal("damaged|no boundary|KML|1")
def kml_with_an_entity_of_another_file(place):
    return put(place, "grids.kml", kml("&canary;", f'<!DOCTYPE kml [<!ENTITY canary SYSTEM "file://{place.canary}">]>'))


@animal("damaged|no boundary|KML|1")
def kml_with_a_dtd_on_a_server(place):
    return put(place, "grids.kml", kml("x", f'<!DOCTYPE kml SYSTEM "{place.server}/kml.dtd">'))


@animal("damaged|no boundary|longer|memory|break down")
def kml_of_a_billion_laughs(place):
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return put(place, "grids.kml", kml("&a11;", f"<!DOCTYPE kml [{entities}]>"))


# --- Archives ---------------------------------------------------------------------------------------------------------


@animal("leads out of the archive")
def zip_that_climbs_out(place):
    return zipped(place, [("../../evil.geojson", json.dumps(collection()))])


@animal("leads out of the archive")
def zip_with_an_absolute_path(place):
    return zipped(place, [("/evil.geojson", json.dumps(collection()))])


@animal("leads out of the archive")
def zip_with_a_drive_letter(place):
    return zipped(place, [("C:\\evil.geojson", json.dumps(collection()))])


def special(place, mode, content):
    entry = zipfile.ZipInfo("grids.geojson")
    entry.external_attr = (mode | 0o777) << 16
    return zipped(place, [(entry, content)])


@animal("link or a device")
def zip_with_a_link(place):
    return special(place, stat.S_IFLNK, str(place.canary))


@animal("link or a device")
def zip_with_a_device(place):
    return special(place, stat.S_IFCHR, "")


@animal("unpacks to more than")
def zip_bomb(place):
    path = place.folder / "upload.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("grids.geojson", "w") as member:
        for _ in range(300):
            member.write(bytes(1024 * 1024))
    return path


@animal("damaged archive|unpacks")
def zip_that_lies_about_its_size(place):
    path = zipped(place, [("grids.geojson", bytes(50 * 1024 * 1024))])
    data = bytearray(path.read_bytes())
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        struct.pack_into("<I", data, at, 10)
    path.write_bytes(data)
    return path


@animal("archives in archives")
def zip_in_zip_in_zip(place):
    inner = json.dumps(collection()).encode()
    for depth in range(4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("grids.geojson" if depth == 0 else "inner.zip", inner)
        inner = buffer.getvalue()
    return put(place, "upload.zip", inner)


@animal("more than 1000 files")
def zip_of_five_thousand_files(place):
    return zipped(place, [(f"{n}.txt", b"x") for n in range(5000)])


@animal("nothing in it")
def zip_with_nothing_in_it(place):
    return zipped(place, [])


@animal("password")
def zip_with_a_password(place):
    path = zipped(place, [("grids.geojson", json.dumps(collection()))])
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x03\x04") + 6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


@animal("damaged archive")
def zip_cut_in_half(place):
    path = zipped(place, [("grids.geojson", json.dumps(collection()) * 100)])
    path.write_bytes(path.read_bytes()[:-60])
    return path


@animal("damaged archive")
def zip_with_two_entries_on_one_place(place):
    path = zipped(place, [("a.geojson", json.dumps(collection())), ("b.geojson", json.dumps(collection()))])
    data = bytearray(path.read_bytes())
    second = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 4)
    struct.pack_into("<I", data, second + 42, 0)
    path.write_bytes(data)
    return path


@animal(1)
def zip_with_a_readme_and_a_mac_folder(place):
    members = [
        ("说明.txt", "请查收"),
        ("__MACOSX/._grids.geojson", b"\0\5\x16\7"),
        ("数据/grids.geojson", json.dumps(collection())),
    ]
    return zipped(place, members)


@animal(1)
def zip_with_one_good_and_one_broken_layer(place):
    return zipped(place, [("坏.gpkg", b"SQLite format 3\0 broken"), ("好.geojson", json.dumps(collection()))])


@animal("no boundary file")
def zip_of_a_word_document(place):
    return zipped(place, [("[Content_Types].xml", "<x/>"), ("word/document.xml", "<x/>")])


@animal("no boundary file")
def kmz_without_kml(place):
    return zipped(place, [("files/icon.png", b"\x89PNG")], "grids.kmz")


# --- GeoJSON ----------------------------------------------------------------------------------------------------------


@animal("more than 1000 columns|memory|longer")
def geojson_of_twenty_thousand_columns(place):
    return put(place, "grids.geojson", json.dumps(collection(feature(**{f"c{n}": n for n in range(20000)}))))


@animal("not GeoJSON|break down")
def geojson_nested_without_end(place):
    nested = '{"type":"FeatureCollection","features":' + "[" * 200_000 + "]" * 200_000 + "}"
    return put(place, "grids.geojson", nested)


@animal("no area|break down|not GeoJSON")
def geojson_collections_without_end(place):
    inner = '{"type":"GeometryCollection","geometries":[' * 5000 + "]}" * 5000
    return put(place, "grids.geojson", f'{{"type":"Feature","properties":{{}},"geometry":{inner}}}')


@animal("no area|not GeoJSON")
def geojson_with_numbers_that_are_none(place):
    text = json.dumps(collection()).replace("119.91", "1e999").replace("39.91", "NaN")
    return put(place, "grids.geojson", text)


@animal("no area")
def geojson_beyond_the_earth(place):
    return put(place, "grids.geojson", json.dumps(collection()).replace("119.91", "1e308"))


@animal("not GeoJSON")
def geojson_cut_in_half(place):
    text = json.dumps(collection(*[feature(name=f"格{n}") for n in range(50)]))
    return put(place, "grids.geojson", text[: len(text) // 2])


@animal("no area|not GeoJSON")
def geojson_without_features(place):
    return put(place, "grids.geojson", '{"type":"FeatureCollection","features":[]}')


@animal("no area|not GeoJSON")
def geojson_with_null_everywhere(place):
    return put(
        place, "grids.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":null}]}'
    )


@animal(1)
def geojson_in_gbk(place):
    return put(
        place, "grids.geojson", json.dumps(collection(feature(name="海风街道第一网格")), ensure_ascii=False).encode("gbk")
    )


@animal(1)
def geojson_in_utf16(place):
    return put(place, "grids.geojson", json.dumps(collection(feature(name="海风街道")), ensure_ascii=False).encode("utf-16"))


@animal(1)
def geojson_with_a_mark_at_its_start(place):
    return put(place, "grids.geojson", b"\xef\xbb\xbf" + json.dumps(collection()).encode())


@animal(1)
def geojson_with_script_in_its_texts(place):
    return put(place, "grids.geojson", json.dumps(collection(feature(name="<img src=x onerror=alert(1)>${7*7}"))))


# --- GeoPackage -------------------------------------------------------------------------------------------------------


def geopackage(place, *statements):
    path = place.folder / "grids.gpkg"
    grids().to_file(path, layer="grids")
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()
    return path


def only_view(name, body):
    return (
        f"CREATE VIEW {name} AS {body}",
        f"UPDATE gpkg_contents SET table_name = '{name}', identifier = '{name}'",
        f"UPDATE gpkg_geometry_columns SET table_name = '{name}'",
    )


@animal("longer|break down|damaged")
def geopackage_with_an_endless_view(place):
    endless = "WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) SELECT fid, NULL AS geom FROM n"
    return geopackage(
        place, "PRAGMA foreign_keys = OFF", "DROP TABLE IF EXISTS rtree_grids_geom", *only_view("endless", endless)
    )


@animal("damaged|no area|no shape|0")
def geopackage_with_a_view_that_loads_code(place):
    body = f"SELECT 1 AS fid, load_extension('{place.canary}') AS name, NULL AS geom"
    return geopackage(place, "PRAGMA foreign_keys = OFF", *only_view("loads", body))


@animal("damaged|no area|no shape")
def geopackage_with_a_view_that_eats_memory(place):
    body = "SELECT 1 AS fid, zeroblob(2000000000) AS big, NULL AS geom"
    return geopackage(place, "PRAGMA foreign_keys = OFF", *only_view("eats", body))


@animal("damaged|no boundary")
def geopackage_whose_table_is_gone(place):
    return geopackage(place, "PRAGMA foreign_keys = OFF", "DROP TABLE grids")


@animal("no area")
def geopackage_with_rubbish_for_shapes(place):
    drops = [f"DROP TRIGGER IF EXISTS rtree_grids_geom_update{n}" for n in range(1, 8)]
    return geopackage(place, *drops, "UPDATE grids SET geom = x'00112233445566778899'")


@animal("no layer of boundaries|damaged")
def sqlite_that_is_no_geopackage(place):
    path = place.folder / "grids.gpkg"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE secrets(a)")
    db.close()
    return path


@animal("damaged|no boundary")
def geopackage_cut_in_half(place):
    path = geopackage(place)
    path.write_bytes(path.read_bytes()[:20000])
    return path


# --- Shapefile --------------------------------------------------------------------------------------------------------


@animal(2)
def shapefile_cut_short(place):
    path = shapefile(place)
    path.write_bytes(path.read_bytes()[:-60])
    return path


@animal(3)
def shapefile_without_its_table(place):
    path = shapefile(place)
    path.with_suffix(".dbf").unlink()
    return path


@animal(3)
def shapefile_without_its_index(place):
    path = shapefile(place)
    path.with_suffix(".shx").unlink()
    return path


@animal("no boundary file")
def shapefile_of_which_only_the_table_came(place):
    path = shapefile(place)
    return zipped(place, [("格.dbf", path.with_suffix(".dbf").read_bytes())])


@animal("damaged|no area|break down|memory")
def shapefile_that_promises_a_billion_points(place):
    path = shapefile(place)
    data = bytearray(path.read_bytes())
    struct.pack_into("<ii", data, 100 + 8 + 36, 1, 1_000_000_000)
    path.write_bytes(data[:300])
    path.with_suffix(".shx").unlink()
    return path


@animal("damaged|no area|3|2|memory")
def shapefile_whose_index_points_nowhere(place):
    path = shapefile(place)
    index = bytearray(path.with_suffix(".shx").read_bytes())
    for at in range(100, len(index), 8):
        struct.pack_into(">ii", index, at, 2**30, 2**30)
    path.with_suffix(".shx").write_bytes(index)
    return path


@animal("damaged|3|rows|longer")
def shapefile_whose_table_promises_a_billion_rows(place):
    path = shapefile(place)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    struct.pack_into("<I", table, 4, 2**31 - 1)
    path.with_suffix(".dbf").write_bytes(table)
    return path


@animal(3)
def shapefile_whose_prj_is_rubbish(place):
    path = shapefile(place)
    path.with_suffix(".prj").write_text("PROJCS[rubbish", "utf-8")
    return path


@animal(3)
def shapefile_whose_cpg_is_wrong(place):
    path = shapefile(place)
    path.with_suffix(".cpg").write_text("Klingon", "utf-8")
    return path


@animal(3)
def shapefile_whose_prj_names_another_file(place):
    path = shapefile(place)
    path.with_suffix(".prj").unlink()
    path.with_suffix(".prj").symlink_to(place.canary)
    return path


# --- FlatGeobuf, Parquet ----------------------------------------------------------------------------------------------


def flatgeobuf(place):
    path = place.folder / "grids.fgb"
    grids().to_file(path, driver="FlatGeobuf")
    return path


@animal("damaged|no boundary file|memory")
def flatgeobuf_with_an_immense_head(place):
    path = flatgeobuf(place)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 8, 2**31 - 1)
    path.write_bytes(data)
    return path


@animal("damaged|1|2|no area")
def flatgeobuf_cut_short(place):
    path = flatgeobuf(place)
    path.write_bytes(path.read_bytes()[:-100])
    return path


@animal("damaged")
def parquet_cut_short(place):
    path = place.folder / "grids.parquet"
    grids().to_parquet(path)
    path.write_bytes(path.read_bytes()[:-100] + b"PAR1")
    return path


def geoparquet(place, table, geo):
    path = place.folder / "grids.parquet"
    pq.write_table(table.replace_schema_metadata({b"geo": geo if isinstance(geo, bytes) else json.dumps(geo).encode()}), path)
    return path


@animal("damaged")
def parquet_whose_description_is_rubbish(place):
    return geoparquet(place, pa.table({"geometry": [b"\1"]}), b"{rubbish")


@animal("damaged")
def parquet_whose_shapes_are_elsewhere(place):
    return geoparquet(place, pa.table({"a": [1]}), {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}})


@animal("more than|memory")
def parquet_of_a_hundred_million_rows(place):
    path = place.folder / "grids.parquet"
    chunk = pa.table({"wkt": pa.array(["POINT (0 0)"] * 1_000_000).dictionary_encode()})
    with pq.ParquetWriter(path, chunk.schema) as writer:
        for _ in range(100):
            writer.write_table(chunk)
    return path


@animal("no area")
def parquet_with_rubbish_for_shapes(place):
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}}}
    return geoparquet(place, pa.table({"geometry": [b"rubbish", b"\1\3\0\0\0\xff\xff\xff\x7f"]}), geo)


# --- CSV, Excel, DXF --------------------------------------------------------------------------------------------------


@animal("more than 1000 columns|columns")
def csv_of_a_hundred_thousand_columns(place):
    return put(place, "grids.csv", ",".join(f"c{n}" for n in range(100_000)) + "\n")


@animal("no area|break down")
def csv_with_collections_without_end(place):
    wkt = "GEOMETRYCOLLECTION(" * 100_000 + "POINT(0 0)" + ")" * 100_000
    return put(place, "grids.csv", f'id,wkt\n1,"{wkt}"\n2,POINT (0 0)\n')


@animal(1)
def csv_whose_rows_are_torn(place):
    return put(place, "grids.csv", 'id,wkt\n1,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n2,x,y,z\n3\n')


@animal("rows and columns|no area|damaged|1")
def csv_with_a_quote_that_never_closes(place):
    return put(place, "grids.csv", 'id,wkt\n1,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n2,"' + "x" * 5_000_000)


@animal(1)
def csv_with_a_formula_for_an_id(place):
    return put(place, "grids.csv", 'id,wkt\n=cmd|calc!A1,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n')


@animal("none of the formats|empty|neither")
def csv_of_zero_bytes(place):
    return put(place, "grids.csv", bytes(100_000))


@animal("unpacks to more than|damaged|neither|longer")
def excel_bomb(place):
    sheet = "<row>" + "<c><v>1</v></c>" * 30_000_000 + "</row>"
    book = [("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"), ("xl/worksheets/sheet1.xml", sheet)]
    return zipped(place, book, "grids.xlsx")


@animal("damaged")
def excel_with_an_entity_of_another_file(place):
    head = f'<!DOCTYPE x [<!ENTITY canary SYSTEM "file://{place.canary}">]>'
    book = [
        ("[Content_Types].xml", f"{head}<Types>&canary;</Types>"),
        ("xl/workbook.xml", f"{head}<workbook>&canary;</workbook>"),
    ]
    return zipped(place, book, "grids.xlsx")


@animal("drawing that cannot be read|no closed polyline|damaged")
def dxf_of_rubbish(place):
    return put(place, "grids.dxf", "  0\nSECTION\n  2\nENTITIES\n" + "rubbish\n" * 1000)


@animal("no closed polyline|drawing that cannot be read|damaged|longer")
def dxf_with_blocks_in_blocks_in_blocks(place):
    blocks = ""
    for level in range(30):
        inserts = "".join(
            f"  0\nINSERT\n  2\nB{level + 1}\n 10\n0\n 20\n0\n 70\n1000\n 71\n1000\n 44\n1\n 45\n1\n" for _ in range(10)
        )
        blocks += f"  0\nBLOCK\n  2\nB{level}\n 10\n0\n 20\n0\n{inserts}  0\nENDBLK\n"
    entities = "  0\nINSERT\n  2\nB0\n 10\n0\n 20\n0\n"
    text = f"  0\nSECTION\n  2\nBLOCKS\n{blocks}  0\nENDSEC\n  0\nSECTION\n  2\nENTITIES\n{entities}  0\nENDSEC\n  0\nEOF\n"
    return put(place, "grids.dxf", text)


# --- What offices really send ------------------------------------------------------------------------------------------


@animal(3)
def zip_whose_chinese_names_are_gbk_without_a_mark(place):
    folder = shapefile(place).parent
    path = place.folder / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"XXXX/YYYY{part.suffix}")
    path.write_bytes(path.read_bytes().replace(b"XXXX", "综治".encode("gbk")).replace(b"YYYY", "网格".encode("gbk")))
    return path


@animal(3)
def zip_in_a_zip_in_a_folder(place):
    inner = place.folder / "网格.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        for part in sorted(shapefile(place).parent.iterdir()):
            archive.write(part, f"综治/{part.name}")
    return zipped(place, [("报送/2026/网格.zip", inner.read_bytes()), ("报送/说明.docx", b"PK\3\4")])


@animal("password")
def zip_locked_in_the_way_of_7zip(place):
    path = zipped(place, [("grids.geojson", json.dumps(collection()))])
    data = bytearray(path.read_bytes())
    for at, flags, method in ((data.find(b"PK\x03\x04"), 6, 8), (data.find(b"PK\x01\x02"), 8, 10)):
        data[at + flags] |= 1
        struct.pack_into("<H", data, at + method, 99)
    path.write_bytes(data)
    return path


@animal("ArcGIS .*export its layers")
def geodatabase_of_arcgis(place):
    folder = [("gdb", b"\5\0\0\0\xde\xad\xbe\xef"), ("timestamps", b"\xff" * 400), ("a00000001.gdbtablx", b"\3\0\0\0" * 8)]
    tables = [(f"a0000000{n}.gdbtable", b"\3\0\0\0" + bytes(range(1, 200))) for n in range(1, 5)]
    return zipped(place, [(f"网格.gdb/{name}", content) for name, content in [*folder, *tables]])


@animal("MapInfo .*export its layers")
def mapinfo_table(place):
    parts = {
        "tab": b"!table\n!version 300\n!charset WindowsSimpChinese\n",
        "dat": b"\3" * 99,
        "map": bytes(512),
        "id": b"\1" * 40,
    }
    return zipped(place, [(f"网格.{suffix}", content) for suffix, content in parts.items()])


@animal("MapInfo .*export its layers")
def mapinfo_interchange(place):
    return put(
        place, "网格.mif", 'Version   300\nCharset "WindowsSimpChinese"\nDelimiter ","\nCoordSys Earth Projection 1, 0\n'
    )


@animal("ArcInfo .*export its layers")
def arcinfo_interchange(place):
    return put(place, "grids.e00", "EXP  0 C:\\GRIDS.E00\nARC  2\n")


@animal("Access .*export its layers")
def access_database(place):
    return put(place, "网格.mdb", b"\0\1\0\0Standard Jet DB\0" + bytes(4000))


def old_office(place, name, *parts):
    body = b"".join(part.encode("utf-16-le").ljust(128, b"\0") for part in ("Root Entry", *parts))
    return put(place, name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(70_000, b"\0") + body)


@animal("damaged .* export it again")
def excel_of_1997_with_nothing_in_it(place):
    return old_office(place, "事件.xls", "Workbook", "\5SummaryInformation")


@animal("damaged .* export it again")
def table_of_wps_with_nothing_in_it(place):
    return old_office(place, "事件.et", "ETExtData", "Workbook")


@animal("break down")
def excel_of_1997_whose_parts_lead_in_a_circle(place):
    """A compound file in which the table of sectors, the names and the workbook are chains without an end."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 2, 1, 2, 1) + struct.pack("<109I", *[0] * 109)
    name = "Workbook\0".encode("utf-16-le")
    entry = (
        name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name), 2, 1, 1, 1, 1) + bytes(36) + struct.pack("<IQ", 2, 1 << 40)
    )
    return put(place, "事件.xls", head + struct.pack("<128I", *[1, 2, 1] * 42, 1, 2) + entry * 4 + bytes(4096))


@animal("password")
def excel_with_a_password(place):
    return old_office(place, "事件.xlsx", "EncryptionInfo", "EncryptedPackage")


@animal("document .* no data")
def map_document_without_its_data(place):
    return old_office(place, "网格.mxd", "Mx Document", "Maps")


@animal("damaged .* export it again")
def excel_in_binary_with_nothing_in_it(place):
    return zipped(place, [("[Content_Types].xml", "<x/>"), ("xl/workbook.bin", b"\x83\1")], "事件.xlsb")


@animal("damaged .* export it again")
def table_of_open_office_with_nothing_in_it(place):
    path = place.folder / "事件.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    return path


@animal("pack it as .zip")
def archive_of_7zip(place):
    return put(place, "网格.7z", b"7z\xbc\xaf\x27\x1c" + bytes(200))


@animal("pack it as .zip")
def archive_of_winrar(place):
    return put(place, "网格.rar", b"Rar!\x1a\7\1\0" + bytes(200))


@animal("save it as DXF")
def drawing_of_autocad(place):
    return put(place, "网格.dwg", b"AC1032" + bytes(2000))


@animal("is a PDF")
def drawing_as_a_pdf(place):
    return put(place, "网格图.pdf", b"%PDF-1.7\n")


@animal("web page")
def page_to_sign_in_saved_as_a_file(place):
    return put(place, "grids.geojson", "\r\n<!DOCTYPE html>\n<html><body>请先登录</body></html>")


@animal("shortcut")
def shortcut_to_the_file(place):
    return put(place, "网格.shp.lnk", b"L\0\0\0\x01\x14\x02\0" + bytes(200))


@animal("none of the formats .* send boundaries as")
def database_of_supermap(place):
    return put(place, "网格.udb", b"\1\0SuperMap\0" + bytes(300))


@animal(3)
def geopackage_whose_journal_stayed_behind(place):
    path = geopackage(place)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return path


@animal(1)
def geojson_with_keys_that_come_twice(place):
    text = json.dumps(collection(feature(name="甲"))).replace('"properties": {', '"properties": {"name": "乙", ')
    return put(place, "grids.geojson", text)


@animal(1)
def geojson_with_a_crs_of_the_old_kind(place):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return put(place, "grids.geojson", json.dumps(collection(crs=crs)))


@animal("not GeoJSON")
def json_of_arcgis(place):
    rings = [[[119.9, 39.9], [119.91, 39.9], [119.91, 39.91], [119.9, 39.9]]]
    said = {"geometryType": "esriGeometryPolygon", "features": [{"attributes": {"name": "格"}, "geometry": {"rings": rings}}]}
    return put(place, "grids.json", json.dumps(said))


@animal("not GeoJSON")
def topojson(place):
    return put(place, "grids.json", json.dumps({"type": "Topology", "arcs": [], "objects": {}}))


@animal("not GeoJSON.* export it as GeoJSON")
def geojson_line_by_line(place):
    return put(place, "grids.geojsonl", "\n".join(json.dumps(feature(name=name)) for name in "甲乙"))


@animal(1)
def kml_of_google_with_names_of_its_own(place):
    extra = '<gx:Tour xmlns:gx="http://www.google.com/kml/ext/2.2"><name>巡</name></gx:Tour><gx:balloonVisibility>1</gx:balloonVisibility>'
    return put(place, "grids.kml", kml("格").replace("<Document>", "<Document>" + extra))


@animal("damaged; export it again")
def flatgeobuf_that_ends_behind_its_head(place):
    path = flatgeobuf(place)
    path.write_bytes(path.read_bytes()[:900])
    return path


@animal("3|2|1")
def shapefile_whose_table_has_fewer_rows(place):
    path = shapefile(place)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    head, row = struct.unpack_from("<HH", table, 8)
    struct.pack_into("<I", table, 4, 1)
    path.with_suffix(".dbf").write_bytes(table[: head + row] + b"\x1a")
    return path


@animal(2)
def csv_with_a_title_and_semicolons(place):
    shape = "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    rows = f"2026年5月网格台账（综治）;;\n\n编号;名称;wkt\n1;甲;{shape}\n2;乙;{shape}\n"
    return put(place, "网格.csv", rows.encode("gbk"))


@animal(1)
def text_from_excel_in_utf16_with_tabs(place):
    return put(place, "网格.txt", "编号\t名称\twkt\r\n1\t甲\tPOLYGON ((0 0, 1 0, 1 1, 0 0))\r\n".encode("utf-16"))


@animal(2)
def excel_with_merged_headings(place):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["网格边界点台账"], ["编号", "中心点", None, "名称", "范围"], [None, "经度", "纬度"]):
        sheet.append(row)
    for merged in ("A1:E1", "A2:A3", "B2:C2", "D2:D3", "E2:E3"):
        sheet.merge_cells(merged)
    for number in (1, 2):
        sheet.append([number, 119.9, 39.9, "甲", "POLYGON ((0 0, 1 0, 1 1, 0 0))"])
    book.save(place.folder / "网格.xlsx")
    return place.folder / "网格.xlsx"


# --- Not plain files --------------------------------------------------------------------------------------------------


@animal("is a link")
def link_to_another_file(place):
    path = place.folder / "grids.geojson"
    path.symlink_to(place.canary)
    return path


@animal("is a link")
def link_to_nowhere(place):
    path = place.folder / "grids.geojson"
    path.symlink_to(place.folder / "nowhere")
    return path


@animal("not a plain file")
def device(place):
    return Path("/dev/zero")


@animal("larger than 512 MB")
def file_of_a_terabyte_of_nothing(place):
    path = place.folder / "grids.geojson"
    with path.open("wb") as file:
        file.truncate(2**40)
    return path


@animal("is a folder")
def folder(place):
    path = place.folder / "grids.gdb"
    path.mkdir()
    return path


@animal("no file")
def name_with_a_zero_byte(place):
    return "grids\0.geojson"


@animal(1)
def name_with_quotes_and_line_ends(place):
    return put(place, "a'b\"c\n;d.geojson", json.dumps(collection()))
