"""Which field stands for what, and what is told instead of chosen."""

import pandas as pd
import pytest

from urbanform.intake.fields import FieldMatch, Language, match_fields
from urbanform.model.roles import ROLES


def match(role: str, *names: str, **samples: list[object]) -> FieldMatch:
    columns = {name: pd.Series(values, dtype=object) for name, values in samples.items()}
    return match_fields(ROLES[role], [*names, *(name for name in columns if name not in names)], columns)


@pytest.mark.parametrize(
    ("role", "name", "canonical"),
    [
        ("roads", "DLMC", "name"), ("parcels", "DLMC", "land_use"), ("parcels", "DLDM", "land_use"),
        ("roads", "KD", "pavement_width"), ("roads", "DLKD", "pavement_width"), ("roads", "HXKD", "red_line_width"),
        ("roads", "红线宽度", "red_line_width"), ("roads", "highway", "class"), ("roads", "GHZT", "status"),
        ("buildings", "JZGD", "height"), ("height_zones", "JZGD", "height_limit"), ("buildings", "层数", "storeys"),
        ("buildings", "cs", "storeys"), ("buildings", "ＣＳ", "storeys"), ("buildings", " CS ", "storeys"),
        ("buildings", "building:levels", "storeys"), ("buildings", "Year_Built", "year_built"),
        ("buildings", "改造方式", "action"), ("buildings", "违法建筑", "illegal"), ("buildings", "BLJZ", "repairable"),
        ("clusters", "常住人口（万人）", "population"), ("clusters", "RK_万人", "population"),
        ("parcels", "用地用海分类代码", "land_use"), ("parcels", "LDL", "green_ratio"), ("parcels", "YDXZ", "land_use"),
        ("communities", "完整社区达标", "complete"), ("renewal_units", "片区类型", "district_kind"),
        ("hazard_zones", "灾害类型", "kind"), ("facilities", "设施类型", "kind"), ("surfaces", "是否透水", "permeable"),
        ("roads", "规划道路红", "red_line_width"), ("roads", "道路等", "class"), ("buildings", "建筑高", "height"),
        ("buildings", "building_h", "height"), ("parcels", "用地性", "land_use"), ("roads", "class", "class"),
    ],
)  # fmt: skip
def test_names_that_bureaus_write(role: str, name: str, canonical: str) -> None:
    assert match(role, name).sources == {canonical: name}


@pytest.mark.parametrize("role", ROLES)
def test_every_canonical_name_stands_for_itself(role: str) -> None:
    names = list(ROLES[role].fields)
    found = match(role, *names)
    assert found.sources == {name: name for name in names}
    assert all(item.alias.language is Language.CANONICAL for item in found.fields.values())
    assert found.ambiguities == ()


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("roads", "DLDM"),
        ("clusters", "户籍人口"),
        ("buildings", "JDMJ"),
        ("buildings", "DXJZMJ"),
        ("buildings", "Shape_Area"),
    ],
)
def test_names_that_stand_for_something_else(role: str, name: str) -> None:
    found = match(role, name)
    assert (found.sources, found.ambiguities, found.suggestions, found.unused) == ({}, (), (), (name,))


@pytest.mark.parametrize(
    ("role", "names", "canonical", "source"),
    [
        ("buildings", ["JZMJ", "DSJZMJ"], "floor_area", "DSJZMJ"),
        ("buildings", ["ZCS", "地上层数"], "storeys", "地上层数"),
        ("buildings", ["CS", "storeys"], "storeys", "storeys"),
        ("clusters", ["RK", "CZRK", "HJRK"], "population", "CZRK"),
        ("parcels", ["用地性质", "用地代码"], "land_use", "用地代码"),
        ("buildings", ["BSM", "MC", "NAME"], "name", "NAME"),
        ("roads", ["KD", "LMKD"], "pavement_width", "LMKD"),
    ],
)
def test_the_name_that_says_more_goes_first(role: str, names: list[str], canonical: str, source: str) -> None:
    assert match(role, *names).sources[canonical] == source


def test_the_alias_and_its_language_are_told() -> None:
    found = match("buildings", "层数", "JZGD", "usage").fields
    assert {name: item.alias.language for name, item in found.items()} == {
        "storeys": Language.ZH,
        "height": Language.PINYIN,
        "use": Language.EN,
    }
    assert found["height"].alias.alias == "JZGD"


