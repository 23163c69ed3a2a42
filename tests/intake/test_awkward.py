"""What a bureau hands in without a word: layers known by their usual names, the manifest that ``init`` drafts of them,
what ``inspect`` shows, and files that are damaged anywhere."""

import contextlib
import json
import random
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len

from intake.awkward import (
    AREA,
    DEMOLITION,
    HOUSES,
    ROADS,
    STREETS,
    UNIT,
    digest,
    house,
    manifest,
    outcome,
    population_raster,
    renewal,
    run,
    write,
)
from places import box, line, point
from urbanform.errors import UrbanformError

CITY = {
    "主城区": ("main_urban_area", [AREA], {"MC": ["甲城"]}),
    "组团": ("clusters", [AREA], {"ZTMC": ["东组团"], "常住人口": [8000]}),
    "用地": ("parcels", [box(0, 0, 100, 100)], {"YDYHFLDM": ["0701"]}),
    "建筑": ("buildings", HOUSES, {"层数": [2, 8], "改造方式": ["拆除", "保留"]}),
    "道路中心线": ("roads", STREETS, {"道路等级": ["支路"] * 9}),
    "公园绿地": ("parks", [box(200, 200, 300, 300)], {"名称": ["人民公园"]}),
    "生态廊道": ("corridors", [box(1100, 0, 1250, 1000)], {"名称": ["东廊道"]}),
    "水体": ("water", [box(400, 400, 500, 500)], {"名称": ["淇河"]}),
    "更新单元": ("renewal_units", [UNIT], {"名称": ["甲"]}),
    "绿道": ("greenways", [line((0, 5), (900, 5))], {"名称": ["滨河绿道"]}),
}
NAMES = {
    "main_urban_area": ["ZCQ", "中心城区范围", "主城区范围2023", "main_urban_area"],
    "built_up_area": ["JCQ", "CSJCQ", "城市建成区", "建成区边界"],
    "county_seat": ["县城范围", "XCFW", "浚县县城建成区"],
    "clusters": ["ZT", "组团划分", "城市组团"],
    "renewal_units": ["GXDY", "CSGXDY", "更新单元范围", "城市更新片区", "XZ_GXDY"],
    "heritage_zones": ["LSWHBHX", "历史文化街区", "城市紫线"],
    "parcels": ["建成区用地", "更新单元用地",
                "DLTB", "用地现状图", "规划用地", "GHYDYH", "YD", "XZYD", "土地利用现状2022", "GH_YD"],
    "buildings": ["主城区建筑", "JZ", "JZW", "FW", "建筑基底", "现状建筑", "规划建筑",
                  "XZJZ", "GHJZ", "XZ_JZ", "GH-JZ", "房屋面",
                  "buildings_2023", "建筑（现状）", "2023建筑"],
    "roads": ["DLZX", "道路中心线_规划", "BKJ_DLZX_LN", "GHDLZX", "XZDLZX", "路网", "road_centerlines", "GH_DLZX"],
    "road_surfaces": ["道路红线面", "DLHX"],
    "parks": ["GYLD", "公园", "parks", "XZ_GYLD"],
    "green_spaces": ["建成区绿地", "绿线", "绿地现状"],
    "water": ["水系", "蓝线", "河流面"],
    "corridors": ["STLD", "通风廊道", "绿楔"],
    "plazas": ["广场面", "GC", "城市广场"],
    "greenways": ["绿道规划", "greenway"],
    "footpaths": ["人行道", "步行系统", "慢行网络"],
    "facilities": ["公共服务设施", "poi", "配套设施点"],
    "villages": ["村庄", "行政村边界", "ZRC"],
    "hazard_zones": ["地质灾害风险区", "洪涝风险控制线", "HLFXKZX"],
    "population": ["人口格网", "常住人口分布", "RK"],
}  # fmt: skip
SHAPES = {
    "line": [line((0, 0), (100, 0))],
    "polygon": [box(0, 0, 100, 100)],
    "point": [point(5, 5)],
}


def roles_of(folder: Path) -> dict[str, str | None]:
    """Role of each layer, as ``inspect`` tells it."""
    before = digest(folder)
    status, told = run("inspect", folder, "--json")
    assert status == 0
    assert digest(folder) == before
    return {layer["path"]: layer["role"] for layer in json.loads(told)["layers"]}


def usual(folder: Path) -> Path:
    for name, (_, shapes, columns) in CITY.items():
        write(folder / f"{name}.shp", shapes, **columns)
    return folder


