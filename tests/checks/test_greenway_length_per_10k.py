"""Greenways per 10,000 residents: lines by pencil in a built-up area of 2 km × 1 km with 20,000 residents.

0                          2000
+---------------------------+ 1000
|        built-up area      |
+---------------------------+ 0
"""

import numpy as np
import pytest
from shapely.affinity import rotate

from places import box, layer, line, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Stage, Submission, TableLayer

CHECK = find_check("greenway-length-per-10k")
AREA = layer("built_up_area", [box(0, 0, 2000, 1000)], population=[20_000])


def greenways(*lines: object, **more: object) -> TableLayer:
    """Some greenways."""
    return layer("greenways", list(lines), **more)


def decided(submission: Submission, limit: float = 1.0, op: Op = Op.ABOVE, as_of: int = 2030) -> Finding:
    """What a rule says of some km per 10,000, due in 2030."""
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.TARGET, Source(None, None, "1"), binds=(Kind.CITY,),
        limits=(Limit(op, limit, Unit.KM_PER_10K, 2030),), scope="built_up_area", params=CHECK.params(),
    )  # fmt: skip
    return assess(submission, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), as_of).findings[0]


def share(*lines: object, **more: object) -> float | None:
    """Km per 10,000 of some greenways."""
    return decided(place(AREA, greenways(*lines, **more))).measured


def codes(finding: Finding) -> list[str]:
    """The codes of its notes."""
    return [note.code for note in finding.notes]


@pytest.mark.parametrize(
    ("length_m", "op", "verdict"),
    [
        (1900, Op.ABOVE, Verdict.FAIL),  # 0.95
        (2000, Op.ABOVE, Verdict.FAIL),  # 1.0 is not above 1
        (2000, Op.AT_LEAST, Verdict.PASS),
        (2100, Op.ABOVE, Verdict.PASS),  # 1.05
    ],
)
def test_km_over_residents(length_m: float, op: Op, verdict: Verdict) -> None:
    """One line of 1,000 m and one for the rest, 500 m apart, over 2 × 10,000 residents."""
    lines = greenways(line((0, 200), (1000, 200)), line((0, 700), (length_m - 1000, 700)))
    finding = decided(place(AREA, lines), op=op)
    assert finding.measured == pytest.approx(length_m / 2000, rel=1e-12)
    assert finding.verdict is verdict
    assert finding.numerator is not None
    assert finding.denominator is not None
    assert (finding.numerator.value, finding.denominator.value) == (pytest.approx(length_m / 1000), 20_000)
    early = Verdict.PASS if verdict is Verdict.PASS else Verdict.PENDING
    assert decided(place(AREA, lines), op=op, as_of=2026).verdict is early


def test_residents_of_all_parts_count_together() -> None:
    """15,000 and 5,000; 500 m of the second part's greenway lie inside, 500 outside."""
    area = layer("built_up_area", [box(0, 0, 1000, 1000), box(3000, 0, 3500, 500)], population=[15_000, 5000])
    found = decided(place(area, greenways(line((0, 500), (1000, 500)), line((3000, 250), (4000, 250)))))
    assert found.measured == pytest.approx(0.75)
    assert "outside" in codes(found)


def test_lines_are_cut_at_the_edge() -> None:
    assert share(line((-500, 500), (2500, 500))) == pytest.approx(1.0)
    assert share(line((-500, -500), (2500, -500))) == 0


def test_ground_drawn_twice_counts_once() -> None:
    """1,000 m, again from the other end, and 300 m of it with another 200 m beyond: 1,200 m."""
    lines = (line((0, 500), (1000, 500)), line((1000, 500), (0, 500)), line((700, 500), (1200, 500)))
    assert share(*lines) == pytest.approx(0.6)
    assert "repeated" in codes(decided(place(AREA, greenways(*lines))))


@pytest.mark.parametrize(("apart_m", "km"), [(5, 1.0), (19.9, 1.0), (20.0, 2.0), (30.0, 2.0)])
def test_trails_from_twenty_metres_apart_are_two(apart_m: float, km: float) -> None:
    """Two of 1,000 m side by side, whatever their names."""
    lines = (line((0, 500), (1000, 500)), line((0, 500 + apart_m), (1000, 500 + apart_m)))
    assert share(*lines, name=["左岸", "右岸"]) == pytest.approx(km / 2)


