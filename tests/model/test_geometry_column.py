"""Shapes held decoded and packed are the same shapes, and say the same of themselves."""

import numpy as np
import pyarrow as pa
import pytest
import shapely

from urbanform.model import geometry_column as module
from urbanform.model.geometry_column import NO_SHAPE, GeometryColumn

SQUARES = [shapely.box(10 * n, 0, 10 * n + 6, 4) for n in range(9)]
GIVEN = np.array(
    [*SQUARES[:4], None, shapely.Polygon(), shapely.GeometryCollection(), shapely.Point(3, -7), *SQUARES[4:]],
    dtype=object,
)


@pytest.fixture(params=[False, True], ids=["decoded", "packed"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> GeometryColumn:
    """The given shapes, in blocks of three where they are packed."""
    if request.param:
        monkeypatch.setattr(module, "MOST_DECODED", 5)
        monkeypatch.setattr(module, "BLOCK_ROWS", 3)
    read = GeometryColumn.read(
        pa.chunked_array([pa.array(shapely.to_wkb(GIVEN[:8])), pa.array(shapely.to_wkb(GIVEN[8:]))])
    )
    assert read.is_packed == request.param
    return read


def same(found: np.ndarray, wanted: np.ndarray) -> bool:
    return shapely.to_wkb(found).tolist() == shapely.to_wkb(wanted).tolist()


def test_all_comes_back(held: GeometryColumn) -> None:
    assert len(held) == 13
    assert same(held.all(), GIVEN)
    assert same(np.concatenate(list(held.blocks())), GIVEN)


def test_some_come_in_the_order_asked_for(held: GeometryColumn) -> None:
    rows = np.array([12, 0, 4, 4, 7, 3])
    assert same(held.take(rows), GIVEN[rows])
    assert held.take(np.zeros(0, dtype=int)).shape == (0,)


def test_the_facts(held: GeometryColumn) -> None:
    facts = held.facts
    assert facts.bounds[1].tolist() == [10, 0, 16, 4]
    assert np.flatnonzero(np.isnan(facts.bounds[:, 0])).tolist() == [4, 5, 6]
    assert np.flatnonzero(facts.nothing).tolist() == [4, 5, 6]
    assert facts.dimension.tolist() == [2, 2, 2, 2, NO_SHAPE, 2, -1, 0, 2, 2, 2, 2, 2]
    assert held.total_bounds == (0, -7, 86, 4)
    assert np.nansum(held.each(shapely.area)) == pytest.approx(9 * 24)


def test_what_is_left_keeps_its_facts(held: GeometryColumn) -> None:
    keep = np.arange(13) % 2 == 0
    for known in (False, True):
        if known:
            assert held.facts
        left = held.where(keep)
        assert same(left.all(), GIVEN[keep])
        assert left.facts.bounds[1].tolist() == [20, 0, 26, 4]
        assert len(left.facts.nothing) == 7
    assert held.where(np.ones(13, dtype=bool)) is held


def test_changes_reach_every_row_and_leave_the_given_ones_alone(held: GeometryColumn) -> None:
    seen = []

    def change(block: np.ndarray, rows: slice) -> np.ndarray:
        seen.extend(range(rows.start, rows.stop))
        moved = block.copy()
        if rows.start <= 9 < rows.stop:
            moved[9 - rows.start] = shapely.box(0, 0, 1, 1)
        return moved

    changed = held.changed(change)
    assert sorted(seen) == list(range(13))
    assert same(held.all(), GIVEN)
    wanted = GIVEN.copy()
    wanted[9] = shapely.box(0, 0, 1, 1)
    assert same(changed.all(), wanted)
    assert changed.facts.bounds[9].tolist() == [0, 0, 1, 1]
    assert changed.facts.bounds[8].tolist() == [40, 0, 46, 4]


def test_joined_they_are_packed_where_they_are_many(held: GeometryColumn) -> None:
    one = GeometryColumn(GIVEN[:3])
    both = GeometryColumn.joined([one, held])
    assert both.is_packed == held.is_packed
    assert same(both.all(), np.concatenate([GIVEN[:3], GIVEN]))
    assert len(both.facts.nothing) == 16


def test_bytes_that_make_no_shape_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_DECODED", 1)
    written = [shapely.to_wkb(SQUARES[0]), b"\x01\x03", None]
    read = GeometryColumn.read(pa.chunked_array([pa.array(written, pa.binary())]))
    assert read.facts.dimension.tolist() == [2, NO_SHAPE, NO_SHAPE]
    assert shapely.is_missing(read.all()).tolist() == [False, True, True]
