"""Service areas are drawn with fewer corners than they are measured with, and stay areas."""

import numpy as np
import shapely

from urbanform.site.served import DRAWN_M, _thinned

SLIVER = shapely.Polygon([(0.63, 0.76), (0.02, 0.16), (-0.09, -0.16), (-0.17, -0.64), (0.28, -0.04)])
"""So thin that dropping corners one by one leaves nothing of it."""


def test_thinned_areas_are_valid_near_and_have_fewer_corners() -> None:
    round_areas = shapely.buffer(shapely.points([[0, 0], [900, 40], [300, 800]]), [300, 500, 40], quad_segs=64)
    areas = np.array([*round_areas, SLIVER], dtype=object)
    assert shapely.is_empty(shapely.simplify(SLIVER, DRAWN_M, preserve_topology=False))
    thin = _thinned(areas)
    assert shapely.is_valid(thin).all()
    assert not shapely.is_empty(thin).any()
    assert (shapely.hausdorff_distance(areas, thin) <= DRAWN_M).all()
    assert (shapely.get_num_coordinates(thin[:3]) < 0.6 * shapely.get_num_coordinates(areas[:3])).all()
