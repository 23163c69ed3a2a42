"""Words of a manifest beside the values of a file: the same where they are written alike, numbers also by value."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from numbers import Number

import numpy as np

_TRUE = frozenset({"true", "1", "t", "yes", "y", "是"})
_FALSE = frozenset({"false", "0", "f", "no", "n", "否"})


def truth_of(word: str) -> bool | None:
    """What a word says of a column of truth values; None where it says nothing."""
    low = word.strip().lower()
    return True if low in _TRUE else False if low in _FALSE else None


def number_of(word: object) -> Decimal | None:
    """The number that a word or value is, with all its digits; None where it is none."""
    try:
        number = Decimal(str(word).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


class OwnWords:
    """What a manifest's ``map`` gives for the values of a field.

    Text compares as it is written; numbers also by value (1 and 1.0, in a column of numbers also 01); truth values by
    what a word says. A value for which two keys say different things is blank, since neither can be trusted.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._written = {own.strip(): word for own, word in mapping.items()}
        self._numbers: dict[Decimal, set[str]] = {}
        self._truths: dict[bool, set[str]] = {}
        for own, word in mapping.items():
            number, truth = number_of(own), truth_of(own)
            if number is not None:
                self._numbers.setdefault(number, set()).add(word)
            if truth is not None:
                self._truths.setdefault(truth, set()).add(word)

    def of(self, value: object) -> object:
        """The word for a value; the value itself where there is none."""
        if isinstance(value, bool | np.bool_):
            return _only(self._truths.get(bool(value)), value)
        if not isinstance(value, Number):
            return self._written.get(str(value).strip(), value)
        number = number_of(value)
        plain = str(int(number)) if number is not None and number == number.to_integral_value() else str(value)
        if plain in self._written:
            return self._written[plain]
        return value if number is None else _only(self._numbers.get(number), value)


def _only(words: set[str] | None, value: object) -> object:
    if not words:
        return value
    return next(iter(words)) if len(words) == 1 else None
