"""Heights over the limit of their zone: a zone of 24 m west of x = 100, one of 60 m east of it, 100 m × 100 m each."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer

CHECK = find_check("height-control-zone")
WEST, EAST = box(0, 0, 100, 100), box(100, 0, 200, 100)
ZONES = layer("height_zones", [WEST, EAST], height_limit=[24.0, 60.0], name=["西区", "东区"])
LOW, HIGH = box(10, 10, 20, 20), box(110, 10, 120, 20)


def houses(*rows: tuple[object, float | None], **columns: object) -> TableLayer:
    """New buildings of (shape, height)."""
    shapes, heights = (list(column) for column in zip(*rows, strict=True))
    return layer("buildings", shapes, **{"action": ["new"] * len(rows), "height": heights, **columns})


def decided(buildings: TableLayer, zones: TableLayer = ZONES) -> Finding:
    """What a rule says that wants none over the limit."""
    return of(place(zones, buildings))


def of(submission: Submission) -> Finding:
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.CITY,),
        limits=(Limit(Op.AT_MOST, 0.0, Unit.METRE),), params=CHECK.params(), document_year=2023,
    )  # fmt: skip
    pack = RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), "")
    return assess(submission, pack, 2026).findings[0]


def rows(finding: Finding) -> dict[str, float | tuple[float | None, float | None] | None]:
    """Each subject with its figure, or its bounds."""
    found: dict[str, float | tuple[float | None, float | None] | None] = {}
    for item in finding.subjects:
        bounds = item.subject.bounds
        found[item.subject.id] = item.subject.value if bounds is None else (bounds.low, bounds.high)
    return found


@pytest.mark.parametrize(
    ("height", "over", "verdict"),
    [(23.9, -0.1, Verdict.PASS), (24.0, 0.0, Verdict.PASS), (24.1, 0.1, Verdict.FAIL), (36.0, 12.0, Verdict.FAIL)],
)
def test_height_less_the_limit_of_the_zone(height: float, over: float, verdict: Verdict) -> None:
    """36 m keeps the limit of 60 m in the east, at −24 m."""
    finding = decided(houses((LOW, height), (HIGH, 36.0)))
    assert (finding.verdict, finding.measured) == (verdict, pytest.approx(over))
    assert rows(finding)["2"] == -24.0


def test_outside_all_zones_nothing_binds() -> None:
    finding = decided(houses((box(300, 0, 310, 10), 80.0)))
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert {"outside", "none-inside"} <= {note.code for note in finding.notes}
    finding = decided(houses((box(300, 0, 310, 10), 80.0), (LOW, 20.0)))
    assert (finding.verdict, rows(finding)) == (Verdict.PASS, {"2": -4.0})


def test_what_stands_is_not_bound() -> None:
    assert decided(houses((LOW, 90.0), action=["retain"])).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("height", "verdict"), [(24.0, Verdict.PASS), (40.0, Verdict.UNDETERMINED), (60.0, Verdict.UNDETERMINED),
                            (61.0, Verdict.FAIL)],
)  # fmt: skip
def test_across_two_zones_the_highest_part_may_stand_in_either(height: float, verdict: Verdict) -> None:
    """Up to 24 m it is within both, over 60 m beyond both."""
    finding = decided(houses((box(90, 10, 110, 20), height)))
    assert finding.verdict is verdict
    assert rows(finding) == {"1": (height - 60, height - 24)}


@pytest.mark.parametrize(("height", "verdict"), [(24.0, Verdict.PASS), (90.0, Verdict.UNDETERMINED)])
def test_partly_outside_all_zones_the_highest_part_may_stand_there(height: float, verdict: Verdict) -> None:
    finding = decided(houses((box(-10, 10, 10, 20), height)))
    assert finding.verdict is verdict
    assert rows(finding) == {"1": (None, height - 24)}


def test_contacts_do_not_count() -> None:
    """Overlaps of 0.5 m² (0.05 m × 10 m) with the west, and of 9 m² of 10,000."""
    assert rows(decided(houses((box(99.95, 10, 120, 20), 50.0)))) == {"1": -10.0}
    large = layer("height_zones", [WEST, box(100, 0, 300, 100)], height_limit=[24.0, 60.0])
    assert rows(decided(houses((box(99.91, 0, 199.91, 100), 50.0)), large)) == {"1": -10.0}


def test_of_zones_over_one_another_the_lowest_binds() -> None:
    """60 m in general, 12 m round a monument: 20 m is 8 m over, whichever zone comes first."""
    general, monument = (box(0, 0, 500, 500), 60.0), (box(0, 0, 50, 50), 12.0)
    for pair in ((general, monument), (monument, general)):
        zones = layer("height_zones", [shape for shape, _ in pair], height_limit=[limit for _, limit in pair])
        assert rows(decided(houses((LOW, 20.0)), zones)) == {"1": 8.0}


def test_zones_of_one_limit_side_by_side_are_as_one() -> None:
    zones = layer("height_zones", [WEST, EAST], height_limit=[24.0, 24.0])
    assert rows(decided(houses((box(90, 10, 110, 20), 30.0)), zones)) == {"1": 6.0}


def test_a_zone_drawn_twice_and_in_parts_changes_nothing() -> None:
    parts = shapely.union(WEST, box(300, 0, 400, 100))
    zones = layer("height_zones", [parts, parts], height_limit=[24.0, 24.0])
    assert rows(decided(houses((LOW, 30.0), (box(310, 10, 320, 20), 20.0)), zones)) == {"1": 6.0, "2": -4.0}


def test_a_limit_that_cannot_be_read_is_no_pass() -> None:
    """Nothing is known of the limit but that it is above 0."""
    zones = layer("height_zones", [WEST], height_limit=[None])
    finding = decided(houses((LOW, 9.0)), zones)
    assert (finding.verdict, rows(finding)) == (Verdict.UNDETERMINED, {"1": (None, pytest.approx(8.9))})
    assert "height_limit" in finding.reason.zh
    both = layer("height_zones", [WEST, WEST], height_limit=[None, 24.0])
    assert decided(houses((LOW, 30.0)), both).verdict is Verdict.FAIL


def test_heights_from_storeys_leave_it_open() -> None:
    """Housing of 7 storeys is 18 to 24 m, of 8 is 21 to 27 m, of 10 is 27 to 33 m."""
    for storeys, verdict, bounds in (
        (7, Verdict.PASS, (-6.0, 0.0)),
        (8, Verdict.UNDETERMINED, (-3.0, 3.0)),
        (10, Verdict.FAIL, (3.0, 9.0)),
    ):
        finding = decided(houses((LOW, None), storeys=[storeys], use=["residential"]))
        assert (finding.verdict, rows(finding)) == (verdict, {"1": bounds})
    assert rows(decided(houses((LOW, None)))) == {"1": (-22.0, None)}


def test_perhaps_new() -> None:
    """Within the limit beside one that is new it makes no difference; alone there may be nothing to bind."""
    assert decided(houses((LOW, 20.0), (LOW, 24.0), action=["new", None])).verdict is Verdict.PASS
    assert decided(houses((LOW, 20.0), (LOW, 25.0), action=["new", None])).verdict is Verdict.UNDETERMINED
    for height in (20.0, 30.0):
        finding = decided(houses((LOW, height), action=[None]))
        assert (finding.verdict, rows(finding)) == (Verdict.UNDETERMINED, {"1": (None, height - 24)})
    untold = layer("buildings", [LOW, HIGH], height=[20.0, 90.0])
    finding = decided(untold)
    assert (finding.verdict, rows(finding)) == (Verdict.UNDETERMINED, {"1": (None, 30.0)})


def test_shapes_that_cannot_be_trusted() -> None:
    """An envelope in the west, a building without a shape: new, in the west, the east or nowhere. A broken zone."""
    broken = decided(houses((LOW, 30.0), sound=[False]))
    assert (broken.verdict, rows(broken)) == (Verdict.UNDETERMINED, {"1": (None, 6.0)})
    lost = decided(houses((None, 30.0), sound=[False]))
    assert (lost.verdict, rows(lost)) == (Verdict.UNDETERMINED, {"1": (None, 6.0)})
    zones = layer("height_zones", [WEST, EAST, None], sound=[True, False, False], height_limit=[24.0, 60.0, 18.0])
    finding = decided(houses((LOW, 15.0), (LOW, 20.0), (LOW, 30.0), (HIGH, 30.0)), zones)
    assert rows(finding) == {"3": (6.0, 12.0), "1": (-9.0, -3.0), "2": (-4.0, 2.0), "4": (None, 12.0)}
    assert finding.verdict is Verdict.FAIL


def test_declared_absent_missing_and_other_kinds() -> None:
    buildings = houses((LOW, 30.0))
    assert of(place(buildings, none=["height_zones"])).verdict is Verdict.NOT_APPLICABLE
    assert of(place(buildings)).verdict is Verdict.UNDETERMINED
    assert of(place(ZONES)).verdict is Verdict.UNDETERMINED
    assert of(place(layer("height_zones", [WEST]), buildings)).verdict is Verdict.UNDETERMINED
    assert of(place(ZONES, buildings, kinds=[Kind.VILLAGE])).verdict is Verdict.NOT_APPLICABLE


def test_order_and_place_change_nothing() -> None:
    """Turned by 30° and moved by some kilometres, in four orders."""
    table = houses((LOW, 30.0), (HIGH, 40.0), (box(90, 10, 110, 20), 50.0), (box(300, 0, 310, 10), 90.0))
    want = rows(decided(table))

    def moved(layer_of: TableLayer, turn: int) -> TableLayer:
        frame = layer_of.table.iloc[np.roll(np.arange(len(layer_of)), turn)].reset_index(drop=True)
        shapes = [rotate(shape, 30, origin=(X, Y)) for shape in frame.geometry]
        shapes = shapely.transform(shapes, lambda xy: np.add(xy, [5e3, 700]))
        return replace(layer_of, table=frame.set_geometry(shapes, crs=layer_of.table.crs))

    for turn in range(4):
        assert rows(decided(moved(table, turn), moved(ZONES, turn))) == want


def test_the_evidence_shows_zones_and_buildings() -> None:
    zones, buildings = decided(houses((LOW, 30.0), (HIGH, None))).evidence
    assert zones.frame["limit_m"].tolist() == [24.0, 60.0]
    assert buildings.frame["kind"].tolist() == ["over", "open"]
    assert buildings.frame["zone"].tolist() == ["西区", "东区"]
    assert buildings.frame["over_m"].tolist()[0] == 6.0
