"""A submission from an extract: a town of a few elements, each drawn for one line of the tables."""

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from urbanform.errors import SubmissionError
from urbanform.osm.elements import Elements, as_areas
from urbanform.osm.extract import read_extract
from urbanform.osm.layers import MadeLayer, layers_of
from urbanform.osm.lines import highways, roads
from urbanform.vocabulary import table

STEP = 0.001


class Town:
    """An extract in the making: nodes on a grid of 0.001°, ways through them, relations of ways."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[float, float], int] = {}
        self.tagged: dict[int, dict[str, str]] = {}
        self.parts: list[str] = []
        self.last = 100

    def node(self, at: tuple[float, float], **tags: str) -> int:
        number = self.nodes.setdefault(at, len(self.nodes) + 1)
        if tags:
            self.tagged[number] = tags
        return number

    def way(self, *points: tuple[float, float], absent: tuple[int, ...] = (), **tags: str) -> str:
        self.last += 1
        refs = [self.node(point) for point in points]
        for at in absent:
            refs[at] = 9000 + at
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs) + said(tags)
        self.parts.append(
            f'<way id="{self.last}" version="1" timestamp="2024-05-0{self.last % 9 + 1}T00:00:00Z">{inside}</way>'
        )
        return f"way/{self.last}"

    def relation(self, *members: tuple[str, str], **tags: str) -> str:
        self.last += 1
        inside = "".join(
            f'<member type="way" ref="{way.partition("/")[2]}" role="{role}"/>' for way, role in members
        ) + said({"type": "multipolygon", **tags})
        self.parts.append(f'<relation id="{self.last}" version="1">{inside}</relation>')
        return f"relation/{self.last}"

    def write(self, path: Path, header: str = "") -> Path:
        nodes = "".join(
            f'<node id="{number}" version="1" lon="{114 + x * STEP:.7f}" lat="{35 + y * STEP:.7f}">'
            f"{said(self.tagged.get(number, {}))}</node>"
            for (x, y), number in self.nodes.items()
        )
        ways = "".join(part for part in self.parts if part.startswith("<way"))
        relations = "".join(part for part in self.parts if part.startswith("<relation"))
        path.write_text(
            f'<?xml version="1.0"?><osm version="0.6" generator="pencil"{header}>{nodes}{ways}{relations}</osm>',
            encoding="utf-8",
        )
        return path


def said(tags: dict[str, str]) -> str:
    # Python has no colon in the names of arguments.
    return "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())


def square(x: float, y: float, side: float = 1) -> tuple[tuple[float, float], ...]:
    return (x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)


@pytest.fixture
def town() -> Town:
    return Town()


def made(town: Town, folder: Path) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, str]]:
    """Layers by role, each indexed by element; and why each element left out was."""
    layers, gone = layers_of(read_extract(town.write(folder / "town.osm")))
    return {layer.role: layer.frame.set_index("id") for layer in layers}, dict(
        zip(gone["id"], gone["why"], strict=True)
    )


def test_classes_are_given_only_where_the_tags_leave_no_other_reading(town: Town, tmp_path: Path) -> None:
    """Each way with the class it gets; None: blank.

    A trunk with the number of a national highway is 国道 or 快速路; a residential road without a name may lie in an
    estate; a road of customers is the estate's own; ramps are no centrelines.
    """
    wanted = {
        town.way((0, 0), (1, 0), highway="trunk", name="北环快速路"): "expressway",
        town.way((0, 1), (1, 1), highway="trunk", name="京港线", ref="G107"): None,
        town.way((0, 2), (1, 2), highway="motorway", ref="G4"): "highway",
        town.way((0, 3), (1, 3), highway="motorway"): None,
        town.way((0, 4), (1, 4), highway="primary"): "arterial",
        town.way((0, 5), (1, 5), highway="primary", ref="S302;12"): None,
        town.way((0, 6), (1, 6), highway="primary_link"): "internal",
        town.way((0, 7), (1, 7), highway="secondary", ref="E 12"): "secondary",
        town.way((0, 8), (1, 8), highway="tertiary"): "branch",
        town.way((0, 9), (1, 9), highway="residential", name="幸福路"): "branch",
        town.way((0, 10), (1, 10), highway="residential"): None,
        town.way((0, 11), (1, 11), highway="residential", name="园区路", access="private"): "internal",
        town.way((0, 12), (1, 12), highway="residential", name="步行街", access="no"): None,
        town.way((0, 13), (1, 13), highway="service", name="小路"): "internal",
        town.way((0, 14), (1, 14), highway="construction", construction="secondary"): "secondary",
        town.way((0, 15), (1, 15), highway="proposed"): None,
    }
    layers, gone = made(town, tmp_path)
    found = layers["roads"]["class"].astype(object).where(layers["roads"]["class"].notna(), None).to_dict()
    assert found == wanted
    assert gone == {}
    status = layers["roads"]["status"]
    assert status.tolist()[:14] == ["existing"] * 14
    assert status.tolist()[14:] == ["under-construction", "planned"]


def test_widths_are_pavement_and_carriageways_stay_apart(town: Town, tmp_path: Path) -> None:
    town.way((0, 0), (5, 0), highway="primary", name="人民路", oneway="yes", width="12.5 m")
    town.way((0, 0.1), (5, 0.1), highway="primary", name="人民路", oneway="yes", width="40'")
    roads = made(town, tmp_path)[0]["roads"]
    assert roads["pavement_width"].tolist() == ["12.5", "12.192"]
    assert "red_line_width" not in roads
    assert len(roads) == 2


def test_what_is_no_centreline_is_left_out_with_its_reason(town: Town, tmp_path: Path) -> None:
    wanted = {
        town.way(*square(0, 0), highway="pedestrian", area="yes"): "highway-area",
        town.way(*square(0, 3), highway="pedestrian", place="square"): "highway-area",
        town.way((3, 0), (4, 0), highway="corridor"): "highway-other",
        town.way((3, 1), (4, 1), highway="trail"): "highway-unknown",
        town.way((3, 2), (4, 2), highway="footway", access="private"): "walk-closed",
        town.way((3, 3), (4, 3), highway="path", foot="no"): "walk-closed",
        town.way((3, 4), (4, 4), highway="cycleway"): "walk-unasked",
        town.way((3, 5), (4, 5), highway="primary", absent=(1,)): "line-lost",
    }
    walked = [
        town.way((6, 0), (7, 0), highway="footway"),
        town.way((6, 1), (7, 1), highway="cycleway", foot="designated"),
        town.way((6, 2), (7, 2), highway="footway", access="private", foot="yes"),
        town.way((6, 3), (7, 3), highway="steps"),
        town.way(*square(6, 5), highway="footway"),
    ]
    layers, gone = made(town, tmp_path)
    assert gone == wanted
    assert layers["footpaths"].index.tolist() == walked
    assert "roads" not in layers


def test_a_way_that_leaves_the_extract_keeps_its_known_stretches(town: Town, tmp_path: Path) -> None:
    """Nodes 0 1 – 3 4 of five are at hand: two stretches of one step each."""
    town.way((0, 0), (1, 0), (2, 0), (3, 0), (4, 0), absent=(2,), highway="primary")
    road = made(town, tmp_path)[0]["roads"].geometry.iloc[0]
    assert road.geom_type == "MultiLineString"
    assert road.length == pytest.approx(2 * STEP)


def test_buildings_with_storeys_height_use_and_year(town: Town, tmp_path: Path) -> None:
    one = town.way(
        *square(0, 0), building="apartments", building__levels="6", height="18 m", start_date="1998-05-01", name="1号楼"
    )
    two = town.way(*square(2, 0), building="yes", amenity="school", building__levels="2.5", start_date="~1990")
    three = town.way(*square(4, 0), building="yes", height="12")
    gone = {
        town.way(*square(6, 0), building="construction"): "building-absent",
        town.way(*square(8, 0), building="yes", location="underground"): "building-absent",
        town.way((10, 0), (11, 0), (11, 1), building="yes"): "area-open",
        town.way(*square(12, 0), absent=(2,), building="yes"): "area-cut",
    }
    layers, left_out = made(town, tmp_path)
    found = layers["buildings"]
    assert left_out == gone
    assert found.index.tolist() == [one, two, three]
    for column, wanted in {
        "storeys": ["6", "2-3", None],
        "height": ["18", None, "12"],
        "use": ["residential", "public", None],
        "year_built": ["1998", None, None],
        "name": ["1号楼", None, None],
    }.items():
        assert [None if pd.isna(value) else value for value in found[column]] == wanted, column
    assert found.geometry.geom_type.unique().tolist() == ["Polygon"]
    assert found.geometry.iloc[0].area == pytest.approx(STEP**2)


def test_a_ring_that_crosses_itself_is_handed_on_and_counted(town: Town, tmp_path: Path) -> None:
    """A bow tie: no polygon by the rules, but somebody's building. The review is told of it, not spared it."""
    town.way((0, 0), (1, 1), (1, 0), (0, 1), (0, 0), building="yes")
    layers, gone = layers_of(read_extract(town.write(tmp_path / "town.osm")))
    (buildings,) = layers
    assert not buildings.frame.geometry.is_valid.any()
    assert "shape-crossing" in [note.code for note in buildings.notes]
    assert gone.empty


