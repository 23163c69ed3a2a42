"""Numbers as they are written: with units, thousand separators, full-width digits, and storeys in words.

A column is read by its distinct values; a plain number column is read as a whole.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanform.vocabulary import fold, meanings, unit_factors

_NUMBER = r"[+-]?(?:(?:\d{1,3}(?:[, ]\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*([^\d\s,.;+~*×=<>-].*)?", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?:h|限高|高度)?(?:≤|<=|⩽|不超过|不大于|不高于|不应大于|控制在)?(?P<what>.+?)(?:及?以下|以内|及以内)?"
)
_BRACKETED = re.compile(r"(.+?)[(\[【<](?:单位[:：]?)?([^()\[\]【】<>]+)[)\]】>]?")
_GLUED = re.compile(r"(.+[\u4e00-\u9fff])([a-z]+[\^]?2?)")
_NINES = tuple(10.0**digits - 1 for digits in range(6, 13))
MOST_STOREYS = 200
_BASEMENT = re.compile(r"(?:地下|负|b|-)\d+(?:层|楼|f)?|(?:地下|负)[一二两三四五六](?:层|楼)?")
_LOFTS = frozenset({"跃", "跃层", "阁", "阁楼", "夹", "机房", "局部"})
_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)}
_NUMERAL = re.compile(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)")
MOST = 1e12
"""No quantity that the rules know comes near it; what does stands for something else."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column, shape (n,) each.

    ``value`` float64 in the base unit of the dimension, NaN where there is none · ``bare`` no unit stood beside it ·
    ``blank`` nothing was written · ``unreadable`` something was, but no number that can be.
    """

    value: np.ndarray
    bare: np.ndarray
    blank: np.ndarray
    unreadable: np.ndarray


def distinct_values(raw: pd.Series) -> tuple[np.ndarray, list[object]]:
    """For each row the position of its value among the distinct ones, −1 where it is null; and those values."""
    try:
        codes, distinct = pd.factorize(raw, use_na_sentinel=True)
    except TypeError:
        # Lists and tables, as GeoJSON may hold, cannot be hashed; nothing reads them, but they must be told.
        codes, distinct = pd.factorize(raw.map(lambda value: value if pd.api.types.is_scalar(value) else str(value)))
    return np.asarray(codes), list(distinct)


def text_of(value: object) -> str:
    """A value as text: whole numbers without decimals, dates as ISO 8601, flags as true and false."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer() and abs(float(value)) < 1e15:
        return str(int(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def plain(text: str) -> str:
    """Text with full-width characters folded, lower case, without blanks at its ends."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def numbers_in(
    raw: pd.Series, dimension: str | None = None, factor: float = 1.0, limit: bool = False, signed: bool = False
) -> Numbers:
    """The numbers of a column.

    Placeholders such as -9999, 999999999, 1e20 and infinity are unreadable, and so is anything below zero unless
    ``signed``. An empty column gives empty arrays.

    Parameters
    ----------
    dimension
        Whose unit words may stand beside a number: ``length``, ``area``, ``population``, ``count``; None for none.
    factor
        What a number without a unit word is multiplied by.
    limit
        Whether words that mark an upper limit (``≤24``, ``24米以下``) may stand beside the number.
    """
    if pd.api.types.is_numeric_dtype(raw.dtype) and not pd.api.types.is_bool_dtype(raw.dtype):
        value = raw.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        blank = np.isnan(value)
        bad = ~blank & _stands_in(value, signed)
        return Numbers(np.where(blank | bad, np.nan, value * factor), ~blank, blank, bad)
    codes, distinct = distinct_values(raw)
    units = unit_factors(dimension) if dimension else {}
    read = [_quantity(value, units.get, limit) for value in distinct]
    # The row behind the last stands for null, at which code −1 points.
    read.append((np.nan, np.nan, True))
    number, unit, empty = (np.array(column) for column in zip(*read, strict=True))
    number, unit, blank = number.astype(np.float64)[codes], unit.astype(np.float64)[codes], empty.astype(bool)[codes]
    bad = ~blank & (np.isnan(number) | _stands_in(number, signed))
    bare = np.isnan(unit)
    value = number * np.where(bare, factor, unit)
    return Numbers(np.where(blank | bad, np.nan, value), bare & ~blank, blank, bad)


def unit_in_name(name: str, dimension: str) -> tuple[str, str | None]:
    """A field name without the unit that it ends on, and that unit's folded word; None where it says none.

    >>> unit_in_name("建筑面积（公顷）", "area"), unit_in_name("RK_万人", "population"), unit_in_name("JZMJ", "area")
    (('建筑面积', '公顷'), ('rk', '万人'), ('JZMJ', None))
    """
    units = unit_factors(dimension)
    text = plain(name)
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed and fold(bracketed[2]) in units:
        return bracketed[1].strip(), fold(bracketed[2])
    glued = _GLUED.fullmatch(text)
    if glued and glued[2] in units:
        return glued[1], glued[2]
    stem, joint, last = text.replace("-", "_").replace(" ", "_").rpartition("_")
    if joint and stem and fold(last) in units:
        return stem, fold(last)
    for unit in sorted((word for word in units if not word.isascii()), key=len, reverse=True):
        if text.endswith(unit) and len(text) > len(unit) + 1:
            return text.removesuffix(unit).rstrip("_ -"), unit
    return name, None


def storeys_of(value: object) -> tuple[float, float] | None:
    """Between how many storeys above ground lie, from a value as written; None where it cannot be told.

    ``6层``, ``6F``, ``六层`` → 6 · ``-1/18``, ``地上18层地下2层`` → 18 · ``18+1`` → 18 to 19 · ``6-8`` → 6 to 8.
    Basements alone, nought, over 200, fractions, two numbers without a sign of which is above ground → None.
    """
    text = re.sub(r"(?<=.)(地上|地下)", r"/\1", fold(text_of(value)))
    span = re.fullmatch(r"(\d+)(?:层|f)?[-~至](\d+)(?:层|f)?", text)
    if span and 1 <= int(span[1]) < int(span[2]) <= MOST_STOREYS:
        return float(span[1]), float(span[2])
    parts = [part for part in re.split(r"[/\\、,;~()|]+|(?<=\d)\+(?=b|-)", text) if part]
    above = [part for part in parts if not _BASEMENT.fullmatch(part)]
    if len(above) != 1:
        return None
    topped = re.fullmatch(r"(?:-\d+\+)?(.+?)(?:\+(.+?))?", above[0])
    if topped is None:
        return None
    low = _storey_count(topped[1])
    more: float | None = 0.0
    if topped[2] is not None:
        more = 1.0 if topped[2].rstrip("层") in _LOFTS else _storey_count(topped[2])
    if low is None or more is None or low + more > MOST_STOREYS:
        return None
    return low, low + more


def _storey_count(text: str) -> float | None:
    """A count of storeys in digits or plain Chinese numerals, with or without the word for storeys."""
    found = re.fullmatch(
        rf"(?:地上|共)?(.+?)({'|'.join(sorted(unit_factors('storeys'), key=len, reverse=True))})?", text
    )
    if found is None:
        return None
    word = found[1]
    if re.fullmatch(r"\d{1,3}(?:\.0*)?", word):
        count = int(float(word))
    elif word in ("单", "两"):
        count = 1 if word == "单" else 2
    elif word and (numeral := _NUMERAL.fullmatch(word)):
        tens, ten, ones = numeral.groups()
        if not ten and tens and ones:
            return None
        count = (_DIGITS.get(tens, 1) * 10 if ten else _DIGITS.get(tens, 0)) + _DIGITS.get(ones, 0)
    else:
        return None
    return float(count) if 1 <= count <= MOST_STOREYS else None


def _quantity(value: object, unit_of: Callable[[str], float | None], limit: bool) -> tuple[float, float, bool]:
    """Number, factor of its unit (NaN for a bare one), and whether nothing was written; NaN where it cannot be read."""
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return float(value), np.nan, False
    text = plain(text_of(value))
    if fold(text) in meanings("blank") or fold(text) in meanings("blank-number"):
        return np.nan, np.nan, True
    if limit and (told := _LIMIT.fullmatch(text.replace(" ", ""))):
        text = told["what"]
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return np.nan, np.nan, False
    number = float(found[1].replace(",", "").replace(" ", ""))
    if not found[2]:
        return number, np.nan, False
    factor = unit_of(fold(found[2]))
    return (np.nan, np.nan, False) if factor is None else (number, factor, False)


def _stands_in(value: np.ndarray, signed: bool) -> np.ndarray:
    """Whether a number stands for a missing one or lies where no quantity can."""
    with np.errstate(invalid="ignore"):
        stands_in = ~np.isfinite(value) | (np.abs(value) >= MOST) | np.isin(np.abs(value), _NINES)
        return stands_in | (np.isin(value, (-1, -99, -999, -9999, -99999)) if signed else value < 0)
