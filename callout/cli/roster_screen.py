"""How a roster and its changes look on a terminal of eighty columns."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress

from callout.cli.screen import fail, say, warn
from callout.rulebook.workbook import Tell

Everything = typer.Option("--all", help="全部列出，不省略")
_FEW = 8
"""Entries of each kind that are shown before the rest is counted."""
_ERRORS = 100

Doc = Mapping[str, Any]


def show_remarks(remarks: Sequence[Doc], headline: str, tell: Callable[[str], None]) -> None:
    """Mistakes or mends, each with its place; mends only by kind where they are many."""
    if not remarks:
        return
    tell(f"{headline}，{len(remarks)} 处：")
    most = _ERRORS if tell is fail else _FEW
    for each in remarks[:most]:
        column = f"“{each['column']}”" if each["column"] else ""
        sheet = f"“{each['sheet']}”表" if each["sheet"] else ""
        tell(f"  {sheet}第 {each['line']} 行{column}：{each['text']}")
    if len(remarks) > most:
        columns = Counter(each["column"] for each in remarks[most:])
        rest = "、".join(f"{column or '整行'} {many}" for column, many in columns.most_common())
        tell(f"  另有 {len(remarks) - most} 处（{rest}），用 --json 看全部")


@contextmanager
def telling(what: str) -> Iterator[Tell | None]:
    """A bar on a terminal, for files that take their time; nothing elsewhere."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(what)
        yield lambda sheet, done, rows: bar.update(
            task, description=f"{what}：{sheet}", completed=done, total=max(rows, 1)
        )


def show_changes(document: Doc) -> None:
    """The diff: totals, a table by township, then the entries; warnings last, where the eye ends."""
    if document["different"]:
        say(
            f"改前 {document['before'] or '（没有名册）'}；改后 {document['posts']} 个岗位、{document['people']} 人",
            bold=True,
        )
        _show_areas(document["areas"])
        _entries("新增岗位", document["posts_added"], _post)
        _entries("删去岗位", document["posts_removed"], _post)
        _entries("改动岗位", document["posts_changed"], _changed)
        _entries("改动人员", document["people_changed"], _changed)
        added, removed = len(document["people_added"]), len(document["people_removed"])
        if added or removed:
            say(f"新增人员 {added} 人，删去人员 {removed} 人")
    if document["shifts_dropped"]:
        warn(f"{document['shifts_dropped']} 个班次的岗位或人已不在名册里，随之取消")
    show_warnings(document["warnings"])


def show_warnings(warnings: Sequence[Doc]) -> None:
    """What a roster leaves open; what must be seen is red and comes last, next to the prompt."""
    for each in sorted(warnings, key=lambda w: bool(w["loud"])):
        about = "、".join(each["about"][:3]) + ("……" if len(each["about"]) > 3 else "")  # noqa: PLR2004
        line = f"{each['text']}" + (f"（{about}）" if about and about not in each["text"] else "")
        (fail if each["loud"] else warn)(line)


def _show_areas(areas: Sequence[Doc]) -> None:
    touched = [each for each in areas if each["added"] or each["changed"] or each["removed"]]
    table(
        ("乡镇", "改前", "改后", "新增", "改动", "删去"),
        [[each[c] for c in ("area", "before", "after", "added", "changed", "removed")] for each in touched],
    )


def _entries(headline: str, entries: Sequence[Doc], words: Callable[[Doc], str]) -> None:
    if not entries:
        return
    say(f"{headline} {len(entries)} 个：" if len(entries) <= _FEW else f"{headline} {len(entries)} 个，前 {_FEW} 个：")
    for each in entries[:_FEW]:
        say(f"  {words(each)}")


def _post(entry: Doc) -> str:
    return f"{entry['id']} {entry['title']}（{entry['area']}，{entry['role']}）{entry['holder'] or '空缺'}"


def _changed(entry: Doc) -> str:
    fields = "；".join(f"{f['field']} {f['before'] or '无'} → {f['after'] or '无'}" for f in entry["fields"])
    return f"{entry['id']} {entry.get('title') or entry['name']}：{fields}"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as they must be; the first to the left, figures to the right."""
    cells = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(cell_len(row[at]) for row in cells) for at in range(len(header))]
    for row in cells:
        first, *rest = (
            _padded(cell, width, left=at == 0) for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        say("  " + "  ".join((first, *rest)).rstrip())


def _padded(cell: str, width: int, *, left: bool) -> str:
    gap = " " * (width - cell_len(cell))
    return cell + gap if left else gap + cell
