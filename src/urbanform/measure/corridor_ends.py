"""Where a corridor ends: the mouths over which its arms are left, found on its coarse triangles.

A corridor is walked outward from the middle of its longest way, or from the ring round a bank hole. At every fork each
branch that is an arm is followed: one that reaches further from its mouth than it is wide, and further than the
corridor that it leaves is wide. Where none is left, the arm ends.
"""

import math
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from urbanform.measure.corridor_mesh import CorridorMesh, Gate, corridor_mesh
from urbanform.measure.end_corners import EndCorners, end_corners, turns_rad

LEAST_BEND_RAD = 1e-6
NEAREST_START_SHARE, FURTHEST_START_SHARE = 0.2, 1.0
"""How far before the last full disc the search for an end's corners starts, in widths."""
TAPER_SLOPE = 0.35
"""Growth of width per metre of way, about what one flank that turns in by 20° gives: more of it is an end, less an arm
that narrows."""
TAPER_FREE_SHARE = 0.05
NECK_SLOPE = 1.0
"""The same for the neck of a bay: more than any arm or end that comes to a point narrows by."""
LEAST_WAY_SHARE = 0.45
"""Two ends whose last full discs lie nearer than this share of the width are the two sides of a square or a disc."""
ONE_CORRIDOR_SHARE = 1.25
MOST_SAMPLES = 200
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RoughEnd:
    """An end as far as the coarse outline shows it.

    The outline is left at `right_m` and taken up again at `left_m` (both are points of it, in the direction of its
    ring); `far_right_m` and `far_left_m` are the same for the narrowest end further out that could be meant as well,
    and the same two points where there is no doubt. `width_m` is the width of the arm before its end; `mouth_right_m`
    and `mouth_left_m` bound the arm where it leaves the ring round a bank hole, and are none elsewhere.
    """

    ring: int
    right_m: Place
    left_m: Place
    far_right_m: Place
    far_left_m: Place
    width_m: float
    mouth_right_m: Place | None = None
    mouth_left_m: Place | None = None

    @property
    def far(self) -> "RoughEnd":
        """The end further out that could be meant as well."""
        return replace(self, right_m=self.far_right_m, left_m=self.far_left_m)


@dataclass(frozen=True, slots=True)
class _Step:
    gate: Gate
    way_m: float
    width_m: float


@dataclass(frozen=True, slots=True)
class _Tail:
    """The steps of an arm from its mouth to its last full disc, and the mouths of the bays beyond it."""

    steps: list[_Step]
    bays: list[Gate]


def rough_ends(polygon: Polygon) -> tuple[RoughEnd, ...] | None:
    """The ends of a corridor.

    Parameters
    ----------
    polygon
        The corridor in metres, with those holes only that are banks.

    Returns
    -------
    The ends, in the order in which they are met; none of them for a square, a disc or a belt without arms. None where
    the outline cannot be cut into triangles, so that nothing is known.
    """
    mesh = corridor_mesh(polygon)
    if mesh is None:
        return None
    walk = _Walk(mesh)
    found = walk.from_ring() if len(mesh.ring_starts) > 1 else walk.from_middle()
    return tuple(found)