def test_ten_layers_in_gbk_with_usual_names_need_no_manifest(tmp_path: Path) -> None:
    folder = usual(tmp_path / "place")
    for path in folder.glob("*.cpg"):
        path.unlink()
    status, told = run("inspect", folder, "--json", "--rules", "hebi")
    assert status == 0
    found = json.loads(told)
    assert {layer["path"]: layer["role"] for layer in found["layers"]} == {
        f"{name}.shp": role for name, (role, *_) in CITY.items()
    }
    assert all(layer["accepted"] for layer in found["layers"])
    # Texts in Latin letters alone are the same in either.
    encodings = {layer["path"]: layer["encoding"] for layer in found["layers"]}
    assert encodings.pop("用地.shp") == "UTF-8"
    assert set(encodings.values()) == {"GBK"}
    assert {defect["kind"] for defect in found["defects"]} <= {"encoding-guessed"}
    fields = {layer["path"]: layer["fields"] for layer in found["layers"]}
    assert fields["建筑.shp"] == {"storeys": "层数", "action": "改造方式"}
    assert fields["组团.shp"] == {"name": "ZTMC", "population": "常住人口"}
    assert fields["道路中心线.shp"] == {"class": "道路等级"}
    assert fields["用地.shp"] == {"land_use": "YDYHFLDM"}


def test_usual_names(tmp_path: Path) -> None:
    """Pinyin initials, prefixes of existing and planned, years, brackets: each alone in its folder."""
    lines = {"roads", "greenways", "footpaths"}
    points = {"facilities"}
    for role, names in NAMES.items():
        kind = "line" if role in lines else "point" if role in points else "polygon"
        for number, name in enumerate(names):
            write(tmp_path / role / str(number) / f"{name}.geojson", SHAPES[kind], X=[1])
    wrong = []
    from urbanform.intake.find import find_sources
    from urbanform.intake.recognise import recognise

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for role, names in NAMES.items():
        for number, name in enumerate(names):
            (source,) = find_sources(tmp_path / role / str(number), scratch).sources
            seen = recognise(source)
            if seen.role != role:
                wrong.append((name, role, seen.role, seen.torn))
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("parking", "polygon"),
        ("停车场", "polygon"),
        ("broadway", "line"),
        ("公园服务半径", "polygon"),
        ("道路中心线缓冲区", "polygon"),
        ("XZQ", "polygon"),
        ("城镇开发边界", "polygon"),
        ("道路边线", "line"),
        ("河流中心线", "line"),
        ("主城区道路", "polygon"),
        ("老城区范围", "polygon"),
        ("生态红线", "polygon"),
        ("建筑密度分区", "polygon"),
        ("等高线", "line"),
        ("图层1", "polygon"),
        ("New_Shapefile", "polygon"),
    ],
)
def test_names_that_say_nothing_are_not_guessed(name: str, kind: str, tmp_path: Path) -> None:
    write(tmp_path / "place" / f"{name}.shp", SHAPES[kind], X=[1])
    assert roles_of(tmp_path / "place") == {f"{name}.shp": None}


def test_red_lines_drawn_as_lines_are_neither_roads_nor_their_surfaces(tmp_path: Path) -> None:
    """The edges of a street would count it twice; the name says surfaces, which lines are not."""
    folder = tmp_path / "place"
    write(folder / "主城区.shp", [AREA])
    write(folder / "道路" / "道路红线.shp", STREETS, DLDJ=["支路"] * 9)
    found = outcome(folder, ROADS)
    assert found.verdict == "undetermined"
    assert roles_of(folder)["道路/道路红线.shp"] == "road_surfaces"


def test_folders_of_existing_and_planned_layers(tmp_path: Path) -> None:
    """Two candidates for a role are told, and ``init`` drafts them as a list, which check takes as it is."""
    folder = tmp_path / "place"
    write(folder / "更新单元.shp", [UNIT])
    write(folder / "现状" / "JZ.shp", HOUSES, CS=[2, 8], GZFS=["拆除", "保留"])
    write(folder / "规划" / "JZ.shp", [house(2)], CS=[50])
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"
    assert found.defects == {("buildings", "several-candidates", "rejected")}
    assert run("init", folder)[0] == 0
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))


def test_init_drafts_what_check_takes(tmp_path: Path) -> None:
    """Of ten layers, one that nobody knows, one unreadable, one without CRS and a table, only one file comes about."""
    folder = usual(tmp_path / "place")
    write(folder / "图层1.shp", [AREA], X=[1])
    (folder / "广场.shp").write_bytes(b"no")
    write(folder / "x.geojson", [AREA])
    (folder / "说明.txt").write_text("x")
    before = digest(folder)
    assert run("init", folder)[0] == 0
    after = digest(folder)
    assert {path: seen for path, seen in after.items() if path in before} == before
    assert [Path(path).name for path in after.keys() - before.keys()] == ["submission.yaml"]
    text = (folder / "submission.yaml").read_text(encoding="utf-8")
    for name, (role, *_) in CITY.items():
        assert f"\n  {role}: {name}.shp\n" in text
    assert "图层1.shp" in text
    assert "广场.shp" in text
    found = outcome(folder, DEMOLITION)
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))
    assert run("check", folder, "--rules", "henan", "--out", tmp_path / "out")[0] in (0, 1, 3)


