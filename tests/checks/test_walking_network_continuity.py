"""Continuity of the walking network: paths by pencil in an area of 1,000 m × 1,000 m.

0             1000
+--------------+ 1000
|   ------     |
|   ------ --  |
+--------------+ 0
"""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, box, layer, line, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import (
    AppliesWhen,
    Document,
    Kind,
    Limit,
    Op,
    Place,
    Rule,
    RulePack,
    Severity,
    Source,
    Title,
    Unit,
)
from urbanform.model.submission import Stage, Submission, TableLayer

CITY, COUNTY = "walking-network-continuity", "county-walking-network-continuity"
ROLES = {CITY: "built_up_area", COUNTY: "county_seat"}
BOTH = pytest.mark.parametrize("name", [CITY, COUNTY])
LONG = line((100, 500), (600, 500))
BESIDE = line((100, 700), (600, 700))


def paths(*lines: object, **more: object) -> TableLayer:
    """Some footpaths."""
    return layer("footpaths", list(lines), **more)


def decided(footpaths: Submission | TableLayer, name: str = CITY, **more: object) -> Finding:
    """What a rule says that asks for one piece."""
    found = footpaths
    if not isinstance(found, Submission):
        found = place(layer(ROLES[name], [box(0, 0, 1000, 1000)]), found)
    check = find_check(name)
    rule = Rule(
        name, name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"),
        binds=(Kind.CITY if name == CITY else Kind.COUNTY_SEAT,), limits=(Limit(Op.AT_MOST, 0.0, Unit.ONE),),
        scope=ROLES[name], params=check.params(**more.pop("params", {})), **more,
    )  # fmt: skip
    return assess(found, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


def codes(finding: Finding) -> list[str]:
    """The codes of its notes."""
    return [note.code for note in finding.notes]


@BOTH
def test_one_piece_passes_and_two_fail(name: str) -> None:
    joined = paths(LONG, line((600, 500), (600, 700), (100, 700)))
    finding = decided(joined, name)
    assert (finding.verdict, finding.measured, finding.bounds) == (Verdict.PASS, 0, None)
    finding = decided(paths(LONG, BESIDE), name)
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, 1)
    assert decided(paths(LONG, BESIDE, line((100, 900), (300, 900))), name).measured == 2


def test_a_gap_of_twenty_metres_breaks_it_and_is_listed() -> None:
    """Two paths in one line, 20 m apart: joined there, one piece would be left."""
    finding = decided(paths(LONG, line((620, 500), (900, 500))))
    assert finding.measured == 1
    told = next(note for note in finding.notes if note.code == "gaps")
    assert ("1—2" in told.zh, "20 米" in told.zh, "还剩 1 片" in told.zh) == (True, True, True)
    drawn = finding.evidence[1].frame
    assert drawn.loc[drawn["kind"] == "gap", "gap_m"].tolist() == pytest.approx([20.0])
    places = finding.evidence[2].frame
    assert [(place.x - X, place.y - Y) for place in places.geometry] == [(610, 500)]
    assert "no-gaps" in codes(decided(paths(LONG, BESIDE)))
    wide = decided(paths(LONG, BESIDE), params={"gap_m": 200.0})
    assert "gaps" in codes(wide)


def test_ends_within_a_metre_meet() -> None:
    for apart_m, figure in ((0.9, 0), (1.0, 0), (1.2, 1)):
        assert decided(paths(LONG, line((600 + apart_m, 500), (900, 500)))).measured == figure


@pytest.mark.parametrize(("length_m", "figure"), [(99.9, 0), (100.0, 1), (100.1, 1)])
def test_pieces_shorter_than_100_m_do_not_count(length_m: float, figure: float) -> None:
    """500 m, and another piece that counts from 100 m on."""
    finding = decided(paths(LONG, line((100, 700), (100 + length_m, 700))))
    assert finding.measured == figure
    assert ("fragments" in codes(finding)) == (figure == 0)


def test_a_short_path_drawn_twice_stays_short() -> None:
    assert decided(paths(LONG, line((100, 700), (160, 700)), line((160, 700), (100, 700)))).measured == 0
    assert decided(paths(LONG, LONG)).measured == 0


def test_only_what_lies_inside_counts() -> None:
    """50 m of a path of 300 m lie inside; a path wholly outside is no piece."""
    assert decided(paths(LONG, line((950, 200), (1250, 200)))).measured == 0
    assert decided(paths(LONG, line((1100, 200), (1400, 200)))).measured == 0
    assert decided(paths(LONG, line((850, 200), (1250, 200)))).measured == 1


