"""Land-use codes and names, in whatever classification, read into the classes on which the rules depend.

The same digits mean different things in different classifications (1207 is a street in the land-and-sea
classification and bare rock in the national land survey), and so do the same letters (S2 is a plaza in GBJ 137-90 and
rail in GB 50137-2011). The field's name decides; then codes that only one classification has; then the names beside
the codes. Where it stays open, codes that differ between the classifications are in doubt or unknown, never guessed.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanform.intake.land_use_systems import Decision, Family, System, class_of_name, contradict, decide, family_of
from urbanform.intake.written_numbers import distinct_values, text_of
from urbanform.vocabulary import fold, meanings
from urbanform.wording import MOST_LISTED, Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "by-name": ("按名称读取", "read by name"),
    "nothing-written": ("没有可读的用地代码或名称", "there is no code or name that can be read"),
    "code-unknown": (
        "字段 {field} 有 {count} 个用地代码或名称不认识：{codes}；请更正，或补用地名称字段（YDYHFLMC）",
        "{count} land-use codes or names of the field {field} are not known: {codes}; correct them, or add a field of "
        "names (YDYHFLMC)",
    ),
    "name-disagrees": (
        "字段 {field} 有 {count} 个地块的用地代码与名称不一致（如 {pairs}），暂按代码读取并存疑；请更正其中之一",
        "code and name disagree for {count} parcels of the field {field} (such as {pairs}); the code is taken, in "
        "doubt. Correct either",
    ),
    "names-disagree": (
        "字段 {field} 的代码多数与名称不一致（如 {pairs}），{count} 个地块的用地无法采用；"
        "请核对该字段采用的分类，再更正字段名、代码或名称",
        "most codes of the field {field} disagree with the names beside them (such as {pairs}); the use of {count} "
        "parcels cannot be taken. Check which classification the field follows and correct its name, codes or names",
    ),
}

_SPLIT = re.compile(r"[/\\+,;、()|&\[\]]+|\s+|和|与|兼容|兼")
_CODE = re.compile(r"\d{1,6}(?:\.0+)?|\d{2}h\d[a-z]?|\d{4}[a-z]\d?|[a-z]{1,2}\d{0,3}[a-z]?", re.IGNORECASE)
_RUN = re.compile(r"(?:[A-Z]\d{1,3}){2,}", re.IGNORECASE)
_CODE_THEN_NAME = re.compile(r"([0-9A-Za-z.]+)[\s_:-]*([\u4e00-\u9fff].*)")


@dataclass(frozen=True, slots=True)
class LandUseReading:
    """The land use of parcels.

    Attributes
    ----------
    classes
        A value of :class:`~urbanform.model.roles.LandUse`, None where it is unknown; on the index of the source.
    codes
        As written, digits padded to an even number; None where nothing was.
    doubt
        The class may cover more than a rule means: it is wider by definition, several uses stand in one cell, the name
        says another class, another classification reads the code differently, or the code is not known and the name
        stands alone; (n,).
    unreadable, blank
        Something was written that gives no class, and nothing was; (n,).
    system
        The classification of most codes; None where all were names or where it stays open.
    why
        How it was settled.
    faults
        What was wrong and how to mend it; empty where nothing was.
    """

    classes: pd.Series
    codes: pd.Series
    doubt: np.ndarray
    unreadable: np.ndarray
    blank: np.ndarray
    system: System | None
    why: Words
    faults: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One distinct text: its codes and names in the order of writing, and whether more stood there."""

    written: str | None = None
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    strange: bool = False


def read_land_use(codes: pd.Series, names: pd.Series | None = None, field_name: str = "") -> LandUseReading:
    """Read the land use of parcels from a field of codes or names, and a field of names beside it where there is one.

    Numbers lose their leading nought in files, so 701 is 0701. Of several codes (``R2/B1``, ``0701+0901``, ``B1B2``)
    the first is the main use. Where the first field is blank, or its code stands in no classification, the name gives
    the class. Where most codes disagree with the names beside them neither is taken.

    Parameters
    ----------
    codes
        Codes, or names, or both.
    names
        Names on the same index; None where there are none.
    field_name
        The name of the field of codes, which decides the classification.
    """
    position, distinct = distinct_values(codes)
    cells = [*map(_cell, distinct), _Cell()]
    named, named_wide = _names_beside(names, len(codes))
    decided = _decisions(cells, position, named, field_name)
    read = [_read(cell, decided) for cell in cells]
    use = np.array([item[0] for item in read], dtype=object)[position]
    doubt = np.array([item[1] for item in read], dtype=bool)[position]
    empty = np.array([cell.written is None for cell in cells])[position]
    foreign = np.array([not any(decided[family_of(code)].knows(code) for code in cell.codes) for cell in cells])[
        position
    ]

    by_name = pd.isna(use) & ~pd.isna(named) & foreign
    use = np.where(by_name, named, use)
    doubt = np.where(by_name, named_wide | ~empty, doubt)

    faults = [decision.fault for decision in decided.values() if decision.fault is not None]
    both = ~pd.isna(use) & ~pd.isna(named)
    clash = _contradicting(use, named, named_wide)
    if clash.any():
        most = clash.sum() * 2 > both.sum()
        told = {"field": field_name, "count": int(clash.sum()), "pairs": _pairs(codes, names, clash)}
        faults.append(own_words(WORDS, "names-disagree" if most else "name-disagrees", **told))
        doubt = doubt | clash
        use[clash & most] = None
    unreadable = ~empty & pd.isna(use)
    strange = unreadable & ~clash & foreign
    if strange.any():
        found = [text_of(value) for value in distinct_values(codes[strange])[1]]
        faults.append(own_words(WORDS, "code-unknown", field=field_name, count=int(strange.sum()), codes=found))
    written = np.array([cell.written for cell in cells], dtype=object)[position]
    main = _main(cells, position, decided)
    return LandUseReading(
        classes=pd.Series(use, index=codes.index, name="land_use", dtype=object),
        codes=pd.Series(written, index=codes.index, name="land_use_code", dtype=object),
        doubt=doubt & ~pd.isna(use),
        unreadable=unreadable,
        blank=empty & pd.isna(use),
        system=None if main is None else main.system,
        why=main.why if main else own_words(WORDS, "nothing-written" if pd.isna(use).all() else "by-name"),
        faults=tuple(faults),
    )


