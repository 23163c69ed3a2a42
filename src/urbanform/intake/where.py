"""Which features a manifest's ``where`` chooses."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from urbanform.intake.own_words import number_of, truth_of


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
            meaning = truth_of(word)
            if meaning is not None:
                found |= (values == meaning).fillna(False).to_numpy(dtype=bool)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        for word in given:
            number = _number(word)
            if number is not None:
                found |= (column == number).fillna(False).to_numpy(dtype=bool)
    else:
        text = column.astype("str").str.strip()
        found |= text.isin([word.strip() for word in given]).to_numpy(dtype=bool)
        blank |= (text == "").fillna(False).to_numpy(dtype=bool)
    if None in wanted:
        found |= blank
    return found


def _number(word: str) -> int | float | None:
    """The number that a word is; a whole one as such, since past 2⁵³ neighbours are one to floating point."""
    low = word.strip().lower()
    if low in ("true", "false"):
        return int(low == "true")
    number = number_of(low)
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)
