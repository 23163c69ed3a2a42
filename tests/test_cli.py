"""The command line: exit statuses, messages, and never a traceback."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from places import CRS, box
from urbanform.cli import app

SAMPLES = Path(__file__).parent.parent / "sample_data"
PACK = """\
id: trial
rules:
  - id: demolition-share
    binds: [renewal]
    limit: {op: "<=", value: LIMIT, unit: "%"}
    source: {clause: 一}
"""


def run(*arguments: object) -> tuple[int, str]:
    """Exit status, and everything that was printed."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with one renewal unit: 200 m² of 1,000 m² of floor area goes."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "place"
    place.mkdir()
    unit = gpd.GeoDataFrame({"MC": ["甲"]}, geometry=[box(0, 0, 100, 100)], crs=CRS)
    unit.to_file(place / "更新单元.shp", encoding="GBK")
    houses = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
    table = {"CS": ["2层", "８F"], "GZFS": ["拟拆", "保留"]}
    gpd.GeoDataFrame(table, geometry=houses, crs=CRS).to_file(place / "建筑.shp", encoding="GBK")
    return tmp_path


def pack(here: Path, limit: int) -> Path:
    """A pack with one rule."""
    path = here / f"pack{limit}.yaml"
    path.write_text(PACK.replace("LIMIT", str(limit)), encoding="utf-8")
    return path


def test_a_pass_is_0_and_a_breach_1(here: Path) -> None:
    assert run("check", "place", "--rules", pack(here, 20))[0] == 0
    assert run("check", "place", "--rules", pack(here, 19))[0] == 1
    found = json.loads((here / "place-report" / "results.json").read_text(encoding="utf-8"))
    assert found["results"][0]["measured"] == pytest.approx(20)
    names = sorted(path.name for path in (here / "place-report").iterdir())
    assert names == ["evidence.gpkg", "maps", "report.docx", "report.html", "results.json", "run.json", "summary.xlsx"]


def test_undetermined_is_3_and_so_is_nothing_decided(here: Path) -> None:
    (here / "place" / "建筑.shp").unlink()
    status, told = run("check", "place", "--rules", pack(here, 20))
    assert status == 3
    assert "buildings" in told
    assert run("check", "place", "--rules", pack(here, 20), "--kind", "city")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["nowhere"], "nowhere"),
        (["place", "--rules", "henna"], "henan"),
        (["place"], "--rules"),
        (["place", "--rules", "henan", "--only", "demolition-shar"], "demolition-share"),
        (["place", "--rules", "henan", "--kind", "renewel"], "renewal"),
        (["place", "--rules", "henan", "--out", "place/report"], "--out"),
        (["place", "--rules", "henan", "--evidence", "gpk"], "gpkg"),
    ],
)
def test_what_cannot_be_used_is_2_and_says_how_to_mend_it(here: Path, arguments: list[str], hint: str) -> None:
    status, told = run("check", *arguments)
    assert status == 2, told
    assert hint in told
    assert not list(here.glob("*-report"))


def test_a_faulty_manifest_is_2_with_its_line(here: Path) -> None:
    (here / "place" / "submission.yaml").write_text("name: x\nlayer: {}\n", encoding="utf-8")
    status, told = run("check", "place", "--rules", "henan")
    assert status == 2
    assert "第 2 行" in told
    assert "layers" in told


def test_a_place_outside_the_pack_is_2_unless_the_pack_was_asked_for(here: Path) -> None:
    (here / "place" / "submission.yaml").write_text("rules: hebi\nplace: {city: 焦作市}\n", encoding="utf-8")
    assert run("check", "place")[0] == 2
    assert run("check", "place", "--rules", "hebi")[0] == 3
    found = json.loads((here / "place-report" / "results.json").read_text(encoding="utf-8"))
    assert all("place-outside" in [note["code"] for note in result["notes"]] for result in found["results"])


def test_the_input_is_not_touched(here: Path) -> None:
    before = {path.name: path.read_bytes() for path in (here / "place").iterdir()}
    (here / "place" / "建筑.shx").unlink()
    del before["建筑.shx"]
    run("check", "place", "--rules", pack(here, 20))
    run("inspect", "place", "--json")
    assert {path.name: path.read_bytes() for path in (here / "place").iterdir()} == before


