"""Published figures on layers that other people made.

The data are not part of the project. ``URBANFORM_REAL_DATA`` names a folder that holds them, each set in one of its
own: ``gent`` and ``suzhou_buildings`` (BSD-3), ``helsinki`` (Python-GIS-book), ``austin_tracts``,
``worldpop_sierra_de_neiba`` (WorldPop, CC BY 4.0), ``beijing_hlg_plan`` (MIT).
"""

import json
import os
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from urbanform.review import Options, check

FOLDER = os.environ.get("URBANFORM_REAL_DATA")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="URBANFORM_REAL_DATA names no folder with the public data sets")
DATA = Path(FOLDER or ".")


def checked(tmp_path: Path, data: str, manifest: str, rules: str, **options: Any) -> dict[str, Any]:
    """``results.json`` of a set of the data under a manifest and a pack."""
    (tmp_path / "manifest.yaml").write_text(manifest, encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(f"id: trial\nrules:\n{rules}", encoding="utf-8")
    asked = Options(rules=str(tmp_path / "pack.yaml"), manifest=tmp_path / "manifest.yaml", as_of=2026, **options)
    check(DATA / data, tmp_path / "out", asked)
    return json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))


ROADS = """\
  - id: road-network-density
    scope: main_urban_area
    limit: {op: ">", value: 8, unit: km/km2}
    params: {boundary_m: 0, merge_carriageways: false}
    source: {clause: trial}
"""
DENSITY = """\
  - id: cluster-population-density
    limit: {op: "<=", value: 10000, unit: persons/km2}
    source: {clause: trial}
"""
DEMOLITION = """\
  - id: demolition-share
    limit: {op: "<=", value: 20, unit: "%"}
    source: {clause: trial}
"""


PARKS = """\
  - id: park-service-coverage
    scope: built_up_area
    limit: {op: ">=", value: 82, unit: "%"}
    params: {service: [{min_area_m2: 2000, radius_m: 300}], quad_segs: 16}
    source: {clause: trial}
"""


def test_gent_has_9980_metres_of_street_per_km2(tmp_path: Path) -> None:
    classes = ", ".join(f"'{n}': branch" for n in range(11))
    manifest = f"""\
layers:
  main_urban_area: gent.geojson
  roads:
    path: wegsegmenten-gent.geojson.zip
    fields: {{class: functional_roadclass}}
    map: {{class: {{{classes}}}}}
    defaults: {{class: branch}}
"""
    found = checked(tmp_path, "gent", manifest, ROADS)
    assert found["working_crs"] == "EPSG:32631"
    assert found["results"][0]["measured"] == pytest.approx(9.980, abs=0.0005)


def test_helsinkis_91_densities_are_those_of_the_published_column(tmp_path: Path) -> None:
    name = "Helsinki_postal_areas_popdensity_over_500.gpkg"
    place = tmp_path / "place"
    place.mkdir()
    (place / name).write_bytes((DATA / "helsinki" / name).read_bytes())
    manifest = """\
layers:
  clusters: {path: Helsinki_postal_areas_popdensity_over_500.gpkg, fields: {id: posti_alue, population: he_vakiy}}
"""
    found = checked(tmp_path, str(place), manifest, DENSITY)["results"][0]
    table = pyogrio.read_dataframe(place / name, read_geometry=False)
    published = dict(zip(table["posti_alue"], table["density"], strict=True))
    measured = {subject["id"]: subject["measured"] for subject in found["subjects"]}
    assert len(measured) == 91
    assert measured == pytest.approx(published, rel=1e-6)


@pytest.mark.parametrize("year", range(2010, 2021))
def test_worldpop_sums_inside_sierra_de_neiba(tmp_path: Path, year: int) -> None:
    published = [
        4030.166, 4009.092, 4057.395, 3969.157, 3993.480, 4215.225, 3756.914, 3762.037, 3941.827, 4030.299, 4146.592,
    ]  # fmt: skip
    manifest = f"""\
layers:
  clusters: {{path: sierra_de_neiba_478140.gpkg, fields: {{id: WDPAID}}}}
  population: ppp_{year}_1km_Aggregated.tif
"""
    found = checked(tmp_path, "worldpop_sierra_de_neiba", manifest, DENSITY)["results"][0]
    assert found["numerator"]["value"] == pytest.approx(published[year - 2010], abs=0.01)


