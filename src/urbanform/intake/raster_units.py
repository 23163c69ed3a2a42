"""What the values of a population raster count: by the manifest, else by what its name and its band say."""

import re
from pathlib import Path

from urbanform.intake.manifest import Entry, Manifest
from urbanform.intake.rasters import RasterRefused, unit_of
from urbanform.wording import Words, words

TEN_THOUSAND = 10_000.0

# 万 alone may belong to a place: 万州.
_IN_10K = re.compile(r"万人|[（(_\-\s]万(?=$|[)）_\-\s.])|^万$")
_BY_CELL = re.compile(r"(/|per|每)\s*(个)?\s*(格|栅格|网格|像元|pixel|cell|grid)", re.IGNORECASE)
_BY_GROUND = re.compile(
    r"密度|densit|(^|[_\s-])pd_\d{4}|(/|per|每)\s*(sq|km|ha|m2|hectare|平方|公顷|亩|㎡)|人\s*/|km\s*\^?-2",
    re.IGNORECASE,
)
_PERSONS = frozenset(
    {"", "人", "口", "人口", "people", "person", "persons", "population", "pop", "count", "inhabitants"}
)


def vector_keys(entry: Entry, manifest: Manifest) -> list[str]:
    """Keys of the manifest that would do nothing to a raster, and must not seem to."""
    given = {
        "encoding": entry.encoding,
        "fields": entry.fields,
        "defaults": entry.defaults,
        "join": entry.join,
        "where": entry.where,
        "map": entry.mapping,
        f"values.{entry.role}": manifest.values.get(entry.role),
    }
    return [key for key, value in given.items() if value]


def persons_each(entry: Entry, file: Path, told: str) -> tuple[float, Words | None]:
    """How many persons a value of 1 in a cell is, and what is to be noted.

    Raises
    ------
    RasterRefused
        The name or the band's unit says something else than persons in each cell, and the manifest does not settle it.
    """
    said = entry.units.get("population")
    band = unit_of(file).strip()
    if said is None:
        for text in (Path(told).stem, band):
            if _BY_GROUND.search(text) and not _BY_CELL.search(text):
                raise RasterRefused("raster-unit", words("raster-unit", path=told, found=text))
        if band.lower() not in _PERSONS and not _IN_10K.search(band) and not _BY_CELL.search(band) and band != "万":
            raise RasterRefused("raster-unit", words("raster-unit", path=told, found=band))
        said = "万人" if band == "万" or any(_IN_10K.search(text) for text in (Path(told).stem, band)) else "人"
    if said == "人":
        return 1.0, None
    return TEN_THOUSAND, words("raster-in-10k", path=told)
