"""Static pictures: what is burnt into the ground and what is drawn over it, counted in pixels."""

import io
from dataclasses import replace

import geopandas as gpd
import matplotlib
import numpy as np
import pytest
import shapely
from PIL import Image

from urbanform.model import submission
from urbanform.model.finding import judge
from urbanform.model.measurement import Measurement, Shapes, Subject, Tone
from urbanform.model.roles import Geometry
from urbanform.model.rules import Severity, Unit
from urbanform.output import ground as ground_module
from urbanform.output import picture as picture_module
from urbanform.output.backdrop import SHADES
from urbanform.output.ground import Ground, View, view_of
from urbanform.output.picture import HEIGHT_PX, WIDTH_PX, Pictures

SIDE_M = 4.0
"""Metres per pixel of the tests' grounds: too coarse for outlines, fine enough for full strength."""


def grid(build, width=20, height=10, side_m=SIDE_M):
    """A view from the place's corner: column c, row r (from above) is the square from c·side, (height − 1 − r)·side."""
    return View(build.east, build.north + height * side_m, side_m, width, height)


def squares(build, *corners):
    """Boxes by the pixels of the grid: west, south, east, north."""
    return [build.box(*(SIDE_M * at for at in corner)) for corner in corners]


def inked(build, layers, view):
    """Which pixels of a ground are not white: (height, width)."""
    ground = Ground(build.assessed(layers, []).submission)
    return (ground.drawn(view) != 255).any(axis=2)


def colour_of(text):
    return tuple(int(text[at : at + 2], 16) for at in (1, 3, 5))


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(int)


def near(image, colour, tolerance=12):
    """How many pixels have about a colour."""
    return int((np.abs(image - colour_of(colour)) <= tolerance).all(axis=2).sum())


def test_a_view_holds_its_extent_in_the_middle():
    """1000 × 500 m on 200 × 200 pixels, no margin: 5 m a pixel, 250 m of room above and below."""
    view = view_of((0.0, 0.0, 1000.0, 500.0), 200, 200, margin=0.0)
    assert view.metres_per_pixel == 5.0
    assert view.extent_m == (0.0, -250.0, 1000.0, 750.0)
    columns, rows = view.pixels(np.array([(0.0, 750.0), (1000.0, -250.0)]))
    assert columns.tolist() == [0.0, 200.0]
    assert rows.tolist() == [0.0, 200.0]


def test_an_area_covers_the_pixels_whose_centres_lie_in_it(build):
    """Pixels 2–5 across and 3–7 up: columns 2, 3, 4, 5 and rows 10 − 8 = 2 to 10 − 3 − 1 = 6."""
    mask = inked(build, {"water": build.layer("water", squares(build, (2, 3, 6, 8)))}, grid(build))
    wanted = np.zeros((10, 20), dtype=bool)
    wanted[2:7, 2:6] = True
    assert (mask == wanted).all()


@pytest.mark.parametrize("turned", [False, True])
def test_holes_stay_open_and_overlaps_stay_filled(build, turned):
    """A ring of 8 × 8 pixels round a hole of 4 × 4, over it a bar of 12 × 2; rings may run either way.

    64 − 16 = 48 pixels; of the bar's 24, columns 1–8 lie over the ring (2 × 4 in the hole): 8 + 4 more beyond column 8,
    so 48 + 8 + 8 = 64.
    """
    outer, hole, bar = squares(build, (1, 1, 9, 9), (3, 3, 7, 7), (1, 4, 13, 6))
    ring = outer.difference(hole)
    if turned:
        ring = shapely.Polygon(ring.exterior.coords[::-1], [hole.coords[::-1] for hole in ring.interiors])
        bar = shapely.reverse(bar)
    mask = inked(build, {"water": build.layer("water", [ring, bar])}, grid(build))
    assert mask.sum() == 64
    assert not mask[10 - 4, 3:7].any()
    assert mask[10 - 5, 3:7].all()


