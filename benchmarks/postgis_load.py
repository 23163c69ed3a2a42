"""Writes the layers of a city as a psql script: ``python -m benchmarks.postgis_load CITY``."""

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

LAYERS = {
    "built_up_area": [],
    "main_urban_area": [],
    "parcels": ["land_use"],
    "parks": [],
    "roads": ["class"],
    "renewal_units": [],
    "buildings": ["storeys", "action"],
}
SRID = 4547
AT_ONCE = 50_000


def load(city: Path) -> None:
    """Write the script to standard output."""
    for layer, columns in LAYERS.items():
        frame = gpd.read_file(city / f"{layer}.gpkg", columns=["id", *columns], use_arrow=True)
        kinds = ["bigint", *("double precision" if frame[name].dtype.kind in "if" else "text" for name in columns)]
        fields = ", ".join(f'"{name}" {kind}' for name, kind in zip(["id", *columns], kinds, strict=True))
        print(f"CREATE UNLOGGED TABLE {layer} ({fields}, geom geometry(Geometry, {SRID}));")
        print(f"COPY {layer} FROM STDIN;")
        for start in range(0, len(frame), AT_ONCE):
            some = frame.iloc[start : start + AT_ONCE]
            table = pd.DataFrame(some[["id", *columns]])
            shapes = shapely.set_srid(some.geometry.to_numpy(), SRID)
            table["geom"] = shapely.to_wkb(shapes, hex=True, include_srid=True)
            table.to_csv(sys.stdout, sep="\t", header=False, index=False, na_rep=r"\N")
        print(r"\.")
        print(f"CREATE INDEX ON {layer} USING gist (geom);")
        print(f"ANALYZE {layer};")


if __name__ == "__main__":
    load(Path(sys.argv[1]))
