"""Red-line widths by pencil. The county seat is 2 km × 2 km; roads run along y = 1000 unless said otherwise."""

import numpy as np
import pytest
import shapely

from places import X, Y, box, layer, line, place
from urbanform.checks import find_check
from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Bounds, Measurement, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("county-road-red-line")
SEAT = layer("county_seat", [box(0, 0, 2000, 2000)])
RULE = Rule(
    "r",
    "county-road-red-line",
    Title("则", "rule"),
    Severity.MANDATORY,
    Source("文件", "号", "三（一）"),
    limits=(Limit(Op.AT_MOST, 40.0, Unit.METRE),),
)
ALONG = line((200, 1000), (1200, 1000))


def roads(*lines: object, classes: list[str | None] | None = None, **more: object) -> TableLayer:
    """Branch roads, unless said otherwise."""
    return layer("roads", list(lines), **{"class": classes or ["branch"] * len(lines)}, **more)


def surfaces(*shapes: object, **more: object) -> TableLayer:
    """Road surfaces."""
    return layer("road_surfaces", list(shapes), **more)


def strip(width_m: float, start: float = 200, stop: float = 1200) -> shapely.Polygon:
    """The surface of a road along y = 1000."""
    return box(start, 1000 - width_m / 2, stop, 1000 + width_m / 2)


def found(*layers: TableLayer, seat: TableLayer = SEAT) -> Measurement:
    """What the check finds on a place."""
    return CHECK.measure(Site(place(seat, *layers)), None, CHECK.params())


def one(*layers: TableLayer) -> Subject:
    """The only subject."""
    (subject,) = found(*layers).subjects
    return subject


def verdict(*layers: TableLayer) -> Verdict:
    """The verdict against 40 m."""
    return judge(RULE, found(*layers), 2026).verdict


