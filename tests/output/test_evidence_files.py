"""The evidence as a GeoPackage and as shapefiles, read back with GDAL."""

import csv
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from urbanform.model.finding import judge
from urbanform.model.measurement import Measurement, Shapes, Subject, Tone
from urbanform.model.rules import Unit
from urbanform.output.evidence import evidence_layers, evidence_tables
from urbanform.output.geopackage import write_geopackage
from urbanform.output.shapefile import write_shapefiles


def assessed_with(build, layers, *shapes):
    """One rule with the given evidence."""
    subject = Subject("甲", "甲组团", 5.0)
    rule = build.rule("odd-rule", "奇怪的规则", "Odd rule", Unit.METRE, ("<=", 1))
    return build.assessed(layers, [judge(rule, Measurement(Unit.METRE, (subject,), evidence=shapes), 2026)])


def shapes_of(build, geometry, **columns):
    count = len(geometry)
    frame = gpd.GeoDataFrame(
        {"kind": ["k"] * count, **columns}, geometry=np.array(geometry, dtype=object), crs=build.crs
    )
    return Shapes(frame, {"k": (Tone.BREACH, build.words("某类", "some kind"))})


@pytest.fixture(scope="module")
def package(assessment, tmp_path_factory):
    path = tmp_path_factory.mktemp("evidence") / "evidence.gpkg"
    write_geopackage(evidence_tables(assessment), path)
    return path


def test_each_rule_has_its_layers(package):
    assert [tuple(row) for row in pyogrio.list_layers(package)] == [
        ("cluster_population_density", "MultiPolygon"),
        ("road_network_density", "MultiPolygon"),
        ("road_network_density_lines", "MultiLineString"),
        ("road_network_density_points", "MultiPoint"),
        ("super_high_rise_control", "MultiPolygon"),
        ("layer_styles", None),
    ]


def test_rows_keep_shape_order_and_values(package):
    """The first cluster is 1800 × 1300 m."""
    frame = pyogrio.read_dataframe(package, layer="cluster_population_density")
    assert frame.crs.to_epsg() == 4547
    assert frame["subject"].tolist() == ["1", "2", "3"]
    assert frame["verdict"].tolist() == ["不符合", "符合", "无法判定（需补充资料）"]
    assert frame["kind_zh"].tolist() == ["组团人口密度", "组团人口密度", "未能量算的组团"]
    assert frame["density"].tolist()[:2] == [12400.0, 8900.0]
    assert np.isnan(frame["density"].iloc[2])
    assert frame["complete"].tolist() == [True, False, True]
    assert frame.area.iloc[0] == 1800 * 1300


def test_layers_and_fields_have_chinese_names(package):
    with closing(sqlite3.connect(package)) as base:
        names = dict(base.execute("SELECT table_name, identifier FROM gpkg_contents"))
        fields = dict(
            base.execute(
                "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'road_network_density_lines'"
            )
        )
    assert names["road_network_density"] == "路网密度"
    assert names["road_network_density_lines"] == "路网密度（线）"
    assert fields["length_m"] == "长度（米）"
    assert fields["kind_zh"] == "类别"


def test_styles_are_registered_and_name_every_kind(package):
    with closing(sqlite3.connect(package)) as base:
        kind = base.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchone()
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
    assert kind == ("attributes",)
    assert len(rows) == 5
    by_layer = {row[0]: row for row in rows}
    _, column, default, qml = by_layer["road_network_density_lines"]
    assert (column, default) == ("geom", 1)
    root = ET.fromstring(qml)
    renderer = root.find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "kind")
    assert [(item.get("value"), item.get("label")) for item in renderer.iter("category")] == [
        ("counted", "计入的道路"),
        ("uncounted", "不计入的道路"),
    ]
    assert [item.get("type") for item in renderer.iter("symbol")] == ["line", "line"]


def test_the_content_is_the_same_each_time(assessment, package, tmp_path):
    write_geopackage(evidence_tables(assessment), tmp_path / "again.gpkg")
    with closing(sqlite3.connect(package)) as one, closing(sqlite3.connect(tmp_path / "again.gpkg")) as other:
        assert list(one.iterdump()) == list(other.iterdump())


def test_odd_geometries_are_torn_by_kind_and_never_lost(build, layers, tmp_path):
    """A ring is written as a line; a collection of an area, a line and a point gives a row in each layer."""
    square = build.box(0, 0, 10, 10)
    ring = shapely.LinearRing(square.exterior.coords)
    collection = shapely.GeometryCollection(
        [square, shapely.LineString([(0, 0), (1, 1)]), shapely.GeometryCollection([shapely.Point(5, 5)])]
    )
    deep = shapely.force_3d(square, 7.0)
    mixed = shapes_of(
        build, [ring, collection, None, shapely.Polygon(), deep], subject=["甲"] * 5, order=[0, 1, 2, 3, 4]
    )
    assessment = assessed_with(build, layers, mixed)
    path = tmp_path / "evidence.gpkg"
    tables = list(evidence_tables(assessment))
    write_geopackage(tables, path)
    assert evidence_layers(tables) == {"odd-rule": "odd_rule"}
    areas = pyogrio.read_dataframe(path, layer="odd_rule")
    lines = pyogrio.read_dataframe(path, layer="odd_rule_lines")
    points = pyogrio.read_dataframe(path, layer="odd_rule_points")
    assert areas["order"].tolist() == [1, 4]
    assert lines["order"].tolist() == [0, 1]
    assert points["order"].tolist() == [1]
    assert lines.geometry.length.tolist() == pytest.approx([40.0, 2**0.5])
    assert not areas.geometry.has_z.any()


