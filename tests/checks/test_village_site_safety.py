"""Village sites: ground by pencil, a village of 200 m × 100 m (2 ha) beside or over hazard zones.

0        100       200
+---------+---------+ 100
|      village      |      zones lie where each test says
+---------+---------+ 0
"""

from typing import Any

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate

from places import box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer
from urbanform.wording import Words

CHECK = find_check("village-site-safety")
VILLAGE = layer("villages", [box(0, 0, 200, 100)], name=["柳庄"])
EAST_HALF = box(100, 0, 300, 100)


def zones(*shapes: object, **more: Any) -> TableLayer:
    """Hazard zones."""
    return layer("hazard_zones", list(shapes), **more)


def houses(*shapes: object, **more: Any) -> TableLayer:
    """Buildings."""
    return layer("buildings", list(shapes), **more)


def decided(submission: Submission) -> Finding:
    """What a rule that wants no ground in a zone says."""
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.MANDATORY, Source(None, None, "1"), binds=(Kind.VILLAGE,),
        limits=(Limit(Op.AT_MOST, 0.0, Unit.HECTARE),), params=CHECK.params(),
    )  # fmt: skip
    return assess(submission, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), 2026).findings[0]


def ends(finding: Finding) -> tuple[float | None, float | None]:
    """Between what the figure lies."""
    if finding.bounds is None:
        return finding.measured, finding.measured
    return finding.bounds.low, finding.bounds.high


def codes(finding: Finding) -> list[str]:
    """The codes of its notes."""
    return [note.code for note in finding.notes]


def test_a_village_clear_of_every_zone_is_safe_with_or_without_buildings() -> None:
    away = zones(box(300, 0, 400, 100))
    assert (decided(place(VILLAGE, away)).verdict, decided(place(VILLAGE, away)).measured) == (Verdict.PASS, 0)
    assert decided(place(VILLAGE, away, houses(box(10, 10, 20, 20)))).verdict is Verdict.PASS
    assert decided(place(VILLAGE, zones())).verdict is Verdict.PASS


def test_without_buildings_the_land_in_a_zone_counts() -> None:
    """The eastern half, and it again as a zone of another kind: 1 ha."""
    finding = decided(place(VILLAGE, zones(EAST_HALF, EAST_HALF, kind=["flood", None])))
    assert "contacts" not in codes(finding)
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(1.0))
    assert "洪涝" in next(note.zh for note in finding.notes if note.code == "land-inside")


def test_with_buildings_the_ground_under_them_counts() -> None:
    """One of 10 × 20 m inside, one of 10 × 10 with half inside, one clear, one of another village: 250 m²."""
    rows = houses(box(150, 10, 160, 30), box(95, 50, 105, 60), box(10, 10, 20, 20), box(250, 10, 260, 20))
    finding = decided(place(VILLAGE, zones(EAST_HALF), rows))
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(0.025))
    assert "1、2" in next(note.zh for note in finding.notes if note.code == "buildings-inside")


def test_buildings_clear_of_the_zone_make_the_village_safe() -> None:
    finding = decided(place(VILLAGE, zones(EAST_HALF), houses(box(10, 10, 20, 20), box(50, 50, 60, 60))))
    assert (finding.verdict, finding.measured) == (Verdict.PASS, 0)
    assert codes(finding) == ["by-buildings", "land-inside"]


def test_ground_that_buildings_share_counts_once() -> None:
    """100 m², drawn twice, and 100 m² of which half lies over it: 150 m²."""
    one = box(150, 10, 160, 20)
    finding = decided(place(VILLAGE, zones(EAST_HALF), houses(one, one, box(155, 10, 165, 20))))
    assert finding.measured == pytest.approx(0.015)


def test_a_layer_that_has_no_building_of_the_village_says_nothing_of_it() -> None:
    finding = decided(place(VILLAGE, zones(EAST_HALF), houses(box(800, 0, 810, 10))))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0, pytest.approx(1.0)))
    fault = {"buildings": (Words("broken", "图层损坏", "broken"),)}
    aside = decided(place(VILLAGE, zones(EAST_HALF), faults=fault))
    assert (aside.verdict, ends(aside)) == (Verdict.UNDETERMINED, (0, pytest.approx(1.0)))
    clear = decided(place(VILLAGE, zones(box(300, 0, 400, 100)), faults=fault))
    assert clear.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("zone", "verdict"),
    [
        (box(200, 0, 300, 100), Verdict.PASS),  # shares an edge
        (box(199.95, 0, 300, 100), Verdict.PASS),  # 5 cm over it, 5 m²
        (box(199, 0, 200, 1), Verdict.PASS),  # 1 m² exactly
        (box(199, 0, 200, 1.1), Verdict.FAIL),
        (box(199.85, 0, 300, 100), Verdict.FAIL),  # 15 cm, 15 m²
    ],
)
def test_a_contact_is_no_overlap(zone: shapely.Polygon, verdict: Verdict) -> None:
    for degrees in (0, 27):
        turned = [rotate(shape, degrees, origin=(500_000, 3_950_000)) for shape in (box(0, 0, 200, 100), zone)]
        finding = decided(place(layer("villages", turned[:1]), zones(turned[1])))
        assert finding.verdict is verdict
    if verdict is Verdict.PASS and zone.bounds[0] < 500_200:
        assert "contacts" in codes(finding)


