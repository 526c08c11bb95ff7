"""How a proof looks on a terminal: the matrix in colours and marks, the findings, the few changes that mend them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callout.cli.screen import plain

Everything = typer.Option("--all", help="全部列出，不省略")

_LEVELS = {
    "blue": ("蓝", "white on blue"), "yellow": ("黄", "black on yellow"), "orange": ("橙", "black on dark_orange"),
    "red": ("红", "white on red"),
}  # fmt: skip
_DANGERS = {"危急": "bold white on red", "严重": "black on yellow", "注意": "cyan"}
_MARKS = {"": ("", "green"), "注意": ("", "cyan"), "严重": ("!", "bold yellow"), "危急": ("×", "bold white on red")}
_FEW = 20
_NARROWEST = 80


def show_proof(console: Console, document: dict[str, Any], *, everything: bool) -> None:
    """All of it; the verdict last, next to the prompt."""
    _show_matrix(console, document["matrix"])
    _show_findings(console, document["findings"], everything=everything)
    _show_changes(console, document["smallest_change"], everything=everything)
    _show_space(console, document)
    console.print(Text(f"按{plain(document['limits'])}核对", "dim"))
    if not document["relocation"]:
        console.print(Text("没有转移台账：没有核对不能行走的人有没有对接责任人和去处", "yellow"))
    counts = "，".join(f"{danger} {many} 项" for danger, many in document["counts"].items())
    verdict = "该叫的岗位都叫得到" if document["ok"] else "方案有漏洞，要在汛期前补上"
    console.print(Text(f"结论：{verdict}；{counts}", "bold green" if document["ok"] else "bold red"))


def _show_matrix(console: Console, matrix: dict[str, Any]) -> None:
    for columns in _packed(matrix, max(console.width, _NARROWEST)):
        table = Table(box=None, padding=(0, 1, 0, 0), show_header=False, pad_edge=False)
        table.add_column(no_wrap=True)
        for _ in columns:
            table.add_column(justify="right", no_wrap=True)
        heads = [matrix["columns"][at] for at in columns]
        table.add_row("", *_hazards(heads))
        table.add_row("", *(Text(*_LEVELS[head["level"]]) for head in heads))
        for row in matrix["rows"]:
            table.add_row(plain(row["area"]), *(_cell(row["cells"][at]) for at in columns))
        console.print(table)
    marks = "格内是应叫岗位数；× 危急、! 严重，写成 问题岗位/应叫岗位；· 规则不叫这里的人"
    console.print(Text(marks, "dim"))


def _packed(matrix: dict[str, Any], width: int) -> Iterator[Sequence[int]]:
    """Columns by hazard, as many hazards in one table as the terminal is wide."""
    name = max(cell_len(row["area"]) for row in matrix["rows"]) + 1
    heads = [cell_len(head.plain) for head in _hazards(matrix["columns"])]
    widths = [
        max(2, head, *(cell_len(_cell(row["cells"][at]).plain) for row in matrix["rows"])) + 1
        for at, head in enumerate(heads)
    ]
    line: list[int] = []
    for _, group in groupby(range(len(widths)), key=lambda at: _subject(matrix["columns"][at])):
        these = list(group)
        if line and name + sum(widths[at] for at in (*line, *these)) > width:
            yield line
            line = []
        line += these
    yield line


def _subject(column: dict[str, str]) -> tuple[str, str]:
    return column["kind"], column["hazard"]


def _hazards(heads: Sequence[dict[str, str]]) -> Iterator[Text]:
    """The name of each hazard, spread over its columns."""
    for (kind, hazard), group in groupby(heads, key=_subject):
        name = hazard if kind == "预警信号" else f"{'响应' if kind == '应急响应' else '专报'}{hazard}"
        many = len([*group])
        each = -(-len(name) // many)
        yield from (Text(name[each * at : each * (at + 1)], "bold") for at in range(many))


def _cell(cell: dict[str, Any]) -> Text:
    if not cell["due"] and not cell["worst"]:
        return Text("·", "dim")
    mark, style = _MARKS[cell["worst"]]
    counted = f"{cell['troubled']}/{cell['due']}" if cell["troubled"] else str(cell["due"])
    return Text(f"{counted}{mark}", style)


def _show_findings(console: Console, findings: Sequence[dict[str, Any]], *, everything: bool) -> None:
    shown = findings if everything else findings[:_FEW]
    for number, one in enumerate(shown, 1):
        head = Text(f"\n{number:>3} ")
        head.append(
            f" {one['danger']} ", {"危急": "bold white on red", "严重": "black on yellow"}.get(one["danger"], "cyan")
        )
        head.append(f" {one['kind']}", "bold").append(f"  {plain(one['where'])}")
        console.print(head)
        console.print(Text(f"    {plain(one['what'])}"))
        console.print(Text(f"    改：{plain('；或'.join(one['mends']))}", "green"))
    if len(findings) > len(shown):
        console.print(
            Text(f"\n    另有 {len(findings) - len(shown)} 项，加 --all 全部列出，或用 --html、--xlsx 写成文件")
        )


def _show_changes(console: Console, changes: Sequence[dict[str, Any]], *, everything: bool) -> None:
    if not changes:
        return
    shown = changes if everything else changes[:_FEW]
    console.print(Text(f"\n最少改这 {len(changes)} 处，就没有上面的问题：", "bold"))
    for number, one in enumerate(shown, 1):
        console.print(Text(f"{number:>3} {plain(one['change'])}（消去 {len(one['mends'])} 项）"))
    if len(changes) > len(shown):
        console.print(Text(f"    另有 {len(changes) - len(shown)} 处，加 --all 全部列出"))


def _show_space(console: Console, document: dict[str, Any]) -> None:
    space = document["space"]
    console.print(
        f"\n核对 {space['points']} 种情形：{len(document['matrix']['columns'])} 种预警，发布时刻 "
        f"{'、'.join(space['issued'])}，起叫时刻 {'、'.join(space['begins'])}；{space['rules']} 条规则，"
        f"{document['posts']} 个岗位归为 {document['classes']} 类",
        highlight=False,
    )
    for one in space["assumed"]:
        console.print(Text(f"假设成立一次、不成立一次：{plain(one)}"))
    if space["unspoken"]:
        console.print(Text(f"规则没有提到、来了转人工的灾种：{'、'.join(space['unspoken'])}", "dim"))
