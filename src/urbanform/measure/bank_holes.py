"""Which holes of a corridor are banks, and which are obstacles in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from shapely import LineString, Polygon

from urbanform.measure.corridor_banks import Banks, banks_of
from urbanform.measure.corridor_outline import Surfaces, holes_of, without_holes

INSIDE_SHARE = 0.5
MOSTLY_SHARE = 0.5
Numbers: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class BoundedCorridor:
    """A corridor with its banks.

    Attributes
    ----------
    body
        The corridor with its bank holes only, rings with the corridor on their left.
    banks
        Its banks and ends; none where the ends cannot be told apart.
    obstacle_holes, obstacle_hole_numbers
        The holes that are obstacles, filled in `body`, and their numbers among the outline's interiors.
    """

    body: Polygon
    banks: Banks | None
    obstacle_holes: tuple[Polygon, ...]
    obstacle_hole_numbers: tuple[int, ...]

    @property
    def can_be_travelled(self) -> bool:
        """Whether the corridor has two ends, or is a belt."""
        return self.banks is not None and (len(self.banks.ends) >= 2 or len(self.body.interiors) > 0)


def bounded_corridor(outline: Polygon, clusters: Surfaces = ()) -> BoundedCorridor:
    """A corridor's banks, with each hole told to be a bank or an obstacle.

    A hole is a bank where a cluster lies in it: half of one of a cluster's parts or more. In a belt (a corridor that,
    without its holes, has no two ends, or that has more hole than ground) so is the largest hole if it is longer than
    the ground between it and the outline is wide (a pond in a square is none), and any other that is longer than the
    ground left on its two sides. Every other hole is an obstacle.

    Parameters
    ----------
    outline
        One polygon with all its holes, metres.
    clusters
        Polygons of the city's clusters; parts are looked at one by one.
    """
    outline = shapely.orient_polygons(outline, exterior_cw=False)
    holes = holes_of(outline)
    clustered = _holes_with_clusters(holes, clusters)
    filled = banks_of(without_holes(outline))
    chosen, banks = clustered, filled
    if clustered:
        banks = _more_ends(banks_of(without_holes(outline, clustered)), _with_hole_banks(filled, outline, clustered))
    if banks is not None and (_mostly_hole(outline) or (holes and len(banks.ends) < 2)):
        chosen = _belt_holes(outline, holes, clustered)
        if chosen != clustered:
            banks = banks_of(without_holes(outline, chosen))
    filled_up = tuple(number for number in range(len(holes)) if number not in set(chosen))
    return BoundedCorridor(
        without_holes(outline, chosen), banks, tuple(holes[number] for number in filled_up), filled_up
    )


def _mostly_hole(outline: Polygon) -> bool:
    """Whether the holes are larger than the corridor round them: however long its outline, a belt."""
    return bool(outline.area < MOSTLY_SHARE * Polygon(outline.exterior).area)


def _holes_with_clusters(holes: Sequence[Polygon], clusters: Surfaces) -> Numbers:
    parts = shapely.get_parts(np.asarray([c for c in clusters if c is not None], dtype=object))
    if not holes or not parts.size:
        return ()
    hole, part = shapely.STRtree(parts).query(np.array(holes, dtype=object), predicate="intersects")
    inside_m2 = shapely.area(shapely.intersection(np.array(holes, dtype=object)[hole], parts[part]))
    held = inside_m2 >= INSIDE_SHARE * shapely.area(parts[part])
    return tuple(np.unique(hole[held & (inside_m2 > 0)]).tolist())


def _with_hole_banks(filled: Banks | None, outline: Polygon, chosen: Numbers) -> Banks | None:
    """The banks of the corridor without holes, and the rings of the chosen holes."""
    if filled is None:
        return None
    return filled.with_rings([LineString(outline.interiors[hole]) for hole in chosen])


def _more_ends(ringed: Banks | None, filled: Banks | None) -> Banks | None:
    """What shows more ends: an arm may hang on a ring, or be too short for its arm beside a hole near the end."""
    if ringed is None or filled is None:
        return ringed or filled
    return filled if len(filled.ends) > len(ringed.ends) else ringed


def _belt_holes(outline: Polygon, holes: Sequence[Polygon], clustered: Numbers) -> Numbers:
    """The holes that are banks in a corridor without two ends."""
    by_size = sorted(set(range(len(holes))) - set(clustered), key=lambda hole: -holes[hole].area)
    chosen = list(clustered)
    for hole in by_size:
        walls = [shapely.LinearRing(outline.exterior), *(holes[other].exterior for other in chosen)]
        beside_m = np.sort(shapely.distance(holes[hole], np.array(walls, dtype=object)))[:2].sum()
        if 2 * shapely.minimum_bounding_radius(holes[hole]) > beside_m:
            chosen.append(hole)
        elif not chosen:
            return ()
    return tuple(sorted(chosen))
