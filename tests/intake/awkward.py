"""Submissions such as bureaus hand in: small places whose figures are worked out by hand, to be spoilt in one way each.

Three places, each of one rule:

* ``renewal``: a unit of 100 m × 100 m (更新单元); on it two houses of 10 m × 10 m, of 2 storeys to be demolished and of
  8 storeys to stay: 200 of 1,000 m² of floor area, 20 %, at the limit.
* ``city``: a main urban area of 1 km × 1 km (主城区) with nine streets of 1 km across it: 9 km/km², above 8.
* ``clusters``: a cluster of 1 km × 1 km (组团) and 8,000 persons (人口): 8,000 persons/km², below 10,000.

``outcome`` checks one of them without writing, and holds that nothing in its folder was changed.
"""

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from rasterio.transform import Affine, from_origin
from typer.testing import CliRunner

from places import X, Y, box, line
from urbanform.cli import _status, app
from urbanform.intake.crs import describe
from urbanform.model.finding import Finding
from urbanform.review import Options, Progress, reviewed

ZONE = "EPSG:4547"
PACK = """\
id: trial
rules:
  - id: demolition-share
    binds: [renewal]
    limit: {op: "<=", value: 20, unit: "%"}
    params: {exemptions: [illegal, dangerous]}
    source: {clause: 一}
  - id: road-network-density
    binds: [city]
    scope: main_urban_area
    limit: {op: ">", value: 8, unit: km/km2}
    params: {boundary_m: 0, merge_carriageways: false}
    source: {clause: 二}
  - id: cluster-population-density
    binds: [city]
    limit: {op: "<=", value: 10000, unit: persons/km2}
    source: {clause: 三}
  - id: park-service-coverage
    binds: [city]
    scope: built_up_area
    limit: {op: ">=", value: 80, unit: "%"}
    source: {clause: 四}
"""
DEMOLITION, ROADS, DENSITY = "demolition-share", "road-network-density", "cluster-population-density"

UNIT = box(0, 0, 100, 100)
HOUSES = (box(10, 10, 20, 20), box(30, 10, 40, 20))
AREA = box(0, 0, 1000, 1000)
STREETS = tuple(line((x, 0), (x, 1000)) for x in range(100, 1000, 100))


