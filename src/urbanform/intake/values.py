"""Values as bureaus write them, read into canonical columns: one function for every kind of field.

Nothing is guessed: what cannot be read for certain is unknown and told as unreadable. Words are those of the table
``field_values``; for numbers see :mod:`urbanform.intake.written_numbers`.
"""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from urbanform.intake.written_numbers import (
    Numbers,
    distinct_values,
    numbers_in,
    plain,
    storeys_of,
    text_of,
    unit_in_name,
)
from urbanform.model.roles import Field, FieldKind
from urbanform.vocabulary import fold, meanings, unit_factors
from urbanform.wording import MOST_LISTED, Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "value-unreadable": (
        "字段 {source} 有 {count} 个值读不出：{found}；应为{wanted}。请更正{remedy}",
        "{count} values of the field {source} cannot be read: {found}; wanted: {wanted}. Correct them{remedy}",
    ),
    "value-map": (
        "，或在 submission.yaml 该图层下写 map: {{{field}: {{{found}: …}}}}，… 处填上述之一",
        ", or write map: {{{field}: {{{found}: …}}}} for the layer in submission.yaml, one of them for …",
    ),
    "wanted-text": ("文字", "text"),
    "wanted-category": ("{values} 之一，或其通行写法", "one of {values}, or a usual word for it"),
    "wanted-flag": ("是或否", "yes or no"),
    "wanted-number": ("数字", "a number"),
    "wanted-metres": ("{low} 至 {high} 的米数", "metres between {low} and {high}"),
    "wanted-area": ("面积（{unit}）", "an area ({unit})"),
    "wanted-population": ("人数，或带“万”的万人数", "a number of persons, or of 10,000 persons with 万"),
    "wanted-year": ("1900 至 2100 的年份", "a year from 1900 to 2100"),
    "wanted-count": ("整数个数", "a whole number"),
    "wanted-share": ("0 至 1 的小数，或 0 至 100 的百分数", "a fraction from 0 to 1, or a percentage from 0 to 100"),
    "wanted-land_use": ("用地代码或用地名称，如 0701、R2、城镇住宅用地", "a land-use code or name, such as 0701 or R2"),
    "wanted-storeys": ("1 至 200 的地上层数", "storeys above ground, 1 to 200"),
    "unit-taken": ("字段 {source} 按 {unit} 读取", "the field {source} is read in {unit}"),
    "share-is-percent": ("字段 {source} 按百分数读取", "the field {source} is read as percent"),
    "share-is-mixed": (
        "字段 {source} 最大值超过 1，按百分数读取，但有 {count} 个值在 0 与 1 之间，可能是小数；请统一写法",
        "the field {source} is read as percent, since its largest value is over 1, yet {count} values lie between "
        "0 and 1 and may be fractions; write all in one way",
    ),
    "height-is-elevation": (
        "字段 {source} 的值多在 600 m 以上，像是屋顶海拔而非建筑高度；请改填建筑高度",
        "most values of the field {source} exceed 600 m, as elevations above sea level do; give heights above ground",
    ),
}

HIGHEST_BUILDING_M = 600.0
"""What exceeds it is read as an elevation above sea level."""

METRES_BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"height": (2.0, HIGHEST_BUILDING_M), "height_limit": (0.1, 1000.0)}
)
WIDTH_BOUNDS = (2.0, 200.0)
YEAR_BOUNDS = (1900, 2100)
MOST_PERSONS = 1.5e9
MAY_BE_NOUGHT = frozenset({"pv_area", "installable_roof_area"})
"""Areas that a building may have none of; a floor area of nought stands for a missing one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One source column, read.

    Attributes
    ----------
    columns
        The canonical columns by name, on the index of the source: NaN, None or <NA> where a value is unknown.
    unreadable
        Something was written that cannot be read for certain, a placeholder for a missing value among them; (n,).
    blank
        Nothing was written; (n,).
    examples
        The first distinct texts that could not be read.
    unit
        The unit of bare numbers that the manifest or the field's name told; None where neither did.
    notes
        What the user should know of how the column was read.
    """

    columns: Mapping[str, pd.Series]
    unreadable: np.ndarray
    blank: np.ndarray
    examples: tuple[str, ...] = ()
    unit: str | None = None
    notes: tuple[Words, ...] = ()

    @property
    def values(self) -> pd.Series:
        """The first of the columns, which has the field's own name."""
        return next(iter(self.columns.values()))


