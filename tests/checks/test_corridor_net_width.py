"""Net width through the whole check: obstacles by role, roads, unknown values, rows. The geometry has its own tests."""

import pytest

from places import box, layer, line, place
from urbanform.checks import find_check
from urbanform.model.measurement import Measurement, Subject
from urbanform.model.submission import TableLayer
from urbanform.site import Site

CHECK = find_check("corridor-net-width")
BAND = layer("corridors", [box(0, 0, 1000, 100)])
WIDE = layer("corridors", [box(0, 0, 2000, 200)])
NO_BUILDINGS = layer("buildings", [box(5000, 5000, 5010, 5010)])


def measured(*layers: TableLayer) -> Measurement:
    """The measurement of a place."""
    return CHECK.measure(Site(place(*layers)), None, CHECK.params())


def only(*layers: TableLayer) -> Subject:
    """The one corridor of a place."""
    (subject,) = measured(*layers).subjects
    return subject


def test_an_empty_band_is_as_wide_as_it_is_drawn() -> None:
    assert only(BAND).value == pytest.approx(100, abs=0.01)


def test_a_house_on_the_axis_leaves_one_half_and_one_off_the_axis_the_wider_side() -> None:
    """200 m wide: a 20 m square on the axis leaves 90 on either side; 50 m off the axis 40 and 140."""
    assert only(WIDE, layer("buildings", [box(990, 90, 1010, 110)])).value == pytest.approx(90, abs=0.01)
    assert only(WIDE, layer("buildings", [box(990, 140, 1010, 160)])).value == pytest.approx(140, abs=0.01)


def test_land_that_is_built_on_narrows_and_open_land_does_not() -> None:
    at = [box(990, 0, 1010, 80)]
    for use, expected in (("residential", 120), ("transport", 120), ("park", 200), ("road", 200), ("open-land", 200)):
        assert only(WIDE, layer("parcels", at, land_use=[use])).value == pytest.approx(expected, abs=0.01), use


def test_a_parcel_of_unknown_use_leaves_the_width_open() -> None:
    subject = only(WIDE, layer("parcels", [box(990, 0, 1010, 80)], land_use=[None]))
    assert subject.value is None
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(120, abs=0.01), pytest.approx(200, abs=0.01))


def test_an_unsound_building_may_reach_as_far_as_its_envelope() -> None:
    subject = only(WIDE, layer("buildings", [box(990, 0, 1010, 80)], sound=[False]))
    assert subject.bounds is not None
    assert subject.bounds.low == pytest.approx(120, abs=0.01)


def test_a_road_along_the_axis_narrows_by_its_red_line_and_one_across_does_not() -> None:
    """120 m with a road of 20 m along the axis: 50 on either side."""
    band = layer("corridors", [box(0, 0, 1000, 120)])
    along = layer("roads", [line((0, 60), (1000, 60))], red_line_width=[20])
    across = layer("roads", [line((500, -50), (500, 170))], red_line_width=[20])
    assert only(band, along).value == pytest.approx(50, abs=0.01)
    subject = only(band, across)
    assert subject.value == pytest.approx(120, abs=0.01)
    assert [note.code for note in subject.notes] == ["crossings"]


def test_an_unknown_road_width_gives_the_figure_and_how_far_it_may_fall() -> None:
    """250 m with a road of unknown width along the axis: (250 − 12) ÷ 2 = 119; at 40 m (250 − 40) ÷ 2 = 105."""
    band = layer("corridors", [box(0, 0, 2500, 250)])
    subject = only(band, layer("roads", [line((0, 125), (2500, 125))], red_line_width=[None]))
    assert subject.value == pytest.approx(119, abs=0.01)
    assert subject.bounds is not None
    assert subject.bounds.low == pytest.approx(105, abs=0.01)


def test_polygons_that_touch_are_one_corridor_and_others_are_not() -> None:
    touching = layer("corridors", [box(0, 0, 500, 100), box(500, 0, 1000, 100)], id=["a", "b"])
    subject = only(touching)
    assert (subject.id, subject.value) == ("a", pytest.approx(100, abs=0.01))
    apart = layer("corridors", [box(0, 0, 1000, 100), box(0, 500, 1000, 560)])
    assert [s.value for s in measured(apart).subjects] == pytest.approx([100, 60], abs=0.01)


def test_a_shape_without_ends_and_a_broken_one_keep_their_rows() -> None:
    strange = layer("corridors", [box(0, 0, 300, 300), None], sound=[True, False], id=["方", "坏"])
    rows = measured(strange).subjects
    assert [(row.id, row.value, row.missing is not None) for row in rows] == [("方", None, True), ("坏", None, True)]


def test_a_building_without_a_shape_puts_a_pass_in_doubt() -> None:
    subject = only(BAND, layer("buildings", [None], sound=[False]))
    assert subject.value == pytest.approx(100, abs=0.01)
    assert [doubt.code for doubt in subject.doubts] == ["corridor-nowhere"]


def test_the_map_shows_the_path_and_the_narrowest_place() -> None:
    areas, lines = measured(WIDE, layer("buildings", [box(990, 90, 1010, 110)])).evidence
    assert {"corridor", "chain"} <= set(areas.frame["kind"])
    assert {"path", "narrowest"} <= set(lines.frame["kind"])
    narrowest = lines.frame[lines.frame["kind"] == "narrowest"].iloc[0]
    assert narrowest.geometry.length == pytest.approx(90, abs=0.01)
