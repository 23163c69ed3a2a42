"""Road density: each length worked out by pencil on an area of 1 km × 1 km."""

import pytest

from places import box, layer, line, place
from urbanform.checks import find_check
from urbanform.model.measurement import Subject
from urbanform.model.submission import Submission, TableLayer
from urbanform.site import Site

CHECK = find_check("road-network-density")
AREA = layer("main_urban_area", [box(0, 0, 1000, 1000)])


def roads(*lines: object, classes: list[str | None] | None = None, **more: object) -> TableLayer:
    """Branch roads, unless said otherwise."""
    return layer("roads", list(lines), **{"class": classes or ["branch"] * len(lines)}, **more)


def measured(*layers: TableLayer, **params: object) -> Subject:
    """The one subject, carriageways not merged unless asked."""
    submission: Submission = place(AREA, *layers)
    params = {"merge_carriageways": False, **params}
    (subject,) = CHECK.measure(Site(submission), "main_urban_area", CHECK.params(**params)).subjects
    return subject


MIDDLE = line((0, 500), (1000, 500))


def test_lines_are_cut_at_the_edge() -> None:
    """A road of 3 km crosses 1 km of the area: 1 km/km²."""
    assert measured(roads(line((-1000, 500), (2000, 500)))).value == pytest.approx(1.0)


def test_repeats_overlaps_and_reversed_copies_count_once() -> None:
    """One road of 1 km, a copy, a reversed copy with another vertex, and a piece of it: 1 km."""
    copies = [MIDDLE, MIDDLE, line((1000, 500), (400, 500), (0, 500)), line((200, 500), (300, 500))]
    assert measured(roads(*copies)).value == pytest.approx(1.0)


def test_a_copy_a_millimetre_off_counts_once_and_one_a_metre_off_twice() -> None:
    assert measured(roads(MIDDLE, line((0, 500.001), (1000, 500.001)))).value == pytest.approx(1.0)
    assert measured(roads(MIDDLE, line((0, 501), (1000, 501)))).value == pytest.approx(2.0)


def test_crossing_and_meeting_roads_lose_nothing() -> None:
    cross = line((500, 0), (500, 1000))
    assert measured(roads(MIDDLE, cross, line((500, 500), (1000, 1000))), boundary_m=0).value == pytest.approx(
        2 + 0.5 * 2**0.5
    )


def test_ground_shared_with_a_highway_stays_counted_whatever_the_order() -> None:
    for classes in (["highway", "branch"], ["branch", "highway"]):
        assert measured(roads(MIDDLE, MIDDLE, classes=classes)).value == pytest.approx(1.0)


def test_only_counted_classes_count() -> None:
    five = [line((0, y), (1000, y)) for y in (100, 200, 300, 400, 500, 600)]
    names = ["expressway", "arterial", "secondary", "branch", "internal", "highway"]
    assert measured(roads(*five, classes=names)).value == pytest.approx(4.0)
    assert measured(roads(*five, classes=names), classes=["internal"]).value == pytest.approx(1.0)


def test_an_unknown_class_leaves_the_figure_open_by_its_length() -> None:
    subject = measured(roads(MIDDLE, line((0, 600), (500, 600)), classes=["branch", None]))
    assert subject.value is None
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(1.0), pytest.approx(1.5))


def test_a_road_without_shape_leaves_it_open_above() -> None:
    subject = measured(roads(MIDDLE, None, sound=[True, False]))
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(1.0), None)


def test_a_road_along_the_edge_lies_on_it_by_either_side() -> None:
    """1 km just outside the edge: by default all of it counts, with a share of a half 0.5 km; cut at 0 m nothing."""
    along = roads(line((0, -3), (1000, -3)))
    assert measured(along).value == pytest.approx(1.0, abs=0.011)
    assert measured(along, boundary_share=0.5).value == pytest.approx(0.5, abs=0.006)
    assert measured(along, boundary_m=0).value == 0


def test_a_road_that_only_crosses_the_edge_is_cut_there() -> None:
    """The 5 m stubs on either side of the edge are no boundary road."""
    assert measured(roads(line((500, -500), (500, 400)))).value == pytest.approx(0.4)


def test_a_boundary_road_in_short_pieces_is_one_stretch() -> None:
    pieces = [line((x, 0), (x + 10, 0)) for x in range(0, 1000, 10)]
    assert measured(roads(*pieces), boundary_share=0.5).value == pytest.approx(0.5)


def test_carriageways_not_yet_told_apart_leave_it_between_nothing_and_all() -> None:
    subject = measured(roads(MIDDLE), merge_carriageways=True)
    assert subject.bounds is not None
    assert (subject.value, subject.bounds.low, subject.bounds.high) == (pytest.approx(1), 0, pytest.approx(1))


def test_no_road_at_all_is_a_density_of_zero() -> None:
    assert measured(roads(line((5000, 0), (6000, 0)))).value == 0


def test_area_is_the_union_of_its_polygons() -> None:
    """Two overlapping halves make 1 km², not 1.2."""
    halves = layer("main_urban_area", [box(0, 0, 600, 1000), box(400, 0, 1000, 1000)])
    (subject,) = CHECK.measure(
        Site(place(halves, roads(MIDDLE))), "main_urban_area", CHECK.params(merge_carriageways=False)
    ).subjects
    assert subject.value == pytest.approx(1.0)
