"""Submissions that cannot be trusted as a whole: exit status 2, one message, nothing decided and nothing written."""

import stat
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from intake.awkward import AREA, DEMOLITION, HOUSES, PACK, UNIT, manifest, outcome, refused, renewal, run, write
from urbanform.intake import unzip


def packed(path: Path, *members: tuple[Any, bytes]) -> Path:
    """A zip of some members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.external_attr = (stat.S_IFLNK | 0o777) << 16
    return found


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ([("../建筑.shp", b"x")], "../建筑.shp"),
        ([("/etc/建筑.shp", b"x")], "建筑.shp"),
        ([("C:\\建筑.shp", b"x")], "建筑.shp"),
        ([("a/../../建筑.shp", b"x")], "建筑.shp"),
        ([("nul.shp", b"x")], "nul.shp"),
        ([(link("建筑.shp"), b"/etc/passwd")], "链接"),
        ([("建筑.shp", b"x"), ("建筑.SHP", b"y")], "两个"),
    ],
)
def test_members_of_a_zip_that_lead_out(members: list[tuple[Any, bytes]], told: str, tmp_path: Path) -> None:
    assert told in refused(packed(tmp_path / "a.zip", *members))
    assert not (tmp_path.parent / "建筑.shp").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(tmp_path: Path) -> None:
    assert "两个" in refused(packed(tmp_path / "a.zip", ("建筑.shp", b"x"), ("建筑.shp", b"y")))


def test_too_many_members(tmp_path: Path) -> None:
    members = [(f"{number}.txt", b"") for number in range(10_001)]
    assert "10001" in refused(packed(tmp_path / "a.zip", *members))


def test_a_zip_that_unpacks_to_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2 GiB and 100 MiB are lowered, so that the test writes little: 3 MB that packs to 3 kB."""
    monkeypatch.setattr(unzip, "RATIO_FROM_BYTES", 1_000_000)
    path = packed(tmp_path / "a.zip", ("a.txt", bytes(3_000_000)))
    assert "100" in refused(path)
    monkeypatch.setattr(unzip, "RATIO_FROM_BYTES", 100 * 1024**2)
    monkeypatch.setattr(unzip, "MOST_BYTES", 2_000_000)
    assert "2 GiB" in refused(path)


