"""report: 效能分析 of a period, on the screen, as JSON or as a page."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callout.cli.db import reading
from callout.cli.screen import options, period, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.reports import effect
from callout.reports.effect import Effect, Report, as_json
from callout.reports.effect_page import page, rate, seconds
from callout.reports.words import RUNS
from callout.settings import Settings


class Format(StrEnum):
    """How the analysis is given."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, and the form."""

    since: Annotated[str, typer.Option("--from", help="从这一天（北京时间）", metavar="2026-07-01")]
    until: Annotated[str, typer.Option("--to", help="到这一天，含当天", metavar="2026-07-31")]
    form: Annotated[Format, typer.Option("--format", help="text、html 或 json")] = Format.TEXT
    out: Annotated[Path | None, typer.Option("--out", help="页面写到这个文件", metavar="文件.html")] = None


@options(Asked)
def report(asked: Asked) -> None:
    """效能分析：一段时间里每轮天气过程叫得怎样，和上一轮比，要改什么"""
    settings = Settings()
    begin, end = period(asked.since, asked.until)
    with reading(settings) as (store, rulebooks):
        made = store.database.read(lambda db: effect.report(db, rulebooks, begin, end, settings.county))
        counties = {one.code: one for one in rulebooks.counties()}
    county = counties.get(settings.county)
    names = {one.key: one.name for one in county.townships} | {county.key: "区级"} if county else {}
    if asked.form is Format.JSON:
        show_json(as_json(made))
    elif asked.form is Format.HTML:
        title = f"{county.name if county else settings.county}预警叫应效能分析 {asked.since} 至 {asked.until}"
        _write(asked.out, page(made, settings.templates / "reports", title, names))
    else:
        _say(made, names)


def _write(out: Path | None, text: str) -> None:
    if out is None:
        raise CalloutError("请用 --out 给出要写的文件，例如 --out 分析.html")
    try:
        out.write_text(text, encoding="utf-8")
    except OSError:
        raise CalloutError(f"写不进 {out}，请检查权限和磁盘空间") from None
    say(f"已写出 {out}，用浏览器打开即可，不需要联网")


def _say(made: Report, names: dict[str, str]) -> None:
    if not made.effects:
        say("这段时间没有预警")
    for one in made.effects:
        _say_one(one)
    if made.findings:
        warn(f"要改的有 {len(made.findings)} 处：")
    for found in made.findings:
        say(f"  {names.get(found.about, found.about)}：{found.text}。建议：{found.mend}")


def _say_one(one: Effect) -> None:
    process, t = one.process, one.total
    mark = "" if process.run == "actual" else f"【{RUNS.get(process.run, process.run)}】"
    say(f"{mark}{beijing(process.begins)} 至 {beijing(process.ends)}，{len(process.lines)} 条预警", bold=True)
    say(f"  应叫 {t.due}  已叫 {t.called}  已应 {t.answered}  应答率 {rate(t)}  漏叫 {t.lost}")
    say(f"  中位数 {seconds(t.median_s)}  P95 {seconds(t.p95_s)}  升级 {t.escalated}  有叫未应 {t.unreachable}")
