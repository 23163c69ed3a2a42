"""A Word document in the making: East Asian typefaces, tables, page numbers, a bureau's own template, fixed bytes."""

import datetime
import io
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from urbanform.errors import SubmissionError
from urbanform.output.text import shown
from urbanform.wording import own_words

PLACEHOLDER = "{{核查意见}}"
"""The paragraph of a template that the opinion takes the place of."""

WORDS: dict[str, tuple[str, str]] = {
    "template-missing": (
        "找不到 Word 模板 {file}。请核对路径，或不用模板。",
        "The Word template {file} is not there. Check the path, or leave the template out.",
    ),
    "template-odd": (
        "{file} 不是可用的 Word 模板：须为 .docx（不是 .doc、.dotx、.docm，也不能加密）。"
        "请在 Word 或 WPS 中打开后另存为 .docx。",
        "{file} cannot be used as a Word template: it must be a .docx, not a .doc, .dotx or .docm, and not encrypted. "
        "Open it in Word or WPS and save it as .docx.",
    ),
}

BODY, HEADINGS = ("仿宋_GB2312", "Times New Roman"), ("黑体", "Arial")
TABLE_STYLE = "核查表格文字"
CAPTION_STYLE = "核查图注"
_INK, _GRID = "1F2328", "9AA1A8"
# A file that is the same for the same content: it would else carry the time of day.
_UNDATED = datetime.datetime(2000, 1, 1)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Ink:
    """A stretch of text: ``colour`` is ``#rrggbb``, None the paragraph's own."""

    text: str
    colour: str | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of a table on a colour of its own."""

    text: str
    fill: str | None = None
    colour: str | None = None
    bold: bool = False


class Paper:
    """A document that is written from top to bottom.

    Parameters
    ----------
    template
        A bureau's .docx: its styles, page, header, footer and text stay, and what is written takes the place of the
        paragraph that holds ``{{核查意见}}``, or stands at the end. Styles that it lacks are added. None: our own page,
        A4 upright, with ``header`` and ``footer``.

    Raises
    ------
    SubmissionError
        Where the template is no .docx.
    """

    def __init__(
        self, template: Path | None, *, title: str, header: str, footer: str, page: tuple[str, str, str]
    ) -> None:
        self._document = _opened(template) if template else docx.Document()
        self._own = template is None
        self._begin = len(self._parts())
        _define_styles(self._document, own=self._own)
        # python-docx reads all styles anew for each paragraph that is given one by name.
        self._style_ids = {style.name: style.style_id for style in self._document.styles}
        properties = self._document.core_properties
        properties.title = shown(title)[:255]
        if self._own:
            properties.author, properties.comments = "urbanform", ""
            properties.created = properties.modified = _UNDATED
            self._lay_out(header, footer, page)
        section = self._document.sections[-1]
        self.width = Emu(
            (section.page_width or Cm(21)) - (section.left_margin or Cm(2.5)) - (section.right_margin or Cm(2.5))
        )

    def _lay_out(self, header: str, footer: str, page: tuple[str, str, str]) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.3)
        _fill(section.header.paragraphs[0], [Ink(header)])
        section.header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        last = section.footer.paragraphs[0]
        _fill(last, [Ink(footer)])
        last.alignment = WD_ALIGN_PARAGRAPH.CENTER
        number = section.footer.add_paragraph(style="Footer")
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for text, field in zip(page, ("PAGE", "NUMPAGES", ""), strict=True):
            number.add_run(text)
            if field:
                _field(number, field)

    def title(self, text: str, beneath: str) -> None:
        """The title of the document and the line under it."""
        _fill(self._paragraph("Title"), [Ink(text)])
        line = self._paragraph("Subtitle")
        _fill(line, [Ink(beneath)])

    def heading(self, text: str, level: int) -> None:
        """A heading, which stays with what follows it."""
        _fill(self._paragraph(f"Heading {level}"), [Ink(text)])

    def text(self, *inks: Ink | str, style: str = "Normal", keep: bool = False) -> None:
        """A paragraph; ``keep`` holds it on the page of the next."""
        paragraph = self._paragraph(style)
        _fill(paragraph, [Ink(ink) if isinstance(ink, str) else ink for ink in inks])
        if keep:
            paragraph.paragraph_format.keep_with_next = True

    def picture(self, png: bytes, told: str, share: float = 0.98) -> None:
        """A picture that takes a share of the text's width, with the words that stand in for it where it is not seen.

        At exactly the width of the text LibreOffice would move it over the margin.
        """
        paragraph = self._paragraph(CAPTION_STYLE)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        inline = paragraph.add_run().add_picture(io.BytesIO(png), width=Emu(int(self.width * share)))
        inline._inline.docPr.set("descr", shown(told)[:500])

    def table(
        self,
        rows: Sequence[Sequence[Box | str]],
        shares: Sequence[float],
        *,
        head: int = 1,
        tall: Sequence[float] = (),
        together: bool = False,
    ) -> None:
        """A ruled table as wide as the text; ``shares`` are the widths of its columns, relative to one another.

        Parameters
        ----------
        head
            How many rows are its heading, repeated on each page.
        tall
            The least heights of the rows in centimetres; empty leaves them to their text.
        together
            Whether all rows stay on one page.
        """
        table = self._document.add_table(rows=0, cols=len(shares))
        table.autofit = False
        _rule(table._tbl)
        widths = [Emu(int(self.width * share / sum(shares))) for share in shares]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for at, boxes in enumerate(rows):
            row = table.add_row()
            if tall:
                row.height = Cm(tall[at])
            _never_split(row._tr, repeated=at < head)
            for cell, box, width in zip(row.cells, boxes, widths, strict=True):
                cell.width = width
                self._write(cell, Box(box) if isinstance(box, str) else box, heading=at < head)
                if together and at + 1 < len(rows):
                    cell.paragraphs[0].paragraph_format.keep_with_next = True
        gap = self._paragraph(TABLE_STYLE)
        gap.paragraph_format.space_after = Pt(4)

    def _write(self, cell: _Cell, box: Box, *, heading: bool) -> None:
        paragraph = cell.paragraphs[0]
        paragraph._p.style = self._style_ids[TABLE_STYLE]
        _fill(paragraph, [Ink(box.text, box.colour, box.bold or heading)])
        fill = box.fill or ("#eef1f3" if heading else None)
        if fill:
            shading = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill.lstrip("#"))):
                shading.set(qn(f"w:{name}"), value)
            cell._tc.get_or_add_tcPr().append(shading)

    def _paragraph(self, style: str) -> Paragraph:
        paragraph = self._document.add_paragraph()
        paragraph._p.style = self._style_ids[style]
        return paragraph

    def saved(self) -> bytes:
        """The document; the same bytes for the same content and template."""
        if not self._own:
            self._settle()
        held = io.BytesIO()
        self._document.save(held)
        return _undated(held.getvalue())

    def _parts(self) -> list[Any]:
        """The paragraphs and tables of the document; what is written stands after those of the template."""
        return [part for part in self._document.element.body if part.tag != qn("w:sectPr")]

    def _settle(self) -> None:
        """Move what was written to where the template wants it."""
        parts = self._parts()
        theirs, written = parts[: self._begin], parts[self._begin :]
        for paragraph in (found for part in theirs for found in part.iter(qn("w:p"))):
            texts = list(paragraph.iter(qn("w:t")))
            said = "".join(text.text or "" for text in texts)
            if PLACEHOLDER not in said:
                continue
            for part in reversed(written):
                paragraph.addnext(part)
            if said.strip() == PLACEHOLDER and not paragraph.xpath("w:pPr/w:sectPr"):
                paragraph.getparent().remove(paragraph)
            else:
                # What else the bureau wrote in the paragraph, and the section that it may end, stay.
                texts[0].text = said.replace(PLACEHOLDER, "")
                for text in texts[1:]:
                    text.text = ""
            return


def check_template(path: Path) -> None:
    """Raise SubmissionError where a template cannot be used; call it before the work that would be lost."""
    _opened(path)


def _opened(path: Path) -> Document:
    if not path.is_file():
        raise SubmissionError(own_words(WORDS, "template-missing", file=str(path)))
    try:
        return docx.Document(str(path))
    except (PackageNotFoundError, ValueError, KeyError, zipfile.BadZipFile, SyntaxError, OSError) as fault:
        raise SubmissionError(own_words(WORDS, "template-odd", file=str(path))) from fault


def _define_styles(document: Document, *, own: bool) -> None:
    """Our styles: all of them in our own document, in a template only those that it lacks."""
    black, gap = RGBColor.from_string(_INK), Pt(0)
    looks: tuple[tuple[str, tuple[str, str], float, bool, float, float, int | None], ...] = (
        ("Normal", BODY, 12, False, 0, 4, None),
        ("Title", HEADINGS, 22, False, 0, 2, WD_ALIGN_PARAGRAPH.CENTER),
        ("Subtitle", BODY, 14, False, 0, 12, WD_ALIGN_PARAGRAPH.CENTER),
        ("Heading 1", HEADINGS, 16, False, 16, 6, None),
        ("Heading 2", HEADINGS, 13, False, 12, 4, None),
        ("Header", BODY, 9, False, 0, 0, None),
        ("Footer", BODY, 9, False, 0, 0, None),
        (TABLE_STYLE, BODY, 10, False, 0, 0, None),
        (CAPTION_STYLE, BODY, 10, False, 2, 4, None),
    )
    present = {style.name for style in document.styles}
    for name, fonts, size, bold, before, after, align in looks:
        if name in present and not own:
            continue
        style = document.styles[name] if name in present else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        if name in (TABLE_STYLE, CAPTION_STYLE):
            style.base_style = document.styles["Normal"]
        if own or name not in (TABLE_STYLE, CAPTION_STYLE):
            _set_fonts(style, *fonts)
            style.font.color.rgb = black
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        form = style.paragraph_format
        form.space_before, form.space_after = Pt(before) if before else gap, Pt(after) if after else gap
        form.line_spacing = 1.0 if size <= 10 else 1.25
        form.keep_with_next = name.startswith("Heading") or None
        if align is not None:
            form.alignment = align
        _bare(style)


def _set_fonts(style: ParagraphStyle, chinese: str, latin: str) -> None:
    """Set both typefaces; without ``w:eastAsia`` Word draws Chinese in whatever the theme names."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, face in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{name}"), face)