def test_what_lies_beyond_the_view_neither_wraps_nor_fills(build):
    """A box that reaches 100 pixels past every side fills all; one beside the view fills nothing."""
    view = grid(build)
    everything = {"water": build.layer("water", squares(build, (-100, -100, 120, 110)))}
    assert inked(build, everything, view).all()
    beside = {"water": build.layer("water", squares(build, (21, 2, 40, 8), (-9, 2, -1, 8)))}
    assert not inked(build, beside, view).any()


def test_a_line_is_one_pixel_wide_and_cut_at_the_edge(build):
    """A road at 4.5 pixels up, from 50 pixels left of the view to 50 right of it: row 10 − 5 = 5, all 20 columns."""
    ends = [(build.east + x * SIDE_M, build.north + 4.5 * SIDE_M) for x in (-50, 70)]
    mask = inked(build, {"roads": build.layer("roads", [shapely.LineString(ends)], Geometry.LINE)}, grid(build))
    assert mask.sum() == 20
    assert mask[5].all()


def test_a_point_is_seen(build):
    """A point in column 3, row 10 − 6 = 4, grown by a pixel to the right and downward."""
    place = shapely.Point(build.east + 3.5 * SIDE_M, build.north + 5.5 * SIDE_M)
    mask = inked(build, {"facilities": build.layer("facilities", [place], Geometry.POINT)}, grid(build))
    assert sorted(zip(*np.nonzero(mask), strict=True)) == [(4, 3), (4, 4), (5, 3), (5, 4)]


def test_of_very_many_areas_a_wide_view_shows_a_pixel_each(build, monkeypatch):
    """Three houses far smaller than a pixel of 8 m whose centres none covers: a pixel at the middle of each."""
    monkeypatch.setattr(ground_module, "MOST_TRACED", 2)
    houses = build.layer("buildings", build.box(*np.array([[10, 42, 90], [10, 10, 50], [11, 43, 91], [11, 11, 51]])))
    mask = inked(build, {"buildings": houses}, grid(build, side_m=8.0))
    assert sorted(zip(*np.nonzero(mask), strict=True)) == [(10 - 7, 11), (10 - 2, 1), (10 - 2, 5)]


def test_of_very_many_areas_a_near_view_draws_each(build, monkeypatch):
    monkeypatch.setattr(ground_module, "MOST_TRACED", 2)
    found = squares(build, (2, 3, 6, 8), (8, 3, 9, 8), (50, 50, 60, 60))
    mask = inked(build, {"buildings": build.layer("buildings", found)}, grid(build))
    assert mask.sum() == 4 * 5 + 5


def test_areas_that_come_in_batches_are_drawn_as_those_that_come_at_once(build, monkeypatch):
    """With a hole in one, two parts in another, and one house outside the view."""
    monkeypatch.setattr(ground_module, "MOST_TRACED", 2)
    found = squares(build, (2, 3, 6, 8), (8, 3, 10, 8), (12, 2, 18, 9), (50, 50, 60, 60), (3, 0, 4, 1))
    found[0] = found[0].difference(found[0].buffer(-1.5))
    found[1] = shapely.union(found[1], found[4])
    layers = {"buildings": build.layer("buildings", found)}
    whole = inked(build, layers, grid(build))
    assert whole[4, 4] == 0
    monkeypatch.setattr(submission, "BATCH_ROWS", 1)
    np.testing.assert_array_equal(inked(build, layers, grid(build)), whole)


def test_an_unsound_shape_is_not_drawn(build):
    layer = build.layer("water", squares(build, (2, 3, 6, 8), (8, 3, 10, 8)))
    layer = replace(layer, table=layer.table.assign(sound=[True, False]))
    assert inked(build, {"water": layer}, grid(build)).sum() == 20


def test_the_same_view_is_drawn_once(build, layers):
    ground, view = Ground(build.assessed(layers, []).submission), grid(build)
    assert ground.drawn(view) is ground.drawn(replace(view))


