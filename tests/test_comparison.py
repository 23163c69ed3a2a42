"""Roads compared with OpenStreetMap: two towns of straight roads, worked out by pencil."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, box

from places import X, Y
from urbanform.comparison import GPKG, MAP, Comparison, compare, osm_roads, remove_older, write_comparison
from urbanform.errors import SubmissionError
from urbanform.wording import Language

CRS = 4547
Road = tuple[str, str | None, list[tuple[float, float]]]


def line(points: list[tuple[float, float]]) -> LineString:
    return LineString([(X + x, Y + y) for x, y in points])


def town(
    folder: Path, roads: list[Road], crs: int = CRS, area: tuple[float, ...] | None = None, more: str = ""
) -> Path:
    """A submission of roads: id, class and corners in metres; ``area`` is the main urban area."""
    folder.mkdir()
    frame = gpd.GeoDataFrame(
        {"id": [road[0] for road in roads], "class": [road[1] for road in roads]},
        geometry=[line(road[2]) for road in roads],
        crs=CRS,
    )
    frame.to_crs(crs).to_file(folder / "roads.gpkg")
    text = f"layers:\n  roads: roads.gpkg\n{more}"
    if area is not None:
        shape = box(X + area[0], Y + area[1], X + area[2], Y + area[3])
        gpd.GeoDataFrame(geometry=[shape], crs=CRS).to_file(folder / "area.gpkg")
        text += "  main_urban_area: area.gpkg\n"
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    return folder


GRID: list[Road] = [
    ("east", "arterial", [(0, 0), (2000, 0)]),
    ("west", "arterial", [(0, 1000), (2000, 1000)]),
    ("south", "branch", [(0, 0), (0, 1000)]),
    ("north", "branch", [(2000, 0), (2000, 1000)]),
]


def shifted(roads: list[Road], by: float) -> list[Road]:
    return [(name, class_, [(x + by, y + by) for x, y in points]) for name, class_, points in roads]


def ids(found: Comparison) -> tuple[list[str], list[str]]:
    return found.ours.roads["id"].tolist(), found.theirs.roads["id"].tolist()


def test_each_side_lists_what_the_other_lacks(tmp_path: Path) -> None:
    """A block of 2000 × 1000 on both sides, drawn 5 m apart and in degrees on the other.

    We alone have a street of 600 m across its middle, they alone one of 1000 m from edge to edge, both square to what
    they join. Compared are 6000 + 600 m and 6000 + 1000 m.
    """
    ours = town(tmp_path / "ours", [*GRID, ("new", "secondary", [(500, 0), (500, 600)])])
    theirs = town(tmp_path / "theirs", [*shifted(GRID, 5), ("old", None, [(1500, 5), (1500, 1005)])], crs=4326)
    found = compare(ours, osm_roads(theirs))
    assert ids(found) == (["new"], ["old"])
    assert (found.ours.km, found.ours.missing_km) == (pytest.approx(6.6), pytest.approx(0.6))
    assert found.theirs.km == pytest.approx(7, abs=0.001)
    assert found.theirs.missing_km == pytest.approx(1, abs=0.001)
    assert found.ours.percent == pytest.approx(100 * 0.6 / 6.6)
    assert [note.code for note in found.notes] == ["area-hull"]
    assert "0.6 公里在 OpenStreetMap 里找不到" in found.said.zh


def test_roads_of_estates_are_not_looked_for_but_count_as_found(tmp_path: Path) -> None:
    """Ours is internal to them, and theirs internal to us: nothing is missing; a road internal on one side alone is
    not listed either."""
    inside: list[Road] = [("yard", "internal", [(500, 0), (500, 900)])]
    ours = town(tmp_path / "ours", [*GRID, *inside, ("lane", "branch", [(1500, 0), (1500, 900)])])
    theirs = town(tmp_path / "theirs", [*GRID, ("service", "internal", [(1500, 0), (1500, 900)])])
    found = compare(ours, osm_roads(theirs))
    assert ids(found) == ([], [])
    assert (found.ours.km, found.theirs.km) == (pytest.approx(6.9), pytest.approx(6))


def test_it_stays_within_the_area_under_review(tmp_path: Path) -> None:
    """The area is the western half: of their road of 2000 m through the middle only 1000 m count as missing."""
    ours = town(tmp_path / "ours", GRID, area=(-10, -10, 1000, 1010))
    theirs = town(tmp_path / "theirs", [*GRID, ("through", "arterial", [(0, 500), (2000, 500)])])
    found = compare(ours, osm_roads(theirs))
    assert ids(found) == ([], ["through"])
    assert found.theirs.missing_km == pytest.approx(1)
    assert "area-scope" in [note.code for note in found.notes]


def test_what_lies_beyond_their_data_is_not_called_missing(tmp_path: Path) -> None:
    """Their data ends at x = 1000 (with the reach of 20 m: 1020); our road beyond is not compared, and it is said.

    The area is the hull of ours with its reach round it: about 2040 × 1040, of which theirs covers about half.
    """
    ours = town(tmp_path / "ours", GRID)
    half: list[Road] = [
        ("east", "arterial", [(0, 0), (1000, 0)]),
        ("west", "arterial", [(0, 1000), (1000, 1000)]),
        ("south", "branch", [(0, 0), (0, 1000)]),
    ]
    found = compare(ours, osm_roads(town(tmp_path / "theirs", half)))
    assert ids(found) == ([], [])
    (cut,) = [note for note in found.notes if note.code == "area-cut"]
    assert "49" in cut.zh
    assert found.ours.km == pytest.approx(2 * 1.02 + 1)


def test_a_wide_red_line_reaches_farther(tmp_path: Path) -> None:
    """Two carriageways 30 m from our centreline: not found at 20 m, found where the red line is 70 m wide."""
    theirs = town(
        tmp_path / "theirs", [("n", "arterial", [(0, 30), (900, 30)]), ("s", "arterial", [(0, -30), (900, -30)])]
    )
    around = (-50, -100, 950, 100)
    one: list[Road] = [("one", "arterial", [(0, 0), (900, 0)])]
    plain = compare(town(tmp_path / "plain", one, area=around), osm_roads(theirs))
    assert ids(plain) == (["one"], ["n", "s"])
    wide = town(tmp_path / "wide", one, area=around)
    frame = gpd.read_file(wide / "roads.gpkg").assign(red_line_width=70.0)
    frame.to_file(wide / "roads.gpkg")
    assert ids(compare(wide, osm_roads(theirs))) == ([], [])


def test_shifted_coordinates_are_suspected(tmp_path: Path) -> None:
    """All of ours 300 m east and north of all of theirs: what overlaps has no counterpart on either side."""
    ours = town(tmp_path / "ours", shifted(GRID, 300))
    found = compare(ours, osm_roads(town(tmp_path / "theirs", GRID)))
    assert found.notes[0].code == "shifted"
    assert "shifted" not in [
        note.code for note in compare(ours, osm_roads(town(tmp_path / "same", shifted(GRID, 303)))).notes
    ]


def test_without_classes_all_roads_are_looked_for(tmp_path: Path) -> None:
    ours = town(tmp_path / "ours", [(name, None, points) for name, _, points in GRID])
    found = compare(ours, osm_roads(town(tmp_path / "theirs", GRID)))
    assert ids(found) == ([], [])
    assert found.ours.km == pytest.approx(6)
    assert "all-classes" in [note.code for note in found.notes]


def test_it_refuses_what_cannot_be_compared(tmp_path: Path) -> None:
    good = town(tmp_path / "good", GRID)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SubmissionError) as raised:
        osm_roads(empty)
    assert raised.value.faults[0].code == "no-roads-there"
    assert "urbanform osm" in raised.value.faults[0].zh
    theirs = osm_roads(good)
    with pytest.raises(SubmissionError) as raised:
        compare(empty, theirs)
    assert raised.value.faults[0].code == "no-roads-here"
    local = tmp_path / "local"
    local.mkdir()
    plane = gpd.GeoDataFrame({"id": ["1"], "class": ["branch"]}, geometry=[LineString([(0, 0), (90, 0)])])
    with pytest.warns(UserWarning, match="crs"):
        plane.to_file(local / "roads.gpkg")
    (local / "submission.yaml").write_text("crs: local-metres\nlayers: {roads: roads.gpkg}\n", encoding="utf-8")
    with pytest.raises(SubmissionError) as raised:
        compare(local, theirs)
    assert raised.value.faults[0].code == "local-grid"
    far = town(tmp_path / "far", shifted(GRID, 50_000))
    with pytest.raises(SubmissionError) as raised:
        compare(far, theirs)
    assert raised.value.faults[0].code == "apart"


def test_two_styled_layers_and_a_map_are_written_and_removed(tmp_path: Path) -> None:
    ours = town(tmp_path / "ours", [*GRID, ("new", "secondary", [(500, 0), (500, 600)])])
    theirs = town(tmp_path / "theirs", [*GRID, ("old", "branch", [(1500, 0), (1500, 1000)])])
    found = compare(ours, osm_roads(theirs))
    out = tmp_path / "report"
    write_comparison(found, out, Language.ZH)
    for layer, name, missing_m in (("only_submission", "new", 600), ("only_osm", "old", 1000)):
        frame = gpd.read_file(out / GPKG, layer=layer)
        assert frame["feature"].tolist() == [name]
        assert frame["missing_m"].tolist() == pytest.approx([missing_m])
        assert frame.length.tolist() == pytest.approx([missing_m])
    with closing(sqlite3.connect(out / GPKG)) as base:
        styled = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    assert set(styled) == {"only_submission", "only_osm"}
    assert all("categorizedSymbol" in text for text in styled.values())
    page = (out / MAP).read_text(encoding="utf-8")
    for part in ("提交有、OpenStreetMap 没有", "in OpenStreetMap, not handed in", "default-src &#39;none&#39;"):
        assert part in page
    assert json.dumps("次干路 secondary roads", ensure_ascii=False)[1:-1] in page
    remove_older(out)
    assert not (out / GPKG).exists()
    assert not (out / MAP).exists()
    remove_older(out)


def test_one_road_alone_has_ground_to_be_compared_on(tmp_path: Path) -> None:
    """A single straight road has no hull; the ground within its reach is compared."""
    ours = town(tmp_path / "ours", [("one", "branch", [(0, 0), (900, 0)])])
    theirs = town(tmp_path / "theirs", [("two", "branch", [(0, 8), (900, 8)])])
    found = compare(ours, osm_roads(theirs))
    assert ids(found) == ([], [])
    assert np.isclose(found.ours.km, 0.9)
