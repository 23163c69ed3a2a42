"""What a corridor in breach lacks at its narrowest place, and the stretches of its path under the limit."""

import pytest
from shapely import MultiPolygon

from places import box, layer, place
from urbanform.checks import find_check
from urbanform.checks.corridor_net_width import Params
from urbanform.model.finding import Verdict, judge
from urbanform.model.remedy import Remedy
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.model.submission import TableLayer
from urbanform.remedies import find_remedy
from urbanform.site import Site


def cured(limit_m: float, *layers: TableLayer) -> Remedy | None:
    """The remedy of a breach of a limit; None where there is no breach."""
    site = Site(place(*layers))
    rule = Rule(
        "corridor-net-width", "corridor-net-width", Title("净宽", "width"), Severity.MANDATORY,
        Source("文", "号", "一"), limits=(Limit(Op.AT_LEAST, limit_m, Unit.METRE),), params=Params(),
    )  # fmt: skip
    finding = judge(rule, find_check("corridor-net-width").measure(site, None, rule.params), 2026)
    if finding.verdict is not Verdict.FAIL:
        return None
    cure = find_remedy("corridor-net-width")
    assert cure is not None
    return cure(finding, site)


def test_a_block_in_a_band_lacks_so_many_metres_over_about_its_own_length() -> None:
    """A band of 120 m, and along its edge a block of 400 × 60 m: 60 m are left, 40 m short of 100 m.

    Beside the block the path is 60 m wide. From the block's corner on the two sides are corner and far bank, and their
    distances add up to 100 m where the path, on the parabola about the corner, lies √(100² − 60²) ≈ 80 m off at most;
    so between 400 and 560 m of path lie under the limit.
    """
    remedy = cured(100, layer("corridors", [box(0, 0, 3000, 120)], name=["西廊"]),
                   layer("buildings", [box(1300, 0, 1700, 60)]))  # fmt: skip
    assert remedy is not None
    assert remedy.said[0].zh == "西廊：最窄处净宽 60 米，还差 40 米"
    assert remedy.said[1].code == "remedy-length"
    (shapes,) = remedy.shapes
    assert set(shapes.frame["kind"]) == set(shapes.legend)
    assert 400 <= shapes.frame.length.sum() <= 560
    (stretch,) = shapes.frame.geometry
    block = box(1300, 0, 1700, 60)
    assert stretch.centroid.x == pytest.approx(block.centroid.x, abs=5)
    assert f"{shapes.frame.length.sum():.1f} 米净宽不足 100 米" in remedy.said[1].zh


def test_a_corridor_in_pieces_must_be_joined_first() -> None:
    """Two parts of one feature 30 m apart: the width is 0, and there is no path to measure."""
    parts = MultiPolygon([box(0, 0, 1000, 120), box(1030, 0, 2000, 120)])
    remedy = cured(100, layer("corridors", [parts], id=["南"]))
    assert remedy is not None
    assert [said.code for said in remedy.said] == ["remedy-join"]
    assert remedy.shapes == ()


def test_what_is_not_certain_gives_a_lack_between_two_figures() -> None:
    """A band of 90 m with land of unknown use over 30 m of it: 60 to 90 m wide, so 10 to 40 m short."""
    unknown = layer("parcels", [box(500, 0, 600, 30)], land_use=[None])
    remedy = cured(100, layer("corridors", [box(0, 0, 2000, 90)], id=["北"]), unknown)
    assert remedy is not None
    assert remedy.said[0].code == "remedy-widen-open"
    assert "60 至 90 米，还差 10 至 40 米" in remedy.said[0].zh


def test_five_corridors_are_told_and_the_rest_counted() -> None:
    remedy = cured(100, layer("corridors", [box(0, y, 1000, y + 60) for y in range(0, 7000, 1000)]))
    assert remedy is not None
    assert [said.code for said in remedy.said].count("remedy-widen") == 5
    assert remedy.said[-1].zh == "另有 2 条廊道不足，见逐个对象表"


def test_a_corridor_wide_enough_needs_nothing() -> None:
    assert cured(100, layer("corridors", [box(0, 0, 1000, 100)])) is None
