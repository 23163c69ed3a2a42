"""Which field of a layer stands for which canonical field of its role.

The table ``field_aliases`` knows the names that bureaus use, by role: the same name means different things in
different layers. Names that a Shapefile cut at ten bytes are known by what is left of them. Two fields that could both
be meant, and a name that could mean two things, are told and not chosen between, unless their values settle it; a name
that is only like a known one is suggested and not used.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import pandas as pd

from urbanform.intake.land_use import read_land_use
from urbanform.intake.values import read_field
from urbanform.intake.written_numbers import distinct_values, unit_in_name
from urbanform.model.roles import Field, FieldKind, Role
from urbanform.vocabulary import fold, table
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "field-rivals": (
        "{role}：字段 {sources} 都可能是“{canonical}”，且数值不同，未采用；"
        "请在 submission.yaml 该图层下写 fields: {{{canonical}: {first}}}",
        "{role}: the fields {sources} could each be {canonical} and differ; none is used. "
        "Write fields: {{{canonical}: {first}}} for the layer in submission.yaml",
    ),
    "field-has-two-meanings": (
        "{role}：字段 {source} 可能是 {canonicals}，未采用；"
        "请按实际含义在 submission.yaml 该图层下写其中一行：{remedies}",
        "{role}: the field {source} could be {canonicals} and is not used. "
        "Write the one that is meant for the layer in submission.yaml: {remedies}",
    ),
    "field-suggested": (
        "{role}：字段 {source} 与“{alias}”相近，可能是 {canonical}，未采用；"
        "如确是，请在 submission.yaml 该图层下写 fields: {{{canonical}: {source}}}",
        "{role}: the field {source} is like {alias} and may be {canonical}; it is not used. "
        "If it is, write fields: {{{canonical}: {source}}} for the layer in submission.yaml",
    ),
}

BESIDES: Mapping[str, Field] = MappingProxyType(
    {
        "land_use_name": Field("land_use_name", FieldKind.TEXT),
        "demolish_flag": Field("demolish_flag", FieldKind.FLAG),
        "new_flag": Field("new_flag", FieldKind.FLAG),
    }
)
"""Fields that no role has but from which one is read: the name beside a land-use code, the flags behind an action."""

ROW_NUMBER = "row_number"
MOSTLY, HARDLY = 0.8, 0.2
"""Shares of the values of a field that can be read as one thing and not as another, for its values to settle it."""

_UTF8_CUT, _NAME_BYTES = 9, 10
_UNITS_IN_NAMES = ("area", "population", "length", "count", "storeys")
_FIELDS_OF_LAND_USE = ("land_use", "land_use_name")


class Language(StrEnum):
    """How a name was recognised, in the order in which it is preferred where nothing hangs on it."""

    CANONICAL = "canonical"
    ZH = "zh"
    PINYIN = "pinyin"
    EN = "en"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Alias:
    """A name by which a canonical field goes; the lower its rank, the more it says. Rank 4 needs the values' word."""

    canonical: str
    alias: str
    language: Language
    rank: int


