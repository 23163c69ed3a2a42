"""Shapefiles: their parts, the encoding of their attributes, and what GDAL would mend without a word."""

import shutil
from dataclasses import replace
from pathlib import Path

import pyogrio

from urbanform.intake.encoding import DbfEncoding, dbf_encoding
from urbanform.intake.raw_layer import gdal_options
from urbanform.intake.shapefile_bytes import sibling
from urbanform.intake.sources import Format, Source, source_of

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def describe_shapefile(path: Path, origin: Path, told: str, scratch: Path) -> Source:
    """One shapefile. Without its .shx it is read from a copy on which GDAL rebuilds the index."""
    file = path
    if sibling(path, ".shx") is None:
        into = scratch / f"index-{sum(1 for _ in scratch.iterdir())}"
        into.mkdir()
        for suffix in PARTS:
            beside = sibling(path, suffix)
            if beside is not None:
                shutil.copyfile(beside, into / (path.stem + suffix))
        file = into / f"{path.stem}.shp"
    with gdal_options(SHAPE_RESTORE_SHX=file != path):
        info = pyogrio.read_info(file, encoding="ISO-8859-1", force_feature_count=True, force_total_bounds=True)
    described = source_of(info, Source(told, origin, file, Format.SHAPEFILE, str(info["layer_name"])))
    found = encoding_of(file, None)
    fields = described.fields if found is None else tuple(found.field_names)
    return replace(
        described,
        fields=fields,
        encoding=None if found is None else found.name,
        index_rebuilt=file != path,
    )


def encoding_of(path: Path, forced: str | None) -> DbfEncoding | None:
    """How a shapefile's attributes are written; None where it has no .dbf."""
    table = sibling(path, ".dbf")
    if table is None:
        return None
    declared = sibling(path, ".cpg")
    said = declared.read_text(encoding="ascii", errors="ignore").strip() if declared is not None else None
    return dbf_encoding(table, said or None, forced)
