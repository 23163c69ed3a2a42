"""What the written land use of a parcel may mean beyond the class that it was read into."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

from urbanform.model.roles import LandUse
from urbanform.vocabulary import fold, table

_SPLIT = re.compile(r"[/\\+,;、()|&\[\]\s]+|和|与|兼容|兼")
_RUN = re.compile(r"(?:[A-Z]\d{1,3}){2,}")
_DIGITS = re.compile(r"(\d{1,6})(?:\.0+)?")

Meaning = tuple[LandUse, bool]
"""A class, and whether the code or name covers more than the class says."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """Which parcels are of one class, shape (n,) each; no parcel is in two of them.

    Attributes
    ----------
    sure
        Of the class, and of no other.
    mixed
        Of the class in the first place, and of others besides.
    perhaps
        It is not known: the class is unknown, or what is written may mean it.
    """

    sure: np.ndarray
    mixed: np.ndarray
    perhaps: np.ndarray


def certainty(parcels: gpd.GeoDataFrame, use: LandUse, wider: Iterable[LandUse] = (), also: str = "") -> Certainty:
    """How certain it is that parcels are of a class.

    Parameters
    ----------
    parcels
        A frame with the columns of the field ``land_use``.
    use
        The class.
    wider
        Classes that, written in general, cover ``use`` among other land.
    also
        A regular expression for names of mixed land whose main use is ``use``.
    """
    classed = parcels["land_use"]
    doubt = parcels["land_use_doubt"].eq(True).to_numpy(dtype=bool)
    unknown = classed.isna().to_numpy()
    of_use = classed.eq(use).fillna(False).to_numpy(dtype=bool)
    sure = of_use & ~doubt
    # Written texts are few, however many parcels there are.
    number, written = pd.factorize(parcels["land_use_code"])
    plain = set(np.unique(number[sure & (number >= 0)]).tolist())
    texts = [str(text) for text in written]
    alone = {fold(text) for at, text in enumerate(texts) if at in plain}
    parts = [_uses(text) for text in texts]
    mixed_text = [
        _certain(part[0], use, alone) if len(part) > 1 else bool(also and re.search(also, text))
        for part, text in zip(parts, texts, strict=True)
    ]
    open_text = [_may_mean(part, use) for part in parts]
    mixed = of_use & doubt & _spread(mixed_text, number)
    general = classed.isin(list(wider)).to_numpy(dtype=bool) & doubt
    perhaps = unknown | (doubt & ~mixed & (of_use | general | _spread(open_text, number)))
    return Certainty(sure, mixed, perhaps)


def classes_written(text: str) -> frozenset[LandUse]:
    """The classes that a code, a name or several of them stand for in any classification; empty for unknown words."""
    return frozenset(use for part in _uses(text) for use, _ in _meanings(part))


def _spread(values: list[bool], number: np.ndarray) -> np.ndarray:
    """The value of each distinct text for all rows; False where nothing is written."""
    return np.array([*values, False], dtype=bool)[number]


def _uses(text: str) -> list[str]:
    parts = [part for part in _SPLIT.split(text.strip()) if part]
    return [use for part in parts for use in (re.findall(r"[A-Z]\d{1,3}", part) if _RUN.fullmatch(part) else [part])]


def _certain(part: str, use: LandUse, alone: set[str]) -> bool:
    """Whether a part is read as ``use`` and nothing else: everywhere, or where it stands alone in the same layer."""
    return _meanings(part) == {(use, False)} or fold(_padded(part)) in alone


def _may_mean(parts: list[str], use: LandUse) -> bool:
    """Whether parcels that are in doubt under this text may be of the class.

    A code that means one thing in every classification, and is in doubt all the same, is at odds with what stands
    beside it.
    """
    found = [_meanings(part) for part in parts]
    at_odds = len(parts) == 1 and len(found[0]) == 1 and not any(wide for _, wide in found[0])
    return at_odds or any(meaning == use for meanings in found for meaning, _ in meanings)


def _padded(part: str) -> str:
    digits = _DIGITS.fullmatch(part)
    if digits is None:
        return part
    code = digits[1]
    return f"0{code}" if len(code) % 2 and not code.startswith("0") else code


@cache
def _meanings(part: str) -> frozenset[Meaning]:
    """What a code means in each classification that has it, or what a name means."""
    named = _names()
    word = fold(part)
    name = named.get(word) or named.get(f"{word}用地") or named.get(word.removesuffix("用地"))
    if name is not None:
        return frozenset({name})
    code = _padded(part.upper())
    return frozenset(meaning for entries in _systems().values() if (meaning := _entry(entries, code)) is not None)


def _entry(entries: dict[tuple[str, str], Meaning], code: str) -> Meaning | None:
    if (code, "exact") in entries:
        return entries[code, "exact"]
    begun = (entries.get((code[:length], "prefix")) for length in range(len(code), 0, -1))
    return next((meaning for meaning in begun if meaning is not None), None)


@cache
def _systems() -> dict[str, dict[tuple[str, str], Meaning]]:
    systems: dict[str, dict[tuple[str, str], Meaning]] = {}
    for row in table("land_use"):
        meaning = LandUse(row["class"]), row["covers_more"] == "1"
        systems.setdefault(row["system"], {})[row["code"], row["match"]] = meaning
    return systems


@cache
def _names() -> dict[str, Meaning]:
    own = {fold(use.value): (use, use is LandUse.GREEN) for use in LandUse}
    return own | {
        fold(row["name"]): (LandUse(row["class"]), row["covers_more"] == "1") for row in table("land_use_names")
    }
