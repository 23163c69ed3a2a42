"""Shapes that nobody means to draw, one in each layer of a town with all checks: no check breaks on any of them."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.affinity import translate

from trust.everything import changed, decided, town
from urbanform.intake.geometry import mend
from urbanform.model.roles import Geometry
from urbanform.model.submission import Submission

TOWN = town()
Shape = shapely.Geometry | None


def areas(drawn: shapely.Geometry) -> Iterator[tuple[str, Shape]]:
    """What may stand in the place of an area."""
    x0, y0, x1, y1 = drawn.bounds
    w, h, x, y = x1 - x0, y1 - y0, (x0 + x1) / 2, (y0 + y1) / 2
    square = shapely.box(x0, y0, x1, y1)
    yield "a point", Polygon([(x, y)] * 4)
    yield "a slanted line", Polygon([(x0, y0), (x1, y1), (x, y)])
    yield "a level line", Polygon([(x0, y0), (x1, y0), (x, y0)])
    yield "a hole as large as itself", Polygon(square.exterior, [square.exterior.coords])
    yield "a hole beside itself", Polygon(square.exterior, [shapely.box(x1 + w, y0, x1 + 2 * w, y1).exterior.coords])
    yield "a hole that touches", Polygon(square.exterior, [[(x0, y), (x, y - h / 8), (x, y + h / 8)]])
    yield "a hole that divides", Polygon(square.exterior, [[(x0, y), (x, y0), (x1, y), (x, y1)]])
    yield "a thread round a hole", square.difference(shapely.box(x0 + 1e-7, y0 + 1e-7, x1 - 1e-7, y1 - 1e-7))
    yield "a speck", shapely.box(x, y, x + 1e-7, y + 1e-7)
    yield "a tenth of a millimetre", shapely.box(x, y, x + 1e-4, y + 1e-4)
    yield "a needle", Polygon([(x0, y0), (x1, y1), (x1, y1 + 1e-6)])
    yield "a spike", Polygon([(x0, y0), (x1, y0), (x1, y), (x1 + 50 * w, y), (x1, y), (x1, y1), (x0, y1)])
    yield "a hundred kilometres", shapely.box(x0 - 5e4, y0 - 5e4, x1 + 5e4, y1 + 5e4)
    yield "slivers", MultiPolygon([shapely.box(x0 + i * w / 200, y0, x0 + (i + 0.4) * w / 200, y1) for i in range(200)])
    yield "a chessboard", MultiPolygon([
        shapely.box(x0 + i * w / 6, y0 + j * h / 6, x0 + (i + 1) * w / 6, y0 + (j + 1) * h / 6)
        for i in range(6) for j in range(6) if (i + j) % 2
    ])  # fmt: skip
    yield "parts side by side", MultiPolygon([shapely.box(x0, y0, x, y1), shapely.box(x, y0, x1, y1)])
    yield "twenty thousand corners", Point(x, y).buffer(min(w, h) / 2, quad_segs=5000)
    trembling = np.repeat(shapely.get_coordinates(square)[:-1], 3, axis=0)
    yield "a trembling hand", Polygon(trembling + np.random.default_rng(1).normal(0, 1e-9, trembling.shape))
    yield "an empty part", shapely.from_wkt(f"MULTIPOLYGON((({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y0})),EMPTY)")
    yield "a collection of an area and a line", GeometryCollection([square, LineString([(x0, y0), (x1, y1)])])
    yield "a collection of areas", GeometryCollection([square, shapely.box(x1, y0, x1 + w, y1)])
    yield "a collection of nothing", GeometryCollection()
    yield "nine kilometres away", translate(square, 9e3, 0)
    yield "a star", Polygon([(x + w * np.cos(4 * np.pi * k / 5), y + h * np.sin(4 * np.pi * k / 5)) for k in range(5)])
    yield "no end", Polygon([(x0, y0), (np.inf, y0), (x1, y1)])
    yield "a line", LineString([(x0, y0), (x1, y1)])
    teeth = [(x0 + w * i / 400, y0 + h * (0.5 + 0.5 * (i % 2))) for i in range(400)]
    yield "a comb", Polygon([*teeth, (x1, y0), (x0, y0)])
    turn = np.linspace(0, 40, 600)
    spiral = np.column_stack([x + w * turn / 80 * np.cos(turn), y + h * turn / 80 * np.sin(turn)])
    yield "a spiral", LineString(spiral).buffer(min(w, h) / 200)
    i, j = (np.mgrid[:12, :12] + 0.5).reshape(2, -1) / 12
    dots = shapely.buffer(shapely.points(x0 + w * i, y0 + h * j), min(w, h) / 30)
    yield "a sieve", square.difference(shapely.union_all(dots))
    yield "a frame", square.difference(shapely.box(x0 + w / 100, y0 + h / 100, x1 - w / 100, y1 - h / 100))
    yield "nothing", None


def lines(drawn: shapely.Geometry) -> Iterator[tuple[str, Shape]]:
    """What may stand in the place of a line."""
    x0, y0, x1, y1 = drawn.bounds
    w, h, x, y = max(x1 - x0, 1), max(y1 - y0, 1), (x0 + x1) / 2, (y0 + y1) / 2
    yield "a point twice", LineString([(x, y)] * 2)
    yield "a point three times", LineString([(x, y)] * 3)
    yield "a speck", LineString([(x, y), (x + 1e-9, y)])
    yield "a loop", LineString([(x0, y0), (x1, y0), (x1, y1 + 5), (x0, y0)])
    yield "an eight", LineString([(x0, y0), (x1, y1 + 5), (x1, y0), (x0, y1 + 5), (x0, y0)])
    yield "there and back", LineString([(x0, y0), (x1, y1), (x0, y0)])
    yield "to and fro", LineString([(x0, y0), (x1, y1)] * 6)
    yield "an empty part", shapely.from_wkt(f"MULTILINESTRING(({x0} {y0},{x1} {y1}),EMPTY)")
    yield "two hundred kilometres", LineString([(x - 1e5, y), (x + 1e5, y)])
    step = np.linspace(0, 1, 20_000)
    yield "twenty thousand corners", LineString(np.column_stack([x0 + w * step, y + np.sin(900 * step)]))
    yield "a tangle", LineString([x, y] + np.random.default_rng(0).normal(0, 1 / 3, (300, 2)) * [w, h])
    yield "a collection of a line and a point", GeometryCollection([drawn, Point(x, y)])
    yield "nine kilometres away", translate(drawn, 9e3, 0)
    yield "itself twice", shapely.multilinestrings(np.repeat(shapely.get_parts(drawn), 2))
    yield "no number", shapely.from_wkt(f"LINESTRING({x0} {y0},NaN {y1})")
    yield "nothing", None


def points(drawn: shapely.Geometry) -> Iterator[tuple[str, Shape]]:
    """What may stand in the place of a point."""
    x, y = drawn.centroid.x, drawn.centroid.y
    yield "two points", MultiPoint([(x, y), (x + 5, y)])
    yield "a point twice", MultiPoint([(x, y)] * 2)
    yield "nine kilometres away", Point(x + 9e3, y)
    yield "no point", Point()
    yield "no points", MultiPoint()
    yield "an area", Point(x, y).buffer(3)
    yield "nothing", None


ZOO = {Geometry.POLYGON: areas, Geometry.LINE: lines, Geometry.POINT: points}


def with_shape(role: str, row: int, shape: Shape) -> Submission:
    """The town with another shape in one row, as intake would leave it."""
    kind = TOWN.layers[role].geometry

    def change(_: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = table.geometry.to_numpy().copy()
        shapes[row] = shape
        mended = mend(shapes, kind)
        sound = table["sound"].to_numpy(dtype=bool) & mended.sound & ~shapely.is_missing(mended.shapes)
        return table.assign(sound=sound).set_geometry(gpd.GeoSeries(mended.shapes, index=table.index, crs=table.crs))

    return changed(TOWN, change, role)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("role", [role for role, layer in TOWN.layers.items() if len(layer)])
def test_no_check_breaks_on_an_odd_shape(role: str) -> None:
    frame = TOWN.layers[role].frame(())
    broken = []
    for name, shape in ZOO[TOWN.layers[role].geometry](frame.geometry.iloc[0]):
        for check, finding in decided(with_shape(role, 0, shape)).items():
            figures = [finding.measured, *(item.subject.value for item in finding.subjects)]
            if finding.reason.code == "check-broke" or not np.isfinite([f for f in figures if f is not None]).all():
                broken.append((name, check, finding.reason.zh))
    assert broken == []
