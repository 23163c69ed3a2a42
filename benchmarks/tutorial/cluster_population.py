"""Persons per km² of each cluster from the raster: rasterstats, cells whose centre lies inside."""

from pathlib import Path

import geopandas as gpd
from rasterstats import zonal_stats

from benchmarks.answers import Figures, answer


def figures(city: Path) -> Figures:
    """Persons per km² by cluster."""
    clusters = gpd.read_file(city / "clusters.gpkg")
    sums = zonal_stats(clusters, str(city / "population.tif"), stats=["sum"])
    clusters["persons"] = [row["sum"] for row in sums]
    density = clusters["persons"] / (clusters.area / 1e6)
    return dict(zip(clusters["id"].astype(str), density, strict=True))


if __name__ == "__main__":
    answer(figures)
