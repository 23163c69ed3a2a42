"""A corridor prepared once for everything that is measured on it: outline, banks, ends, obstacles and crossings."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from urbanform.measure.bank_holes import BoundedCorridor, bounded_corridor
from urbanform.measure.corridor_outline import Surfaces, joined_outlines
from urbanform.measure.local import shared_with
from urbanform.measure.obstacle_gaps import Bottleneck, GapPieces, bottleneck, gap_pieces
from urbanform.measure.road_strips import (
    Crossing,
    RoadLines,
    RoadStretches,
    road_strips,
    roads_within,
    sorted_stretches,
)

THINNEST_M = 1e-5


class ObstacleKind(StrEnum):
    """What stands in a corridor."""

    OBSTACLE = "obstacle"
    ROAD = "road"
    HOLE = "hole"


@dataclass(frozen=True, slots=True, order=True)
class ObstacleRef:
    """An obstacle: its kind and its number among the obstacles, roads or holes handed in."""

    kind: ObstacleKind
    number: int


@dataclass(frozen=True, eq=False)
class Obstacles:
    """What stands in a corridor, clipped to it.

    Attributes
    ----------
    shapes
        Polygons; an obstacle may have several parts.
    refs
        Which obstacle, road or hole each is a part of.
    """

    shapes: NDArray[np.object_]
    refs: tuple[ObstacleRef, ...]


@dataclass(frozen=True, eq=False)
class CorridorPiece:
    """One whole piece of a corridor: a corridor whose parts lie further apart than they may has several."""

    bounded: BoundedCorridor
    stretches: RoadStretches
    standing: Obstacles
    roads: RoadLines

    def obstacles(self, least_road_m: float) -> Obstacles:
        """What stands in it, with the strips of the roads along it; `least_road_m` for widths that are unknown."""
        strips, road = road_strips(self.bounded.body, self.stretches, self.roads.width_m(least_road_m))
        shapes, number = _clipped(self.bounded.body, strips)
        return Obstacles(
            np.concatenate([self.standing.shapes, shapes]),
            (*self.standing.refs, *(ObstacleRef(ObstacleKind.ROAD, n) for n in road[number].tolist())),
        )

    @property
    def further(self) -> "CorridorPiece | None":
        """The piece with those ends further out that could be meant as well; none where there is no doubt."""
        banks = self.bounded.banks
        if banks is None or banks.further is None:
            return None
        return replace(self, bounded=replace(self.bounded, banks=banks.further))

    def ground(self, obstacles: Obstacles) -> GapPieces:
        """Banks and obstacles, ready for gaps."""
        banks = self.bounded.banks.lines if self.bounded.banks is not None else ()
        return gap_pieces(self.bounded.body, banks, obstacles.shapes)


@dataclass(frozen=True, eq=False)
class Narrows:
    """A bottleneck of a corridor, and the ground whose way it narrows."""

    bottleneck: Bottleneck
    body: Polygon | MultiPolygon


@dataclass(frozen=True, eq=False)
class Corridor:
    """A corridor prepared once; :func:`prepared_corridor` makes it.

    Attributes
    ----------
    pieces
        The whole pieces of it, the largest first; one in a sound corridor.
    road_width_m, unknown_road_width_m
        The least width of a road without a red-line width, and what such a road could be as wide as.
    """

    pieces: tuple[CorridorPiece, ...]
    road_width_m: float
    unknown_road_width_m: float

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """The roads that cross the corridor."""
        return tuple(crossing for piece in self.pieces for crossing in piece.stretches.crossings)

    @property
    def ends(self) -> tuple[LineString, ...]:
        """The ends of the corridor; a line of no length where an arm tapers to a point."""
        return tuple(end for p in self.pieces if p.bounded.banks is not None for end in p.bounded.banks.ends)

    @cached_property
    def further(self) -> "Corridor | None":
        """The corridor with those ends further out that could be meant as well; none where there is no doubt."""
        pieces = tuple(piece.further for piece in self.pieces)
        if all(piece is None for piece in pieces):
            return None
        return replace(self, pieces=tuple(far or piece for far, piece in zip(pieces, self.pieces, strict=True)))

    @property
    def banks(self) -> tuple[LineString, ...]:
        """The banks of the corridor."""
        return tuple(bank for p in self.pieces if p.bounded.banks is not None for bank in p.bounded.banks.lines)

    @cached_property
    def doubtful_roads(self) -> tuple[int, ...]:
        """The numbers of the roads along the corridor whose red-line width is unknown, in order."""
        found = {
            number
            for piece in self.pieces
            for number in piece.stretches.along_road[piece.roads.unknown()[piece.stretches.along_road]].tolist()
        }
        return tuple(sorted(found))

    @cached_property
    def obstacles(self) -> tuple[Obstacles, ...]:
        """What stands in each piece, roads of unknown width at least `road_width_m` wide."""
        return tuple(piece.obstacles(self.road_width_m) for piece in self.pieces)

    @cached_property
    def wide_road_obstacles(self) -> tuple[Obstacles, ...]:
        """What stands in each piece, roads of unknown width at least `unknown_road_width_m` wide."""
        if not self.doubtful_roads:
            return self.obstacles
        return tuple(piece.obstacles(self.unknown_road_width_m) for piece in self.pieces)

    @cached_property
    def narrows(self) -> tuple[Narrows, ...]:
        """The bottlenecks of a whole corridor; see :meth:`narrows_among`."""
        return self.narrows_among(self.obstacles[0])

    def narrows_among(self, obstacles: Obstacles) -> tuple[Narrows, ...]:
        """The bottleneck between the banks, and that of each arm whose two flanks are one bank; the narrowest first."""
        piece = self.pieces[0]
        banks = piece.bounded.banks
        assert banks is not None
        found: list[tuple[Bottleneck | None, Polygon | MultiPolygon]] = [
            (bottleneck(piece.ground(obstacles)), piece.bounded.body)
        ]
        for arm in banks.lone_arms:
            ground = gap_pieces(piece.bounded.body, [arm.right, arm.left], obstacles.shapes)
            found.append((bottleneck(ground), arm.body))
        known = [Narrows(narrow, body) for narrow, body in found if narrow is not None]
        return tuple(sorted(known, key=lambda narrows: narrows.bottleneck.gap.length_m))


def prepared_corridor(
    polygons: Surfaces,
    obstacles: NDArray[np.object_] | shapely.STRtree | None = None,
    roads: RoadLines | None = None,
    clusters: Surfaces = (),
    *,
    join_m: float = 1.0,
    road_width_m: float = 12.0,
    unknown_road_width_m: float = 40.0,
    road_tree: shapely.STRtree | None = None,
) -> Corridor:
    """A corridor with its banks, ends, obstacles and crossings found.

    Parameters
    ----------
    polygons
        All polygons of one corridor (:func:`~urbanform.measure.corridor_outline.group_corridors`), planar metres.
    obstacles
        Polygons of buildings and construction land anywhere in the place, or an index of them, which spares building
        one for every corridor. Missing and empty ones are passed over.
    roads
        Roads anywhere in the place, with their widths.
    clusters
        The city's clusters; a hole with one in it is a bank.
    join_m
        Parts up to so far apart are one.
    road_width_m
        The least width of a road without a red-line width.
    unknown_road_width_m
        What such a road could be as wide as.
    road_tree
        An index of `roads.lines`.

    Returns
    -------
    The corridor; without pieces where no polygon has an area. Everything must be valid geometry.
    """
    roads = RoadLines.none() if roads is None else roads
    tree = obstacles if isinstance(obstacles, shapely.STRtree) else shapely.STRtree(_shapes(obstacles))
    pieces = []
    for outline in joined_outlines(polygons, join_m):
        bounded = bounded_corridor(outline, clusters)
        stretches = roads_within(bounded.body, roads, road_tree)
        if bounded.banks is not None:
            sets = [bounded.banks.lines, *((arm.right, arm.left) for arm in bounded.banks.lone_arms)]
            stretches = sorted_stretches(bounded.body, stretches, sets, bounded.banks.ends)
        pieces.append(CorridorPiece(bounded, stretches, _standing(bounded, tree), roads))
    return Corridor(tuple(pieces), road_width_m, unknown_road_width_m)


def _shapes(obstacles: NDArray[np.object_] | None) -> NDArray[np.object_]:
    return np.empty(0, dtype=object) if obstacles is None else np.asarray(obstacles, dtype=object)


def _standing(bounded: BoundedCorridor, tree: shapely.STRtree) -> Obstacles:
    near = np.sort(tree.query(bounded.body, predicate="intersects"))
    shapes, number = _clipped(bounded.body, np.asarray(tree.geometries)[near])
    holes = np.array(bounded.obstacle_holes, dtype=object)
    return Obstacles(
        np.concatenate([shapes, holes]),
        (
            *(ObstacleRef(ObstacleKind.OBSTACLE, n) for n in near[number].tolist()),
            *(ObstacleRef(ObstacleKind.HOLE, n) for n in bounded.obstacle_hole_numbers),
        ),
    )


def _clipped(body: Polygon, shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The parts of shapes inside a body, and the shape of which each is a part; a mere touch leaves none."""
    if not shapes.size:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    shapely.prepare(body)
    clipped = shapes.copy()
    edge = ~shapely.contains_properly(body, shapes)
    clipped[edge] = shared_with(shapes[edge], body)
    parts, number = shapely.get_parts(clipped, return_index=True)
    surface = (shapely.get_dimensions(parts) == 2) & (2 * shapely.area(parts) > THINNEST_M * shapely.length(parts))
    return parts[surface], number[surface]
