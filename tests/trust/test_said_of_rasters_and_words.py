"""What manifests, names and files beside say of a raster, and own words for values: read as said, or never a pass."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine, from_origin

from urbanform.errors import SubmissionError
from urbanform.model.finding import Finding
from urbanform.review import Options, Progress, reviewed

X, Y = 500_000.0, 3_900_000.0
HEAD = """kind: [city, renewal]
rules: henan
as_of: 2031
place: {province: 河南省, city: 鹤壁市, city_level: prefecture}
"""
DENSITY, PERMEABLE, COMPLETE = "cluster-population-density", "permeable-surface-share", "complete-community-coverage"
NORTH_UP = from_origin(X - 500, Y + 4500, 100, 100)


def vector(path: Path, shapes: list[shapely.Geometry], **columns: object) -> None:
    """A layer in metres."""
    gpd.GeoDataFrame(columns or {"id": ["1"]}, geometry=shapes, crs="EPSG:4547").to_file(path, encoding="UTF-8")


def raster(path: Path, cells: np.ndarray, transform: Affine = NORTH_UP, unit: str | None = None, **how: object) -> None:
    """A raster of one band."""
    height, width = cells.shape
    with rasterio.open(path, "w", "GTiff", width, height, 1, "EPSG:4547", transform, cells.dtype, **how) as dataset:
        dataset.write(cells, 1)
        if unit is not None:
            dataset.units = (unit,)


def persons(folder: Path, value: float, name: str = "人口.tif", **how: object) -> None:
    """A cluster of 16 km², and cells of a hectare with so many persons each: 100 times the value to the km²."""
    vector(folder / "组团.shp", [shapely.box(X, Y, X + 4000, Y + 4000)])
    raster(folder / name, np.full((50, 50), value, "float32"), **how)


def covered(folder: Path, code: int = 10, transform: Affine | None = None) -> None:
    """A built-up area of 4 km² on land cover of one code."""
    vector(folder / "建成区.shp", [shapely.box(X, Y, X + 2000, Y + 2000)])
    raster(
        folder / "土地覆盖.tif", np.full((300, 300), code, "uint8"), transform or from_origin(X - 500, Y + 2500, 10, 10)
    )


def mapped(own: str) -> str:
    """A manifest with own words for whether a community is complete."""
    entry = "{path: 居住社区.gpkg, fields: {complete: dabiao}, map: {complete: " + own + "}}"
    return HEAD + "layers: {communities: " + entry + "}\n"


def communities(folder: Path, values: list[object], column: str = "dabiao") -> None:
    """Ten communities."""
    boxes = [shapely.box(X + n * 100, Y, X + n * 100 + 90, Y + 90) for n in range(10)]
    vector(folder / "居住社区.gpkg", boxes, **{column: values})


def houses(folder: Path, **columns: object) -> None:
    """A renewal unit and ten equal houses of six storeys in it."""
    vector(folder / "更新单元.shp", [shapely.box(X, Y, X + 500, Y + 500)])
    boxes = [shapely.box(X + 20 + 40 * n, Y + 20, X + 40 + 40 * n, Y + 40) for n in range(10)]
    vector(folder / "建筑.gpkg", boxes, storeys=[6] * 10, **columns)


def found(folder: Path, rule: str, told: str | bytes = HEAD) -> Finding:
    """The finding of one rule."""
    (folder / "submission.yaml").write_bytes(told if isinstance(told, bytes) else told.encode())
    with reviewed(folder, Options(only=(rule,)), Progress()) as assessment:
        return assessment.findings[0]


def refused(folder: Path, rule: str, told: str) -> str:
    """What is said of a manifest that is refused."""
    with pytest.raises(SubmissionError) as error:
        found(folder, rule, told)
    return " ".join(fault.zh for fault in error.value.faults)


def population(said: str) -> str:
    """A manifest that says something of the population raster."""
    return HEAD + "layers: {population: {path: 人口.tif, " + said + "}}\n"


@pytest.mark.parametrize(
    ("name", "unit", "said", "density"),
    [
        ("人口.tif", None, None, 200),
        ("人口.tif", None, "units: {population: 人}", 200),
        ("人口.tif", None, "units: {population: 万人}", 2_000_000),
        ("人口.tif", "people", None, 200),
        ("人口.tif", "persons/cell", None, 200),
        ("人口.tif", "万人", None, 2_000_000),
        ("人口.tif", "万人", "units: {population: 人}", 200),
        ("人口（万人）.tif", None, None, 2_000_000),
        ("人口_万.tif", None, None, 2_000_000),
        ("万州人口.tif", None, None, 200),
        ("人口密度.tif", None, None, None),
        ("population_density.tif", None, None, None),
        ("chn_pd_2020_人口.tif", None, None, None),
        ("人口.tif", "people/km2", None, None),
        ("人口.tif", "万人/平方公里", None, None),
        ("人口.tif", "kg", None, None),
    ],
)
def test_population_is_in_the_unit_that_somebody_says(
    tmp_path: Path, name: str, unit: str | None, said: str | None, density: float | None
) -> None:
    persons(tmp_path, 2, name, unit=unit)
    finding = found(tmp_path, DENSITY, HEAD if said is None else population(said))
    assert finding.measured == pytest.approx(density)
    assert finding.verdict == ("undetermined" if density is None else "pass" if density == 200 else "fail")


@pytest.mark.parametrize(
    "said",
    [
        "fields: {population: RK}", "defaults: {population: 9}", "where: {a: 1}", "map: {population: {a: b}}",
        "encoding: GBK",
    ],
)  # fmt: skip
def test_keys_that_do_nothing_to_a_raster_are_not_swallowed(tmp_path: Path, said: str) -> None:
    persons(tmp_path, 2)
    finding = found(tmp_path, DENSITY, population(said))
    assert finding.verdict == "undetermined"
    assert said.partition(":")[0] in finding.reason.zh


def test_neither_are_figures_for_it(tmp_path: Path) -> None:
    persons(tmp_path, 2)
    assert found(tmp_path, DENSITY, HEAD + "values: {population: {population: 5}}\n").verdict == "undetermined"


@pytest.mark.parametrize("said", ["nodata: false", "nodata: true", "nodata: 1", "classes: worldcover"])
def test_what_is_no_word_of_nodata_is_refused(tmp_path: Path, said: str) -> None:
    persons(tmp_path, 2)
    assert said.partition(":")[0] in refused(tmp_path, DENSITY, population(said))


@pytest.mark.parametrize(
    "classes",
    [
        "{permeable: [10, 50], impermeable: [50]}", "{permeable: [10, 50], unknown: [50]}", "{permeable: [true]}",
        "{permeable: [[10]]}", "{permeable: x}",
    ],
)  # fmt: skip
def test_a_code_stands_in_one_class(tmp_path: Path, classes: str) -> None:
    covered(tmp_path, 50)
    told = refused(tmp_path, PERMEABLE, HEAD + f"layers: {{land_cover: {{path: 土地覆盖.tif, classes: {classes}}}}}\n")
    assert "classes" in told
    assert not re.search(r"Input should|literal\[", told)


def test_land_cover_has_no_nodata_of_its_own(tmp_path: Path) -> None:
    covered(tmp_path)
    assert "nodata" in refused(tmp_path, PERMEABLE, HEAD + "layers: {land_cover: {path: 土地覆盖.tif, nodata: 0}}\n")


@pytest.mark.parametrize("across", [1, -1])
@pytest.mark.parametrize("down", [1, -1])
def test_a_mirrored_raster_is_set_aside(tmp_path: Path, across: int, down: int) -> None:
    west, north = (X - 500 if across == 1 else X + 4500), (Y + 4500 if down == 1 else Y - 500)
    persons(tmp_path, 50, transform=Affine(100 * across, 0, west, 0, -100 * down, north))
    covered(
        tmp_path,
        10,
        Affine(10 * across, 0, X - 500 if across == 1 else X + 2500, 0, -10 * down, Y + 2500 if down == 1 else Y - 500),
    )
    told = HEAD + "layers: {land_cover: {path: 土地覆盖.tif, classes: {permeable: [10], impermeable: [50]}}}\n"
    for rule, measured in ((DENSITY, 5000), (PERMEABLE, 100)):
        finding = found(tmp_path, rule, told)
        if (across, down) == (1, 1):
            assert finding.measured == pytest.approx(measured)
        else:
            assert finding.verdict == "undetermined"
            assert "颠倒" in finding.reason.zh


def test_of_negative_cells_nobody_is_asked_to_fill_in_a_field(tmp_path: Path) -> None:
    persons(tmp_path, -9999)
    finding = found(tmp_path, DENSITY)
    assert finding.verdict == "undetermined"
    assert "nodata" in finding.reason.zh


def test_a_raster_damaged_in_its_middle_is_told_as_such(tmp_path: Path) -> None:
    vector(tmp_path / "组团.shp", [shapely.box(X, Y, X + 4000, Y + 4000)])
    cells = np.random.default_rng(1).integers(40, 60, (512, 512)).astype("uint8")
    how = {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate"}
    raster(tmp_path / "人口.tif", cells, from_origin(X - 500, Y + 4500, 10, 10), **how)
    data = bytearray((tmp_path / "人口.tif").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(range(200))
    (tmp_path / "人口.tif").write_bytes(data)
    finding = found(tmp_path, DENSITY)
    assert (finding.verdict, finding.reason.code) == ("undetermined", "raster-broken-inside")
    assert "人口.tif" in finding.reason.zh


SCALED = "<PAMDataset><PAMRasterBand band='1'><Offset>0</Offset><Scale>0.001</Scale></PAMRasterBand></PAMDataset>"


def half_written(path: Path, value: float, kind: str, blocks: bool, **how: object) -> None:
    """5 × 5 km in cells of 10 m, of which the northern 2.56 km were never written."""
    shape = {"tiled": True, "blockxsize": 256, "blockysize": 256} if blocks else {"blockysize": 1}
    transform = from_origin(X - 500, Y + 4500, 10, 10)
    with rasterio.open(
        path, "w", "GTiff", 500, 500, 1, "EPSG:4547", transform, kind, SPARSE_OK=True, **shape, **how
    ) as dataset:
        dataset.write(np.full((244, 500), value, kind), 1, window=rasterio.windows.Window(0, 256, 500, 244))


@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize(
    ("said", "how", "verdict", "density"),
    [
        ("units: {population: 人}", {}, "undetermined", None),
        # Of 4 km from south to north 1.94 are written: 194 / 400 of 200 / ha.
        ("nodata: 0", {}, "pass", 9700),
        ("units: {population: 人}", {"nodata": -1}, "undetermined", 9700),
    ],
)
def test_blocks_that_were_never_written_are_not_empty_ground(
    tmp_path: Path, blocks: bool, said: str, how: dict[str, object], verdict: str, density: float | None
) -> None:
    vector(tmp_path / "组团.shp", [shapely.box(X, Y, X + 4000, Y + 4000)])
    half_written(tmp_path / "人口.tif", 2, "float32", blocks, **how)
    finding = found(tmp_path, DENSITY, population(said))
    assert (finding.verdict, finding.measured) == (verdict, pytest.approx(density))
    if density is None:
        assert "nodata: 0" in finding.reason.zh


def test_blocks_that_were_never_written_are_of_no_class(tmp_path: Path) -> None:
    vector(tmp_path / "建成区.shp", [shapely.box(X, Y, X + 4000, Y + 4000)])
    half_written(tmp_path / "土地覆盖.tif", 2, "uint8", True)
    classes = "layers: {land_cover: {path: 土地覆盖.tif, classes: {permeable: [0], impermeable: [2], unknown: [9]}}}"
    finding = found(tmp_path, PERMEABLE, HEAD + classes)
    assert finding.verdict == "undetermined"
    assert "从未写入" in finding.reason.zh


def test_a_file_beside_a_raster_counts_among_its_bytes(tmp_path: Path) -> None:
    persons(tmp_path, 500)
    digests = []
    for beside in ("", "人口.tif.aux.xml", "人口.tif.AUX.XML", "人口.tfw"):
        if beside:
            (tmp_path / beside).write_text(f"<!-- {beside} -->", encoding="utf-8")
        with reviewed(tmp_path, Options(rules="henan", only=(DENSITY,)), Progress()) as assessment:
            digests += [item.sha256 for item in assessment.submission.inputs if item.role == "population"]
    assert len(set(digests)) == 4


@pytest.mark.parametrize("beside", ["人口.tif.aux.xml", "人口.tfw", "人口.tif.msk", "人口.prj"])
def test_a_link_beside_a_raster_may_not_lead_out(tmp_path: Path, beside: str) -> None:
    inside, outside = tmp_path / "a", tmp_path / "b"
    inside.mkdir()
    outside.write_text(SCALED, encoding="utf-8")
    persons(inside, 500)
    assert found(inside, DENSITY).measured == pytest.approx(50_000)
    (inside / beside).symlink_to(outside)
    finding = found(inside, DENSITY)
    assert finding.verdict == "undetermined"


@pytest.mark.parametrize(
    ("values", "own"),
    [
        ([1] * 10, "{1: false, 2: true}"),
        ([1.0] * 10, "{1: false, 2: true}"),
        ([1] * 10, "{1.0: false, 2.0: true}"),
        ([1.0] * 10, "{1.0: false, 2.0: true}"),
        ([1] * 10, "{01: false, 02: true}"),
        ([True] * 10, "{true: false, false: true}"),
        ([True] * 10, "{True: false, False: true}"),
        ([True] * 10, "{是: false, 否: true}"),
        (["是"] * 10, "{是: false, 否: true}"),
        (["1"] * 10, '{"1": false}'),
    ],
)
def test_own_words_are_found_by_value(tmp_path: Path, values: list[object], own: str) -> None:
    communities(tmp_path, values)
    finding = found(tmp_path, COMPLETE, mapped(own))
    assert (finding.verdict, finding.measured) == ("fail", 0)


@pytest.mark.parametrize(
    "own", ["{1: [false]}", "{1: {x: false}}", "{1: wibble}", '{1: false, "1": true}', "{<<: {1: true}}"]
)
def test_own_words_that_are_none_are_refused(tmp_path: Path, own: str) -> None:
    communities(tmp_path, [1] * 10)
    assert "submission.yaml" in refused(tmp_path, COMPLETE, mapped(own))


def test_two_own_words_for_one_number_are_no_pass(tmp_path: Path) -> None:
    """001 and 01 are both the number 1, and say different things."""
    communities(tmp_path, [1] * 10)
    own = "{'01': true, '001': false}"
    assert found(tmp_path, COMPLETE, mapped(own)).verdict != "pass"


OWN_ACTIONS = (
    'name: "徐乗"\n'
    + HEAD
    + "layers:\n  buildings:\n    path: 建筑.gpkg\n    map: {action: {保留: demolish, 拆除: retain}}\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_manifest_says_the_same_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    houses(tmp_path, action=["保留"] * 9 + ["拆除"])
    finding = found(tmp_path, "demolition-share", OWN_ACTIONS.encode(encoding))
    assert finding.measured == pytest.approx(90)


def test_where_compares_long_numbers_to_the_last_digit(tmp_path: Path) -> None:
    """Past 2⁵³ neighbours are one to floating point: of ten houses the one that is demolished is chosen."""
    houses(tmp_path, action=["拆除"] + ["保留"] * 9, w=np.arange(10) + 410_621_001_001_000_017)
    told = HEAD + "layers: {buildings: {path: 建筑.gpkg, where: {w: 410621001001000017}}}\n"
    assert found(tmp_path, "demolition-share", told).measured == pytest.approx(100)


@pytest.mark.parametrize("where", ["{action: {a: 1}}", "{action: [[拆除]]}", "{action: [{a: 1}]}"])
def test_where_takes_words_alone(tmp_path: Path, where: str) -> None:
    houses(tmp_path, action=["拆除"] * 10)
    told = refused(tmp_path, "demolition-share", HEAD + f"layers: {{buildings: {{path: 建筑.gpkg, where: {where}}}}}\n")
    assert "where.action" in told


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        ("prefecture", "fail"), ("地级市", "fail"), ("Prefecture", "fail"), ("prefecture-level city", "fail"),
        ('" prefecture "', "fail"), ("municipality", "fail"), ("直辖市", "fail"), ("sub-provincial", "fail"),
        ("county", "not-applicable"), ("县级市", "not-applicable"), ("county-level", "not-applicable"),
        ("municiple", "undetermined"), ('""', "undetermined"), ("州", "undetermined"),
    ],
)  # fmt: skip
def test_a_level_that_nobody_knows_drops_no_rule(tmp_path: Path, level: str, verdict: str) -> None:
    communities(tmp_path, ["否"] * 10, "complete")
    assert found(tmp_path, COMPLETE, HEAD.replace("prefecture", level)).verdict == verdict


def test_a_figure_of_the_manifest_over_another_of_the_layer_is_told(tmp_path: Path) -> None:
    vector(tmp_path / "组团.shp", [shapely.box(X, Y, X + 1000, Y + 1000)], 人口=[9000.0])
    told = HEAD + "layers: {clusters: {path: 组团.shp, units: {population: 人}}}\n"
    told += "values: {clusters: {population: 8000}}\n"
    (tmp_path / "submission.yaml").write_text(told, encoding="utf-8")
    with reviewed(tmp_path, Options(only=(DENSITY,)), Progress()) as assessment:
        assert assessment.findings[0].measured == pytest.approx(8000)
        (defect,) = [item for item in assessment.submission.defects if item.kind == "values-over-own"]
    assert "9000" in defect.message.zh
    assert "8000" in defect.message.zh


def test_what_is_declared_not_to_exist_leaves_the_other_way_to_measure(tmp_path: Path) -> None:
    persons(tmp_path, 50)
    covered(tmp_path)
    told = HEAD + "layers: {land_cover: {path: 土地覆盖.tif, classes: {permeable: [10], impermeable: [50]}}}\n"
    for rule, measured in (("cluster-peak-density", 5000), (PERMEABLE, 100)):
        assert found(tmp_path, rule, told).measured == pytest.approx(measured)
        assert found(tmp_path, rule, told + "none: [sub_areas, surfaces]\n").measured == pytest.approx(measured)


READERS: list[Callable[[Path], None]] = [lambda folder: persons(folder, 2), covered]


@pytest.mark.parametrize("build", READERS)
def test_faults_are_told_without_the_names_of_types(tmp_path: Path, build: Callable[[Path], None]) -> None:
    build(tmp_path)
    told = refused(tmp_path, DENSITY, "kind: [x]\nas_of: 1200\nrules: henan\nlayers: {roads: {path: ''}}\n")
    assert not re.search(r"\w\[|Input|String", told)
