"""A corridor's outline, cut at its ends into banks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from urbanform.measure.corridor_ends import RoughEnd, rough_ends
from urbanform.measure.end_corners import turns_rad

ROUND_SHARE = 0.56
"""Turning per width of way (in radians) from which an end counts as round: a flank that bends with a radius of under
1.8 widths."""
CHAIN_SHARE = 1 / 4
FINE_CHAIN_SHARE = 1 / 16
LEAST_TURN_RAD = 1e-4
SHARP_RAD = math.radians(60)
SHARP_WITHIN_SHARE = 1 / 1000
"""What turns so far within so short a stretch (as a share of the width) is a sharp corner."""
JAG_RAD = math.radians(3)
ALIKE_WITHIN_SHARE = 1 / 32
ALIKE_SHARE = 1 / 4
"""In a rounding no place turns by less than this share of what another turns: a flank's jags are not of its corner."""
FAR_ALIKE_SHARE = 0.45
"""The same where the end is to lie as far out as it may: in a drawn arc the first place turns by half of the others."""
HEADING_SHARE = 1 / 2
RUN_ON_SHARE = 1 / 4
RUN_ON_RAD = math.radians(40)
"""Where the end is to lie as far out as it may, a jagged flank runs on past what could be one more of its jags: by so
much of the width, in the heading of its last half width, within the widest of the jags there, and never over this."""


@dataclass(frozen=True, eq=False)
class ArmFlanks:
    """The two flanks of an arm that are one bank, since the arm is the only one on its ring."""

    right: LineString
    left: LineString

    @property
    def body(self) -> Polygon | MultiPolygon:
        """The ground between the flanks."""
        around = np.concatenate([shapely.get_coordinates(self.right), shapely.get_coordinates(self.left)])
        # The mouth is a chord of the coarse outline, and may cut a corner of the outline itself.
        return shapely.make_valid(Polygon(around), method="structure", keep_collapsed=False)


@dataclass(frozen=True, eq=False)
class Banks:
    """What bounds a corridor sideways, and where it ends.

    Attributes
    ----------
    lines
        The banks: outlines of rings, cut at the ends. A bank may be a line of no length where two ends share a corner.
    ends
        The stretches of the outline from corner to corner, a line of no length where an arm tapers to a point.
    lone_arms
        The flanks of the arms that must be measured by themselves.
    further
        The banks for ends further out that could be meant as well; none where there is no doubt.
    """

    lines: tuple[LineString, ...]
    ends: tuple[LineString, ...]
    lone_arms: tuple[ArmFlanks, ...] = ()
    further: "Banks | None" = None

    def with_rings(self, rings: Sequence[LineString]) -> "Banks":
        """The same with whole rings as banks besides."""
        further = None if self.further is None else self.further.with_rings(rings)
        return replace(self, lines=(*self.lines, *rings), further=further)


def banks_of(polygon: Polygon) -> Banks | None:
    """The banks and ends of a corridor.

    A sharp corner is where the outline turns; before a rounded or blunt end the bank stops at the first point of the
    rounding, so that the end takes in all that lies beyond the last full disc.

    Parameters
    ----------
    polygon
        The corridor in metres, with those holes only that are banks.

    Returns
    -------
    Banks on the outline's own points. Without ends each ring is one bank. None where the ends cannot be told apart:
    two of them overlap on the outline, or it cannot be cut into triangles.
    """
    polygon = shapely.orient_polygons(polygon, exterior_cw=False)
    rough = rough_ends(polygon)
    if rough is None:
        return None
    rings = [_Ring(shapely.get_coordinates(ring)[:-1]) for ring in (polygon.exterior, *polygon.interiors)]
    cuts = [rings[end.ring].cut(end) for end in rough]
    far_cuts = [rings[end.ring].cut(end.far, far=True) for end in rough]
    banks = _cut_banks(rings, rough, cuts)
    if banks is None or far_cuts == cuts:
        return banks
    further = _cut_banks(rings, rough, far_cuts)
    return None if further is None else replace(banks, further=further)


def _cut_banks(rings: list["_Ring"], rough: Sequence[RoughEnd], places: list[tuple[int, int]]) -> Banks | None:
    """Rings cut into banks where their ends begin and stop; none where two ends overlap."""
    lines: list[LineString] = []
    ends: list[LineString] = []
    lone_arms: list[ArmFlanks] = []
    for number, ring in enumerate(rings):
        own = [(place, end) for place, end in zip(places, rough, strict=True) if end.ring == number]
        cuts = sorted(own, key=lambda cut: cut[0])
        if not cuts:
            lines.append(ring.line(0, 0, around=True))
            continue
        size = ring.points_m.shape[0]
        for position, ((right, left), _) in enumerate(cuts):
            following, _ = cuts[(position + 1) % len(cuts)][0]
            room = (following - right) % size or size
            if (left - right) % size > room:
                return None
            ends.append(ring.line(right, left))
            lines.append(ring.line(left, following, around=len(cuts) == 1))
        if len(cuts) == 1 and cuts[0][1].mouth_right_m is not None:
            lone_arms.append(ring.flanks(*cuts[0]))
    return Banks(tuple(lines), tuple(ends), tuple(lone_arms))


