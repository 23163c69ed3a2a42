"""Areas of the made city: scopes, clusters with corridors between them, units, zones, parks and other green."""

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.city_ground import CRS, Ground, outline, places_about

Frames = dict[str, gpd.GeoDataFrame]


def areas(ground: Ground) -> Frames:
    """Every layer of polygons that does not come from the grid of blocks, by role."""
    rows = int(np.ceil(ground.many(20) ** 0.5))
    return {
        **_scopes(ground),
        "clusters": _layer(_clusters(ground, rows)),
        "corridors": _layer(_corridors(ground, rows)),
        "renewal_units": _units(ground),
        "parks": _layer(_parks(ground)),
        **_zones(ground),
    }


def _layer(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    ids = np.arange(1, len(shapes) + 1)
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=shapes, crs=CRS)


def _scopes(ground: Ground) -> Frames:
    rng, side_m = ground.random("scopes"), ground.side_m
    persons = 1.5e6 * ground.scale
    return {
        "main_urban_area": _layer([outline(rng, ground.centre, 0.36 * side_m, 3000, 0.1)], population=[persons]),
        "built_up_area": _layer([outline(rng, ground.centre, 0.25 * side_m, 6000, 0.25)], population=[persons]),
        "county_seat": _layer([outline(rng, ground.centre, 0.06 * side_m, 500, 0.1)], population=[30_000.0]),
    }


def _lattice(ground: Ground, across: int) -> tuple[np.ndarray, float]:
    """Middles of across × across squares that take three quarters of the side, and how far apart they are."""
    apart_m = 0.76 * ground.side_m / across
    step = (np.arange(across) - (across - 1) / 2) * apart_m
    east_m, north_m = np.meshgrid(ground.centre[0] + step, ground.centre[1] + step)
    return np.c_[east_m.ravel(), north_m.ravel()], apart_m


def _clusters(ground: Ground, rows: int) -> list[shapely.Geometry]:
    rng = ground.random("clusters")
    middles, apart_m = _lattice(ground, rows)
    middles = middles[: ground.many(20)] + rng.uniform(-300, 300, (ground.many(20), 2))
    largest_m = min(2800.0, 0.3 * apart_m)
    return [outline(rng, tuple(at), rng.uniform(0.45, 1.0) * largest_m, 1000, 0.15) for at in middles]


def _corridors(ground: Ground, rows: int) -> list[shapely.Geometry]:
    """Strips some 500 m wide that wind between the rows of clusters, their ends cut straight across."""
    rng = ground.random("corridors")
    count, gaps = ground.many(6), max(rows - 1, 1)
    in_a_row = int(np.ceil(count / gaps))
    length_m = 0.76 * ground.side_m / in_a_row - 2000
    _, apart_m = _lattice(ground, rows)
    strips = []
    for number in range(count):
        column, gap = divmod(number, gaps)
        west_m = ground.centre[0] - 0.38 * ground.side_m + column * (length_m + 2000) + 1000
        north_m = ground.centre[1] + (gap + 1 - rows / 2) * apart_m
        share = np.linspace(0, 1, 400)
        east_m = west_m + share * length_m
        middle_m = north_m + 400 * np.sin(6 * share + number)
        up_m = np.maximum(250 + 80 * np.sin(20 * share + number) + np.cumsum(rng.normal(0, 2.5, 400)), 90)
        down_m = np.maximum(250 + 80 * np.cos(26 * share) + np.cumsum(rng.normal(0, 2.5, 400)), 90)
        upper, lower = np.c_[east_m, middle_m + up_m], np.c_[east_m, middle_m - down_m]
        strips.append(shapely.Polygon(np.vstack([upper, lower[::-1]])))
    return strips


def _units(ground: Ground) -> gpd.GeoDataFrame:
    rng, count = ground.random("units"), ground.many(50)
    middles, apart_m = _lattice(ground, int(np.ceil(count**0.5)))
    shapes = [outline(rng, tuple(at), 0.25 * apart_m, 120, 0.2) for at in middles[:count]]
    households = rng.integers(500, 5000, count)
    return _layer(
        shapes,
        district_kind=rng.choice(["old-town", "other"], count),
        households=households,
        resettled_households=(households * rng.uniform(0.4, 0.9, count)).astype(int),
    )


def _parks(ground: Ground) -> list[shapely.Geometry]:
    """Parks of 250 m² to 200 ha, half of them over 1.5 ha, with some 450 corners each; every seventh has a lake."""
    rng, count = ground.random("parks"), ground.many(800)
    area_m2 = np.clip(np.exp(rng.normal(9.6, 1.6, count)), 250, 2e6)
    corners = np.clip(rng.lognormal(5.9, 0.6, count), 60, 4000).astype(int)
    shapes = []
    for number, at in enumerate(places_about(rng, ground, count, 0.38)):
        radius_m = float(np.sqrt(area_m2[number] / np.pi))
        park = outline(rng, at, radius_m, int(corners[number]), 0.3)
        if number % 7 == 0:
            park = shapely.Polygon(park.exterior, [outline(rng, at, 0.25 * radius_m, 60, 0.05).exterior])
        shapes.append(park)
    return shapes


def _zones(ground: Ground) -> Frames:
    """The smaller layers, for the checks that cost little."""
    rng = ground.random("zones")

    def some(at_scale_one: int, low_m: float, high_m: float, reach: float, corners: int = 80) -> list[shapely.Geometry]:
        count = ground.many(at_scale_one)
        radius_m = rng.uniform(low_m, high_m, count)
        middles = places_about(rng, ground, count, reach)
        return [outline(rng, at, radius, corners, 0.2) for at, radius in zip(middles, radius_m, strict=True)]

    communities, heights, green = some(200, 200, 500, 0.25), some(20, 300, 900, 0.25), some(400, 20, 200, 0.25)
    return {
        "heritage_zones": _layer(some(10, 200, 500, 0.15), kind="历史文化街区"),
        "communities": _layer(
            communities,
            complete=rng.choice(["是", "否"], len(communities)),
            green=rng.choice(["是", "否"], len(communities)),
        ),
        "height_zones": _layer(heights, height_limit=rng.integers(18, 100, len(heights)).astype(float)),
        "hazard_zones": _layer(some(10, 200, 1500, 0.4), kind="flood"),
        "villages": _layer(some(30, 100, 300, 0.45)),
        "plazas": _layer(some(40, 20, 100, 0.1)),
        "green_spaces": _layer(green, kind=rng.choice(["公园绿地", "防护绿地", "附属绿地"], len(green))),
        "water": _layer(some(40, 50, 600, 0.4), kind="湖泊"),
    }
