"""Parcels, roads and paths of the made city, all drawn on one jittered grid of blocks."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from benchmarks.city_ground import BLOCK_M, CRS, SOUTH_M, Ground

CODES = ("0701", "0702", "0801", "0804", "0901", "1001", "1207", "1401")
SHARES = (0.38, 0.04, 0.08, 0.05, 0.13, 0.2, 0.06, 0.06)
OPEN_CODES = ("0101", "0301")
"""Codes of 国土空间调查、规划、用途管制用地用海分类指南: of plots in town, and of fields and woods."""

WIDTHS_M = {"expressway": 60.0, "arterial": 40.0, "secondary": 30.0, "branch": 16.0}
BETWEEN = 3
"""Corners of an edge between its two nodes."""


@dataclass(frozen=True)
class Mesh:
    """Edges of the grid from node to node: along the rows, shape (blocks, blocks + 1, 5, 2), and up the columns."""

    along: NDArray[np.float64]
    up: NDArray[np.float64]


def mesh_of(ground: Ground) -> Mesh:
    """The grid of blocks, its nodes off by up to 35 m and its edges a little bent."""
    rng, count = ground.random("mesh"), ground.blocks + 1
    column, row = np.meshgrid(np.arange(count), np.arange(count), indexing="ij")
    node = np.stack([ground.west_m + column * BLOCK_M, SOUTH_M + row * BLOCK_M], axis=-1)
    node += rng.uniform(-35, 35, node.shape)

    def edges(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
        share = (np.arange(1, BETWEEN + 1) / (BETWEEN + 1))[:, None]
        inner = start[..., None, :] * (1 - share) + end[..., None, :] * share
        inner += rng.normal(0, 3, inner.shape)
        return np.concatenate([start[..., None, :], inner, end[..., None, :]], axis=-2)

    return Mesh(edges(node[:-1], node[1:]), edges(node[:, :-1], node[:, 1:]))


def parcels(ground: Ground, mesh: Mesh, corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One plot per block; neighbours share every corner, and what touches a corridor is wood."""
    rng = ground.random("parcels")
    sides = (
        mesh.along[:, :-1, :-1],
        mesh.up[1:, :, :-1],
        mesh.along[:, 1:, :0:-1],
        mesh.up[:-1, :, ::-1],
    )
    shapes = shapely.polygons(np.concatenate(sides, axis=-2).reshape(ground.blocks**2, -1, 2))
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    town = rng.random(len(shapes)) < np.clip(3 * ground.density(*middle.T), 0, 0.97)
    code = np.where(town, rng.choice(CODES, len(shapes), p=SHARES), rng.choice(OPEN_CODES, len(shapes)))
    code[np.unique(shapely.STRtree(shapes).query(corridors.geometry.to_numpy(), predicate="intersects")[1])] = "0301"
    return gpd.GeoDataFrame({"id": np.arange(1, len(shapes) + 1), "land_use": code}, geometry=shapes, crs=CRS)


def roads(ground: Ground, mesh: Mesh, corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The centrelines: three quarters of the grid; corridors are crossed by main roads only, and by none along them."""
    rng = ground.random("roads")
    shapes, line, upward = _edges(mesh)
    kinds = np.select([line % 40 == 0, line % 10 == 0, line % 5 == 0], list(WIDTHS_M)[:3], "branch")
    kept = (kinds != "branch") | (rng.random(len(shapes)) < 0.68)
    inside = np.unique(shapely.STRtree(shapes).query(corridors.geometry.to_numpy(), predicate="intersects")[1])
    kept[inside] = upward[inside] & (line[inside] % 10 == 0)
    shapes, line, upward, kinds = shapes[kept], line[kept], upward[kept], kinds[kept]
    named = np.char.add(np.where(upward, "南北", "东西"), np.char.add(line.astype(str), "路"))
    return gpd.GeoDataFrame(
        {
            "id": np.arange(1, len(shapes) + 1),
            "name": pd.Series(named, dtype=object).where(kinds != "branch", None),
            "class": kinds,
            "red_line_width": np.array([WIDTHS_M[kind] for kind in kinds]),
        },
        geometry=shapes,
        crs=CRS,
    )


def facilities(ground: Ground, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Schools, clinics and shops, each at the end of some road."""
    rng = ground.random("facilities")
    count = ground.many(1200)
    corners = shapely.get_point(streets.geometry.to_numpy(), 0)
    shapes = corners[rng.choice(len(corners), min(count, len(corners)), replace=False)]
    return gpd.GeoDataFrame(
        {"id": np.arange(1, len(shapes) + 1), "kind": rng.choice(["小学", "卫生服务站", "菜市场"], len(shapes))},
        geometry=shapes,
        crs=CRS,
    )


def footpaths(ground: Ground, mesh: Mesh) -> gpd.GeoDataFrame:
    """Three quarters of the edges again, chosen anew: paths need no road."""
    rng = ground.random("footpaths")
    shapes = _edges(mesh)[0]
    shapes = shapes[rng.random(len(shapes)) < 0.75]
    return gpd.GeoDataFrame({"id": np.arange(1, len(shapes) + 1)}, geometry=shapes, crs=CRS)


def greenways(ground: Ground, mesh: Mesh) -> gpd.GeoDataFrame:
    """Every twentieth line of the grid, from side to side in one piece."""
    across = ground.blocks // 20 * 20
    rows = [mesh.along[:, row, :-1].reshape(-1, 2) for row in range(10, across, 20)]
    columns = [mesh.up[column, :, :-1].reshape(-1, 2) for column in range(10, across, 20)]
    shapes = [shapely.LineString(line) for line in (*rows, *columns)]
    return gpd.GeoDataFrame({"id": np.arange(1, len(shapes) + 1)}, geometry=shapes, crs=CRS)


def _edges(mesh: Mesh) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_]]:
    """Every edge as a line, the number of the row or column that it is part of, and whether that is a column."""
    along, up = mesh.along, mesh.up
    shapes = shapely.linestrings(np.concatenate([along.reshape(-1, *along.shape[2:]), up.reshape(-1, *up.shape[2:])]))
    row = np.broadcast_to(np.arange(along.shape[1]), along.shape[:2]).ravel()
    column = np.broadcast_to(np.arange(up.shape[0])[:, None], up.shape[:2]).ravel()
    upward = np.arange(len(shapes)) >= row.size
    return shapes, np.concatenate([row, column]), upward
