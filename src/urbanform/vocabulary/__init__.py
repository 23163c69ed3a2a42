"""Data tables of the words that bureaus use, and how words are compared.

``field_aliases`` names of fields by role · ``field_values`` what is written in them · ``units`` · ``land_use`` codes by
classification and ``land_use_names`` · ``layer_names`` by which roles are recognised · ``stage_words`` that tell
existing layers from planned ones · ``osm_*`` what tags of OpenStreetMap mean.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_JOINT = re.compile(r"(?<=[a-z])[-_]+(?=[a-z])")


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of one data table, by the names of its columns, in the order of the file.

    Raises
    ------
    FileNotFoundError
        There is no such table.
    """
    file = resources.files("urbanform.vocabulary").joinpath(f"{name}.csv")
    return tuple(MappingProxyType(row) for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def fold(word: str) -> str:
    """A word as words are compared: full-width folded, lower case, without spaces or joints between Latin letters.

    >>> fold(" Ｄ级 "), fold("Fire_Hazard"), fold("fire hazard"), fold("-1")
    ('d级', 'firehazard', 'firehazard', '-1')
    """
    return _JOINT.sub("", _SPACE.sub("", unicodedata.normalize("NFKC", word)).casefold())


@cache
def meanings(field: str) -> Mapping[str, str]:
    """Folded word → value, for one field of the table ``field_values``; empty for a field that it does not know."""
    return MappingProxyType({fold(row["word"]): row["value"] for row in table("field_values") if row["field"] == field})


@cache
def unit_factors(dimension: str) -> Mapping[str, float]:
    """Folded unit word → how many metres, square metres, persons, pieces or storeys one of it is."""
    return MappingProxyType(
        {fold(row["word"]): float(row["factor"]) for row in table("units") if row["dimension"] == dimension}
    )
