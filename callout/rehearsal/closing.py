"""The last screen of the demo: what the night came to, where its record lies, and what to try next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from callout.domain.instant import beijing
from callout.domain.length import lasted
from callout.rehearsal.demo import OPENS, Demo
from callout.rehearsal.screen import badge
from callout.reports.account import Account, Tally
from callout.reports.statistics import percent
from callout.reports.words import HUMAN_CALL_KINDS, REASONS


@dataclass(frozen=True, slots=True)
class Places:
    """Where the night's record lies."""

    database: str
    """Its file, or its URL without the password."""
    export: Path


def closing(demo: Demo, account: Account) -> RenderableType:
    """What the night came to; with `where` it fills one screen of 80×24."""
    begins, ends = beijing(OPENS, "%m-%d %H:%M"), beijing(demo.ends, "%m-%d %H:%M")
    title = f"演示结束：{demo.county} {begins} 至 {ends}，{len(demo.alerts)} 次预警"
    return Group(Text(title, "bold"), _table(account), "", _rest(account), "")


def where(places: Places, *, new: bool) -> list[str]:
    """Lines to copy from; a `new` database must first be named to the commands."""
    named = [f"  export CALLOUT_DATABASE_URL=sqlite:///{quote(places.database)}"] if new else []
    return [
        f"数据库 {places.database}",
        f"导出   {places.export}（先看 README.txt）",
        "下一步可以试：",
        *named,
        "  callout audit verify             核对记录有没有被改动",
        "  callout human-calls list --all   转给人办的事和结果",
    ]


def _table(account: Account) -> Table:
    columns = [*((badge(line.level), counts) for line, counts in account.per_alert), (Text("合计"), account.total)]
    table = Table.grid(padding=(0, 4))
    table.add_column()
    for _ in columns:
        table.add_column(justify="right")
    table.add_row("", *(head for head, _ in columns))
    for name, cell in _ROWS.items():
        table.add_row(name, *(cell(counts) for _, counts in columns))
    return table


_ROWS: Mapping[str, Callable[[Tally], str]] = {
    "应叫（岗）": lambda t: str(t.due),
    "已叫": lambda t: str(t.called),
    "已应": lambda t: str(t.answered),
    "应答率": lambda t: percent(t.answered, t.due),
    "其中本人应答": lambda t: percent(t.answered_in_person, t.due),
    "应答用时，中位数": lambda t: _lasted(t.median_s),
    "应答用时，P95": lambda t: _lasted(t.p95_s),
    "升级到副职或上级": lambda t: str(t.escalated),
    "未叫通": lambda t: str(t.unreachable),
    "漏叫且无人跟进（lost）": lambda t: str(t.lost),
}


def _lasted(seconds: int | None) -> str:
    return "-" if seconds is None else lasted(seconds)


def _rest(account: Account) -> Table:
    work = account.work
    reasons = [f"{REASONS[why]} {count}" for why, count in account.reasons.items() if count]
    waiting = [f"{HUMAN_CALL_KINDS[kind]} {count}" for kind, count in work.human_calls.items() if count]
    stops = [f"{code} {objects}" for code, (_, objects) in work.stop_work.items()]
    return _facts(
        [
            ("未叫通原因", "、".join(reasons) or "无"),
            ("人工叫应待办", f"{sum(work.human_calls.values())} 件" + ("：" + "、".join(waiting) if waiting else "")),
            ("反馈", _feedback(account)),
            ("熔断建议", "、".join(stops) + " 个对象，须由人决定" if stops else "无"),
        ]
    )


def _feedback(account: Account) -> str:
    each = [
        f"{kind} {t.due} 项，已报 {t.given}，逾期 {t.overdue}" + (f"，共 {t.people} 人" if t.people else "")
        for kind, t in account.work.feedback.items()
    ]
    return "；".join(each) or "预案没有要求"


def _facts(facts: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, fact in facts:
        table.add_row(name, Text(fact))
    return table
