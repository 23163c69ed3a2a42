"""Where new parks would bring homes within reach: a place that is enough, and what it serves to the square metre."""

import math

import pytest

from places import box, layer, place
from urbanform.checks import find_check
from urbanform.checks.park_service_coverage import Params
from urbanform.model.finding import Verdict, judge
from urbanform.model.remedy import Remedy
from urbanform.model.rules import Limit, Op, Rule, Severity, Source, Title, Unit
from urbanform.remedies import find_remedy
from urbanform.site import Site


def cured(limit: float, *homes: tuple[float, float], params: Params | None = None) -> Remedy | None:
    """Homes of 100 × 100 m by their lower left corners in a town of 10 × 10 km; one park of 1 ha in its corner."""
    site = Site(
        place(
            layer("built_up_area", [box(0, 0, 10_000, 10_000)]),
            layer("parcels", [box(x, y, x + 100, y + 100) for x, y in homes], land_use=["residential"] * len(homes)),
            layer("parks", [box(0, 0, 100, 100)]),
        )
    )
    rule = Rule(
        "park-service-coverage", "park-service-coverage", Title("则", "r"), Severity.TARGET, Source("文", "号", "一"),
        limits=(Limit(Op.AT_LEAST, limit, Unit.PERCENT),), params=params or Params(), scope="built_up_area",
    )  # fmt: skip
    measurement = find_check("park-service-coverage").measure(site, "built_up_area", rule.params)
    finding = judge(rule, measurement, 2026)
    if finding.verdict is not Verdict.FAIL:
        return None
    cure = find_remedy("park-service-coverage")
    assert cure is not None
    return cure(finding, site)


def test_one_park_between_three_homes_is_enough() -> None:
    """Four homes of 1 ha, one beside the park: 25 %. At 100 % wanted, 3 ha are short.

    The three others lie within 300 m of one another 5 km away: one park of either class at the middle one serves all.
    """
    remedy = cured(100, (150, 0), (5000, 5000), (5150, 5000), (5300, 5000))
    assert remedy is not None
    assert [said.zh for said in remedy.said] == [
        "还须让 3 公顷居住用地进入公园服务半径",
        "例如在图上 1 处各增一个 5000 平方米的公园（服务半径 500 米），可新覆盖 3 公顷，即可达到",
        "例如在图上 1 处各增一个 2000 平方米的公园（服务半径 300 米），可新覆盖 3 公顷，即可达到",
    ]
    (shapes,) = remedy.shapes
    assert list(shapes.frame["kind"]) == ["remedy-5000", "remedy-2000"]
    assert set(shapes.frame["kind"]) == set(shapes.legend)
    assert shapes.frame["served_ha"].tolist() == pytest.approx([3.0, 3.0])
    # A square of 5,000 m² with 500 m round it: A + 4·s·r + π·r² (16 segments a quarter lose 0.2 % of the disc).
    assert shapes.frame.area.iloc[0] == pytest.approx(5000 + 4 * math.sqrt(5000) * 500 + math.pi * 500**2, rel=2e-3)


def test_no_more_places_than_the_limit_wants() -> None:
    """Five homes, one in reach: 20 %. At 60 % wanted two more; each of four lies alone, so two places do."""
    remedy = cured(60, (150, 0), (3000, 0), (6000, 0), (3000, 6000), (6000, 6000))
    assert remedy is not None
    assert "例如在图上 2 处" in remedy.said[1].zh
    assert len(remedy.shapes[0].frame) == 4


def test_ten_places_that_are_not_enough_say_so() -> None:
    homes = [(1000.0 * x, 1000.0 * y) for x in range(1, 5) for y in range(1, 5)]
    remedy = cured(100, *homes)
    assert remedy is not None
    assert remedy.said[1].zh.startswith("在图上最有效的 10 处")
    assert "可新覆盖 10 公顷，尚不足" in remedy.said[1].zh


def test_the_classes_of_a_rules_own_list_are_used() -> None:
    remedy = cured(100, (5000, 5000), params=Params(service=[{"min_area_m2": 1000, "radius_m": 200}]))
    assert remedy is not None
    assert [said.zh for said in remedy.said[1:]] == [
        "例如在图上 1 处各增一个 1000 平方米的公园（服务半径 200 米），可新覆盖 1 公顷，即可达到"
    ]


def test_where_all_is_served_there_is_nothing_to_cure() -> None:
    assert cured(100, (150, 0)) is None
