"""Continuity of an ecological corridor: where it is broken, and by what.

A corridor is continuous where a disc of a given size can travel it; see :mod:`urbanform.measure.width`. Where none can,
the free ground is cut across every narrower gap, and the pieces that lead somewhere are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from urbanform.measure.lumps import Lumps
from urbanform.measure.obstacle_gaps import gaps_under
from urbanform.measure.prepared_corridor import Corridor, CorridorPiece, ObstacleRef, Obstacles
from urbanform.measure.width import NetWidth, chain_refs, net_width

CUT_M = 1e-5
REACHES_M = 1e-3


@dataclass(frozen=True, eq=False)
class Break:
    """A place where a corridor is broken: the line from one piece to the next, and the obstacles on it."""

    line: LineString
    length_m: float
    filled_by: tuple[ObstacleRef, ...]


@dataclass(frozen=True, eq=False)
class Continuity:
    """Whether a corridor is continuous.

    Attributes
    ----------
    breaks
        0 where a disc can travel it; else the pieces that lead somewhere, less one, and at least 1; none where the
        corridor has no two ends and is no belt, so that nothing can be said.
    wide_roads_breaks
        The same with `unknown_road_width_m` for roads of unknown width.
    further_ends_breaks
        The same, roads so wide too, if those ends are meant that lie further out
        (:attr:`~urbanform.measure.prepared_corridor.Corridor.further`); `breaks` where the ends are in no doubt.
    pieces
        The pieces of free ground that reach an end or two banks and could hold the disc; none of them where nothing is
        broken.
    places
        The breaks: from each piece to its nearest; where no two pieces are left, the narrowest place.
    """

    breaks: int | None
    wide_roads_breaks: int | None
    further_ends_breaks: int | None
    pieces: tuple[Polygon, ...]
    places: tuple[Break, ...]


def continuity(corridor: Corridor, disc_m: float = 1.0, *, width: NetWidth | None = None) -> Continuity:
    """How often a prepared corridor is broken.

    Parameters
    ----------
    corridor
        The prepared corridor.
    disc_m
        The diameter of the disc that must be able to travel it, metres.
    width
        Its net width, where that is known already.
    """
    width = net_width(corridor) if width is None else width
    if np.isnan(width.width_m):
        return Continuity(None, None, None, (), ())
    pieces: tuple[Polygon, ...] = ()
    places: tuple[Break, ...] = ()
    breaks = wide_breaks = 0
    if width.width_m < disc_m:
        pieces = _pieces(corridor, corridor.obstacles, disc_m)
        breaks = wide_breaks = max(len(pieces) - 1, 1)
        places = _places(pieces, corridor, disc_m) or _narrowest_place(width)
    if width.wide_roads_width_m < disc_m and corridor.doubtful_roads:
        wide_breaks = max(len(_pieces(corridor, corridor.wide_road_obstacles, disc_m)) - 1, 1)
    unknown = bool(np.isnan(width.wide_roads_width_m))
    far_breaks: int | None = breaks
    if corridor.further is not None and not width.least_width_m >= disc_m:
        far_breaks = continuity(corridor.further, disc_m).wide_roads_breaks
    return Continuity(breaks, None if unknown else wide_breaks, far_breaks, pieces, places)


def _pieces(corridor: Corridor, obstacles: tuple[Obstacles, ...], disc_m: float) -> tuple[Polygon, ...]:
    found: list[Polygon] = []
    for piece, standing in zip(corridor.pieces, obstacles, strict=True):
        found += _leading_somewhere(piece, _free_ground(piece, standing, disc_m), disc_m)
    return tuple(found)


def _free_ground(piece: CorridorPiece, obstacles: Obstacles, disc_m: float) -> list[Polygon]:
    """A piece of a corridor without its obstacles, cut across every gap that the disc cannot pass."""
    lines = [gap.line for gap in gaps_under(piece.ground(obstacles), disc_m)]
    cuts = shapely.buffer(np.array(lines, dtype=object), CUT_M, cap_style="square")
    free = shapely.difference(piece.bounded.body, shapely.union_all(np.concatenate([obstacles.shapes, cuts])))
    parts: list[Polygon] = shapely.get_parts(free).tolist()
    return parts


def _leading_somewhere(piece: CorridorPiece, free: list[Polygon], disc_m: float) -> list[Polygon]:
    """The pieces of free ground that reach an end or two banks, and in which there is room for the disc."""
    banks = piece.bounded.banks
    if banks is None or not free:
        return []
    ground = np.array(free, dtype=object)
    roomy = ~shapely.is_empty(shapely.buffer(ground, -disc_m / 2 * (1 - 1e-9)))
    leads = _touched(ground, banks.ends) >= 1
    leads |= _touched(ground, banks.lines) >= 2
    for arm in banks.lone_arms:
        leads |= _touched(ground, (arm.right, arm.left)) >= 2
    kept: list[Polygon] = ground[roomy & leads].tolist()
    return kept


def _touched(ground: NDArray[np.object_], lines: Sequence[LineString]) -> NDArray[np.int64]:
    """How many of the lines each piece of ground touches."""
    if not lines:
        return np.zeros(ground.size, dtype=np.int64)
    near = shapely.dwithin(ground[:, None], np.array(lines, dtype=object)[None, :], REACHES_M)
    touched: NDArray[np.int64] = near.sum(axis=1)
    return touched


def _places(pieces: tuple[Polygon, ...], corridor: Corridor, disc_m: float) -> tuple[Break, ...]:
    """The shortest ways that would tie all pieces together, one fewer than pieces, and what stands there."""
    apart = sorted((shapely.distance(pieces[a], pieces[b]), a, b) for a, b in combinations(range(len(pieces)), 2))
    shapes = np.concatenate([standing.shapes for standing in corridor.obstacles])
    refs = [ref for standing in corridor.obstacles for ref in standing.refs]
    tree = shapely.STRtree(shapes)
    lumps = Lumps(len(pieces))
    places = []
    for length_m, one, other in apart:
        if lumps.find(one) == lumps.find(other):
            continue
        lumps.join(one, other)
        line = shapely.shortest_line(pieces[one], pieces[other])
        on_it = np.sort(tree.query(line, predicate="dwithin", distance=disc_m))
        places.append(Break(line, float(length_m), tuple(dict.fromkeys(refs[k] for k in on_it.tolist()))))
    return tuple(places)


def _narrowest_place(width: NetWidth) -> tuple[Break, ...]:
    if width.narrowest is None:
        return ()
    filled_by = chain_refs(width.narrows[0], width.corridor.obstacles[0]) if width.narrows else ()
    return (Break(width.narrowest, width.narrowest.length, filled_by),)
