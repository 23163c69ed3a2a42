"""How far over the edge of an area the checks look, and hence how wide the margin is that goes with it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from urbanform.model.rules import Rule


@dataclass(frozen=True, slots=True)
class Reach:
    """One distance over which a check looks.

    Attributes
    ----------
    check, param
        Whose it is; a rule pack may give another value for the parameter.
    metres
        The parameter's default.
    why
        What lies so far away and still matters.
    times
        How many times that far the check looks.
    """

    check: str
    param: str
    metres: float
    why: str
    times: float = 1.0


REACHES = (
    Reach("corridor-continuity", "neighbour_m", 3000.0, "obstacles and roads between neighbouring clusters"),
    Reach("fifteen-minute-circle", "radius_m", 1000.0, "facilities on foot, and as far again a path to them", 2.0),
    Reach("park-service-coverage", "service", 500.0, "parks whose service reaches homes on this side"),
    Reach("green-300m-park-500m", "park_radius_m", 500.0, "parks, straight and on foot"),
    Reach("green-300m-park-500m", "green_radius_m", 300.0, "public green, straight and on foot"),
    Reach("road-network-density", "carriageway_gap_m", 40.0, "the other carriageway of a road along the edge"),
    Reach("corridor-net-width", "road_width_m", 12.0, "roads along a corridor's edge, half a width inside"),
    Reach("walking-network-continuity", "gap_m", 30.0, "paths that go on across the edge"),
)
"""Every distance over which something outside a subject may change its figure. The margin is the widest of them."""

QUARTER_SEGMENTS = 16
"""Segments to a quarter circle of a margin's edge; the margin is widened by what their chords lose."""

BUILDING_REACH_M = 5.0
"""Buildings of other areas so near to a subject of this one are written with it: those that reach into it, with room
for the drift of edges between systems."""

JOIN_M = 1.0
"""Corridor polygons so near to one another are one corridor; the default of ``corridor-continuity``."""


def margin_m(rules: Iterable[Rule] = ()) -> float:
    """How far beyond an area layers are written that count by place: the widest reach, of the pack's rules as well.

    An empty pack gives the widest default.
    """
    reach = max(item.metres * item.times for item in REACHES)
    for rule in rules:
        for item in REACHES:
            if rule.check == item.check:
                given = _metres(getattr(rule.params, item.param, None))
                reach = max([reach, *(metres * item.times for metres in given)])
    return reach / math.cos(math.pi / (4 * QUARTER_SEGMENTS))


def neighbour_m(rules: Iterable[Rule] = ()) -> float:
    """How near two clusters are neighbours, by the pack's rules or by default."""
    return _widest(rules, "corridor-continuity", "neighbour_m", 3000.0)


def join_m(rules: Iterable[Rule] = ()) -> float:
    """How near two polygons are one corridor, by the pack's rules or by default."""
    return _widest(rules, "corridor-continuity", "join_m", JOIN_M)


def _widest(rules: Iterable[Rule], check: str, param: str, default: float) -> float:
    given = [value for rule in rules if rule.check == check for value in _metres(getattr(rule.params, param, None))]
    return max([default, *given])


def _metres(value: Any) -> list[float]:
    """The distances of a parameter: itself, or the radii of a list of services."""
    if value is None or isinstance(value, bool | str):
        return []
    if isinstance(value, int | float):
        return [float(value)]
    if isinstance(value, Iterable):
        return [float(item.radius_m) for item in value if hasattr(item, "radius_m")]
    return []
