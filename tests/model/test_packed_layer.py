"""A packed layer gives the frames that a layer held in memory gives."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from places import box, layer
from urbanform.model import submission as module
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.submission import PackedLayer, TableLayer

SHAPES = [box(30 * n, 40 * row, 30 * n + 20, 40 * row + 25) for row in range(6) for n in range(8)]
SHAPES[7], SHAPES[20] = None, box(-500, 60, 900, 61)


@pytest.fixture(scope="module")
def plain() -> TableLayer:
    return layer("buildings", SHAPES, storeys=list(range(1, 49)), floor_area=[None] * 48)


@pytest.fixture(scope="module")
def packed(plain: TableLayer) -> PackedLayer:
    table = plain.table
    written = pa.array(shapely.to_wkb(table.geometry.to_numpy()), pa.large_binary())
    shapes = GeometryColumn([written.slice(at, 10) for at in range(0, 48, 10)])
    crs = table.crs
    assert isinstance(crs, pyproj.CRS)
    return PackedLayer(
        plain.role, plain.geometry, plain.fields, pd.DataFrame(table.drop(columns="geometry")), shapes, crs
    )


FIELDS = ("id", "storeys", "floor_area", "year_built")


def test_all_of_it(plain: TableLayer, packed: PackedLayer) -> None:
    assert len(packed) == 48
    assert packed.total_bounds == plain.total_bounds
    pd.testing.assert_frame_equal(packed.frame(FIELDS), plain.frame(FIELDS))
    assert packed.frame().crs == plain.frame().crs


ends = st.tuples(*[st.floats(-600, 1000)] * 2).map(sorted)


@settings(deadline=None, max_examples=200)
@given(boxes=st.lists(st.tuples(ends, ends), min_size=1, max_size=4), rows=st.sampled_from([3, 65_536]))
def test_what_lies_in_some_boxes(
    plain: TableLayer, packed: PackedLayer, boxes: list[tuple[list[float], list[float]]], rows: int
) -> None:
    shift = np.array(plain.table.geometry.iloc[0].bounds[:2])
    bounds = np.array([[x[0], y[0], x[1], y[1]] for x, y in boxes]) + np.tile(shift, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCH_ROWS", rows)
        for asked in (bounds, tuple(bounds[0])):
            one = list(plain.batches(FIELDS, bbox=asked))
            other = list(packed.batches(FIELDS, bbox=asked))
            assert len(one) == len(other)
            for here, there in zip(one, other, strict=True):
                pd.testing.assert_frame_equal(here, there)
            rest = np.atleast_2d(asked)
            wanted = [
                n
                for n, shape in enumerate(plain.table.geometry)
                if shape is None or any(shapely.intersects(shapely.box(*shape.bounds), shapely.box(*b)) for b in rest)
            ]
            assert np.concatenate([batch.index.to_numpy() for batch in other]).tolist() == wanted