def turned(shape: shapely.Geometry, degrees: float) -> shapely.Geometry:
    """A shape turned about the middle of the county seat."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([X + 1000, Y + 1000])
    return shapely.transform(shape, lambda xy: (xy - centre) @ turn.T + centre)


# Widths from the field.


@pytest.mark.parametrize(("width_m", "expected"), [(40.0, "pass"), (40.01, "fail"), (24.0, "pass"), (60.0, "fail")])
def test_a_stated_width_is_taken_as_it_stands(width_m: float, expected: str) -> None:
    assert one(roads(ALONG, red_line_width=[width_m])).value == width_m
    assert found(roads(ALONG, red_line_width=[width_m])).subjects[0].tolerance_m is None
    assert verdict(roads(ALONG, red_line_width=[width_m])) == expected


def test_features_of_one_name_that_touch_are_one_road_as_wide_as_its_widest() -> None:
    """Two features of 人民路 end to end, another of that name far off, and a road without a name on its end."""
    lines = [line((0, 500), (300, 500)), line((300, 500), (600, 500)), line((0, 1500), (9, 1500)),
             line((600, 500), (900, 500))]  # fmt: skip
    layers = roads(*lines, name=["人民路", "人民路", "人民路", None], red_line_width=[30, 45, 20, 26])
    assert [(s.id, s.name, s.value) for s in found(layers).subjects] == [
        ("1", "人民路", 45.0),
        ("3", "人民路", 20.0),
        ("4", None, 26.0),
    ]


def test_only_what_lies_inside_counts() -> None:
    """Of one road a narrow piece lies inside and a wide one outside; another ends 0.5 m inside the edge."""
    lines = [line((1500, 500), (2000, 500)), line((2000, 500), (2500, 500)), line((-500, 900), (0.5, 900))]
    (subject,) = found(roads(*lines, name=["甲路", "甲路", None], red_line_width=[30, 60, 60])).subjects
    assert subject.value == 30.0
    assert found(roads(line((3000, 0), (4000, 0)), red_line_width=[60])).subjects == ()


def test_highways_are_left_out_and_internal_roads_count() -> None:
    lines = [ALONG, line((500, 0), (500, 900)), line((600, 0), (600, 900))]
    measurement = found(roads(*lines, classes=["highway", "internal", "arterial"], red_line_width=[60, 12, 36]))
    assert [s.value for s in measurement.subjects] == [12.0, 36.0]
    assert "highways" in [note.code for note in measurement.notes]


def test_a_road_of_unknown_class_may_be_a_highway() -> None:
    """Within the limit it makes no odds; over it nothing is known."""
    narrow, wide = (roads(ALONG, classes=[None], red_line_width=[width]) for width in (36, 50))
    assert (one(wide).value, one(wide).bounds) == (50.0, Bounds(0.0, 50.0))
    assert (verdict(narrow), verdict(wide)) == (Verdict.PASS, Verdict.UNDETERMINED)


def test_of_a_road_with_features_of_known_and_unknown_class_the_known_ones_are_certain() -> None:
    """30 m for certain, 50 m perhaps; the other way round 50 m for certain."""
    lines = line((200, 1000), (700, 1000)), line((700, 1000), (1200, 1000))
    for widths, low in (([30, 50], 30.0), ([50, 30], 50.0)):
        layers = roads(*lines, classes=["branch", None], name=["甲", "甲"], red_line_width=widths)
        assert (one(layers).value, one(layers).bounds or Bounds(50.0, 50.0)) == (50.0, Bounds(low, 50.0))


def test_pavement_proves_a_breach_and_never_a_pass() -> None:
    assert one(roads(ALONG, pavement_width=[45])).bounds == Bounds(45.0, None)
    assert verdict(roads(ALONG, pavement_width=[45])) is Verdict.FAIL
    assert verdict(roads(ALONG, pavement_width=[38])) is Verdict.UNDETERMINED
    assert verdict(roads(ALONG, pavement_width=[40])) is Verdict.UNDETERMINED
    assert verdict(roads(ALONG, classes=[None], pavement_width=[45])) is Verdict.UNDETERMINED


def test_a_pavement_wider_than_the_red_line_leaves_both_open() -> None:
    assert one(roads(ALONG, red_line_width=[36], pavement_width=[45])).bounds == Bounds(36.0, 45.0)
    with_surface = one(roads(ALONG, pavement_width=[45]), surfaces(strip(36)))
    assert with_surface.bounds == Bounds(pytest.approx(36.0), 45.0)


def test_without_any_width_it_is_told_what_to_supply() -> None:
    subject = one(roads(ALONG))
    assert subject.bounds == Bounds(0.0, None)
    assert subject.missing is not None
    assert "red_line_width" in subject.missing.zh
    assert verdict(roads(ALONG)) is Verdict.UNDETERMINED


def test_a_feature_without_a_width_leaves_its_road_open_above() -> None:
    halves = line((200, 1000), (700, 1000)), line((700, 1000), (1200, 1000))
    assert one(roads(*halves, name=["甲", "甲"], red_line_width=[30, None])).bounds == Bounds(30.0, None)


def test_a_road_that_may_not_exist_proves_nothing() -> None:
    assert one(roads(ALONG, red_line_width=[50], certain=[False])).bounds == Bounds(0.0, 50.0)


def test_a_road_whose_shape_is_broken_may_lie_inside() -> None:
    broken = roads(None, ALONG, box(5000, 0, 5100, 100), sound=[False, True, False], red_line_width=[50, 30, 60])
    rows = [(s.id, s.value, s.bounds) for s in found(broken).subjects]
    assert rows == [("2", 30.0, None), ("1", None, Bounds(0.0, 50.0))]


def test_each_polygon_of_the_seat_is_judged_by_itself() -> None:
    seats = layer("county_seat", [box(0, 0, 600, 2000), box(600, 0, 2000, 2000), None], sound=[True, True, False])
    rows = [(s.id, s.value) for s in found(roads(ALONG, red_line_width=[30]), seat=seats).subjects]
    assert rows == [("county_seat:3", None), ("1@1", 30.0), ("1@2", 30.0)]


# Widths from the surface.


@pytest.mark.parametrize("degrees", [0.0, 13.7, 45.0, 228.1])
def test_a_surface_of_40_m_measures_40_m_however_it_lies(degrees: float) -> None:
    centreline, surface = turned(line((200, 1003), (1200, 1003)), degrees), turned(strip(40), degrees)
    subject = one(roads(centreline), surfaces(surface))
    assert subject.value == pytest.approx(40.0, abs=1e-6)
    assert subject.bounds is None
    assert found(roads(centreline), surfaces(surface)).subjects[0].tolerance_m == 0.05
    assert verdict(roads(centreline), surfaces(surface)) is Verdict.PASS
    assert verdict(roads(centreline), surfaces(turned(strip(40.2), degrees))) is Verdict.FAIL


def test_a_bend_and_a_curve_keep_their_width() -> None:
    """A right angle of 30 m legs; a quarter circle of radius 300 m."""
    bend = line((200, 200), (600, 200), (600, 700))
    assert one(roads(bend), surfaces(bend.buffer(15, cap_style="flat", join_style="mitre"))).value == pytest.approx(30)
    angle = np.linspace(0, np.pi / 2, 91)
    arc = line(*zip(300 + 300 * np.cos(angle), 300 + 300 * np.sin(angle), strict=True))
    curved = one(roads(arc), surfaces(arc.buffer(15, cap_style="flat", quad_segs=64)))
    assert curved.value == pytest.approx(30, abs=0.1)


def test_a_surface_in_pieces_is_one() -> None:
    """Cut across, along, and once more with a seam of 1 cm between."""
    pieces = [box(200, 980, 700, 1000), box(700, 980, 1200, 1000), box(200, 1000.01, 1200, 1020)]
    assert one(roads(ALONG), surfaces(*pieces)).value == pytest.approx(40.0, abs=1e-6)


@pytest.mark.parametrize(("length_m", "expected"), [(30, 24), (45, 24), (50, 45), (60, 45), (200, 45)])
def test_a_widening_counts_where_it_is_held_over_50_m(length_m: float, expected: float) -> None:
    """A road of 24 m with a part of 45 m."""
    for start in (600.0, 603.3, 608.7):
        widened = shapely.union(strip(24), strip(45, start, start + length_m))
        subject = one(roads(ALONG), surfaces(widened))
        assert (subject.value, subject.bounds) == (pytest.approx(expected), None)


def test_a_widening_across_two_features_counts_for_both() -> None:
    """60 m of 45 m about the point where two nameless features of 24 m meet."""
    halves = line((200, 1000), (700, 1000)), line((700, 1000), (1200, 1000))
    widened = shapely.union(strip(24), strip(45, 670, 730))
    assert [s.value for s in found(roads(*halves), surfaces(widened)).subjects] == [pytest.approx(45)] * 2


def test_a_road_in_short_pieces_is_read_as_a_whole() -> None:
    pieces = [line((x, 1000), (x + 20, 1000)) for x in range(200, 1200, 20)]
    assert {round(s.value or 0, 6) for s in found(roads(*pieces), surfaces(strip(36))).subjects} == {36.0}


def test_what_a_junction_widens_is_left_out() -> None:
    """Two roads of 30 and 24 m that cross, their corners cut back 20 m: each keeps its width."""
    crossing = line((700, 500), (700, 1500))
    corners = shapely.Polygon([(X + 700 - 35, Y + 1000), (X + 700, Y + 1000 - 35), (X + 735, Y + 1000),
                               (X + 700, Y + 1035)])  # fmt: skip
    ground = shapely.union_all([strip(30), box(688, 500, 712, 1500), corners])
    measurement = found(roads(ALONG, crossing), surfaces(ground))
    assert [s.value for s in measurement.subjects] == [pytest.approx(30), pytest.approx(24)]


def test_a_wide_road_between_close_junctions_is_not_missed() -> None:
    """45 m wide, crossed every 110 m: no more than 20 m are clear of junctions at a stretch."""
    across = [line((x, 800), (x, 1200)) for x in range(310, 1200, 110)]
    ground = shapely.union_all([strip(45), *(box(x - 6, 800, x + 6, 1200) for x in range(310, 1200, 110))])
    main = next(s for s in found(roads(ALONG, *across), surfaces(ground)).subjects if s.id == "1")
    assert main.value == pytest.approx(45)


def test_two_widenings_on_either_side_of_a_junction_leave_it_open() -> None:
    """24 m, 45 m over 30 m to either side of what is left out of a junction: 60 m in all, 30 m at a stretch."""
    crossing = line((700, 900), (700, 1100))
    ground = shapely.union_all([strip(24), box(688, 900, 712, 1100), strip(45, 646, 676), strip(45, 724, 754)])
    main = found(roads(ALONG, crossing), surfaces(ground)).subjects[0]
    assert main.bounds == Bounds(pytest.approx(24), pytest.approx(45))


def test_a_short_road_has_what_it_holds_from_end_to_end() -> None:
    """30 m long: 45 m wide all over, and 24 m wide over its last 10 m."""
    stub = line((500, 500), (530, 500))
    assert one(roads(stub), surfaces(box(500, 477.5, 530, 522.5))).value == pytest.approx(45)
    narrowed = shapely.union(box(500, 477.5, 520, 522.5), box(520, 488, 530, 512))
    assert one(roads(stub), surfaces(narrowed)).bounds == Bounds(pytest.approx(24), pytest.approx(45))


def test_the_field_comes_before_the_surface_and_a_wrong_one_is_told() -> None:
    subject = one(roads(ALONG, red_line_width=[40]), surfaces(strip(46)))
    assert (subject.value, subject.bounds) == (40.0, None)
    assert [note.code for note in subject.notes] == ["apart"]
    assert "46" in subject.notes[0].zh
    assert one(roads(ALONG, red_line_width=[40]), surfaces(strip(43))).notes == ()


def test_a_feature_without_a_width_takes_its_own_surface_not_the_others() -> None:
    """甲路: 60 m stated on its first half, 24 m of surface along its second."""
    halves = line((200, 1000), (700, 1000)), line((700, 1000), (1200, 1000))
    subject = one(roads(*halves, name=["甲", "甲"], red_line_width=[20, None]), surfaces(strip(24)))
    assert subject.value == pytest.approx(24)


def test_where_the_surface_ends_the_width_is_open_above() -> None:
    """A surface along the first half only; a gap of 30 m holds nothing over 50 m."""
    half = one(roads(ALONG), surfaces(strip(24, 200, 700)))
    assert half.bounds == Bounds(pytest.approx(24), None)
    gap = one(roads(ALONG), surfaces(strip(24, 200, 700), strip(24, 730, 1200)))
    assert gap.value == pytest.approx(24)


def test_a_narrow_strip_between_two_surfaces_may_be_a_separator() -> None:
    """Two carriageways of 18 m and 6 m between them: 18 to 42 m. With 20 m between them: 18 m."""
    apart = found(roads(ALONG), surfaces(box(200, 991, 1200, 1009), box(200, 1015, 1200, 1033)))
    assert apart.subjects[0].bounds == Bounds(pytest.approx(18), pytest.approx(42))
    far = found(roads(ALONG), surfaces(box(200, 991, 1200, 1009), box(200, 1029, 1200, 1047)))
    assert far.subjects[0].value == pytest.approx(18)


def test_unsound_surfaces_leave_the_width_open_up_to_their_envelope() -> None:
    """24 m for certain, an envelope of 10 m beside it; a surface without a shape may be anywhere."""
    beside = surfaces(strip(24), box(200, 1012, 1200, 1022), sound=[True, False])
    assert one(roads(ALONG), beside).bounds == Bounds(pytest.approx(24), pytest.approx(34))
    nowhere = surfaces(strip(24), None, sound=[True, False])
    assert one(roads(ALONG), nowhere).bounds == Bounds(pytest.approx(24), None)


# Surfaces alone.


@pytest.mark.parametrize("degrees", [0.0, 31.0])
def test_surfaces_without_roads_are_read_along_their_middle(degrees: float) -> None:
    """Their class is unknown: narrow ones pass, wide ones are open."""
    subject = one(surfaces(turned(strip(40), degrees)))
    assert subject.value == pytest.approx(40, abs=0.05)
    assert subject.bounds == Bounds(0.0, pytest.approx(40, abs=0.05))
    assert verdict(surfaces(turned(strip(36), degrees))) is Verdict.PASS
    assert verdict(surfaces(turned(strip(46), degrees))) is Verdict.UNDETERMINED


def test_a_network_of_surfaces_is_read_clear_of_its_forks() -> None:
    ground = shapely.union_all([strip(36), box(688, 500, 712, 1500)])
    assert one(surfaces(ground)).bounds == Bounds(0.0, pytest.approx(36, abs=0.1))


def test_a_square_without_a_middle_is_open() -> None:
    """100 m × 100 m: no wider than its diagonal."""
    assert one(surfaces(box(500, 500, 600, 600))).bounds == Bounds(0.0, pytest.approx(100 * 2**0.5))


def test_a_surface_off_all_roads_is_not_passed_over() -> None:
    away = box(200, 1500, 1200, 1546)
    measurement = found(roads(ALONG, red_line_width=[30]), surfaces(strip(30), away))
    assert [(s.id, s.value) for s in measurement.subjects] == [
        ("1", 30.0),
        ("road_surfaces:2", pytest.approx(46, abs=0.05)),
    ]
    assert judge(RULE, measurement, 2026).verdict is Verdict.UNDETERMINED


def test_no_road_inside_leaves_nothing_to_bind() -> None:
    assert verdict(roads(line((5000, 0), (6000, 0)))) is Verdict.NOT_APPLICABLE
    assert verdict(surfaces(box(5000, 0, 6000, 40))) is Verdict.NOT_APPLICABLE


def test_order_and_direction_are_irrelevant() -> None:
    lines = {"10": ALONG, "9": line((700, 500), (700, 1500)), "11": line((300, 1000), (300, 1900))}
    ground = shapely.union_all([strip(36), box(688, 500, 712, 1500), box(285, 1000, 315, 1900)])
    for order, way in ((["10", "9", "11"], lambda shape: shape), (["11", "9", "10"], shapely.reverse)):
        layers = roads(*(way(lines[key]) for key in order), id=order)
        rows = {(s.id, round(s.value or 0, 6)) for s in found(layers, surfaces(ground)).subjects}
        assert rows == {("10", 36.0), ("9", 24.0), ("11", 30.0)}


def test_the_map_shows_the_transects_of_the_widest_stretch() -> None:
    """24 m with 45 m over 100 m: the transects shown are 45 m long and lie there."""
    widened = shapely.union(strip(24), strip(45, 600, 700))
    lines = found(roads(ALONG, line((0, 1700), (900, 1700)), classes=["branch", "highway"]), surfaces(widened))
    frame = lines.evidence[1].frame
    shown = frame[frame["kind"] == "transect"]
    assert shown.geometry.length.to_numpy() == pytest.approx(45)
    assert shown.total_bounds[[0, 2]] - X == pytest.approx([650, 650], abs=50)
    assert list(frame["kind"].unique()) == ["transect", "known", "highway"]
    assert set(frame["kind"]) <= set(lines.evidence[1].legend)
