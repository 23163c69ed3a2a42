"""Makes the city: every layer that the checks of the packs ask for, with its manifest.

Run by itself as ``python -m benchmarks.city FOLDER [SCALE] [SEED]``. The same scale and seed make the same city.
"""

import shutil
import sys
from pathlib import Path

import geopandas as gpd

from benchmarks.city_areas import areas
from benchmarks.city_buildings import buildings
from benchmarks.city_ground import Ground
from benchmarks.city_mesh import facilities, footpaths, greenways, mesh_of, parcels, roads
from benchmarks.city_rasters import IMPERMEABLE, PERMEABLE, write_land_cover, write_population

SEED = 20
MADE = ".made"
"""Written last: a folder that bears it holds a whole city."""
EDITION = 2
"""Goes up where another city is made of the same scale and seed."""

MANIFEST = """\
name: 基准测试城市（虚构）
as_of: 2026
stage: existing
place: {{province: 河南省, city_level: prefecture, main_function: agricultural}}
layers:
{layers}
  population: population.tif
  land_cover: {{path: land_cover.tif, classes: {{permeable: {permeable}, impermeable: {impermeable}, unknown: [0]}}}}
"""


def make_city(folder: Path, scale: float, seed: int = SEED) -> None:
    """Write the city of a scale into a folder, unless it stands there already."""
    made = folder / MADE
    told = f"{EDITION} {scale:g} {seed}"
    if made.is_file() and made.read_text() == told:
        return
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    ground = Ground(scale, seed)
    frames = areas(ground)
    mesh = mesh_of(ground)
    frames["parcels"] = parcels(ground, mesh, frames["corridors"])
    frames["roads"] = roads(ground, mesh, frames["corridors"])
    frames["facilities"] = facilities(ground, frames["roads"])
    frames["footpaths"] = footpaths(ground, mesh)
    frames["greenways"] = greenways(ground, mesh)
    for role, frame in frames.items():
        _append(frame, folder / f"{role}.gpkg", role)
    for some in buildings(ground, frames["corridors"]):
        _append(some, folder / "buildings.gpkg", "buildings")
    write_population(ground, folder / "population.tif")
    write_land_cover(ground, folder / "land_cover.tif")
    layers = "\n".join(f"  {role}: {role}.gpkg" for role in sorted([*frames, "buildings"]))
    text = MANIFEST.format(layers=layers, permeable=list(PERMEABLE), impermeable=list(IMPERMEABLE))
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    made.write_text(told)


def _append(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    kinds = set(frame.geom_type)
    kind = kinds.pop() if len(kinds) == 1 else None
    frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", append=path.exists(), geometry_type=kind)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    make_city(
        Path(arguments[0]),
        float(arguments[1]) if len(arguments) > 1 else 1.0,
        int(arguments[2]) if len(arguments) > 2 else SEED,
    )
