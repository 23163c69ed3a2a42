"""In what encoding the attributes of a Shapefile stand.

The bytes are looked at before GDAL opens the file, because GDAL reads a GBK table that does not say so as Latin-1
without a word, mends counts that disagree, and pyogrio cannot open a UTF-8 table whose field names were cut inside a
character. What cannot be handed to GDAL under its own name is read as Latin-1, which gives every byte back, and
decoded here (:func:`recoded`); this does not hang on the code tables that a GDAL was built with.
"""

import codecs
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from urbanform.intake.shapefile_bytes import DbfTable, dbf_table, texts_beyond_ascii
from urbanform.vocabulary import fold
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "encoding-unknown": (
        "{file}：不认识编码“{encoding}”；请在 submission.yaml 该图层下写 encoding: GBK 或 encoding: UTF-8",
        "{file}: there is no encoding {encoding}; "
        "write encoding: GBK or encoding: UTF-8 for the layer in submission.yaml",
    ),
    "encoding-does-not-decode": (
        "{file}：按指定的编码 {encoding} 有 {count} 处文字解不开，按字节应为 {likely}；"
        "请在 submission.yaml 该图层下写 encoding: {likely}，或删去 encoding 一行",
        "{file}: {count} texts do not decode as the given encoding {encoding}; the bytes look like {likely}. "
        "Write encoding: {likely} for the layer in submission.yaml, or delete the encoding line",
    ),
    "encoding-forced-doubtful": (
        "{file}：按指定的编码 {encoding} 读取，但字节同时是完整的 UTF-8 中文，文字可能成为乱码；"
        "如属性显示异常，请在 submission.yaml 该图层下写 encoding: UTF-8",
        "{file} is read as {encoding} as told, yet its bytes are sound UTF-8 Chinese and may come out garbled; "
        "if so, write encoding: UTF-8 for the layer in submission.yaml",
    ),
    "encoding-guessed": (
        "{file} 没有可用的编码说明，按字节判断为 {encoding}；"
        "如文字不对，请在 submission.yaml 该图层下写 encoding: GBK 或 encoding: UTF-8",
        "{file} does not say its encoding; by its bytes it is {encoding}. "
        "If texts look wrong, write encoding: GBK or encoding: UTF-8 for the layer in submission.yaml",
    ),
    "encoding-declared-falsely": (
        "{file} 声明的编码是 {declared}，但字节与之不符，按 {encoding} 读取；请更正 .cpg 文件，"
        "或在 submission.yaml 该图层下写 encoding: {encoding}",
        "{file} says {declared}, which its bytes contradict; it is read as {encoding}. Correct the .cpg file, "
        "or write encoding: {encoding} for the layer in submission.yaml",
    ),
    "encoding-not-found": (
        "{file} 的文字既不是 UTF-8 也不是 GBK，{count} 处解不开，中文可能成为乱码；请在 GIS 中以 UTF-8 重新导出该图层",
        "the texts of {file} are neither UTF-8 nor GBK ({count} do not decode) and may come out garbled; "
        "export the layer again from a GIS in UTF-8",
    ),
}

UTF8, GB18030, LATIN1 = "UTF-8", "GB18030", "ISO-8859-1"

_LANGUAGE_DRIVERS = {0x4D: "936", 0x4F: "950", 0x13: "932", 0x7B: "932", 0x4E: "949", 0x79: "949", 0x78: "950"}
"""Language driver ids that name a code page of East Asia; others (none, ANSI, Western) say nothing about Chinese."""


class DecidedBy(StrEnum):
    """How an encoding was settled."""

    FORCED = "forced"
    ASCII = "ascii"
    CPG = "cpg"
    LANGUAGE_DRIVER = "language-driver"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class DbfEncoding:
    """The encoding of a .dbf and what its header says.

    Attributes
    ----------
    name
        ``UTF-8``, ``GB18030`` (for GBK and GB 2312 as well), ``ISO-8859-1`` or another that was declared.
    told
        As it is printed: ``GBK`` where GB 18030 needs no character beyond it.
    decided_by
        How it was settled.
    guessed
        True where it rests on the bytes alone: a defect that was repaired.
    field_names
        Decoded; a character cut at the end of a name is left away.
    raw_names
        The same names as GDAL gives them under ``read_as``.
    read_as
        The encoding to hand to pyogrio.
    recode
        Whether the frame then read must go through :func:`recoded`.
    rows_claimed, rows_held
        Records that the header claims, and that the file has room for.
    notes
        What the user should know.
    fault
        Why the table cannot be trusted under a forced encoding; None where it can.
    """

    name: str
    told: str
    decided_by: DecidedBy
    guessed: bool
    field_names: tuple[str, ...]
    raw_names: tuple[str, ...]
    read_as: str
    recode: bool
    rows_claimed: int
    rows_held: int
    notes: tuple[Words, ...] = ()
    fault: Words | None = None


