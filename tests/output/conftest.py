"""A small invented place with findings of every verdict, built by hand: what the tests of output draw and write."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from urbanform.model.assessment import Assessment
from urbanform.model.finding import judge, not_applicable, undetermined
from urbanform.model.measurement import Bounds, Measurement, Quantity, Shapes, Subject, Tone
from urbanform.model.provenance import Action, Defect, Input
from urbanform.model.roles import ROLES, Geometry
from urbanform.model.rules import (
    Document,
    Kind,
    Limit,
    Op,
    Place,
    Rule,
    RulePack,
    Severity,
    Source,
    Title,
    Unit,
)
from urbanform.model.submission import Submission, TableLayer
from urbanform.wording import Words

CRS = pyproj.CRS("EPSG:4547")
EAST, NORTH = 520_000.0, 3_955_000.0
"""The lower left corner of the place: in Hebi, east of the central meridian of 114°."""

SOURCE = Source("鹤壁市城乡建设领域碳达峰行动方案", "鹤建综〔2023〕61号", "二（一）1")


def box(west, south, east, north):
    """Rectangles by metres from the place's lower left corner."""
    return shapely.box(EAST + np.asarray(west), NORTH + np.asarray(south), EAST + np.asarray(east), NORTH + north)


def words(zh, en, code="said"):
    """A message without placeholders."""
    return Words(code, zh, en)


def layer(role, shapes, geometry=Geometry.POLYGON, **columns):
    """A layer in memory whose ids count from 1 where none are given."""
    shapes = np.asarray(shapes, dtype=object)
    table = {"id": [str(n + 1) for n in range(len(shapes))], "name": None, **columns}
    frame = gpd.GeoDataFrame({**table, "sound": True, "certain": True}, geometry=shapes, crs=CRS)
    frame["name"] = frame["name"].astype(object)
    return TableLayer(ROLES[role], geometry, frozenset(table), frame)


