"""Codes of six classifications, and the collisions between them."""

import numpy as np
import pandas as pd
import pytest

from urbanform.intake.land_use import LandUseReading, read_land_use
from urbanform.intake.land_use_systems import System, class_of, class_of_name
from urbanform.model.roles import LandUse


def read(codes: list[object], names: list[object] | None = None, field: str = "") -> LandUseReading:
    beside = None if names is None else pd.Series(names, dtype=object)
    return read_land_use(pd.Series(codes, dtype=object), beside, field)


def faults(reading: LandUseReading) -> list[str]:
    return [fault.code for fault in reading.faults]


@pytest.mark.parametrize(
    ("code", "land_and_sea", "survey"),
    [
        ("0701", "residential", "residential"), ("0702", "residential", "rural-residential"),
        ("0601", "rural-road", "industrial"), ("0901", "commercial", "special"), ("1001", "industrial", "transport"),
        ("1004", None, "road"), ("1101", "storage", "water"), ("1207", "road", "open-land"),
        ("1201", "transport", "other"), ("1401", "park", None), ("1403", "plaza", None), ("05H1", None, "commercial"),
        ("0810", None, "green"), ("0810A", None, "plaza"), ("070102", "residential", "residential"),
        ("16", "reserved", None), ("9999", None, None), ("0140", None, None),
    ],
)  # fmt: skip
def test_the_field_decides_what_digits_mean(code: str, land_and_sea: str | None, survey: str | None) -> None:
    assert (class_of(System.LAND_AND_SEA, code) or (None,))[0] == land_and_sea
    assert (class_of(System.LAND_SURVEY, code) or (None,))[0] == survey
    if land_and_sea is not None:
        assert read([code], field="YDYHFLDM").classes.tolist() == [land_and_sea]
    if survey is not None:
        assert read([code], field="DLBM").classes.tolist() == [survey]


@pytest.mark.parametrize(
    ("system", "code", "use"),
    [
        (System.GB50137, "R21", "residential"), (System.GB50137, "A33", "public"), (System.GB50137, "A7", "special"),
        (System.GB50137, "S1", "road"), (System.GB50137, "S2", "transport"), (System.GB50137, "S42", "transport"),
        (System.GB50137, "G1", "park"), (System.GB50137, "G2", "protective-green"), (System.GB50137, "G3", "plaza"),
        (System.GB50137, "H22", "highway"), (System.GB50137, "E1", "water"), (System.GB50137, "R9", None),
        (System.GBJ137, "S2", "plaza"), (System.GBJ137, "C2", "commercial"), (System.GBJ137, "T2", "highway"),
        (System.GBJ137, "D1", "special"), (System.GBJ137, "A1", None), (System.CJJ85, "G3", "plaza"),
        (System.CJJ85_OLD, "G3", "protective-green"), (System.CJJ85, "RG", "attached-green"),
        (System.CJJ85_OLD, "G4", "attached-green"), (System.CJJ85, "EG1", "regional-green"),
    ],
)  # fmt: skip
def test_letters(system: System, code: str, use: str | None) -> None:
    assert (class_of(system, code) or (None,))[0] == use


def test_old_letters_make_the_layer_old() -> None:
    """C, T and D stand only in GBJ 137-90, A, B and H only in GB 50137-2011."""
    old, new = read(["R2", "S2", "C2"], field="YDXZDM"), read(["R2", "S2", "B1"], field="YDXZDM")
    assert (old.system, old.classes.tolist()) == (System.GBJ137, ["residential", "plaza", "commercial"])
    assert (new.system, new.classes.tolist()) == (System.GB50137, ["residential", "transport", "commercial"])
    assert not old.doubt.any()
    assert faults(old) == faults(new) == []


def test_letters_of_both_standards_leave_open_what_differs() -> None:
    reading = read(["R2", "S2", "S1", "A1", "C3"], field="YDXZDM")
    assert reading.classes.tolist() == ["residential", None, "road", "public", "public"]
    assert reading.unreadable.tolist() == [False, True, False, False, False]
    assert (reading.system, faults(reading)) == (None, ["system-in-conflict"])


