"""The files of a Shapefile as bytes: the header and texts of its table, and how many records each file holds.

GDAL reads as many records as it can and says nothing of the rest, so the counts are taken before it opens the file.

Layout of the files: dBASE III table header; ESRI Shapefile Technical Description (1998).
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from urbanform.errors import SubmissionError
from urbanform.wording import own_words

WORDS: dict[str, tuple[str, str]] = {
    "dbf-broken": (
        "{file} 的表头不完整，或不是 dBASE 表；请在 GIS 中重新导出该图层",
        "the header of {file} is incomplete or no dBASE table; export the layer again from a GIS",
    ),
}

SCAN_BYTES = 16_777_216
_SHP_HEADER, _SHX_ENTRY, _SHP_FILE_CODE = 100, 8, 9994


@dataclass(frozen=True, slots=True)
class DbfTable:
    """The header of a .dbf.

    Attributes
    ----------
    names
        Field names as bytes.
    text_columns
        Start and width in a record of each text column.
    language_driver
        The language driver id.
    rows_claimed, rows_held
        Records that the header claims, and that the file has whole.
    """

    names: tuple[bytes, ...]
    text_columns: tuple[tuple[int, int], ...]
    language_driver: int
    header_bytes: int
    record_bytes: int
    rows_claimed: int
    rows_held: int


@dataclass(frozen=True, slots=True)
class ShapefileCounts:
    """How many records each file of a Shapefile holds; None for a file that is missing.

    Attributes
    ----------
    shp_records
        Whole records in the .shp.
    shp_truncated
        The .shp is shorter than its header says, ends inside a record, or is no .shp at all.
    shx_entries
        Entries that the .shx has whole.
    shx_truncated
        The .shx is shorter than its header says, or is no .shx.
    shx_points_true
        Every entry of the .shx points at a record of the length that it says, each in its turn.
    dbf_claimed, dbf_held
        Records that the header of the .dbf claims, and that it has whole.
    dbf_deleted
        Those of them that are marked as deleted, which GDAL leaves away.
    """

    shp_records: int
    shp_truncated: bool
    shx_entries: int | None = None
    shx_truncated: bool = False
    shx_points_true: bool = True
    dbf_claimed: int | None = None
    dbf_held: int | None = None
    dbf_deleted: int = 0

    @property
    def dbf_truncated(self) -> bool:
        """The .dbf has fewer records than it claims."""
        return self.dbf_held is not None and self.dbf_claimed is not None and self.dbf_held < self.dbf_claimed

    @property
    def agree(self) -> bool:
        """All files that are there are whole and hold equally many records."""
        counts = {self.shp_records, self.shx_entries, self.dbf_claimed} - {None}
        broken = self.shp_truncated or self.shx_truncated or self.dbf_truncated
        return len(counts) == 1 and not broken and self.shx_points_true


def shapefile_counts(shp: Path) -> ShapefileCounts:
    """How many records the .shp, the .shx and the .dbf hold, without reading shapes or attributes.

    The .shx, where it is whole, is checked against the .shp record by record; without it the record headers of the
    .shp are walked. The other files are found whatever the case of their suffix.

    Raises
    ------
    SubmissionError
        The header of the .dbf cannot be read.
    """
    shx, dbf = sibling(shp, ".shx"), sibling(shp, ".dbf")
    entries, shx_short = (None, False) if shx is None else _shx(shx)
    records, shp_short, points_true = _shp(shp, entries)
    counts = ShapefileCounts(
        shp_records=records,
        shp_truncated=shp_short,
        shx_entries=None if entries is None else len(entries),
        shx_truncated=shx_short,
        shx_points_true=points_true,
    )
    if dbf is None:
        return counts
    table = dbf_table(dbf)
    return ShapefileCounts(
        shp_records=records,
        shp_truncated=shp_short,
        shx_entries=counts.shx_entries,
        shx_truncated=shx_short,
        shx_points_true=points_true,
        dbf_claimed=table.rows_claimed,
        dbf_held=table.rows_held,
        dbf_deleted=sum(int((rows[:, 0] == ord("*")).sum()) for rows in _rows(dbf, table)),
    )


def sibling(shp: Path, suffix: str) -> Path | None:
    """The file beside a .shp of the same stem and a suffix in whatever case; None where there is none."""
    exact = shp.with_suffix(suffix)
    if exact.exists():
        return exact
    beside = sorted(item for item in shp.parent.iterdir() if item.stem == shp.stem)
    return next((item for item in beside if item.suffix.lower() == suffix), None)


def dbf_table(dbf: Path) -> DbfTable:
    """The header of a .dbf.

    Raises
    ------
    SubmissionError
        It is incomplete or contradicts itself.
    """
    size = dbf.stat().st_size
    with dbf.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            raise SubmissionError(own_words(WORDS, "dbf-broken", file=dbf.name))
        claimed, header_bytes, record_bytes = struct.unpack_from("<IHH", head, 4)
        descriptors = file.read(max(header_bytes - 32, 0))
    names, texts, at = [], [], 1
    for start in range(0, len(descriptors) - 31, 32):
        field = descriptors[start : start + 32]
        if field[0] in (0x0D, 0x00):
            break
        width = field[16]
        names.append(field[:11].split(b"\0", 1)[0].strip())
        if field[11:12] == b"C":
            texts.append((at, width))
        at += width
    if header_bytes < 33 or size < header_bytes or not names or at > record_bytes:
        raise SubmissionError(own_words(WORDS, "dbf-broken", file=dbf.name))
    held = (size - header_bytes) // record_bytes
    return DbfTable(tuple(names), tuple(texts), head[29], header_bytes, record_bytes, claimed, held)


def texts_beyond_ascii(dbf: Path, table: DbfTable) -> Iterator[tuple[bytes, bool]]:
    """The distinct names and texts of a table that hold bytes beyond ASCII, and whether each fills its room.

    Blanks at the end are left away. One that fills its room may end inside a character. A text may come again from a
    later part of the file.
    """
    for name in table.names:
        if not name.isascii():
            yield name, len(name) >= 9
    for rows in _rows(dbf, table):
        for start, width in table.text_columns:
            cells = rows[:, start : start + width]
            beyond = (cells >= 0x80).any(axis=1)
            if width and beyond.any():
                distinct = np.unique(np.ascontiguousarray(cells[beyond]).view(f"V{width}").ravel())
                for raw in distinct.tolist():
                    text = raw.split(b"\0", 1)[0]
                    yield text.rstrip(b" "), len(text.rstrip(b" ")) >= width - 3


def _rows(dbf: Path, table: DbfTable) -> Iterator[np.ndarray]:
    """The records as bytes, some megabytes at a time, shape (rows, record_bytes) each."""
    count = min(table.rows_claimed, table.rows_held)
    step = max(SCAN_BYTES // table.record_bytes, 1)
    with dbf.open("rb") as file:
        file.seek(table.header_bytes)
        for first in range(0, count, step):
            wanted = min(step, count - first)
            raw = np.frombuffer(file.read(wanted * table.record_bytes), dtype=np.uint8)
            yield raw.reshape(wanted, table.record_bytes)


def _shx(shx: Path) -> tuple[np.ndarray, bool]:
    """Offset and length in bytes of every entry, shape (n, 2), and whether the file is shorter than it says."""
    raw = shx.read_bytes()
    if len(raw) < _SHP_HEADER or struct.unpack_from(">i", raw)[0] != _SHP_FILE_CODE:
        return np.empty((0, 2), dtype=np.int64), True
    declared = 2 * struct.unpack_from(">i", raw, 24)[0]
    whole = (min(declared, len(raw)) - _SHP_HEADER) // _SHX_ENTRY
    entries = np.frombuffer(raw, dtype=">i4", offset=_SHP_HEADER, count=2 * max(whole, 0)).reshape(-1, 2)
    return entries.astype(np.int64) * 2, declared > len(raw)


def _shp(shp: Path, entries: np.ndarray | None) -> tuple[int, bool, bool]:
    """Whole records, whether the file is shorter than it should be, and whether the index points at its records."""
    size = shp.stat().st_size
    if size < _SHP_HEADER:
        return 0, True, entries is None or len(entries) == 0
    with shp.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        if struct.unpack_from(">i", raw)[0] != _SHP_FILE_CODE:
            return 0, True, entries is None or len(entries) == 0
        declared = 2 * struct.unpack_from(">i", raw, 24)[0]
        end = min(declared, size)
        short = declared > size
        if entries is not None and _index_is_true(raw, end, entries):
            last = int((entries[:, 0] + entries[:, 1]).max()) + 8 if len(entries) else _SHP_HEADER
            if last == end:
                return len(entries), short, True
        records, reached = _walk(raw, end)
        points_true = entries is None or (len(entries) <= records and _index_is_true(raw, end, entries))
        return records, short or reached != end, points_true


def _index_is_true(raw: mmap.mmap, end: int, entries: np.ndarray) -> bool:
    """Whether each entry lies inside the file and points at a record header of its turn and length."""
    offset, length = entries[:, 0], entries[:, 1]
    if ((offset < _SHP_HEADER) | (length < 4) | (offset + 8 + length > end)).any():
        return False
    data = np.frombuffer(raw, dtype=np.uint8)
    heads = np.ascontiguousarray(data[offset[:, None] + np.arange(8)]).view(">i4").astype(np.int64)
    del data
    # Some writers number from 0; what counts is that no record is skipped or taken twice.
    in_turn = (np.diff(heads[:, 0]) == 1).all()
    return bool(in_turn and (heads[:, 1] * 2 == length).all())


def _walk(raw: mmap.mmap, end: int) -> tuple[int, int]:
    """Whole records, following their headers, and where the last of them ends."""
    at, records, length_of = _SHP_HEADER, 0, struct.Struct(">i").unpack_from
    while at + 8 <= end:
        after = at + 8 + 2 * length_of(raw, at + 4)[0]
        if not at + 8 < after <= end:
            break
        at, records = after, records + 1
    return records, at
