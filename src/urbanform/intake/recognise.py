"""Which role a layer plays, told from its name, the shapes in it and its fields. What is not plain is not guessed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from urbanform.intake.sources import Source
from urbanform.model.roles import ROLES, Geometry
from urbanform.vocabulary import fold, table
from urbanform.wording import Words, words

NOT_A_ROLE = "none"
"""Marks names in the table of layer names that tell of derived layers: service areas, buffers, labels."""

_SPLIT = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The role of a layer, or None, and why; ``torn`` are the roles between which its name leaves it open."""

    role: str | None
    why: Words
    torn: tuple[str, ...] = ()


def recognise(source: Source) -> Recognised:
    """The role that a layer plays.

    Its own name decides, the heaviest and then the longest keyword first, among the roles that shapes of its kind can
    play; then the names of its folders; then fields that only one role has.
    """
    if source.geometry is None:
        return Recognised(None, words("role-no-shapes"))
    derived = _derived(source.own_names)
    if derived is not None:
        return Recognised(None, words("role-derived", word=derived))
    for name in source.names:
        found = _by_name(name, source.geometry)
        if len(found) == 1:
            (role, keyword), *_ = found.items()
            return Recognised(role, words("role-by-name", keyword=keyword, role=ROLES[role].zh, role_en=ROLES[role].en))
        if found:
            roles = [Words(role, ROLES[role].zh, ROLES[role].en) for role in found]
            first = next(iter(found))
            told = words("role-torn", path=source.path, roles=roles, first=first)
            return Recognised(None, told, tuple(found))
    by_fields = _by_fields(source.fields, source.geometry)
    if by_fields is not None:
        role, fields = by_fields
        return Recognised(role, words("role-by-fields", fields=fields, role=ROLES[role].zh, role_en=ROLES[role].en))
    return Recognised(None, words("role-unknown"))


def _derived(names: Iterable[str]) -> str | None:
    rows = [row for row in table("layer_names") if row["role"] == NOT_A_ROLE]
    found = (row["keyword"] for name in names for row in rows if _speaks_of(name, row["keyword"], row["match"]))
    return next(found, None)


def _by_name(name: str, geometry: Geometry) -> dict[str, str]:
    """The roles whose keywords weigh most in a name, with the keyword; several where they weigh the same."""
    found: dict[tuple[int, int], dict[str, str]] = {}
    for row in table("layer_names"):
        role = row["role"]
        if role == NOT_A_ROLE or geometry not in ROLES[role].geometry:
            continue
        if _speaks_of(name, row["keyword"], row["match"]):
            found.setdefault((int(row["weight"]), len(row["keyword"])), {})[role] = row["keyword"]
    return found[max(found)] if found else {}


def _speaks_of(name: str, keyword: str, match: str) -> bool:
    if match == "exact":
        return fold(_without_stage(name)) == fold(keyword) or fold(name) == fold(keyword)
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


def _by_fields(fields: tuple[str, ...], geometry: Geometry) -> tuple[str, list[str]] | None:
    """The one role that has all it requires, and at least two fields of its own, among the fields of a layer."""
    folded = {fold(name): name for name in fields}
    own: dict[str, dict[str, str]] = {}
    for row in table("field_aliases"):
        key = fold(row["alias"])
        if row["role"] in ROLES and key in folded and geometry in ROLES[row["role"]].geometry:
            own.setdefault(row["role"], {})[row["canonical"]] = folded[key]
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