def test_letters_of_either_standard_are_in_doubt_where_they_differ() -> None:
    reading = read(["R2", "S2"], field="YDXZDM")
    assert reading.doubt.tolist() == [False, True]
    assert faults(reading) == ["edition-assumed"]


def test_green_codes_by_edition() -> None:
    assert read(["G1", "G4", "G3"], field="LDLX").system is System.CJJ85_OLD
    assert read(["G1", "XG", "G3"], field="LDLX").system is System.CJJ85
    assert read(["G1", "G2", "G3"], field="YDXZDM").classes.tolist() == ["park", "protective-green", "plaza"]
    reading = read(["G1", "G3"], field="LDLX")
    assert (reading.doubt.tolist(), faults(reading)) == ([False, True], ["edition-assumed"])


def test_codes_that_stand_in_one_classification_decide_for_a_field_that_does_not() -> None:
    assert read(["0701", "1401", "1207"], field="land_use").system is System.LAND_AND_SEA
    assert read(["0701", "05H1", "1207"], field="YDDM").classes.tolist() == ["residential", "commercial", "open-land"]
    assert not read(["0701", "1401", "1207"], field="land_use").doubt.any()


def test_codes_that_both_have_are_in_doubt_where_they_differ() -> None:
    """0701 is housing in towns in both."""
    reading = read(["0701", "1207"], field="land_use")
    assert reading.classes.tolist() == ["residential", "road"]
    assert (reading.doubt.tolist(), faults(reading)) == ([False, True], ["system-assumed"])
    assert "YDYHFLDM" in reading.faults[0].zh


def test_names_decide_where_codes_do_not() -> None:
    by_sea = read(["0701", "1207"], ["城镇住宅用地", "城镇道路用地"], "用地代码")
    by_survey = read(["0701", "1207"], ["城镇住宅用地", "裸岩石砾地"], "用地代码")
    assert (by_sea.system, by_sea.classes.tolist()) == (System.LAND_AND_SEA, ["residential", "road"])
    assert (by_survey.system, by_survey.classes.tolist()) == (System.LAND_SURVEY, ["residential", "open-land"])
    assert not by_sea.doubt.any()


def test_a_field_contradicted_by_its_codes_is_in_conflict() -> None:
    """1401 does not stand in the land survey, and half of the rows are no slip."""
    reading = read(["1401", "1207", "0701"], field="DLBM")
    assert reading.classes.tolist() == ["park", None, "residential"]
    assert reading.doubt.tolist() == [True, False, False]
    assert faults(reading) == ["system-in-conflict"]


def test_a_few_foreign_codes_are_slips() -> None:
    reading = read(["1207"] * 99 + ["1401"], field="DLBM")
    assert reading.system is System.LAND_SURVEY
    assert reading.classes.tolist() == ["open-land"] * 99 + [None]
    assert faults(reading) == ["code-unknown"]


def test_a_name_that_disagrees_puts_its_parcel_in_doubt() -> None:
    reading = read(["1401", "0701", "0701"], ["公园绿地", "工业用地", None], "YDYHFLDM")
    assert reading.classes.tolist() == ["park", "residential", "residential"]
    assert (reading.doubt.tolist(), faults(reading)) == ([False, True, False], ["name-disagrees"])
    assert "0701 工业用地" in reading.faults[0].zh


def test_names_that_mostly_disagree_void_the_codes() -> None:
    """1207 under DLBM is bare rock, and the names say streets: the field, or the codes, are wrong."""
    reading = read(["1207", "1207", "0701"], ["城镇道路用地", "城镇村道路用地", "城镇住宅用地"], "DLBM")
    assert reading.classes.tolist() == [None, None, "residential"]
    assert reading.unreadable.tolist() == [True, True, False]
    assert faults(reading) == ["names-disagree"]


def test_a_wider_name_does_not_disagree() -> None:
    reading = read(["1401", "0701"], ["绿地与开敞空间用地", "居住用地"], "YDYHFLDM")
    assert (faults(reading), reading.doubt.any()) == ([], False)


