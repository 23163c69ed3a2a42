"""Which features a manifest's ``where`` chooses."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

_TRUE = {"true", "1", "t", "yes", "y", "是"}
_FALSE = {"false", "0", "f", "no", "n", "否"}


def selected(attributes: pd.DataFrame, where: Mapping[str, tuple[str | None, ...]]) -> np.ndarray:
    """True for the rows in which every field has one of the values that are asked for: shape (n,).

    Words compare as they are written, numbers also by value (7 and 7.0 are one in a column of numbers; 0701 and 701
    are not in a column of text); ``true`` and ``false`` with a column of truth values; null with blanks.
    """
    chosen = np.ones(len(attributes), dtype=bool)
    for name, wanted in where.items():
        chosen &= _any_of(attributes[name], wanted)
    return chosen


def _any_of(column: pd.Series, wanted: tuple[str | None, ...]) -> np.ndarray:
    found = np.zeros(len(column), dtype=bool)
    blank = column.isna().to_numpy(copy=True)
    given = [word for word in wanted if word is not None]
    if pd.api.types.is_bool_dtype(column.dtype):
        values = column.astype("boolean")
        for word in given:
            meaning = True if word.lower() in _TRUE else False if word.lower() in _FALSE else None
            if meaning is not None:
                found |= (values == meaning).fillna(False).to_numpy(dtype=bool)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        for word in given:
            number = _number(word)
            if number is not None:
                found |= numbers == number
    else:
        text = column.astype("str").str.strip()
        found |= text.isin([word.strip() for word in given]).to_numpy(dtype=bool)
        blank |= (text == "").fillna(False).to_numpy(dtype=bool)
    if None in wanted:
        found |= blank
    return found


def _number(word: str) -> float | None:
    low = word.strip().lower()
    if low in ("true", "false"):
        return float(low == "true")
    try:
        return float(low)
    except ValueError:
        return None
