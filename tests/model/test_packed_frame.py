"""A packed frame comes back as it was."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from urbanform.model import packed_frame
from urbanform.model.geometry_column import GeometryColumn
from urbanform.model.packed_frame import PackedFrame, held, unpacked

SHAPES = [
    shapely.Point(1, 2),
    None,
    shapely.Point(),
    shapely.LineString([(0, 0), (3, 4)]),
    shapely.Polygon([(0, 0), (1e-9, 5), (4, 4)], [[(1, 2.5), (1, 3), (1.5, 3)]]),
]
COLUMNS = {
    "text": np.array(["石桥路", "", None, "\x07", "a" * 300], dtype=object),
    "nan": np.array(["x", np.nan, None, "y", "z"], dtype=object),
    "mixed": np.array(["x", 1, 2.5, True, pd.NA], dtype=object),
    "blank": np.array([None] * 5, dtype=object),
    "count": np.arange(5),
    "yes": np.array([True, False, True, False, True]),
    "figure": [0.1, np.nan, np.inf, -0.0, 1e300],
    "kind": pd.Series(list("abcde"), dtype="str"),
    "class": pd.Categorical(list("abbaa")),
}


def frame(rows: int = 5) -> gpd.GeoDataFrame:
    whole = gpd.GeoDataFrame(COLUMNS, geometry=gpd.GeoSeries(SHAPES), crs="EPSG:4547")
    return whole[[*list(COLUMNS)[:3], "geometry", *list(COLUMNS)[3:]]].iloc[:rows]


@pytest.mark.parametrize("rows", [1, 5])
def test_all_comes_back(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_frame, "MOST_HELD", 0)
    before = frame(rows)
    before.index = np.arange(rows)[::-1] * 3
    packed = held(before)
    assert isinstance(packed, PackedFrame)
    after = packed.frame()
    assert_geodataframe_equal(after, before[[*COLUMNS, "geometry"]])
    for name in COLUMNS:
        for one, other in zip(before[name], after[name], strict=True):
            assert one is other or one == other or (one != one and other != other), name
            assert type(one) is type(other), name
    assert len(packed) == rows
    np.testing.assert_array_equal(packed.total_bounds, before.total_bounds)


def test_shapes_may_be_held_under_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = frame().rename_geometry("drawn")
    monkeypatch.setattr(packed_frame, "MOST_HELD", 0)
    assert_geodataframe_equal(unpacked(held(before)), frame()[[*COLUMNS, "geometry"]])


def test_rows_without_a_shape_have_no_extent() -> None:
    nowhere = PackedFrame(pd.DataFrame({"a": [1, 2]}), GeometryColumn.packed(np.array([None, None])), None)
    assert np.isnan(nowhere.total_bounds).all()


def test_only_frames_of_many_rows_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_frame, "MOST_HELD", 4)
    few, many = frame(4), frame(5)
    assert held(few) is few
    assert unpacked(few) is few
    packed = held(many)
    assert isinstance(packed, PackedFrame)
    assert_geodataframe_equal(unpacked(packed), many[[*COLUMNS, "geometry"]])


def test_some_rows_and_columns_are_those_of_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    before = frame()[[*COLUMNS, "geometry"]]
    monkeypatch.setattr(packed_frame, "MOST_HELD", 0)
    packed = held(before)
    assert isinstance(packed, PackedFrame)
    rows = np.array([3, 0, 1])
    assert_geodataframe_equal(packed.take(rows), before.iloc[rows])
    for name in COLUMNS:
        assert packed.column(name).equals(before[name])


def test_as_arrow_what_is_blank_is_null(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_frame, "MOST_HELD", 0)
    packed = held(frame().drop(columns=["nan", "mixed", "class"]))
    assert isinstance(packed, PackedFrame)
    columns = packed.arrow()
    assert list(columns) == ["text", "blank", "count", "yes", "figure", "kind"]
    assert columns["text"].to_pylist() == COLUMNS["text"].tolist()
    assert columns["blank"].to_pylist() == [None] * 5
    assert columns["figure"].to_pylist() == [0.1, None, np.inf, -0.0, 1e300]