def test_the_figure_with_parallel_lines_counted_is_told_where_it_would_pass() -> None:
    """1.2 km counted, 2.4 km drawn: 0.6 fails, 1.2 would pass."""
    lines = (line((0, 500), (1200, 500)), line((0, 510), (1200, 510)))
    finding = decided(place(AREA, greenways(*lines)))
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(0.6))
    assert {"beside", "would-flip"} <= set(codes(finding))


def test_a_crossing_takes_nothing_away() -> None:
    """Two of 1,000 m that cross; a ring of 4 × 100 m; a feature of two parts."""
    assert share(line((0, 500), (1000, 500)), line((500, 0), (500, 1000))) == pytest.approx(1.0)
    ring = line((100, 100), (200, 100), (200, 200), (100, 200), (100, 100))
    assert share(ring) == pytest.approx(0.2)
    parts = line((0, 100), (500, 100)).union(line((0, 900), (500, 900)))
    assert share(parts) == pytest.approx(0.5)


def test_what_may_not_exist_leaves_it_open() -> None:
    """1.8 km exist and 400 m may: 0.9 to 1.1."""
    lines = (line((0, 500), (1800, 500)), line((0, 800), (400, 800)))
    finding = decided(place(AREA, greenways(*lines, certain=[True, False])))
    assert finding.bounds is not None
    assert (finding.bounds.low, finding.bounds.high) == (pytest.approx(0.9), pytest.approx(1.1))
    assert finding.verdict is Verdict.UNDETERMINED
    assert decided(place(AREA, greenways(*lines, certain=[True, False])), limit=0.8).verdict is Verdict.PASS
    assert decided(place(AREA, greenways(*lines, certain=[True, False])), limit=1.2).verdict is Verdict.FAIL
    far = greenways(lines[0], line((0, 5000), (400, 5000)), certain=[True, False])
    assert decided(place(AREA, far)).measured == pytest.approx(0.9)


def test_ground_of_what_may_not_exist_stays_with_what_does() -> None:
    """The same line twice, first as one that may not exist: 0.5 whatever becomes of it."""
    same = line((0, 500), (1000, 500))
    finding = decided(place(AREA, greenways(same, same, certain=[False, True])))
    assert finding.bounds is not None
    assert (finding.bounds.low, finding.bounds.high) == (pytest.approx(0.5), pytest.approx(0.5))
    assert finding.verdict is Verdict.FAIL


def test_a_line_without_a_shape_may_be_of_any_length() -> None:
    """1.9 or 2 km and one that is lost: 0.95 or 1 and up, open; 2.1 km and one that is lost: above 1 for certain."""
    for length_m, verdict in ((1900, Verdict.UNDETERMINED), (2000, Verdict.UNDETERMINED)):
        lost = greenways(line((0, 500), (length_m, 500)), None, sound=[True, False])
        finding = decided(place(AREA, lost))
        assert finding.bounds is not None
        assert (finding.bounds.low, finding.bounds.high) == (pytest.approx(length_m / 2000), None)
        assert finding.verdict is verdict
    enough = greenways(line((0, 500), (2000, 500)), line((0, 800), (100, 800)), None, sound=[True, True, False])
    assert decided(place(AREA, enough)).verdict is Verdict.PASS
    elsewhere = greenways(line((0, 500), (1900, 500)), box(9000, 9000, 9100, 9100), sound=[True, False])
    assert decided(place(AREA, elsewhere)).measured == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("population", "high", "verdict"),
    [
        ([None, 15_000], 2 / 1.5, Verdict.UNDETERMINED),  # 2 km over 15,000 and more: up to 1.33
        ([None, 25_000], 2 / 2.5, Verdict.FAIL),  # up to 0.8, never above 1
        ([None, None], None, Verdict.UNDETERMINED),
    ],
)
def test_unknown_residents_leave_it_open(population: list[float | None], high: float | None, verdict: Verdict) -> None:
    area = layer("built_up_area", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], population=population)
    finding = decided(place(area, greenways(line((0, 500), (2000, 500)))))
    assert finding.bounds is not None
    assert finding.bounds.low == 0
    assert finding.bounds.high == (None if high is None else pytest.approx(high))
    assert finding.verdict is verdict
    assert "population" in finding.notes[-1].zh


