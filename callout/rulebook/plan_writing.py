"""The plan and the roster as one workbook: notes, drop-downs, and codes that no spreadsheet turns into numbers."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from callout.domain.alert_kind import AlertKind
from callout.domain.feedback import FeedbackKind
from callout.domain.level import Hazard, Level
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook, StopWorkCode
from callout.rulebook.document import load
from callout.rulebook.models import AreasFile
from callout.rulebook.plan_areas import area_lines
from callout.rulebook.plan_columns import COLUMNS, KINDS, NOTES, RULE_TABS, Col, Tab
from callout.rulebook.plan_lines import CHANNELS, TARGETS, Lines, plan_lines
from callout.rulebook.roster_file import called_roles
from callout.rulebook.roster_table import Column
from callout.rulebook.roster_writing import roster_lines
from callout.rulebook.words import PLACE_KINDS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_WIDE = {
    Col.MEASURE: 60, Col.STOP_MEASURE: 40, Col.CALL_ROLES: 36, Col.ROLES: 60, Col.REASON: 40, Col.PLAN: 22, Col.ID: 18,
    Col.HAZARD: 18, Col.VALUE: 40,
}  # fmt: skip
_USUAL, _ROSTER_WIDTH = 12, 16
_ROOM = 2000
"""Lines below the header to which drop-downs reach."""
_FREE = frozenset({Col.CALL_ROLES, Col.FEEDBACK_ROLES, Col.HAZARD, Col.BESIDE_HAZARD, Col.PLACE, Col.WORDS})
"""Cells that may hold several words: the drop-down helps with the first and forbids nothing."""
_TELL = (
    "这个工作簿是本区县的叫应方案和责任人名册。改好后运行 callout plan import 文件名，先看差别，再加 --apply 换上。",
    "区级规则、行业措施（一行业一措施）、乡镇方案（一乡镇一方案）：一条规则一行；要叫几组岗位、建议几类熔断的，接着往下写，编号空着或合并单元格。",
    "方案：每个方案的岗位清单。增一个方案就在这里加一行，删一个方案就删掉这一行和它的规则。",
    "叫应阶梯：叫不应时一步一步怎样加码，每一步一行。",
    "责任人名册：一岗一行；岗位号和人员号是系统编的，新增的留空。号码可以写几个，用顿号分开。",
    "乡镇、地点、村（社区）、撤销乡镇：区划文件；四张表都删去，就不动现用的区划。",
    "选项这张表只供下拉，不会读。表头的批注说明每一列怎么填。",
    "有一处错误就一行也不换，并按 表、行、列 一次列出全部错误。",
)


def write_plan(files: Mapping[str, str], rulebook: Rulebook, roster: Roster) -> bytes:
    """The workbook. Raises RuleError for a name that no cell can hold."""
    from openpyxl import Workbook  # noqa: PLC0415 - most commands never write a workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    lines = plan_lines(files) | _areas(files, rulebook.county.code)
    notes = book.create_sheet(Tab.NOTES)
    for said in _TELL:
        notes.append([said])
    notes.column_dimensions["A"].width = 120
    choices = _choices(lines, rulebook)
    for tab, columns in COLUMNS.items():
        sheet = book.create_sheet(tab)
        _fill(sheet, columns, lines[tab])
        _look(sheet, {str(column): _WIDE.get(column, _USUAL) for column in columns}, NOTES)
        _drop_downs(sheet, columns, choices)
    _roster(book.create_sheet(Tab.ROSTER), rulebook, roster, choices)
    _options(book.create_sheet(Tab.CHOICES), choices)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _roster(sheet: "Worksheet", rulebook: Rulebook, roster: Roster, choices: Mapping[str, Sequence[str]]) -> None:
    columns = list(Column)
    _fill(sheet, columns, roster_lines(roster, rulebook.county))
    _look(sheet, dict.fromkeys(map(str, columns), _ROSTER_WIDTH), {})
    _drop_downs(sheet, columns, choices)


def _fill(sheet: "Worksheet", columns: Sequence[str], lines: Iterable[Mapping[Any, str]]) -> None:
    """Every cell is text: a number of eleven digits, a date or a formula stays what was written."""
    sheet.append([str(column) for column in columns])
    for number, line in enumerate(lines, 2):
        for at, column in enumerate(columns, 1):
            value = line.get(column, "")
            cell = sheet.cell(number, at)
            cell.number_format = "@"
            if value:
                cell.value = value
                cell.data_type = "s"


def _look(sheet: "Worksheet", widths: Mapping[str, int], notes: Mapping[Any, str]) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    head, bold = PatternFill("solid", fgColor="E8ECF1"), Font(bold=True)
    for at, (name, width) in enumerate(widths.items(), 1):
        cell = sheet.cell(1, at)
        cell.fill, cell.font = head, bold
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].number_format = "@"
        if said := notes.get(name):
            cell.comment = Comment(said, "callout", width=320, height=120)
        if width > _ROSTER_WIDTH:
            for row in sheet.iter_rows(min_row=2, min_col=at, max_col=at):
                row[0].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2" if sheet.title in RULE_TABS else "A2"


def _drop_downs(sheet: "Worksheet", columns: Sequence[str], choices: Mapping[str, Sequence[str]]) -> None:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    for at, name in enumerate(columns, 1):
        if name not in choices or (sheet.title == Tab.PLANS and name == Col.PLAN):
            continue
        where = get_column_letter(list(choices).index(name) + 1)
        last = len(choices[name]) + 1
        wish = DataValidation("list", formula1=f"'{Tab.CHOICES}'!${where}$2:${where}${last}", allow_blank=True)
        wish.showErrorMessage = name not in _FREE and name in COLUMNS[Tab.LADDERS] + COLUMNS[RULE_TABS[0]]
        wish.error, wish.errorTitle = f"请从下拉里选，可选的词在“{Tab.CHOICES}”表", "没有这个词"
        letter = get_column_letter(at)
        wish.add(f"{letter}2:{letter}{max(_ROOM, sheet.max_row + _ROOM)}")
        sheet.add_data_validation(wish)


def _choices(lines: Lines, rulebook: Rulebook) -> dict[str, list[str]]:
    """Column → the words that may stand there."""
    roles = list(dict.fromkeys(role for _, _, role in rulebook.named))
    levels = [*(f"{level.zh}及以上" for level in Level), *(f"仅{level.zh}" for level in Level)]
    hazards, codes = [hazard.value for hazard in Hazard], [code.value for code in StopWorkCode]
    channels = list(CHANNELS.values())
    found: dict[str, list[str]] = {
        Col.PLAN: [line[Col.PLAN] for line in lines[Tab.PLANS]], Col.PLAN_KIND: list(KINDS.values()),
        Col.HAZARD: hazards, Col.LEVEL: levels, Col.KIND: [kind.value for kind in AlertKind],
        Col.PLACE: [place.name for place in rulebook.county.places], Col.BESIDE_HAZARD: hazards,
        Col.BESIDE_LEVEL: levels, Col.CALL_ROLES: roles, Col.CALL_LADDER: list(rulebook.ladders),
        Col.STOP_CODE: codes, Col.STOP_ROLE: roles, Col.FEEDBACK_KIND: [kind.value for kind in FeedbackKind],
        Col.FEEDBACK_ROLES: roles, Col.MEASURE_CODE: codes, Col.SYSTEM: ["统计局", "民政部"],
        Col.SPOT_KIND: list(PLACE_KINDS), Col.INSIDE: [town.name for town in rulebook.county.townships],
        Col.TARGET: list(TARGETS.values()), Col.DAY: channels, Col.NIGHT: channels,
        Column.TOWNSHIP: [rulebook.county.name, *(t.name for t in rulebook.county.townships)],
        Column.ROLE: sorted({*called_roles(rulebook)}),
    }  # fmt: skip
    return {name: words for name, words in found.items() if words}


def _options(sheet: "Worksheet", choices: Mapping[str, Sequence[str]]) -> None:
    for at, (name, words) in enumerate(choices.items(), 1):
        for row, word in enumerate((str(name), *words), 1):
            sheet.cell(row, at, word).data_type = "s"


def _areas(files: Mapping[str, str], county: str) -> Lines:
    name = f"areas/{county}.yaml"
    return area_lines(AreasFile.model_validate(load(name, files[name]).data))