def test_paths_that_meet_beyond_the_edge_are_one_piece() -> None:
    """Two arms out to x = 1050, joined there: inside alone they are two, and the note says so."""
    finding = decided(paths(line((500, 300), (1050, 300)), line((500, 600), (1050, 600), (1050, 300))))
    assert (finding.measured, finding.verdict) == (0, Verdict.PASS)
    assert "would-flip" in codes(finding)
    apart = decided(paths(line((500, 300), (1000, 300)), line((500, 600), (1000, 600))))
    assert (apart.measured, "at-the-edge" in codes(apart)) == (1, True)


def test_what_runs_along_the_edge_is_no_gap() -> None:
    """Two paths 20 m apart, both within 5 m of the edge where they come close."""
    two = paths(line((500, 400), (997, 400), (997, 490)), line((500, 600), (997, 600), (997, 510)))
    finding = decided(two)
    assert (finding.measured, "no-gaps" in codes(finding)) == (1, True)


def test_levels_are_apart_until_a_ramp_names_both() -> None:
    """A bridge of 300 m over a path; ends that meet on two levels give a note, a ramp "0;1" joins."""
    bridge = line((350, 350), (350, 650))
    assert decided(paths(LONG, bridge, level=["0", "0"])).measured == 0
    assert decided(paths(LONG, bridge, level=[None, "地面"])).measured == 0
    assert decided(paths(LONG, bridge, level=["0", "1"])).measured == 1
    ramp = line((350, 650), (600, 650), (600, 500))
    parted = decided(paths(LONG, bridge, ramp, level=["0", "1", "0"]))
    assert (parted.measured, "would-flip" in codes(parted)) == (1, True)
    assert decided(paths(LONG, bridge, ramp, level=["0", "1", "0;1"])).measured == 0


@BOTH
def test_no_path_inside_is_never_a_pass(name: str) -> None:
    """None inside; none long enough; an empty layer."""
    for footpaths, code in (
        (paths(line((2000, 0), (2500, 0))), "no-paths"),
        (paths(line((100, 100), (160, 100)), line((500, 100), (560, 100))), "fragments-only"),
        (paths(), "no-paths"),
    ):
        finding = decided(footpaths, name)
        assert (finding.verdict, finding.measured, finding.reason.code) == (Verdict.UNDETERMINED, None, code)


@BOTH
def test_missing_layers_and_paths_declared_not_to_exist(name: str) -> None:
    area = layer(ROLES[name], [box(0, 0, 1000, 1000)])
    assert decided(place(area), name).verdict is Verdict.UNDETERMINED
    assert decided(place(paths(LONG)), name).verdict is Verdict.UNDETERMINED
    assert decided(place(area, none=["footpaths"]), name).verdict is Verdict.NOT_APPLICABLE
    assert decided(place(area, paths(LONG), kinds=[Kind.VILLAGE]), name).verdict is Verdict.NOT_APPLICABLE
    away = place(area, paths(LONG), where=Place(province="四川省", city="凉山州", county="德昌县"))
    assert decided(away, name, applies_when=AppliesWhen(place=("西昌市",))).verdict is Verdict.NOT_APPLICABLE


def test_a_path_that_may_not_exist() -> None:
    """It may join two pieces, add one, or do neither: the verdict stands only where that is the same."""
    join = line((600, 500), (600, 700))
    finding = decided(paths(LONG, BESIDE, join, certain=[True, True, False]))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0, 2))
    extra = decided(paths(LONG, line((100, 900), (400, 900)), certain=[True, False]))
    assert (extra.verdict, ends(extra)) == (Verdict.UNDETERMINED, (0, 1))
    assert "status" in extra.reason.zh or "规划状态" in extra.reason.zh
    still = decided(paths(LONG, BESIDE, line((100, 900), (400, 900)), certain=[True, True, False]))
    assert (still.verdict, ends(still)) == (Verdict.FAIL, (1, 2))
    short = decided(paths(LONG, line((100, 900), (160, 900)), certain=[True, False]))
    assert (short.verdict, short.measured) == (Verdict.PASS, 0)
    outside = decided(paths(LONG, line((2000, 900), (2400, 900)), certain=[True, False]))
    assert (outside.verdict, outside.measured) == (Verdict.PASS, 0)


def test_a_path_that_may_not_exist_can_make_fragments_count() -> None:
    """60 m and 60 m, and 10 m between them that may exist: 500 m, and a piece of 130 m or none."""
    joined = paths(
        LONG, line((100, 800), (160, 800)), line((170, 800), (230, 800)), line((160, 800), (170, 800)),
        certain=[True, True, True, False],
    )  # fmt: skip
    finding = decided(joined)
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0, 1))


