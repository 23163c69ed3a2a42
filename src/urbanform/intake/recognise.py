"""Which role a layer plays, told from its name, the shapes in it and its fields. What is not plain is not guessed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from urbanform.intake.sources import Source
from urbanform.model.roles import ROLES, SCOPES, Geometry
from urbanform.vocabulary import fold, table
from urbanform.wording import Words, words

NOT_A_ROLE = "none"
"""Marks names in the table of layer names that tell of derived layers: service areas, buffers, labels."""

_PLACES = frozenset({*SCOPES, "sub_areas", "clusters", "renewal_units", "communities", "villages"})
_OF_ALL = frozenset({"id", "name"})
_SPLIT = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The role of a layer, or None, and why.

    Attributes
    ----------
    torn
        The roles between which its name leaves it open.
    misshapen
        The role that its whole name says, but that its shapes cannot play.
    """

    role: str | None
    why: Words
    torn: tuple[str, ...] = ()
    misshapen: str | None = None


def recognise(source: Source) -> Recognised:
    """The role that a layer plays.

    Its own name decides, the heaviest and then the longest keyword first, among the roles that shapes of its kind can
    play; then the names of its folders; then fields that only one role has. Of a layer without a single shape the name
    alone decides.
    """
    named = recognise_names(source.own_names, source.names, source.path, source.geometry)
    if named is not None:
        return named
    if source.geometry is None:
        return Recognised(None, words("role-no-shapes"))
    by_fields = _by_fields(source.fields, source.geometry)
    if by_fields is not None:
        role, fields = by_fields
        return Recognised(role, words("role-by-fields", fields=fields, role=ROLES[role].zh, role_en=ROLES[role].en))
    return Recognised(None, words("role-unknown"))


def recognise_names(
    own_names: Iterable[str], names: Iterable[str], path: str, geometry: Geometry | None
) -> Recognised | None:
    """The role that names speak of, among those that a kind of shape can play (all, where that is None); else None."""
    derived = _derived(own_names)
    if derived is not None:
        return Recognised(None, words("role-derived", word=derived))
    for name in names:
        said = _by_name(name)
        found = {role: word for role, word in said.items() if geometry is None or geometry in ROLES[role].geometry}
        if said and not found:
            (role, keyword), *_ = said.items()
            told = words("role-of-other-shapes", keyword=keyword, role=ROLES[role].zh, role_en=ROLES[role].en)
            return Recognised(None, told, misshapen=_by_whole_name(own_names))
        if len(found) == 1:
            (role, keyword), *_ = found.items()
            return Recognised(role, words("role-by-name", keyword=keyword, role=ROLES[role].zh, role_en=ROLES[role].en))
        if found:
            roles = [Words(role, ROLES[role].zh, ROLES[role].en) for role in found]
            first = next(iter(found))
            return Recognised(None, words("role-torn", path=path, roles=roles, first=first), tuple(found))
    return None


def _by_whole_name(names: Iterable[str]) -> str | None:
    """The one role that a name as a whole says, whatever its shapes; two Latin letters say too little."""
    for name in names:
        said = {fold(name), fold(_without_stage(name))}
        roles = {
            row["role"]
            for row in table("layer_names")
            if fold(row["keyword"]) in said and (not row["keyword"].isascii() or len(row["keyword"]) >= 4)
        }
        if roles:
            return roles.pop() if len(roles) == 1 and NOT_A_ROLE not in roles else None
    return None


def _derived(names: Iterable[str]) -> str | None:
    rows = [row for row in table("layer_names") if row["role"] == NOT_A_ROLE]
    found = (row["keyword"] for name in names for row in rows if _speaks_of(name, row["keyword"], row["match"]))
    return next(found, None)


def _by_name(name: str) -> dict[str, str]:
    """The roles whose keywords weigh most in a name, with the keyword; several where they weigh the same.

    Whether the shapes can play them does not count here: 道路红线 drawn as lines are no roads, whatever 道路 would mean
    alone.
    """
    found: dict[tuple[int, int], dict[str, str]] = {}
    for row in _speaking(name):
        found.setdefault((int(row["weight"]), len(row["keyword"])), {})[row["role"]] = row["keyword"]
    return found[max(found)] if found else {}


