"""A ledger on paper: A4 across, heads on every page, the checkpoint at every foot; empty fields are left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from callout.reports.ledger_scope import NOT_KEPT, NOT_RECORDED
from callout.reports.paper import FONTS, wording
from callout.reports.tables import Cell, Table

Stack = tuple[str, tuple[str, ...], int]
"""Head of a column on paper, the columns of the table that share it (*: the value needs its name), width in percent."""

_LEFT_OUT = (None, "", NOT_KEPT, NOT_RECORDED)

LAYOUTS: Mapping[str, tuple[Stack, ...]] = {
    "叫应": (
        ("岗位", ("岗位", "*岗位号", "责任人", "包保对象", "预警"), 26),
        ("区划", ("区划", "层级", "区划体系", "区划码"), 15),
        ("规则", ("规则",), 14),
        ("起叫", ("起叫", "*是否叫出", "*升级"), 15),
        ("应答", ("状态", "应答时间", "应答方式", "*迟答"), 18),
        ("未叫通原因、人工叫应", ("未叫通原因", "人工叫应"), 12),
    ),
    "呼叫": (
        ("岗位", ("岗位", "*岗位号", "预警"), 22),
        ("对象", ("内容", "对象", "姓名"), 11),
        ("渠道、号码", ("渠道", "通道", "号码", "尝试编号"), 17),
        ("发起、结果", ("发起时间", "*结果时间", "*接通时间", "*挂断时间", "*收听秒数", "录音"), 28),
        ("状态", ("状态", "结果码", "*可能重复", "代叫"), 10),
        ("回执", ("回执", "回执时间"), 12),
    ),
    "应答": (
        ("岗位", ("岗位", "*岗位号", "预警"), 27),
        ("时间", ("时间", "*迟答"), 20),
        ("应答", ("方式", "原文", "*转移人数"), 33),
        ("来自", ("记录人", "尝试编号"), 20),
    ),
    "升级": (
        ("岗位", ("岗位", "*岗位号", "预警"), 40),
        ("时间", ("时间",), 20),
        ("从谁到谁", ("*从", "*到", "姓名"), 22),
        ("原因", ("原因",), 18),
    ),
    "反馈": (
        ("岗位", ("岗位", "*岗位号", "预警"), 28),
        ("类别", ("类别", "规则", "状态"), 22),
        ("时间", ("*开始", "*时限", "*反馈时间"), 28),
        ("内容", ("*转移户数", "*转移人数", "*报送人"), 22),
    ),
    "人工叫应": (
        ("事项", ("类型", "岗位", "*岗位号", "预警"), 26),
        ("说明", ("说明",), 22),
        ("办理", ("状态", "*开启时间", "*认领人", "*办结人", "*办结时间"), 36),
        ("结果", ("结果",), 16),
    ),
    "熔断": (
        ("对象", ("区划", "类别", "岗位类型", "*对象数"), 20),
        ("依据", ("规则", "措施", "预警"), 28),
        ("状态", ("状态", "*建议时间"), 16),
        ("决定、确认、解除", ("*决定", "*现场确认", "*解除或不执行"), 36),
    ),
    "险情": (
        ("时间", ("时间",), 16),
        ("何处", ("区划", "岗位", "灾种", "预警"), 24),
        ("内容", ("内容",), 34),
        ("来源、处理", ("来源", "报送人", "处理"), 26),
    ),
    "值班日志": (
        ("时间", ("时间", "*写入时间"), 20),
        ("类别", ("类别", "文号", "预警"), 18),
        ("内容", ("内容", "*参加"), 46),
        ("记录人", ("记录人",), 16),
    ),
    "修改历史": (
        ("时间", ("时间",), 16),
        ("事项", ("事项", "岗位", "*岗位号", "预警"), 40),
        ("前后", ("*前", "*后"), 24),
        ("操作人", ("操作人", "*审计条目"), 20),
    ),
}
"""Tables too wide for paper, folded; the others stand as they are."""


VOLUME = 2_000
"""Rows that one document holds: more would take more than half a gigabyte to print."""


def volumes(tables: Sequence[Table]) -> list[list[Table]]:
    """The ledger cut into documents of a size that can be printed; each tells of the warnings."""
    found, room = [[tables[0]]], VOLUME
    for table in tables[1:]:
        rest = list(table.rows)
        while True:
            here, rest = rest[:room], rest[room:]
            found[-1].append(Table(table.title, table.heads, here))
            room -= len(here)
            if not rest:
                break
            found.append([tables[0]])
            room = VOLUME
    return found


def page(title: str, about: Mapping[str, str], tables: Sequence[Table], templates: Path) -> str:
    """The ledger as HTML, made to be printed."""
    warnings = tables[0]
    at, number = warnings.heads.index("预警"), warnings.heads.index("预警号")
    several = len(warnings.rows) > 1
    short = {str(row[at]): f"预警{row[number]}" if several else "" for row in warnings.rows}
    rest = [_folded(table, short) for table in tables[1:]]
    return (
        wording(templates)
        .get_template("ledger.html.j2")
        .render(
            title=title,
            about=about,
            tables=rest,
            fonts=FONTS,
            warnings=[_named(warnings, row) for row in warnings.rows],
        )
    )


def _named(table: Table, row: Sequence[Cell]) -> list[tuple[str, str]]:
    return [(head, str(cell)) for head, cell in zip(table.heads, row, strict=True) if cell not in (None, "")]


def _folded(table: Table, short: Mapping[str, str]) -> dict[str, object]:
    layout = LAYOUTS.get(table.title, tuple((head, (head,), 100 // len(table.heads)) for head in table.heads))
    places = [[(name, table.heads.index(name.lstrip("*"))) for name in names] for _, names, _ in layout]
    return {
        "title": table.title,
        "heads": [(head, width) for head, _, width in layout],
        "rows": [[_shared(row, place, short) for place in places] for row in table.rows],
    }


def _shared(row: Sequence[Cell], place: Sequence[tuple[str, int]], short: Mapping[str, str]) -> str:
    """What stands in one cell on paper: an identifier gives way to its warning's number, and nothing is repeated."""
    said = dict[Cell, str]()
    for name, at in place:
        if row[at] not in _LEFT_OUT:
            said.setdefault(short.get(str(row[at]), row[at]), name)
    return "；".join(
        f"{name[1:]} {value}" if name.startswith("*") else str(value) for value, name in said.items() if value
    )
