"""Plazas: hectares by pencil. The county seat is 2 km × 2 km; 100 m × 100 m is one hectare."""

import numpy as np
import pytest
import shapely

from places import CRS, X, Y, box, layer, line, place
from urbanform.checks import find_check
from urbanform.model.finding import Verdict, judge
from urbanform.model.measurement import Bounds, Measurement, Subject
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("county-plaza-hardscape")
SEAT = layer("county_seat", [box(0, 0, 2000, 2000)])
GREEN_FAR = layer("green_spaces", [box(1900, 1900, 1910, 1910)])
RULE = Rule(
    "r",
    "county-plaza-hardscape",
    Title("则", "rule"),
    Severity.MANDATORY,
    Source("文件", "号", "三（一）"),
    limits=(Limit(Op.AT_MOST, 1.0, Unit.HECTARE),),
)


def found(*layers: TableLayer, none: tuple[str, ...] = (), **params: float) -> Measurement:
    """What the check finds on a place."""
    return CHECK.measure(Site(place(SEAT, *layers, none=none)), None, CHECK.params(**params))


def plazas(*shapes: object, **more: object) -> TableLayer:
    """A plazas layer."""
    return layer("plazas", list(shapes), **more)


def one(*layers: TableLayer, none: tuple[str, ...] = (), **params: float) -> Subject:
    """The only subject."""
    (subject,) = found(*layers, none=none, **params).subjects
    return subject


def verdict(measurement: Measurement) -> Verdict:
    """The verdict against one hectare."""
    return judge(RULE, measurement, 2026).verdict


