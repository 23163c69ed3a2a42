"""Road network density of the main urban area, and of hexagons of 500 m: clip, and an overlay with the grid."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.answers import Figures, answer

HEXAGON_M = 500.0
CLASSES = ("expressway", "arterial", "secondary", "branch")


def figures(city: Path) -> Figures:
    """Kilometres of road per km² of the area; the hexagons are drawn, not compared."""
    roads = gpd.read_file(city / "roads.gpkg")
    area = gpd.read_file(city / "main_urban_area.gpkg")

    inside = gpd.clip(roads[roads["class"].isin(CLASSES)], area)
    grid = gpd.clip(hexagons(area), area)
    pieces = gpd.overlay(inside, grid, how="intersection", keep_geom_type=True)
    pieces["length_m"] = pieces.length
    by_cell = pieces.groupby("cell")["length_m"].sum()
    grid["density"] = grid["cell"].map(by_cell).fillna(0) / 1000 / (grid.area / 1e6)
    return {"km/km2": inside.length.sum() / 1000 / (area.area.sum() / 1e6)}


def hexagons(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A grid of hexagons over the extent, cell by cell."""
    west, south, east, north = area.total_bounds
    side_m = HEXAGON_M / np.sqrt(3)
    cells = []
    for row, y in enumerate(np.arange(south, north + 2 * side_m, 1.5 * side_m)):
        for x in np.arange(west + row % 2 * HEXAGON_M / 2, east + HEXAGON_M, HEXAGON_M):
            angle = np.radians(30 + 60 * np.arange(6))
            cells.append(shapely.Polygon(np.c_[x + side_m * np.cos(angle), y + side_m * np.sin(angle)]))
    return gpd.GeoDataFrame({"cell": range(len(cells))}, geometry=cells, crs=area.crs)


if __name__ == "__main__":
    answer(figures)