def test_a_house_that_only_touches_the_zone_is_clear() -> None:
    rows = houses(box(90, 10, 100.05, 20), box(50, 50, 60, 60))
    finding = decided(place(VILLAGE, zones(EAST_HALF), rows))
    assert (finding.verdict, finding.measured) == (Verdict.PASS, 0)
    assert "contacts" in codes(finding)


def test_what_is_to_be_demolished_counts_and_a_note_tells_where_it_would_pass_without() -> None:
    rows = houses(box(150, 10, 160, 20), box(10, 10, 20, 20), action=["demolish", "retain"])
    finding = decided(place(VILLAGE, zones(EAST_HALF), rows))
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(0.01))
    assert "would-flip" in codes(finding)
    staying = houses(box(150, 10, 160, 20), box(10, 10, 20, 20), action=["retain", "demolish"])
    assert "would-flip" not in codes(decided(place(VILLAGE, zones(EAST_HALF), staying)))


def test_a_broken_zone_reaches_at_most_its_envelope() -> None:
    """Nothing sure, up to 1 ha; where the envelope is clear of village and houses nothing; one lost: anywhere."""
    broken = zones(EAST_HALF, sound=[False])
    assert ends(decided(place(VILLAGE, broken))) == (0, pytest.approx(1.0))
    assert decided(place(VILLAGE, broken)).verdict is Verdict.UNDETERMINED
    assert decided(place(VILLAGE, zones(box(300, 0, 400, 100), sound=[False]))).verdict is Verdict.PASS
    assert decided(place(VILLAGE, broken, houses(box(10, 10, 20, 20)))).verdict is Verdict.PASS
    assert ends(decided(place(VILLAGE, broken, houses(box(150, 10, 160, 20))))) == (0, pytest.approx(0.01))
    both = zones(box(150, 0, 300, 100), EAST_HALF, sound=[True, False])
    assert (decided(place(VILLAGE, both)).verdict, ends(decided(place(VILLAGE, both)))) == (
        Verdict.FAIL, (pytest.approx(0.5), pytest.approx(1.0))
    )  # fmt: skip
    lost = zones(box(300, 0, 400, 100), None, sound=[True, False])
    assert ends(decided(place(VILLAGE, lost))) == (0, pytest.approx(2.0))
    assert decided(place(VILLAGE, lost, houses(box(10, 10, 20, 20)))).verdict is Verdict.UNDETERMINED


def test_a_broken_house_stands_somewhere_in_its_envelope() -> None:
    rows = houses(box(150, 10, 160, 20), box(10, 10, 20, 20), sound=[False, True])
    finding = decided(place(VILLAGE, zones(EAST_HALF), rows))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0, pytest.approx(0.01)))
    assert "1" in finding.reason.zh
    lost = houses(None, box(10, 10, 20, 20), sound=[False, True])
    assert ends(decided(place(VILLAGE, zones(EAST_HALF), lost))) == (0, pytest.approx(1.0))
    sure = houses(None, box(150, 10, 160, 20), sound=[False, True])
    finding = decided(place(VILLAGE, zones(EAST_HALF), sure))
    assert (finding.verdict, ends(finding)) == (Verdict.FAIL, (pytest.approx(0.01), pytest.approx(1.0)))
    only = houses(box(150, 10, 160, 20), sound=[False])
    assert decided(place(VILLAGE, zones(EAST_HALF), only)).verdict is Verdict.UNDETERMINED


def test_a_broken_village_is_open_unless_its_envelope_is_clear() -> None:
    broken = layer("villages", [box(0, 0, 200, 100)], sound=[False])
    assert ends(decided(place(broken, zones(EAST_HALF)))) == (0, pytest.approx(1.0))
    assert decided(place(broken, zones(EAST_HALF), houses(box(10, 10, 20, 20)))).verdict is Verdict.UNDETERMINED
    assert decided(place(broken, zones(box(300, 0, 400, 100)))).verdict is Verdict.PASS
    gone = layer("villages", [None, box(0, 0, 200, 100)], sound=[False, True])
    finding = decided(place(gone, zones(box(300, 0, 400, 100))))
    assert finding.verdict is Verdict.UNDETERMINED
    assert [item.verdict for item in finding.subjects] == [Verdict.PASS, Verdict.UNDETERMINED]