def town(buildings=600):
    """A built-up area of 4 × 3 km: three clusters, roads every 500 m, a park, a lake, ``buildings`` houses."""
    random = np.random.default_rng(7)
    columns = int(np.ceil(np.sqrt(buildings * 4 / 3)))
    place = np.arange(buildings)
    step_x, step_y = 3900 / columns, 2900 / np.ceil(buildings / columns)
    west = 50 + (place % columns) * step_x + random.uniform(0, step_x * 0.3, buildings)
    south = 50 + (place // columns) * step_y + random.uniform(0, step_y * 0.3, buildings)
    houses = box(
        west,
        south,
        west + random.uniform(0.3, 0.6, buildings) * step_x,
        south + random.uniform(0.25, 0.55, buildings) * step_y,
    )
    lines = [shapely.LineString([(EAST + x, NORTH), (EAST + x, NORTH + 3000)]) for x in range(250, 4000, 500)]
    lines += [shapely.LineString([(EAST, NORTH + y), (EAST + 4000, NORTH + y)]) for y in range(250, 3000, 500)]
    lake = shapely.Point(EAST + 2000, NORTH + 1500).buffer(300)
    return {
        "built_up_area": layer("built_up_area", [box(0, 0, 4000, 3000)], name=["建成区"]),
        "clusters": layer(
            "clusters",
            [box(100, 100, 1900, 1400), box(2100, 100, 3900, 1400), box(100, 1600, 1900, 2900)],
            name=["老城组团", "东区组团", "北区组团"],
        ),
        "water": layer("water", [lake.difference(lake.buffer(-200))]),
        "parks": layer("parks", [box(2600, 1700, 3300, 2300)], name=["淇河公园"]),
        "roads": layer("roads", lines, Geometry.LINE, name=[f"道路{n}" for n in range(len(lines))]),
        "buildings": layer("buildings", houses),
    }


def rule(rule_id, zh, en, unit, *limits, severity=Severity.MANDATORY, scope=None, source=SOURCE):
    """A rule whose limits are (op, value) or (op, value, due)."""
    told = tuple(Limit(Op(op), value, unit, *due) for op, value, *due in limits)
    return Rule(rule_id, rule_id, Title(zh, en), severity, source, scope=scope, limits=told)


def density(layers):
    """Three clusters of 2.34 km² each: 29,016, 20,826 and between 12,000 and 30,000 persons.

    29016 / 2.34 = 12400 and 20826 / 2.34 = 8900 persons per km²; the limit is 10,000.
    """
    frame = layers["clusters"].frame(("id", "name"))
    subjects = (
        Subject("1", "老城组团", 12400.0, numerator=Quantity(29016.0, "persons"), denominator=Quantity(2.34, "km2")),
        Subject("2", "东区组团", 8900.0, numerator=Quantity(20826.0, "persons"), denominator=Quantity(2.34, "km2")),
        Subject("3", "北区组团", bounds=Bounds(5128.0, None), missing=words("人口缺失，请补填", "fill in persons")),
    )
    shown = gpd.GeoDataFrame(
        {
            "kind": ["cluster", "cluster", "unmeasured"],
            "subject": frame["id"],
            "name": frame["name"],
            "density": [12400.0, 8900.0, np.nan],
            "complete": [True, False, True],
        },
        geometry=frame.geometry.to_numpy(),
        crs=CRS,
    )
    evidence = Shapes(
        shown,
        {
            "cluster": (Tone.COUNTED, words("组团人口密度", "cluster, by density")),
            "unmeasured": (Tone.UNKNOWN, words("未能量算的组团", "cluster not measured")),
        },
        {"density": words("人口密度（人/平方公里）", "density (persons/km²)")},
        ramp="density",
    )
    return Measurement(
        Unit.PERSONS_PER_KM2,
        subjects,
        notes=(words("人口取自组团图层自身字段", "persons from the clusters' own field"),),
        evidence=(evidence,),
        higher_is_worse=True,
    )


def road_density(layers):
    """8 roads of 3 km and 6 of 4 km are 48 km in 12 km²: 4 km/km²; cells of 500 m, counted lines and points."""
    frame = layers["roads"].frame(("id", "name"))
    lines = gpd.GeoDataFrame(
        {
            "kind": np.where(np.arange(len(frame)) % 5 == 4, "uncounted", "counted"),
            "feature": frame["id"],
            "name": frame["name"],
            "length_m": frame.length,
        },
        geometry=frame.geometry.to_numpy(),
        crs=CRS,
    )
    x, y = (part.ravel() for part in np.meshgrid(np.arange(0, 4000, 500), np.arange(0, 3000, 500)))
    cells = gpd.GeoDataFrame(
        {"kind": "cell", "density": np.linspace(2, 6, len(x))}, geometry=box(x, y, x + 500, y + 500), crs=CRS
    )
    worst = gpd.GeoDataFrame(
        {"kind": ["worst"], "note": ["最稀处"]}, geometry=[shapely.Point(EAST + 250, NORTH + 250)], crs=CRS
    )
    return Measurement(
        Unit.KM_PER_KM2,
        (
            Subject(
                "1", "建成区", 4.0, numerator=Quantity(48.0, "km"), denominator=Quantity(12.0, "km2"),
                notes=(words("重复路段只计一次", "repeated stretches count once"),),
            ),
        ),
        evidence=(
            Shapes(
                cells,
                {"cell": (Tone.COUNTED, words("每 500 米格网的路网密度", "density by 500 m cell"))},
                {"density": words("路网密度（公里/平方公里）", "density (km/km²)")},
                ramp="density",
            ),
            Shapes(
                lines,
                {
                    "counted": (Tone.GOOD, words("计入的道路", "counted")),
                    "uncounted": (Tone.UNCOUNTED, words("不计入的道路", "not counted")),
                },
                {"length_m": words("长度（米）", "length (m)")},
            ),
            Shapes(worst, {"worst": (Tone.MARK, words("密度最低处", "sparsest place"))}),
        ),
    )  # fmt: skip


def heights(layers):
    """One new building of 120 m, which exceeds 100 m by 20 m."""
    frame = layers["buildings"].frame(("id",)).iloc[[3]]
    shown = gpd.GeoDataFrame(
        {"kind": ["over"], "subject": ["4"], "height_m": [120.0]}, geometry=frame.geometry.to_numpy(), crs=CRS
    )
    return Measurement(
        Unit.METRE,
        (Subject("4", None, 120.0),),
        evidence=(
            Shapes(
                shown,
                {"over": (Tone.BREACH, words("超过限高的新建建筑", "new building over the limit"))},
                {"height_m": words("高度（米）", "height (m)")},
            ),
        ),
    )


def findings(layers):
    """Findings of every verdict in the order of their pack."""
    dense = rule("cluster-population-density", "组团人口密度", "Cluster density", Unit.PERSONS_PER_KM2, ("<=", 10000))
    roads = rule(
        "road-network-density", "路网密度", "Road network density", Unit.KM_PER_KM2, (">", 8), scope="built_up_area"
    )
    tall = rule(
        "super-high-rise-control",
        "超高层建筑",
        "Super high-rise",
        Unit.METRE,
        ("<=", 100),
        severity=Severity.RESTRICTED,
    )
    surface = rule(
        "permeable-surface-share", "可渗透面积占比", "Permeable surface", Unit.PERCENT,
        (">=", 40, 2025), (">=", 45, 2030), severity=Severity.TARGET, scope="built_up_area",
    )  # fmt: skip
    net = rule("corridor-net-width", "生态廊道净宽度", "Corridor net width", Unit.METRE, (">=", 100))
    green = rule("green-300m-park-500m", "见绿见园", "Green in reach", Unit.PERCENT, severity=Severity.ADVISORY)
    village = rule("village-site-safety", "村庄选址安全", "Village site safety", Unit.HECTARE, ("<=", 0))
    within = rule(
        "county-population-density", "县城人口密度", "County density", Unit.PERSONS_PER_KM2, ("between", (6000, 10000))
    )
    return (
        judge(dense, density(layers), 2026),
        judge(roads, road_density(layers), 2026),
        judge(tall, heights(layers), 2026),
        judge(surface, Measurement(Unit.PERCENT, (Subject("1", "建成区", 42.5),)), 2026),
        undetermined(net, words("缺少 corridors（生态廊道）图层", "the layer corridors is missing", "layer-missing")),
        judge(green, Measurement(Unit.PERCENT, (Subject("1", "见绿", 81.25), Subject("2", "见园", 77.5))), 2026),
        not_applicable(village, words("本次核查不含村庄", "villages are not under review", "kind-not-bound")),
        judge(within, Measurement(Unit.PERSONS_PER_KM2, (Subject("1", "县城", 7500.0),)), 2026),
    )  # fmt: skip


def assessed(layers, found, **changes):
    """An assessment of findings on layers."""
    submission = Submission(
        name="鹤壁市淇滨区示例",
        crs=CRS,
        kinds=(Kind.CITY,),
        place=Place(province="河南省", city="鹤壁市"),
        layers=layers,
        none=frozenset({"plazas", "hazard_zones"}),
        inputs=(
            Input("现状/道路.shp", "roads", "b" * 64, 14, "EPSG:4547", "GBK"),
            Input("现状/建筑.shp", "buildings", "a" * 64, 600, "EPSG:4547", None),
        ),
        defects=(
            Defect("buildings", "100", "self-intersection", Action.REPAIRED, words("自相交，已修复", "mended")),
            Defect("buildings", "17", "self-intersection", Action.REPAIRED, words("自相交，已修复", "mended"), 3),
            Defect("corridors", None, "no-crs", Action.REJECTED, words("没有坐标系", "has no CRS")),
        ),
    )
    pack = RulePack(
        "hebi",
        Title("鹤壁市城乡建设领域碳达峰行动方案", "Hebi action plan"),
        Document("鹤建综〔2023〕61号", "2023-09-21", "city"),
        Place(province="河南省", city="鹤壁市"),
        tuple(finding.rule for finding in found),
        "c" * 64,
    )
    return Assessment(replace(submission, **changes), pack, 2026, tuple(found))


class Builders:
    """The builders above, for tests that make a place of their own."""

    town, layer, rule, box, words, assessed, findings = map(
        staticmethod, (town, layer, rule, box, words, assessed, findings)
    )
    density, road_density, heights = map(staticmethod, (density, road_density, heights))
    crs, east, north = CRS, EAST, NORTH


@pytest.fixture(scope="session")
def build():
    """Builders of places, rules and assessments."""
    return Builders


@pytest.fixture(scope="session")
def layers():
    """The layers of the invented place."""
    return town()


@pytest.fixture(scope="session")
def assessment(layers):
    """Findings of every verdict on the invented place."""
    return assessed(layers, findings(layers))


@pytest.fixture(scope="session")
def finding_of(assessment):
    """The finding of a rule of the invented place."""
    return {finding.rule.id: finding for finding in assessment.findings}