@pytest.mark.parametrize(
    ("written", "code", "use"),
    [
        (701, "0701", "residential"), (701.0, "0701", "residential"), ("701", "0701", "residential"),
        (1401.0, "1401", "park"), ("1401.0", "1401", "park"), (70101, "070101", "residential"),
        (" ０７０１ ", "0701", "residential"), ("r2", "R2", "residential"),
    ],
)  # fmt: skip
def test_codes_that_lost_their_nought(written: object, code: str, use: str) -> None:
    reading = read([written], field="YDYHFLDM")
    assert (reading.codes.tolist(), reading.classes.tolist()) == ([code], [use])


def test_a_nought_that_still_leads_is_of_another_edition() -> None:
    assert read(["071"], field="DLBM").unreadable.tolist() == [True]


@pytest.mark.parametrize(
    ("written", "use", "doubt"),
    [
        ("R2/B1", "residential", True), ("R2+B1", "residential", True), ("B1B2", "commercial", False),
        ("B1R2", "commercial", True), ("R21、R22", "residential", False), ("0701(0901)", "residential", True),
        ("0701；0901", "residential", True), ("R2兼容B1", "residential", True),
        ("R2 二类居住用地", "residential", False),
        ("G1公园绿地", "park", False), ("G1 工业用地", "park", True), ("R2/ZZZZ9", "residential", True),
    ],
)  # fmt: skip
def test_the_first_of_several_uses_is_the_main_one(written: str, use: str, doubt: bool) -> None:
    field = "YDYHFLDM" if written[0].isdigit() else "YDXZDM"
    # A code of the new standard alone keeps the edition out of the question.
    reading = read([written, "A1" if field == "YDXZDM" else "1401"], field=field)
    assert (reading.classes[0], reading.doubt[0]) == (use, doubt)


def test_classes_that_are_wider_than_a_rule_means() -> None:
    """Parks and other green are one class in the land survey; 07 is housing in towns and villages alike."""
    survey = read(["0810", "0810A", "0701"], field="DLBM")
    assert (survey.classes.tolist(), survey.doubt.tolist()) == (["green", "plaza", "residential"], [True, False, False])
    assert read(["07", "14", "0703"], field="YDYHFLDM").doubt.tolist() == [True, True, False]
    assert read(["G", "R", "A1"], field="YDXZDM").doubt.tolist() == [True, False, False]


def test_names_alone() -> None:
    reading = read(["二类居住用地", "公园绿地", "绿地", "residential", "胡说", None, "—"], field="YDXZ")
    assert reading.classes.tolist() == ["residential", "park", "green", "residential", None, None, None]
    assert reading.doubt.tolist() == [False, False, True, False, False, False, False]
    assert np.flatnonzero(reading.unreadable).tolist() == [4]
    assert np.flatnonzero(reading.blank).tolist() == [5, 6]
    assert (reading.system, reading.why.code, faults(reading)) == (None, "by-name", ["code-unknown"])


@pytest.mark.parametrize("use", LandUse)
def test_every_class_is_a_name_for_itself(use: LandUse) -> None:
    assert class_of_name(use.value) == (use.value, use is LandUse.GREEN)


def test_a_name_steps_in_for_a_blank_code_and_in_doubt_for_an_unknown_one() -> None:
    reading = read([None, "ZZ9", "0701", None], ["公园绿地", "防护绿地", "", None], "YDYHFLDM")
    assert reading.classes.tolist() == ["park", "protective-green", "residential", None]
    assert reading.doubt.tolist() == [False, True, False, False]
    assert reading.blank.tolist() == [False, False, False, True]


def test_the_index_is_kept_and_order_is_irrelevant() -> None:
    codes = pd.Series(["1207", "0701", "1401"], index=[9, 5, 7])
    forth, back = read_land_use(codes, None, "x"), read_land_use(codes[::-1], None, "x")
    assert forth.classes.index.tolist() == [9, 5, 7]
    assert forth.classes.tolist() == back.classes.tolist()[::-1]


def test_no_parcels() -> None:
    reading = read([], [], "DLBM")
    assert (len(reading.classes), reading.system, reading.why.code) == (0, None, "nothing-written")


@pytest.mark.long
def test_a_large_layer_takes_seconds() -> None:
    codes = pd.Series(np.tile(["0701", "1401", "1207"], 100_000))
    names = pd.Series(np.tile(["城镇住宅用地", "公园绿地", "城镇道路用地"], 100_000))
    assert not read_land_use(codes, names, "YDYHFLDM").doubt.any()
