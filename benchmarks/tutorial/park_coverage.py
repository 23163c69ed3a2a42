"""Share of urban residential land within reach of a park: clip, union, buffer, overlay."""

from pathlib import Path

import geopandas as gpd
import numpy as np

from benchmarks.answers import Figures, answer

RESIDENTIAL = ("0701", "0702")


def figures(city: Path) -> Figures:
    """Percent of the residential land inside the built-up area within 500 m (from 0.5 ha) or 300 m (from 0.2 ha)."""
    parcels = gpd.read_file(city / "parcels.gpkg")
    parks = gpd.read_file(city / "parks.gpkg")
    built_up = gpd.read_file(city / "built_up_area.gpkg")

    homes = gpd.clip(parcels[parcels["land_use"].isin(RESIDENTIAL)], built_up)
    # Parks that touch are one park.
    whole = gpd.GeoDataFrame(geometry=gpd.GeoSeries([parks.union_all()], crs=parks.crs)).explode(ignore_index=True)
    whole = whole[whole.intersects(built_up.union_all())]
    radius_m = np.select([whole.area >= 5000, whole.area >= 2000], [500.0, 300.0], 0.0)
    served = whole.buffer(radius_m, resolution=64)[radius_m > 0].union_all()
    covered = gpd.overlay(
        homes, gpd.GeoDataFrame(geometry=[served], crs=homes.crs), how="intersection", keep_geom_type=True
    )
    return {"percent": 100 * covered.area.sum() / homes.area.sum()}


if __name__ == "__main__":
    answer(figures)