def test_austin_is_the_same_in_every_format(tmp_path: Path) -> None:
    figures = []
    for suffix in ("gpkg", "shp", "geojson", "gdb"):
        manifest = f"""\
layers:
  clusters: {{path: austin_pop_2019.{suffix}, fields: {{id: tract, population: pop2019}}, units: {{population: 人}}}}
"""
        folder = tmp_path / suffix
        folder.mkdir()
        subjects = checked(folder, "austin_tracts", manifest, DENSITY)["results"][0]["subjects"]
        figures.append({subject["id"]: subject["measured"] for subject in subjects})
    assert len(figures[0]) == 130
    assert max(figures[0].values()) == pytest.approx(11_324, abs=1)
    assert sum(figures[0].values()) / 130 == pytest.approx(2_397, abs=1)
    for other in figures[1:]:
        # The GeoJSON rounds its coordinates.
        assert other == pytest.approx(figures[0], rel=1e-7)


def test_suzhous_old_town_has_4146600_m2_of_floors(tmp_path: Path) -> None:
    """The unit is a rectangle round all buildings, in a submission made of both."""
    source = DATA / "suzhou_buildings" / "bd_demo_2.json"
    buildings = pyogrio.read_dataframe(source)
    place = tmp_path / "place"
    place.mkdir()
    unit = buildings[:1].set_geometry([shapely.box(*buildings.total_bounds).buffer(0.001)])[["geometry"]]
    unit.to_file(place / "更新单元.geojson", driver="GeoJSON")
    (place / "buildings.geojson").write_bytes(source.read_bytes())
    manifest = """\
layers:
  buildings: {path: buildings.geojson, fields: {storeys: Floor}, defaults: {action: retain}}
"""
    found = checked(tmp_path, str(place), manifest, DEMOLITION)["results"][0]
    assert found["denominator"]["value"] == pytest.approx(4_146_600, abs=20)


def test_a_beijing_plan_in_metres_that_says_it_is_in_degrees(tmp_path: Path) -> None:
    """Type 2 is roads; types 4 to 12 are the polygons, whose union is the area."""
    area = ", ".join(str(n) for n in range(4, 13))
    manifest = f"""\
layers:
  main_urban_area: {{path: hlg.geojson, crs: local-metres, where: {{existence: true, type: [{area}]}}}}
  roads:
    path: hlg.geojson
    crs: local-metres
    where: {{existence: true, type: 2}}
    defaults: {{class: branch}}
"""
    found = checked(tmp_path, "beijing_hlg_plan", manifest, ROADS)
    assert found["results"][0]["denominator"]["value"] == pytest.approx(3.7474, abs=5e-5)
    assert found["results"][0]["measured"] == pytest.approx(8.588, abs=0.0005)


def test_the_same_plan_has_its_housing_within_300_m_of_green(tmp_path: Path) -> None:
    """Type 4 is housing, types 7 and 8 are green, of which fourteen plots make seven parks."""
    polygons = ", ".join(str(n) for n in range(4, 13))
    manifest = f"""\
layers:
  built_up_area: {{path: hlg.geojson, crs: local-metres, where: {{existence: true, type: [{polygons}]}}}}
  parcels:
    path: hlg.geojson
    crs: local-metres
    where: {{existence: true, type: 4}}
    fields: {{land_use: type}}
    map: {{land_use: {{4: 0701}}}}
  parks: {{path: hlg.geojson, crs: local-metres, where: {{existence: true, type: [7, 8]}}}}
"""
    found = checked(tmp_path, "beijing_hlg_plan", manifest, PARKS)["results"][0]
    assert found["measured"] == pytest.approx(73.02937, abs=5e-6)
