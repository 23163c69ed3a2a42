"""Share of the floor area of each renewal unit that is demolished: an overlay, footprints times storeys, group by."""

from pathlib import Path

import geopandas as gpd

from benchmarks.answers import Figures, answer


def figures(city: Path) -> Figures:
    """Percent by unit; buildings at a unit's edge count by the part inside."""
    buildings = gpd.read_file(city / "buildings.gpkg")
    units = gpd.read_file(city / "renewal_units.gpkg")[["id", "geometry"]].rename(columns={"id": "unit"})

    existing = buildings[buildings["action"] != "new"]
    pieces = gpd.overlay(existing, units, how="intersection", keep_geom_type=True)
    pieces["floor_m2"] = pieces.area * pieces["storeys"]
    whole = pieces.groupby("unit")["floor_m2"].sum()
    gone = pieces[pieces["action"] == "demolish"].groupby("unit")["floor_m2"].sum()
    share = 100 * gone.reindex(whole.index, fill_value=0) / whole
    return dict(zip(share.index.astype(str), share, strict=True))


if __name__ == "__main__":
    answer(figures)