def read_field(field: Field, raw: pd.Series, source: str = "", unit: str | None = None) -> Reading:
    """Read a source column as a canonical field.

    Parameters
    ----------
    field
        Of any kind but ``LAND_USE``, which takes two columns (:func:`urbanform.intake.land_use.read_land_use`).
    source
        The field's name in the file, where a unit may stand.
    unit
        The unit that the manifest gives: of area ``m2``, ``ha``, ``亩``, ``km2``; of population ``人``, ``万人``. It
        goes before one in the name; a unit beside a value goes before both.

    Returns
    -------
    Reading
        Text: as written, trimmed. Category: the canonical word; in ``exemption`` the empty string says that none is
        claimed, which a blank says too, since an exemption is a claim. Flag: nullable boolean. Share: 0 to 1. Others
        float64 in metres, square metres, persons, years or pieces. Storeys: three columns, the first NaN where the
        other two differ.

    Raises
    ------
    KeyError
        ``unit`` is none of the field's units.
    """
    match field.kind:
        case FieldKind.TEXT:
            return _text(field, raw)
        case FieldKind.CATEGORY:
            return _category(field, raw)
        case FieldKind.FLAG:
            return _by_word(field, raw, _flag_reader(field.name), "boolean")
        case FieldKind.STOREYS:
            return _storeys(field, raw)
        case FieldKind.SHARE:
            return _share(field, raw, source)
        case FieldKind.YEAR:
            return _year(field, raw)
        case FieldKind.METRES:
            low, high = METRES_BOUNDS.get(field.name, (0.0, 1e5))
            return _metres(field, raw, source, low, high)
        case FieldKind.WIDTH:
            return _metres(field, raw, source, *WIDTH_BOUNDS)
        case FieldKind.AREA:
            return _in_unit(field, raw, source, unit, "area", 0.0 if field.name in MAY_BE_NOUGHT else 1e-9)
        case FieldKind.POPULATION:
            return _in_unit(field, raw, source, unit, "population", 0.0, MOST_PERSONS)
        case FieldKind.COUNT:
            numbers = numbers_in(raw, "count")
            return _numeric(field, raw, numbers, numbers.value % 1 != 0)
        case FieldKind.NUMBER:
            return _numeric(field, raw, numbers_in(raw, signed=True))
        case FieldKind.LAND_USE:
            raise ValueError("land use is read by read_land_use")


def unreadable_words(field: Field, source: str, reading: Reading) -> Words | None:
    """What could not be read, what was wanted and how to mend it; None where all could."""
    count = int(reading.unreadable.sum())
    if not count:
        return None
    remedy: Words | str = ""
    if field.kind is FieldKind.CATEGORY and reading.examples:
        remedy = own_words(WORDS, "value-map", field=field.name, found=reading.examples[0])
    found = list(reading.examples)
    return own_words(
        WORDS, "value-unreadable", source=source, count=count, found=found, wanted=wanted_words(field), remedy=remedy
    )


def wanted_words(field: Field) -> Words:
    """What may stand in a field."""
    match field.kind:
        case FieldKind.CATEGORY:
            return own_words(WORDS, "wanted-category", values=list(field.values))
        case FieldKind.METRES | FieldKind.WIDTH:
            low, high = METRES_BOUNDS.get(field.name, WIDTH_BOUNDS)
            return own_words(WORDS, "wanted-metres", low=low, high=high)
        case FieldKind.AREA:
            return own_words(WORDS, "wanted-area", unit="m²")
        case kind:
            return own_words(WORDS, f"wanted-{kind.value}")


def _reading(
    raw: pd.Series,
    columns: Mapping[str, pd.Series],
    bad: np.ndarray,
    blank: np.ndarray,
    unit: str | None = None,
    notes: tuple[Words, ...] = (),
) -> Reading:
    examples: tuple[str, ...] = ()
    if bad.any():
        texts = (text_of(value).strip() for value in distinct_values(raw[bad])[1])
        examples = tuple(dict.fromkeys(itertools.islice(texts, MOST_LISTED)))
    return Reading(columns, bad, blank, examples, unit, notes)


