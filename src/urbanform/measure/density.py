"""Density of linework by cell, for the eye: the figures are judged on whole areas, never on cells."""

import numpy as np
import shapely


def hexagons_over(area: shapely.Geometry, across_m: float) -> np.ndarray:
    """Regular hexagons with pointed tops, ``across_m`` wide from flat to flat, that meet ``area``.

    The grid stands on the lower left corner of the area's extent.
    """
    west, south, east, north = shapely.bounds(area)
    side = across_m / np.sqrt(3)
    rows = np.arange(np.ceil((north - south) / (1.5 * side)) + 2)
    columns = np.arange(np.ceil((east - west) / across_m) + 2)
    column, row = (grid.ravel() for grid in np.meshgrid(columns, rows))
    x = west + (column + 0.5 * (row % 2)) * across_m
    y = south + row * 1.5 * side
    angle = np.radians(30 + 60 * np.arange(6))
    corners = np.stack([x[:, None] + side * np.cos(angle), y[:, None] + side * np.sin(angle)], axis=-1)
    cells = shapely.polygons(corners)
    shapely.prepare(area)
    return cells[shapely.intersects(area, cells)]


def length_by_cell(lines: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Length in metres of the lines inside each cell: shape (cells,). Lines on a shared edge go to either cell."""
    line, cell = shapely.STRtree(cells).query(lines, predicate="intersects")
    shapely.prepare(cells)
    whole = shapely.contains_properly(cells[cell], lines[line])
    length = np.zeros(len(line))
    length[whole] = shapely.length(lines[line[whole]])
    length[~whole] = shapely.length(shapely.intersection(lines[line[~whole]], cells[cell[~whole]]))
    return np.bincount(cell, weights=length, minlength=len(cells))
