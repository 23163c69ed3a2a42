"""Layers on their way into parts: formats, columns, shapes, memory; what the margins rest on."""

import os
import shutil
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
import typer
from typer.testing import CliRunner

import places
from urbanform.checks import check_names, find_check
from urbanform.cli_split import register
from urbanform.errors import SubmissionError, UrbanformError
from urbanform.intake.read import open_submission, read_submission
from urbanform.intake.rule_packs import read_rule_pack
from urbanform.model.needs import SCOPE
from urbanform.split import Standing, pieces, split
from urbanform.split.ground import meeting, owners
from urbanform.split.plain_columns import plain_columns
from urbanform.split.reaches import REACHES, margin_m
from urbanform.split.roles import BORROWERS, SHARING, Sharing
from urbanform.wording import Language

CRS = "EPSG:4547"
box, point = places.box, places.point
COUNTIES = {"甲县": box(0, 0, 6000, 6000), "乙县": box(6000, 0, 12000, 6000)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission with nothing but its counties."""
    made = tmp_path / "全省"
    made.mkdir()
    frame = gpd.GeoDataFrame({"NAME": list(COUNTIES)}, geometry=list(COUNTIES.values()), crs=CRS)
    pyogrio.write_dataframe(frame, made / "县界.gpkg")
    return made


def read(part: Path) -> Any:
    with open_submission(part) as handed_in:
        return read_submission(handed_in, None, ())


def test_the_margin_is_no_narrower_than_what_the_checks_look_at() -> None:
    """A default that grows in a check must grow here."""
    known = {(item.check, item.param): item.metres for item in REACHES}
    for check, param in known:
        if check in check_names():
            default = getattr(find_check(check).params(), param)
            if isinstance(default, float):
                assert known[check, param] >= default
    assert 3000 <= margin_m() < 3010
    reaching = {
        (name, param)
        for name in check_names()
        for param, item in find_check(name).params.model_fields.items()
        if param.endswith(("radius_m", "neighbour_m", "carriageway_gap_m"))
    }
    assert reaching <= known.keys()


def test_subjects_whose_figures_hang_on_buildings_borrow_them() -> None:
    """Every role that goes whole to one area and is needed by a check that asks for buildings."""
    wanted = set()
    for name in check_names():
        check = find_check(name)
        roles = {role for item in (*check.needs, *check.uses) for role in item.roles(None)} | {check.subjects}
        looked = roles | set(check.looks_at)
        if "buildings" in looked:
            wanted |= {role for role in looked if role in SHARING and SHARING[role] is Sharing.WHOLE}
            assert not any(SCOPE in (ask.role for ask in need.options) for need in check.needs)
    # Clusters stand by corridors as banks; no check measures buildings in them.
    assert wanted - {"clusters"} == BORROWERS


def test_a_pack_may_widen_the_margin() -> None:
    """A park that serves 4 km."""
    rules = read_rule_pack("henan").rules
    assert margin_m(rules) == margin_m()
    wide = [rule for rule in rules if rule.check == "corridor-continuity"]
    params = wide[0].params.model_copy(update={"neighbour_m": 4000.0})
    assert 4000 <= margin_m([replace(wide[0], params=params)]) < 4010


def test_owners_by_surface() -> None:
    """Two squares side by side: inside, 60 % in the second, touching from outside, outside, on the seam, nowhere."""
    areas = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    shapes = [
        shapely.box(1, 1, 2, 2),
        shapely.box(6, 1, 16, 2),
        shapely.box(20, 0, 21, 1),
        shapely.box(30, 0, 31, 1),
        shapely.Point(10, 5),
        None,
        shapely.LineString([(2, 2), (12, 2)]),
    ]
    owner, share = owners(areas, np.array(shapes, dtype=object))
    assert owner.tolist() == [0, 1, -1, -1, 0, -1, 0]
    assert share == pytest.approx([1, 0.6, 0, 0, 1, 0, 0.8])


def test_missing_zones_meet_nothing() -> None:
    zones = np.array([None, shapely.box(0, 0, 1, 1)], dtype=object)
    zone, place = meeting(zones, np.array([shapely.Point(0, 0), None], dtype=object))
    assert (zone.tolist(), place.tolist()) == ([1], [0])


def test_columns_that_a_geopackage_lacks_become_ones_that_it_has() -> None:
    table = pa.table(
        {
            "list": pa.array([[1, 2], None]),
            "tiny": pa.array([1, None], pa.int8()),
            "large": pa.array([2**63, None], pa.uint64()),
            "half": pa.array([0.5, None], pa.float32()),
            "kind": pa.array(["a", None]).dictionary_encode(),
            "none": pa.nulls(2),
            "text": pa.array(["县", None], pa.large_string()),
        }
    )
    assert plain_columns(table).to_pydict() == {
        "list": ["[1, 2]", None],
        "tiny": [1, None],
        "large": ["9223372036854775808", None],
        "half": [0.5, None],
        "kind": ["a", None],
        "none": [None, None],
        "text": ["县", None],
    }


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".fgb", ".parquet"])
def test_every_format_gives_the_same_parts(folder: Path, suffix: str) -> None:
    """Two villages in A, one in B, with text, number and truth; columns and values as they were."""
    villages = gpd.GeoDataFrame(
        {"村名": ["一", None, "三"], "N": [1, 2, 3], "F": [0.5, None, 2.5]},
        geometry=[box(0, 0, 9, 9), box(20, 0, 29, 9), box(11000, 0, 11009, 9)],
        crs=CRS,
    )
    if suffix == ".parquet":
        villages.to_parquet(folder / f"村庄{suffix}")
    else:
        options = {"encoding": "UTF-8"} if suffix == ".shp" else {}
        pyogrio.write_dataframe(villages, folder / f"村庄{suffix}", **options)
    summary = split(folder, "县界.gpkg", folder.parent / "parts")
    found = pyogrio.read_dataframe(folder.parent / "parts" / "甲县" / "villages.gpkg")
    assert [part.roles["villages"].own for part in summary.parts] == [2, 1]
    assert found[["村名", "N", "F"]].astype(object).where(found.notna(), None).values.tolist() == [
        ["一", 1, 0.5],
        [None, 2, None],
    ]
    assert found.geometry.area.tolist() == [81.0, 81.0]


def disc(x: float, y: float, radius: float) -> bytes:
    """A disc whose edge is an arc, as well-known binary: a CurvePolygon of one CircularString of five points."""
    corners = [(x - radius, y), (x, y + radius), (x + radius, y), (x, y - radius), (x - radius, y)]
    ring = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *corner) for corner in corners)
    return struct.pack("<BII", 1, 10, 1) + ring


def test_curves_heights_and_rows_of_nothing(folder: Path) -> None:
    """A disc of radius 10 m has 314.159 m²; heights are no matter; a row without shape or value is left out."""
    corners = [(places.X + a, places.Y + b, 5.0) for a, b in [(200, 0), (209, 0), (209, 9), (200, 0)]]
    raised = shapely.to_wkb(shapely.Polygon(corners), output_dimension=3, flavor="iso")
    table = pa.table(
        {
            "名称": ["圆", "高", None],
            "geom": pa.array([disc(places.X + 100, places.Y + 100, 10), raised, None], pa.binary()),
        }
    )
    pyogrio.write_arrow(
        table, folder / "村庄.gpkg", driver="GPKG", layer="村庄", geometry_name="geom", geometry_type="Unknown", crs=CRS
    )
    summary = split(folder, "县界.gpkg", folder.parent / "parts")
    part = read(folder.parent / "parts" / "甲县").layers["villages"].frame(("name",))
    assert part["name"].tolist() == ["圆", "高"]
    assert part.geometry.area.tolist() == pytest.approx([314.159, 40.5], rel=1e-4)
    assert summary.layers[0].blank_rows == 1


def test_fields_that_differ_in_case_alone_are_told(folder: Path) -> None:
    frame = gpd.GeoDataFrame({"ID": [1], "id": [2]}, geometry=[box(0, 0, 9, 9)], crs=CRS)
    pyogrio.write_dataframe(frame, folder / "村庄.fgb")
    summary = split(folder, "县界.gpkg", folder.parent / "parts")
    assert summary.faults["villages"][0].code == "columns-alike"
    assert {part.roles["villages"].standing for part in summary.parts} == {Standing.SET_ASIDE}


def test_what_waits_goes_to_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room to wait every batch goes to disk at once, and the parts are the same."""
    shapes = [box(x, 0, x + 9, 9) for x in range(0, 12000, 20)]
    pyogrio.write_dataframe(gpd.GeoDataFrame({"n": range(600)}, geometry=shapes, crs=CRS), folder / "村庄.gpkg")
    monkeypatch.setattr("urbanform.split.batches.BATCH_ROWS", 7)
    monkeypatch.setattr(pieces, "MOST_WAITING_BYTES", 0)
    split(folder, "县界.gpkg", folder.parent / "parts")
    found = [pyogrio.read_dataframe(folder.parent / "parts" / name / "villages.gpkg")["n"] for name in COUNTIES]
    assert [part.tolist() for part in found] == [list(range(300)), list(range(300, 600))]


@pytest.mark.long
def test_memory_does_not_grow_with_the_layer(folder: Path) -> None:
    """A million points of population: what Arrow holds at once stays and waits in memory stays bounded.

    A row is its number, a float and 21 bytes of shape: about 50 bytes, 50 MB in all as one table; batches of 65 536
    rows and 64 MiB waiting are the bound whatever the layer.
    """
    count = 1_000_000
    rng = np.random.default_rng(1)
    xy = np.column_stack([rng.uniform(0, 12000, count) + places.X, rng.uniform(0, 6000, count) + places.Y])
    frame = gpd.GeoDataFrame({"RK": rng.uniform(0, 9, count)}, geometry=shapely.points(xy), crs=CRS)
    pyogrio.write_dataframe(frame, folder / "人口.gpkg", SPATIAL_INDEX="NO")
    del frame, xy
    seen = []
    before = _rss_mb()
    batches = pieces.Pieces.add

    def watched(self: pieces.Pieces, *args: Any) -> None:
        seen.append(self._bytes)
        batches(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces.Pieces, "add", watched)
        summary = split(folder, "县界.gpkg", folder.parent / "parts")
    assert summary.layers[0].features == count
    assert sum(part.roles["population"].own for part in summary.parts) == count
    assert max(seen) < 2 * pieces.MOST_WAITING_BYTES
    assert _rss_mb() - before < 400


def _rss_mb() -> float:
    """Memory that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _app() -> typer.Typer:
    app = typer.Typer()

    def guarded(run: Any, lang: Language) -> None:
        try:
            status = run()
        except UrbanformError as error:
            typer.echo(error.say(lang), err=True)
            status = 2
        raise typer.Exit(status)

    app.callback()(lambda: None)
    register(app, guarded)
    return app


@pytest.mark.parametrize(("lang", "word"), [("zh", "已写入"), ("en", "submissions")])
def test_the_command_says_what_it_made(folder: Path, lang: str, word: str) -> None:
    frame = gpd.GeoDataFrame({"N": [1, 2]}, geometry=[box(0, 0, 9, 9), box(-9000, 0, -8000, 9)], crs=CRS)
    pyogrio.write_dataframe(frame, folder / "村庄.gpkg")
    out = str(folder.parent / "parts")
    done = CliRunner().invoke(_app(), ["split", str(folder), "--by", "县界.gpkg", "--out", out, "--lang", lang])
    assert done.exit_code == 0
    assert word in done.output
    assert "甲县" in done.output
    again = CliRunner().invoke(_app(), ["split", str(folder), "--by", "县界.gpkg", "--out", out, "--lang", lang])
    assert again.exit_code == 2
    gone = CliRunner().invoke(_app(), ["split", str(folder / "x"), "--by", "a", "--out", out, "--lang", lang])
    assert gone.exit_code == 2


def test_a_pack_of_the_submission_goes_with_its_parts(folder: Path) -> None:
    """The manifest names a pack in a sub-folder, which extends another beside it."""
    (folder / "规则").mkdir()
    (folder / "规则" / "a.yaml").write_text(
        "id: a\nextends: b.yaml\ntitle: {zh: 甲, en: A}\ndocument: {number: 1号}\nrules: []\n", encoding="utf-8"
    )
    (folder / "规则" / "b.yaml").write_text(
        "id: b\nextends: henan\ntitle: {zh: 乙, en: B}\ndocument: {number: 2号}\nrules: []\n", encoding="utf-8"
    )
    (folder / "submission.yaml").write_text("rules: 规则/a.yaml\n", encoding="utf-8")
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)], crs=CRS), folder / "村庄.gpkg")
    read_rule_pack("规则/a.yaml", folder)
    split(folder, "县界.gpkg", folder.parent / "parts")
    for name in COUNTIES:
        assert read_rule_pack("规则/a.yaml", folder.parent / "parts" / name).id == "a"


def test_a_stack_keeps_its_layers_apart(folder: Path) -> None:
    """Existing buildings in both counties, planned ones in A alone; each layer has its own default."""
    for name, xs in (("现状", [0, 11000]), ("规划", [50])):
        shapes = [box(x, 0, x + 9, 9) for x in xs]
        pyogrio.write_dataframe(
            gpd.GeoDataFrame({"CS": [3] * len(xs)}, geometry=shapes, crs=CRS), folder / f"{name}.gpkg"
        )
    (folder / "submission.yaml").write_text(
        "layers:\n  buildings:\n    - {path: 现状.gpkg, fields: {storeys: CS}, defaults: {action: retain}}\n"
        "    - {path: 规划.gpkg, fields: {storeys: CS}, defaults: {action: new}}\n",
        encoding="utf-8",
    )
    split(folder, "县界.gpkg", folder.parent / "parts")
    found = [read(folder.parent / "parts" / name).layers["buildings"].frame(("action", "storeys")) for name in COUNTIES]
    assert [part["action"].tolist() for part in found] == [["retain", "new"], ["retain"]]
    assert [part["storeys"].tolist() for part in found] == [[3.0, 3.0], [3.0]]


def test_a_zip_is_cut_as_its_folder(folder: Path) -> None:
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)], crs=CRS), folder / "村庄.gpkg")
    packed = Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    summary = split(packed, "县界", folder.parent / "parts")
    assert [part.name for part in summary.parts] == list(COUNTIES)
    assert summary.parts[0].roles["villages"].own == 1


def test_a_corridor_goes_with_the_cluster_that_it_surrounds(folder: Path) -> None:
    """A ring of which most lies in A round a cluster in B: without the cluster its hole would be no bank."""
    ring = shapely.difference(box(5200, 0, 6300, 1000), box(6050, 300, 6200, 500))
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=[ring], crs=CRS), folder / "生态廊道.gpkg")
    clusters = [box(6060, 310, 6190, 490), box(1000, 3000, 1100, 3100)]
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=clusters, crs=CRS), folder / "组团.gpkg")
    summary = split(folder, "县界.gpkg", folder.parent / "parts")
    assert [part.roles["corridors"].standing for part in summary.parts] == [Standing.SET_ASIDE, Standing.CUT]


def test_a_corridor_round_clusters_of_two_areas_is_checked_in_neither(folder: Path) -> None:
    ring = box(4000, 0, 8000, 1000)
    for hole in (box(5000, 300, 5200, 500), box(7000, 300, 7200, 500)):
        ring = shapely.difference(ring, hole)
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=[ring], crs=CRS), folder / "生态廊道.gpkg")
    clusters = [box(5010, 310, 5190, 490), box(7010, 310, 7190, 490)]
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=clusters, crs=CRS), folder / "组团.gpkg")
    split(folder, "县界.gpkg", folder.parent / "parts")
    for name in COUNTIES:
        assert set(read(folder.parent / "parts" / name).faults) == {"corridors"}


def test_a_layer_of_too_many_areas_was_named_by_mistake(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urbanform.split.areas.MOST_AREAS", 1)
    with pytest.raises(SubmissionError, match="2 个不同的区"):
        split(folder, "县界.gpkg", folder.parent / "parts")
