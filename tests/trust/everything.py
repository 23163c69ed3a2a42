"""One place that has something of everything, and a pack with one rule for every check.

A town of 2 km × 2 km from the corner of the place, in metres:

    0        900 1100      2000
    +---------+---+----------+ 2000   two clusters with a green corridor between them; homes in the
    | cluster | c | cluster  |        west, works and a village with its flood land in the east; a
    |  homes  | o |  works   |        renewal unit (100 … 400) with what is kept, demolished and new;
    |  unit   | r | village  |        parks, a plaza, streets every 300 m, paths and a greenway.
    +---------+---+----------+ 0

Where a figure can be told by pencil the tests of its check do so; here only what must not change it is held.
"""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely

from places import box, layer, line, place, point
from urbanform.assess import assess
from urbanform.checks import check_names, find_check
from urbanform.model.finding import Finding
from urbanform.model.rules import Document, Limit, Op, Place, Rule, RulePack, Severity, Source, Title
from urbanform.model.submission import Submission, TableLayer

LIMITS: Mapping[str, tuple[Op, float]] = {
    "km/km2": (Op.ABOVE, 8),
    "%": (Op.AT_LEAST, 60),
    "m": (Op.AT_LEAST, 100),
    "persons/km2": (Op.AT_MOST, 10_000),
    "km/10k": (Op.AT_LEAST, 1),
}
"""A limit for each unit, so that verdicts of both kinds occur; every other unit: at most 1."""


def town() -> Submission:
    """The town, with a layer in every vector role."""
    homes = [box(120 + 60 * n, 700 + 80 * row, 150 + 60 * n, 714 + 80 * row) for row in range(6) for n in range(8)]
    old = [box(120 + 50 * n, 120, 140 + 50 * n, 140) for n in range(5)]
    new = [box(120, 200, 150, 220), box(200, 200, 230, 220), box(300, 200, 330, 220), box(330, 330, 350, 350)]
    works = [box(1300 + 120 * n, 800, 1380 + 120 * n, 860) for n in range(4)]
    farm = [box(1700, 1720, 1712, 1730), box(1820, 1850, 1832, 1862)]
    shapes = [*homes, *old, *new, *works, *farm]
    size = {"homes": len(homes), "old": len(old), "new": len(new), "works": len(works), "farm": len(farm)}
    kept, gone = ["retain"], ["demolish"]
    buildings = layer(
        "buildings",
        shapes,
        storeys=[6] * size["homes"] + [3, 4, 2, 3, 5] + [11, 18, 25, 33] + [2] * size["works"] + [1, 2],
        height=[18.0] * size["homes"] + [None] * size["old"] + [33.0, 54.0, 102.0, 101.0] + [12.0] * 4 + [4.0, 7.0],
        floor_area=[None] * len(shapes),
        use=["residential"] * (size["homes"] + size["old"])
        + ["residential", "residential", "public", "commercial", "industrial", "industrial", "industrial", "industrial"]
        + ["residential"] * 2,
        action=kept * size["homes"] + gone * 2 + kept * 3 + ["new"] * 4 + ["new"] * 2 + kept * 2 + kept * 2,
        protected=[False] * len(shapes),
        year_built=[2004] * size["homes"] + [1979, 1992, 1985, 1999, 2010] + [2026] * 4 + [2026] * 2 + [2001] * 4,
        pv_area=[0.0] * (size["homes"] + size["old"]) + [200.0, 0.0, 330.0, 150.0] + [2500.0, 2400.0, 0, 0] + [0.0] * 2,
        installable_roof_area=[300.0] * len(shapes),
    )
    streets = [line((x, 0), (x, 2000)) for x in range(150, 2000, 300)]
    streets += [line((0, y), (2000, y)) for y in range(150, 2000, 300)]
    widths = [24.0, 30.0, 18.0, 40.0, 24.0, 12.0, 36.0] * 2
    parcels = [box(100, 680, 640, 1300), box(100, 100, 400, 400), box(1280, 780, 1800, 900), box(660, 700, 860, 900)]
    return place(
        layer("main_urban_area", [box(0, 0, 2000, 2000)], population=[41_000]),
        layer("built_up_area", [box(0, 0, 2000, 1500), box(0, 1500, 1000, 2000)], population=[35_000, 6_000]),
        layer("county_seat", [box(0, 0, 2000, 2000)], population=[41_000]),
        layer("clusters", [box(0, 0, 900, 2000), box(1100, 0, 2000, 2000)], population=[25_000, 12_000]),
        layer("sub_areas", [box(100, 680, 640, 1300), box(1100, 0, 2000, 900)], population=[5_000, 7_000]),
        layer(
            "renewal_units",
            [box(100, 100, 400, 400), box(1280, 780, 1800, 900)],
            district_kind=["old-town", "other"],
            households=[120, 40],
            resettled_households=[70, 12],
        ),
        layer("heritage_zones", [box(110, 110, 150, 150), box(600, 1350, 700, 1450)], kind=[None, None]),
        layer(
            "communities",
            [box(100 + 140 * n, 700, 230 + 140 * n, 1200) for n in range(5)],
            complete=[True, True, False, True, True],
            green=[True, False, False, True, False],
            population=[1000] * 5,
        ),
        layer("height_zones", [box(100, 100, 260, 400), box(260, 100, 400, 400)], height_limit=[50.0, 24.0]),
        layer("hazard_zones", [box(1690, 1700, 1760, 1760)], kind=["flood"]),
        layer(
            "parcels",
            parcels,
            land_use=["residential", "residential", "industrial", "park"],
            green_ratio=[0.35, 0.3, 0.2, 0.8],
        ),
        buildings,
        layer("roads", streets, **{"class": ["arterial", "branch"] * 7}, red_line_width=widths, pavement_width=widths),
        layer("road_surfaces", [shapely.buffer(street, 12, cap_style="flat") for street in streets]),
        layer("parks", [box(660, 700, 860, 900), box(1500, 1200, 1560, 1260)]),
        layer("green_spaces", [box(660, 700, 860, 900), box(1200, 200, 1500, 500), box(500, 1600, 700, 1900)]),
        layer("water", [box(600, 300, 700, 420)], kind=[None]),
        layer("corridors", [box(900, 0, 1100, 2000)]),
        layer("plazas", [box(500, 500, 620, 600), box(1600, 300, 1800, 420)]),
        layer(
            "surfaces",
            [box(0, 0, 1000, 2000), box(1000, 0, 2000, 1500), box(1000, 1500, 2000, 2000)],
            permeable=[0.3, 0.7, 1.0],
        ),
        layer("greenways", [line((980, 20), (980, 1980)), line((100, 1400), (800, 1400))]),
        layer(
            "footpaths", [line((200, 650), (700, 650)), line((700, 650), (700, 1250)), line((1300, 700), (1500, 700))]
        ),
        layer("facilities", [point(400, 660), point(690, 1000)], kind=["school", "clinic"]),
        layer("villages", [box(1650, 1650, 1900, 1900)]),
        layer("population", [box(0, 0, 900, 2000), box(1100, 0, 2000, 2000)], population=[25_000, 12_000]),
        where=Place(province="河南省", city="鹤壁市", county="浚县", city_level="prefecture", main_function="none"),
    )


