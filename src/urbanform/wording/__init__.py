"""Every shared word that a user reads, in Chinese and in English, by message code.

The two tables, :mod:`urbanform.wording.zh` and :mod:`urbanform.wording.en`, hold the same codes with the same
placeholders. A check's own words stand in its file as ``WORDS``, a table of code → (zh, en).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from urbanform.wording.en import TEXT as EN
from urbanform.wording.zh import TEXT as ZH


class Language(StrEnum):
    """The languages that urbanform speaks."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One message in both languages, under its code."""

    code: str
    zh: str
    en: str

    def say(self, language: Language) -> str:
        """The message in one language."""
        return self.zh if language is Language.ZH else self.en

    def as_json(self) -> dict[str, str]:
        """The form in which notes and reasons stand in ``results.json``."""
        return {"code": self.code, "zh": self.zh, "en": self.en}


def words(code: str, /, **values: object) -> Words:
    """The shared message of a code with its placeholders filled; a value may itself be :class:`Words`."""
    return fill(code, ZH[code], EN[code], **values)


def own_words(table: Mapping[str, tuple[str, str]], code: str, /, **values: object) -> Words:
    """A message of a check's own ``WORDS`` table, filled as :func:`words` does."""
    zh, en = table[code]
    return fill(code, zh, en, **values)


def fill(code: str, zh: str, en: str, /, **values: object) -> Words:
    """A message from its two templates; lists are joined, floats shortened for reading (never for judging)."""
    return Words(
        code,
        zh.format(**{key: _spoken(value, Language.ZH) for key, value in values.items()}),
        en.format(**{key: _spoken(value, Language.EN) for key, value in values.items()}),
    )


def figure(value: float) -> str:
    """A number as it is printed beside a limit: up to seven significant digits, no trailing zeros.

    >>> figure(7.996), figure(10000.0), figure(0.1 + 0.2)
    ('7.996', '10000', '0.3')
    """
    text = f"{value:.7g}"
    if "e" in text:
        text = f"{value:.0f}" if abs(value) >= 1 else f"{value:.10f}".rstrip("0").rstrip(".")
    return text


def percent(share: float) -> str:
    """A share as percent, to two significant digits.

    >>> percent(1.0), percent(0.0512), percent(0.00001)
    ('100', '5.1', '0.001')
    """
    return figure(float(f"{100 * share:.2g}"))


def unit_words(unit: str) -> Words:
    """A unit as people read it; one that has no words of its own is given as it is."""
    code = f"unit-{unit}"
    return words(code) if code in ZH else Words(code, unit, unit)


def with_unit(value: str, unit: str) -> Words:
    """A printed figure followed by its unit; percent signs and Chinese units close up."""
    told = unit_words(unit)
    gap_en = "" if told.en in ("", "%") else " "
    gap_zh = "" if told.zh in ("", "%") else " "
    return Words("figure", f"{value}{gap_zh}{told.zh}", f"{value}{gap_en}{told.en}")


MOST_LISTED = 10


def _spoken(value: object, language: Language) -> object:
    if isinstance(value, Words):
        return value.say(language)
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, (list, tuple)):
        shown = [str(_spoken(item, language)) for item in value[:MOST_LISTED]]
        text = ("、" if language is Language.ZH else ", ").join(shown)
        more = len(value) - len(shown)
        if not more:
            return text
        return f"{text} 等 {len(value)} 个" if language is Language.ZH else f"{text} and {more} more"
    return value
