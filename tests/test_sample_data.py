"""The sample data are what their script draws, small, and in the state in which bureaus hand data in.

What urbanform makes of them is tested elsewhere, against the figures that stand in the page of each place.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from geopandas.testing import assert_geodataframe_equal

SAMPLES = Path(__file__).parents[1] / "sample_data"
PLACES = ("city", "renewal", "liangshan-county", "henan-county")
# The CGCS2000 3-degree system of each place, and that of layers whose eastings open with the zone number.
EPSG = {"city": 4547, "renewal": 4547, "liangshan-county": 4543, "henan-county": 4547}
PREFIXED = {"henan-county": (4526, {"道路中心线.shp", "广场.shp"})}
DECLARED = {
    "liangshan-county": {"县城.cpg", "道路中心线.cpg", "绿地.cpg", "组团.cpg"},
    "henan-county": {"建筑.cpg", "广场.cpg", "步行道.cpg"},
}
LARGEST_BYTES = 5 * 1024**2
VERDICTS = {"pass", "fail", "pending", "undetermined", "not-applicable", "info"}
NUMBER = r"-?\d+(?:\.\d+)?"
OPEN = rf"(?:{NUMBER}|null)"


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All places, drawn once more into a folder of their own."""
    folder = tmp_path_factory.mktemp("samples")
    command = [sys.executable, "-B", str(SAMPLES / "make_samples.py"), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def expected_rows(place: str) -> list[list[str]]:
    """The rows of the one table of expected figures in a place's page."""
    lines = (SAMPLES / f"{place}.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| rule id | subject | expected figure | unit | verdict | arithmetic |")
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize("place", PLACES)
def test_the_script_draws_the_committed_places(place: str, redrawn: Path) -> None:
    """The same files, and in each the same shapes, attributes, types and order."""
    committed, drawn = (
        sorted(path.relative_to(root / place) for path in (root / place).rglob("*") if path.is_file())
        for root in (SAMPLES, redrawn)
    )
    assert committed == drawn
    prefixed, named = PREFIXED.get(place, (0, set()))
    for layer in (path for path in committed if path.suffix == ".shp"):
        frames = [pyogrio.read_dataframe(root / place / layer, encoding="GBK") for root in (SAMPLES, redrawn)]
        assert_geodataframe_equal(*frames)
        assert frames[0].crs.to_epsg() == (prefixed if layer.name in named else EPSG[place])
    for manifest in (SAMPLES / place).glob("*.yaml"):
        assert manifest.read_text(encoding="utf-8") == (redrawn / place / manifest.name).read_text(encoding="utf-8")


def test_the_geopackage_is_redrawn_alike(redrawn: Path) -> None:
    """Two layers, each with the same shapes and attributes."""
    paths = [root / "henan-county/data.gpkg" for root in (SAMPLES, redrawn)]
    assert [pyogrio.list_layers(path)[:, 0].tolist() for path in paths] == [["DLHXM", "LD"]] * 2
    for layer in ("DLHXM", "LD"):
        frames = [pyogrio.read_dataframe(path, layer=layer) for path in paths]
        assert_geodataframe_equal(*frames)
        assert frames[0].crs.to_epsg() == 4547
        assert frames[0].geometry.is_valid.all()


def test_only_the_named_layers_open_their_eastings_with_the_zone_number() -> None:
    """Prefixed and plain layers lie over one another once the 38,000,000 of zone 38 are taken off."""
    for layer in (SAMPLES / "henan-county").rglob("*.shp"):
        west, _, east, _ = pyogrio.read_info(layer)["total_bounds"]
        prefix_m = 38_000_000 if layer.name in PREFIXED["henan-county"][1] else 0
        assert 511_000 < west - prefix_m < east - prefix_m < 514_000


def test_the_population_grid_is_redrawn_alike(redrawn: Path) -> None:
    """Same cells, place, CRS and nodata; the lake is four cells of 100 m without data."""
    name = "city/人口.tif"
    with rasterio.open(SAMPLES / name) as committed, rasterio.open(redrawn / name) as drawn:
        assert committed.profile == drawn.profile
        assert committed.crs.to_epsg() == 4547
        cells = committed.read(1)
        np.testing.assert_array_equal(cells, drawn.read(1))
    assert (cells == -9999).sum() == 4


@pytest.mark.parametrize("place", PLACES)
def test_every_layer_has_shapes_of_its_own(place: str) -> None:
    """No feature is without a shape, none is unsound; what is planted is planted in the attributes and duplicates."""
    for layer in (SAMPLES / place).rglob("*.shp"):
        frame = pyogrio.read_dataframe(layer, encoding="GBK")
        assert len(frame) > 0
        assert not frame.geometry.is_empty.any()
        assert frame.geometry.is_valid.all()


def test_few_tables_say_that_they_are_gbk() -> None:
    """A .cpg beside the named ones alone; language byte 29 zero, and Chinese inside that is no UTF-8, in all."""
    tables = sorted(SAMPLES.rglob("*.dbf"))
    assert len(tables) > 10
    for place in PLACES:
        declared = list((SAMPLES / place).rglob("*.cpg"))
        assert {path.name for path in declared} == DECLARED.get(place, set())
        assert all(path.read_text(encoding="ascii") == "GBK" for path in declared)
    for table in tables:
        content = table.read_bytes()
        assert content[29] == 0
        if not content.isascii():
            with pytest.raises(UnicodeDecodeError):
                content.decode("UTF-8")


def test_samples_are_small_and_nothing_stray_lies_beside_them() -> None:
    """At most 5 MiB in all; only the places are folders, so that each folder is a submission."""
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= LARGEST_BYTES
    assert {path.name for path in SAMPLES.iterdir() if path.is_dir()} == set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_the_page_of_a_place_can_be_read_by_a_program(place: str) -> None:
    """Six cells a row; the figure is a number, a pair of bounds (null where open) or null; each rule opens with its
    overall row."""
    rows = expected_rows(place)
    assert rows
    seen: set[tuple[str, str]] = set()
    for rule, subject, figure, unit, verdict, *arithmetic in rows:
        assert len(arithmetic) == 1
        assert (rule, subject) not in seen
        seen.add((rule, subject))
        assert re.fullmatch(rf"{NUMBER}|\[{OPEN}, {OPEN}\]|null", figure), figure
        assert unit
        assert verdict in VERDICTS
    assert {rule for rule, subject in seen if subject == "(overall)"} >= {rule for rule, _ in seen} - {
        "green-300m-park-500m"
    }
