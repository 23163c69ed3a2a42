"""Classifications of land use: what a code means in each, and which one a column of codes follows.

Classifications: GB 50137-2011, GBJ 137-90, CJJ/T 85-2017, CJJ/T 85-2002, the land-and-sea classification (2020, 2023),
GB/T 21010-2017 with the working classes of the third national land survey.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from urbanform.model.roles import LandUse
from urbanform.vocabulary import fold, table
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "system-by-field": ("字段名 {field} 表明采用{system}", "the field's name {field} says {system}"),
    "system-by-codes": ("代码 {codes} 按{system}读取", "the codes {codes} are read by {system}"),
    "system-by-names": ("代码与旁边的名称按{system}相符", "codes and the names beside them agree under {system}"),
    "system-assumed": (
        "字段 {field} 未说明采用哪种分类，按{system}读取，在其他分类中含义不同的代码 {codes} 存疑；"
        "请把字段改名为 YDYHFLDM（用地用海）或 DLBM（三调），或补用地名称字段（YDYHFLMC）",
        "the field {field} does not say which classification it follows; it is read by {system}, and the codes "
        "{codes}, which mean other things elsewhere, are in doubt. Rename the field to YDYHFLDM (land-and-sea) or "
        "DLBM (land survey), or add a field of names (YDYHFLMC)",
    ),
    "edition-assumed": (
        "字段 {field} 的代码在新旧标准中都有，按{system}读取，其中含义不同的代码 {codes} 存疑；"
        "请补用地名称字段（YDYHFLMC）",
        "the codes of the field {field} stand in the old standard and in the new; they are read by {system}, and "
        "{codes}, which differ, are in doubt. Add a field of names (YDYHFLMC)",
    ),
    "system-in-conflict": (
        "字段 {field} 的代码不属于同一种分类（{codes}），在各分类中含义不同的代码无法采用；"
        "请统一为一种分类，并把字段命名为 YDYHFLDM（用地用海）、DLBM（三调）或 YDXZDM（GB 50137）",
        "the codes of the field {field} do not belong to one classification ({codes}); those that differ between "
        "them are not used. Write all in one, and name the field YDYHFLDM (land-and-sea), DLBM (land survey) or "
        "YDXZDM (GB 50137)",
    ),
}


class System(StrEnum):
    """Classifications of land use, as the table ``land_use`` names them."""

    GB50137 = "GB 50137-2011"
    GBJ137 = "GBJ 137-90"
    CJJ85 = "CJJ/T 85-2017"
    CJJ85_OLD = "CJJ/T 85-2002"
    LAND_AND_SEA = "用地用海分类"
    LAND_SURVEY = "GB/T 21010（三调）"


Family = tuple[System, ...]
LETTERS: Family = (System.GB50137, System.GBJ137)
GREEN_LETTERS: Family = (System.CJJ85, System.CJJ85_OLD)
DIGITS: Family = (System.LAND_AND_SEA, System.LAND_SURVEY)
"""Classifications whose codes look alike, the one in force first. Those of green space alone are heard where the field
says so, or where the others know too few of the codes."""

_FIELD_SAYS: tuple[tuple[str, Family], ...] = (
    ("ydyh", (System.LAND_AND_SEA,)),
    ("用地用海", (System.LAND_AND_SEA,)),
    ("dlbm", (System.LAND_SURVEY,)),
    ("dldm", (System.LAND_SURVEY,)),
    ("地类", (System.LAND_SURVEY,)),
    ("ldlx", GREEN_LETTERS),
    ("绿地类型", GREEN_LETTERS),
)
"""What a field's name must hold to say its classification, in one of its editions."""

STRAY_SHARE = 0.05
"""Codes that are foreign to a classification are slips where they fill no more of the rows than this, and no
classification knows all codes."""

_KIN: tuple[frozenset[str], ...] = (
    frozenset({"park", "protective-green", "plaza", "attached-green", "regional-green", "green"}),
    frozenset({"road", "highway", "rural-road", "transport", "plaza"}),
    frozenset({"residential", "rural-residential", "commercial"}),
    frozenset({"public", "utility", "special", "commercial", "park", "plaza", "green"}),
    frozenset({"industrial", "storage", "commercial"}),
    frozenset({"water", "open-land", "utility", "other", "rural-road"}),
)
"""Classes of which a name that is wider than one of them may speak."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Which classification the codes of one family follow.

    Attributes
    ----------
    system
        The one, None where it stays open.
    rivals
        Those in question. Where ``system`` is open a code counts only if all that know it give it one class; where it
        was assumed a code on which they differ is in doubt.
    why
        How it was settled.
    fault
        What the user should mend; None where nothing.
    """

    system: System | None
    rivals: Family
    why: Words
    fault: Words | None = None

    def read(self, code: str) -> tuple[str | None, bool]:
        """Class of a code, None where it has none that can be used, and whether that is in doubt."""
        found = [item for system in self.rivals if (item := class_of(system, code)) is not None]
        if self.system is not None:
            own = class_of(self.system, code)
            return (None, False) if own is None else (own[0], own[1] or len({item[0] for item in found}) > 1)
        if len({item[0] for item in found}) != 1:
            return None, False
        return found[0][0], any(item[1] for item in found) or len(found) < len(self.rivals)

    def knows(self, code: str) -> bool:
        """Whether a code stands in any of the classifications in question."""
        return any(class_of(system, code) for system in self.rivals)


