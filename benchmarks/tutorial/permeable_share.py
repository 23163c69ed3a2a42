"""Share of the built-up area that lets rain through: rasterstats, cells of land cover by class, and the water layer."""

from pathlib import Path

import geopandas as gpd
from rasterstats import zonal_stats

from benchmarks.answers import Figures, answer
from benchmarks.city_rasters import IMPERMEABLE, PERMEABLE


def figures(city: Path) -> Figures:
    """Percent: cells whose centre lies inside, and on dry land; all of the water inside."""
    built_up = gpd.read_file(city / "built_up_area.gpkg")
    dry, water_m2 = built_up, 0.0
    if (city / "water.gpkg").exists():
        water = gpd.read_file(city / "water.gpkg")
        dry = gpd.overlay(built_up, water, how="difference")
        water_m2 = built_up.area.sum() - dry.area.sum()
    cells = zonal_stats(dry, str(city / "land_cover.tif"), categorical=True)[0]
    permeable, impermeable = (sum(cells.get(code, 0) for code in codes) for codes in (PERMEABLE, IMPERMEABLE))
    permeable_m2 = permeable / (permeable + impermeable) * dry.area.sum() + water_m2
    return {"percent": 100 * permeable_m2 / built_up.area.sum()}


if __name__ == "__main__":
    answer(figures)