def bounds(low: float, high: float) -> Bounds:
    """Bounds to compare with, within a hundredth of a square metre."""
    return Bounds(pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_a_plaza_of_exactly_one_hectare_passes_and_a_little_more_fails() -> None:
    assert one(plazas(box(0, 0, 100, 100)), GREEN_FAR).value == pytest.approx(1.0, rel=1e-12)
    assert verdict(found(plazas(box(0, 0, 100, 100)), GREEN_FAR)) is Verdict.PASS
    assert verdict(found(plazas(box(0, 0, 100, 100.01)), GREEN_FAR)) is Verdict.FAIL


@pytest.mark.parametrize("degrees", [17.3, 45.0, 201.9])
def test_turning_the_place_changes_nothing(degrees: float) -> None:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([X + 1000, Y + 1000])

    def turned(shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, lambda xy: (xy - centre) @ turn.T + centre)

    shape = plazas(turned(box(900, 900, 1000, 1000)))
    green = layer("green_spaces", [turned(box(850, 900, 910, 1000))])
    assert one(shape, green).value == pytest.approx(0.9, rel=1e-9)
    strip = layer("green_spaces", [turned(box(960, 900, 970, 1000))])
    assert one(shape, strip).bounds == bounds(0.6, 0.9)


def test_three_touching_parcels_are_one_plaza() -> None:
    """Three of 0.4 ha side by side: 1.2 ha."""
    thirds = plazas(box(0, 0, 40, 100), box(40, 0, 80, 100), box(80, 0, 120, 100), name=["人民广场", None, None])
    subject = one(thirds, GREEN_FAR)
    assert (subject.id, subject.name, subject.bounds) == ("1", "人民广场", None)
    assert subject.value == pytest.approx(1.2)
    assert verdict(found(thirds, GREEN_FAR)) is Verdict.FAIL


@pytest.mark.parametrize(("gap_m", "count"), [(0.0, 1), (0.9, 1), (1.0, 1), (1.1, 2)])
def test_polygons_up_to_a_metre_apart_are_one_plaza(gap_m: float, count: int) -> None:
    """Two of 0.6 ha."""
    pair = plazas(box(0, 0, 60, 100), box(60 + gap_m, 0, 120 + gap_m, 100))
    measurement = found(pair, GREEN_FAR)
    assert [s.value for s in measurement.subjects] == [pytest.approx(1.2 / count)] * count
    assert verdict(measurement) is (Verdict.FAIL if count == 1 else Verdict.PASS)


def test_the_gap_is_a_parameter() -> None:
    pair = plazas(box(0, 0, 60, 100), box(63, 0, 123, 100))
    assert len(found(pair, GREEN_FAR, merge_gap_m=3.0).subjects) == 1
    assert len(found(pair, GREEN_FAR).subjects) == 2


def test_parcels_that_touch_at_a_corner_hang_together() -> None:
    """Two of 0.64 ha that share a corner: one plaza of 1.28 ha, contiguous over the corner."""
    subject = one(plazas(box(0, 0, 80, 80), box(80, 80, 160, 160)), GREEN_FAR)
    assert subject.value == pytest.approx(1.28)
    assert subject.bounds is None


@pytest.mark.parametrize(
    ("road", "count"),
    [
        (((60, -50), (60, 150)), 2),  # along the edge that they share
        (((60.4, 0), (60.4, 100)), 2),  # the same, drawn from end to end only
        (((-50, 50), (200, 50)), 1),  # across the edge, from one into the other
        (((60, -50), (60, 40)), 1),  # along less than half of the edge
        (((0, 0), (0, 100)), 1),  # along another side
    ],
)
def test_a_road_between_two_parcels_keeps_them_apart(road: tuple[tuple[float, float], ...], count: int) -> None:
    """Two of 0.6 ha with a common edge at x = 60."""
    pair = plazas(box(0, 0, 60, 100), box(60, 0, 120, 100))
    measurement = found(pair, GREEN_FAR, layer("roads", [line(*road)]))
    assert [s.value for s in measurement.subjects] == [pytest.approx(1.2 / count)] * count


def test_a_road_that_may_not_exist_leaves_it_open_whether_two_parcels_are_one() -> None:
    """0.6 ha for the larger alone, 1.2 ha together."""
    pair = plazas(box(0, 0, 60, 100), box(60, 0, 120, 100))
    road = layer("roads", [line((60, -50), (60, 150))], certain=[False])
    assert one(pair, GREEN_FAR, road).bounds == bounds(0.6, 1.2)
    broken = layer("roads", [None], sound=[False])
    assert one(pair, GREEN_FAR, broken).bounds == bounds(0.0, 1.2)


def test_overlapping_polygons_count_once() -> None:
    assert one(plazas(box(0, 0, 100, 100), box(0, 0, 100, 100)), GREEN_FAR).value == pytest.approx(1.0)


def test_green_water_and_buildings_are_taken_away_once() -> None:
    """2 ha less 0.3 ha of green along one side, a pond of 0.1 ha half inside it, and a house of 0.05 ha."""
    subject = one(
        plazas(box(0, 0, 200, 100)),
        layer("green_spaces", [box(0, 0, 30, 100)]),
        layer("water", [box(20, 0, 40, 50)]),
        layer("buildings", [box(150, 0, 200, 10)]),
    )
    assert subject.value == pytest.approx(2 - 0.3 - 0.05 - 0.05)
    assert subject.bounds is None


def test_a_ring_round_a_lake_counts_the_ring() -> None:
    """140 m × 140 m with a lake of 100 m × 100 m in the middle: 0.96 ha in one piece."""
    subject = one(plazas(box(0, 0, 140, 140)), layer("water", [box(20, 20, 120, 120)]))
    assert subject.value == pytest.approx(0.96)
    assert subject.bounds is None


def test_where_green_cuts_it_the_figure_lies_between_the_largest_piece_and_the_total() -> None:
    """1.5 ha cut by a strip of 10 m: 0.8 and 0.6 ha. On either side of one hectare: undetermined."""
    cut = plazas(box(0, 0, 150, 100)), layer("green_spaces", [box(80, 0, 90, 100)])
    subject = one(*cut)
    assert (subject.value, subject.bounds) == (pytest.approx(1.4), bounds(0.8, 1.4))
    assert subject.missing is not None
    assert subject.missing.code == "in-pieces"
    assert verdict(found(*cut)) is Verdict.UNDETERMINED
    wide = plazas(box(0, 0, 250, 100)), layer("green_spaces", [box(120, 0, 130, 100)])
    assert verdict(found(*wide)) is Verdict.FAIL
    small = plazas(box(0, 0, 100, 100)), layer("green_spaces", [box(50, 0, 60, 100)])
    assert verdict(found(*small)) is Verdict.PASS


def test_a_hedge_along_the_seam_of_two_parcels_cuts_them() -> None:
    """A hedge of 0.8 m on the seam of two parcels of 0.6 ha: 0.596 ha on either side."""
    pair = plazas(box(0, 0, 60, 100), box(60, 0, 120, 100))
    assert one(pair, layer("green_spaces", [box(59.6, 0, 60.4, 100)])).bounds == bounds(0.596, 1.192)


def test_with_none_of_the_three_layers_a_small_plaza_passes_and_a_large_one_is_open() -> None:
    small, large = plazas(box(0, 0, 100, 100)), plazas(box(0, 0, 101, 100))
    assert verdict(found(small)) is Verdict.PASS
    assert (one(large).value, one(large).bounds) == (pytest.approx(1.01), bounds(0, 1.01))
    assert verdict(found(large)) is Verdict.UNDETERMINED
    assert verdict(found(large, none=("green_spaces",))) is Verdict.FAIL
    assert verdict(found(large, GREEN_FAR)) is Verdict.FAIL


def test_layers_not_given_are_named() -> None:
    notes = found(plazas(box(0, 0, 50, 50)), GREEN_FAR).notes
    assert "水体、建筑" in next(note.zh for note in notes if note.code == "not-taken")
    assert "not-taken" not in [note.code for note in found(plazas(box(0, 0, 50, 50))).notes]


def test_a_plaza_is_cut_at_the_edge_of_the_seat_and_none_outside_counts() -> None:
    """200 m × 100 m, half inside."""
    assert one(plazas(box(1900, 0, 2100, 100), box(2500, 0, 2700, 100)), GREEN_FAR).value == pytest.approx(1.0)
    assert found(plazas(box(2500, 0, 2700, 100)), GREEN_FAR).subjects == ()


def test_each_polygon_of_the_seat_is_judged_by_itself() -> None:
    """A plaza of 1.2 ha half in either of two polygons that touch: two rows of 0.6 ha, told apart by their seat."""
    halves = layer("county_seat", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), None], sound=[True, True, False])
    measurement = CHECK.measure(Site(place(halves, plazas(box(940, 0, 1060, 100)), GREEN_FAR)), None, CHECK.params())
    rows = [(s.id, s.value, s.missing is not None) for s in measurement.subjects]
    assert rows == [
        ("county_seat:3", None, True),
        ("1@1", pytest.approx(0.6), False),
        ("1@2", pytest.approx(0.6), False),
    ]


