"""Which parcels are construction land, by their codes and names as intake reads them; and how much of them there is."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from urbanform.intake.land_use import read_land_use
from urbanform.site.construction_land import Parcels, certainty, construction_land_in


def told(codes: list[str | None], field: str = "YDXZDM", names: list[str | None] | None = None) -> list[str]:
    """For each parcel yes, no or open."""
    beside = None if names is None else pd.Series(names, dtype=object)
    reading = read_land_use(pd.Series(codes, dtype=object), beside, field)
    frame = pd.DataFrame(
        {
            "land_use": reading.classes.astype("str").where(reading.classes.notna()),
            "land_use_code": reading.codes,
            "land_use_doubt": reading.doubt,
        }
    )
    sure, perhaps = certainty(frame)
    assert not (sure & ~perhaps).any()
    return np.select([sure, perhaps], ["yes", "open"], "no").tolist()


def test_the_classes_of_the_urban_land_standard() -> None:
    """GB 50137-2011: R A B M W S U G and H are construction land, E is not; wide classes of either count too."""
    assert told(["R2", "A33", "B1", "M1", "W1", "S1", "S4", "U1", "G1", "G3", "H11", "H14", "H2", "H9"]) == ["yes"] * 14
    assert told(["R2", "G", "S", "H", "E1", "E2", "E"]) == ["yes"] * 4 + ["no"] * 3


def test_the_classes_of_the_land_and_sea_classification() -> None:
    """07 to 16 are construction land, 01 to 06, 17 and 23 are not."""
    built = ["0701", "0703", "0803", "0901", "1001", "1101", "1202", "1207", "1301", "1401", "1403", "1504", "16"]
    assert told(built, "YDYHFLDM") == ["yes"] * len(built)
    assert told(["0103", "0301", "0601", "1704", "2301", "2306"], "YDYHFLDM") == ["no"] * 6


def test_the_same_digits_in_the_land_survey() -> None:
    """DLBM: 1207 is bare rock, 1004 a street, 0810 parks and green, 1006 a road among fields, 1101 a river."""
    assert told(["0701", "1004", "0810", "0601"], "DLBM") == ["yes"] * 4
    assert told(["1207", "1006", "1101", "1201"], "DLBM") == ["no"] * 4


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("R2/B1", "yes"),
        ("G1/E1", "open"),
        ("E2/R2", "open"),
        ("建设用地", "yes"),
        ("城镇建设用地", "yes"),
        ("居住用地", "yes"),
        ("非建设用地", "no"),
        ("农林用地", "no"),
        ("水域及水利设施用地", "open"),
        ("其他用地", "open"),
        ("胡写", "open"),
        (None, "open"),
    ],
)
def test_several_uses_and_names(code: str | None, answer: str) -> None:
    assert told([code, "R2", "R2"])[0] == answer


def test_a_code_at_odds_with_its_name_is_open() -> None:
    names = ["水域", "二类居住用地", "城市道路用地", "防护绿地"]
    assert told(["R2", "R2", "S1", "G2"], names=names) == ["open", "yes", "yes", "yes"]


def parcels(*shapes: object, low: list[float], high: list[float], trusted: list[bool] | None = None) -> Parcels:
    """Some parcels."""
    frame = pd.DataFrame({"land_use": ["residential"] * len(shapes)})
    table = gpd.GeoDataFrame(frame, geometry=list(shapes))
    return Parcels(table, np.array(low), np.array(high), np.array(trusted or [True] * len(shapes)))


def test_land_inside_an_area() -> None:
    """A square of 100 m: 60 × 100 m of construction land, 30 × 100 m that may be, 10 × 100 m without a parcel."""
    square = shapely.box(0, 0, 100, 100)
    some = parcels(shapely.box(-50, 0, 60, 100), shapely.box(60, 0, 90, 100), low=[1, 0], high=[1, 1])
    found = construction_land_in(some, square)
    assert (found.low_m2, found.high_m2) == (pytest.approx(6000), pytest.approx(10_000))
    assert (found.value_m2, found.without_parcel_m2, found.open.tolist()) == (None, pytest.approx(1000), [1])
    known = construction_land_in(parcels(shapely.box(0, 0, 60, 100), low=[1], high=[1]), square)
    assert (known.value_m2, known.low_m2, known.high_m2) == (pytest.approx(6000), pytest.approx(6000), 10_000)


def test_lost_and_broken_parcels() -> None:
    """One that is lost may lie anywhere; one that is no construction land adds nothing, broken or not."""
    square = shapely.box(0, 0, 100, 100)
    lost = parcels(shapely.box(0, 0, 100, 100), None, low=[0, 1], high=[0, 1], trusted=[True, False])
    found = construction_land_in(lost, square)
    assert (found.low_m2, found.high_m2, found.open.tolist()) == (0, 10_000, [1])
    water = parcels(shapely.box(0, 0, 60, 100), shapely.box(60, 0, 100, 100), low=[1, 0], high=[1, 0])
    plain = construction_land_in(water, square)
    assert (plain.value_m2, plain.high_m2, plain.without_parcel_m2) == (pytest.approx(6000), pytest.approx(6000), 0)
