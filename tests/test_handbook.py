"""The handbook of a pack: every rule under its clause, with what is asked in words."""

import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from urbanform.cli import app
from urbanform.handbook import WORDS, Entry, handbook
from urbanform.intake.rule_packs import pack_ids, read_rule_pack

PACK = """
id: town
title: {zh: 镇, en: Town}
document: {number: 镇〔2024〕1号, issued: 2024-01-02, level: city}
rules:
  - id: density
    check: road-network-density
    title: {zh: 路网密度, en: Road density}
    binds: [city]
    scope: main_urban_area
    limit: {op: ">", value: 8, unit: km/km2}
    severity: mandatory
    source: {clause: 一}
  - id: seat
    check: county-floor-area-land-ratio
    title: {zh: 容积, en: Ratio}
    binds: [county-seat]
    limits:
      - {op: between, value: [0.6, 0.8], unit: "1", due: 2025}
    severity: target
    applies_when: {main_function: [ecological], place: [浚县, 淇县], solar_rich: true}
    source: {clause: 二, document: 意见, number: 建〔2021〕45号}
  - id: clusters
    check: demolition-share
    title: {zh: 拆除, en: Demolition}
    binds: [renewal]
    severity: advisory
    params: {exemptions: [illegal]}
    subjects_when: {district_kind: [old-town]}
    source: {clause: 一}
"""


def say(entry: Entry, language: str = "zh") -> dict[str, str]:
    """What each fact is about and what it says."""
    mark = "：" if language == "zh" else ": "
    pairs = (getattr(fact, language).partition(mark) for fact in entry.facts)
    return {about: told for about, _, told in pairs}


@pytest.fixture
def entries(tmp_path: Path) -> dict[str, Entry]:
    path = tmp_path / "town.yaml"
    path.write_text(PACK, encoding="utf-8")
    return {entry.rule: entry for section in handbook(read_rule_pack(str(path))) for entry in section.entries}


def test_clauses_hold_their_rules_in_the_order_of_the_pack(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(PACK, encoding="utf-8")
    sections = handbook(read_rule_pack(str(path)))
    assert [section.heading.zh for section in sections] == ["一", "建〔2021〕45号 二"]
    assert [[entry.rule for entry in section.entries] for section in sections] == [["density", "clusters"], ["seat"]]


def test_a_requirement_in_words(entries: dict[str, Entry]) -> None:
    assert say(entries["density"])["要求"] == "大于 8 公里/平方公里"
    assert say(entries["density"], "en")["Requirement"] == "more than 8 km/km²"
    assert say(entries["seat"])["要求"] == "2025 年：0.6 至 0.8"
    assert say(entries["clusters"])["要求"] == "方案未定数值，仅监测"


def test_who_is_bound_and_where(entries: dict[str, Entry]) -> None:
    assert say(entries["density"])["适用"] == "城市"
    assert "地点" not in say(entries["density"])
    assert say(entries["density"])["评价范围"] == "主城区 main_urban_area；没有时以 建成区 built_up_area 代替"
    assert say(entries["seat"])["地点"] == "浚县、淇县；位于生态功能区的县城；太阳能资源丰富地区"
    assert say(entries["clusters"])["对象"] == "只约束 district_kind = old-town 的对象"
    assert say(entries["clusters"])["参数"] == "exemptions = illegal"


def test_what_data_it_takes(entries: dict[str, Entry]) -> None:
    assert say(entries["density"])["必需"] == "评价范围；道路中心线 roads（class）"
    assert say(entries["clusters"], "en")["Needs"] == "renewal_units; buildings (action)"


def test_how_it_is_measured_is_filled_from_the_params(entries: dict[str, Entry]) -> None:
    assert "沿边界 5 米内" in say(entries["density"])["量算"]
    assert say(entries["density"], "en")["Measured"].startswith("The centreline length of the counted road classes")


@pytest.mark.parametrize("name", pack_ids())
def test_every_rule_of_every_pack_stands_once(name: str) -> None:
    pack = read_rule_pack(name)
    found = [entry for section in handbook(pack) for entry in section.entries]
    assert sorted(entry.rule for entry in found) == sorted(rule.id for rule in pack.rules)
    for entry in found:
        told = say(entry)
        assert {"要求", "约束力", "量算", "必需", "依据"} <= told.keys(), entry.rule
        for fact in entry.facts:
            assert "{" not in fact.zh + fact.en, fact
            assert "``" not in fact.zh + fact.en, fact
        rule = pack.rule(entry.rule)
        assert rule.source.clause in told["依据"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_prints_within_140_columns(language: str) -> None:
    done = CliRunner().invoke(app, ["rules", "show", "hebi", "--lang", language])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert max(map(width, lines)) <= 140
    pack = read_rule_pack("hebi")
    for rule in pack.rules:
        assert any(rule.id in line for line in lines), rule.id
    assert any("8 公里/平方公里" in line or "8 km/km²" in line for line in lines)


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def test_both_languages_are_there() -> None:
    for code, (chinese, english) in WORDS.items():
        assert chinese, code
        assert english, code
