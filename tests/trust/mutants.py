"""Good submissions with some bytes changed, checked one after the other; a line of JSON for each.

Run in a process of its own, ``python -m trust.mutants FOLDER FIRST LAST``, since what a reader does with such bytes may
end the process. Every mutant is told by its number alone: the same number is the same mutant.

The good submissions are those of ``intake.awkward``, in every format, each a breach: nine tenths demolished, 12,000
persons/km². A mutant that passes must pass by what an independent reader finds in it.
"""

import json
import random
import shutil
import sys
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio

from intake.awkward import AREA, DEMOLITION, DENSITY, PACK, clusters, manifest, population_raster, renewal
from urbanform.errors import UrbanformError
from urbanform.output.evidence import evidence_layers
from urbanform.output.store import as_text, results
from urbanform.review import Options, Progress, reviewed

SUFFIXES = (".shp", ".gpkg", ".geojson", ".fgb", ".parquet")
MANIFEST = (
    "name: 甲\nkind: renewal\nas_of: 2026\nlayers:\n  renewal_units: 更新单元.shp\n"
    "  buildings:\n    - {path: 建筑.shp, encoding: GBK, fields: {storeys: CS, action: GZFS}}\n"
)
# Files whose bytes stand in results.json by their digest.
COUNTED = (".shp", ".dbf", ".shx", ".prj", ".cpg", ".gpkg", ".geojson", ".fgb", ".parquet", ".tif", ".zip")


def bases(folder: Path) -> dict[str, tuple[Path, str]]:
    """The good submissions: name → (folder, rule)."""
    found: dict[str, tuple[Path, str]] = {}
    for suffix in SUFFIXES:
        found[suffix] = (renewal(folder / suffix.strip("."), suffix=suffix, CS=[9, 1]), DEMOLITION)
    found["manifest"] = (manifest(renewal(folder / "manifest", CS=[9, 1]), MANIFEST), DEMOLITION)
    packed = folder / "zip"
    renewal(packed, CS=[9, 1])
    with zipfile.ZipFile(packed / "建筑.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(packed.glob("建筑.*")):
            if file.suffix != ".zip":
                archive.write(file, file.name)
                file.unlink()
    found["zip"] = (packed, DEMOLITION)
    raster = clusters(folder / "tif")
    for file in raster.glob("人口.*"):
        file.unlink()
    population_raster(raster / "人口.tif", np.full((4, 4), 750.0, dtype="float32"), cell_m=250)
    found[".tif"] = (raster, DENSITY)
    return found


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes with one to eight changes; half of them near the beginning, where headers lie."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        size = max(len(found), 1)
        at = chance.randrange(min(size, 200) if chance.random() < 0.5 else size)
        length = chance.choice((1, 2, 4, 8, 64))
        match chance.randrange(8):
            case 0 | 1:
                if found:
                    found[at] ^= 1 << chance.randrange(8)
            case 2:
                found[at : at + length] = chance.randbytes(length)
            case 3:
                found[at : at + length] = bytes(length)
            case 4:
                found[at : at + length] = b"\xff" * length
            case 5:
                del found[at : at + length]
            case 6:
                found[at:at] = found[at : at + length] or b"\0"
            case _:
                del found[chance.randrange(size) :]
    return bytes(found)


def mutant(number: int, good: dict[str, tuple[Path, str]], into: Path) -> tuple[str, str, Path]:
    """Make a mutant: the submission that it is of, the file that was changed, and its folder."""
    chance = random.Random(number)
    name = sorted(good)[number % len(good)]
    folder, _ = good[name]
    shutil.copytree(folder, into)
    files = sorted(into.iterdir())
    file = into / "submission.yaml" if name == "manifest" else chance.choice(files)
    before = file.read_bytes()
    after = before
    while after == before:
        after = mutated(before, chance)
    file.write_bytes(after)
    return name, file.name, into


def said(folder: Path, pack: Path, rule: str) -> dict[str, Any]:
    """What a check says of a submission."""
    try:
        with reviewed(folder, Options(rules=str(pack), only=(rule,), as_of=2026), Progress()) as found:
            text = as_text(results(found, {}, evidence_layers([])))
            finding = found.findings[0]
            return {
                "verdict": str(finding.verdict),
                "measured": finding.measured,
                "rejected": sum(defect.action == "rejected" for defect in found.submission.defects),
                "results": text,
            }
    except UrbanformError as error:
        verdict = "refused" if all(fault.zh and fault.en for fault in error.faults) else "wordless"
        return {"verdict": verdict, "measured": None, "rejected": 0, "results": ""}


def recomputed(folder: Path, name: str) -> float | None:
    """The figure by other means: geopandas and rasterio; None where they cannot read it."""
    try:
        if name == ".tif":
            with rasterio.open(folder / "人口.tif") as dataset:
                values = dataset.read(1).astype(float)
                covers = np.allclose(dataset.bounds, AREA.bounds, rtol=0, atol=1e-6)
            return float(np.nansum(values) / (AREA.area / 1e6)) if covers else None
        suffix = name if name.startswith(".") else ".shp"
        read: Callable[[Path], gpd.GeoDataFrame] = gpd.read_parquet if suffix == ".parquet" else gpd.read_file
        path = folder / f"建筑{suffix}"
        houses = gpd.read_file(f"zip://{folder}/建筑.zip") if name == "zip" else read(path)
        unit = read(folder / f"更新单元{suffix}").geometry.iloc[0]
        floors = houses.geometry.make_valid().intersection(unit).area * houses["CS"].astype(float)
        gone = houses["GZFS"] == "拆除"
        return float(100 * floors[gone].sum() / floors.sum())
    except Exception:
        return None


def main(folder: Path, first: int, last: int) -> None:
    """Check the mutants of some numbers, a line of JSON for each."""
    warnings.simplefilter("ignore")
    good = bases(folder / f"good-{first}")
    pack = folder / f"pack-{first}.yaml"
    pack.write_text(PACK, encoding="utf-8")
    plain = {name: said(path, pack, rule) for name, (path, rule) in good.items()}
    assert {found["verdict"] for found in plain.values()} == {"fail"}, plain
    for number in range(first, last):
        into = folder / f"mutant-{number}"
        name, file, _ = mutant(number, good, into)
        print(json.dumps({"number": number, "name": name, "file": file}), flush=True)
        start = time.monotonic()
        found = said(into, pack, good[name][1])
        seconds = time.monotonic() - start
        text = found.pop("results")
        # The folder's name stands for the submission's.
        alike = text.replace(into.name, good[name][0].name) == plain[name]["results"]
        counted = Path(file).suffix in COUNTED
        other = recomputed(into, name) if found["verdict"] == "pass" else None
        line = {**found, "number": number, "seconds": seconds, "alike": alike and counted, "other": other}
        print(json.dumps(line), flush=True)
        shutil.rmtree(into)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
