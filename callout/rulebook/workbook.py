"""An office's workbook (.xlsx, .xls) as plain words: whatever a spreadsheet did to a cell, here it is text again."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from callout.domain.errors import RosterError

MOST_BYTES = 16 * 1024 * 1024
_MOST_UNPACKED = 512 * 1024 * 1024
MOST_ROWS, _MOST_COLUMNS, _MOST_SHEETS = 200_000, 64, 40
_STEP = 500
"""Rows between two words about how far we are."""
XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DAY_ONE = (1899, 1900, 1904)
"""Years of a time without a date, as spreadsheets store it."""

Tell = Callable[[str, int, int], None]
"""Called with a sheet, the rows read so far and its rows."""
Cells = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows from 1 as the office counts them, blank ones included; merged cells all hold the one value."""

    name: str
    rows: tuple[tuple[str, ...], ...]


def is_workbook(raw: bytes) -> bool:
    """Whether these are the bytes of a spreadsheet program."""
    return raw.startswith((XLSX, XLS))


def read_workbook(raw: bytes, tell: Tell | None = None) -> tuple[Sheet, ...]:
    """Every sheet. Raises RosterError, in Chinese, where this is no workbook that can be read."""
    if len(raw) > MOST_BYTES:
        raise RosterError(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，不像名册或方案；请核对")
    say = tell or (lambda *_: None)
    try:
        return tuple(_xlsx(raw, say) if raw.startswith(XLSX) else _xls(raw, say))
    except RosterError:
        raise
    except Exception as error:  # both libraries raise whatever a broken file makes them raise
        raise RosterError(
            f"工作簿读不出来（{type(error).__name__}），可能已损坏或有密码；请另存为 .xlsx 再试"
        ) from None


def _xlsx(raw: bytes, say: Tell) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415 - most commands never see a workbook

    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED:
            raise RosterError("工作簿解开后太大，不像名册或方案；请核对")
        if "xl/workbook.xml" not in packed.namelist():
            raise RosterError("这不是 Excel 工作簿；请另存为 .xlsx 再试")
    book = load_workbook(io.BytesIO(raw), data_only=True)
    for sheet in book.worksheets[:_MOST_SHEETS]:
        last = min(sheet.max_row, MOST_ROWS + 1)
        taken = sheet.iter_rows(max_row=last, max_col=min(sheet.max_column, _MOST_COLUMNS), values_only=True)
        merged = [(m.min_row - 1, m.max_row, m.min_col - 1, m.max_col) for m in sheet.merged_cells.ranges]
        yield _sheet(sheet.title, _told(taken, sheet.title, last, say), merged)


def _xls(raw: bytes, say: Tell) -> Iterator[Sheet]:
    import xlrd  # noqa: PLC0415 - likewise

    book = xlrd.open_workbook(file_contents=raw, formatting_info=True, logfile=io.StringIO())
    for sheet in book.sheets()[:_MOST_SHEETS]:
        rows = (
            [_old(cell, book.datemode) for cell in sheet.row(at)[:_MOST_COLUMNS]]
            for at in range(min(sheet.nrows, MOST_ROWS + 1))
        )
        yield _sheet(sheet.name, _told(rows, sheet.name, sheet.nrows, say), sheet.merged_cells)


def _old(cell: Any, datemode: Any) -> object:
    """The value of a cell of the old format, as the new one would give it."""
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, xldate_as_datetime  # noqa: PLC0415
    from xlrd.biffh import error_text_from_code  # noqa: PLC0415

    if cell.ctype == XL_CELL_DATE:
        return xldate_as_datetime(cell.value, datemode)
    if cell.ctype == XL_CELL_BOOLEAN:
        return bool(cell.value)
    return error_text_from_code.get(cell.value, "#REF!") if cell.ctype == XL_CELL_ERROR else cell.value


def _told(rows: Iterable[Sequence[object]], name: str, last: int, say: Tell) -> Iterator[list[str]]:
    for at, row in enumerate(rows, 1):
        if at % _STEP == 0:
            say(name, at, last)
        if at > MOST_ROWS and any(row):
            raise RosterError(f"“{name}”表超过 {MOST_ROWS} 行，不像一个区县的名册；请核对")
        yield [as_text(value) for value in row]
    say(name, last, last)


def _sheet(name: str, rows: Iterable[list[str]], merged: Iterable[Sequence[int]]) -> Sheet:
    """With every part of a merged cell holding its value; a range is top, below its bottom, left, beyond its right."""
    table = list(rows)
    for top, bottom, left, right in merged:
        if top < len(table) and left < len(table[top]):
            value = table[top][left]
            for row in table[top:bottom]:
                row[left:right] = [value] * (min(right, len(row)) - left)
    while table and not any(table[-1]):
        table.pop()
    return Sheet(name.strip(), tuple(tuple(row) for row in table))


def as_text(value: object) -> str:
    """What a person sees in the cell: no decimals that nobody wrote, dates and times as 2026-05-01 and 22:00."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
    if isinstance(value, date | time):
        return _moment(value)
    return "" if value is None else str(value).replace("_x000D_", "").replace("\r\n", "\n").strip()


def _moment(value: date | time) -> str:
    if isinstance(value, datetime) and value.year in _DAY_ONE:
        value = value.time()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    whole_day = not isinstance(value, datetime) or value.time() == time()
    return f"{value:%Y-%m-%d}" if whole_day else f"{value:%Y-%m-%d %H:%M}"
