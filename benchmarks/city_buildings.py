"""The buildings of the made city: some 300,000 at scale 1, none on another's ground, made some at a time."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.city_ground import BLOCK_M, CRS, SOUTH_M, Ground

AT_SCALE_ONE = 300_000
ACROSS = 5
"""Sites along each side of a block."""
APART_M, INSET_M = 41.0, 68.0
AT_ONCE = 100_000

BOX = ((-1, -1), (1, -1), (1, 1), (-1, 1))
ANGLE = ((-1, -1), (1, -1), (1, -0.2), (0.1, -0.2), (0.1, 0.3), (-0.3, 0.3), (-0.3, 1), (-1, 1))
"""Plans as shares of half the width and depth: a block, a house with two wings; a third is a block with a court."""
COURT_SHARE = 0.45


def buildings(ground: Ground, corridors: gpd.GeoDataFrame) -> Iterator[gpd.GeoDataFrame]:
    """The buildings, ``AT_ONCE`` at a time: the denser a place the more of its sites are taken; few in corridors."""
    rng = ground.random("buildings")
    east_m, north_m, density = _sites(ground, rng, corridors)
    for start in range(0, len(east_m), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        yield _built(rng, start, east_m[some], north_m[some], density[some])


def _sites(
    ground: Ground, rng: np.random.Generator, corridors: gpd.GeoDataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    block, site = np.arange(ground.blocks), np.arange(ACROSS)
    offset = (block[:, None] * BLOCK_M + INSET_M + site * APART_M).ravel()
    east_m, north_m = (axis.ravel() for axis in np.meshgrid(ground.west_m + offset, SOUTH_M + offset, indexing="ij"))
    weight = ground.density(east_m, north_m)
    for corridor in corridors.geometry:
        west, south, east, north = corridor.bounds
        near = np.flatnonzero((east_m > west) & (east_m < east) & (north_m > south) & (north_m < north))
        shapely.prepare(corridor)
        weight[near[shapely.contains_xy(corridor, east_m[near], north_m[near])]] *= 0.1
    # The largest of random ** (1 / weight) are a draw by weight (P. Efraimidis and P. Spirakis, 2006).
    drawn = np.log(rng.random(len(weight))) / weight
    taken = np.sort(np.argpartition(-drawn, ground.many(AT_SCALE_ONE))[: ground.many(AT_SCALE_ONE)])
    return east_m[taken], north_m[taken], ground.density(east_m[taken], north_m[taken])


def _built(
    rng: np.random.Generator,
    start: int,
    east_m: NDArray[np.float64],
    north_m: NDArray[np.float64],
    density: NDArray[np.float64],
) -> gpd.GeoDataFrame:
    count = len(east_m)
    storeys = np.clip(rng.lognormal(1.3 + 0.7 * density, 0.7, count), 1, 60).astype(np.int32)
    action = rng.choice(["retain", "renovate", "demolish", "new"], count, p=[0.76, 0.12, 0.1, 0.02])
    shapes = _shapes(rng, east_m, north_m)
    roof_m2 = shapely.area(shapes)
    return gpd.GeoDataFrame(
        {
            "id": np.arange(start + 1, start + count + 1),
            "storeys": storeys,
            "height": np.round(3.1 * storeys + rng.uniform(0, 2, count), 1),
            "use": rng.choice(["residential", "public", "commercial", "industrial"], count, p=[0.6, 0.1, 0.2, 0.1]),
            "action": action,
            "year_built": np.where(action == "new", 2026, rng.integers(1950, 2022, count)).astype(np.int32),
            "protected": rng.choice(["是", "否"], count, p=[0.01, 0.99]),
            "pv_area": np.round(roof_m2 * rng.uniform(0.2, 0.7, count), 1),
            "installable_roof_area": np.round(roof_m2 * rng.uniform(0.7, 0.9, count), 1),
        },
        geometry=shapes,
        crs=CRS,
    )


def _shapes(rng: np.random.Generator, east_m: NDArray[np.float64], north_m: NDArray[np.float64]) -> NDArray[np.object_]:
    count = len(east_m)
    half_m = np.c_[rng.uniform(5, 16, count), rng.uniform(5, 14, count)]
    turn = rng.uniform(-0.17, 0.17, count)
    plan = rng.choice(3, count, p=[0.62, 0.33, 0.05])

    def rings(corners: tuple[tuple[float, float], ...], rows: NDArray[np.int64], share: float) -> NDArray[np.object_]:
        xy = np.array(corners) * share * half_m[rows, None, :]
        cos, sin = np.cos(turn[rows, None]), np.sin(turn[rows, None])
        x, y = xy[..., 0] * cos - xy[..., 1] * sin, xy[..., 0] * sin + xy[..., 1] * cos
        return shapely.linearrings(np.stack([east_m[rows, None] + x, north_m[rows, None] + y], axis=-1))

    shapes = np.empty(count, dtype=object)
    box, angle, court = (np.flatnonzero(plan == kind) for kind in range(3))
    shapes[box] = shapely.polygons(rings(BOX, box, 1.0))
    shapes[angle] = shapely.polygons(rings(ANGLE, angle, 1.0))
    shapes[court] = shapely.polygons(rings(BOX, court, 1.0), rings(BOX, court, COURT_SHARE)[:, None])
    return shapes