def dbf_encoding(dbf: Path, cpg: str | None = None, forced: str | None = None) -> DbfEncoding:
    """The encoding of a .dbf, from what it declares and from every byte of its names and texts.

    A declaration stands where all texts decode under it; text that is sound UTF-8 Chinese is UTF-8 whatever a GBK or
    Western declaration says. Else UTF-8 is tried, then GB 18030, else Latin-1 is taken with a note. A character cut
    at the end of a full column counts for the encoding, not against it. Texts that are valid in both, without a
    character of three bytes, count as GB 18030.

    Parameters
    ----------
    dbf
        The table.
    cpg
        The text of the .cpg file; None where there is none.
    forced
        The encoding that the manifest gives. One that does not decode, or does not exist, gives ``fault``.

    Raises
    ------
    SubmissionError
        The header cannot be read.
    """
    table = dbf_table(dbf)
    tried = [_Trial(UTF8), _Trial(GB18030)]
    declared_by, declared, declared_name = _declared(table, cpg)
    if declared is not None and declared not in (UTF8, GB18030):
        tried.append(_Trial(declared))
    wanted = None if forced is None else python_name(forced)
    if wanted is not None and wanted not in {trial.name for trial in tried}:
        tried.append(_Trial(wanted))
    for cell, full in texts_beyond_ascii(dbf, table):
        for trial in tried:
            trial.take(cell, full)
    trials = {trial.name: trial for trial in tried}
    utf8, gb = trials[UTF8], trials[GB18030]
    file = dbf.name

    def settled(name: str, by: DecidedBy, *notes: Words, fault: Words | None = None) -> DbfEncoding:
        told = "GBK" if name == GB18030 and gb.beyond_gbk == 0 else name
        return _settled(table, name, told, by, notes, fault, sound=name == UTF8 and utf8.cut == 0)

    if forced is not None:
        if wanted is None:
            fault = own_words(WORDS, "encoding-unknown", file=file, encoding=forced)
            return settled(_weighed(utf8, gb), DecidedBy.BYTES, fault=fault)
        trial = trials[wanted]
        if trial.failures:
            likely = _weighed(utf8, gb)
            told = {"file": file, "encoding": forced, "count": trial.failures, "likely": likely}
            return settled(wanted, DecidedBy.FORCED, fault=own_words(WORDS, "encoding-does-not-decode", **told))
        if wanted != UTF8 and _surely_utf8(utf8, gb):
            note = own_words(WORDS, "encoding-forced-doubtful", file=file, encoding=forced)
            return settled(wanted, DecidedBy.FORCED, note)
        return settled(wanted, DecidedBy.FORCED)
    if utf8.seen == 0:
        return settled(UTF8, DecidedBy.ASCII)
    likely = _weighed(utf8, gb)
    if declared is not None:
        western = _is_single_byte(declared) and (likely == UTF8 or (likely == GB18030 and gb.rare == 0))
        if not trials[declared].failures and not western and not (declared != UTF8 and _surely_utf8(utf8, gb)):
            return settled(declared, declared_by)
    if likely == LATIN1:
        note = own_words(WORDS, "encoding-not-found", file=file, count=min(utf8.failures, gb.failures))
    elif declared is not None:
        note = own_words(WORDS, "encoding-declared-falsely", file=file, declared=declared_name, encoding=likely)
    else:
        note = own_words(WORDS, "encoding-guessed", file=file, encoding=likely)
    return settled(likely, DecidedBy.BYTES, note)


def recoded(frame: pd.DataFrame, encoding: DbfEncoding) -> pd.DataFrame:
    """A frame that was read under ``encoding.read_as``, with its names and texts decoded; the same where none needs it.

    A character cut at the end of a text is left away; numbers, dates, shapes and nulls stay as they are.
    """
    if not encoding.recode:
        return frame
    codec = python_name(encoding.name) or LATIN1
    names = dict(zip(encoding.raw_names, encoding.field_names, strict=True))
    columns = {name: frame[name] for name in frame.columns}
    for name in names.keys() & columns.keys():
        column = columns[name]
        if not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
            continue
        codes, distinct = pd.factorize(column, use_na_sentinel=True)
        texts = np.empty(len(distinct) + 1, dtype=object)
        texts[:-1] = [_decode(text.encode("latin-1"), codec) if isinstance(text, str) else text for text in distinct]
        texts[-1] = None
        columns[name] = pd.Series(texts[codes], index=column.index, dtype=column.dtype)
    return frame.assign(**columns).rename(columns=names)