def test_each_village_is_judged_and_houses_count_in_their_own() -> None:
    rows = layer("villages", [box(0, 0, 90, 100), box(110, 0, 200, 100), box(400, 0, 500, 100)], id=["甲", "乙", "丙"])
    built = houses(box(10, 10, 20, 20), box(150, 10, 160, 20), box(410, 10, 420, 20))
    finding = decided(place(rows, zones(EAST_HALF), built))
    assert {item.subject.id: (item.verdict, item.subject.value) for item in finding.subjects} == {
        "甲": (Verdict.PASS, 0), "乙": (Verdict.FAIL, pytest.approx(0.01)), "丙": (Verdict.PASS, 0)
    }  # fmt: skip
    assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(0.01))


def test_parts_of_one_village_are_one() -> None:
    """Two parts, of which the second lies in the zone with 100 × 50 m."""
    two = shapely.union(box(0, 0, 50, 50), box(150, 0, 250, 50))
    finding = decided(place(layer("villages", [two]), zones(EAST_HALF)))
    assert finding.measured == pytest.approx(0.5)


def test_none_missing_and_another_kind() -> None:
    assert decided(place(none=["villages"])).verdict is Verdict.NOT_APPLICABLE
    no_zones = decided(place(VILLAGE, none=["hazard_zones"]))
    assert no_zones.verdict is Verdict.NOT_APPLICABLE
    assert "hazard" in no_zones.reason.en
    assert decided(place(VILLAGE)).verdict is Verdict.UNDETERMINED
    assert decided(place(zones(EAST_HALF))).verdict is Verdict.UNDETERMINED
    assert decided(place(VILLAGE, zones(EAST_HALF), kinds=[Kind.CITY])).verdict is Verdict.NOT_APPLICABLE


def test_neither_order_nor_place_matters() -> None:
    """250 m² of houses in a zone, whatever the turn, the shift and the order."""
    rows = [box(150, 10, 160, 30), box(95, 50, 105, 60), box(10, 10, 20, 20)]
    random = np.random.default_rng(7)
    for degrees in (0, 13, 200):

        def moved(shape: shapely.Geometry, degrees: float = degrees) -> shapely.Geometry:
            return translate(rotate(shape, degrees, origin=(500_000, 3_950_000)), 77.7, -33.3)

        built = houses(*(moved(rows[at]) for at in random.permutation(3)))
        village = layer("villages", [moved(box(0, 0, 200, 100))])
        finding = decided(place(village, zones(moved(EAST_HALF), moved(box(120, 0, 130, 10))), built))
        assert finding.measured == pytest.approx(0.025, rel=1e-9)


def test_the_map_shows_zones_villages_and_what_lies_inside() -> None:
    rows = houses(box(150, 10, 160, 30), box(10, 10, 20, 20), box(120, 50, 130, 60), sound=[True, True, False])
    measurement = decided(place(VILLAGE, zones(EAST_HALF, kind=["geological"]), rows)).measurement
    assert measurement is not None
    frames, land, found = measurement.evidence
    assert frames.frame["kind"].tolist() == ["zone", "village"]
    assert (land.frame["kind"].tolist(), land.frame["inside_m2"].tolist()) == (["land"], [pytest.approx(10_000)])
    assert found.frame["kind"].tolist() == ["unknown", "building"]
    assert found.frame["inside_m2"].iloc[1] == pytest.approx(200)
    assert set(found.frame["kind"]) == set(found.legend)
    clear = decided(place(VILLAGE, zones(box(300, 0, 400, 100)))).measurement
    assert clear is not None
    assert len(clear.evidence) == 1


def test_houses_in_a_zone_outside_all_villages_are_listed_and_count_for_none() -> None:
    """The village is clear; of four houses beyond it one stands in the zone, one goes, one is clear, one touches."""
    outside = houses(
        box(310, 10, 320, 20), box(330, 10, 340, 20), box(290, 10, 299, 20), box(399.95, 10, 410, 20),
        action=["retain", "demolish", "retain", "retain"],
    )  # fmt: skip
    finding = decided(place(VILLAGE, zones(box(300, 0, 400, 100)), outside))
    assert (finding.verdict, finding.measured) == (Verdict.PASS, 0)
    (note,) = [note for note in finding.notes if note.code == "houses-outside"]
    assert "另有 1 栋建筑位于灾害风险区内" in note.zh
    assert "：1；" in note.zh


def test_houses_inside_a_village_are_not_outside() -> None:
    finding = decided(place(VILLAGE, zones(EAST_HALF), houses(box(150, 10, 160, 20))))
    assert "houses-outside" not in codes(finding)
