"""drill score: how a drill went against the plan's limits, on the screen or as a file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callout.cli.db import reading
from callout.cli.roster_screen import table
from callout.cli.screen import say, show_json, warn, write_out
from callout.domain.drill import Drill
from callout.domain.errors import CalloutError
from callout.reports.drill_score import exercises, markdown, tables
from callout.reports.drill_score import score as scored
from callout.reports.tables import Table, as_json
from callout.reports.tables_page import page
from callout.settings import Settings

_FEW = 20


class Form(StrEnum):
    """How the score is given."""

    TEXT = "text"
    MD = "md"
    HTML = "html"
    XLSX = "xlsx"
    JSON = "json"


def score(
    code: Annotated[str, typer.Argument(help="演练编号；不写是最近一次", metavar="编号")] = "",
    form: Annotated[Form, typer.Option("--format", help="text、md、html、xlsx 或 json")] = Form.TEXT,
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件", metavar="文件")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取")] = False,
) -> None:
    """评分：谁按时、谁超时、谁没有应答，叫到了第几级，和上一次比；不计入任何实战数字"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        held = store.read(lambda work: exercises(work, settings.county))
        drill, last = _chosen(held, code)
        listed = len(store.read(lambda work: work.drills.listed(drill.county)))
        made = store.database.read(lambda db: scored(db, rulebooks, drill, last, listed))
        names = {
            key: name
            for one in rulebooks.counties()
            for key, name in ((one.key, one.name), *((t.key, t.name) for t in one.townships))
        }
    them = tables(made, names)
    title = f"【演练】{drill.name}评分"
    if as_json_ or form is Form.JSON:
        show_json({"drill": drill.county, "name": drill.name, "tables": as_json(them)})
    elif form is Form.TEXT:
        _say(them, title)
    elif out is None:
        raise CalloutError("请用 --out 给出要写的文件，例如 --out 评分.html")
    else:
        from callout.reports.workbook import workbook  # noqa: PLC0415 - most commands never write one

        about = {"口径": "只有名单上的人；不计入台账、看板和任何实战数字"}
        raw = workbook(title, about, them) if form is Form.XLSX else b""
        text = markdown(title, them) if form is Form.MD else page(title, them, settings.templates / "reports")
        write_out(out, raw or text.encode())


def _chosen(held: list[Drill], code: str) -> tuple[Drill, Drill | None]:
    """The drill that is meant, and the one that was held before it."""
    started = [one for one in held if one.started_at is not None]
    if not started:
        raise CalloutError("还没有开始过演练，没有可以评分的")
    at = next((n for n, one in enumerate(started) if one.county == code), None) if code else 0
    if at is None:
        raise CalloutError(f"没有开始过的演练 {code}，请用 callout drill status 核对")
    return started[at], started[at + 1] if at + 1 < len(started) else None


def _say(them: list[Table], title: str) -> None:
    summary, *others = them
    say(title, bold=True)
    for name, what in summary.rows:
        say(f"  {name}：{'—' if what is None else what}")
    for one in others:
        if one.rows:
            say(f"{one.title}（{len(one.rows)}）", bold=True)
            table(one.heads, [["" if cell is None else cell for cell in row] for row in one.rows[:_FEW]])
            if len(one.rows) > _FEW:
                warn(f"还有 {len(one.rows) - _FEW} 行，请用 --format xlsx 看全")