def _speaking(name: str) -> list[Mapping[str, str]]:
    """The rows of the table whose keywords a name speaks of, but for places that only say whose the layer is.

    In Chinese what a thing is stands behind what it belongs to: 建成区用地 is land, and not the built-up area.
    """
    rows = [
        row
        for row in table("layer_names")
        if row["role"] != NOT_A_ROLE and _speaks_of(name, row["keyword"], row["match"])
    ]
    spans = [_span(name, row["keyword"]) for row in rows]
    last = max(
        (span[0] for row, span in zip(rows, spans, strict=True) if span and row["role"] not in _PLACES), default=0
    )
    return [
        row
        for row, span in zip(rows, spans, strict=True)
        if row["role"] not in _PLACES or span is None or span[1] > last
    ]


def _span(name: str, keyword: str) -> tuple[int, int] | None:
    """Where a Chinese keyword stands in a name; None for one that does not."""
    at = -1 if keyword.isascii() else fold(name).rfind(fold(keyword))
    return None if at < 0 else (at, at + len(fold(keyword)))


def _speaks_of(name: str, keyword: str, match: str) -> bool:
    if match == "exact":
        return fold(keyword) in {fold(name), fold(_without_stage(name)), *_without_initials(name)}
    if not keyword.isascii():
        return fold(keyword) in fold(name)
    # A Latin keyword must be a word of its own: a parking place is no park.
    own, wanted = _tokens(name), _tokens(keyword)
    return any(
        all(token in (word, f"{word}s") for token, word in zip(own[at:], wanted, strict=False))
        for at in range(len(own) - len(wanted) + 1)
    )


def _tokens(name: str) -> list[str]:
    return [token.lower() for token in _SPLIT.split(name) if token]


def _without_stage(name: str) -> str:
    """A name without years, numbers and the words that tell existing from planned."""
    stages = {fold(row["word"]) for row in table("stage_words")}
    parts = [part for part in re.split(r"[_\-\s.()（）]+", name) if part]
    kept = [part for part in parts if fold(part) not in stages and not re.fullmatch(r"[0-9]+年?", part)]
    text = "_".join(kept)
    for row in table("stage_words"):
        if not row["word"].isascii():
            text = text.removeprefix(row["word"]).removesuffix(row["word"])
    return re.sub(r"^[0-9]+|[0-9]+$", "", text)


def _without_initials(name: str) -> Iterator[str]:
    """A name in Latin letters without the initials of existing or planned that are written onto it: XZJZ, GHDLZX."""
    folded = fold(name)
    for row in table("stage_words"):
        if len(row["word"]) == 2 and row["word"].isascii() and len(folded) >= 4:
            yield folded.removeprefix(fold(row["word"]))


def _by_fields(fields: tuple[str, ...], geometry: Geometry) -> tuple[str, list[str]] | None:
    """The one role that has all it requires, and at least two fields of its own, among the fields of a layer."""
    folded = {fold(name): name for name in fields}
    own: dict[str, dict[str, str]] = {}
    for role, canonical, alias in _names_of_fields():
        if alias in folded and geometry in ROLES[role].geometry:
            own.setdefault(role, {}).setdefault(canonical, folded[alias])
    fit = {
        role: found
        for role, found in own.items()
        if len(set(found.values())) >= 2 and set(ROLES[role].required_fields) <= found.keys()
    }
    if not fit:
        return None
    most = max(len(found) for found in fit.values())
    best = [role for role, found in fit.items() if len(found) == most]
    return (best[0], sorted(set(fit[best[0]].values()))) if len(best) == 1 else None


@cache
def _names_of_fields() -> tuple[tuple[str, str, str], ...]:
    """Role, canonical field and folded name, of every field that belongs to one role."""
    own = [(role.name, name, fold(name)) for role in ROLES.values() for name in role.fields if name not in _OF_ALL]
    aliases = table("field_aliases")
    return (*own, *((row["role"], row["canonical"], fold(row["alias"])) for row in aliases if row["role"] in ROLES))
