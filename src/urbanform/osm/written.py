"""Tag values as OpenStreetMap writes them: lengths with units, storeys, dates."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

FOOT_M, INCH_M = 0.3048, 0.0254

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(m|metres?|meters?|ft|feet|'|km)?")
_FEET = re.compile(r"(\d+)'\s*(\d+)\"")
_UNIT_M = {"ft": FOOT_M, "feet": FOOT_M, "'": FOOT_M, "km": 1000.0}
_HALF = re.compile(r"([1-9]\d*)\.0*[1-9]\d*")
_DATE = re.compile(r"(\d{4})(?:-\d{2}){0,2}")


def metres(values: pd.Series) -> pd.Series:
    """Lengths in metres as text with a plain number; what is not a length stays as it is written, for intake to list.

    Without a unit a length is in metres (the rule of OpenStreetMap). Blank stays blank.

    >>> metres(pd.Series(["12", "12.5 m", "40'", "6'6\\"", "high", None])).tolist()
    ['12', '12.5', '12.192', '1.9812', 'high', None]
    """

    def read(text: str) -> str:
        if both := _FEET.fullmatch(text):
            return f"{int(both[1]) * FOOT_M + int(both[2]) * INCH_M:.6g}"
        found = _LENGTH.fullmatch(text)
        return f"{float(found[1]) * _UNIT_M.get(found[2], 1.0):.6g}" if found else text

    return _each(values, read)


def storeys(levels: pd.Series) -> pd.Series:
    """``building:levels`` as text that intake reads: half a storey leaves two whole numbers possible.

    The tag counts storeys above ground without those in the roof. What is not a number stays as it is written.

    >>> storeys(pd.Series(["6", "2.5", "5;6", None])).tolist()
    ['6', '2-3', '5;6', None]
    """

    def read(text: str) -> str:
        half = _HALF.fullmatch(text)
        return f"{half[1]}-{int(half[1]) + 1}" if half else text

    return _each(levels, read)


def year(dates: pd.Series) -> pd.Series:
    """The year of ``start_date`` where it is exact (1990, 1990-05, 1990-05-01); blank for decades, spans and guesses.

    >>> year(pd.Series(["1990", "1990-05-01", "~1990", "C19", None])).tolist()
    ['1990', '1990', None, None, None]
    """
    return _each(dates, lambda text: found[1] if (found := _DATE.fullmatch(text)) else None)


def _each(values: pd.Series, read: Callable[[str], str | None]) -> pd.Series:
    """What is read of each distinct text; None where there is none."""
    number, distinct = pd.factorize(values)
    told = np.array([*(read(str(text).strip()) for text in distinct), None], dtype=object)
    return pd.Series(told[number], index=values.index, dtype=object)
