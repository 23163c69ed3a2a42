"""Net width of an ecological corridor.

The net width is the diameter of the largest disc that can travel a corridor, in through one end and out through
another, clear of banks and obstacles. The 2021 city check-up of the Ministry of Housing and Urban-Rural Development
(城市体检指标体系, indicator 5 城市生态廊道达标率) asks for 100 m.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely
from shapely import LineString, MultiLineString

from urbanform.measure.prepared_corridor import Corridor, Narrows, ObstacleRef, Obstacles
from urbanform.measure.widest_path import WidthProfile, widest_path

WALLED_OFF_M = 1e-5


class WidthReason(StrEnum):
    """Why a corridor has no net width, or one of 0."""

    EMPTY = "empty"
    ENDS_UNCLEAR = "ends-unclear"
    NO_TWO_ENDS = "no-two-ends"
    APART = "apart"
    WALLED_OFF = "walled-off"


@dataclass(frozen=True, eq=False)
class NetWidth:
    """The net width of a corridor.

    Attributes
    ----------
    width_m
        The net width; 0 where the corridor is in pieces or walled off; NaN where it cannot be told (`reason`).
    wide_roads_width_m
        The net width with `unknown_road_width_m` for roads of unknown width; never more than `width_m`.
    further_ends_width_m
        The net width if those ends are meant that lie further out (`Corridor.further`); never more than `width_m`.
    least_width_m
        The net width if both are so: the least that it could be.
    reason
        Why there is no width or none above 0; none otherwise.
    narrowest
        The narrowest place, from one side to the other; between pieces that lie apart, the gap; none without a width.
    chain
        The obstacles that, from bank to bank, leave no wider gap, in order; none where the banks themselves make it.
    corridor
        What was measured: its ends, banks, crossings and doubtful roads.
    """

    width_m: float
    wide_roads_width_m: float
    further_ends_width_m: float
    least_width_m: float
    reason: WidthReason | None
    narrowest: LineString | None
    chain: tuple[ObstacleRef, ...]
    corridor: Corridor
    narrows: tuple[Narrows, ...] = ()

    @cached_property
    def profile(self) -> WidthProfile:
        """Width along the way that the disc can take, worked out when it is first asked for; empty without a width."""
        return WidthProfile.joined(widest_path(narrows.bottleneck, narrows.body) for narrows in self.narrows)

    @property
    def widest_path(self) -> LineString | MultiLineString | None:
        """The way that a disc of the net width can take, every arm of it; none without a width."""
        return self.profile.line

    def compliant_length_m(self, limit_m: float) -> float:
        """The length of the way along which the corridor is at least `limit_m` wide; NaN without a way."""
        return self.profile.length_at_least_m(limit_m) if self.narrows else math.nan


def net_width(corridor: Corridor) -> NetWidth:
    """The net width of a prepared corridor.

    Returns
    -------
    The width with the place and the obstacles that make it. NaN for a corridor without area, for a shape that has
    neither two ends nor a bank hole (a square, a disc), and where the ends cannot be told apart.
    """
    reason = _no_width(corridor)
    if reason is WidthReason.APART:
        return NetWidth(0.0, 0.0, 0.0, 0.0, reason, _furthest_gap(corridor), (), corridor)
    unknown = (math.nan, math.nan, math.nan, math.nan)
    if reason is not None:
        return NetWidth(*unknown, reason, None, (), corridor)
    narrows = corridor.narrows
    if not narrows:
        return NetWidth(*unknown, WidthReason.ENDS_UNCLEAR, None, (), corridor)
    narrow = narrows[0].bottleneck
    width_m = narrow.gap.length_m
    wide_roads_m = _wide_roads_width_m(corridor, width_m)
    further_m, least_m = width_m, wide_roads_m
    if corridor.further is not None:
        far = corridor.further.narrows
        further_m = min(width_m, far[0].bottleneck.gap.length_m) if far else math.nan
        least_m = min(wide_roads_m, _wide_roads_width_m(corridor.further, further_m))
    return NetWidth(
        width_m,
        wide_roads_m,
        further_m,
        least_m,
        WidthReason.WALLED_OFF if width_m <= WALLED_OFF_M else None,
        narrow.gap.line,
        chain_refs(narrows[0], corridor.obstacles[0]),
        corridor,
        narrows,
    )


def _wide_roads_width_m(corridor: Corridor, width_m: float) -> float:
    if not corridor.doubtful_roads:
        return width_m
    wide = corridor.narrows_among(corridor.wide_road_obstacles[0])
    # Wider roads only take ground; where rounding says otherwise the narrower figure stands.
    return min(width_m, wide[0].bottleneck.gap.length_m) if wide else math.nan


def chain_refs(narrows: Narrows, obstacles: Obstacles) -> tuple[ObstacleRef, ...]:
    """The obstacles in the chain of a bottleneck, in order from bank to bank, each once."""
    banks = narrows.bottleneck.ground.banks
    things = [thing for gap in _in_order(narrows) for thing in gap if thing >= banks]
    return tuple(dict.fromkeys(obstacles.refs[thing - banks] for thing in things))


def _in_order(narrows: Narrows) -> list[tuple[int, int]]:
    """The things of a chain's gaps, each gap turned to start where the one before stops."""
    chain = narrows.bottleneck.chain
    ordered: list[tuple[int, int]] = []
    here = chain[0].one
    if here >= narrows.bottleneck.ground.banks or (len(chain) > 1 and here in (chain[1].one, chain[1].other)):
        here = chain[0].other
    for gap in chain:
        there = gap.other if gap.one == here else gap.one
        ordered.append((here, there))
        here = there
    return ordered


def _no_width(corridor: Corridor) -> WidthReason | None:
    if not corridor.pieces:
        return WidthReason.EMPTY
    if len(corridor.pieces) > 1:
        return WidthReason.APART
    bounded = corridor.pieces[0].bounded
    if bounded.banks is None:
        return WidthReason.ENDS_UNCLEAR
    return None if bounded.can_be_travelled else WidthReason.NO_TWO_ENDS


def _furthest_gap(corridor: Corridor) -> LineString:
    """The gap from the piece that lies furthest from the rest, to the nearest of them."""
    bodies = np.array([piece.bounded.body for piece in corridor.pieces], dtype=object)
    apart_m = shapely.distance(bodies[:, None], bodies[None, :])
    np.fill_diagonal(apart_m, np.inf)
    piece = int(apart_m.min(axis=1).argmax())
    return shapely.shortest_line(bodies[piece], bodies[int(apart_m[piece].argmin())])
