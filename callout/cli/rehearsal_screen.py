"""What a rehearsal came to, on a terminal."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from callout.cli.screen import plain
from callout.domain.instant import Instant, beijing
from callout.reports.rehearsal_words import compared, counts, gateway_words, share, short_times, timed, times, yuan
from callout.reports.words import LEVELS, REASONS

Desks = Annotated[str, typer.Option(help="比较几名值班员，如 1,2,4；写 0 不比较", metavar="人数")]
_SHOWN = 10


def show(console: Console, document: Mapping[str, Any]) -> None:
    """The result; with a “what if”, both side by side."""
    result, storm = document["result"], document["storm"]
    begins, ends = (beijing(Instant(storm[name]), "%m-%d %H:%M") for name in ("opens", "ends"))
    seeds = len(result["seeds"])
    console.print(f"【推演】{document['county']} {storm['name']} {begins} 至 {ends}，{seeds} 次", style="bold")
    console.print(f"行为：{plain(document['assumed']['source'])}；时间准到 {document['beat_ms'] / 1000:g} 秒。"
                  + ("括号里、中位数下面是九成推演的范围。" if seeds > 1 else ""))  # fmt: skip
    console.print(_alerts(result))
    console.print(_townships(result))
    console.print(_gateways(result))
    console.print(plain(gateway_words(document)), markup=False)
    _people(console, result)
    for row in document["desks"]:
        waits = f"等人认领 中位 {times(row['human']['wait50_s'])}，九成 {times(row['human']['wait90_s'])}"
        console.print(f"值班员 {row['officers']} 名：{waits}；橙红 30 分钟未应 {counts(row['total']['late'])}")
    if document["other"]:
        _beside(console, document)


def _table(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at else "left", overflow="fold")  # nothing is cut off at 80 columns
    return table


def _alerts(result: Mapping[str, Any]) -> Table:
    table = _table("预警", "应叫", "应答率", "50%已应", "90%已应", "99%已应", "有叫未应")
    for row in result["alerts"]:
        name = f"{beijing(Instant(row['sent']), '%m-%d %H:%M')} {row['hazard']}{LEVELS.get(row['level'], '')}"
        _add(table, name, *_answered(row))
    _add(table, "合计", *_answered(result["total"]))
    return table


def _answered(row: Mapping[str, Any]) -> list[str]:
    return [counts(row["due"]), share(row), *timed(row, short_times), counts(row["unreached"])]


def _add(table: Table, *cells: str) -> None:
    """A row whose ranges stand below their medians."""
    table.add_row(*(cell.replace("（", "\n").rstrip("）") if "–" in cell else cell for cell in cells))


def _townships(result: Mapping[str, Any]) -> Table:
    table = _table("最慢的乡镇", "应叫", "应答率", "50%已应", "90%已应", "99%已应", "有叫未应")
    slowest = sorted(
        result["townships"], key=lambda row: (row["t90"]["median"] is not None, -(row["t90"]["median"] or 0))
    )
    for row in slowest[:_SHOWN]:
        _add(table, row["name"], *_answered(row))
    return table


def _gateways(result: Mapping[str, Any]) -> Table:
    table = _table("通道", "条次", "最忙一分钟", "上限/分", "到顶的分钟", "费用（元）")
    for row in result["gateways"]:
        limit = f"{row['per_second'] * 60:g}" if row["per_second"] else "不限"
        peak, full = counts(row["peak_per_minute"]), counts(row["full_minutes"])
        _add(table, row["name"], counts(row["sent"]), peak, limit, full, yuan(row))
    return table


def _people(console: Console, result: Mapping[str, Any]) -> None:
    human = result["human"]
    console.print(
        f"人工叫应 {counts(human['opened'])} 件，同时未办最多 {counts(human['most_open'])} 件，"
        f"等人认领 中位 {times(human['wait50_s'])}，九成 {times(human['wait90_s'])}"
    )
    never = result["never"]
    console.print(f"从未叫通 {len(never)} 个岗位，漏叫且无人跟进 {result['lost']}", style="bold" if never else "")
    for one in never[:_SHOWN]:
        said = f"{one['of']} 次里 {one['times']} 次" if one["of"] > 1 else "这一次"
        console.print(f"  {plain(one['title'])}：{said}，{REASONS[one['reason']]}", markup=False)


def _beside(console: Console, document: Mapping[str, Any]) -> None:
    other = document["other"]
    table = _table(f"假如{other['change']}", "原样", "假如")
    for name, one, that in compared(document["result"], other["result"]):
        _add(table, name, one, that)
    console.print(table)
