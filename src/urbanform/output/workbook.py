"""A workbook of tables: what Excel and WPS need so that text stays text, columns fit and the bytes are the same.

xlsxwriter writes every cell by its kind; nothing is guessed from the look of a text, so none becomes a formula, a link
or a number. Zip entries and properties carry fixed dates.
"""

import datetime
import io
import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from urbanform.output.text import shown

LONGEST_CELL = 32_767
LONGEST_NAME = 31
LONGEST_HEADER = 200
MOST_ROWS = 1_048_000
WIDEST, NARROWEST = 46, 6
"""Bounds of a column's width, in digits of the sheet's typeface."""
LINE_POINTS, MOST_POINTS = 14.5, 400
_FITTED_ROWS = 300
# A file that is the same for the same content: it would else carry the time of day.
_UNDATED = datetime.datetime(2000, 1, 1)
# Without "none" Excel would take the typeface of its theme in place of the one named.
_FONT = {"font_name": "微软雅黑", "font_size": 10, "font_scheme": "none"}
_RULED = {"valign": "top", "bottom": 1, "bottom_color": "#dfe3e6"}
_TABLE_STYLE = "Table Style Light 15"

TONES: dict[str, tuple[str, str]] = {
    "fail": ("#fbdccb", "#a33600"),
    "fail-soft": ("#fcefcf", "#7a5000"),
    "undetermined": ("#f4e1ee", "#8f3f70"),
    "pending": ("#ddecf7", "#005a8c"),
    "pass": ("#dcf1e9", "#00704f"),
    "info": ("#eef0f2", "#4d555e"),
    "not-applicable": ("#ffffff", "#5b636d"),
}
"""Style class of a verdict → (fill, letters); only mandatory breaches are red."""


