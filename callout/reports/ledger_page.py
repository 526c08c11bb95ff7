"""A ledger on paper: A4 across, heads on every page, the checkpoint at every foot; empty fields are left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callout.reports.ledger_scope import NOT_KEPT, NOT_RECORDED
from callout.reports.paper import FONTS
from callout.reports.tables import Cell, Table

Stack = tuple[str, tuple[str, ...]]
"""Head of a column on paper, and the columns of the table that share it; * before a name: its value needs the name."""

_LEFT_OUT = (None, "", NOT_KEPT, NOT_RECORDED)

LAYOUTS: Mapping[str, tuple[Stack, ...]] = {
    "叫应": (
        ("岗位", ("岗位", "*岗位号", "责任人", "包保对象", "预警")),
        ("区划", ("区划", "层级", "区划体系", "区划码")),
        ("规则", ("规则",)),
        ("起叫", ("起叫", "*是否叫出", "*升级")),
        ("应答", ("状态", "应答时间", "应答方式", "*迟答")),
        ("未叫通原因、人工叫应", ("未叫通原因", "人工叫应")),
    ),
    "呼叫": (
        ("岗位", ("岗位", "*岗位号", "预警")),
        ("对象", ("内容", "对象", "姓名")),
        ("渠道、号码", ("渠道", "通道", "号码", "尝试编号")),
        ("发起、结果", ("发起时间", "*结果时间", "*接通时间", "*挂断时间", "*收听秒数", "录音")),
        ("状态", ("状态", "结果码", "*可能重复")),
        ("回执", ("回执", "回执时间")),
    ),
    "应答": (
        ("岗位", ("岗位", "*岗位号", "预警")),
        ("时间", ("时间", "*迟答")),
        ("应答", ("方式", "原文", "*转移人数")),
        ("来自", ("记录人", "尝试编号")),
    ),
    "升级": (
        ("岗位", ("岗位", "*岗位号", "预警")),
        ("时间", ("时间",)),
        ("从谁到谁", ("*从", "*到", "姓名")),
        ("原因", ("原因",)),
    ),
    "反馈": (
        ("岗位", ("岗位", "*岗位号", "预警")),
        ("类别", ("类别", "规则", "状态")),
        ("时间", ("*开始", "*时限", "*反馈时间")),
        ("内容", ("*转移户数", "*转移人数", "*报送人")),
    ),
    "人工叫应": (
        ("事项", ("类型", "岗位", "*岗位号", "预警")),
        ("说明", ("说明",)),
        ("办理", ("状态", "*开启时间", "*认领人", "*办结人", "*办结时间")),
        ("结果", ("结果",)),
    ),
    "熔断": (
        ("对象", ("区划", "类别", "岗位类型", "*对象数")),
        ("依据", ("规则", "措施", "预警")),
        ("状态", ("状态", "*建议时间")),
        ("决定、确认、解除", ("*决定", "*现场确认", "*解除或不执行")),
    ),
    "险情": (
        ("时间", ("时间",)),
        ("何处", ("区划", "岗位", "灾种", "预警")),
        ("内容", ("内容",)),
        ("来源、处理", ("来源", "报送人", "处理")),
    ),
    "值班日志": (
        ("时间", ("时间", "*写入时间")),
        ("类别", ("类别", "文号", "预警")),
        ("内容", ("内容", "*参加")),
        ("记录人", ("记录人",)),
    ),
    "修改历史": (
        ("时间", ("时间",)),
        ("事项", ("事项", "岗位", "*岗位号", "预警")),
        ("前后", ("*前", "*后")),
        ("操作人", ("操作人", "*审计条目")),
    ),
}
"""Tables too wide for paper, folded; the others stand as they are."""


def page(title: str, about: Mapping[str, str], tables: Sequence[Table], templates: Path) -> str:
    """The ledger as HTML, made to be printed."""
    environment = Environment(
        loader=FileSystemLoader(templates / "reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    warnings = tables[0]
    at, number = warnings.heads.index("预警"), warnings.heads.index("预警号")
    several = len(warnings.rows) > 1
    short = {str(row[at]): f"预警{row[number]}" if several else "" for row in warnings.rows}
    rest = [_folded(table, short) for table in tables[1:]]
    return environment.get_template("ledger.html.j2").render(
        title=title, about=about, tables=rest, fonts=FONTS, warnings=[_named(warnings, row) for row in warnings.rows]
    )


def _named(table: Table, row: Sequence[Cell]) -> list[tuple[str, str]]:
    return [(head, str(cell)) for head, cell in zip(table.heads, row, strict=True) if cell not in (None, "")]


def _folded(table: Table, short: Mapping[str, str]) -> dict[str, object]:
    layout = LAYOUTS.get(table.title, tuple((head, (head,)) for head in table.heads))
    places = [[(name, table.heads.index(name.lstrip("*"))) for name in names] for _, names in layout]
    return {
        "title": table.title,
        "heads": [head for head, _ in layout],
        "rows": [[_shared(row, place, short) for place in places] for row in table.rows],
    }


def _shared(row: Sequence[Cell], place: Sequence[tuple[str, int]], short: Mapping[str, str]) -> str:
    """What stands in one cell on paper; an identifier gives way to the number of its warning."""
    said = [(name, short.get(str(row[at]), row[at])) for name, at in place if row[at] not in _LEFT_OUT]
    return "；".join(f"{name[1:]} {value}" if name.startswith("*") else str(value) for name, value in said if value)