def test_relations_become_areas_with_holes_and_broken_ones_are_counted(town: Town, tmp_path: Path) -> None:
    """A block of 3 × 3 with a court of 1 × 1: 8 squares. One relation lacks a member, one does not close.

    A ring that is tagged as a building besides its relation is one building; what else it is it stays.
    """
    outer = town.way(*square(0, 0, 3))
    court = town.way(*square(1, 1))
    half = town.way((10, 0), (11, 0), (11, 1))
    twice = town.way(*square(20, 0), building="yes", amenity="pharmacy")
    once = town.relation((twice, "outer"), building="yes")
    whole = town.relation((outer, "outer"), (court, "inner"), building="yes")
    gone = {
        town.relation((half, "outer"), building="yes"): "relation-broken",
        town.relation((half, "outer"), ("way/7777", "outer"), leisure="park"): "relation-incomplete",
    }
    gone[twice] = "relation-outer"
    layers, left_out = made(town, tmp_path)
    assert layers["buildings"].geometry[whole].area == pytest.approx(8 * STEP**2)
    assert sorted(layers["buildings"].index) == sorted([whole, once])
    assert layers["facilities"].index.tolist() == [twice]
    assert left_out == gone


def test_parks_are_public_ones(town: Town, tmp_path: Path) -> None:
    kept = [
        town.way(*square(0, 0), leisure="park", name="人民公园"),
        town.way(*square(2, 0), leisure="garden", access="yes"),
    ]
    gone = {
        town.way(*square(4, 0), leisure="park", access="private"): "park-closed",
        town.way(*square(6, 0), leisure="garden"): "garden-unsaid",
        town.way(*square(8, 0), leisure="garden", access="private"): "garden-unsaid",
    }
    layers, left_out = made(town, tmp_path)
    assert layers["parks"].index.tolist() == kept
    assert left_out == gone


