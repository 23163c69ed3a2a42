"""Layers that cannot be trusted: set aside, listed, and every rule that needs them undetermined with file and cure."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
from rasterio.transform import Affine

from intake.awkward import (
    AREA,
    DEMOLITION,
    DENSITY,
    HOUSES,
    ROADS,
    STREETS,
    Case,
    city,
    clusters,
    ids,
    manifest,
    outcome,
    population_raster,
    renewal,
    shifted,
    write,
)
from places import X, Y, box, point


def cut(path: Path, length: int) -> None:
    """Leave only the first bytes of a file."""
    path.write_bytes(path.read_bytes()[:length])


def buildings_rejected(kind: str) -> set[tuple[str, str, str]]:
    """The one defect of a layer of buildings that was set aside."""
    return {("buildings", kind, "rejected")}


def truncated_shp(folder: Path) -> None:
    cut(renewal(folder) / "建筑.shp", 300)


def truncated_in_header(folder: Path) -> None:
    cut(renewal(folder) / "建筑.shp", 60)


def empty_shp(folder: Path) -> None:
    cut(renewal(folder) / "建筑.shp", 0)


def no_shapefile(folder: Path) -> None:
    (renewal(folder) / "建筑.shp").write_bytes(b"this is no shapefile" * 20)


def truncated_dbf(folder: Path) -> None:
    path = renewal(folder) / "建筑.dbf"
    cut(path, path.stat().st_size - 30)


def dbf_of_another_layer(folder: Path) -> None:
    """Three records beside two shapes."""
    renewal(folder)
    write(folder / "other.shp", [AREA] * 3, CS=[1, 2, 3], GZFS=["拆除"] * 3)
    (folder / "建筑.dbf").write_bytes((folder / "other.dbf").read_bytes())
    for path in folder.glob("other.*"):
        path.unlink()


def shx_of_another_layer(folder: Path) -> None:
    renewal(folder)
    write(folder / "other.shp", [AREA] * 3, CS=[1, 2, 3])
    (folder / "建筑.shx").write_bytes((folder / "other.shx").read_bytes())
    for path in folder.glob("other.*"):
        path.unlink()


def dbf_without_head(folder: Path) -> None:
    cut(renewal(folder) / "建筑.dbf", 20)


def only_the_index(folder: Path) -> None:
    (renewal(folder) / "建筑.shp").unlink()


def without_prj(folder: Path) -> None:
    (renewal(folder) / "建筑.prj").unlink()


def points_for_buildings(folder: Path) -> None:
    renewal(folder)
    for path in folder.glob("建筑.*"):
        path.unlink()
    write(folder / "建筑.shp", [point(15, 15)], CS=[2], GZFS=["拆除"])


def without_features(folder: Path) -> None:
    renewal(folder)
    for path in folder.glob("建筑.*"):
        path.unlink()
    write(folder / "建筑.shp", HOUSES, CS=[1, 2])
    table = pyogrio.read_dataframe(folder / "建筑.shp")
    pyogrio.write_dataframe(table[:0], folder / "建筑.shp", geometry_type="Polygon")


def two_candidates(folder: Path) -> None:
    write(renewal(folder) / "现状建筑.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])


def one_candidate_unreadable(folder: Path) -> None:
    two_candidates(folder)
    cut(folder / "现状建筑.shp", 0)


def container_without_layer(folder: Path) -> None:
    renewal(folder, suffix=".gpkg")
    write(folder / "data.gpkg", HOUSES, CS=[2, 8])
    pyogrio.write_dataframe(pyogrio.read_dataframe(folder / "data.gpkg"), folder / "data.gpkg", layer="second")
    manifest(folder, "layers: {buildings: data.gpkg}\n")


def name_leaves_it_open(folder: Path) -> None:
    (renewal(folder) / "建筑.shp").unlink()
    for path in folder.glob("建筑.*"):
        path.unlink()
    write(folder / "房屋与广场.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])


def far_streets(folder: Path) -> None:
    """30 km to the east of the main urban area."""
    city(folder, geometry=[shifted(street, 30_000, 0) for street in STREETS])


def streets_19_km_off(folder: Path) -> None:
    """19 km away, which may be right: there is just no street inside."""
    city(folder, geometry=[shifted(street, 20_000 - 101, 0) for street in STREETS])


def far_buildings_of_a_unit(folder: Path) -> None:
    renewal(folder, geometry=[shifted(shape, 0, 60_000) for shape in HOUSES])


def damaged_geopackage(folder: Path) -> None:
    renewal(folder, suffix=".gpkg")
    path = folder / "建筑.gpkg"
    data = bytearray(path.read_bytes())
    data[200:8000] = b"\xff" * 7800
    path.write_bytes(data)


def damaged_geojson(folder: Path) -> None:
    cut(renewal(folder, suffix=".geojson") / "建筑.geojson", 400)


def damaged_parquet(folder: Path) -> None:
    cut(renewal(folder, suffix=".parquet") / "建筑.parquet", 800)


def damaged_fgb(folder: Path) -> None:
    path = renewal(folder, suffix=".fgb") / "建筑.fgb"
    cut(path, path.stat().st_size // 2)


def list_of_files_called_geopackage(folder: Path) -> None:
    """GDAL would follow what stands in it."""
    renewal(folder)
    for path in folder.glob("建筑.*"):
        path.unlink()
    source = "<SrcDataSource>/etc/passwd</SrcDataSource>"
    text = f'<OGRVRTDataSource><OGRVRTLayer name="x">{source}</OGRVRTLayer></OGRVRTDataSource>'
    (folder / "建筑.gpkg").write_text(text)


def linked_part(folder: Path) -> None:
    outside = folder.parent / "outside.dbf"
    renewal(folder)
    (folder / "建筑.dbf").rename(outside)
    (folder / "建筑.dbf").symlink_to(outside)


def broken_zip_for_a_layer(folder: Path) -> None:
    renewal(folder)
    for path in folder.glob("建筑.*"):
        path.unlink()
    (folder / "建筑.zip").write_bytes(b"PK\x03\x04 and no more")


OF_RENEWAL = [
    Case("truncated shp", DEMOLITION, truncated_shp, "undetermined", buildings_rejected("truncated"),
         told=("建筑.shp", "截断", "重新拷贝")),
    Case("shp cut in its header", DEMOLITION, truncated_in_header, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.shp", "请")),
    Case("empty shp", DEMOLITION, empty_shp, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.shp", "空文件", "重新导出")),
    Case("no shapefile at all", DEMOLITION, no_shapefile, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.shp", "重新导出")),
    Case("truncated dbf", DEMOLITION, truncated_dbf, "undetermined", buildings_rejected("truncated"),
         told=("建筑.shp", "截断")),
    Case("dbf without its head", DEMOLITION, dbf_without_head, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.dbf", "重新导出")),
    Case("dbf with a row too many", DEMOLITION, dbf_of_another_layer, "undetermined",
         buildings_rejected("counts-disagree"), told=("建筑.shp", "2", "3", "重新导出")),
    Case("shx of another layer", DEMOLITION, shx_of_another_layer, "undetermined",
         buildings_rejected("counts-disagree"), told=("建筑.shp", "重新导出")),
    Case("only the shx", DEMOLITION, only_the_index, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.shp", "缺少", "一并提交")),
    Case("no CRS", DEMOLITION, without_prj, "undetermined", buildings_rejected("crs-missing"),
         told=("建筑.shp", "没有坐标系", "crs: EPSG:4547")),
    Case("points for buildings", DEMOLITION, points_for_buildings, "undetermined",
         buildings_rejected("wrong-geometry"), told=("建筑.shp", "点", "面")),
    Case("no features", DEMOLITION, without_features, "undetermined", buildings_rejected("no-features"),
         told=("建筑.shp", "没有要素", "none")),
    Case("two candidates", DEMOLITION, two_candidates, "undetermined", buildings_rejected("several-candidates"),
         told=("建筑.shp", "现状建筑.shp", "buildings: 建筑.shp")),
    Case("two candidates of which one is unreadable", DEMOLITION, one_candidate_unreadable, "undetermined",
         buildings_rejected("several-candidates") | {("现状建筑.shp", "unreadable", "rejected")},
         told=("建筑.shp", "现状建筑.shp")),
    Case("a container of several layers", DEMOLITION, container_without_layer, "undetermined",
         buildings_rejected("container-without-layer"), told=("data.gpkg", "buildings: data.gpkg#data", "#second")),
    Case("a name that says two roles", DEMOLITION, name_leaves_it_open, "undetermined",
         {("buildings", "role-torn", "rejected"), ("plazas", "role-torn", "rejected")},
         told=("房屋与广场.shp", "layers")),
    Case("buildings 60 km from the unit", DEMOLITION, far_buildings_of_a_unit, "undetermined",
         buildings_rejected("far-away"), told=("建筑.shp", "60 公里", "crs:")),
    Case("damaged GeoPackage", DEMOLITION, damaged_geopackage, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.gpkg", "重新导出")),
    Case("damaged GeoJSON", DEMOLITION, damaged_geojson, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.geojson", "重新导出")),
    Case("damaged GeoParquet", DEMOLITION, damaged_parquet, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.parquet", "重新导出")),
    Case("damaged FlatGeobuf", DEMOLITION, damaged_fgb, "undetermined", buildings_rejected("unreadable"),
         told=("建筑.fgb", "重新导出")),
    Case("a list of other files that calls itself GeoPackage", DEMOLITION, list_of_files_called_geopackage,
         "undetermined", buildings_rejected("unreadable"), told=("建筑.gpkg", "GeoPackage")),
    Case("a dbf that is a link out of the folder", DEMOLITION, linked_part, "undetermined",
         buildings_rejected("link-leads-out"), told=("建筑.shp", "链接")),
    Case("a broken zip for a layer", DEMOLITION, broken_zip_for_a_layer, "undetermined",
         buildings_rejected("zip-broken"), told=("建筑.zip", "重新压缩")),
    Case("streets 30 km off", ROADS, far_streets, "undetermined", {("roads", "far-away", "rejected")},
         told=("道路中心线.shp", "29 公里", "20 公里")),
    Case("streets 19 km off", ROADS, streets_19_km_off, "fail", measured=0.0),
]  # fmt: skip


def with_raster(folder: Path, **raster: object) -> None:
    """Four cells of 2,000 persons each under the cluster."""
    clusters(folder)
    for path in folder.glob("人口.*"):
        path.unlink()
    values = raster.pop("values", np.full((2, 2), 2000.0))
    population_raster(folder / "人口.tif", values, **raster)  # type: ignore[arg-type]


def rotated(folder: Path) -> None:
    turn = Affine.translation(X, Y + 1000) * Affine.rotation(10) * Affine.scale(500, -500)
    with_raster(folder, transform=turn)


def sheared(folder: Path) -> None:
    with_raster(folder, transform=Affine(500, 20, X, 0, -500, Y + 1000))


def cut_raster(folder: Path) -> None:
    with_raster(folder, values=np.full((200, 200), 0.2), cell_m=5)
    cut(folder / "人口.tif", 4000)


def raster_beside_points(folder: Path) -> None:
    with_raster(folder)
    write(folder / "点.shp", [point(1, 1)], RK=[5])
    manifest(folder, "layers: {population: [人口.tif, 点.shp]}\n")


def two_rasters(folder: Path) -> None:
    with_raster(folder)
    population_raster(folder / "b.tif", np.full((2, 2), 1.0))
    manifest(folder, "layers: {population: [人口.tif, b.tif]}\n")


def points_and_polygons(folder: Path) -> None:
    clusters(folder)
    write(folder / "点.shp", [point(1, 1)], RK=[5])
    manifest(folder, "layers: {population: [{path: 人口.shp, units: {population: 人}}, 点.shp]}\n")


def raster_for_clusters(folder: Path) -> None:
    with_raster(folder)
    manifest(folder, "layers: {clusters: 人口.tif, population: 人口.tif}\n")


def text_for_raster(folder: Path) -> None:
    with_raster(folder)
    (folder / "人口.tif").write_text("no raster")


def negative_sentinel(folder: Path) -> None:
    """A cell of -9999 that no nodata tag declares: nobody knows how many live there."""
    with_raster(folder, values=np.array([[2000.0, 2000.0], [2000.0, -9999.0]]))


def missing_cells(folder: Path) -> None:
    """NaN is nodata: a quarter of the cluster without data puts the pass in doubt."""
    with_raster(folder, values=np.array([[2000.0, 2000.0], [2000.0, np.nan]]))


def missing_cells_are_empty(folder: Path) -> None:
    missing_cells(folder)
    manifest(folder, "layers: {population: {path: 人口.tif, nodata: 0}}\n")


def refused_raster(kind: str) -> set[tuple[str, str, str]]:
    """The one defect of a population raster that was set aside."""
    return {("population", kind, "rejected")}


OF_RASTERS = [
    Case("a raster as it should be", DENSITY, with_raster, "pass", measured=8000.0),
    Case("rotated raster", DENSITY, rotated, "undetermined", refused_raster("rotated-raster"),
         told=("人口.tif", "旋转", "重采样")),
    Case("sheared raster", DENSITY, sheared, "undetermined", refused_raster("rotated-raster"), told=("人口.tif",)),
    Case("three bands", DENSITY, lambda folder: with_raster(folder, bands=3), "undetermined",
         refused_raster("several-bands"), told=("人口.tif", "3 个波段", "单波段")),
    Case("complex numbers", DENSITY, lambda folder: with_raster(folder, values=np.full((2, 2), 1 + 1j)),
         "undetermined", refused_raster("complex-raster"), told=("人口.tif", "复数")),
    Case("a map of the moon", DENSITY, lambda folder: with_raster(folder, crs="IAU_2015:30100", cell_m=0.001),
         "undetermined", refused_raster("other-body"), told=("人口.tif", "地球")),
    Case("a raster without CRS", DENSITY, lambda folder: with_raster(folder, crs=None), "undetermined",
         refused_raster("no-crs"), told=("人口.tif", "crs:")),
    Case("a raster cut short", DENSITY, cut_raster, "undetermined", refused_raster("unreadable"),
         told=("人口.tif", "重新导出")),
    Case("a text called tif", DENSITY, text_for_raster, "undetermined", refused_raster("unreadable"),
         told=("人口.tif", "GeoTIFF")),
    Case("a raster 50 km off", DENSITY,
         lambda folder: with_raster(folder, transform=Affine(500, 0, X + 51_000, 0, -500, Y + 1000)),
         "undetermined", refused_raster("far-away"), told=("人口.tif", "50 公里")),
    Case("a raster on an old datum", DENSITY, lambda folder: with_raster(folder, crs="EPSG:2383"), "undetermined",
         refused_raster("mixed-datum"), told=("人口.tif", "EPSG:2383", "CGCS2000")),
    Case("two rasters for one role", DENSITY, two_rasters, "undetermined", refused_raster("several-rasters"),
         told=("人口.tif", "b.tif")),
    Case("a raster and points for one role", DENSITY, raster_beside_points, "undetermined",
         refused_raster("several-rasters"), told=("人口.tif", "点.shp")),
    Case("points and polygons for one role", DENSITY, points_and_polygons, "undetermined",
         refused_raster("wrong-geometry"), told=("人口.shp", "点.shp")),
    Case("a raster for clusters", DENSITY, raster_for_clusters, "undetermined",
         {("clusters", "wrong-geometry", "rejected")}, told=("人口.tif", "栅格", "面")),
    Case("a sentinel in a raster", DENSITY, negative_sentinel, "undetermined", bounds=(0.0, None)),
    Case("NaN in a raster", DENSITY, missing_cells, "undetermined", measured=6000.0, told=("25%", "nodata: 0")),
    Case("NaN in a raster that says nobody lives there", DENSITY, missing_cells_are_empty, "pass", measured=6000.0),
]  # fmt: skip


@pytest.mark.parametrize("case", OF_RENEWAL, ids=ids(OF_RENEWAL))
def test_layers_that_cannot_be_trusted(case: Case, tmp_path: Path) -> None:
    case.hold(tmp_path / "place")


@pytest.mark.parametrize("case", OF_RASTERS, ids=ids(OF_RASTERS))
def test_rasters_that_cannot_be_trusted(case: Case, tmp_path: Path) -> None:
    case.hold(tmp_path / "place")


def test_a_layer_that_one_rule_does_not_need_does_not_stop_it(tmp_path: Path) -> None:
    """Damaged streets leave the renewal unit as it is."""
    folder = tmp_path / "place"
    renewal(folder)
    (folder / "道路中心线.shp").write_bytes(b"no")
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))
    assert found.defects == {("roads", "unreadable", "rejected")}


def test_parks_that_cannot_be_read_do_not_leave_the_word_to_parcels(tmp_path: Path) -> None:
    """What stands in the park layer is not known: parcels classed park must not take its place."""
    folder = tmp_path / "place"
    write(folder / "建成区.shp", [AREA])
    write(folder / "用地.shp", [box(0, 0, 100, 100), box(120, 0, 300, 100)], YDYHFLDM=["0701", "1401"])
    assert outcome(folder, "park-service-coverage").verdict in ("pass", "undetermined")
    (folder / "公园绿地.shp").write_bytes(b"no")
    found = outcome(folder, "park-service-coverage")
    assert found.verdict == "undetermined"
    assert "公园绿地.shp" in found.finding.reason.zh
