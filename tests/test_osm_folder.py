"""The folder that ``urbanform osm`` makes: what stands in it, that ``check`` takes it, what is never overwritten."""

import csv
import json
from pathlib import Path

import geopandas as gpd
import pytest

from urbanform.errors import ReportError, SubmissionError
from urbanform.intake.read import open_submission, read_submission
from urbanform.osm import make
from urbanform.osm.folder import SEAL
from urbanform.review import Options, check
from urbanform.survey import survey

EXTRACT = """<?xml version="1.0"?>
<osm version="0.6" generator="pencil">
<node id="1" version="1" lon="114.000" lat="35.000"/><node id="2" version="1" lon="114.010" lat="35.000"/>
<node id="3" version="1" lon="114.010" lat="35.010"/><node id="4" version="1" lon="114.000" lat="35.010"/>
<node id="5" version="1" lon="114.005" lat="35.005"><tag k="amenity" v="pharmacy"/></node>
<way id="10" version="1" timestamp="2024-05-06T00:00:00Z"><nd ref="1"/><nd ref="2"/>
 <tag k="highway" v="primary"/><tag k="name" v="人民路"/></way>
<way id="11" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="proposed"/><tag k="proposed" v="primary"/></way>
<way id="12" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="landuse" v="residential"/></way>
<way id="13" version="1"><nd ref="1"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="leisure" v="park"/></way>
<way id="14" version="1"><nd ref="1"/><nd ref="4"/><tag k="building" v="yes"/></way>
<way id="15" version="1"><nd ref="1"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="yes"/></way>
</osm>
"""

SCOPE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[114.0, 34.995], [114.01, 34.995], [114.01, 35.005], [114.0, 35.005], [114.0, 34.995]]
                ],
            },
        }
    ],
}

