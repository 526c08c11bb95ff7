"""Plain tables as a workbook. No cell of it can be taken for a formula."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from callout.reports.tables import RISKY, Cell, Table

_LONGEST = 32_000
"""Characters that a cell of a workbook holds."""
_HEAD = PatternFill("solid", fgColor="E8ECF1")
_NARROWEST, _WIDEST = 8, 48


def workbook(title: str, about: Mapping[str, str], tables: Sequence[Table]) -> bytes:
    """A workbook: first a sheet that says what it is, then one for each table, filtered and frozen."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = title
    lines: list[tuple[Cell, ...]] = [(title, None), *about.items()]
    _sheet(book.create_sheet("说明"), Table("说明", ("项目", "内容"), lines))
    for table in tables:
        _sheet(book.create_sheet(table.title), table)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(sheet: Worksheet, table: Table) -> None:
    for number, row in enumerate([table.heads, *table.rows], 1):
        for at, value in enumerate(row, 1):
            _put(sheet.cell(number, at), value, head=number == 1)
    for at, head in enumerate(table.heads):
        longest = max((_width(row[at]) for row in [table.heads, *table.rows]), default=_width(head))
        sheet.column_dimensions[get_column_letter(at + 1)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.heads))}{len(table.rows) + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _put(cell: Any, value: Cell, *, head: bool) -> None:
    if isinstance(value, int):
        cell.value = value
    elif value:
        _text(cell, value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if head:
        cell.font, cell.fill = Font(bold=True), _HEAD


def _text(cell: SheetCell, value: str) -> None:
    """As text, whatever it begins with; marked so that it stays text where somebody edits it."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:_LONGEST]
    cell.data_type = "s"
    if value.startswith(RISKY):
        cell.quotePrefix = True


def _width(value: Cell) -> int:
    lines = str(value if value is not None else "").splitlines() or [""]
    return max(sum(2 if ord(char) > 0x2000 else 1 for char in line) for line in lines)  # noqa: PLR2004  # wide signs
