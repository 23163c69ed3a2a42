"""What the GDAL libraries may do while urbanform reads files, settled before either of them is loaded.

pyogrio and rasterio each bring a GDAL of their own. Both take up their drivers when they are first imported, so the
package sets the environment at its own import. Files are opened by the signature of their format besides, and rasters
by the name of their driver; this is the second door.
"""

import os
from collections.abc import MutableMapping

REFUSED_DRIVERS = (
    # Files that stand for other files, for pipelines to run, or for code
    *("VRT", "OGR_VRT", "GDALG", "DERIVED", "GTI", "STACIT", "STACTA", "TileIndex", "MRF", "GPSBabel", "Rasterlite"),
    *("SQLite", "GNMFile", "GNMDatabase", "TIL", "ADRG", "AIVector", "KMLSUPEROVERLAY", "GMLAS"),
    # Services on a network, and databases
    *("HTTP", "WMS", "WMTS", "WCS", "WFS", "OAPIF", "OGCAPI", "CSW", "GeoRSS", "Carto", "AmigoCloud", "Elasticsearch"),
    *("PLSCENES", "PLMOSAIC", "EEDA", "EEDAI", "DAAS", "NGW", "ADBC", "PostgreSQL", "PostGISRaster", "PGDUMP", "MySQL"),
    *("MSSQLSpatial", "ODBC", "PGeo", "OCI", "GeoRaster", "MongoDBv3", "HANA", "Snowflake", "MVT", "PMTiles", "Zarr"),
)
"""Drivers that follow addresses, run programs or read files that the file at hand names."""

SETTINGS = {
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    # With its network on, PROJ would fetch grids: figures would depend on what is reached.
    "PROJ_NETWORK": "OFF",
}
"""Settings that shut what no driver list reaches: plug-ins, code in virtual rasters, remote files, grids."""


def shut(environment: MutableMapping[str, str]) -> None:
    """Set the variables that GDAL and PROJ read at their first import; drivers that are skipped already stay so."""
    skipped = [name.strip() for name in environment.get("GDAL_SKIP", "").split(",")]
    names = dict.fromkeys([*(name for name in skipped if name), *REFUSED_DRIVERS])
    environment["GDAL_SKIP"] = ",".join(names)
    environment.update(SETTINGS)
    # Each GDAL warns of every driver in the list that it was built without.
    environment.setdefault("CPL_LOG", os.devnull)


shut(os.environ)