def test_without_residents_there_is_no_figure() -> None:
    area = layer("built_up_area", [box(0, 0, 2000, 1000)], population=[0])
    finding = decided(place(area, greenways(line((0, 500), (2000, 500)))))
    assert (finding.verdict, finding.measured, finding.bounds) == (Verdict.UNDETERMINED, None, None)


def test_greenways_that_are_all_planned_prove_no_pass() -> None:
    """1.5 km per 10,000, all of it planned: open without a stage, counted where the plan is reviewed."""
    lines = (line((0, 500), (2000, 500)), line((0, 800), (1000, 800)))
    planned = greenways(*lines, status=["planned", "under-construction"])
    assert decided(place(AREA, planned)).verdict is Verdict.UNDETERMINED
    assert decided(place(AREA, planned), limit=2.0).verdict is Verdict.FAIL
    reviewed = decided(place(AREA, planned, stage=Stage.PLAN))
    assert reviewed.verdict is Verdict.PASS
    assert "planned-counted" in codes(reviewed)
    assert decided(place(AREA, greenways(*lines, status=["existing", "existing"]))).verdict is Verdict.PASS


def test_none_and_an_empty_layer_are_no_greenways_and_a_missing_layer_is_unknown() -> None:
    none = decided(place(AREA, none=["greenways"]))
    assert (none.verdict, none.measured) == (Verdict.FAIL, 0)
    assert decided(place(AREA, greenways())).measured == 0
    assert decided(place(AREA)).verdict is Verdict.UNDETERMINED
    lines = greenways(line((0, 500), (2000, 500)))
    assert decided(place(lines)).verdict is Verdict.UNDETERMINED
    bare = layer("built_up_area", [box(0, 0, 2000, 1000)])
    finding = decided(place(bare, lines))
    assert finding.verdict is Verdict.UNDETERMINED
    assert "population" in finding.reason.zh
    broken = layer("built_up_area", [box(0, 0, 2000, 1000)], population=[20_000], sound=[False])
    assert decided(place(broken, lines)).verdict is Verdict.UNDETERMINED
    assert decided(place(AREA, lines, kinds=[Kind.COUNTY_SEAT])).verdict is Verdict.NOT_APPLICABLE


def test_neither_order_nor_place_matters() -> None:
    """2,600 m once: 1,000, a parallel of it 8 m off, 600 across, and 1,000 of which half lies outside."""
    lines = [
        line((100, 300), (1100, 300)),
        line((100, 308), (1000, 308)),
        line((300, 100), (300, 700)),
        line((1500, 500), (2500, 500)),
    ]
    random = np.random.default_rng(2)
    for degrees in (0, 20, 77):
        order = random.permutation(4)
        turned = [rotate(lines[row], degrees, origin=(500_000, 3_950_000)) for row in order]
        area = rotate(box(0, 0, 2000, 1000), degrees, origin=(500_000, 3_950_000))
        found = decided(place(layer("built_up_area", [area], population=[20_000]), greenways(*turned)))
        assert found.measured == pytest.approx(2.1 / 2, rel=1e-9)


def test_the_map_shows_what_counts_and_what_does_not() -> None:
    lines = greenways(
        line((0, 500), (1000, 500)),
        line((0, 500), (1000, 500)),
        line((0, 510), (1000, 510)),
        line((1500, 800), (2500, 800)),
        line((0, 100), (300, 100)),
        certain=[True, True, True, True, False],
    )
    measurement = decided(place(AREA, lines)).measurement
    assert measurement is not None
    _, drawn = measurement.evidence
    lengths = drawn.frame.groupby("kind")["length_m"].sum().round(6).to_dict()
    assert lengths == {"unknown": 300, "counted": 1500, "repeated": 1000, "beside": 1000, "outside": 500}
    assert drawn.frame["kind"].iloc[0] == "unknown"
    assert set(drawn.frame["kind"]) <= set(drawn.legend)
    assert not drawn.frame.geometry.isna().any()
    assert measurement.unit is CHECK.unit