def test_layers_lie_in_the_order_of_the_interactive_map(build):
    """Water over green: both on the same pixels, the water's colour is seen."""
    layers = {role: build.layer(role, squares(build, (2, 3, 6, 8))) for role in ("water", "green_spaces")}
    seen = Ground(build.assessed(layers, []).submission).drawn(grid(build))[4, 3]
    assert tuple(seen) == colour_of(SHADES["water"].fill)


def breach(build, severity, side_m=400.0, tone=Tone.BREACH):
    """A square in breach in the middle of the place, on no other layer."""
    shape = build.box(1000.0, 1000.0, 1000.0 + side_m, 1000.0 + side_m)
    frame = gpd.GeoDataFrame({"kind": ["over"], "subject": ["1"]}, geometry=[shape], crs=build.crs)
    evidence = (Shapes(frame, {"over": (tone, build.words("超过", "over"))}),)
    rule = build.rule("r", "甲", "A", Unit.METRE, ("<=", 1), severity=severity)
    return judge(rule, Measurement(Unit.METRE, (Subject("1", None, 5.0),), evidence=evidence), 2026)


def test_only_a_mandatory_breach_is_red(build):
    """A square of 400 m in a view at least 600 m high: its side is over 300 of 640 pixels."""
    red, orange = [
        pixels(Pictures(build.assessed({}, [finding])).of(finding))
        for finding in (breach(build, Severity.MANDATORY), breach(build, Severity.RESTRICTED))
    ]
    assert red.shape == (HEIGHT_PX, WIDTH_PX, 3)
    # 60 % of the breach's colour over white.
    mixed_red, mixed_orange = "#e69e66", "#f0c566"
    assert near(red, mixed_red) > 90_000
    assert near(red, mixed_orange) == 0
    assert near(orange, mixed_orange) > 90_000
    assert near(orange, mixed_red) == 0


def test_a_breach_of_less_than_a_pixel_is_a_dot(build):
    """A house of 5 m beside a frame of 12 km: 20 m a pixel, so only a dot can be seen."""
    finding = breach(build, Severity.MANDATORY, side_m=5.0)
    scope = build.box(-3000.0, -3000.0, 9000.0, 5000.0)
    frame = gpd.GeoDataFrame({"kind": ["frame"]}, geometry=[scope], crs=build.crs)
    shapes = Shapes(frame, {"frame": (Tone.FRAME, build.words("范围", "area"))})
    measured = replace(finding.measurement, evidence=(*finding.evidence, shapes))
    finding = replace(finding, measurement=measured)
    image = pixels(Pictures(build.assessed({}, [finding])).of(finding))
    assert 15 <= near(image, "#d55e00") <= 400


def test_subjects_are_numbered_worst_first(build, assessment, finding_of):
    picture = Pictures(assessment).of(finding_of["cluster-population-density"])
    assert picture.numbered == ("1", "2", "3")
    assert Pictures(assessment).of(finding_of["cluster-population-density"], most_numbered=2).numbered == ("1", "2")
    assert Pictures(assessment).of(finding_of["super-high-rise-control"]).numbered == ()


def test_graduated_colours_mark_breaches_and_leave_the_unknown_out(build, assessment, finding_of):
    """The cluster without a figure keeps the colour of its kind (purple), so that it is not read as empty."""
    picture = Pictures(assessment, context=False).of(finding_of["cluster-population-density"])
    assert picture.outline == "#a84400"
    image = pixels(picture)
    assert near(image, "#a84400", 20) > 200
    assert near(image, "#eec7e0", 20) > 5000
    tops = {key.words.zh: key.top for key in picture.keys}
    assert tops == {"组团人口密度": "12400", "未能量算的组团": None}


