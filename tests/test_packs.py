"""Every cell of the plans: figure, year, weight, whom it binds, where, and the document and clause that say so."""

import csv
from pathlib import Path

import pytest

from urbanform.checks import check_names
from urbanform.intake.rule_packs import pack_ids, read_rule_pack
from urbanform.model.rules import Limit, Place, Rule

with (Path(__file__).parent / "plans.csv").open(encoding="utf-8", newline="") as plans:
    CELLS = list(csv.DictReader(plans))

EXEMPTIONS = {
    "henan": ("illegal", "dangerous"),
    "hebi": ("illegal", "dangerous"),
    "liangshan": ("illegal", "dangerous", "fire-hazard"),
    "jiaozuo": (),
    "heilongjiang": ("illegal", "dangerous"),
}


def requirement(limits: tuple[Limit, ...]) -> str:
    """Limits as the table writes them: ``>= 40 @2025 >= 45 @2030``."""
    told = []
    for limit in limits:
        ends = limit.value if isinstance(limit.value, tuple) else (limit.value,)
        told.append(f"{limit.op} {'–'.join(f'{end:g}' for end in ends)}" + (f" @{limit.due}" if limit.due else ""))
    return " ".join(told)


def pairs(of: dict[str, object]) -> str:
    """Keys that are set, as the table writes them: ``city_level=prefecture/municipality``."""
    told = {
        key: "/".join(str(item) for item in value) if isinstance(value, (tuple, list)) else str(value)
        for key, value in of.items()
        if value not in ((), None)
    }
    return " ".join(f"{key}={value}" for key, value in told.items())


def cell(plan: str, rule: Rule) -> dict[str, str]:
    """A rule as a row of the table."""
    applies = rule.applies_when
    keys = ("place", "city_level", "main_function", "solar_rich")
    return {
        "plan": plan,
        "rule": rule.id,
        "requirement": requirement(rule.limits),
        "unit": str(rule.limits[0].unit) if rule.limits else "",
        "severity": str(rule.severity),
        "binds": "/".join(rule.binds),
        "scope": rule.scope or "",
        "document": rule.source.number or "",
        "clause": rule.source.clause,
        "applies_when": pairs({key: getattr(applies, key) for key in keys}),
        "subjects_when": pairs(dict(rule.subjects_when)),
        "params": pairs(rule.params.model_dump(mode="json", exclude_defaults=True)),
    }


@pytest.mark.parametrize("row", CELLS, ids=lambda row: f"{row['plan']}-{row['rule']}")
def test_a_cell(row: dict[str, str]) -> None:
    assert cell(row["plan"], read_rule_pack(row["plan"]).rule(row["rule"])) == row


def test_what_a_plan_does_not_ask_is_no_rule() -> None:
    for plan in {row["plan"] for row in CELLS}:
        asked = sorted(row["rule"] for row in CELLS if row["plan"] == plan)
        assert sorted(rule.id for rule in read_rule_pack(plan).rules) == asked


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


def test_every_check_is_asked_by_a_plan_and_every_rule_is_measured() -> None:
    assert {row["rule"] for row in CELLS} == set(check_names())
    for pack in pack_ids():
        assert {rule.id for rule in read_rule_pack(pack).rules} <= set(check_names())