def test_land_use_goes_by_the_first_row_that_fits_and_buildings_are_no_parcels(town: Town, tmp_path: Path) -> None:
    wanted = {
        town.way(*square(0, 0), landuse="residential"): "07",
        town.way(*square(2, 0), landuse="residential", residential="rural"): "0703",
        town.way(*square(4, 0), landuse="industrial"): "1001",
        town.way(*square(6, 0), amenity="school"): "0804",
    }
    town.way(*square(8, 0), landuse="construction")
    town.way(*square(10, 0), amenity="school", building="school")
    parcels = made(town, tmp_path)[0]["parcels"]
    assert parcels["YDYHFLDM"].to_dict() == wanted
    assert parcels["YDYHFLMC"].tolist() == ["居住用地", "农村宅基地", "工业用地", "教育用地"]


def test_water_and_facilities(town: Town, tmp_path: Path) -> None:
    """A kindergarten drawn as a square gives a point inside it; a bus stop is the node itself."""
    lake = town.way(*square(0, 0), natural="water", water="lake")
    river = town.way(*square(2, 0), waterway="riverbank")
    town.way((0, 5), (9, 5), waterway="river")
    school = town.way(*square(4, 0), amenity="kindergarten")
    town.node((20, 20), highway="bus_stop", name="东站")
    layers, gone = made(town, tmp_path)
    assert layers["water"]["kind"].to_dict() == {lake: "lake", river: "river"}
    facilities = layers["facilities"]
    assert sorted(facilities["kind"]) == ["公交站", "幼儿园"]
    assert shapely.box(114.004, 35, 114.005, 35.001).contains(facilities.geometry[school])
    assert facilities.geometry.geom_type.unique().tolist() == ["Point"]
    assert gone == {}


