"""Footprints that share ground: parts of one thing, or one thing drawn twice."""

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.contiguous import Pairs

LEAST_M2 = 1.0
LEAST_SHARE = 0.01


def sharing_ground(shapes: NDArray[np.object_], least_m2: float = LEAST_M2, least_share: float = LEAST_SHARE) -> Pairs:
    """Pairs of shapes, first < second, that have more ground in common than survey and drawing explain.

    Parameters
    ----------
    shapes
        Polygons in metres, none of them missing.
    least_m2, least_share
        What the common ground must exceed: an area, and a share of the smaller of the two (0–1).
    """
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    common_m2 = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    size_m2 = shapely.area(shapes)
    shared = (common_m2 > least_m2) & (common_m2 > least_share * np.minimum(size_m2[one], size_m2[other]))
    return one[shared], other[shared]