class _Trial:
    """How the texts of a table fare under one encoding."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.codec = python_name(name) or name
        self.seen = self.failures = self.cut = self.han = self.rare = self.beyond_gbk = 0

    def take(self, cell: bytes, full: bool) -> None:
        """Count one text; ``full`` says that it fills its column, so that its last character may be cut."""
        self.seen += 1
        try:
            text = cell.decode(self.codec)
        except UnicodeDecodeError as error:
            if not (full and _is_cut(error)):
                self.failures += 1
                return
            self.cut += 1
            text = cell[: error.start].decode(self.codec)
        self.han += any(character >= "\u0800" for character in text)
        if self.name == GB18030 and not _in(text, "gb2312"):
            self.rare += 1
            self.beyond_gbk += not _in(text, "gbk")


def _is_cut(error: UnicodeDecodeError) -> bool:
    """Whether only the bytes of a character that was cut at the end did not decode."""
    return error.reason in ("unexpected end of data", "incomplete multibyte sequence")


def _in(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _surely_utf8(utf8: _Trial, gb: _Trial) -> bool:
    """Sound UTF-8 with characters of three bytes, which as GBK would be no everyday Chinese."""
    return utf8.failures == 0 and utf8.han > 0 and (gb.failures > 0 or gb.rare > 0)


def _weighed(utf8: _Trial, gb: _Trial) -> str:
    if utf8.failures == 0 and (utf8.han > 0 or gb.failures > 0 or gb.rare > 0):
        return UTF8
    return GB18030 if gb.failures == 0 else LATIN1


def _is_single_byte(name: str) -> bool:
    """Whether an encoding has one byte for each character, so that anything decodes under it."""
    return len(bytes(range(0x80, 0x100)).decode(python_name(name) or name, "ignore")) >= 96


def _declared(table: DbfTable, cpg: str | None) -> tuple[DecidedBy, str | None, str]:
    """What the .cpg, else the language driver, declares; None where neither says anything that is known."""
    if cpg is not None and cpg.strip():
        name = python_name(cpg)
        if name is not None:
            return DecidedBy.CPG, name, cpg.strip()
    page = _LANGUAGE_DRIVERS.get(table.language_driver)
    if page is not None:
        return DecidedBy.LANGUAGE_DRIVER, python_name(page), f"LDID 0x{table.language_driver:02X}"
    return DecidedBy.BYTES, None, ""


def python_name(written: str) -> str | None:
    """The encoding that a word names (``CP936``, ``ANSI 936``, ``65001``, ``GBK`` …); None where none is known."""
    word = fold(written).replace("ansi", "").replace("oem", "").strip("-_ ").removeprefix("ldid/")
    if word in ("65001", "utf8", "utf-8"):
        return UTF8
    if word in ("936", "cp936", "gbk", "gb2312", "gb18030", "54936", "cp54936", "euccn", "windows-936", "ms936"):
        return GB18030
    if word.startswith("8859") and word[4:].lstrip("-_").isdigit():
        word = f"iso8859-{word[4:].lstrip('-_')}"
    for name in (word, f"cp{word}"):
        try:
            "".encode(name)
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        return LATIN1 if found == "iso8859-1" else found
    return None


def _decode(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        # Only what stands at the end was cut; anything broken before it must stay visible.
        if _is_cut(error):
            return raw[: error.start].decode(codec, "replace")
        return raw.decode(codec, "replace")


def _settled(
    table: DbfTable, name: str, told: str, by: DecidedBy, notes: tuple[Words, ...], fault: Words | None, sound: bool
) -> DbfEncoding:
    read_as = UTF8 if sound and fault is None else LATIN1
    codec = python_name(name) or LATIN1
    return DbfEncoding(
        name=name,
        told=told,
        decided_by=by,
        guessed=by is DecidedBy.BYTES,
        field_names=tuple(_decode(raw, codec) for raw in table.names),
        raw_names=tuple(_decode(raw, read_as) for raw in table.names),
        read_as=read_as,
        recode=read_as == LATIN1 and name != LATIN1,
        rows_claimed=table.rows_claimed,
        rows_held=table.rows_held,
        notes=notes,
        fault=fault,
    )
