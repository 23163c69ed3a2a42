"""Green ratio: ground by pencil in a built-up area of 1,000 m × 1,000 m (100 ha), so that 1 ha of green is 1 %."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import box, layer, place
from urbanform.assess import assess
from urbanform.checks import find_check
from urbanform.model.finding import Finding, Verdict
from urbanform.model.rules import Document, Kind, Limit, Op, Place, Rule, RulePack, Severity, Source, Title, Unit
from urbanform.model.submission import Submission, TableLayer
from urbanform.wording import Words

CHECK = find_check("built-up-green-ratio")
AREA = layer("built_up_area", [box(0, 0, 1000, 1000)])


def green(*shapes: object, **more: object) -> TableLayer:
    """Some green spaces."""
    return layer("green_spaces", list(shapes), **more)


def decided(submission: Submission, *limits: tuple[float, int], as_of: int = 2026) -> Finding:
    """What a rule says of some shares by some years; 36 % by 2025 and 38.9 % by 2030 by default."""
    steps = limits or ((36.0, 2025), (38.9, 2030))
    rule = Rule(
        "r", CHECK.name, Title("则", "rule"), Severity.TARGET, Source(None, None, "1"), binds=(Kind.CITY,),
        limits=tuple(Limit(Op.AT_LEAST, value, Unit.PERCENT, due) for value, due in steps), scope="built_up_area",
        params=CHECK.params(),
    )  # fmt: skip
    return assess(submission, RulePack("p", Title("包", "pack"), Document(), Place(), (rule,), ""), as_of).findings[0]


def share(*layers: TableLayer) -> float | None:
    """The share in percent."""
    return decided(place(AREA, *layers)).measured


def ends(finding: Finding) -> tuple[float | None, float | None]:
    """Its bounds."""
    assert finding.bounds is not None
    return finding.bounds.low, finding.bounds.high


def codes(finding: Finding) -> list[str]:
    """The codes of its notes."""
    return [note.code for note in finding.notes]


@pytest.mark.parametrize(
    ("north", "as_of", "verdict"),
    [
        (400, 2030, Verdict.PASS),
        (389, 2030, Verdict.PASS),  # 38.9 % exactly
        (388, 2030, Verdict.FAIL),
        (388, 2026, Verdict.PENDING),
        (360, 2026, Verdict.PENDING),  # 36 % exactly
        (359, 2026, Verdict.FAIL),
    ],
)
def test_green_over_the_built_up_area(north: float, as_of: int, verdict: Verdict) -> None:
    finding = decided(place(AREA, green(box(0, 0, 1000, north))), as_of=as_of)
    assert finding.measured == pytest.approx(north / 10, rel=1e-12)
    assert finding.verdict is verdict
    assert finding.denominator is not None
    assert finding.denominator.value == pytest.approx(1.0)


def test_ground_counts_once_and_only_inside() -> None:
    """10 ha, 5 ha of which are drawn again with 5 ha more, all of it twice; 10 ha of which half lies outside: 20 %."""
    one, other = box(0, 0, 400, 250), box(0, 125, 400, 375)
    assert share(green(one, other, one, box(950, 0, 1050, 1000))) == pytest.approx(20.0)


def test_a_hole_is_no_green_and_parts_count_together() -> None:
    """10 ha less a hole of 1 ha; two parts of 3 ha each: 15 %."""
    ring = shapely.difference(box(0, 0, 400, 250), box(100, 100, 200, 200))
    two = shapely.union(box(500, 500, 700, 650), box(800, 500, 1000, 650))
    assert share(green(ring, two)) == pytest.approx(15.0)


def test_all_parts_of_the_built_up_area_are_the_whole() -> None:
    area = layer("built_up_area", [box(0, 0, 1000, 500), box(2000, 0, 2500, 1000)])
    assert decided(place(area, green(box(2000, 0, 2250, 1000)))).measured == pytest.approx(25.0)


def test_green_on_roofs_and_walls_is_no_ground() -> None:
    """30 ha on the ground, 20 on roofs and walls, 5 of unknown kind: 35 %."""
    rows = green(
        box(0, 0, 1000, 300), box(0, 300, 1000, 400), box(0, 400, 1000, 500), box(0, 500, 1000, 550),
        kind=["附属绿地", "屋顶绿化", "垂直绿化", None],
    )  # fmt: skip
    finding = decided(place(AREA, rows))
    assert finding.measured == pytest.approx(35.0)
    assert "not-ground" in codes(finding)


def test_without_attached_green_a_note_says_so() -> None:
    shapes = (box(0, 0, 1000, 300), box(0, 500, 1000, 600))
    assert "no-attached" in codes(decided(place(AREA, green(*shapes, kind=["公园绿地", "防护绿地"]))))
    assert "no-attached" not in codes(decided(place(AREA, green(*shapes, kind=["公园绿地", "附属绿地"]))))
    assert "no-attached" not in codes(decided(place(AREA, green(*shapes, kind=["公园绿地", None]))))
    assert "no-attached" not in codes(decided(place(AREA, green(*shapes))))


@pytest.mark.parametrize(
    ("sure_north", "as_of", "verdict"),
    [(400, 2030, Verdict.PASS), (350, 2030, Verdict.UNDETERMINED), (200, 2030, Verdict.FAIL)],
)
def test_a_broken_shape_may_be_as_large_as_its_envelope(sure_north: float, as_of: int, verdict: Verdict) -> None:
    """An envelope of 10 ha, half of it over green that is sure: up to 5 % more."""
    rows = green(box(0, 0, 1000, sure_north), box(0, sure_north - 50, 1000, sure_north + 50), sound=[True, False])
    finding = decided(place(AREA, rows), as_of=as_of)
    assert ends(finding) == (pytest.approx(sure_north / 10), pytest.approx(sure_north / 10 + 5))
    assert (finding.measured, finding.verdict) == (None, verdict)


def test_green_without_a_shape_or_that_may_not_exist_leaves_it_open() -> None:
    """30 % and a lost one: up to all; 30 % and 10 % that may exist: 30 to 40; a doubtful one outside says nothing."""
    lost = decided(place(AREA, green(box(0, 0, 1000, 300), None, sound=[True, False])))
    assert ends(lost) == (pytest.approx(30), pytest.approx(100))
    maybe = green(box(0, 0, 1000, 300), box(0, 300, 1000, 400), certain=[True, False])
    assert ends(decided(place(AREA, maybe))) == (pytest.approx(30), pytest.approx(40))
    away = green(box(0, 0, 1000, 300), box(5000, 0, 6000, 300), sound=[True, False])
    assert decided(place(AREA, away)).measured == pytest.approx(30)


def test_parks_that_the_layer_lacks_do_not_count_and_a_note_tells_where_they_would() -> None:
    """32 % of green, 8 % of parks beside it: 32 fails 36, 40 would not."""
    rows, park = green(box(0, 0, 1000, 320)), box(0, 320, 1000, 400)
    for parks in (layer("parks", [park]), layer("parcels", [park], land_use=["park"])):
        finding = decided(place(AREA, rows, parks))
        assert (finding.verdict, finding.measured) == (Verdict.FAIL, pytest.approx(32))
        assert "40" in next(note.zh for note in finding.notes if note.code == "would-flip")
    assert "would-flip" not in codes(decided(place(AREA, rows, layer("parks", [box(0, 0, 500, 320)]))))


def parcels(*rows: tuple[object, str | None, float | None], doubt: tuple[int, ...] = (), **more: object) -> TableLayer:
    """Parcels of (shape, class, green ratio)."""
    shapes, uses, ratios = (list(column) for column in zip(*rows, strict=True))
    found = layer("parcels", shapes, land_use=uses, green_ratio=ratios, **more)
    return replace(found, table=found.table.assign(land_use_doubt=[row in doubt for row in range(len(rows))]))


def test_parcels_count_by_their_green_ratio_where_there_are_no_green_spaces() -> None:
    """60 ha at 35 %, 20 ha of parks and protective green (whole where blank), 20 ha of water: 21 + 20 = 41 %."""
    rows = parcels(
        (box(0, 0, 1000, 600), "residential", 0.35),
        (box(0, 600, 1000, 700), "park", None),
        (box(0, 700, 1000, 800), "protective-green", None),
        (box(0, 800, 1000, 1000), "water", None),
    )
    finding = decided(place(AREA, rows), as_of=2030)
    assert (finding.verdict, finding.measured) == (Verdict.PASS, pytest.approx(41.0))
    assert finding.bounds is None
    assert finding.notes[0].code == "from-parcels"


def test_a_blank_ratio_and_ground_without_a_parcel_may_be_green_or_not() -> None:
    """40 ha at 50 %; 20 ha blank; 40 ha of streets: 20 to 80 %. Without the blank one 20, between 20 and 60."""
    known = (box(0, 0, 1000, 400), "residential", 0.5)
    finding = decided(place(AREA, parcels(known, (box(0, 400, 1000, 600), "industrial", None))))
    assert (finding.measured, ends(finding)) == (None, (pytest.approx(20), pytest.approx(80)))
    assert finding.verdict is Verdict.UNDETERMINED
    bare = decided(place(AREA, parcels((box(0, 0, 1000, 400), "residential", 0.5))))
    assert (bare.measured, ends(bare)) == (pytest.approx(20), (pytest.approx(20), pytest.approx(80)))
    enough = decided(place(AREA, parcels((box(0, 0, 1000, 900), "residential", 0.5))), as_of=2030)
    assert (enough.verdict, ends(enough)) == (Verdict.PASS, (pytest.approx(45), pytest.approx(55)))
    short = decided(place(AREA, parcels((box(0, 0, 1000, 900), "residential", 0.2))))
    assert (short.verdict, ends(short)) == (Verdict.FAIL, (pytest.approx(18), pytest.approx(28)))


def test_a_class_wider_than_green_helps_no_pass() -> None:
    """A blank ratio of 0810, which has plazas among its green: 0 to 40 of 100 ha."""
    rows = parcels((box(0, 0, 1000, 400), "green", None), (box(0, 400, 1000, 1000), "industrial", 0.0), doubt=(0,))
    finding = decided(place(AREA, rows))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (0, pytest.approx(40)))


def test_parcels_that_overlap_count_between_the_barer_and_the_greener() -> None:
    """All at 30 %, and 50 ha of it again at 50 %: 30 to 40 %."""
    rows = parcels((box(0, 0, 1000, 1000), "residential", 0.3), (box(0, 0, 1000, 500), "residential", 0.5))
    finding = decided(place(AREA, rows))
    assert (finding.verdict, ends(finding)) == (Verdict.UNDETERMINED, (pytest.approx(30), pytest.approx(40)))
    same = (box(0, 0, 1000, 1000), "residential", 0.3)
    assert decided(place(AREA, parcels(same, same))).measured == pytest.approx(30)


def test_parks_alone_are_undetermined() -> None:
    """Parcels without a green ratio; and green spaces declared not to exist, though there are parks."""
    bare = layer("parcels", [box(0, 0, 1000, 400)], land_use=["park"])
    finding = decided(place(AREA, bare))
    assert finding.verdict is Verdict.UNDETERMINED
    alone = decided(place(AREA, layer("parks", [box(0, 0, 1000, 200)]), none=["green_spaces"]))
    assert (alone.verdict, alone.measured, ends(alone)) == (
        Verdict.UNDETERMINED, None, (pytest.approx(20), pytest.approx(100))
    )  # fmt: skip


def test_none_is_nothing_and_what_is_missing_is_unknown() -> None:
    none = decided(place(AREA, none=["green_spaces"]))
    assert (none.verdict, none.measured) == (Verdict.FAIL, 0)
    assert decided(place(AREA, green())).measured == 0
    assert decided(place(AREA)).verdict is Verdict.UNDETERMINED
    assert decided(place(green(box(0, 0, 1000, 400)))).verdict is Verdict.UNDETERMINED
    broken = layer("built_up_area", [box(0, 0, 1000, 1000)], sound=[False])
    assert decided(place(broken, green(box(0, 0, 1000, 400)))).verdict is Verdict.UNDETERMINED
    fault = {"green_spaces": (Words("broken", "图层损坏", "broken"),)}
    rows = parcels((box(0, 0, 1000, 1000), "residential", 0.5))
    assert decided(place(AREA, rows, faults=fault)).verdict is Verdict.UNDETERMINED
    village = place(AREA, green(box(0, 0, 1000, 400)), kinds=[Kind.VILLAGE])
    assert decided(village).verdict is Verdict.NOT_APPLICABLE


def test_neither_order_nor_place_matters() -> None:
    """20 + 10 + 5 ha, 5 of them twice: 30 %."""
    shapes = [box(0, 0, 1000, 200), box(0, 150, 1000, 250), box(0, 900, 500, 1000)]
    random = np.random.default_rng(4)
    for degrees in (0, 15, 60):
        turned = [rotate(shapes[row], degrees, origin=(500_000, 3_950_000)) for row in random.permutation(3)]
        area = layer("built_up_area", [rotate(box(0, 0, 1000, 1000), degrees, origin=(500_000, 3_950_000))])
        assert decided(place(area, green(*turned))).measured == pytest.approx(30.0, rel=1e-9)


def test_the_map_shows_green_as_far_as_it_lies_inside() -> None:
    rows = green(
        box(0, 0, 1000, 300), box(900, 300, 1100, 800), box(0, 900, 100, 1000), kind=["附属绿地", "G1", "屋顶绿化"]
    )
    measurement = decided(place(AREA, rows)).measurement
    assert measurement is not None
    outline, drawn = measurement.evidence
    assert outline.frame["kind"].tolist() == ["area"]
    assert drawn.frame["kind"].tolist() == ["not-ground", "green", "green"]
    assert drawn.frame["area_m2"].tolist() == pytest.approx([10_000, 300_000, 50_000])
    assert set(drawn.frame["kind"]) == set(drawn.legend)
    empty = decided(place(AREA, green())).measurement
    assert empty is not None
    assert len(empty.evidence) == 1
