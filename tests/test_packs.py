"""Every cell of the plans whose check stands: operator, figure, year, weight, document, clause and whom it binds."""

import pytest

from urbanform.checks import check_names
from urbanform.intake.rule_packs import pack_ids, read_rule_pack
from urbanform.model.rules import Place

HENAN, HEBI, JIAOZUO = "豫建科〔2023〕29号", "鹤建综〔2023〕61号", "焦建规定〔2023〕3号"
HEILONGJIANG, N45, N63 = "黑建科〔2022〕11号", "建村〔2021〕45号", "建科〔2021〕63号"

CELLS = [
    ("henan", "cluster-population-density", [("<=", 10000, None)], "principle", "city", HENAN, "二（一）1"),
    ("henan", "corridor-net-width", [(">=", 100, None)], "mandatory", "city", HENAN, "二（一）1"),
    ("henan", "corridor-continuity", [("<=", 0, None)], "mandatory", "city", HENAN, "二（一）1"),
    ("henan", "road-network-density", [(">", 8, None)], "mandatory", "city", HENAN, "二（一）1"),
    ("henan", "demolition-share", [("<=", 20, None)], "principle", "renewal", HENAN, "二（一）4"),
    ("henan", "county-road-red-line", [("<=", 40, None)], "mandatory", "county-seat", HENAN, "三（一）"),
    ("henan", "county-plaza-hardscape", [("<=", 1, None)], "mandatory", "county-seat", HENAN, "三（一）"),
    ("hebi", "cluster-population-density", [("<=", 10000, None)], "principle", "city", HEBI, "二（一）1"),
    ("hebi", "corridor-net-width", [(">=", 100, None)], "mandatory", "city", HEBI, "二（一）1"),
    ("hebi", "corridor-continuity", [("<=", 0, None)], "mandatory", "city", HEBI, "二（一）1"),
    ("hebi", "road-network-density", [(">", 8, None)], "mandatory", "city", HEBI, "二（一）1"),
    ("hebi", "demolition-share", [("<=", 20, None)], "principle", "renewal", HEBI, "二（一）4"),
    ("hebi", "county-road-red-line", [("<=", 40, None)], "mandatory", "county-seat", HEBI, "三（一）"),
    ("hebi", "county-plaza-hardscape", [("<=", 1, None)], "mandatory", "county-seat", HEBI, "三（一）"),
    ("jiaozuo", "cluster-population-density", [("<=", 10000, None)], "principle", "city", JIAOZUO, "二（一）"),
    ("jiaozuo", "corridor-net-width", [(">=", 100, None)], "mandatory", "city", JIAOZUO, "二（一）"),
    ("jiaozuo", "corridor-continuity", [("<=", 0, None)], "mandatory", "city", JIAOZUO, "二（一）"),
    ("jiaozuo", "road-network-density", [(">", 8, None)], "mandatory", "city", JIAOZUO, "二（一）"),
    ("jiaozuo", "demolition-share", [("<=", 20, None)], "principle", "renewal", JIAOZUO, "二（四）1"),
    ("liangshan", "cluster-population-density", [], "advisory", "city", None, "（四）"),
    ("liangshan", "corridor-net-width", [(">=", 50, None)], "principle", "city", None, "（四）"),
    ("liangshan", "corridor-continuity", [("<=", 0, None)], "mandatory", "city", None, "（四）"),
    ("liangshan", "road-network-density", [(">=", 8, 2030)], "target", "city", None, "（五）"),
    ("liangshan", "demolition-share", [("<=", 20, None)], "principle", "renewal", None, "（七）"),
    ("liangshan", "county-road-red-line", [("<=", 40, None)], "mandatory", "county-seat", None, "（二十七）"),
    ("liangshan", "county-plaza-hardscape", [("<=", 2, None)], "mandatory", "county-seat", None, "（二十七）"),
    (
        "heilongjiang",
        "cluster-population-density",
        [("<=", 10000, None)],
        "principle",
        "city",
        HEILONGJIANG,
        "二（一）1",
    ),
    ("heilongjiang", "road-network-density", [(">", 8, None)], "mandatory", "city", HEILONGJIANG, "二（一）3"),
    ("heilongjiang", "demolition-share", [("<=", 20, None)], "principle", "renewal", N63, None),
    ("heilongjiang", "county-road-red-line", [("<=", 40, None)], "mandatory", "county-seat", N45, None),
    ("heilongjiang", "county-plaza-hardscape", [("<=", 2, None)], "mandatory", "county-seat", N45, None),
    ("henan", "cluster-peak-density", [("<=", 15000, None)], "mandatory", "city", HENAN, "二（一）1"),
    ("hebi", "cluster-peak-density", [("<=", 15000, None)], "mandatory", "city", HEBI, "二（一）1"),
    ("jiaozuo", "cluster-peak-density", [("<=", 15000, None)], "mandatory", "city", JIAOZUO, "二（一）"),
    ("heilongjiang", "cluster-peak-density", [("<=", 15000, None)], "mandatory", "city", HEILONGJIANG, "二（一）1"),
    ("henan", "demolition-in-heritage-zone", [("<=", 0, None)], "mandatory", "renewal", HENAN, "二（一）4"),
    ("henan", "permeable-surface-share", [(">=", 40, 2025), (">=", 45, 2030)], "target", "city", HENAN, "二（二）5"),
    ("hebi", "demolition-in-heritage-zone", [("<=", 0, None)], "mandatory", "renewal", HEBI, "二（一）4"),
    ("hebi", "permeable-surface-share", [(">=", 40, 2025), (">=", 45, 2030)], "target", "city", HEBI, "二（二）5"),
    ("heilongjiang", "demolition-in-heritage-zone", [("<=", 0, None)], "mandatory", "renewal", N63, None),
    ("jiaozuo", "permeable-surface-share", [(">=", 45, 2030)], "target", "city", JIAOZUO, "二（四）2"),
    ("liangshan", "permeable-surface-share", [(">=", 45, 2030)], "target", "city", None, "（十八）"),
    ("heilongjiang", "permeable-surface-share", [(">=", 45, 2030)], "target", "city", HEILONGJIANG, "二（五）3"),
    ("hebi", "park-service-coverage", [(">=", 99, 2025)], "target", "city", HEBI, "二（二）7"),
    ("henan", "park-service-coverage", [(">=", 82, 2025)], "target", "city", HENAN, "二（二）7"),
    ("jiaozuo", "park-service-coverage", [(">=", 82, 2025)], "target", "city", JIAOZUO, "二（四）3"),
    ("liangshan", "park-service-coverage", [], "advisory", "city", None, "（二十）"),
    ("heilongjiang", "park-service-coverage", [], "advisory", "city", HEILONGJIANG, "二（五）10"),
    ("henan", "green-300m-park-500m", [], "advisory", "city", HENAN, "二（二）7"),
    ("hebi", "green-300m-park-500m", [], "advisory", "city", HEBI, "二（二）7"),
]

