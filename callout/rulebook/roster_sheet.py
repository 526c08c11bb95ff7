"""The roster in a workbook, as the lines of a CSV file that stand where they stood."""

import csv
import io
from collections.abc import Sequence

from callout.domain.errors import RosterError
from callout.rulebook.roster_table import NEEDED, column_of
from callout.rulebook.workbook import Sheet, Tell, is_workbook, read_workbook

NAME = "责任人名册"
_HEAD_WITHIN = 10
"""A table may have its name and its date above the header."""


def plain_roster(raw: bytes, tell: Tell | None = None) -> bytes:
    """The file, or of a workbook the sheet that is a roster. Raises RosterError where none is, or several are."""
    if not is_workbook(raw):
        return raw
    sheets = read_workbook(raw, tell)
    named = [sheet for sheet in sheets if sheet.name == NAME]
    like = named or [sheet for sheet in sheets if _header(sheet) is not None]
    if len(like) > 1:
        names = "、".join(sheet.name for sheet in like)
        raise RosterError(f"工作簿里有几张表都像名册：{names}；请合成一张，或把要导入的一张改名为“{NAME}”")
    if like:
        return sheet_csv(like[0])
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise RosterError("工作簿是空的；请用 callout roster template 得到表头")
    return sheet_csv(filled[0])


def sheet_csv(sheet: Sheet) -> bytes:
    """The sheet, its header first; each line keeps its number."""
    begins = _header(sheet) or 0
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for at, row in enumerate(sheet.rows):
        writer.writerow([cell.replace("\n", " ") for cell in row] if at >= begins and any(row) else [])
    return text.getvalue().encode("utf-8-sig")


def _header(sheet: Sheet) -> int | None:
    return next((at for at, row in enumerate(sheet.rows[:_HEAD_WITHIN]) if _is_header(row)), None)


def _is_header(row: Sequence[str]) -> bool:
    return set(NEEDED) <= {column_of(cell) for cell in row}
