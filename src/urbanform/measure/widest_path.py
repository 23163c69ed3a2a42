"""The way that the widest disc takes through a corridor, and the corridor's width along it.

Every obstacle goes with the bank to which the narrowest gaps tie it. Between two banks and what goes with them runs the
line of equal distance to both, an edge path of the Voronoi diagram of points on them; no gap across it is narrower than
the net width (the retraction of C. Ó'Dúnlaing and C. K. Yap, 1985, doi:10.1016/0196-6774(85)90021-5).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, MultiPolygon, Polygon

from urbanform.measure.delaunay import centres, delaunay
from urbanform.measure.lumps import Lumps
from urbanform.measure.obstacle_gaps import Bottleneck, GapPieces

SPACING_SHARE = 1 / 6
MOST_SAMPLES = 60_000
SAMPLE_DECIMALS = 3
ROUNDED_BY_M = 2e-3
SMOOTH_SHARE = 1 / 50
LEAST_GRAIN_SHARE = 1 / 10
NEIGHBOURS = 16

Points: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WidthProfile:
    """Width along the way of a disc through a corridor.

    Attributes
    ----------
    lines
        The way, one line per arm; for a belt a closed line.
    distance_m, width_m
        For each line, how far along it each of its points lies, and the width of the corridor there: the distances to
        either side, added.
    """

    lines: tuple[LineString, ...]
    distance_m: tuple[Points, ...]
    width_m: tuple[Points, ...]

    @classmethod
    def none(cls) -> "WidthProfile":
        """The profile of a corridor that has no width."""
        return cls((), (), ())

    @classmethod
    def joined(cls, profiles: Iterable["WidthProfile"]) -> "WidthProfile":
        """Several profiles as one."""
        known = list(profiles)
        return cls(
            tuple(line for profile in known for line in profile.lines),
            tuple(distance_m for profile in known for distance_m in profile.distance_m),
            tuple(width_m for profile in known for width_m in profile.width_m),
        )

    @property
    def line(self) -> LineString | MultiLineString | None:
        """All of the way; none where there is none."""
        if not self.lines:
            return None
        return self.lines[0] if len(self.lines) == 1 else MultiLineString(self.lines)

    @property
    def length_m(self) -> float:
        """The length of the way."""
        return math.fsum(line.length for line in self.lines)

    def stretches_under(self, limit_m: float) -> tuple[LineString, ...]:
        """The stretches of way on which the corridor is less wide, in order; between points the width runs straight."""
        found: list[LineString] = []
        for line, distance_m, width_m in zip(self.lines, self.distance_m, self.width_m, strict=True):
            low, high = width_m[:-1] - limit_m, width_m[1:] - limit_m
            passes = np.flatnonzero(low * high < 0)
            share = low[passes] / (low[passes] - high[passes])
            at_m = distance_m[passes] + share * np.diff(distance_m)[passes]
            corners_m = shapely.get_coordinates(line)
            way_m = np.concatenate([distance_m, at_m])
            order = np.argsort(way_m, kind="stable")
            crossing_m = corners_m[passes] + share[:, None] * np.diff(corners_m, axis=0)[passes]
            points_m = np.concatenate([corners_m, crossing_m])[order]
            over_m = np.concatenate([width_m - limit_m, np.zeros(len(passes))])[order]
            # A step is under the limit where neither of its ends is over it and not both are at it.
            under = (np.maximum(over_m[:-1], over_m[1:]) <= 0) & (np.minimum(over_m[:-1], over_m[1:]) < 0)
            starts = np.flatnonzero(under & ~np.concatenate([[False], under[:-1]]))
            stops = np.flatnonzero(under & ~np.concatenate([under[1:], [False]])) + 1
            found += [LineString(points_m[a : b + 1]) for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]
        return tuple(found)

    def length_at_least_m(self, limit_m: float) -> float:
        """The length of way on which the corridor is at least so wide; between points the width runs straight."""
        total_m = 0.0
        for distance_m, width_m in zip(self.distance_m, self.width_m, strict=True):
            steps, low, high = np.diff(distance_m), width_m[:-1], width_m[1:]
            least, most = np.minimum(low, high), np.maximum(low, high)
            rise = np.where(most > least, most - least, 1.0)
            share = np.where(least >= limit_m, 1.0, np.clip((most - limit_m) / rise, 0.0, 1.0))
            total_m += float((steps * np.where(most < limit_m, 0.0, share)).sum())
        return total_m


def widest_path(narrow: Bottleneck, body: Polygon | MultiPolygon) -> WidthProfile:
    """The way that a disc of the net width can take through a corridor.

    Parameters
    ----------
    narrow
        The bottleneck of the corridor.
    body
        The corridor, metres, with its bank holes only; the way is clipped to it.

    Returns
    -------
    The way through every arm, with the width along it, nowhere less than the net width and exactly that at the
    narrowest place. It is drawn from samples about a sixth of the net width apart, so it runs near the middle only.
    """
    if body.is_empty:
        return WidthProfile.none()
    ground, net_m = narrow.ground, narrow.gap.length_m
    grain_m = max(net_m, LEAST_GRAIN_SHARE * 2 * body.area / body.length)
    samples_m, things, spacing_m = _samples(ground, grain_m * SPACING_SHARE)
    triangles = delaunay(samples_m)
    sides = _sides(narrow, samples_m, things, triangles)
    lines = _between(samples_m, sides[things], triangles, body, grain_m)
    if not lines:
        return WidthProfile.none()
    points_m, line_of = shapely.get_coordinates(np.array(lines, dtype=object), return_index=True)
    breaks = np.flatnonzero(np.diff(line_of)) + 1
    width_m = _width_at(points_m, ground, sides, (samples_m, sides[things]), spacing_m)
    widths = np.split(np.maximum(width_m, net_m), breaks)
    distances = [
        np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(own_m, axis=0).T))]) for own_m in np.split(points_m, breaks)
    ]
    place = narrow.gap.line.interpolate(0.5, normalized=True)
    nearest = int(np.argmin(shapely.distance(np.array(lines, dtype=object), place)))
    position = int(np.argmin(np.hypot(*(shapely.get_coordinates(lines[nearest]) - [place.x, place.y]).T)))
    widths[nearest][position] = net_m
    return WidthProfile(tuple(lines), tuple(distances), tuple(widths))


def _samples(ground: GapPieces, spacing_m: float) -> tuple[Points, Numbers, float]:
    """Points on banks and obstacles, none twice, the thing on which each lies, and how far apart they lie at most."""
    lines = shapely.boundary(ground.pieces)
    lines = np.where(shapely.get_dimensions(ground.pieces) == 2, lines, ground.pieces)
    spacing_m = max(spacing_m, float(shapely.length(lines).sum()) / MOST_SAMPLES)
    # A bank of no length, where two ends share a corner, is one point already.
    long = shapely.length(lines) > 0
    lines[long] = shapely.segmentize(lines[long], spacing_m)
    points_m, piece = shapely.get_coordinates(lines, return_index=True)
    # Points a hair apart upset the triangulation; the line is only drawn from these, and measured on the ground itself.
    points_m = np.round(points_m, SAMPLE_DECIMALS)
    _, first = np.unique(points_m, axis=0, return_index=True)
    first.sort()
    return points_m[first], ground.owners[piece[first]], spacing_m


def _sides(narrow: Bottleneck, samples_m: Points, things: Numbers, triangles: Numbers) -> Numbers:
    """For each thing, the bank with which it goes."""
    ground = narrow.ground
    lumps = Lumps(ground.things)
    bank_in = {bank: bank for bank in range(ground.banks)}

    def join(one: int, other: int) -> None:
        one, other = lumps.find(one), lumps.find(other)
        holders = [bank_in[lump] for lump in (one, other) if lump in bank_in]
        if one != other and len(holders) < 2:
            joined = lumps.join(one, other)
            if holders:
                bank_in[joined] = holders[0]

    for gap in narrow.joins:
        join(gap.one, gap.other)
    edges = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges = edges[things[edges[:, 0]] != things[edges[:, 1]]]
    edges.sort(axis=1)
    _, first = np.unique(edges[:, 0] * len(samples_m) + edges[:, 1], return_index=True)
    edges = edges[np.sort(first)]
    middles_m = samples_m[edges].mean(axis=1)
    edges = edges[shapely.contains_xy(ground.room, middles_m[:, 0], middles_m[:, 1])]
    lengths_m = np.hypot(*(samples_m[edges[:, 0]] - samples_m[edges[:, 1]]).T)
    for one, other in things[edges[np.argsort(lengths_m, kind="stable")]].tolist():
        join(one, other)
    return np.array([bank_in.get(lumps.find(thing), -1) for thing in range(ground.things)], dtype=np.int64)


def _between(
    samples_m: Points, side: Numbers, triangles: Numbers, body: Polygon | MultiPolygon, grain_m: float
) -> list[LineString]:
    """The lines of equal distance to points of different sides, inside the corridor."""
    edges = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges.sort(axis=1)
    triangle = np.repeat(np.arange(len(triangles)), 3)
    mixed = (side[edges[:, 0]] != side[edges[:, 1]]) & (side[edges] >= 0).all(axis=1)
    edges, triangle = edges[mixed], triangle[mixed]
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    edges, triangle = edges[order], triangle[order]
    centres_m = centres(samples_m[triangles])
    same = (edges[1:] == edges[:-1]).all(axis=1)
    pair = np.flatnonzero(same)
    inner = np.stack([centres_m[triangle[pair]], centres_m[triangle[pair + 1]]], axis=1)
    lonely = np.ones(len(edges), dtype=bool)
    lonely[pair] = lonely[pair + 1] = False
    hull = np.stack([centres_m[triangle[lonely]], samples_m[edges[lonely]].mean(axis=1)], axis=1)
    steps_m = np.concatenate([inner, hull])
    steps_m = steps_m[np.isfinite(steps_m).all(axis=(1, 2)) & (steps_m[:, 0] != steps_m[:, 1]).any(axis=1)]
    steps_m = _near(steps_m, body)
    if not len(steps_m):
        return []
    steps = shapely.linestrings(steps_m)
    shapely.prepare(body)
    whole = shapely.contains_properly(body, steps)
    steps[~whole] = shapely.intersection(steps[~whole], body)
    parts = shapely.get_parts(steps)
    parts = parts[shapely.get_dimensions(parts) == 1]
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
    smooth = shapely.segmentize(shapely.simplify(merged, grain_m * SMOOTH_SHARE), grain_m * SPACING_SHARE)
    return [line for line in smooth.tolist() if line.length > 0]


def _near(steps_m: NDArray[np.float64], body: Polygon | MultiPolygon) -> NDArray[np.float64]:
    """Steps cut off well outside the corridor: the centres of flat triangles lie too far away to clip."""
    min_x, min_y, max_x, max_y = body.bounds
    reach_m = 2 * math.hypot(max_x - min_x, max_y - min_y)
    off_m = np.abs(steps_m - np.array([(min_x + max_x) / 2, (min_y + max_y) / 2])).max(axis=2)
    some_near = (off_m <= reach_m).any(axis=1)
    steps_m, off_m = steps_m[some_near], off_m[some_near]
    for tip in (0, 1):
        far = off_m[:, tip] > reach_m
        along_m = steps_m[far, tip] - steps_m[far, 1 - tip]
        steps_m[far, tip] = steps_m[far, 1 - tip] + along_m * (3 * reach_m / np.hypot(*along_m.T))[:, None]
    return steps_m


def _width_at(
    points_m: Points, ground: GapPieces, sides: Numbers, samples: tuple[Points, Numbers], spacing_m: float
) -> Points:
    """The distances of points to the two nearest sides, added.

    The samples of a side tell its distance to half their spacing; only what may be among the two nearest by them is
    measured on the ground itself.
    """
    side = sides[ground.owners]
    may_be = _two_nearest(points_m, *samples, ground.banks, spacing_m / 2 + ROUNDED_BY_M)
    points = shapely.points(points_m)
    apart = np.full(may_be.shape, np.inf)
    for bank in range(ground.banks):
        near = np.flatnonzero(may_be[bank])
        tree = shapely.STRtree(ground.pieces[side == bank])
        (index, _), distance_m = tree.query_nearest(points[near], all_matches=False, return_distance=True)
        apart[bank, near[index]] = distance_m
    width_m: Points = np.sort(apart, axis=0)[:2].sum(axis=0)
    return width_m


def _two_nearest(points_m: Points, samples_m: Points, side: Numbers, sides: int, slack_m: float) -> NDArray[np.bool_]:
    """Which sides may be among the two nearest to a point, by samples of them; shape (sides, points)."""
    samples_m, side = samples_m[side >= 0], side[side >= 0]
    away_m, nearest = scipy.spatial.cKDTree(samples_m).query(points_m, k=np.arange(1, NEIGHBOURS + 1))
    # Where there are less samples, those that are not there have no distance and no number.
    of = np.append(side, -1)[nearest]
    second_m = np.where(of != of[:, :1], away_m, np.inf).min(axis=1) + slack_m
    found = np.zeros((sides, len(points_m)), dtype=bool)
    for bank in range(sides):
        found[bank] = ((of == bank) & (away_m <= second_m[:, None])).any(axis=1)
    # Where the neighbours end before that distance each side is asked for its own.
    left = np.flatnonzero(away_m[:, -1] <= second_m)
    if left.size:
        trees = [scipy.spatial.cKDTree(samples_m[side == bank]) for bank in range(sides)]
        roughly_m = np.stack([tree.query(points_m[left])[0] for tree in trees])
        found[:, left] = roughly_m <= np.partition(roughly_m, 1, axis=0)[1] + slack_m
    return found