def pack(limits: Mapping[str, Limit] = MappingProxyType({})) -> RulePack:
    """One rule for every check that there is; ``limits`` by check instead of the usual ones."""
    rules = []
    for name in check_names():
        check = find_check(name)
        op, value = LIMITS.get(str(check.unit), (Op.AT_MOST, 1))
        rules.append(
            Rule(
                name,
                name,
                Title(name, name),
                Severity.MANDATORY,
                Source(None, None, "一"),
                scope=check.scope or "main_urban_area",
                limits=(limits.get(name, Limit(op, float(value), check.unit)),),
                params=check.params(),
                document_year=2023,
            )
        )
    return RulePack("everything", Title("全部", "all"), Document(issued="2023-01-01"), Place(), tuple(rules), "0" * 64)


def decided(submission: Submission, rules: RulePack | None = None) -> dict[str, Finding]:
    """The finding of every check on a submission."""
    return {finding.rule.check: finding for finding in assess(submission, rules or pack(), 2026).findings}


def changed(
    submission: Submission, change: Callable[[str, gpd.GeoDataFrame], gpd.GeoDataFrame], *roles: str
) -> Submission:
    """A submission whose layers are changed, all or those of some roles; ``change`` gets role and table."""
    layers = {
        role: dataclasses.replace(found, table=change(role, found.table.copy()).reset_index(drop=True))
        if isinstance(found, TableLayer) and (not roles or role in roles)
        else found
        for role, found in submission.layers.items()
    }
    return dataclasses.replace(submission, layers=layers)


def moved(submission: Submission, transform: Callable[[np.ndarray], np.ndarray]) -> Submission:
    """A submission all of whose coordinates, shape (n, 2), are transformed."""

    def change(_: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = shapely.transform(table.geometry.to_numpy(), transform)
        return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))

    return changed(submission, change)
