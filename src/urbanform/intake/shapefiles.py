"""Shapefiles: their parts, the encoding of their attributes, and what GDAL would mend without a word."""

import shutil
from dataclasses import replace
from pathlib import Path

import pyogrio

from urbanform.errors import SubmissionError
from urbanform.intake.encoding import DbfEncoding, dbf_encoding
from urbanform.intake.raw_layer import gdal_options
from urbanform.intake.shapefile_bytes import shapefile_counts, sibling
from urbanform.intake.signatures import is_misread, new_folder
from urbanform.intake.sources import Format, Source, source_of
from urbanform.wording import words

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def describe_shapefile(path: Path, origin: Path, told: str, scratch: Path) -> Source:
    """One shapefile. Without its .shx it is read from a copy on which GDAL rebuilds the index.

    Raises
    ------
    SubmissionError
        It is cut short, or the header of its .dbf cannot be read.
    """
    parts = {suffix: part for suffix in PARTS if (part := sibling(path, suffix)) is not None}
    rebuild = ".shx" not in parts
    file = path
    # GDAL finds the other files only where their suffixes are all small or all capital letters.
    odd = any(part.suffix not in (suffix, suffix.upper()) for suffix, part in parts.items())
    if rebuild or odd or is_misread(path):
        into = new_folder(scratch)
        for suffix, part in parts.items():
            shutil.copyfile(part, into / f"layer{suffix}")
        file = into / "layer.shp"
    try:
        with gdal_options(SHAPE_RESTORE_SHX=rebuild):
            info = pyogrio.read_info(file, encoding="ISO-8859-1", force_feature_count=True, force_total_bounds=True)
    except pyogrio.errors.DataSourceError as error:
        counts = shapefile_counts(path)
        if counts.shp_truncated or counts.shx_truncated or counts.dbf_truncated:
            raise SubmissionError(words("shapefile-truncated", path=told)) from error
        raise
    described = source_of(info, Source(told, origin, file, Format.SHAPEFILE, str(info["layer_name"])))
    found = encoding_of(file, None)
    fields = described.fields if found is None else tuple(found.field_names)
    return replace(
        described,
        fields=fields,
        encoding=None if found is None else found.told,
        encoding_note=None if found is None or not found.notes else found.notes[0],
        index_rebuilt=rebuild,
        stem=path.stem,
    )


def encoding_of(path: Path, forced: str | None) -> DbfEncoding | None:
    """How a shapefile's attributes are written; None where it has no .dbf."""
    table = sibling(path, ".dbf")
    if table is None:
        return None
    declared = sibling(path, ".cpg")
    said = declared.read_text(encoding="ascii", errors="ignore").strip() if declared is not None else None
    return dbf_encoding(table, said or None, forced)