def _numeric(
    field: Field,
    raw: pd.Series,
    numbers: Numbers,
    outside: np.ndarray | bool = False,
    unit: str | None = None,
    notes: tuple[Words, ...] = (),
) -> Reading:
    """A reading of numbers, those ``outside`` what the field can hold among the unreadable."""
    bad = numbers.unreadable | (~numbers.blank & outside)
    value = pd.Series(np.where(bad, np.nan, numbers.value), index=raw.index, name=field.name)
    return _reading(raw, {field.name: value}, bad, numbers.blank, unit, notes)


def _metres(field: Field, raw: pd.Series, source: str, low: float, high: float) -> Reading:
    numbers = numbers_in(raw, "length", limit=field.name == "height_limit")
    over = numbers.value > high
    notes: tuple[Words, ...] = ()
    if field.name == "height" and over.sum() * 2 > (~numbers.blank).sum():
        notes = (own_words(WORDS, "height-is-elevation", source=source),)
    return _numeric(field, raw, numbers, over | (numbers.value < low), notes=notes)


def _in_unit(
    field: Field, raw: pd.Series, source: str, unit: str | None, dimension: str, low: float, high: float = np.inf
) -> Reading:
    units = unit_factors(dimension)
    told = unit if unit is not None else unit_in_name(source, dimension)[1]
    if told is None and dimension == "population" and "万" in source:
        told = "万人"
    factor = 1.0 if told is None else units[fold(told)]
    numbers = numbers_in(raw, dimension, factor)
    notes = () if factor == 1.0 else (own_words(WORDS, "unit-taken", source=source, unit=told),)
    outside = (numbers.value < low) | (numbers.value > high)
    return _numeric(field, raw, numbers, outside, unit=told, notes=notes)


_ALL_OR_NOTHING = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}


def _share(field: Field, raw: pd.Series, source: str) -> Reading:
    """0 to 1. ``35%`` is percent; bare numbers are fractions where the largest is at most 1, else percent."""
    known = {**meanings("flag"), **meanings(field.name)} if meanings(field.name) else {}
    known = {word: value for word, value in known.items() if not word.isdigit()}
    codes, distinct = distinct_values(raw)
    texts = [plain(text_of(value)) for value in distinct]
    fixed = np.array([_ALL_OR_NOTHING.get(known.get(fold(text), ""), np.nan) for text in texts] + [np.nan])
    signed = np.array([text.endswith("%") for text in texts] + [False])
    number = numbers_in(pd.Series([*(text.removesuffix("%") for text in texts), None], dtype=object)).value
    number = np.where((number >= 0) & (number <= 100), number, np.nan)
    fixed = np.where(signed, number / 100, fixed)
    bare = np.where(signed, np.nan, number)
    percent = bool((bare > 1).any())
    fixed, bare, blank = fixed[codes], bare[codes], _blank(codes, distinct)
    notes: tuple[Words, ...] = ()
    if percent:
        between = int(((bare > 0) & (bare < 1)).sum())
        notes = (own_words(WORDS, "share-is-mixed" if between else "share-is-percent", source=source, count=between),)
    share = np.where(np.isnan(fixed), bare / 100 if percent else bare, fixed)
    value = pd.Series(share, index=raw.index, name=field.name)
    return _reading(raw, {field.name: value}, ~blank & np.isnan(share), blank, notes=notes)


def _storeys(field: Field, raw: pd.Series) -> Reading:
    codes, distinct = distinct_values(raw)
    spans = np.array([*(storeys_of(value) or (np.nan, np.nan) for value in distinct), (np.nan, np.nan)])[codes]
    low, high = spans[:, 0], spans[:, 1]
    blank = _blank(codes, distinct)
    columns = dict(zip(field.columns, (np.where(low == high, low, np.nan), low, high), strict=True))
    series = {name: pd.Series(column, index=raw.index, name=name) for name, column in columns.items()}
    return _reading(raw, series, ~blank & np.isnan(low), blank)


_YEAR = re.compile(r"(\d{4})(?:年?|[-/.年](\d{1,2})月?(?:[-/.月]?(\d{1,2})日?)?(?:[t ].*)?)|(\d{4})(\d{2})(\d{2})?")