def test_two_fields_that_could_be_the_population_are_told() -> None:
    found = match("clusters", **{"总人口": [1, 2], "RK": [3, 4]})
    assert found.sources == {}
    assert [(item.sources, item.canonicals) for item in found.ambiguities] == [(("总人口", "RK"), ("population",))]
    assert "fields: {population: 总人口}" in found.ambiguities[0].message.zh
    assert match("clusters", "总人口", "RK").ambiguities != ()


def test_fields_that_hold_the_same_count_as_one() -> None:
    assert match("clusters", **{"总人口": [1, 2], "RK": [1, 2]}).sources == {"population": "总人口"}


def test_an_empty_field_steps_back() -> None:
    assert match("buildings", DSJZMJ=[None, None], JZMJ=[100, 200]).sources == {"floor_area": "JZMJ"}


def test_a_name_of_two_meanings_is_never_guessed() -> None:
    found = match("buildings", SFWF=["是", "否"])
    assert found.sources == {}
    assert found.ambiguities[0].canonicals == ("illegal", "dangerous")
    assert "fields: {dangerous: SFWF}" in found.ambiguities[0].message.zh
    assert match("communities", SFDB=["是"]).ambiguities[0].canonicals == ("complete", "green")


def test_values_may_settle_what_a_name_means() -> None:
    """Grades A to D are given to unsafe houses, not to unlawful ones."""
    assert match("buildings", SFWF=["D级", "A级"]).sources == {"dangerous": "SFWF"}


def test_an_area_of_buildings_may_be_footprint() -> None:
    found = match("buildings", "MJ")
    assert found.sources == {}
    assert found.ambiguities[0].canonicals == ("floor_area", "footprint_area")
    assert match("buildings", "MJ", "JZMJ").ambiguities == ()


def test_weak_names_need_the_word_of_their_values() -> None:
    assert match("roads", type=["primary", "tertiary"]).sources == {"class": "type"}
    assert match("roads", type=["asphalt", "gravel"]).sources == {}
    assert match("roads", "type").sources == {}
    assert match("parcels", type=["R2", "B1", "G1"]).sources == {"land_use": "type"}
    assert match("roads", fclass=["primary"], type=["secondary"]).sources == {"class": "fclass"}


def test_values_may_deny_a_name_that_was_cut() -> None:
    assert match("roads", **{"规划道": ["40", "24m"]}).sources == {"red_line_width": "规划道"}
    assert match("roads", **{"规划道": ["人民路", "中山路"]}).sources == {}


def test_codes_and_names_of_land_use_go_together() -> None:
    found = match("parcels", "YDYHFLDM", "YDYHFLMC", "DLMC")
    assert (found.sources, found.besides["land_use_name"].source) == ({"land_use": "YDYHFLDM"}, "YDYHFLMC")
    found = match("parcels", "DLBM", "DLMC", "YDXZ")
    assert (found.sources, found.besides["land_use_name"].source) == ({"land_use": "DLBM"}, "DLMC")
    assert match("parcels", "DLBM", "YDXZ").besides == {}


def test_existing_and_planned_codes_are_not_chosen_between() -> None:
    found = match("parcels", GHDLBM=["0701"], JQDLBM=["0601"], DLMC=["城镇住宅用地"])
    assert "land_use" not in found.sources
    assert found.ambiguities[0].sources == ("GHDLBM", "JQDLBM")


def test_flags_behind_an_action() -> None:
    found = match("buildings", "SFCC", "是否新建")
    assert {name: item.source for name, item in found.besides.items()} == {
        "demolish_flag": "SFCC",
        "new_flag": "是否新建",
    }
    assert found.sources == {}


def test_likeness_is_suggested_and_not_used() -> None:
    found = match("buildings", "住宅层数量", "heigth", "xyz")
    assert found.sources == {}
    assert found.unused == ("住宅层数量", "heigth", "xyz")
    assert len(found.suggestions) == 2
    assert "fields: {storeys: 住宅层数量}" in found.suggestions[0].zh
    assert "fields: {height: heigth}" in found.suggestions[1].en


def test_row_numbers_are_no_ids() -> None:
    found = match("roads", "OBJECTID", "BSM", "Shape_Leng")
    assert (found.sources, found.row_numbers, found.unused) == ({"id": "BSM"}, ("OBJECTID",), ("Shape_Leng",))


def test_no_fields() -> None:
    found = match("roads")
    assert (found.sources, found.unused, found.ambiguities) == ({}, (), ())