def test_init_proposes_a_crs_for_layers_that_carry_none(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    for path in folder.glob("*.prj"):
        path.unlink()
    assert run("init", folder)[0] == 0
    text = (folder / "submission.yaml").read_text(encoding="utf-8")
    assert "\n# crs: EPSG:4547" in text
    manifest(folder, text.replace("# crs:", "crs:"))
    assert outcome(folder, DEMOLITION).verdict == "pass"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_inspect_fits_into_140_columns(language: str, tmp_path: Path) -> None:
    folder = usual(tmp_path / "place")
    many = {f"FIELD_{n}": [1] for n in range(40)}
    write(folder / ("很长的图层名称" * 8 + ".gpkg"), [AREA], **many)
    (folder / "广场.shp").write_bytes(b"no")
    (folder / "图.dwg").write_bytes(b"no")
    population_raster(folder / "人口.tif", [[1.0]])
    status, told = run("inspect", folder, "--rules", "henan", "--lang", language)
    assert status == 0
    assert max(cell_len(text) for text in told.splitlines()) <= 140
    for word in ("建筑.shp", "buildings", "EPSG:4547", "storeys=层数", "广场.shp", "图.dwg"):
        assert word in told


def test_inspect_tells_the_same_as_check(tmp_path: Path) -> None:
    """Defects of ``inspect --json`` have the form of results.json, and name the same layers and kinds."""
    folder = renewal(tmp_path / "place", CS=["?", "8"])
    found = json.loads(run("inspect", folder, "--json")[1])
    checked = outcome(folder, DEMOLITION)
    assert {(d["layer"], d["kind"], d["action"]) for d in found["defects"]} == checked.defects
    assert set(found["defects"][0]) == {"layer", "feature", "kind", "action", "message"}
    assert set(found["layers"][0]) >= {
        "path", "role", "why", "crs", "encoding", "geometry", "features", "fields", "accepted"
    }  # fmt: skip


def test_a_file_that_plays_two_roles_is_inspected_as_both(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    write(folder / "a.geojson", [UNIT, *HOUSES], T=[1, 2, 2], CS=[None, 2, 8], GZFS=[None, "拆除", "保留"])
    text = "layers:\n  renewal_units: {path: a.geojson, where: {T: 1}}\n  buildings: {path: a.geojson, where: {T: 2}}\n"
    manifest(folder, text)
    found = json.loads(run("inspect", folder, "--json")[1])
    assert [layer["role"] for layer in found["layers"]] == ["buildings", "renewal_units"]
    assert all(layer["accepted"] for layer in found["layers"])


def test_fields_alone_may_tell_the_role(tmp_path: Path) -> None:
    write(tmp_path / "place" / "export_output.shp", HOUSES, Floor=[2, 8], height=[6.0, 24.0])
    assert roles_of(tmp_path / "place") == {"export_output.shp": "buildings"}


def damaged(tmp_path: Path, seed: int) -> None:
    """A renewal submission of which one file is cut or has some bytes changed, checked: no fault of the program."""
    chance = random.Random(seed)
    suffix = chance.choice([".shp", ".gpkg", ".geojson", ".fgb", ".parquet"])
    folder = renewal(tmp_path / f"place{seed}", suffix=suffix)
    path = chance.choice(sorted(folder.iterdir()))
    data = bytearray(path.read_bytes())
    if chance.random() < 0.25:
        data = data[: chance.randrange(len(data) + 1)]
    else:
        for _ in range(chance.choice([1, 2, 8, 40])):
            data[chance.randrange(min(len(data), chance.choice([100, 400, 10**9])))] = chance.randrange(256)
    path.write_bytes(data)
    with contextlib.suppress(UrbanformError):
        assert outcome(folder, DEMOLITION).finding.reason.code != "check-broke", (seed, path.name)
    shutil.rmtree(folder)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_files(seed: int, tmp_path: Path) -> None:
    damaged(tmp_path, seed)


@pytest.mark.long
def test_many_damaged_files(tmp_path: Path) -> None:
    for seed in range(20, 1000):
        damaged(tmp_path, seed)
