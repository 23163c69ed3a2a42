"""Rules and rule packs: one plan's clauses as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from urbanform.wording import Language


class Kind(StrEnum):
    """What is being reviewed."""

    CITY = "city"
    COUNTY_SEAT = "county-seat"
    RENEWAL = "renewal"
    VILLAGE = "village"


class Op(StrEnum):
    """How a figure is compared with a limit."""

    AT_MOST = "<="
    BELOW = "<"
    AT_LEAST = ">="
    ABOVE = ">"
    BETWEEN = "between"


class Unit(StrEnum):
    """The units in which checks measure and limits are written."""

    PERSONS_PER_KM2 = "persons/km2"
    KM_PER_KM2 = "km/km2"
    METRE = "m"
    SQUARE_METRE = "m2"
    HECTARE = "ha"
    PERCENT = "%"
    STOREYS = "storeys"
    KM_PER_10K = "km/10k"
    ONE = "1"


class Severity(StrEnum):
    """The weight of a breach, from the modal words of the clause."""

    MANDATORY = "mandatory"
    RESTRICTED = "restricted"
    PRINCIPLE = "principle"
    TARGET = "target"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Limit:
    """One figure of a clause: the bound (for ``between`` both, which both bind) and the year it falls due."""

    op: Op
    value: float | tuple[float, float]
    unit: Unit
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """A title in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """The title in one language."""
        return self.zh if language is Language.ZH else self.en


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission or a plan belongs; None is unknown."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    city_level: str | None = None
    main_function: str | None = None
    solar_rich: bool | None = None

    def as_json(self) -> dict[str, str | bool]:
        """The known parts by name."""
        return {key: value for key in PLACE_KEYS if (value := getattr(self, key)) is not None}

    def within(self, other: "Place") -> bool:
        """Whether nothing known here contradicts what is known of ``other``, a province, city or county."""
        return all(
            mine is None or theirs is None or same_place(mine, theirs)
            for mine, theirs in (
                (self.province, other.province),
                (self.city, other.city),
                (self.county, other.county),
            )
        )


CITY_LEVELS = {
    "prefecture": ("地级市", "地级", "设区市", "自治州", "地区", "盟"),
    "sub-provincial": ("副省级城市", "副省级市", "副省级"),
    "municipality": ("直辖市", "municipal"),
    "county": ("县级市", "县级", "县", "县城"),
}
"""The administrative levels of cities, and other words for each."""


def city_level(written: str) -> str | None:
    """The level that a word means; None where it is no level."""
    plain = written.strip().lower().replace("_", "-").replace(" ", "-").removesuffix("-city").removesuffix("-level")
    return next((level for level, also in CITY_LEVELS.items() if plain == level or plain in also), None)


PLACE_KEYS = ("province", "city", "county", "city_level", "main_function", "solar_rich")

_SUFFIXES = ("特别行政区", "自治区", "自治州", "自治县", "地区", "省", "市", "县", "区", "州", "盟", "旗")
_PEOPLES = tuple(
    (
        "壮族 回族 维吾尔族 维吾尔 藏族 彝族 苗族 侗族 土家族 布依族 朝鲜族 "
        "满族 瑶族 白族 傣族 景颇族 傈僳族 哈尼族 蒙古族 蒙古 哈萨克 柯尔克孜 "
        "羌族 黎族 畲族 仡佬族 水族 纳西族 佤族 拉祜族 达斡尔族 锡伯族 土族 "
        "撒拉族 保安族 东乡族 裕固族 仫佬族 毛南族 独龙族 怒族 普米族 "
    ).split()
)


def place_stem(name: str) -> str:
    """A place name without the word for its rank and, in autonomous areas, without the names of peoples.

    >>> place_stem("凉山彝族自治州"), place_stem("凉山州"), place_stem("会理市"), place_stem("会理")
    ('凉山', '凉山', '会理', '会理')
    """
    name = name.strip()
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            stem = name.removesuffix(suffix)
            break
    else:
        return name
    shorter = True
    while shorter and suffix.startswith("自治"):
        shorter = False
        for people in _PEOPLES:
            if stem.endswith(people) and len(stem) - len(people) >= 2:
                stem = stem.removesuffix(people)
                shorter = True
                break
    return stem


def same_place(one: str, other: str) -> bool:
    """Whether two names mean one place, with or without 省, 市, 县, 区, 州."""
    return place_stem(one) == place_stem(other)