def test_unsound_plazas_have_up_to_their_envelope() -> None:
    """An envelope of 2 ha; beside it, touching, a sound parcel of 0.5 ha."""
    assert one(plazas(box(0, 0, 200, 100), sound=[False]), GREEN_FAR).bounds == bounds(0, 2)
    both = plazas(box(0, 0, 50, 100), box(50, 0, 250, 100), sound=[True, False])
    assert one(both, GREEN_FAR).bounds == bounds(0.5, 2.5)
    assert one(plazas(None, sound=[False]), GREEN_FAR).missing is not None


def test_unsound_green_may_take_up_to_its_envelope_or_nothing() -> None:
    """1.2 ha under an envelope of green of 0.4 ha at its end; a green space without a shape may take all of it."""
    plaza = plazas(box(0, 0, 120, 100))
    subject = one(plaza, layer("green_spaces", [box(80, 0, 120, 100)], sound=[False]))
    assert (subject.value, subject.bounds) == (None, bounds(0.8, 1.2))
    assert one(plaza, layer("green_spaces", [None], sound=[False])).bounds == bounds(0, 1.2)


def test_green_that_may_be_the_plaza_itself_proves_nothing() -> None:
    """1.2 ha covered by a green space of kind 广场用地, or wholly by one without a kind."""
    plaza = plazas(box(0, 0, 120, 100))
    for green in (
        layer("green_spaces", [box(0, 0, 120, 100)], kind=["广场用地"]),
        layer("green_spaces", [box(0, 0, 120, 100)]),
    ):
        assert one(plaza, green).bounds == bounds(0, 1.2)
    lawn = layer("green_spaces", [box(0, 0, 60, 100)], kind=["公园绿地"])
    assert one(plaza, lawn).value == pytest.approx(0.6)