def test_a_zip_that_lies_about_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes count as they come, whatever the directory claims."""
    monkeypatch.setattr(unzip, "RATIO_FROM_BYTES", 100_000)
    path = packed(tmp_path / "a.zip", ("a.txt", bytes(3_000_000)))
    data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(data)
    refused(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", zlib.compress(b"x" * 99)])
def test_a_zip_that_is_none(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert "重新压缩" in refused(path)


def test_a_zip_cut_short(tmp_path: Path) -> None:
    renewal(tmp_path / "place")
    members = [(path.name, path.read_bytes()) for path in (tmp_path / "place").iterdir()]
    path = packed(tmp_path / "a.zip", *members)
    path.write_bytes(path.read_bytes()[:-200])
    assert "重新压缩" in refused(path)


def test_a_member_with_a_wrong_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"0123456789")
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"0123456780", 1))
    assert "重新压缩" in refused(path)


def test_an_encrypted_zip(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.txt", b"0123456789"))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "重新压缩" in refused(path)


def test_a_packed_layer_over_the_limits_is_set_aside_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unzip, "MOST_BYTES", 2_000_000)
    folder = renewal(tmp_path / "place")
    packed(folder / "道路中心线.zip", ("a.txt", bytes(3_000_000)))
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "pass"
    assert found.defects == {("roads", "zip-broken", "rejected")}


@pytest.mark.parametrize("name", ["成果.txt", "成果.shp", "成果.rar", "成果.mdb"])
def test_what_is_no_submission(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert "GeoPackage" in refused(tmp_path / name)


def test_nothing_there(tmp_path: Path) -> None:
    assert "找不到" in refused(tmp_path / "nowhere")


def test_an_empty_folder_leaves_everything_open(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    found = outcome(tmp_path / "place", DEMOLITION)
    assert (found.verdict, found.status) == ("undetermined", 3)
    assert "更新单元" in found.finding.reason.zh


def test_a_geopackage_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(b"no database")
    found = outcome(tmp_path / "a.gpkg", DEMOLITION)
    assert (found.verdict, found.status) == ("undetermined", 3)
    assert found.defects == {("a.gpkg", "unreadable", "rejected")}


LEADS_OUT = [
    "/etc/passwd",
    "../建筑.shp",
    "a/../../建筑.shp",
    "..\\建筑.shp",
    "C:\\成果\\建筑.shp",
    "C:建筑.shp",
    "\\\\server\\share\\建筑.shp",
    "/vsicurl/http://example.org/a.shp",
    "/vsizip/a.zip/建筑.shp",
    "http://example.org/a.geojson",
    "s3://bucket/a.shp",
    "file:///etc/passwd",
    "PG:dbname=x",
    "~/建筑.shp",
    "建筑.shp\\0.txt",
    "outside.gpkg",
]


@pytest.mark.parametrize("path", LEADS_OUT)
def test_paths_that_leave_the_submission(path: str, tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    write(tmp_path / "outside.gpkg", HOUSES, CS=[1, 1])
    (folder / "outside.gpkg").symlink_to(tmp_path / "outside.gpkg")
    written = '"建筑.shp\\0.txt"' if "\\0" in path else "'" + path + "'"
    manifest(folder, f"name: x\nlayers:\n  buildings: {written}\n")
    told = refused(folder)
    assert "第 3 行" in told or "链接" in told
    assert "相对路径" in told or "没有" in told


@pytest.mark.parametrize("path", ["/etc/passwd", "../a.xlsx", "http://example.org/a.csv", "nowhere.xlsx"])
def test_tables_that_leave_the_submission(path: str, tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    join = f"{{path: '{path}', on: {{MC: A}}, take: {{households: B}}}}"
    manifest(folder, f"name: x\nlayers:\n  renewal_units: {{path: 更新单元.shp, join: {join}}}\n")
    told = refused(folder)
    assert "第 3 行" in told


def test_a_table_beside_a_geopackage_is_no_part_of_it(tmp_path: Path) -> None:
    write(tmp_path / "a.gpkg", [UNIT])
    (tmp_path / "t.csv").write_text("A,B\n1,2\n")
    text = "layers: {renewal_units: {path: a.gpkg, join: {path: t.csv, on: {MC: A}, take: {households: B}}}}\n"
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    status, told = run("check", tmp_path / "a.gpkg", "--rules", "henan", "--manifest", tmp_path / "m.yaml")
    assert status == 2
    assert "t.csv" in told


MANIFESTS = [
    ("name: [x\n", "YAML"),
    ("name: x\nnmae: y\n", "第 2 行"),
    ("- a\n- b\n", "键"),
    ("kind: town\n", "county-seat"),
    ("as_of: soon\n", "整数"),
    ("as_of: 1800\n", "第 1 行"),
    ("crs: EPSG:999999\n", "第 1 行"),
    ("crs: 国家大地坐标\n", "crs: EPSG:4547"),
    ("name: x\nlayers:\n  buildings: {path: 建筑.shp, crs: nonsense}\n", "第 3 行"),
    ("layers: {buildings: {path: 建筑.shp, encoding: GBKK}}\n", "GBK"),
    ("layers: {buildings: {path: 建筑.shp, defaults: {action: 拆了吧}}}\n", "demolish"),
    ("layers: {buildings: {path: 建筑.shp, defaults: {storeys: many}}}\n", "层数"),
    ("layers: {buildings: {path: 建筑.shp, defaults: {storeys: [1]}}}\n", "层数"),
    ("layers: {parcels: {path: 用地.shp, defaults: {land_use: nonsense}}}\n", "用地代码"),
    ("layers: {buildings: {path: 建筑.shp, units: {storeys: 层}}}\n", "units.storeys"),
    ("layers: {clusters: {path: a.shp, units: {population: 千人}}}\n", "万人"),
    ("layers: {buildings: {path: 建筑.shp, map: {action: {拆: remove}}}}\n", "demolish"),
    ("layers: {buildings: {path: 建筑.shp, fields: {storey: CS}}}\n", "storeys"),
    ("layers: {buildings: {path: 建筑.shp, feilds: {storeys: CS}}}\n", "fields"),
    ("layers: {buildings: 5}\n", "path"),
    ("layers: {buildings: []}\n", "path"),
    ("layers: {buildings: [建筑.shp, 7]}\n", "path"),
    ("layers: {buildigns: 建筑.shp}\n", "buildings"),
    ("layers: {buildings: 建筑物.shp}\n", "建筑.shp"),
    ("layers: {buildings: 建筑.shp#层}\n", "建筑.shp"),
    ("layers: [建筑.shp]\n", "第 1 行"),
    ("values: {renewal_units: {households: many}}\n", "数字"),
    ("values: {renewal_units: {district_kind: 3}}\n", "households"),
    ("values: {renewal_units: {households: -5}}\n", "整数"),
    ("values: {built_up_area: {population: .nan}}\n", "第 1 行"),
    ("stage: later\n", "existing"),
    ("none: [buildings]\n", "不得声明"),
    ("none: [renewal_units]\n", "不得声明"),
    ("none: [parkz]\n", "parks"),
    ("none: plazas\n", "列表"),
    ("none: [plazas]\nlayers: {plazas: 建筑.shp}\n", "none"),
    ("place: {province: 5}\n", "文字"),
    ("place: {function: ecological}\n", "main_function"),
    ("name: x\nname: y\n", "name"),
    ("name: &a x\nkind: *a\n", "别名"),
    ("name: !!python/object:os.system x\n", "标签"),
    ("rules: hebbi\n", "hebi"),
    ("layers: {population: {path: 建筑.shp, classes: worldcovr}}\n", "第 1 行"),
    ("layers: {buildings: {path: 建筑.shp, nodata: 0}}\n", "栅格"),
    ("\tname: x\n", "YAML"),
    ("layers: {renewal_units: {path: 更新单元.shp, fields: {households: A}, "
     "join: {path: t.csv, on: {MC: A}, take: {households: B}}}}\n", "join"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MANIFESTS, ids=[text.strip()[:60] for text, _ in MANIFESTS])
def test_manifests_with_an_error(text: str, told: str, tmp_path: Path) -> None:
    """One message that says where it is and what was wanted; nothing is decided."""
    folder = renewal(tmp_path / "place")
    (folder / "t.csv").write_text("A,B\n甲,1\n", encoding="utf-8")
    manifest(folder, text)
    if text.startswith("rules:"):
        status, said = run("check", folder)
        assert status == 2
    else:
        said = refused(folder)
    assert told in said, said
    if "第" not in said:
        assert "键" in said or "rules" in text or "别名" in said


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    (folder / "submission.yaml").write_bytes(b"name: \xff\xfe\xff\n")
    assert "UTF-8" in refused(folder)


def test_every_fault_of_a_manifest_is_told_at_once(tmp_path: Path) -> None:
    folder = renewal(tmp_path / "place")
    text = "crs: nonsense\nnone: [parkz]\nlayers:\n  buildings: {path: 建筑.shp, encoding: X1}\n  roadz: a.shp\n"
    manifest(folder, text)
    told = refused(folder)
    for line in (1, 2, 4, 5):
        assert f"第 {line} 行" in told


def test_a_layer_that_is_there_cannot_be_declared_not_to_exist(tmp_path: Path) -> None:
    """Also where it cannot be read, or holds points: then there is something, and nobody knows what."""
    for spoil in (None, "broken"):
        folder = renewal(tmp_path / f"place{spoil}")
        write(folder / "广场.shp", [AREA])
        if spoil:
            (folder / "广场.shp").write_bytes(b"no")
        manifest(folder, "none: [plazas]\n")
        told = refused(folder)
        assert "广场.shp" in told
        assert "none" in told


def test_a_manifest_elsewhere(tmp_path: Path) -> None:
    """``--manifest`` counts its paths from the submission."""
    folder = renewal(tmp_path / "place")
    for path in folder.glob("建筑.*"):
        path.rename(path.with_stem("xyz"))
    (tmp_path / "other.yaml").write_text("layers: {buildings: xyz.shp}\n", encoding="utf-8")
    found = outcome(folder, DEMOLITION, manifest=tmp_path / "other.yaml")
    assert (found.verdict, found.measured) == ("pass", pytest.approx(20))
    assert run("check", folder, "--rules", "henan", "--manifest", tmp_path / "none.yaml")[0] == 2


def test_a_pack_of_the_submissions_own_stays_inside_it(tmp_path: Path) -> None:
    """The manifest may name a pack that was handed in; neither it nor what it extends may lie elsewhere."""
    folder = renewal(tmp_path / "place")
    (tmp_path / "outside.yaml").write_text(PACK, encoding="utf-8")
    (folder / "规则").mkdir()
    (folder / "规则" / "own.yaml").write_text(PACK, encoding="utf-8")
    manifest(folder, "rules: 规则/own.yaml\n")
    assert run("check", folder, "--only", DEMOLITION, "--out", tmp_path / "out")[0] == 0
    for path in ("../outside.yaml", str(tmp_path / "outside.yaml"), "http://example.org/p.yaml"):
        manifest(folder, f"rules: {path}\n")
        status, told = run("check", folder, "--out", tmp_path / "none")
        assert (status, "相对路径" in told) == (2, True), told
    manifest(folder, "rules: 规则/own.yaml\n")
    for parent, status in (("../../outside.yaml", 2), ("own2.yaml", 0), ("henan", 0)):
        (folder / "规则" / "own2.yaml").write_text(PACK, encoding="utf-8")
        (folder / "规则" / "own.yaml").write_text(f"id: own\nextends: {parent}\nrules: []\n", encoding="utf-8")
        found, told = run("check", folder, "--only", DEMOLITION, "--out", tmp_path / "out2")
        assert found == status, told
