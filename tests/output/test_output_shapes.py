"""What an overlay leaves behind, made fit to be drawn."""

import numpy as np
import shapely

from urbanform.output.shapes import of_one_kind


def test_of_a_collection_the_parts_of_the_highest_dimension_are_drawn() -> None:
    """A square with a point beside it is the square; two lines with a point are the lines; no collection is left."""
    square, point = shapely.box(0, 0, 1, 1), shapely.Point(5, 5)
    lines = [shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(2, 2), (3, 3)])]
    shapes = np.empty(4, dtype=object)
    shapes[:] = [
        shapely.GeometryCollection([point, square]),
        shapely.GeometryCollection([*lines, point]),
        square,
        None,
    ]
    drawn = of_one_kind(shapes)
    assert [None if shape is None else shape.geom_type for shape in drawn] == [
        "MultiPolygon",
        "MultiLineString",
        "Polygon",
        None,
    ]
    assert drawn[0].area == 1
    assert shapes[0].geom_type == "GeometryCollection"