@dataclass(frozen=True, slots=True)
class AppliesWhen:
    """Where a rule binds: each key that is given must hold; empty means everywhere."""

    place: tuple[str, ...] = ()
    city_level: tuple[str, ...] = ()
    main_function: tuple[str, ...] = ()
    solar_rich: bool | None = None

    def holds(self, place: Place) -> tuple[bool | None, str | None]:
        """Whether the rule binds ``place``; None where it is not known, with the key of the manifest to give."""
        answers: list[tuple[bool | None, str]] = []
        if self.place:
            answers.append(self._named(place))
        if self.city_level:
            answers.append((self._of_level(place.city_level), "place.city_level"))
        if self.main_function:
            value = place.main_function
            answers.append((None if value is None else value in self.main_function, "place.main_function"))
        if self.solar_rich is not None:
            known = place.solar_rich
            answers.append((None if known is None else known == self.solar_rich, "place.solar_rich"))
        if any(answer is False for answer, _ in answers):
            return False, None
        for answer, key in answers:
            if answer is None:
                return None, key
        return True, None

    def _of_level(self, written: str | None) -> bool | None:
        """Whether a level is among those that are bound; None for one that is not known, or no level of cities."""
        if written is None or written in self.city_level:
            return None if written is None else True
        level = city_level(written)
        return None if level is None else level in {city_level(wanted) for wanted in self.city_level}

    def _named(self, place: Place) -> tuple[bool | None, str]:
        names = [name for name in (place.city, place.county) if name is not None]
        if any(same_place(name, wanted) for name in names for wanted in self.place):
            return True, ""
        if place.county is None:
            return None, "place.county"
        return (False, "") if place.city is not None else (None, "place.city")


@dataclass(frozen=True, slots=True)
class Source:
    """Which document and clause a rule stands in."""

    document: str | None
    number: str | None
    clause: str

    def as_json(self) -> dict[str, str | None]:
        """The form in ``results.json``."""
        return {"document": self.document, "number": self.number, "clause": self.clause}


@dataclass(frozen=True, slots=True)
class Document:
    """The notice that issued a plan; None where the plan does not say."""

    number: str | None = None
    issued: str | None = None
    level: str | None = None

    @property
    def year(self) -> int | None:
        """The year of issue, from which a building counts as new."""
        return int(self.issued[:4]) if self.issued else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One clause as data. No code: ``check`` names the way of measuring."""

    id: str
    check: str
    title: Title
    severity: Severity
    source: Source
    binds: tuple[Kind, ...] = ()
    scope: str | None = None
    limits: tuple[Limit, ...] = ()
    applies_when: AppliesWhen = AppliesWhen()
    subjects_when: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    params: Any = None
    document_year: int | None = None


@dataclass(frozen=True, slots=True)
class RulePack:
    """One plan: its rules in order, the document that issued it and where it binds."""

    id: str
    title: Title
    document: Document
    place: Place
    rules: tuple[Rule, ...]
    sha256: str

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id; KeyError where the pack has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


def told_apart(one: RulePack, other: RulePack) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Rule by rule what differs between two packs: rule id → what each says of it, by key; empty where it has none.

    Rules that say the same in all but document and clause are left out.
    """
    found = {}
    for rule_id in dict.fromkeys(rule.id for rule in (*one.rules, *other.rules)):
        here, there = ({rule.id: rule for rule in pack.rules}.get(rule_id) for pack in (one, other))
        mine, theirs = (_said(rule) if rule else {} for rule in (here, there))
        keys = [key for key in dict.fromkeys((*mine, *theirs)) if mine.get(key) != theirs.get(key)]
        if keys:
            found[rule_id] = tuple({key: said[key] for key in keys if key in said} for said in (mine, theirs))
    return found  # type: ignore[return-value]


def _said(rule: Rule) -> dict[str, str]:
    limits = "; ".join(
        f"{limit.op} {limit.value} {limit.unit}" + (f" ({limit.due})" if limit.due else "") for limit in rule.limits
    )
    applies = {
        key: value
        for key in ("place", "city_level", "main_function", "solar_rich")
        if (value := getattr(rule.applies_when, key)) not in ((), None)
    }
    said = {
        "limits": limits or "—",
        "severity": str(rule.severity),
        "binds": ", ".join(rule.binds),
        "check": rule.check,
        "scope": rule.scope or "",
        "applies_when": str(applies) if applies else "",
        "subjects_when": str(dict(rule.subjects_when)) if rule.subjects_when else "",
        "params": str(rule.params) if str(rule.params) else "",
    }
    return {key: value for key, value in said.items() if value}