def house(n: int) -> shapely.Polygon:
    """The nth of a row of plots of 10 m × 10 m on the unit, 20 m apart; from the fifth on in further rows."""
    return box(10 + 20 * (n % 4), 10 + 20 * (n // 4), 20 + 20 * (n % 4), 20 + 20 * (n // 4))


def frame(shapes: Sequence[Any], crs: Any = ZONE, **columns: Sequence[Any]) -> gpd.GeoDataFrame:
    """Features with some columns."""
    return gpd.GeoDataFrame(dict(columns), geometry=gpd.GeoSeries(list(shapes), crs=crs))


def write(path: Path, shapes: Sequence[Any], crs: Any = ZONE, encoding: str = "GBK", **columns: Sequence[Any]) -> Path:
    """Write features in the format of a suffix; a shapefile's texts in an encoding that a .cpg declares."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = frame(shapes, crs, **columns)
    options = {"encoding": encoding} if path.suffix == ".shp" else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        if path.suffix == ".parquet":
            table.to_parquet(path)
        else:
            pyogrio.write_dataframe(table, path, **options)
    return path


def renewal(folder: Path, crs: Any = ZONE, suffix: str = ".shp", **houses: Sequence[Any]) -> Path:
    """The renewal unit and its houses; columns that are given replace the houses' own."""
    columns = {"CS": [2, 8], "GZFS": ["拆除", "保留"]} | houses
    shapes = columns.pop("geometry", HOUSES)
    write(folder / f"更新单元{suffix}", [moved(UNIT, crs)], crs, MC=["甲"])
    write(folder / f"建筑{suffix}", [moved(shape, crs) for shape in shapes], crs, **columns)
    return folder


def city(folder: Path, crs: Any = ZONE, suffix: str = ".shp", **streets: Sequence[Any]) -> Path:
    """The main urban area and its nine streets."""
    columns = {"DLDJ": ["支路"] * 9} | streets
    shapes = columns.pop("geometry", STREETS)
    write(folder / f"主城区{suffix}", [moved(AREA, crs)], crs, MC=["甲城"])
    write(folder / f"道路中心线{suffix}", [moved(shape, crs) for shape in shapes], crs, **columns)
    return folder


def clusters(folder: Path, crs: Any = ZONE, suffix: str = ".shp", **persons: Sequence[Any]) -> Path:
    """The cluster and a layer of persons: one polygon as large, or what is given."""
    write(folder / f"组团{suffix}", [moved(AREA, crs)], crs, MC=["东组团"])
    columns = {"RK": [8000]} | persons
    shapes = columns.pop("geometry", [AREA])
    write(folder / f"人口{suffix}", [moved(shape, crs) for shape in shapes], crs, **columns)
    return folder


def moved(shape: Any, crs: Any) -> Any:
    """A shape of the place in another system."""
    if shape is None or crs in (ZONE, None):
        return shape
    return gpd.GeoSeries([shape], crs=ZONE).to_crs(crs).iloc[0]


def shifted(shape: Any, east_m: float, north_m: float) -> Any:
    """A shape moved, in its own coordinates."""
    return shapely.transform(shape, lambda xy: xy + np.array([east_m, north_m]))


def population_raster(
    path: Path,
    values: Any,
    cell_m: float = 500,
    crs: Any = ZONE,
    transform: Affine | None = None,
    nodata: float | None = None,
    bands: int = 1,
) -> Path:
    """A raster whose lower left corner is that of the place; the first row is the north."""
    values = np.asarray(values)
    height, width = values.shape
    transform = transform or from_origin(X, Y + height * cell_m, cell_m, cell_m)
    profile = {"driver": "GTiff", "count": bands, "dtype": str(values.dtype), "crs": crs, "nodata": nodata}
    with rasterio.open(path, "w", width=width, height=height, transform=transform, **profile) as sink:
        for band in range(bands):
            sink.write(values, band + 1)
    return path


def manifest(folder: Path, text: str) -> Path:
    """Write the manifest of a submission."""
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    return folder


def digest(folder: Path) -> dict[str, str]:
    """What lies in a folder, or what a file holds, to see whether anything was changed."""
    files = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in files
        if path.exists() or path.is_symlink()
    }


@dataclass(frozen=True)
class Outcome:
    """What a check said.

    ``defects`` are (layer, kind, action), each once; ``features`` the ids that each kind names.
    """

    status: int
    finding: Finding
    defects: frozenset[tuple[str, str, str]]
    features: Mapping[str, list[str]]
    messages: str
    working_crs: str

    @property
    def verdict(self) -> str:
        return str(self.finding.verdict)

    @property
    def measured(self) -> float | None:
        return self.finding.measured

    @property
    def bounds(self) -> tuple[float | None, float | None] | None:
        found = self.finding.bounds
        return None if found is None else (found.low, found.high)

    @property
    def notes(self) -> list[str]:
        return [note.code for note in self.finding.notes]


def outcome(submission: Path, rule: str, **options: Any) -> Outcome:
    """Check one rule of :data:`PACK` on a submission; nothing in its folder may be changed."""
    pack = submission.parent / "trial-pack.yaml"
    pack.write_text(PACK, encoding="utf-8")
    before = digest(submission)
    asked = Options(rules=str(pack), only=(rule,), as_of=2026, **options)
    with reviewed(submission, asked, Progress()) as assessment:
        defects = assessment.submission.defects
        features: dict[str, list[str]] = {}
        for defect in defects:
            assert defect.message.zh
            assert defect.message.en
            if defect.feature is not None:
                features.setdefault(defect.kind, []).append(defect.feature)
        found = Outcome(
            _status(assessment),
            assessment.findings[0],
            frozenset((defect.layer, defect.kind, str(defect.action)) for defect in defects),
            features,
            "\n".join(defect.message.zh for defect in defects),
            "local-metres" if assessment.submission.local else describe(assessment.submission.crs),
        )
    assert digest(submission) == before, "the submission was changed"
    return found


def run(*arguments: object) -> tuple[int, str]:
    """Exit status of a command, and everything that it printed; a traceback fails."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def refused(submission: Path, rule: str = DEMOLITION) -> str:
    """What the check says of a submission of which nothing can be decided (exit status 2)."""
    pack = submission.parent / "trial-pack.yaml"
    pack.write_text(PACK, encoding="utf-8")
    out = submission.parent / "refused-report"
    before = digest(submission)
    status, told = run("check", submission, "--rules", pack, "--only", rule, "--out", out)
    assert status == 2, told
    assert not out.exists()
    assert digest(submission) == before
    return told


NOTHING: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True)
class Case:
    """One awkward submission and what the check must say of it.

    Attributes
    ----------
    build
        Makes it in an empty folder.
    defects
        All that must be listed: (layer, kind, action).
    told
        What the reason of the verdict must say, where it is undetermined.
    notes
        Codes that must be among the notes.
    """

    name: str
    rule: str
    build: Callable[[Path], object]
    verdict: str
    defects: frozenset[tuple[str, str, str]] | set[tuple[str, str, str]] = NOTHING
    measured: float | None = None
    bounds: tuple[float | None, float | None] | None = None
    told: tuple[str, ...] = ()
    features: Mapping[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def hold(self, folder: Path) -> Outcome:
        """Build it, check it, and compare all that was said."""
        folder.mkdir()
        self.build(folder)
        found = outcome(folder, self.rule)
        said = (found.verdict, found.finding.reason.zh, found.messages)
        assert found.verdict == self.verdict, said
        assert found.status == {"pass": 0, "info": 0, "fail": 1}.get(self.verdict, 3)
        assert set(found.defects) == set(self.defects), said
        assert (found.measured is None) == (self.measured is None), said
        if self.measured is not None:
            assert abs(found.measured - self.measured) < 1e-4 * max(abs(self.measured), 1e-9) + 1e-9, found.measured
        assert (found.bounds is None) == (self.bounds is None), (found.bounds, said)
        for here, wanted in zip(found.bounds or (), self.bounds or (), strict=True):
            assert (here is None) == (wanted is None), (found.bounds, said)
            if wanted is not None:
                assert abs(here - wanted) < 1e-4 * max(abs(wanted), 1.0), (found.bounds, said)
        for word in self.told:
            assert word in found.finding.reason.zh, said
        for kind, ids in self.features.items():
            assert found.features.get(kind) == ids, found.features
        assert set(self.notes) <= set(found.notes), found.notes
        return found


def ids(cases: Sequence[Case]) -> list[str]:
    """Names of cases for pytest; each stands once."""
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), pd.Series(names)[pd.Series(names).duplicated()].tolist()
    return names