@dataclass(frozen=True, slots=True)
class Matched:
    """A field of the file that stands for a canonical one, and by which alias."""

    source: str
    alias: Alias


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Fields that were not used because more than one reading is left."""

    sources: tuple[str, ...]
    canonicals: tuple[str, ...]
    message: Words


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """The fields of a layer, matched.

    Attributes
    ----------
    fields
        Canonical field of the role → the field that stands for it.
    besides
        The same for :data:`BESIDES`.
    ambiguities
        What was not chosen between. The canonical fields concerned are not in ``fields``.
    suggestions
        Fields that are like a known name of a canonical field that is lacking, but for ``id`` and ``name``, on which
        no figure hangs.
    row_numbers
        Numbers that a program gave the rows; they are no ids and no attributes that tell features apart.
    unused
        All other fields.
    """

    fields: Mapping[str, Matched]
    besides: Mapping[str, Matched]
    ambiguities: tuple[Ambiguity, ...] = ()
    suggestions: tuple[Words, ...] = ()
    row_numbers: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def sources(self) -> dict[str, str]:
        """Canonical field → name in the file, for the fields of the role."""
        return {canonical: matched.source for canonical, matched in self.fields.items()}


def match_fields(role: Role, names: Sequence[str], samples: Mapping[str, pd.Series] | None = None) -> FieldMatch:
    """Which of a layer's fields stand for the fields of its role.

    A canonical name goes before every alias; then the alias that says more (地上建筑面积) before one that says less
    (建筑面积). Of equals, one that holds nothing steps back, those that hold the same count as one, and the values may
    settle it; ``id`` and ``name``, on which no figure hangs, go by the order of languages. A name of land use stands
    for its code where there is no field of codes; beside one it must be of the same kind (地类 or 用地, existing or
    planned).

    Parameters
    ----------
    names
        As they stand in the file.
    samples
        Columns, or the first rows of them, by name; without them values settle nothing.
    """
    samples = samples or {}
    offers: dict[str, list[tuple[str, Alias]]] = {}
    torn: dict[str, list[Alias]] = {}
    for name in names:
        readings = _readings(role, name)
        if len(readings) > 1:
            settled = _settled_by_values(role, readings, samples.get(name))
            if settled is None:
                torn[name] = readings
                continue
            readings = [settled]
        if readings:
            offers.setdefault(readings[0].canonical, []).append((name, readings[0]))

    matched: dict[str, Matched] = {}
    ambiguities: list[Ambiguity] = []
    # Codes before names: which names may stand beside them hangs on the codes.
    for canonical in sorted(offers, key=lambda known: known == "land_use_name"):
        chosen = _choose(role, canonical, _beside(matched.get("land_use"), canonical, offers[canonical]), samples)
        if isinstance(chosen, Ambiguity):
            ambiguities.append(chosen)
        elif chosen is not None:
            matched[canonical] = chosen
    in_doubt = {canonical for ambiguity in ambiguities for canonical in ambiguity.canonicals}
    if "land_use" in role.fields and "land_use_name" in matched and not matched.keys() | in_doubt >= {"land_use"}:
        matched["land_use"] = matched.pop("land_use_name")
    for name, readings in torn.items():
        lacking = [alias.canonical for alias in readings if alias.canonical in role.fields]
        if any(canonical not in matched for canonical in lacking):
            canonicals = tuple(alias.canonical for alias in readings)
            remedies = [f"fields: {{{canonical}: {name}}}" for canonical in lacking]
            told = {"role": role.zh, "source": name, "canonicals": canonicals, "remedies": remedies}
            ambiguities.append(Ambiguity((name,), canonicals, own_words(WORDS, "field-has-two-meanings", **told)))

    row_numbers = tuple(name for name, _ in offers.get(ROW_NUMBER, []))
    used = {item.source for canonical, item in matched.items() if canonical in role.fields or canonical in BESIDES}
    told_of = {source for item in ambiguities for source in item.sources}
    unused = tuple(name for name in names if name not in used | told_of | set(row_numbers))
    strange = [name for name in unused if not _readings(role, name)]
    return FieldMatch(
        fields={name: matched[name] for name in role.fields if name in matched},
        besides={name: matched[name] for name in BESIDES if name in matched},
        ambiguities=tuple(ambiguities),
        suggestions=tuple(_suggestions(role, strange, set(role.fields) - {"id", "name", *matched})),
        row_numbers=row_numbers,
        unused=unused,
    )


def _beside(codes: Matched | None, canonical: str, fields: list[tuple[str, Alias]]) -> list[tuple[str, Alias]]:
    """Of fields of names the one that speaks of the same land use as a field of codes; all, where there is no such."""
    if codes is None or canonical != "land_use_name":
        return fields
    kin = [item for item in fields if _kind_of_land_use(item[0]) == _kind_of_land_use(codes.source)]
    return sorted(kin, key=lambda item: item[1].rank)[:1]


def _kind_of_land_use(name: str) -> tuple[bool, str]:
    """Whether a field of land use is one of 地类, and of which time it speaks."""
    word = fold(name)
    times = {"gh": "planned", "规划": "planned", "jq": "base", "基期": "base", "xz": "base", "现状": "base"}
    return "dl" in word or "地类" in word, next((time for mark, time in times.items() if word.startswith(mark)), "")


def _readings(role: Role, name: str) -> list[Alias]:
    """What a name may stand for in a role: one alias of each meaning, the best of each; empty where it is not known."""
    known = _aliases(role.name, tuple(role.fields))
    for form in _forms(name):
        if form in known:
            return list(known[form])
    return []


def _forms(name: str) -> Iterator[str]:
    """The folded name; and without the unit that it may end on, or the bracket that was left of one when it was cut."""
    yield fold(name)
    for dimension in _UNITS_IN_NAMES:
        stem, unit = unit_in_name(name, dimension)
        if unit is not None:
            yield fold(stem)
    yield fold(name).rstrip("([_-")


@cache
def _aliases(role: str, canonicals: tuple[str, ...]) -> Mapping[str, tuple[Alias, ...]]:
    """Folded name → meanings, for one role. What is said of the role itself goes before what is said of all."""
    own: dict[str, dict[str, Alias]] = {}
    of_all: dict[str, dict[str, Alias]] = {}
    cut: dict[str, dict[str, Alias]] = {}
    for row in table("field_aliases"):
        if row["role"] not in (role, "*"):
            continue
        alias = Alias(row["canonical"], row["alias"], Language(row["language"]), int(row["rank"]))
        _enter(own if row["role"] == role else of_all, fold(alias.alias), alias)
        for form in _cut_forms(alias.alias):
            shorter = Alias(alias.canonical, alias.alias, Language.CUT, alias.rank)
            _enter(cut, fold(form), shorter)
    found = {**cut, **of_all, **own}
    for name in (*canonicals, *BESIDES):
        found[fold(name)] = {name: Alias(name, name, Language.CANONICAL, 0)}
    return MappingProxyType({form: tuple(meanings.values()) for form, meanings in found.items()})


def canonical_of(role: Role, word: str) -> str | None:
    """The field of a role that a word names in files; None where it names none, or several."""
    said = {alias.canonical for alias in _aliases(role.name, tuple(role.fields)).get(fold(word), ())}
    return said.pop() if len(said) == 1 and said <= role.fields.keys() else None


def _enter(into: dict[str, dict[str, Alias]], form: str, alias: Alias) -> None:
    before = into.setdefault(form, {}).get(alias.canonical)
    if before is None or alias.rank < before.rank:
        into[form][alias.canonical] = alias


def _cut_forms(alias: str) -> set[str]:
    """What a Shapefile leaves of a name that is longer than ten bytes, in either encoding."""
    cut = {alias.encode(codec)[:_NAME_BYTES].decode(codec, "ignore") for codec in ("utf-8", "gb18030")}
    return {form for form in cut if form != alias and len(form.encode()) >= _UTF8_CUT}


def _choose(
    role: Role, canonical: str, fields: list[tuple[str, Alias]], samples: Mapping[str, pd.Series]
) -> Matched | Ambiguity | None:
    """The one of several fields that stands for a canonical one; None where only weak names speak and no values do."""
    field = role.fields.get(canonical) or BESIDES.get(canonical)
    if field is None:
        name, alias = fields[0]
        return Matched(name, alias)
    strong = [(name, alias) for name, alias in fields if alias.rank < 4]
    # Of three characters that are left of a name much else could have been left, unless the values deny it.
    strong = [
        (name, alias)
        for name, alias in strong
        if alias.language is not Language.CUT or not 0 <= _speaks(field, samples.get(name)) < MOSTLY
    ]
    weak = [(name, alias) for name, alias in fields if alias.rank >= 4 and _speaks(field, samples.get(name)) >= MOSTLY]
    left = strong or weak
    if any(alias.rank == 0 for _, alias in left):
        left = [(name, alias) for name, alias in left if alias.rank == 0]
    filled = [(name, alias) for name, alias in left if name not in samples or samples[name].notna().any()]
    left = filled or left
    if not left:
        return None
    # A whole name goes before one that was cut.
    best = min((alias.rank, alias.language is Language.CUT) for _, alias in left)
    left = [item for item in left if (item[1].rank, item[1].language is Language.CUT) == best]
    left.sort(key=lambda item: list(Language).index(item[1].language))
    if len(left) > 1 and canonical not in ("id", "name") and not _same(left, samples):
        saying = [item for item in left if _speaks(field, samples.get(item[0])) >= MOSTLY]
        silent = [item for item in left if 0 <= _speaks(field, samples.get(item[0])) <= HARDLY]
        if len(saying) != 1 or len(saying) + len(silent) != len(left) or field.kind is FieldKind.TEXT:
            sources = tuple(name for name, _ in left)
            told = {"role": role.zh, "sources": list(sources), "canonical": canonical, "first": sources[0]}
            return Ambiguity(sources, (canonical,), own_words(WORDS, "field-rivals", **told))
        left = saying
    return Matched(*left[0])


def _same(fields: list[tuple[str, Alias]], samples: Mapping[str, pd.Series]) -> bool:
    """Whether several fields hold the same values."""
    if any(name not in samples for name, _ in fields):
        return False
    first = samples[fields[0][0]].reset_index(drop=True)
    return all(first.equals(samples[name].reset_index(drop=True)) for name, _ in fields[1:])


def _settled_by_values(role: Role, readings: list[Alias], sample: pd.Series | None) -> Alias | None:
    """The one meaning as which the values can be read, where they can be read as no other."""
    if {alias.canonical for alias in readings} == set(_FIELDS_OF_LAND_USE):
        # Codes and names are read alike, so a name that was cut before it says which is no matter.
        return next(alias for alias in readings if alias.canonical == "land_use_name")
    shares = []
    for alias in readings:
        field = role.fields.get(alias.canonical) or BESIDES.get(alias.canonical)
        shares.append(-1.0 if field is None else _speaks(field, sample))
    yes = [alias for alias, share in zip(readings, shares, strict=True) if share >= MOSTLY]
    no = [share for share in shares if 0 <= share <= HARDLY]
    return yes[0] if len(yes) == 1 and len(no) == len(readings) - 1 else None


def _speaks(field: Field, sample: pd.Series | None) -> float:
    """Share of the distinct values that can be read as a field; −1 where there are none or anything could be."""
    if sample is None or field.kind is FieldKind.TEXT:
        return -1.0
    distinct = pd.Series(distinct_values(sample)[1], dtype=object)
    reading = read_land_use(distinct) if field.kind is FieldKind.LAND_USE else read_field(field, distinct)
    written = ~reading.blank
    return float((~reading.unreadable[written]).mean()) if written.any() else -1.0


def _suggestions(role: Role, strange: Sequence[str], lacking: set[str]) -> Iterator[Words]:
    """For names that are not known, the known name of a lacking field that is most like them."""
    known = {
        form: meanings[0]
        for form, meanings in _aliases(role.name, tuple(role.fields)).items()
        if len(meanings) == 1
        and meanings[0].canonical in lacking
        and meanings[0].rank < 4
        and len(form) > 1
        and meanings[0].language is not Language.CUT
    }
    for name in strange:
        form = fold(name)
        inside = [alias for alias in known if not alias.isascii() and alias in form]
        near = [max(inside, key=len)] if inside else difflib.get_close_matches(form, known, n=1, cutoff=0.8)
        if near:
            alias = known[near[0]]
            told = {"role": role.zh, "source": name, "alias": alias.alias, "canonical": alias.canonical}
            yield own_words(WORDS, "field-suggested", **told)
