"""The options of stop-work: which 熔断 are meant, and what a decision must say."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from callout.cli.control import Officer
from callout.cli.stop_list import NO_ALERT, Areas, Code, Handles, OfAlert
from callout.domain.instant import MINUTE
from callout.domain.stop_work import CONFIRM_WITHIN

MOST_MINUTES = 7 * 24 * 60

By = Annotated[str, typer.Option("--by", help="谁决定的，姓名", metavar="姓名")]
Title = Annotated[str, typer.Option("--title", help="职务", metavar="职务")]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问，直接执行")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which 熔断 a decision is about."""

    handles: Handles = None
    alert: OfAlert = None
    area: Areas = None
    code: Code = ""


@dataclass(frozen=True, slots=True)
class Proposing:
    """The options of propose."""

    code: Annotated[
        str, typer.Option("--code", help="类别：停学 停工 停业 停运 停游 停航 断 禁 停 撤 疏", metavar="类别")
    ]
    area: Annotated[list[str], typer.Option("--area", help="乡镇，可写多次", metavar="乡镇")]
    object: Annotated[
        str,
        typer.Option(
            "--object", help="对象：岗位类型（如 学校安全责任人），或一处的名称（如 白马大桥）", metavar="对象"
        ),
    ]
    measure: Annotated[str, typer.Option("--measure", help="措施，一句话", metavar="文字")]
    basis: Annotated[str, typer.Option("--basis", help="依据：预警、响应、会商", metavar="文字")]
    by: Annotated[str, typer.Option("--by", help="谁建议的，姓名", metavar="姓名")]
    officer: Officer
    title: Title = ""
    alert: Annotated[int, typer.Option("--alert", help="为哪个预警；不写则不与预警挂钩", metavar="预警号", min=0)] = (
        NO_ALERT
    )


@dataclass(frozen=True, slots=True)
class Ordering(Chosen):
    """The options of order."""

    by: By = field(kw_only=True)
    title: Annotated[str, typer.Option("--title", help="决定人职务", metavar="职务")] = field(kw_only=True)
    basis: Annotated[str, typer.Option("--basis", help="依据：预警 + 响应 + 会商", metavar="文字")] = field(
        kw_only=True
    )
    officer: Officer = field(kw_only=True)
    effective: Annotated[
        str,
        typer.Option(
            "--effective", help="何时起生效，北京时间，如 06:00 或 2026-08-03 06:00；不写为立即", metavar="时间"
        ),
    ] = ""
    exceptions: Annotated[str, typer.Option("--except", help="例外：供水供电供气通信医疗、抢险等", metavar="文字")] = ""
    confirm_within: Annotated[
        int,
        typer.Option("--confirm-within", help="生效后多少分钟内要有现场回报", metavar="分钟", min=1, max=MOST_MINUTES),
    ] = CONFIRM_WITHIN // MINUTE
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class Declining(Chosen):
    """The options of decline."""

    by: By = field(kw_only=True)
    reason: Annotated[str, typer.Option("--reason", help="为什么不执行", metavar="文字")] = field(kw_only=True)
    officer: Officer = field(kw_only=True)
    title: Title = ""
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class Confirming(Chosen):
    """The options of confirm."""

    by: Annotated[str, typer.Option("--by", help="谁在现场看到的，姓名", metavar="姓名")] = field(kw_only=True)
    seen: Annotated[str, typer.Option("--seen", help="看到了什么，一句话", metavar="文字")] = field(kw_only=True)
    officer: Officer = field(kw_only=True)
    title: Title = ""
    photo: Annotated[str, typer.Option("--photo", help="照片编号或存放处", metavar="文字")] = ""
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class ProposingLift(Chosen):
    """The options of propose-lift."""

    by: Annotated[str, typer.Option("--by", help="谁建议的，姓名", metavar="姓名")] = field(kw_only=True)
    basis: Annotated[str, typer.Option("--basis", help="依据：为什么可以恢复", metavar="文字")] = field(kw_only=True)
    officer: Officer = field(kw_only=True)
    title: Title = ""
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class Inspecting(Chosen):
    """The options of inspect."""

    by: Annotated[str, typer.Option("--by", help="谁检查的，姓名", metavar="姓名")] = field(kw_only=True)
    check: Annotated[str, typer.Option("--check", help="恢复前检查：查了什么", metavar="文字")] = field(kw_only=True)
    result: Annotated[str, typer.Option("--result", help="结论，一句话", metavar="文字")] = field(kw_only=True)
    officer: Officer = field(kw_only=True)
    title: Title = ""
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class Lifting(Chosen):
    """The options of lift."""

    by: By = field(kw_only=True)
    title: Annotated[str, typer.Option("--title", help="决定人职务", metavar="职务")] = field(kw_only=True)
    basis: Annotated[str, typer.Option("--basis", help="依据：为什么可以恢复", metavar="文字")] = field(kw_only=True)
    check: Annotated[str, typer.Option("--check", help="恢复前检查：查了什么，结果如何", metavar="文字")] = field(
        kw_only=True
    )
    officer: Officer = field(kw_only=True)
    effective: Annotated[str, typer.Option("--effective", help="何时起恢复，北京时间；不写为立即", metavar="时间")] = ""
    yes: Yes = False
