"""A .prj that reads as a CRS and leads nowhere: its layer has no CRS, and nothing is decided on it."""

from pathlib import Path

import pyproj
import pytest

from intake.awkward import DEMOLITION, ZONE, outcome, renewal
from urbanform.intake.sources import read_crs_text

WKT = pyproj.CRS(ZONE).to_wkt("WKT1_ESRI")
DAMAGE = [
    ("Gauss_Kruger", "Gauss_Krugar"),
    ("0.0174532925199433", "0.0"),
    ('UNIT["Meter",1.0]', 'UNIT["Meter",0.0]'),
    ('"Scale_Factor",1.0', '"Scale_Factor",0.0'),
    ("6378137.0", "0.0"),
    ("PROJCS", "PROJ"),
]


@pytest.mark.parametrize(("whole", "broken"), DAMAGE)
def test_a_damaged_crs_is_none(tmp_path: Path, whole: str, broken: str) -> None:
    """The same submission is at its limit, and passes, with the CRS as it was."""
    assert whole in WKT
    assert read_crs_text(WKT) is not None
    assert read_crs_text(WKT.replace(whole, broken)) is None
    folder = renewal(tmp_path / "成果", CS=[2, 8])
    assert outcome(folder, DEMOLITION).verdict == "pass"
    (folder / "建筑.prj").write_text(WKT.replace(whole, broken), encoding="ascii")
    found = outcome(folder, DEMOLITION)
    assert found.verdict == "undetermined"


@pytest.mark.parametrize("text", ["", "EPSG:4547", "EPSG:4490", 'LOCAL_CS["grid",UNIT["metre",1]]'])
def test_what_is_whole_is_kept(text: str) -> None:
    """A local grid leads nowhere by its nature; the manifest may say that it is meant."""
    assert (read_crs_text(text) is None) == (not text)