def _year(field: Field, raw: pd.Series) -> Reading:
    """A year; of a date its year. A decade or a span of years is unreadable: which year is not told."""

    def parse(value: object) -> float:
        if isinstance(value, dt.date):
            return float(value.year)
        found = _YEAR.fullmatch(plain(text_of(value)))
        if found is None:
            return np.nan
        month, day = int(found[2] or found[5] or 1), int(found[3] or found[6] or 1)
        return float(found[1] or found[4]) if 1 <= month <= 12 and 1 <= day <= 31 else np.nan

    codes, distinct = distinct_values(raw)
    value = np.array([*map(parse, distinct), np.nan], dtype=np.float64)[codes]
    value = np.where((value >= YEAR_BOUNDS[0]) & (value <= YEAR_BOUNDS[1]), value, np.nan)
    blank = _blank(codes, distinct)
    series = pd.Series(value, index=raw.index, name=field.name)
    return _reading(raw, {field.name: series}, ~blank & np.isnan(value), blank)


def _category(field: Field, raw: pd.Series) -> Reading:
    known = {**meanings(field.name), **{fold(value): value for value in field.values}}
    reading = _by_word(field, raw, lambda text: known.get(fold(text)), "str")
    if field.name != "exemption":
        return reading
    claimed = reading.values.where(~reading.blank, "")
    return Reading({field.name: claimed}, reading.unreadable, reading.blank, reading.examples)


def _flag_reader(name: str) -> Callable[[str], object]:
    known = {**meanings("flag"), **meanings(name)}
    return lambda text: None if (word := known.get(fold(text))) is None else word == "true"


_AS_WRITTEN = r"^[!-~\p{Han}]([ -~\p{Han}]*[!-~\p{Han}])?$"
"""Chinese and ASCII characters, with no blank at either end."""


def _text(field: Field, raw: pd.Series) -> Reading:
    """Text, trimmed. No mark of a blank has a digit in it: texts that have one, as ids do, are kept as a column."""
    column = _texts_of_integers(raw)
    if not isinstance(column.dtype, pd.StringDtype):
        return _by_word(field, raw, str.strip, "str")
    written = pa.array(column, from_pandas=True)
    kept = pc.and_(pc.match_substring_regex(written, "[0-9]"), pc.match_substring_regex(written, _AS_WRITTEN))
    rest = np.flatnonzero(~pc.fill_null(kept, False).to_numpy(zero_copy_only=False))
    blank = np.zeros(len(column), dtype=bool)
    column = column.rename(field.name)
    if rest.size:
        others = _by_word(field, column.iloc[rest], str.strip, "str")
        blank[rest] = others.blank
        column = column.copy()
        column.iloc[rest] = others.values.to_numpy()
    return _reading(raw, {field.name: column}, np.zeros(len(column), dtype=bool), blank)


def _texts_of_integers(raw: pd.Series) -> pd.Series:
    """A column of whole numbers as texts; any other column as it is."""
    if not pd.api.types.is_integer_dtype(raw.dtype):
        return raw
    texts = pa.array(raw, from_pandas=True).cast(pa.string())
    return pd.Series(texts.to_pandas(), index=raw.index, dtype="str")


def _by_word(field: Field, raw: pd.Series, value_of: Callable[[str], object], dtype: str) -> Reading:
    """Read by words: what ``value_of`` knows goes before the marks of a blank; what it does not know is unreadable."""
    codes, distinct = distinct_values(raw)
    texts = [text_of(value) for value in distinct]
    empty = np.array([*(fold(text) in meanings("blank") for text in texts), True])
    values = np.empty(len(texts) + 1, dtype=object)
    values[:] = [*(value_of(text) for text in texts), None]
    if field.kind is FieldKind.TEXT:
        values[empty] = None
    known = np.array([value is not None for value in values])
    # Few words are made into a column's own kind, not each feature's.
    column = pd.Series(pd.array(values, dtype=dtype).take(codes), index=raw.index, name=field.name)  # type: ignore[call-overload]
    return _reading(raw, {field.name: column}, ~known[codes] & ~empty[codes], ~known[codes] & empty[codes])


def _blank(codes: np.ndarray, distinct: list[object]) -> np.ndarray:
    marks = meanings("blank").keys() | meanings("blank-number").keys()
    return np.array([*(fold(text_of(value)) in marks for value in distinct), True])[codes]