PACK = """
id: town
title: {zh: 镇, en: Town}
rules:
  - id: road-network-density
    check: road-network-density
    title: {zh: 路网密度, en: Road density}
    binds: [city]
    scope: main_urban_area
    limit: {op: ">", value: 8, unit: km/km2}
    severity: mandatory
    source: {clause: 一}
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "小镇.osm"
    path.write_text(EXTRACT, encoding="utf-8")
    return path


def test_one_geopackage_per_role_with_manifest_attribution_and_what_was_left_out(extract: Path, tmp_path: Path) -> None:
    told: list[str] = []
    out = tmp_path / "new" / "town"
    summary = make(str(extract), out, lambda words: told.append(words.code))
    roles = ["roads", "buildings", "parcels", "parks", "facilities"]
    assert [layer.role for layer in summary.layers] == roles
    assert [layer.features for layer in summary.layers] == [2, 1, 1, 1, 1]
    assert [(why.code, count) for why, count in summary.left_out] == [("area-open", 1)]
    assert told == ["reading", "writing"]
    held = sorted(path.name for path in out.iterdir())
    assert held == sorted(
        [*(f"{role}.gpkg" for role in roles), "submission.yaml", "ATTRIBUTION.txt", "left-out.csv", SEAL]
    )
    assert [path.name for path in out.parent.iterdir()] == ["town"]

    text = (out / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    for part in ("© OpenStreetMap contributors", "ODbL", "小镇.osm", "2024-05-06T00:00:00Z", "pyosmium", "pencil"):
        assert part in text
    with (out / "left-out.csv").open(encoding="utf-8-sig", newline="") as source:
        assert [row[0] for row in csv.reader(source)] == ["要素 element", "way/14"]
    roads = gpd.read_file(out / "roads.gpkg")
    assert roads.crs.to_epsg() == 4326
    assert roads["id"].tolist() == ["way/10", "way/11"]


def test_check_takes_the_folder_as_it_is(extract: Path, tmp_path: Path) -> None:
    """Without a main urban area the density cannot be told, and the rule says which layer is lacking."""
    out = tmp_path / "town"
    make(str(extract), out)
    pack = tmp_path / "town.yaml"
    pack.write_text(PACK, encoding="utf-8")
    found = survey(out, rules=str(pack))
    assert all(layer.accepted for layer in found.layers)
    assert found.lacking == {"road-network-density": ["main_urban_area"]}
    assessment = check(out, tmp_path / "report", Options(rules=str(pack), as_of=2026))
    assert [str(finding.verdict) for finding in assessment.findings] == ["undetermined"]


def test_planned_roads_do_not_count_and_what_the_manifest_proposes_works(extract: Path, tmp_path: Path) -> None:
    """The main urban area is 0.01° by 0.01° around the one existing road, which runs through its middle.

    The road is as long as the area is wide, so its density is 1 km over the height of 0.01° of latitude, 1.10943 km
    at 35° N (the arc of the meridian): 0.9014 per km; the planned one would double it.
    """
    out = tmp_path / "town"
    make(str(extract), out)
    (out / "main.geojson").write_text(json.dumps(SCOPE), encoding="utf-8")
    manifest = out / "submission.yaml"
    text = manifest.read_text(encoding="utf-8")
    text = text.replace("  # main_urban_area: 主城区.shp", "  main_urban_area: main.geojson")
    for role in ("parcels", "buildings"):
        text = text.replace(f"  {role}: {role}.gpkg\n", "").replace(f"  # {role}: {{", f"  {role}: {{")
    manifest.write_text(text, encoding="utf-8")
    pack = tmp_path / "town.yaml"
    pack.write_text(PACK, encoding="utf-8")
    (finding,) = check(out, tmp_path / "report", Options(rules=str(pack), as_of=2026)).findings
    assert finding.measured == pytest.approx(0.9014, rel=1e-3)
    with open_submission(out) as handed_in:
        read = read_submission(handed_in, None, ())
    parcels = read.layers["parcels"].frame(("land_use",))
    assert parcels["land_use"].tolist() == ["residential"]
    assert parcels["land_use_doubt"].tolist() == [False]
    assert read.layers["buildings"].frame(("action",))["action"].tolist() == ["retain"]


def test_housing_is_in_doubt_as_it_comes(extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "town"
    make(str(extract), out)
    with open_submission(out) as handed_in:
        parcels = read_submission(handed_in, None, ()).layers["parcels"].frame(("land_use",))
    assert parcels["land_use"].tolist() == ["residential"]
    assert parcels["land_use_doubt"].tolist() == [True]


def test_a_folder_of_this_making_is_replaced_while_nobody_has_touched_it(extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "town"
    make(str(extract), out)
    extract.write_text(EXTRACT.replace("人民路", "解放路"), encoding="utf-8")
    make(str(extract), out)
    assert gpd.read_file(out / "roads.gpkg")["name"].tolist()[0] == "解放路"
    (out / "submission.yaml").write_text("name: 我的\n", encoding="utf-8")
    with pytest.raises(SubmissionError) as raised:
        make(str(extract), out)
    assert raised.value.faults[0].code == "out-changed"
    assert "submission.yaml" in raised.value.faults[0].zh
    assert (out / "submission.yaml").read_text(encoding="utf-8") == "name: 我的\n"


def test_what_is_in_the_way_is_left_as_it_is(extract: Path, tmp_path: Path) -> None:
    filled = tmp_path / "filled"
    filled.mkdir()
    (filled / "报告.docx").write_bytes(b"x")
    file = tmp_path / "file"
    file.write_bytes(b"x")
    added = tmp_path / "added"
    make(str(extract), added)
    (added / "主城区.shp").write_bytes(b"x")
    for out, code in ((filled, "out-not-empty"), (file, "out-is-file"), (added, "out-changed")):
        with pytest.raises(SubmissionError) as raised:
            make(str(extract), out)
        assert raised.value.faults[0].code == code
    assert sorted(path.name for path in filled.iterdir()) == ["报告.docx"]
    assert file.read_bytes() == b"x"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert make(str(extract), empty).folder == empty


def test_nothing_half_written_stays_behind(extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills while the third layer is written."""
    from urbanform.osm import folder

    write, written = folder._write_layer, []

    def full(layer: object, path: Path) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        write(layer, path)  # type: ignore[arg-type]

    monkeypatch.setattr(folder, "_write_layer", full)
    with pytest.raises(ReportError):
        make(str(extract), tmp_path / "out" / "town")
    assert len(written) == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_no_file_and_no_place(tmp_path: Path) -> None:
    for name in ("nowhere.osm.pbf", "folder/nowhere", str(tmp_path)):
        with pytest.raises(SubmissionError) as raised:
            make(name, tmp_path / "out")
        assert raised.value.faults[0].code == "file-missing"
    nothing = tmp_path / "sea.osm"
    nothing.write_text("<osm version='0.6'></osm>", encoding="utf-8")
    with pytest.raises(SubmissionError) as raised:
        make(str(nothing), tmp_path / "out")
    assert raised.value.faults[0].code == "nothing-of-use"
    assert not (tmp_path / "out").exists()