def test_an_output_that_cannot_be_written_is_4(here: Path) -> None:
    (here / "blocked").write_text("a file, no folder")
    assert run("check", "place", "--rules", pack(here, 20), "--out", "blocked")[0] == 4


def test_the_same_through_zip_geopackage_and_folder(here: Path) -> None:
    shutil.make_archive("packed", "zip", "place")
    for name in ("更新单元", "建筑"):
        gpd.read_file(here / "place" / f"{name}.shp", encoding="GBK").to_file("all.gpkg", layer=name)
    figures = []
    for path in ("place", "packed.zip", "all.gpkg"):
        assert run("check", path, "--rules", pack(here, 20), "--out", f"out-{path}")[0] == 0
        found = json.loads((here / f"out-{path}" / "results.json").read_text(encoding="utf-8"))
        figures.append(found["results"][0]["measured"])
    assert figures == pytest.approx([20, 20, 20])


def test_english(here: Path) -> None:
    status, told = run("check", "place", "--rules", pack(here, 19), "--lang", "en")
    assert status == 1
    assert "fail" in told
    assert "不符合" not in told


def test_inspect_tells_roles_fields_defects_and_what_is_lacking(here: Path) -> None:
    status, told = run("inspect", "place", "--json", "--rules", "henan")
    assert status == 0
    found = json.loads(told)
    layers = {layer["path"]: layer for layer in found["layers"]}
    assert layers["建筑.shp"]["role"] == "buildings"
    assert layers["建筑.shp"]["fields"] == {"storeys": "CS", "action": "GZFS"}
    assert layers["更新单元.shp"]["accepted"]
    assert found["lacking"]["road-network-density"][0] == "main_urban_area"
    assert "demolition-share" not in found["lacking"]
    assert run("inspect", "place")[0] == 0


def test_init_writes_a_manifest_that_check_takes_and_never_a_second_one(here: Path) -> None:
    assert run("init", "place")[0] == 0
    assert run("check", "place", "--rules", pack(here, 20))[0] == 0
    assert run("init", "place")[0] == 2


def test_init_stacks_existing_and_planned_folders(here: Path) -> None:
    for stage in ("现状", "规划"):
        (here / "place" / stage).mkdir()
        gpd.GeoDataFrame({"CS": [3]}, geometry=[shapely.box(*box(40, 0, 50, 10).bounds)], crs=CRS).to_file(
            here / "place" / stage / "建筑.shp"
        )
    for path in (here / "place").glob("建筑.*"):
        path.unlink()
    assert run("init", "place")[0] == 0
    text = (here / "place" / "submission.yaml").read_text(encoding="utf-8")
    assert "kind: [renewal]" in text
    assert run("check", "place", "--rules", pack(here, 20))[0] == 0


def test_rules_are_listed_shown_and_validated(here: Path) -> None:
    assert "鹤建综" in run("rules", "list")[1]
    assert "二（一）4" in run("rules", "show", "hebi")[1]
    assert run("rules", "validate", pack(here, 20))[0] == 0
    bad = here / "bad.yaml"
    bad.write_text(PACK.replace("LIMIT", "x"), encoding="utf-8")
    status, told = run("rules", "validate", bad)
    assert status == 1
    assert "第 5 行" in told
    assert run("rules", "validate", "nowhere.yaml")[0] == 2


def test_packs_are_compared_rule_by_rule(here: Path) -> None:
    status, told = run("rules", "diff", "henan", "liangshan")
    assert status == 1
    assert ">= 100.0 m" in told
    assert ">= 50.0 m" in told
    assert run("rules", "diff", "henan", "henan")[0] == 0


def test_results_are_the_same_byte_for_byte(here: Path) -> None:
    for out in ("one", "two"):
        run("check", SAMPLES / "renewal", "--out", out, "--as-of", 2026)
    one, two = ((here / out / "results.json").read_bytes() for out in ("one", "two"))
    assert one == two
