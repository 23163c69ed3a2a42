"""Distances between new tall buildings: squares of 10 m × 10 m along a street, gaps by pencil."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Place, Rule, RulePack, Severity, Source, Title
from urbanform.model.submission import Submission, TableLayer

CHECK = find_check("building-height-100m-clustering")


def towers(*rows: tuple[float, float | None], **columns: object) -> TableLayer:
    """New buildings of (distance along the street, height)."""
    shapes = [box(west, 0, west + 10, 10) for west, _ in rows]
    return layer(
        "buildings", shapes, **{"action": ["new"] * len(rows), "height": [height for _, height in rows], **columns}
    )


def decided(submission: Submission | TableLayer, **params: object) -> Finding:
    """What a rule without a limit says."""
    found = submission if isinstance(submission, Submission) else place(submission)
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.ADVISORY, Source(None, None, "1"), binds=(Kind.CITY,),
        params=CHECK.params(**params), document_year=2023,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def rows(finding: Finding) -> dict[str, float | tuple[float | None, float | None] | None]:
    """Each subject with its figure, or its bounds."""
    found: dict[str, float | tuple[float | None, float | None] | None] = {}
    for item in finding.subjects:
        bounds = item.subject.bounds
        found[item.subject.id] = item.subject.value if bounds is None else (bounds.low, bounds.high)
    return found


def codes(finding: Finding) -> list[str]:
    return [note.code for item in finding.subjects for note in item.notes]


def test_distance_to_the_nearest_other() -> None:
    """At 0, 60 and 200; the building of 99 m at 80 does not count: 50, 50 and 130 m."""
    finding = decided(towers((0, 100.0), (60, 180.0), (80, 99.0), (200, 120.0)))
    assert (finding.verdict, finding.measured) == (Verdict.INFO, 130.0)
    assert rows(finding) == {"4": 130.0, "1": 50.0, "2": 50.0}


def test_a_building_of_exactly_the_height_counts() -> None:
    assert rows(decided(towers((0, 100.0), (60, 100.0)))) == {"1": 50.0, "2": 50.0}
    assert rows(decided(towers((0, 99.9), (60, 99.9)))) == {}
    assert rows(decided(towers((0, 80.0), (60, 99.0)), height_m=80)) == {"1": 50.0, "2": 50.0}


def test_a_lone_one_is_listed_without_a_figure() -> None:
    finding = decided(towers((0, 150.0), (60, 60.0)))
    assert (finding.verdict, finding.measured, rows(finding)) == (Verdict.INFO, None, {"1": None})
    assert "alone" in codes(finding)


def test_none_is_not_applicable() -> None:
    assert decided(towers((0, 60.0))).verdict is Verdict.NOT_APPLICABLE
    assert decided(towers((0, 160.0), action=["retain"])).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(("west", "noted"), [(510.0, False), (510.01, True)])
def test_a_note_beyond_the_distance(west: float, noted: bool) -> None:
    """A gap of 500 m is not beyond 500 m."""
    assert ("isolated" in codes(decided(towers((0, 150.0), (west, 150.0))))) is noted
    assert "isolated" in codes(decided(towers((0, 150.0), (60, 150.0)), isolated_m=40))


def test_what_stands_is_no_neighbour() -> None:
    table = towers((0, 150.0), (30, 150.0), (110, 150.0), action=["new", "retain", "new"])
    assert rows(decided(table)) == {"1": 100.0, "3": 100.0}


def test_a_neighbour_that_may_count_leaves_the_distance_open() -> None:
    """Known ones at 0 and 110, 100 m apart; one at 30 that may be new, or as tall: 20 or 100 m, 70 or 100 m."""
    for open_one in (
        towers((0, 150.0), (30, 150.0), (110, 150.0), action=["new", None, "new"]),
        towers((0, 150.0), (30, None), (110, 150.0), storeys=[None, 33, None], use=["residential"] * 3),
    ):
        finding = decided(open_one)
        assert finding.verdict is Verdict.UNDETERMINED
        assert rows(finding) == {"1": (20.0, 100.0), "3": (70.0, 100.0), "2": None}


def test_one_that_may_count_alone_and_one_beside_a_known() -> None:
    """Of unknown height alone: perhaps nothing to list. Beside a known one: its distance is open above."""
    assert decided(towers((0, None))).verdict is Verdict.UNDETERMINED
    assert rows(decided(towers((0, 150.0), (60, None)))) == {"1": (50.0, None), "2": None}


def test_one_drawn_twice_or_in_parts_is_one() -> None:
    """A tower of 150 m on its podium, which is given 150 m too, and the tower once more; the next 80 m off."""
    shapes = [box(0, 0, 30, 30), box(10, 10, 20, 20), box(10, 10, 20, 20), box(110, 0, 120, 10)]
    table = layer("buildings", shapes, action=["new"] * 4, height=[150.0, 150.0, 150.0, 120.0])
    assert list(rows(decided(table)).values()) == [80.0, 80.0]
    alone = layer("buildings", shapes[:3], action=["new"] * 3, height=[150.0] * 3)
    assert list(rows(decided(alone)).values()) == [None]


def test_towers_that_share_a_wall_are_two() -> None:
    assert rows(decided(towers((0, 150.0), (10, 150.0)))) == {"1": 0.0, "2": 0.0}


def test_broken_and_missing_shapes_leave_distances_open() -> None:
    """An envelope at 60: the one at 0 is 50 m or more from it. Without a shape it may stand anywhere."""
    shapes = [box(0, 0, 10, 10), box(60, 0, 70, 10)]
    broken = layer("buildings", shapes, sound=[True, False], action=["new"] * 2, height=[150.0] * 2)
    assert rows(decided(broken)) == {"1": (50.0, None), "2": (50.0, None)}
    lost = layer("buildings", [shapes[0], None], sound=[True, False], action=["new"] * 2, height=[150.0] * 2)
    assert rows(decided(lost)) == {"1": (0.0, None), "2": (0.0, None)}
    only = layer("buildings", [None], sound=[False], action=["new"], height=[150.0])
    assert rows(decided(only)) == {"1": None}


def test_nothing_tells_what_is_new() -> None:
    shapes = [box(0, 0, 10, 10), box(60, 0, 70, 10)]
    finding = decided(layer("buildings", shapes, height=[150.0, 150.0]))
    assert (finding.verdict, len(finding.subjects)) == (Verdict.UNDETERMINED, 1)
    assert decided(layer("buildings", shapes, height=[50.0, 50.0])).verdict is Verdict.NOT_APPLICABLE
    assert decided(place()).verdict is Verdict.UNDETERMINED


def test_order_and_place_change_nothing() -> None:
    table = towers((0, 150.0), (30, None), (110, 150.0), (400, 101.0))
    want = rows(decided(table))
    for turn in range(4):
        moved = table.table.iloc[np.roll(np.arange(4), turn)].reset_index(drop=True)
        shapes = [rotate(shape, 30, origin=(X, Y)) for shape in moved.geometry]
        moved = moved.set_geometry(shapely.transform(shapes, lambda xy: np.add(xy, [5e3, 700])), crs=table.table.crs)
        found = rows(decided(replace(table, table=moved)))
        assert list(found) == list(want)
        for key, figure in want.items():
            assert found[key] == (figure if figure is None else pytest.approx(figure, abs=1e-6))


def test_the_lines_of_the_evidence_are_the_distances() -> None:
    """The map shows the towers, and a line of 590 m from each to the other, beyond 500 m."""
    areas, lines = decided(towers((0, 150.0), (600, 150.0), (800, None))).evidence
    assert areas.frame["kind"].tolist() == ["tall", "tall", "open"]
    assert lines.frame["kind"].tolist() == ["wide", "wide"]
    assert lines.frame["distance_m"].tolist() == pytest.approx([590, 590])
    assert lines.frame.length.tolist() == pytest.approx([590, 590])