def test_a_rule_of_lines_alone_names_its_lines(build, layers):
    lines = shapes_of(build, [shapely.LineString([(0, 0), (1, 1)])])
    assert evidence_layers(evidence_tables(assessed_with(build, layers, lines))) == {"odd-rule": "odd_rule_lines"}


def test_hostile_names_and_values_stay_text(build, layers, tmp_path):
    payload = "'); DROP TABLE layer_styles; --<img onerror=x>{{7*7}}\x00\x1b"
    square = [build.box(0, 0, 10, 10)]
    odd = shapes_of(build, square, subject=[payload], FID=["=cmd|calc"], fid=[3], Geom=["0012"])
    path = tmp_path / "evidence.gpkg"
    write_geopackage(evidence_tables(assessed_with(build, layers, odd)), path)
    row = pyogrio.read_dataframe(path, layer="odd_rule").iloc[0]
    assert row["subject"] == payload.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    assert (row["FID_2"], row["fid_3"], row["Geom_2"]) == ("=cmd|calc", 3, "0012")


def test_several_sets_share_a_table(build, layers, tmp_path):
    """Whole numbers of one set, none in the other: numbers with a blank. Nullable flags: 1, 0 and blank."""
    one = shapes_of(build, [build.box(0, 0, 1, 1)], storeys=[6])
    other = shapes_of(
        build, [build.box(2, 0, 3, 1)] * 3, flag=pd.array([True, False, None], dtype="boolean"), when=["a", None, "b"]
    )
    path = tmp_path / "evidence.gpkg"
    write_geopackage(evidence_tables(assessed_with(build, layers, one, other)), path)
    frame = pyogrio.read_dataframe(path, layer="odd_rule")
    assert frame["storeys"].iloc[0] == 6
    assert frame["storeys"].iloc[1:].isna().all()
    assert frame["flag"].iloc[1:3].astype(float).tolist() == [1.0, 0.0]
    assert frame["flag"].iloc[[0, 3]].isna().all()
    assert frame["when"].iloc[1] == "a"


def test_without_evidence_the_file_still_opens(build, layers, tmp_path):
    path = tmp_path / "evidence.gpkg"
    tables = list(evidence_tables(assessed_with(build, layers)))
    write_geopackage(tables, path)
    assert (tables, evidence_layers(tables)) == ([], {})
    assert [row[0] for row in pyogrio.list_layers(path)] == ["layer_styles"]
    assert len(pyogrio.read_dataframe(path, layer="layer_styles")) == 0


def test_shapefiles_are_gbk_with_short_names(build, layers, tmp_path):
    """𠀀 is not in GBK; 很长 is 4 bytes in GBK; 130 characters of 2 bytes are cut to 127 (254 bytes)."""
    odd = shapes_of(
        build,
        [build.box(0, 0, 10, 10)],
        subject=["0012"],
        name=["𠀀庄" + "长" * 130],
        density_of_persons=[1.5],
        density_of_parks=[2.5],
        很长的中文字段名=["值"],
    )
    write_shapefiles(evidence_tables(assessed_with(build, layers, odd)), tmp_path / "evidence")
    path = tmp_path / "evidence" / "odd_rule.shp"
    assert (tmp_path / "evidence" / "odd_rule.cpg").read_text() == "GBK"
    row = pyogrio.read_dataframe(path).iloc[0]
    assert row["subject"] == "0012"
    assert row["name"] == "〓庄" + "长" * 125
    assert (row["density_of"], row["density__2"]) == (1.5, 2.5)
    assert row["很长的中文"] == "值"
    with (tmp_path / "evidence" / "fields.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {line["原名"]: line for line in csv.DictReader(file)}
    assert listed["density_of_parks"]["字段"] == "density__2"
    assert listed["kind_zh"]["含义"] == "类别"


def test_an_older_folder_of_shapefiles_is_replaced(build, layers, tmp_path):
    folder = tmp_path / "evidence"
    square = shapes_of(build, [build.box(0, 0, 10, 10)])
    write_shapefiles(evidence_tables(assessed_with(build, layers, square)), folder)
    write_shapefiles([], folder)
    assert [path.name for path in folder.iterdir()] == ["fields.csv"]
