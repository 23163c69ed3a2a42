"""The buildings, read as a table."""

from pathlib import Path

import geopandas as gpd

from benchmarks.answers import Figures, answer


def figures(city: Path) -> Figures:
    """How many there are, and their ground and storeys added up."""
    buildings = gpd.read_file(city / "buildings.gpkg")
    return {
        "buildings": float(len(buildings)),
        "footprint_ha": buildings.area.sum() / 1e4,
        "storeys": float(buildings["storeys"].sum()),
    }


if __name__ == "__main__":
    answer(figures)