class Form(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    LONG = "long"
    WHOLE = "whole"
    YEAR = "year"
    NUMBER = "number"

    @property
    def wraps(self) -> bool:
        """Whether a cell may take several lines."""
        return self is Form.LONG


@dataclass(frozen=True, slots=True)
class Linked:
    """A text that leads elsewhere: to a sheet of the book (``internal:…``) or a file beside it (``external:…``)."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Toned:
    """A text on the colour of a verdict; ``style`` is a key of :data:`TONES`."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number shown with so many decimals; the cell holds all of its digits."""

    value: float
    decimals: int


Cell = str | int | float | bool | None | Linked | Toned | Figure


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its cells, how they are written, and the width past which it does not grow."""

    heading: str
    cells: Sequence[Cell]
    form: Form = Form.TEXT
    most: float = WIDEST


class Book:
    """A workbook in the making; use it in a ``with`` block, at whose end the file stands."""

    def __init__(self, path: Path, title: str, footer: str) -> None:
        self._path = path
        # A zip file that cannot be ended on a full disk would try again, and complain, when it is forgotten.
        self._held = io.BytesIO()
        self._book = Workbook(
            self._held,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
                # A copy: xlsxwriter writes into it.
                "default_format_properties": dict(_FONT),
            },
        )
        self._book.set_properties({"title": shown(title)[:255], "author": "urbanform", "created": _UNDATED})
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}
        self._names: set[str] = set()
        self._tables = itertools.count(1)
        self._footer = footer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            return
        try:
            self._book.close()
        except FileCreateError as error:
            # What the system said is wrapped in an error of the library's own.
            raise error.args[0] from error
        self._path.write_bytes(self._held.getvalue())

    def name(self, wanted: str) -> str:
        """A name for a sheet that Excel accepts and no sheet has yet, as near to the wanted one as may be."""
        stem = re.sub(r"[\[\]:*?/\\'\s]+", " ", shown(wanted)).strip()[:LONGEST_NAME].strip() or "-"
        named, number = stem, 1
        # Excel keeps "History" for itself.
        while named.lower() in self._names or named.lower() == "history":
            number += 1
            ending = f" {number}"
            named = stem[: LONGEST_NAME - len(ending)] + ending
        self._names.add(named.lower())
        return named

    def sheet(self, name: str, style: str | None = None) -> Worksheet:
        """A sheet of a name that :meth:`name` gave, ready for print: A4 across, one page wide."""
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&8{self._footer.replace('&', '&&')[:220]}&R&8&P / &N")
        if style is not None:
            sheet.set_tab_color(TONES[style][1])
        return sheet

    def line(self, sheet: Worksheet, row: int, text: str, **look: object) -> None:
        """A line of text above a table, which runs across the columns beside it."""
        sheet.write_string(row, 0, _cut(shown(text)), self._format(**look))

    def link(self, sheet: Worksheet, row: int, linked: Linked) -> None:
        """A line that leads elsewhere."""
        self._write(sheet, row, 0, linked, Form.TEXT)

    def table(
        self, sheet: Worksheet, row: int, columns: Sequence[Column], freeze_columns: int = 0, printed: int | None = None
    ) -> None:
        """A table with filter whose heading stands in a row and stays in view; columns as wide as their text asks.

        Rows are as high as the text that is wrapped in the printed columns; ``printed`` is how many columns, from
        the first on, go to paper, None all.
        """
        rows = min(max((len(column.cells) for column in columns), default=0), MOST_ROWS)
        headings = _told_apart([column.heading for column in columns])
        heading = self._format(bold=True, text_wrap=True, valign="vcenter", bottom=1, bg_color="#e8ecef")
        sheet.add_table(
            row,
            0,
            row + max(rows, 1),
            len(columns) - 1,
            {
                "name": f"table_{next(self._tables)}",
                "style": _TABLE_STYLE,
                "banded_rows": False,
                "columns": [{"header": text, "header_format": heading} for text in headings],
            },
        )
        widths = [_width(column, text) for column, text in zip(columns, headings, strict=True)]
        for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(place, place, width)
            self._fill(sheet, row + 1, place, column)
        fitted = list(zip(columns, widths, strict=True))[:printed]
        wrapped = [(column.cells, width) for column, width in fitted if column.form.wraps]
        for at, values in enumerate(itertools.zip_longest(*(cells for cells, _ in wrapped)), start=row + 1):
            lines = max(_lines(value, width) for value, (_, width) in zip(values, wrapped, strict=True))
            if lines > 1:
                sheet.set_row(at, min(LINE_POINTS * lines + 2, MOST_POINTS))
        sheet.set_row(row, LINE_POINTS * max(map(_lines, headings, widths)) + 6)
        if printed is not None:
            sheet.print_area(0, 0, row + max(rows, 1), printed - 1)
        sheet.freeze_panes(row + 1, freeze_columns)
        sheet.repeat_rows(row)

    def _fill(self, sheet: Worksheet, row: int, place: int, column: Column) -> None:
        """The cells of a column, each written as what it is."""
        plain = self._of(column.form, column.cells)
        text, number = sheet.write_string, sheet.write_number
        for at, value in enumerate(itertools.islice(column.cells, MOST_ROWS), start=row):
            if value is None or value == "":
                sheet.write_blank(at, place, None, plain)
            elif isinstance(value, str):
                text(at, place, _cut(shown(value)), plain)
            elif isinstance(value, bool):
                sheet.write_boolean(at, place, value, plain)
            elif isinstance(value, int | float):
                if math.isfinite(value):
                    number(at, place, value, plain)
            else:
                self._write(sheet, at, place, value, column.form)

    def _write(self, sheet: Worksheet, row: int, place: int, value: Linked | Toned | Figure, form: Form) -> None:
        if isinstance(value, Linked):
            look = self._format(font_color="#0b5d94", underline=1, text_wrap=form.wraps, **_RULED)
            sheet.write_url(row, place, value.target, look, _cut(shown(value.text)))
        elif isinstance(value, Toned):
            fill, letters = TONES[value.style]
            look = self._format(
                bg_color=fill, font_color=letters, bold=value.style == "fail", text_wrap=form.wraps, **_RULED
            )
            sheet.write_string(row, place, _cut(shown(value.text)), look)
        elif math.isfinite(value.value):
            sheet.write_number(row, place, value.value, self._format(num_format=pattern(value.decimals), **_RULED))

    def _of(self, form: Form, cells: Iterable[Cell]) -> Format:
        match form:
            case Form.LONG:
                return self._format(text_wrap=True, **_RULED)
            case Form.WHOLE:
                return self._format(num_format="#,##0", **_RULED)
            case Form.YEAR:
                return self._format(num_format="0", **_RULED)
            case Form.NUMBER:
                return self._format(num_format=pattern(_decimals(cells)), **_RULED)
            case _:
                # Left, so that an id of digits is seen to be text; "@" keeps it text when a cell is edited.
                return self._format(num_format="@", align="left", **_RULED)

    def _format(self, **look: object) -> Format:
        key = tuple(sorted(look.items(), key=lambda item: item[0]))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({**_FONT, **look})
        return self._formats[key]


def pattern(decimals: int) -> str:
    """Excel's number format with thousands told apart and so many decimals."""
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _decimals(cells: Iterable[Cell]) -> int:
    """Decimals that suit a column: the fewer the larger its numbers."""
    sizes = [abs(value) for value in cells if isinstance(value, int | float) and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if all(size == int(size) for size in sizes):
        return 0
    return 2 if largest >= 10 else 3 if largest >= 1 else 4


def _told_apart(headings: Sequence[str]) -> list[str]:
    """Headings that a table accepts: none empty, none twice."""
    taken: set[str] = set()
    told = []
    for heading in headings:
        stem = re.sub(r"\s+", " ", shown(heading)).strip()[:LONGEST_HEADER] or "-"
        text, number = stem, 1
        while text.lower() in taken:
            number += 1
            text = f"{stem} {number}"
        taken.add(text.lower())
        told.append(text)
    return told


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _width(column: Column, heading: str) -> float:
    """The width of a column in Excel's digits: its widest line among the first rows, a Chinese sign counting double."""
    widest = max(
        (_across(_as_text(value)) for value in itertools.islice(column.cells, _FITTED_ROWS)),
        default=0,
    )
    # The arrow of the filter stands beside the heading, of which a wrapping column may break the line.
    least = max(NARROWEST, (_across(heading) + 1) // 2 + 4 if column.form.wraps else _across(heading) + 4)
    return max(least, min(widest + 2, column.most))


def _lines(value: Cell, width: float) -> int:
    """How many lines a text takes in a column; rather one too many than words that are hidden."""
    room = max(width - 1, 1)
    return sum(max(1, math.ceil(_across(line) / room)) for line in _as_text(value).split("\n"))


def _as_text(value: Cell) -> str:
    if isinstance(value, Linked | Toned):
        return value.text
    if isinstance(value, Figure):
        return f"{value.value:,.{value.decimals}f}"
    if isinstance(value, float):
        return f"{value:,.2f}" if math.isfinite(value) else ""
    return "" if value is None else str(value)


def _across(text: str) -> int:
    return max(
        (sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line) for line in text.split("\n")),
        default=0,
    )