class _Walk:
    """A walk over one mesh."""

    def __init__(self, mesh: CorridorMesh) -> None:
        self.mesh = mesh
        points, triangles = mesh.points_m, mesh.triangles
        corners = points[triangles]
        self.middles_m = (corners + np.roll(corners, -1, axis=1)) / 2
        self.chords_m = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        self.across_m = self._across(corners)
        self.exits = mesh.neighbours >= 0
        self.is_bend = self._bends()

    def _across(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """The width that a triangle with one flank shows: from its apex to that flank; infinite for the others."""
        flanks = self.mesh.neighbours < 0
        triangle, edge = np.nonzero(flanks & (flanks.sum(axis=1) == 1)[:, None])
        sides = np.stack([corners[triangle, edge], corners[triangle, (edge + 1) % 3]], axis=1)
        apexes = shapely.points(corners[triangle, (edge + 2) % 3])
        across = np.full(len(corners), np.inf)
        across[triangle] = shapely.distance(shapely.linestrings(sides), apexes)
        return across

    def _bends(self) -> NDArray[np.bool_]:
        """Which points are corners of the outline, and not only put on one of its edges."""
        bends = np.zeros(len(self.mesh.points_m), dtype=bool)
        for ring in range(len(self.mesh.ring_starts)):
            own = self.mesh.ring_points(ring)
            points = self.mesh.points_m[own]
            turns = turns_rad(np.roll(points, 1, axis=0), points, np.roll(points, -1, axis=0))
            bends[own] = np.abs(turns) > LEAST_BEND_RAD
        return bends

    def middle(self, gate: Gate) -> NDArray[np.float64]:
        return np.asarray(self.middles_m[gate], dtype=np.float64)

    def width(self, gate: Gate) -> float:
        triangle, edge = gate
        beyond = int(self.mesh.neighbours[triangle, edge])
        return float(min(self.chords_m[triangle, edge], self.across_m[triangle], self.across_m[beyond]))

    def gates_beyond(self, gate: Gate) -> list[Gate]:
        """The gates over which the triangle beyond a gate is left again."""
        entry = self.mesh.beyond(gate)
        assert entry is not None
        triangle, edge = entry
        return [(triangle, k) for k in ((edge + 1) % 3, (edge + 2) % 3) if self.exits[triangle, k]]

    def from_middle(self) -> list[RoughEnd]:
        """The ends of a corridor without bank holes, walked from the middle of its longest way to both sides."""
        start = self._middle_gate()
        if start is None:
            return []
        back = self.mesh.beyond(start)
        assert back is not None
        width_m = self.width(start)
        arms = [tail for gate in (start, back) for tail in self._tails([_Step(gate, 0.0, width_m)])]
        if len(arms) == 2:
            apart_m = sum(arm.steps[-1].way_m for arm in arms)
            if apart_m < LEAST_WAY_SHARE * max(arm.steps[-1].width_m for arm in arms):
                return []
        return [self._end(arm) for arm in arms]

    def from_ring(self) -> list[RoughEnd]:
        """The ends of the arms that hang on the rings round the bank holes."""
        inside = np.ones(len(self.mesh.triangles), dtype=bool)
        doors = self.exits.sum(axis=1)
        leaves = np.flatnonzero(doors <= 1).tolist()
        while leaves:
            triangle = leaves.pop()
            inside[triangle] = False
            for neighbour in self.mesh.neighbours[triangle].tolist():
                if neighbour >= 0 and inside[neighbour]:
                    doors[neighbour] -= 1
                    if doors[neighbour] == 1:
                        leaves.append(neighbour)
        ends = []
        for triangle, edge in np.argwhere(self.exits).tolist():
            if inside[triangle] and not inside[self.mesh.neighbours[triangle, edge]]:
                ring_m = self._ring_width(triangle, edge)
                mouth = self._arm_mouth((triangle, edge), ring_m)
                if mouth is not None:
                    right, left = self.mesh.chord(mouth)
                    first = _Step((triangle, edge), 0.0, self.width((triangle, edge)))
                    ends += [self._end(arm, right, left) for arm in self._tails([first])]
        return ends

    def _ring_width(self, triangle: int, edge: int) -> float:
        """The width of a ring where an arm leaves it: the narrowest chord near by on either side."""
        widths = []
        for k in ((edge + 1) % 3, (edge + 2) % 3):
            gate, gone_m = (triangle, k), 0.0
            widest_m = float(self.chords_m[gate])
            narrowest_m = self.width(gate)
            while gone_m < widest_m:
                onward = self.gates_beyond(gate)
                if len(onward) != 1:
                    break
                gone_m += float(np.linalg.norm(self.middle(onward[0]) - self.middle(gate)))
                gate = onward[0]
                narrowest_m = min(narrowest_m, self.width(gate))
            widths.append(narrowest_m)
        return max(widths)

    def _middle_gate(self) -> Gate | None:
        """The chord in the middle of the longest way through the triangles."""
        if not self.exits.any():
            return None
        far = self._ways(0)[0][-1]
        order, before, length_m = self._ways(far)
        last = max(order, key=lambda triangle: length_m[triangle])
        half_m = length_m[last] / 2
        while length_m[before[last]] > half_m:
            last = before[last]
        edge = int(np.flatnonzero(self.mesh.neighbours[last] == before[last])[0])
        return last, edge

    def _ways(self, start: int) -> tuple[list[int], list[int], list[float]]:
        """Triangles by their way from one of them (the furthest last), the one before each, and the ways."""
        centres = self.mesh.points_m[self.mesh.triangles].mean(axis=1)
        before = [-1] * len(centres)
        before[start] = start
        length_m = [0.0] * len(centres)
        order = [start]
        neighbours = self.mesh.neighbours.tolist()
        for triangle in order:
            for neighbour in neighbours[triangle]:
                if neighbour >= 0 and before[neighbour] < 0:
                    before[neighbour] = triangle
                    length_m[neighbour] = length_m[triangle] + math.dist(centres[triangle], centres[neighbour])
                    order.append(neighbour)
        order.sort(key=lambda triangle: length_m[triangle])
        return order, before, length_m

    def _tails(self, first: list[_Step]) -> list[_Tail]:
        """Every arm that is met beyond a first step."""
        tails = []
        stack = [(first, 0)]
        while stack:
            steps, mouth = stack.pop()
            onward = self.gates_beyond(steps[-1].gate)
            while len(onward) == 1:
                steps.append(self._next(steps[-1], onward[0]))
                onward = self.gates_beyond(onward[0])
            if onward:
                corridor_m = self._corridor_width(steps)
                arms = [gate for gate in onward if self._arm_mouth(gate, corridor_m) is not None]
                if arms:
                    # Where two arms part, either ends by itself; what lies before is of neither end.
                    mouth = mouth if len(arms) == 1 else len(steps)
                    stack += [([*steps, self._next(steps[-1], gate)], mouth) for gate in reversed(arms)]
                    continue
            tails.append(self._to_last_full_disc(steps[mouth:], onward))
        return tails

    def _to_last_full_disc(self, trunk: list[_Step], onward: list[Gate]) -> _Tail:
        """The way along an arm to the furthest place up to which it does no more than narrow.

        Where it closes in faster lies its end. Beyond the last fork every way is looked along: a bend that turns in
        parts the triangles just as a corner of the end does.
        """
        steps, before = list(trunk), list(range(-1, len(trunk) - 1))
        stack = [(len(trunk) - 1, gate) for gate in onward]
        while stack:
            parent, gate = stack.pop()
            steps.append(self._next(steps[parent], gate))
            before.append(parent)
            stack += [(len(steps) - 1, beyond) for beyond in self.gates_beyond(gate)]
        usual_m = float(np.median([step.width_m for step in trunk]))
        furthest_first = sorted(range(1, len(steps)), key=lambda number: -steps[number].way_m)
        last = next((number for number in furthest_first if _is_full(number, steps, before, usual_m)), 0)
        way = [last]
        while before[way[-1]] >= 0:
            way.append(before[way[-1]])
        on_way = set(way)
        beside = [steps[n].gate for n in range(1, len(steps)) if before[n] in on_way and n not in on_way]
        return _Tail([steps[number] for number in reversed(way)], self._bays(steps[last], beside))

    def _next(self, step: _Step, gate: Gate) -> _Step:
        gone_m = float(np.linalg.norm(self.middle(gate) - self.middle(step.gate)))
        return _Step(gate, step.way_m + gone_m, self.width(gate))

    @staticmethod
    def _corridor_width(steps: list[_Step]) -> float:
        """The width of the corridor that arrives at a fork; a bulge in it counts little more than its usual width."""
        last = steps[-1]
        near_m = min(step.width_m for step in takewhile(lambda s: last.way_m - s.way_m <= last.width_m, steps[::-1]))
        if len(steps) < 3:
            return near_m
        sample = steps[:: 1 + len(steps) // MOST_SAMPLES]
        widths = np.array([step.width_m for step in sample[1:]])
        gone = np.diff([step.way_m for step in sample])
        order = np.argsort(widths, kind="stable")
        usual_m = float(widths[order][np.searchsorted(np.cumsum(gone[order]), gone.sum() / 2)])
        return min(near_m, ONE_CORRIDOR_SHARE * usual_m)

    def _arm_mouth(self, gate: Gate, corridor_m: float) -> Gate | None:
        """The mouth of the branch beyond a gate if it is an arm of a corridor so wide, else none."""
        mouth, width_m, reach_m = self._branch(gate, corridor_m)
        return mouth if reach_m > max(width_m, corridor_m) * (1 + 1e-6) else None

    def _branch(self, gate: Gate, corridor_m: float) -> tuple[Gate, float, float]:
        """The mouth of a branch, its width there and how far it reaches from it, in metres.

        Of a branch that reaches well beyond its own width and that of the corridor, no more than that is told.
        """
        mouth, gone_m = gate, 0.0
        while gone_m < self.chords_m[gate]:
            onward = self.gates_beyond(mouth)
            if len(onward) != 1 or self.chords_m[onward[0]] >= self.chords_m[mouth] * (1 - 1e-3):
                break
            gone_m += float(np.linalg.norm(self.middle(onward[0]) - self.middle(mouth)))
            mouth = onward[0]
        right, left = self.mesh.chord(mouth)
        points, arc, width_m = self.mesh.points_m, self.mesh.arc(right, left), self.width(mouth)
        chord = shapely.linestrings(points[[right, left]])
        few = arc[:: 1 + arc.size // MOST_SAMPLES]
        reach_m = float(shapely.distance(chord, shapely.points(points[few])).max())
        if few.size < arc.size and reach_m <= 2 * max(width_m, corridor_m):
            reach_m = float(shapely.distance(chord, shapely.points(points[arc])).max())
        return mouth, width_m, reach_m

    def _bays(self, last: _Step, gates: list[Gate]) -> list[Gate]:
        """The mouths of the branches that reach further than they are wide, over too abrupt a neck to narrow an arm."""
        found = []
        for gate in gates:
            mouth, width_m, reach_m = self._branch(gate, 0.0)
            gone_m = float(np.linalg.norm(self.middle(mouth) - self.middle(last.gate)))
            if reach_m > width_m and (1 - TAPER_FREE_SHARE) * last.width_m - width_m > NECK_SLOPE * gone_m:
                found.append(mouth)
        return found

    def _end(self, tail: _Tail, mouth_right: int | None = None, mouth_left: int | None = None) -> RoughEnd:
        """The end behind the last full disc of an arm: from the corner of one flank to that of the other."""
        mesh, last = self.mesh, tail.steps[-1]
        right, left = mesh.chord(self._start(tail.steps))
        way = mesh.arc(right, left)
        inner = way[1:-1]
        way = np.concatenate([way[:1], inner[self.is_bend[inner]], way[-1:]])
        come_from = mesh.points_m[[self._back_along(right, last.width_m, -1), self._back_along(left, last.width_m, 1)]]
        in_bay = [way[:0], *(mesh.arc(*mesh.chord(bay))[1:-1] for bay in tail.bays)]
        on_flank = ~np.isin(way, np.concatenate(in_bay))
        corners = end_corners(mesh.points_m[way], on_flank, come_from, last.width_m)
        if corners is None:
            chord = shapely.linestrings(mesh.points_m[[right, left]])
            tip = 1 + int(np.argmax(shapely.distance(chord, shapely.points(mesh.points_m[way[1:-1]]))))
            corners = EndCorners(tip, tip, tip, tip)
        return RoughEnd(
            int(mesh.ring_of_point[right]),
            self._place(self._bend_at(int(way[corners.right]), -1)),
            self._place(self._bend_at(int(way[corners.left]), 1)),
            self._place(int(way[corners.far_right])),
            self._place(int(way[corners.far_left])),
            last.width_m,
            None if mouth_right is None else self._place(mouth_right),
            None if mouth_left is None else self._place(mouth_left),
        )

    def _start(self, steps: list[_Step]) -> Gate:
        """The gate from which an end's corners are looked for: a wide one that runs squarely from flank to flank.

        The last chord may run from a flank to the end itself.
        """
        last = steps[-1]
        nearest_m, furthest_m = NEAREST_START_SHARE * last.width_m, FURTHEST_START_SHARE * last.width_m
        near = [step for step in steps if nearest_m <= last.way_m - step.way_m <= furthest_m]
        if not near:
            near = [step for step in steps if last.way_m - step.way_m > furthest_m][-1:] or steps[:1]
        return max(near, key=lambda s: 2 * s.width_m - float(self.chords_m[s.gate]) + TAPER_SLOPE * s.way_m).gate

    def _bend_at(self, point: int, direction: int) -> int:
        """A point that is a corner of the outline, or the nearest in a direction that is: only these can be cut at."""
        ring = self.mesh.ring_points(int(self.mesh.ring_of_point[point]))
        along = ring[(point - ring[0] + direction * np.arange(ring.size)) % ring.size]
        return int(along[self.is_bend[along].argmax()])

    def _place(self, point: int) -> Place:
        x_m, y_m = self.mesh.points_m[point].tolist()
        return x_m, y_m

    def _back_along(self, point: int, distance_m: float, direction: int) -> int:
        """The point of a ring that lies a distance from another along it; never more than a third of the ring."""
        ring = self.mesh.ring_points(int(self.mesh.ring_of_point[point]))
        here, gone_m = point, 0.0
        for _ in range(ring.size // 3):
            if gone_m >= distance_m:
                break
            there = int(ring[0] + (here - ring[0] + direction) % ring.size)
            gone_m += math.dist(self.mesh.points_m[here], self.mesh.points_m[there])
            here = there
        return here


def _is_full(number: int, steps: list[_Step], before: list[int], usual_m: float) -> bool:
    """Whether an arm does no more than narrow over the last width of its way to a step."""
    here, earlier = steps[number], before[number]
    while earlier >= 0:
        back_m = here.way_m - steps[earlier].way_m
        if back_m > max(here.width_m, usual_m):
            break
        wider_m = steps[earlier].width_m - here.width_m
        if wider_m > TAPER_SLOPE * back_m + TAPER_FREE_SHARE * steps[earlier].width_m:
            return False
        earlier = before[earlier]
    return True
