"""Land cover: cells and polygons by pencil."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine, from_origin

from urbanform.measure.land_cover import CoverStack, CoverTally, tally_cover

X, Y = 500_000.0, 3_950_000.0


def written(path: Path, values: np.ndarray, cell: float = 10.0, nodata: float | None = None, **more: object) -> Path:
    """A raster whose lower left corner is X, Y."""
    height, width = values.shape
    profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype, "crs": "EPSG:4547", "nodata": nodata}
    profile |= {"width": width, "height": height, "transform": from_origin(X, Y + height * cell, cell, cell)} | more
    with rasterio.open(path, "w", **profile) as sink:
        sink.write(values, 1)
    return path


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def cells(tally: CoverTally) -> dict[float, float]:
    """Cells of each code, in all."""
    return dict(zip(tally.codes.tolist(), tally.cells.sum(axis=0).tolist(), strict=True))


FOUR = np.array([[1, 2], [3, 4]], dtype="uint8")


def test_whole_cells(tmp_path: Path) -> None:
    found = tally_cover(written(tmp_path / "a.tif", FOUR), box(0, 0, 20, 20), 2)
    assert cells(found) == {1: 1, 2: 1, 3: 1, 4: 1}
    assert found.whole
    assert shapely.area(found.parts).sum() == pytest.approx(400)


def test_parts_of_cells_count_by_the_share_inside(tmp_path: Path) -> None:
    """From 4 to 20 m east, 5 to 20 m north: 0.6, 1, 0.3 and 0.5 cells."""
    found = tally_cover(written(tmp_path / "a.tif", FOUR), box(4, 5, 20, 20), 2)
    assert cells(found) == pytest.approx({1: 0.6, 2: 1, 3: 0.3, 4: 0.5})


def test_a_square_that_stands_on_its_corner(tmp_path: Path) -> None:
    """Turned by 45° about the middle of four cells, its corners on their outer edges: half of each cell."""
    turned = shapely.Polygon([(X + 10, Y), (X + 20, Y + 10), (X + 10, Y + 20), (X, Y + 10)])
    assert cells(tally_cover(written(tmp_path / "a.tif", FOUR), turned, 1)) == pytest.approx(
        dict.fromkeys((1, 2, 3, 4), 0.5)
    )


@pytest.mark.parametrize("tiles", [1, 3, 7, 40, 1000])
def test_the_tiles_do_not_matter(tmp_path: Path, tiles: int) -> None:
    """A circle of 150 m over 40 × 40 cells of two codes: half of its area each, whatever the tiles."""
    values = np.ones((40, 40), dtype="uint8")
    values[:, 20:] = 2
    circle = shapely.Point(X + 200, Y + 200).buffer(150, quad_segs=64)
    found = tally_cover(written(tmp_path / "a.tif", values), circle, tiles)
    assert cells(found) == pytest.approx({1: circle.area / 200, 2: circle.area / 200}, rel=1e-6)
    assert shapely.area(found.parts).sum() == pytest.approx(circle.area)


def test_a_polygon_with_a_hole_and_two_parts(tmp_path: Path) -> None:
    """Four cells less a hole of a quarter of a cell in the first, and half a cell apart from them."""
    values = np.ones((4, 4), dtype="uint8")
    values[0, 0] = 7
    area = shapely.union_all([box(0, 20, 20, 40) - box(0, 35, 5, 40), box(30, 0, 40, 5)])
    assert cells(tally_cover(written(tmp_path / "a.tif", values), area, 2)) == pytest.approx({1: 3.5, 7: 0.75})


@pytest.mark.parametrize("tiles", [1, 2])
def test_what_holds_no_data_is_missing_from_the_cells(tmp_path: Path, tiles: int) -> None:
    """Nodata in bytes and NaN in floats, in tiles inside and on the edge: three cells and a half of four."""
    floats = FOUR.astype("float32")
    floats[1, 1] = np.nan
    for values, nodata in ((FOUR, 4), (floats, None), (floats, -1.0)):
        found = tally_cover(written(tmp_path / "a.tif", values, nodata=nodata), box(0, 0, 20, 20), tiles)
        assert cells(found) == {1: 1, 2: 1, 3: 1}
        assert found.part_cells.sum() == pytest.approx(4)
        assert found.share_of(found.codes > 0) @ found.part_cells == pytest.approx(3)


def test_a_mask_of_the_file_is_no_data(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", FOUR)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as sink:
        sink.write_mask(np.array([[255, 255], [255, 0]], dtype="uint8"))
    assert cells(tally_cover(path, box(0, 0, 20, 20), 1)) == {1: 1, 2: 1, 3: 1}


def test_other_types_of_number(tmp_path: Path) -> None:
    for kind in ("int16", "uint16", "int32", "float64"):
        values = (FOUR.astype("int64") * 1000 - 2000).astype(kind) if kind != "uint16" else FOUR.astype(kind) * 1000
        found = tally_cover(written(tmp_path / f"{kind}.tif", values), box(0, 0, 20, 15), 2)
        assert cells(found) == pytest.approx(dict(zip(values.ravel().tolist(), (0.5, 0.5, 1, 1), strict=True)))


def test_beyond_the_raster_there_are_no_tiles(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", FOUR)
    half = tally_cover(path, box(-20, 0, 20, 20), 2)
    assert (half.whole, shapely.area(half.parts).sum()) == (False, pytest.approx(400))
    for nowhere in (box(100, 0, 120, 20), box(20, 0, 40, 20)):
        away = tally_cover(path, nowhere, 2)
        assert (away.whole, len(away.parts)) == (False, 0)
    nothing = tally_cover(path, shapely.Polygon(), 2)
    assert (nothing.whole, len(nothing.parts)) == (True, 0)


def test_a_raster_in_degrees(tmp_path: Path) -> None:
    """Cells of 0.001°: 10 of 20 columns, and half of the eleventh."""
    values = np.ones((10, 20), dtype="uint8")
    values[:, 10:] = 2
    transform = from_origin(114.0, 35.01, 0.001, 0.001)
    path = written(tmp_path / "a.tif", values, crs="EPSG:4490", transform=transform)
    found = tally_cover(path, shapely.box(114.0, 35.0, 114.0105, 35.01), 3)
    assert cells(found) == pytest.approx({1: 100, 2: 5}, rel=1e-6)


def test_a_raster_on_its_head_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", FOUR, transform=Affine(10, 0, X, 0, 10, Y))
    with pytest.raises(ValueError, match="on its head"):
        tally_cover(path, box(0, 0, 20, 20), 1)


@pytest.mark.long
def test_exactextract_finds_the_same_on_a_ragged_outline(tmp_path: Path) -> None:
    """A star of 2,000 corners over 600 × 600 cells of eight codes, whole against tile by tile."""
    from exactextract import exact_extract

    dice = np.random.default_rng(7)
    path = written(tmp_path / "a.tif", dice.integers(0, 8, (600, 600)).astype("uint8"), nodata=0)
    turn = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    far = dice.uniform(1500, 2900, 2000)
    star = shapely.Polygon(np.stack([X + 3000 + far * np.cos(turn), Y + 3000 + far * np.sin(turn)], axis=1))
    whole = exact_extract(str(path), gpd.GeoDataFrame(geometry=[star], crs="EPSG:4547"), ["unique", "frac", "count"])
    expected = whole[0]["properties"]
    by_code = dict(zip(expected["unique"], np.array(expected["frac"]) * expected["count"], strict=True))
    assert cells(tally_cover(path, star, 20)) == pytest.approx(
        {float(code): n for code, n in by_code.items()}, rel=1e-6
    )


def stack(*rows: tuple[shapely.Geometry, float | tuple[float, float], str]) -> tuple[float, ...]:
    """Square metres at least, as given, at most, and covered; of polygons with a share and what they are."""
    shapes, shares, kinds = zip(*rows, strict=True)
    low, high = np.array([share if isinstance(share, tuple) else (share, share) for share in shares], dtype=float).T
    kind = np.array(kinds)
    return CoverStack(np.array(shapes, dtype=object), low, high, kind != "perhaps", kind == "water").permeable_m2()


WEST, EAST, MIDDLE = box(0, 0, 10, 10), box(10, 0, 20, 10), box(5, 0, 15, 10)


def test_polygons_side_by_side_add_up() -> None:
    assert stack((WEST, 1, ""), (EAST, 0.25, "")) == pytest.approx((125, 125, 125, 200))


def test_polygons_that_agree_count_once_where_they_overlap() -> None:
    assert stack((WEST, 1, ""), (MIDDLE, 1, ""), (WEST, 1, "")) == pytest.approx((150, 150, 150, 150))
    assert stack((WEST, 0.5, ""), (MIDDLE, 0.5, "")) == pytest.approx((75, 75, 75, 150))


def test_polygons_that_differ_leave_what_they_share_open() -> None:
    """50 m² are 0.2 or 0.6; each has 50 m² of its own."""
    assert stack((WEST, 0.2, ""), (MIDDLE, 0.6, "")) == pytest.approx((10 + 30 + 10, 10 + 30 + 30, 70, 150))


def test_three_shares_at_one_place() -> None:
    assert stack((WEST, 0.0, ""), (WEST, 0.5, ""), (WEST, 1.0, "")) == pytest.approx((0, 100, 100, 100))


def test_water_decides_alone() -> None:
    assert stack((WEST, 0.0, ""), (MIDDLE, 1, "water")) == pytest.approx((100, 100, 100, 150))


def test_what_may_lie_elsewhere_opens_what_is_covered_and_covers_nothing() -> None:
    """A broken polygon may take 50 m² of 100 from either share; on bare ground it says nothing."""
    assert stack((WEST, 0, ""), (MIDDLE, 1, "perhaps")) == pytest.approx((0, 0, 50, 100))
    assert stack((WEST, 1, ""), (MIDDLE, 0, "perhaps")) == pytest.approx((50, 100, 100, 100))


def test_a_share_that_is_not_known_may_be_any() -> None:
    assert stack((WEST, (0, 1), ""), (EAST, 1, "")) == pytest.approx((100, 200, 200, 200))


def test_nothing_at_all() -> None:
    nothing = np.empty(0)
    empty = CoverStack(np.empty(0, dtype=object), nothing, nothing, nothing.astype(bool), nothing.astype(bool))
    assert empty.permeable_m2() == (0, 0, 0, 0)


def test_a_raster_without_a_crs_is_counted_as_one_with_it(tmp_path: Path) -> None:
    found = tally_cover(written(tmp_path / "a.tif", FOUR, crs=None), box(4, 5, 20, 20), 2)
    assert cells(found) == pytest.approx({1: 0.6, 2: 1, 3: 0.3, 4: 0.5})