def parcels(*classes: str | None, doubt: tuple[bool, ...] = (), codes: tuple[str | None, ...] = ()) -> TableLayer:
    """Parcels of 1.2 ha each, 200 m apart."""
    found = layer("parcels", [box(0, 300 * n, 120, 300 * n + 100) for n in range(len(classes))], land_use=list(classes))
    table = found.table.assign(
        land_use_code=list(codes or classes), land_use_doubt=list(doubt or [False] * len(classes))
    )
    return TableLayer(found.role, found.geometry, found.fields, table)


def test_without_plazas_the_parcels_classed_so_count() -> None:
    subject = one(parcels("residential", "plaza", "park"), GREEN_FAR)
    assert (subject.id, subject.value) == ("2", pytest.approx(1.2))


def test_a_class_that_covers_more_never_helps_a_pass_and_proves_no_breach() -> None:
    plaza = parcels("plaza", doubt=(True,))
    assert (one(plaza, GREEN_FAR).value, one(plaza, GREEN_FAR).bounds) == (None, bounds(0, 1.2))
    general = parcels("green", doubt=(True,), codes=("0810",))
    assert one(general, GREEN_FAR).bounds == bounds(0, 1.2)
    assert verdict(found(general, GREEN_FAR)) is Verdict.UNDETERMINED


def test_a_layer_that_tells_plazas_apart_has_none_in_its_general_green_unless_it_says_so() -> None:
    told = parcels("plaza", "green", doubt=(False, True), codes=("0810A", "0810"))
    assert [s.id for s in found(told, GREEN_FAR).subjects] == ["1"]
    mixed = parcels("plaza", "green", doubt=(False, True), codes=("1403", "绿地与广场用地"))
    assert [s.id for s in found(mixed, GREEN_FAR).subjects] == ["1", "unclassified"]


def test_land_of_unknown_class_may_be_a_plaza_and_makes_one_row() -> None:
    measurement = found(parcels("plaza", None, None), GREEN_FAR)
    assert [s.id for s in measurement.subjects] == ["1", "unclassified"]
    assert measurement.subjects[1].bounds == bounds(0, 1.2)


def test_no_plaza_at_all_leaves_nothing_to_bind() -> None:
    measurement = found(parcels("residential"), GREEN_FAR)
    assert measurement.subjects == ()
    assert verdict(measurement) is Verdict.NOT_APPLICABLE


def test_the_order_of_the_features_is_irrelevant() -> None:
    """What stands for a merged plaza is its lowest id: 9 before 10."""
    shapes = {"10": box(0, 0, 40, 100), "9": box(40, 0, 80, 100), "11": box(300, 0, 400, 50)}
    for order in (["10", "9", "11"], ["11", "9", "10"]):
        layers = plazas(*(shapes[key] for key in order), id=order, name=[f"广场{key}" for key in order])
        rows = {(s.id, s.name, round(s.value or 0, 9)) for s in found(layers, GREEN_FAR).subjects}
        assert rows == {("9", "广场9", 0.8), ("11", "广场11", 0.5)}


def test_the_map_shows_the_hard_surface_and_what_was_taken_away() -> None:
    """1.5 ha: 0.8 and 0.6 ha of hard surface, 0.1 ha of green between them."""
    (shapes,) = found(plazas(box(0, 0, 150, 100)), layer("green_spaces", [box(80, 0, 90, 100)])).evidence
    area = shapes.frame.groupby("kind")["area_ha"].sum()
    assert area["hard"] == pytest.approx(0.8)
    assert area["apart"] == pytest.approx(0.6)
    assert area["green_spaces"] == pytest.approx(0.1)
    assert set(shapes.frame["kind"]) <= set(shapes.legend)
    assert shapes.frame.crs == CRS
