"""Net width of corridors by trial: shrink the free ground by half a width, and see whether both ends still meet.

The two ends are known from how the corridor was drawn (the check has to find them): corner 400 to 401 and the last to
the first.
"""

from pathlib import Path

import geopandas as gpd
import shapely

from benchmarks.answers import Figures, answer

ENOUGH_M = 0.1
BEYOND_M = 2000.0


def figures(city: Path) -> Figures:
    """Metres, to within 0.1, by corridor."""
    buildings = gpd.read_file(city / "buildings.gpkg")
    corridors = gpd.read_file(city / "corridors.gpkg")
    return {str(row.id): width_m(row.geometry, buildings) for row in corridors.itertuples()}


def width_m(corridor: shapely.Geometry, buildings: gpd.GeoDataFrame) -> float:
    """The widest disc that gets from end to end, by halving."""
    shape = max(shapely.get_parts(corridor), key=shapely.area)
    corner = shapely.get_coordinates(shape.exterior)
    half = (len(corner) - 1) // 2
    ends = [beyond(shape, corner[half - 1], corner[half]), beyond(shape, corner[-2], corner[0])]
    near = buildings[buildings.intersects(shape)]
    # Carried on past its ends, so that shrinking eats into its sides alone.
    free = shapely.union_all([shape, *ends]).difference(near.union_all())
    low_m, high_m = 0.0, 1000.0
    while high_m - low_m > ENOUGH_M:
        trial_m = (low_m + high_m) / 2
        left = shapely.get_parts(free.buffer(-trial_m / 2, quad_segs=32))
        through = any(part.intersects(ends[0]) and part.intersects(ends[1]) for part in left)
        low_m, high_m = (trial_m, high_m) if through else (low_m, trial_m)
    return (low_m + high_m) / 2


def beyond(shape: shapely.Geometry, start: object, stop: object) -> shapely.Geometry:
    """A strip that carries the corridor on past one of its ends."""
    end = shapely.LineString([start, stop])
    sides = [shapely.buffer(end, BEYOND_M * side, cap_style="flat", single_sided=True) for side in (1, -1)]
    return min(sides, key=lambda side: shapely.area(shapely.intersection(side, shape)))


if __name__ == "__main__":
    answer(figures)