def test_a_bridge_joins_at_its_ends_and_not_what_passes_below(town: Town, tmp_path: Path) -> None:
    """A ground path, a bridge from its end over a second ground path, and steps up to the middle of the bridge.

    The bridge is cut into: 1 m at the shared end (levels 0;1), its own level, 1 m on either side of the steps' node,
    its own level again: four pieces. Below it the second path stays whole and on the ground.
    """
    ground = town.way((0, 0), (5, 0), highway="footway")
    bridge = town.way((5, 0), (7, 0), (9, 0), highway="footway", bridge="yes", layer="1")
    below = town.way((6, -3), (6, 3), highway="footway")
    steps = town.way((7, 5), (7, 0), highway="steps")
    paths = made(town, tmp_path)[0]["footpaths"]
    assert paths.loc[[ground, below, steps], "level"].tolist() == ["0", "0", "0"]
    assert paths.loc[[bridge], "level"].tolist() == ["0;1", "1", "0;1", "1"]
    pieces = paths.loc[[bridge]].to_crs(4547).length
    assert pieces.iloc[0] == pytest.approx(1, rel=0.01)
    assert pieces.iloc[2] == pytest.approx(2, rel=0.01)
    whole = gpd.GeoSeries([shapely.LineString([(114.005, 35), (114.009, 35)])], crs=4326).to_crs(4547).length
    assert pieces.sum() == pytest.approx(whole[0], rel=1e-9)


def test_levels_come_of_layer_bridge_and_tunnel(town: Town, tmp_path: Path) -> None:
    for at, (tags, _) in enumerate(LEVELS):
        town.way((0, at), (1, at), highway="footway", **tags)
    assert made(town, tmp_path)[0]["footpaths"]["level"].tolist() == [level for _, level in LEVELS]


LEVELS: list[tuple[dict[str, str], str]] = [
    ({}, "0"),
    ({"bridge": "yes"}, "1"),
    ({"bridge": "viaduct", "layer": "2"}, "2"),
    ({"tunnel": "yes"}, "-1"),
    ({"tunnel": "no"}, "0"),
    ({"layer": "-2"}, "-2"),
    ({"layer": "ground"}, "0"),
]


def test_the_date_comes_of_the_header_else_of_the_newest_element(town: Town, tmp_path: Path) -> None:
    """Ways 101 and 102 carry 3 and 4 May 2024."""
    town.way((0, 0), (1, 0), highway="primary")
    town.way((0, 1), (1, 1), highway="primary")
    plain = read_extract(town.write(tmp_path / "plain.osm")).origin
    assert (plain.date, plain.date_from, plain.program) == ("2024-05-04T00:00:00Z", "newest", "pencil")
    dated = town.write(tmp_path / "dated.osm", header=' timestamp="2024-06-01T00:00:00Z"')
    undated = tmp_path / "undated.osm"
    undated.write_text(re.sub(r' timestamp="[^"]*"', "", dated.read_text(encoding="utf-8")), encoding="utf-8")
    found = read_extract(undated).origin
    assert (found.date, found.date_from) == (None, "unknown")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("town.geojson", "{}", "not-an-extract"),
        ("town.osm", "<osm version='0.6'><node id='1' lat='x' lon='1'/></osm>", "extract-unreadable"),
        ("town.osm", "<osm version='0.6'><node id='1' lat='35' lon='114'", "extract-unreadable"),
        ("town.osm.pbf", "no pbf at all", "extract-unreadable"),
        (
            "town.osm",
            '<!DOCTYPE osm [<!ENTITY a "aa">]><osm version="0.6" generator="&a;"></osm>',
            "extract-unreadable",
        ),
    ],
)
def test_what_cannot_be_read_is_said(name: str, text: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SubmissionError) as raised:
        read_extract(path)
    assert [fault.code for fault in raised.value.faults] == [code]
    assert name in raised.value.faults[0].zh


def test_nothing_of_interest_gives_no_layer(town: Town, tmp_path: Path) -> None:
    town.way((0, 0), (1, 0), waterway="river")
    found: Elements = read_extract(town.write(tmp_path / "town.osm"))
    layers: list[MadeLayer] = layers_of(found)[0]
    assert layers == []
    assert len(roads(highways(found)[0])) == 0
    assert len(as_areas(found.frame)[0]) == 0


def test_the_tables_say_what_the_roles_know() -> None:
    from urbanform.intake.land_use_systems import System, class_of, class_of_name
    from urbanform.model.roles import BUILDING_USES, ROAD_CLASSES, ROLES

    for row in table("osm_highway"):
        assert {row[case] for case in ("named", "unnamed", "numbered", "limited")} <= {*ROAD_CLASSES, "?", ""}
        assert row["walk"] in ("yes", "no", "asked")
    assert {row["use"] for row in table("osm_building")} <= set(BUILDING_USES)
    assert {row["role"] for row in table("osm_area")} <= set(ROLES)
    for row in table("osm_land_use"):
        by_code, by_name = class_of(System.LAND_AND_SEA, row["code"]), class_of_name(row["name"])
        assert by_code is not None, row
        assert by_name is not None, row
        assert by_code[0] == by_name[0], row
    assert {row["meaning"] for row in table("osm_access")} == {"open", "limited", "closed"}
