"""``submission.yaml``: every key, words as written, every error with its line and the nearest key."""

from pathlib import Path

import pytest

from urbanform.errors import SubmissionError
from urbanform.intake.manifest import Manifest, read_manifest
from urbanform.model.rules import Kind
from urbanform.model.submission import Stage


def read(tmp_path: Path, text: str) -> Manifest:
    """The manifest of a text."""
    path = tmp_path / "submission.yaml"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path)


def fault(tmp_path: Path, text: str) -> str:
    """The message of a text that holds a fault."""
    with pytest.raises(SubmissionError) as caught:
        read(tmp_path, text)
    return str(caught.value)


def test_every_key(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """\
name: 三期
kind: [renewal, city]
rules: hebi
as_of: 2026
stage: existing
place: {province: 河南省, city: 鹤壁市, county: 浚县, main_function: agricultural, solar_rich: true}
crs: EPSG:4547
none: [plazas]
values: {built_up_area: {population: 213000}}
layers:
  buildings:
    - {path: 现状/建筑.shp, encoding: GBK, fields: {storeys: CS}, defaults: {action: retain}}
    - {path: 规划/建筑.shp, defaults: {action: new}}
  roads: data.gpkg#road_centerlines
  clusters:
    path: 组团.shp
    units: {population: 万人}
    join: {path: 人口.xlsx, sheet: 人口, on: {ZTMC: 组团名称}, take: {population: 常住人口}}
  parks: {path: plan.geojson, crs: 4547, where: {type: [7, 8], existence: true, code: 0701}}
  footpaths: {path: paths.gpkg, map: {status: {建成: existing, 0701: planned}}}
  population: {path: pop.tif, nodata: 0}
  land_cover: {path: lc.tif, classes: {permeable: [10, 20], impermeable: [50]}}
""",
    )
    assert (found.name, found.kinds, found.rules, found.as_of) == ("三期", (Kind.RENEWAL, Kind.CITY), "hebi", 2026)
    assert (found.stage, found.place.county, found.place.solar_rich) == (Stage.EXISTING, "浚县", True)
    assert found.none == {"plazas"}
    assert [entry.path for entry in found.layers["buildings"]] == ["现状/建筑.shp", "规划/建筑.shp"]
    (roads,) = found.layers["roads"]
    assert (roads.path, roads.layer) == ("data.gpkg", "road_centerlines")
    (parks,) = found.layers["parks"]
    assert parks.where == {"type": ("7", "8"), "existence": ("true",), "code": ("0701",)}
    assert parks.crs == "4547"
    (paths,) = found.layers["footpaths"]
    assert paths.mapping == {"status": {"建成": "existing", "0701": "planned"}}
    (population,) = found.layers["population"]
    assert population.nodata_is_zero
    (clusters,) = found.layers["clusters"]
    assert clusters.join is not None
    assert clusters.join.take == {"population": "常住人口"}


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("name: x\nkinds: city\n", 2, "kind"),
        ("kind: citty\n", 1, "city"),
        ("layers:\n  builidngs: a.shp\n", 2, "buildings"),
        ("layers:\n  buildings: {path: a.shp, field: {storeys: CS}}\n", 2, "fields"),
        ("layers:\n  buildings:\n    path: a.shp\n    fields:\n      storey: CS\n", 5, "storeys"),
        ("layers:\n  roads: {path: a.shp, map: {status: {建成: exists}}}\n", 2, "existing"),
        ("layers:\n  clusters: {path: a.shp, units: {population: 万}}\n", 2, "万人"),
        ("name: x\nnone:\n  - plazas\n  - buildings\n", 4, "none"),
        ("none: [plaza]\n", 1, "plazas"),
        ("name: x\nlayers:\n  roads: {}\n", 3, "path"),
        ("place:\n  province: 河南省\n  main_function: farm\n", 3, "agricultural"),
        ("none: [plazas]\nlayers:\n  plazas: a.shp\n", 3, "none"),
        ("name: x\nname: y\n", 2, "name"),
        ("name: [x\n", 1, "YAML"),
        ("values: {built_up_area: {persons: 3}}\n", 1, "population"),
    ],
)
def test_errors_name_their_line_and_the_nearest_word(tmp_path: Path, text: str, line: int, hint: str) -> None:
    told = fault(tmp_path, text)
    assert hint in told
    assert f"第 {line} 行" in told or "YAML" in told


def test_aliases_are_refused(tmp_path: Path) -> None:
    assert "别名" in fault(tmp_path, "place: &p {city: x}\nname: *p\n")


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Manifest(file="submission.yaml")


def test_tags_that_make_objects_are_refused(tmp_path: Path) -> None:
    assert "!evil" in fault(tmp_path, "name: !evil x\n")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("layers: {公园: a.shp}", "parks"),
        ("layers: {park: a.shp}", "parks"),
        ("none: [高度控制区]", "height_zones"),
        ("values: {主城区: {population: 3}}", "main_urban_area"),
        ("values: {main_urban_area: {人口: 3}}", "population"),
        ("layers: {buildings: {path: a.shp, fields: {层数: CS}}}", "storeys"),
        ("layers: {buildings: {path: a.shp, map: {用途: {a: office}}}}", "use"),
        ("layers: {buildings: {path: a.shp, fields: {storey: CS}}}", "storeys"),
    ],
)
def test_a_word_in_place_of_a_role_or_field_is_answered_with_the_one_that_it_means(
    tmp_path: Path, text: str, meant: str
) -> None:
    assert f"是否应为“{meant}”" in fault(tmp_path, text)


def test_a_truth_value_is_no_coordinate_system(tmp_path: Path) -> None:
    assert "读不懂坐标系“true”" in fault(tmp_path, "crs: true")
