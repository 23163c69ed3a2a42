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


PAIR = (line((0, 500), (1000, 500)), line((0, 520), (1000, 520)))


def test_a_lone_road_is_merged_with_nothing() -> None:
    subject = measured(roads(MIDDLE), merge_carriageways=True)
    assert (subject.value, subject.bounds, subject.notes) == (pytest.approx(1), None, ())


def test_two_lines_of_one_name_count_once() -> None:
    """Two lines of 1 km, 20 m apart: 1 km/km² of one name, 2 km/km² of two names or unmerged."""
    subject = measured(roads(*PAIR, name=["人民路", "人民路 "]), merge_carriageways=True)
    assert (subject.value, subject.bounds) == (pytest.approx(1), None)
    assert [note.code for note in subject.notes] == ["carriageways"]
    assert "2 公里" in subject.notes[0].zh
    two_names = measured(roads(*PAIR, name=["人民路", "解放路"]), merge_carriageways=True)
    assert (two_names.value, two_names.bounds) == (pytest.approx(2), None)
    assert measured(roads(*PAIR, name=["人民路", "人民路"])).value == pytest.approx(2)


def test_the_gap_is_a_parameter() -> None:
    """20 m apart: with a gap of 19 m two roads, with 20 m one."""
    named = roads(*PAIR, name=["人民路"] * 2)
    assert measured(named, merge_carriageways=True, carriageway_gap_m=19).value == pytest.approx(2)
    assert measured(named, merge_carriageways=True, carriageway_gap_m=20).value == pytest.approx(1)


@pytest.mark.parametrize("name", [None, "", " ", "无名路", "未命名"])
def test_unnamed_pairs_of_one_class_leave_it_open(name: str | None) -> None:
    """1 km/km² if they are one road, which is given, 2 if they are two."""
    subject = measured(roads(*PAIR, name=[name, name]), merge_carriageways=True)
    assert subject.value == pytest.approx(1)
    assert subject.bounds is not None
    assert (subject.bounds.low, subject.bounds.high) == (pytest.approx(1), pytest.approx(2))
    assert subject.missing is not None
    assert "fields: {name:" in subject.missing.zh


def test_unnamed_lines_of_two_classes_and_a_named_one_beside_an_unnamed_are_two_roads() -> None:
    two_classes = measured(roads(*PAIR, classes=["arterial", "branch"]), merge_carriageways=True)
    assert (two_classes.value, two_classes.bounds) == (pytest.approx(2), None)
    half_named = measured(roads(*PAIR, name=["人民路", None]), merge_carriageways=True)
    assert (half_named.value, half_named.bounds) == (pytest.approx(2), None)


def test_a_road_of_one_name_may_change_its_class() -> None:
    subject = measured(roads(*PAIR, classes=["arterial", "branch"], name=["人民路"] * 2), merge_carriageways=True)
    assert subject.value == pytest.approx(1)


def test_a_carriageway_that_is_not_counted_takes_nothing_away() -> None:
    """The highway of the same name does not count at all, the branch beside it does."""
    subject = measured(roads(*PAIR, classes=["highway", "branch"], name=["人民路"] * 2), merge_carriageways=True)
    assert (subject.value, subject.bounds) == (pytest.approx(1), None)


def test_the_carriageway_inside_counts_where_the_edge_runs_along_the_median() -> None:
    """One line lies 10 m inside, the longer other 10 m outside: 1 km inside, cut at the edge or not."""
    named = roads(line((0, 10), (1000, 10)), line((-200, -10), (1200, -10)), name=["人民路"] * 2)
    for within in (0, 5):
        assert measured(named, merge_carriageways=True, boundary_m=within).value == pytest.approx(1, abs=0.011)


def test_a_carriageway_of_unknown_class_opens_nothing_beside_a_known_one() -> None:
    """The unknown line, if it counts at all, is the same road: 1 km/km² either way, though the value stays open."""
    subject = measured(roads(*PAIR, classes=["branch", None], name=["人民路"] * 2), merge_carriageways=True)
    assert subject.value is None
    assert subject.bounds is None or subject.bounds.low == pytest.approx(subject.bounds.high)


def test_what_of_a_left_out_carriageway_runs_alone_is_told() -> None:
    """Beside 850 m of the road runs a line that then turns away by 30° for 100 m: of the 950 m 89 % are beside it.

    By the time it is 40 m away, 20 m / tan 30° = 35 m on, it has long been out of parallel: 1 km, with the end 1.1.
    """
    away = line((0, 520), (850, 520), (850 + 50 * 3**0.5, 570))
    subject = measured(roads(line((0, 500), (1000, 500)), away, name=["人民路"] * 2), merge_carriageways=True)
    assert subject.value == pytest.approx(1)
    assert [item.value for item in subject.alternatives] == pytest.approx([1.1])


def test_left_out_carriageways_are_drawn_apart() -> None:
    pairs = roads(*PAIR, line((100, 100), (100, 400)), line((130, 100), (130, 400)), name=["人民路"] * 2 + [None] * 2)
    found = CHECK.measure(Site(place(AREA, pairs)), "main_urban_area", CHECK.params()).evidence[1].frame
    assert found.groupby("kind")["length_m"].sum().to_dict() == pytest.approx(
        {"counted": 1300, "carriageway": 1000, "carriageway-unnamed": 300}
    )


def test_no_road_at_all_is_a_density_of_zero() -> None:
    assert measured(roads(line((5000, 0), (6000, 0)))).value == 0


def test_area_is_the_union_of_its_polygons() -> None:
    """Two overlapping halves make 1 km², not 1.2."""
    halves = layer("main_urban_area", [box(0, 0, 600, 1000), box(400, 0, 1000, 1000)])
    (subject,) = CHECK.measure(
        Site(place(halves, roads(MIDDLE))), "main_urban_area", CHECK.params(merge_carriageways=False)
    ).subjects
    assert subject.value == pytest.approx(1.0)