def test_broken_and_lost_shapes() -> None:
    """An envelope that reaches one piece alone, or two; one elsewhere; no shape at all."""
    lone = decided(paths(LONG, BESIDE, box(100, 690, 200, 720), sound=[True, True, False]))
    assert (lone.verdict, ends(lone)) == (Verdict.FAIL, (1, None))
    across = decided(paths(LONG, BESIDE, box(100, 490, 200, 720), sound=[True, True, False]))
    assert (across.verdict, ends(across)) == (Verdict.UNDETERMINED, (0, None))
    elsewhere = decided(paths(LONG, box(3000, 0, 3100, 90), sound=[True, False]))
    assert (elsewhere.verdict, elsewhere.measured) == (Verdict.PASS, 0)
    for lines in ((LONG, None), (LONG, BESIDE, None)):
        lost = decided(paths(*lines, sound=[*[True] * (len(lines) - 1), False]))
        assert (lost.verdict, ends(lost)) == (Verdict.UNDETERMINED, (0, None))
    alone = decided(paths(None, sound=[False]))
    assert (alone.verdict, alone.reason.code) == (Verdict.UNDETERMINED, "paths-unknown")


def test_what_may_join_two_pieces_beyond_the_edge() -> None:
    """Two arms out to x = 1050 and what may join them there; it adds nothing, and one piece stays one."""
    arms = line((500, 300), (1050, 300)), line((500, 600), (1050, 600))
    join = line((1050, 300), (1050, 600))
    maybe = decided(paths(*arms, join, certain=[True, True, False]))
    assert (maybe.verdict, ends(maybe)) == (Verdict.UNDETERMINED, (0, 1))
    broken = decided(paths(*arms, box(1040, 290, 1060, 610), sound=[True, True, False]))
    assert (broken.verdict, ends(broken)) == (Verdict.UNDETERMINED, (0, 1))
    away = decided(paths(*arms, line((3000, 0), (3500, 0)), certain=[True, True, False]))
    assert (away.verdict, away.measured) == (Verdict.FAIL, 1)


def test_planned_paths_prove_nothing_of_today() -> None:
    area = layer("built_up_area", [box(0, 0, 1000, 1000)])
    planned = paths(LONG, status=["planned"])
    assert decided(place(area, planned)).verdict is Verdict.UNDETERMINED
    assert decided(place(area, planned, stage=Stage.PLAN)).verdict is Verdict.PASS
    assert decided(place(area, paths(LONG, BESIDE, status=["planned"] * 2))).verdict is Verdict.FAIL


def test_the_built_up_area_is_one_and_the_county_seat_polygon_by_polygon() -> None:
    """Two squares, a path of 500 m in each: of the one area two pieces, of the other one piece each."""
    shapes = [box(0, 0, 1000, 1000), box(3000, 0, 4000, 1000)]
    both = paths(LONG, line((3100, 500), (3600, 500)))
    city = decided(place(layer("built_up_area", shapes), both))
    assert (city.measured, len(city.subjects)) == (1, 1)
    county = decided(place(layer("county_seat", shapes, name=["北区", None]), both), COUNTY)
    assert (county.verdict, [item.subject.value for item in county.subjects]) == (Verdict.PASS, [0, 0])
    worse = paths(LONG, BESIDE, line((3100, 500), (3600, 500)))
    county = decided(place(layer("county_seat", shapes, name=["北区", None]), worse), COUNTY)
    assert [(item.subject.id, item.subject.value) for item in county.subjects] == [("1", 1), ("2", 0)]


def test_a_broken_polygon_leaves_its_row_open() -> None:
    seats = layer("county_seat", [box(0, 0, 1000, 1000), box(3000, 0, 4000, 1000)], sound=[True, False])
    finding = decided(place(seats, paths(LONG)), COUNTY)
    assert [item.verdict for item in finding.subjects] == [Verdict.PASS, Verdict.UNDETERMINED]
    area = layer("built_up_area", [box(0, 0, 1000, 1000)], sound=[False])
    assert decided(place(area, paths(LONG))).verdict is Verdict.UNDETERMINED


def test_order_and_place_change_nothing() -> None:
    """Three pieces and a fragment, turned by 30° and moved, in any order of rows."""
    table = paths(LONG, BESIDE, line((620, 500), (900, 500)), line((100, 900), (160, 900)))
    area = layer("built_up_area", [box(0, 0, 1000, 1000)])

    def moved(item: TableLayer, order: np.ndarray) -> TableLayer:
        rows = item.table.iloc[order].reset_index(drop=True)
        turned = [rotate(shape, 30, origin=(X, Y)) for shape in rows.geometry]
        shapes = shapely.transform(turned, lambda xy: np.add(xy, [5e3, 700]))
        return replace(item, table=rows.set_geometry(shapes, crs=item.table.crs))

    for turn in range(4):
        finding = decided(place(moved(area, np.arange(1)), moved(table, np.roll(np.arange(4), turn))))
        assert finding.measured == 2
        drawn = finding.evidence[1].frame
        assert drawn["kind"].tolist() == ["gap", "apart", "apart", "fragment", "main"]
        assert set(drawn["kind"]) <= set(finding.evidence[1].legend)