def decide(
    family: Family, counts: Mapping[str, int], field_name: str, named: Mapping[tuple[str, str], int]
) -> Decision:
    """Which classification a column of codes follows.

    Parameters
    ----------
    family
        :data:`LETTERS` or :data:`DIGITS`.
    counts
        Rows by code.
    field_name
        The field of codes: its name goes before all else, unless too many codes are foreign to what it says.
    named
        Rows by code and the class of the name beside it: heard where the codes leave it open.
    """
    wider = family + (GREEN_LETTERS if family is LETTERS else ())
    known = {system: {code for code in counts if class_of(system, code)} for system in wider}
    anywhere = set().union(*known.values())
    said = next((editions for part, editions in _FIELD_SAYS if part in fold(field_name) and editions[0] in wider), ())
    able: Family = ()
    for strays in (0.0, STRAY_SHARE * sum(counts.values())):
        knowing = [system for system in wider if sum(counts[code] for code in anywhere - known[system]) <= strays]
        able = able or tuple(system for system in knowing if system in (said or family))
        able = able or (() if said else tuple(knowing))
    if not able:
        rivals = tuple(system for system in wider if known[system])
        only = [code for code in sorted(anywhere) if sum(code in known[system] for system in rivals) < len(rivals)]
        fault = own_words(WORDS, "system-in-conflict", field=field_name, codes=only)
        return Decision(None, rivals, fault, fault)
    differ = [code for code in sorted(anywhere) if len({class_of(system, code) for system in able}) > 1]
    if said and (len(able) == 1 or not differ):
        return Decision(able[0], able[:1], own_words(WORDS, "system-by-field", field=field_name, system=able[0].value))
    if not differ:
        telling = [code for code in sorted(anywhere) if sum(code in known[s] for s in wider) < len(wider)]
        why = own_words(WORDS, "system-by-codes", codes=telling or sorted(anywhere), system=able[0].value)
        return Decision(able[0], able[:1], why)
    agreeing = tuple(system for system in able if _names_agree(system, differ, named))
    if len(agreeing) == 1:
        return Decision(agreeing[0], agreeing, own_words(WORDS, "system-by-names", system=agreeing[0].value))
    assumed = "system-assumed" if family is DIGITS else "edition-assumed"
    fault = own_words(WORDS, assumed, field=field_name, system=able[0].value, codes=differ)
    return Decision(able[0], able, fault, fault)


def _names_agree(system: System, differ: list[str], named: Mapping[tuple[str, str], int]) -> bool:
    """Whether most names beside the codes in question say what this classification says."""
    told = {pair: rows for pair, rows in named.items() if pair[0] in differ}
    same = sum(rows for (code, use), rows in told.items() if (class_of(system, code) or ("",))[0] == use)
    return same * 2 > sum(told.values())


def family_of(code: str) -> Family:
    """The classifications whose codes look like this one."""
    return DIGITS if code[0].isdigit() else LETTERS


def class_of(system: System, code: str) -> tuple[str, bool] | None:
    """Class of a code in one classification, and whether it covers more than the class says; None where it has none.

    The longest entry of the table that begins the code decides; entries of whole groups stand only for themselves.
    """
    entries = _entries(system)
    if (code, "exact") in entries:
        return entries[code, "exact"]
    return next((entries[code[:n], "prefix"] for n in range(len(code), 0, -1) if (code[:n], "prefix") in entries), None)


def class_of_name(name: str) -> tuple[str, bool] | None:
    """Class of a name of land use, and whether it covers more than the class says; None where it is not known."""
    word, known = fold(name), _names()
    return known.get(word) or known.get(f"{word}用地") or known.get(word.removesuffix("用地"))


def contradict(use: str, named: str, wide: bool) -> bool:
    """Whether the class of a code and that of a name cannot both hold; ``wide`` says that the name covers several."""
    if use == named:
        return False
    return not wide or (named != LandUse.OTHER and not any({use, named} <= kin for kin in _KIN))


@cache
def _entries(system: System) -> dict[tuple[str, str], tuple[str, bool]]:
    return {
        (row["code"], row["match"]): (row["class"], row["covers_more"] == "1")
        for row in table("land_use")
        if row["system"] == system.value
    }


@cache
def _names() -> dict[str, tuple[str, bool]]:
    own = {fold(use.value): (use.value, use is LandUse.GREEN) for use in LandUse}
    return {fold(row["name"]): (row["class"], row["covers_more"] == "1") for row in table("land_use_names")} | own