def _bare(style: ParagraphStyle) -> None:
    """Without the border and the letter spacing of the stock titles."""
    for path in ("w:pPr/w:pBdr", "w:rPr/w:spacing", "w:rPr/w:kern", "w:pPr/w:numPr"):
        for part in style.element.xpath(path):
            part.getparent().remove(part)


def _fill(paragraph: Paragraph, inks: Sequence[Ink]) -> None:
    for ink in inks:
        run: Run = paragraph.add_run(shown(ink.text).replace("\r", "\n"))
        if ink.colour:
            run.font.color.rgb = RGBColor.from_string(ink.colour.lstrip("#").upper())
        if ink.bold:
            run.font.bold = True


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word works out, such as the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _rule(table: Any) -> None:
    """Thin lines round every cell, whatever table styles the document has."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _GRID)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    # Word reads the parts of a table's properties in one order only: borders stand before layout and look.
    after = table.tblPr.xpath("w:shd | w:tblLayout | w:tblCellMar | w:tblLook")
    if after:
        after[0].addprevious(borders)
    else:
        table.tblPr.append(borders)


def _never_split(row: Any, *, repeated: bool) -> None:
    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeated:
        properties.append(OxmlElement("w:tblHeader"))


def _undated(content: bytes) -> bytes:
    """The same zip file with every entry dated 1 January 1980."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            dated = deepcopy(entry)
            dated.date_time = _ZIP_EPOCH
            kept = entry.filename.endswith((".png", ".jpg", ".jpeg"))
            dated.compress_type = zipfile.ZIP_STORED if kept else zipfile.ZIP_DEFLATED
            new.writestr(dated, old.read(entry))
    return held.getvalue()
