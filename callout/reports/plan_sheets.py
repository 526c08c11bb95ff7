"""The proof as a workbook: findings, changes, matrix, assumptions; filtered and frozen as offices like it."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from callout.reports.tables import safe

_DANGER = {"危急": "F7C4C0", "严重": "FFE2B8", "注意": "EEF1F5", "": "E3F3E7"}
_LEVEL = {"blue": ("2F6FD6", "FFFFFF"), "yellow": ("F5D327", "000000"), "orange": ("F08A24", "000000"),
          "red": ("D12F26", "FFFFFF")}  # fmt: skip
_HEAD = PatternFill("solid", fgColor="E8ECF1")
_ZH = {"blue": "蓝", "yellow": "黄", "orange": "橙", "red": "红"}


def workbook(document: dict[str, Any]) -> bytes:
    """The file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _findings(book.create_sheet("问题"), document["findings"])
    _changes(book.create_sheet("最少改动"), document["smallest_change"])
    _matrix(book.create_sheet("覆盖矩阵"), document["matrix"])
    _assumed(book.create_sheet("假设"), document)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _findings(sheet: Worksheet, findings: Sequence[dict[str, Any]]) -> None:
    _head(sheet, {"号": 6, "轻重": 8, "问题": 26, "哪里": 40, "说明": 60, "怎样改": 70, "岗位数": 8})
    for number, one in enumerate(findings, 1):
        mends = "；或".join(one["mends"])
        sheet.append(_safe([number, one["danger"], one["kind"], one["where"], one["what"], mends, len(one["posts"])]))
        sheet.cell(number + 1, 2).fill = PatternFill("solid", fgColor=_DANGER[one["danger"]])
    _wrap(sheet)


def _changes(sheet: Worksheet, changes: Sequence[dict[str, Any]]) -> None:
    _head(sheet, {"号": 6, "改什么": 80, "消去的问题": 60})
    for number, one in enumerate(changes, 1):
        sheet.append(_safe([number, one["change"], "、".join(map(str, one["mends"]))]))
    _wrap(sheet)


def _matrix(sheet: Worksheet, matrix: dict[str, Any]) -> None:
    columns = matrix["columns"]
    _head(sheet, {"乡镇（街道）": 24, **{column["name"]: 7 for column in columns}})
    for at, column in enumerate(columns, 2):
        back, ink = _LEVEL[column["level"]]
        cell = sheet.cell(1, at, f"{column['name'].rsplit(_ZH[column['level']], 1)[0]}\n{_ZH[column['level']]}")
        cell.fill, cell.font = PatternFill("solid", fgColor=back), Font(bold=True, color=ink)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for number, row in enumerate(matrix["rows"], 2):
        sheet.append(_safe([row["area"], *(_said(cell) for cell in row["cells"])]))
        for at, cell in enumerate(row["cells"], 2):
            if cell["due"] or cell["worst"]:
                sheet.cell(number, at).fill = PatternFill("solid", fgColor=_DANGER[cell["worst"]])
            sheet.cell(number, at).alignment = Alignment(horizontal="center")
    sheet.freeze_panes = "B2"


def _said(cell: dict[str, Any]) -> int | str | None:
    if not cell["due"]:
        return "无人" if cell["worst"] else None
    return f"{cell['troubled']}/{cell['due']}" if cell["troubled"] else int(cell["due"])


def _assumed(sheet: Worksheet, document: dict[str, Any]) -> None:
    space = document["space"]
    _head(sheet, {"项": 20, "内容": 100})
    lines = [
        ("区县", f"{document['county']['name']}（{document['county']['code']}）"),
        ("规则版本", document["rulebook"]),
        ("名册版本", document["roster"]),
        ("情形数", space["points"]),
        ("岗位数", document["posts"]),
        ("发布时刻", "、".join(space["issued"])),
        ("起叫时刻", "、".join(space["begins"])),
        *(("假设成立一次、不成立一次", one) for one in space["assumed"]),
        ("规则没有提到的灾种", "、".join(space["unspoken"])),
    ]
    for line in lines:
        sheet.append(_safe(line))
    _wrap(sheet)


def _head(sheet: Worksheet, widths: dict[str, int]) -> None:
    sheet.append(list(widths))
    for at, width in enumerate(widths.values(), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
        sheet.cell(1, at).font, sheet.cell(1, at).fill = Font(bold=True), _HEAD
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}1"


def _wrap(sheet: Worksheet) -> None:
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    if sheet.max_row > 1:
        sheet.auto_filter.ref = sheet.dimensions


def _safe(values: Iterable[Any]) -> list[Any]:
    """Names come from outside: nothing may become a formula."""
    return [safe(value) if isinstance(value, str) else value for value in values]