ABSENT = [
    ("jiaozuo", "county-road-red-line"),
    ("jiaozuo", "county-plaza-hardscape"),
    ("jiaozuo", "demolition-in-heritage-zone"),
    ("liangshan", "demolition-in-heritage-zone"),
    ("liangshan", "cluster-peak-density"),
    ("heilongjiang", "corridor-net-width"),
    ("heilongjiang", "corridor-continuity"),
]

EXEMPTIONS = {
    "henan": ("illegal", "dangerous"),
    "hebi": ("illegal", "dangerous"),
    "liangshan": ("illegal", "dangerous", "fire-hazard"),
    "jiaozuo": (),
    "heilongjiang": ("illegal", "dangerous"),
}


@pytest.mark.parametrize(("pack", "rule", "limits", "severity", "kind", "document", "clause"), CELLS)
def test_a_cell(
    pack: str, rule: str, limits: list[object], severity: str, kind: str, document: str | None, clause: str | None
) -> None:
    found = read_rule_pack(pack).rule(rule)
    assert [(limit.op, limit.value, limit.due) for limit in found.limits] == limits
    assert (found.severity, [*found.binds], found.source.number) == (severity, [kind], document)
    assert clause is None or found.source.clause == clause


@pytest.mark.parametrize(("pack", "rule"), ABSENT)
def test_what_a_plan_does_not_ask_is_no_rule(pack: str, rule: str) -> None:
    assert rule not in [found.id for found in read_rule_pack(pack).rules]


@pytest.mark.parametrize(("pack", "grounds"), EXEMPTIONS.items())
def test_the_grounds_of_exemption_differ_by_plan(pack: str, grounds: tuple[str, ...]) -> None:
    assert read_rule_pack(pack).rule("demolition-share").params.exemptions == grounds


def test_jiaozuo_binds_units_of_the_old_town_only() -> None:
    assert read_rule_pack("jiaozuo").rule("demolition-share").subjects_when == {"district_kind": ("old-town",)}


def test_each_plan_has_its_place() -> None:
    places = {name: read_rule_pack(name).place for name in ("hebi", "jiaozuo", "liangshan", "heilongjiang", "henan")}
    assert Place(city="凉山州", county="会理市").within(places["liangshan"])
    assert not Place(city="焦作市").within(places["hebi"])
    assert Place(province="河南", city="焦作").within(places["jiaozuo"])
    assert not Place(province="四川省").within(places["heilongjiang"])


WITHOUT_A_CHECK = {
    "building-height-250m", "building-height-100m-clustering", "super-high-rise-control", "super-high-rise-residential",
    "height-control-zone", "demolition-rebuild-ratio", "demolition-in-service-life", "local-resettlement-rate",
    "built-up-green-ratio", "greenway-length-per-10k", "complete-community-coverage", "green-community-share",
    "fifteen-minute-circle", "county-population-density", "county-floor-area-land-ratio",
    "county-residential-max-storeys", "county-low-rise-share", "walking-network-continuity",
    "county-walking-network-continuity", "pv-coverage-public-new", "pv-coverage-factory-new",
    "pv-new-building-presence", "village-site-safety",
}  # fmt: skip
"""Clauses of the plans that are not measured yet; a check that is added takes its row out of here and into CELLS."""


def test_what_is_not_measured_yet_is_listed_and_claimed_by_no_pack() -> None:
    assert not WITHOUT_A_CHECK & set(check_names())
    assert {rule for _, rule, *_ in CELLS} == set(check_names())
    for pack in pack_ids():
        assert {rule.id for rule in read_rule_pack(pack).rules} <= set(check_names())
