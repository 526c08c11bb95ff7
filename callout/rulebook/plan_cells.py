"""Cells of the plan's workbook, as offices leave them, to the words that rule files use."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callout.rulebook.plan_columns import NEEDED, Col, Tab, column
from callout.rulebook.roster_table import BROKEN, Remark
from callout.rulebook.workbook import Sheet

_HEAD_WITHIN = 10
_LIST = re.compile(r"[、，,；;\n]+")
_DASH = re.compile(r"\s*(?:[~～—–－至到]|-+)\s*")
_CODES = frozenset({Col.MEASURE, Col.STOP_MEASURE, Col.REASON, Col.CALL_ROLES, Col.FEEDBACK_ROLES, Col.ROLES,
                    Col.SPARE, Col.STOP_ROLE, Col.PLACE, Col.WORDS, Col.VALUE, Col.NAME, Col.ID, Col.PLAN,
                    Col.REPLACED, Col.LADDER, Col.CALL_LADDER, Col.READING, Col.ALIAS, Col.INSIDE, Col.NOW,
                    Col.BASIS, Col.SPOT_KIND})  # fmt: skip
"""Columns of words and texts, which stay as they are; the rest is read in half width."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet."""

    tab: Tab
    line: int
    cells: Mapping[Col, str]

    def __getitem__(self, name: Col) -> str:
        return self.cells.get(name, "")

    def wrong(self, name: Col, text: str) -> Remark:
        """A mistake in one cell."""
        return Remark(self.line, name, text, self.tab)


def rows_of(sheet: Sheet, tab: Tab) -> tuple[list[Row], list[Remark]]:
    """The lines below the header, and what is wrong with the header or with cells that hold no words."""
    at = next((i for i, row in enumerate(sheet.rows[:_HEAD_WITHIN]) if set(NEEDED[tab]) <= set(map(column, row))), None)
    if at is None:
        missing = "、".join(NEEDED[tab])
        return [], [Remark(1, "", f"找不到表头；前 {_HEAD_WITHIN} 行里应有一行写着：{missing}", tab)]
    names = [column(cell) for cell in sheet.rows[at]]
    rows = [Row(tab, line, dict(_cells(names, row))) for line, row in enumerate(sheet.rows[at + 1 :], at + 2)]
    filled = [row for row in rows if any(row.cells.values())]
    broken = [
        row.wrong(name, f"是表格软件算不出的 {cell}；请改成文字")
        for row in filled
        for name, cell in row.cells.items()
        if cell in BROKEN
    ]
    return filled, broken


def _cells(names: Sequence[Col | None], row: Sequence[str]) -> Iterator[tuple[Col, str]]:
    for name, cell in zip(names, row, strict=False):
        if name:
            clean = "".join(c for c in cell if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()
            yield name, clean if name in _CODES else unicodedata.normalize("NFKC", clean)


def several(cell: str) -> list[str]:
    """The words of a cell that may hold several."""
    return [word.strip() for word in _LIST.split(cell) if word.strip()]


def level(cell: str) -> object:
    """橙色及以上 → at least; 仅橙色 or 橙色 → exactly."""
    for ending in ("及以上", "以上", "起"):
        if cell.endswith(ending):
            return {"at_least": cell.removesuffix(ending)}
    return cell.removeprefix("仅")


def span(cell: str, mark: str) -> str:
    """From … to, whatever dash was written: `mark` is the one of rule files."""
    if mark == "..":
        found = re.fullmatch(
            r"(\d{1,2})[-/.月](\d{1,2})日?(?:\.\.+|…+|\s*[~至到—–-]+\s*)(\d{1,2})[-/.月](\d{1,2})日?", cell
        )
        return "{:0>2}-{:0>2}..{:0>2}-{:0>2}".format(*found.groups()) if found else cell
    return mark.join(_clock(part) for part in _DASH.split(cell))


def clock(cell: str) -> str:
    """A time of day; seconds that a spreadsheet added are dropped."""
    return _clock(cell.strip())


def _clock(cell: str) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", cell)
    return f"{int(found[1]):02d}:{found[2]}" if found else cell


def number(cell: str) -> object:
    """The number, or the words where it is none: then the shape of the file says what is wrong."""
    if re.fullmatch(r"-?\d{1,15}", cell, re.ASCII):
        return int(cell)
    return float(cell) if re.fullmatch(r"-?\d{1,15}\.\d{1,9}", cell, re.ASCII) else cell


def folded(word: str) -> str:
    """For comparing words: brackets and blanks make no difference."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