def _decisions(cells: list[_Cell], position: np.ndarray, named: np.ndarray, field_name: str) -> dict[Family, Decision]:
    """The classification of the codes of each family that occurs."""
    rows = np.bincount(np.where(position < 0, len(cells) - 1, position), minlength=len(cells))
    counts: dict[Family, Counter[str]] = {}
    for cell, count in zip(cells, rows.tolist(), strict=True):
        for code in cell.codes:
            counts.setdefault(family_of(code), Counter())[code] += count
    first = np.array([cell.codes[0] if cell.codes else None for cell in cells], dtype=object)[position]
    told = ~pd.isna(first) & ~pd.isna(named)
    beside = Counter(zip(first[told].tolist(), named[told].tolist(), strict=True))
    return {family: decide(family, of_family, field_name, beside) for family, of_family in counts.items()}


def _main(cells: list[_Cell], position: np.ndarray, decided: dict[Family, Decision]) -> Decision | None:
    """The decision that bears on most rows."""
    families = [family_of(cell.codes[0]) if cell.codes else None for cell in cells]
    rows = Counter(families[at] for at in position.tolist())
    found = [family for family, _ in rows.most_common() if family is not None]
    return decided[found[0]] if found else None


def _read(cell: _Cell, decided: dict[Family, Decision]) -> tuple[str | None, bool]:
    """Class of a cell's main use, and whether it is in doubt."""
    by_code = [decided[family_of(code)].read(code) for code in cell.codes]
    by_name = [class_of_name(name) or (None, False) for name in cell.names]
    if not (by_code or by_name):
        return None, False
    use, wide = (by_code or by_name)[0]
    several = len({item[0] for item in by_code or by_name}) > 1
    beside = bool(by_code) and any(use and name and contradict(use, name, broad) for name, broad in by_name)
    return use, wide or several or beside or cell.strange


def _cell(value: object) -> _Cell:
    text = unicodedata.normalize("NFKC", text_of(value)).strip()
    if fold(text) in meanings("blank") or fold(text) in meanings("blank-number"):
        return _Cell()
    if class_of_name(text):
        return _Cell(text, names=(text,))
    found: tuple[list[str], list[str]] = [], []
    strange = False
    spaced = _CODE_THEN_NAME.fullmatch(text)
    parts = [spaced[1], spaced[2]] if spaced and class_of_name(spaced[2]) else _SPLIT.split(text)
    for part in filter(None, parts):
        if _CODE.fullmatch(part):
            found[0].append(_padded(part))
        elif _RUN.fullmatch(part):
            found[0].extend(re.findall(r"[A-Z]\d{1,3}", part.upper()))
        elif class_of_name(part):
            found[1].append(part)
        else:
            strange = True
    alone = len(found[0]) == 1 and not found[1] and not strange
    return _Cell(found[0][0] if alone else text, tuple(found[0]), tuple(found[1]), strange)


def _padded(code: str) -> str:
    code = re.sub(r"\.0+$", "", code).upper()
    # A nought that still leads was not lost: such a code is of another edition.
    lost = code.isdigit() and len(code) % 2 == 1 and not code.startswith("0")
    return f"0{code}" if lost else code


def _names_beside(names: pd.Series | None, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Class of the name beside each row, None where there is none that is known, and whether it is wide; (n,) each."""
    if names is None:
        return np.full(count, None, dtype=object), np.zeros(count, dtype=bool)
    position, distinct = distinct_values(names)
    found = [*(class_of_name(text_of(value)) or (None, False) for value in distinct), (None, False)]
    use = np.array([item[0] for item in found], dtype=object)[position]
    return use, np.array([item[1] for item in found], dtype=bool)[position]


def _contradicting(use: np.ndarray, named: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Where the class of the code and that of the name beside it cannot both hold; (n,)."""
    both = ~pd.isna(use) & ~pd.isna(named)
    clash = np.zeros(len(use), dtype=bool)
    if both.any():
        triples = pd.MultiIndex.from_arrays([use[both].astype(str), named[both].astype(str), wide[both]])
        codes, distinct = pd.factorize(triples)
        clash[both] = np.array([contradict(*triple) for triple in distinct])[codes]
    return clash


def _pairs(codes: pd.Series, names: pd.Series | None, clash: np.ndarray) -> list[str]:
    """The distinct pairs of code and name that disagree, the first few of them."""
    if names is None:
        return []
    together = pd.DataFrame({"code": codes[clash].to_numpy(), "name": names[clash].to_numpy()}).drop_duplicates()
    some = together.head(MOST_LISTED)
    return [f"{text_of(code)} {text_of(name)}" for code, name in zip(some["code"], some["name"], strict=True)]
