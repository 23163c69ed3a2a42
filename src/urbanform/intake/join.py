"""Tables beside a layer: population in Excel, and the like."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from urbanform.intake.ledger import LayerRefused, Ledger
from urbanform.intake.manifest import Join
from urbanform.intake.paths import inside
from urbanform.intake.raw_layer import RawLayer, without_warnings
from urbanform.intake.sources import short_reason
from urbanform.intake.unzip import MOST_BYTES, MOST_RATIO, RATIO_FROM_BYTES
from urbanform.model.provenance import Action
from urbanform.wording import words

MOST_ROWS = 1_000_000


def joined(raw: RawLayer, join: Join, root: Path, ledger: Ledger) -> RawLayer:
    """A layer with the columns of a table that its rows match.

    Keys compare as text without the blanks around it; a number that is whole loses its ``.0``. Rows of the layer
    without a partner get blanks and are listed; a key that stands twice in the table with different values makes the
    layer unusable, since it cannot be told which one is meant.

    Raises
    ------
    LayerRefused
        The table cannot be read, a column is not there, or its keys are not unique.
    """
    path = inside(root, join.path)
    table = read_table(path, join)
    columns = [*join.on.values(), *join.take.values()]
    absent = [name for name in columns if name not in table.columns]
    if absent:
        told = words("join-column-missing", path=join.path, columns=absent, known=[str(c) for c in table.columns])
        raise LayerRefused("join", told)
    lacking = [name for name in join.on if name not in raw.attributes.columns]
    if lacking:
        known = [str(name) for name in raw.attributes.columns]
        raise LayerRefused("join", words("join-key-missing", path=ledger.path, columns=lacking, known=known))

    right = table[list(dict.fromkeys(columns))].drop_duplicates()
    keys = _keys(right, list(join.on.values()))
    given = np.array([all(key) for key in keys], dtype=bool)
    right, keys = right[given], [key for key, there in zip(keys, given, strict=True) if there]
    double = pd.Index(keys)[pd.Index(keys).duplicated()]
    if len(double):
        names = sorted({" / ".join(key) for key in double})
        raise LayerRefused("join", words("join-twice", path=join.path, keys=names))
    place = {key: position for position, key in enumerate(keys)}
    rows = np.array([place.get(key, -1) for key in _keys(raw.attributes, list(join.on))])
    alone = np.flatnonzero(rows < 0)
    if alone.size:
        told = words("join-no-partner", path=join.path)
        ledger.features("join-no-partner", Action.UNKNOWN, raw.number[alone], told)
    added = right[list(dict.fromkeys(join.take.values()))].reset_index(drop=True).reindex(rows).reset_index(drop=True)
    added.columns = [joined_name(str(name)) for name in added.columns]
    attributes = pd.concat([raw.attributes.reset_index(drop=True), added], axis=1)
    return RawLayer(attributes, raw.number, raw.shapes, raw.broken)


def joined_name(column: str) -> str:
    """How a column of a joined table is called in the layer."""
    return f"join:{column}"


def _keys(table: pd.DataFrame, names: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(table[name].map(_as_key) for name in names), strict=True))


def _as_key(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def read_table(path: Path, join: Join) -> pd.DataFrame:
    """The rows of a workbook's sheet or a CSV file under the first row that names the columns."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".xlsx", ".xlsm"):
            _refuse_bomb(path, join)
            with without_warnings():
                rows = _sheet(path, join)
        elif suffix in (".csv", ".txt"):
            rows = _csv(path)
        else:
            raise LayerRefused("join", words("join-format", path=join.path))
    except LayerRefused:
        raise
    except Exception as error:
        raise LayerRefused("join", words("layer-unreadable", file=join.path, why=short_reason(error))) from error
    if len(rows) > MOST_ROWS:
        raise LayerRefused("join", words("join-too-long", path=join.path))
    wanted = {*join.on.values(), *join.take.values()}
    # Titles and notes often stand above the row that names the columns.
    head = next((n for n, row in enumerate(rows[:20]) if wanted <= {str(c).strip() for c in row if c is not None}), 0)
    names = [str(cell).strip() if cell is not None else f"column {n}" for n, cell in enumerate(rows[head])]
    body = [list(row)[: len(names)] + [None] * (len(names) - len(row)) for row in rows[head + 1 :]]
    table = pd.DataFrame(body, columns=names, dtype=object)
    return table.loc[:, ~table.columns.duplicated()]


def _refuse_bomb(path: Path, join: Join) -> None:
    """Refuse a workbook, which is a zip, that unpacks to more than any other may."""
    with zipfile.ZipFile(path) as opened:
        size = sum(member.file_size for member in opened.infolist())
    if size > MOST_BYTES or (size > RATIO_FROM_BYTES and size > MOST_RATIO * path.stat().st_size):
        raise LayerRefused("join", words("zip-bomb", file=join.path))


def _sheet(path: Path, join: Join) -> list[tuple[object, ...]]:
    import openpyxl  # takes a tenth of a second, and few layers have a workbook beside them

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        names = book.sheetnames
        if join.sheet is None:
            sheet = book[names[0]]
        elif isinstance(join.sheet, int) and 1 <= join.sheet <= len(names):
            sheet = book[names[join.sheet - 1]]
        elif str(join.sheet) in names:
            sheet = book[str(join.sheet)]
        else:
            raise LayerRefused("join", words("join-sheet-missing", path=join.path, sheet=str(join.sheet), known=names))
        return [tuple(row) for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2)]
    finally:
        book.close()


def _csv(path: Path) -> list[tuple[object, ...]]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    return [tuple(cell or None for cell in row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