def test_the_legend_counts_what_is_left_out(build, monkeypatch):
    monkeypatch.setattr(picture_module, "MOST_DRAWN", 4)
    x = np.arange(10) * 100.0
    frame = gpd.GeoDataFrame({"kind": "cell"}, index=range(10), geometry=build.box(x, 0 * x, x + 50, 50), crs=build.crs)
    shapes = Shapes(frame, {"cell": (Tone.COUNTED, build.words("格", "cell"))})
    rule = build.rule("r", "甲", "A", Unit.METRE, ("<=", 1))
    finding = judge(rule, Measurement(Unit.METRE, (Subject("1", None, 0.5),), evidence=(shapes,)), 2026)
    picture = Pictures(build.assessed({}, [finding])).of(finding)
    assert [(key.drawn, key.total) for key in picture.keys] == [(4, 10)]
    assert [note.code for note in picture.notes] == ["evidence-cut"]
    assert near(pixels(picture), "#99c7e0", 30) > 0


def test_what_has_no_place_has_no_picture(build, layers, finding_of, assessment):
    """Nothing measured; or measured without shapes and without an area under review."""
    assert Pictures(assessment).of(finding_of["corridor-net-width"]) is None
    assert Pictures(assessment).of(finding_of["green-300m-park-500m"]) is None
    # The surface share has no shapes either, but its scope is the built-up area.
    picture = Pictures(assessment).of(finding_of["permeable-surface-share"])
    assert picture.framed
    assert [note.code for note in picture.notes] == ["evidence-none"]


def test_empty_and_missing_shapes_are_passed_over(build):
    finding = breach(build, Severity.MANDATORY)
    frame = finding.evidence[0].frame
    holes = gpd.GeoDataFrame({"kind": "over", "subject": ["1", "2"]}, geometry=[None, shapely.Polygon()], crs=build.crs)
    whole = gpd.GeoDataFrame(
        {"kind": "over", "subject": ["1", "1", "2"]},
        geometry=[*frame.geometry, *holes.geometry],
        crs=build.crs,
    )
    measured = replace(finding.measurement, evidence=(replace(finding.evidence[0], rows=whole),))
    picture = Pictures(build.assessed({}, [finding])).of(replace(finding, measurement=measured))
    assert [(key.drawn, key.total) for key in picture.keys] == [(1, 1)]


def test_lines_points_and_areas_of_one_kind_are_all_drawn(build):
    """A kind of mixed shapes: a line, a point and an area, apart from one another, all in one colour."""
    east, north = build.east, build.north
    shapes = [
        build.box(0.0, 0.0, 200.0, 200.0),
        shapely.LineString([(east + 400, north), (east + 400, north + 600)]),
        shapely.Point(east + 700, north + 300),
    ]
    frame = gpd.GeoDataFrame({"kind": ["mark"] * 3}, geometry=shapes, crs=build.crs)
    rule = build.rule("r", "甲", "A", Unit.METRE, ("<=", 1))
    evidence = (Shapes(frame, {"mark": (Tone.GOOD, build.words("记", "mark"))}),)
    finding = judge(rule, Measurement(Unit.METRE, (Subject("1", None, 0.5),), evidence=evidence), 2026)
    image = pixels(Pictures(build.assessed({}, [finding])).of(finding))
    dark = (image.sum(axis=2) < 700).sum(axis=0)
    columns = np.flatnonzero(dark > 4)
    # Three clumps of columns: the area, the line, the point (the frame of the picture stands at both edges).
    inner = columns[(columns > 5) & (columns < WIDTH_PX - 60)]
    assert (np.diff(inner) > 20).sum() >= 2


def test_the_same_finding_gives_the_same_bytes_whatever_the_reader_set(assessment, finding_of):
    finding = finding_of["road-network-density"]
    first = Pictures(assessment).of(finding)
    with matplotlib.rc_context({"figure.dpi": 50, "font.size": 30, "axes.facecolor": "black", "lines.linewidth": 9}):
        assert Pictures(assessment).of(finding).png == first.png