class _Ring:
    """A ring of an outline, the corridor on its left."""

    def __init__(self, points_m: NDArray[np.float64]) -> None:
        self.points_m = points_m
        self.turns = turns_rad(np.roll(points_m, 1, axis=0), points_m, np.roll(points_m, -1, axis=0))
        self._number = {point: index for index, point in enumerate(map(tuple, points_m.tolist()))}

    def cut(self, end: RoughEnd, *, far: bool = False) -> tuple[int, int]:
        """The points at which an end begins and stops; `far`: as far out as they may lie."""
        right, left = self._number[end.right_m], self._number[end.left_m]
        if right == left:
            return right, left
        alike = FAR_ALIKE_SHARE if far else ALIKE_SHARE
        cuts = self._onset(right, -1, end.width_m, alike), self._onset(left, 1, end.width_m, alike)
        if not far:
            return cuts
        right = right if self._jagged(right, -1, CHAIN_SHARE * end.width_m) else cuts[0]
        left = left if self._jagged(left, 1, CHAIN_SHARE * end.width_m) else cuts[1]
        room = (left - right) % self.points_m.shape[0]
        onward = self._runs_on(right, -1, end.width_m), self._runs_on(left, 1, end.width_m)
        # Flanks that would pass one another end where they were found to.
        if sum(onward) > room:
            return right, left
        return (right + onward[0]) % self.points_m.shape[0], (left - onward[1]) % self.points_m.shape[0]

    def _jagged(self, corner: int, back: int, within_m: float) -> bool:
        """Whether the outline turns out again so close behind a corner."""
        size = self.points_m.shape[0]
        here, gone_m = corner, 0.0
        for _ in range(size // 3):
            there = (here + back) % size
            gone_m += math.dist(self.points_m[here], self.points_m[there])
            if gone_m > within_m:
                break
            here = there
            if self.turns[here] < -JAG_RAD:
                return True
        return False

    def _runs_on(self, corner: int, back: int, width_m: float) -> int:
        """How many points further a jagged flank may run on, past a corner that could be but another of its jags."""
        size = self.points_m.shape[0]
        behind, jag_rad = corner, 0.0
        for _ in range(size // 3):
            behind = (behind + back) % size
            jag_rad = max(jag_rad, -float(self.turns[behind]))
            if math.dist(self.points_m[behind], self.points_m[corner]) >= HEADING_SHARE * width_m:
                break
        if jag_rad < JAG_RAD:
            return 0
        most_rad = min(jag_rad, RUN_ON_RAD)
        come = self.points_m[corner] - self.points_m[behind]
        number, gone_m, here = 0, 0.0, corner
        for ahead in range(1, size // 3):
            there = (corner - back * ahead) % size
            gone_m += math.dist(self.points_m[here], self.points_m[there])
            if gone_m > RUN_ON_SHARE * width_m:
                break
            here = there
            go = self.points_m[there] - self.points_m[corner]
            if come @ go >= math.cos(most_rad) * math.hypot(*come) * math.hypot(*go):
                number = ahead
        return number

    def _onset(self, corner: int, back: int, width_m: float, alike: float) -> int:
        """The first point of the rounding to which a corner belongs; the corner itself where it is sharp."""
        if self._turn_about(corner, SHARP_WITHIN_SHARE * width_m) >= SHARP_RAD:
            return corner
        here, most = corner, self._turn_about(corner, ALIKE_WITHIN_SHARE * width_m)
        for _ in range(self.points_m.shape[0] // 3):
            earlier = self._earlier(here, back, width_m)
            if earlier is None:
                break
            turn = self._turn_about(earlier, ALIKE_WITHIN_SHARE * width_m)
            if turn < alike * most:
                break
            here, most = earlier, max(most, turn)
        return here

    def _turn_about(self, point: int, reach_m: float) -> float:
        """By how much the outline turns in from so far before a point to so far behind it."""
        size = self.points_m.shape[0]
        turn = float(self.turns[point])
        for direction in (-1, 1):
            here, gone_m = point, 0.0
            for _ in range(size // 3):
                there = (here + direction) % size
                gone_m += math.dist(self.points_m[here], self.points_m[there])
                if gone_m > reach_m:
                    break
                here = there
                turn += float(self.turns[here])
        return turn

    def _earlier(self, here: int, back: int, width_m: float) -> int | None:
        """The earliest turning point close behind a point, if the outline turns in fast enough between the two."""
        size = self.points_m.shape[0]
        gone_m, turned, there = 0.0, 0.0, here
        found = None
        for _ in range(size // 3):
            following = (there + back) % size
            gone_m += float(np.hypot(*(self.points_m[following] - self.points_m[there])))
            if gone_m > CHAIN_SHARE * width_m or (found is not None and gone_m > FINE_CHAIN_SHARE * width_m):
                break
            there = following
            turned += float(self.turns[there])
            if self.turns[there] < -LEAST_TURN_RAD:
                break
            if self.turns[there] > LEAST_TURN_RAD and turned >= ROUND_SHARE * gone_m / width_m:
                found = there
        return found

    def line(self, start: int, stop: int, *, around: bool = False) -> LineString:
        """The ring from one point to another; `around` goes round the whole ring where the two are one."""
        size = self.points_m.shape[0]
        length = (stop - start) % size
        if not length and around:
            length = size
        numbers = (start + np.arange(length + 1)) % size
        if not length:
            numbers = np.array([start, start])
        return shapely.linestrings(self.points_m[numbers])

    def flanks(self, cut: tuple[int, int], end: RoughEnd) -> ArmFlanks:
        """The flanks of the arm before an end, from its mouth on."""
        size = self.points_m.shape[0]
        mouth = self._nearest(end.mouth_right_m)
        length = (self._nearest(end.mouth_left_m) - mouth) % size
        right, left = ((corner - mouth) % size for corner in cut)
        # Where the rounding of an end reaches back behind the mouth, a flank has no length.
        right = right if right <= length else 0
        left = left if right <= left <= length else length
        return ArmFlanks(self.line(mouth, mouth + right), self.line(mouth + left, mouth + length))

    def _nearest(self, place_m: tuple[float, float] | None) -> int:
        assert place_m is not None
        return int(np.argmin(np.hypot(*(self.points_m - place_m).T)))
