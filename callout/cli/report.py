"""report: 效能分析 of a period, from the database or from an export: text, JSON, page, PDF, workbook."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from callout.app import RandomIds, StoredRulebooks, SystemClock, channels_plan
from callout.cli.db import reading
from callout.cli.gauge import say_thresholds
from callout.cli.on_record import Exporter, Leave, Unrecorded, recorder, say_seal, who
from callout.cli.screen import options, period, say, show_json, warn, write_out
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.reports.effect import Effect, Report
from callout.reports.effect_files import EffectForm, EffectMaker
from callout.reports.effect_json import as_json
from callout.reports.effect_page import rate, seconds
from callout.reports.exporting import Export, Noted
from callout.reports.raw_tables import about_tables, load_tables
from callout.reports.season import season
from callout.reports.words import RUNS
from callout.rulebook.providers import prices
from callout.settings import Settings
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.store import Store


class Format(StrEnum):
    """How the analysis is given."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, and the form."""

    since: Annotated[str, typer.Option("--from", help="从这一天（北京时间）", metavar="2026-07-01")]
    until: Annotated[str, typer.Option("--to", help="到这一天，含当天", metavar="2026-07-31")]
    form: Annotated[Format, typer.Option("--format", help="text、html、pdf、xlsx 或 json")] = Format.TEXT
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件", metavar="文件")] = None
    exported: Annotated[Path | None, typer.Option("--export", help="只用一份导出，不用数据库", metavar="目录")] = None
    officer: Exporter = ""
    unrecorded: Unrecorded = False

    @property
    def is_file(self) -> bool:
        """Whether the form is one for a file."""
        return self.form in (Format.HTML, Format.PDF, Format.XLSX)


@options(Asked)
def report(asked: Asked) -> None:
    """效能分析：一段时间里每轮天气过程叫得怎样，和上一轮比，要改什么。写成文件或 JSON 的都写入记录"""
    settings = Settings()
    begin, end = period(asked.since, asked.until)
    if asked.is_file and asked.out is None:
        raise CalloutError("请用 --out 给出要写的文件，例如 --out 分析.html")
    with _from_export(asked.exported) if asked.exported else reading(settings) as (store, rulebooks):
        noted = _noted(asked, settings, store, {})
        made = season(store, rulebooks, settings.county, (begin, end))
        county = next((one for one in rulebooks.counties() if one.code == settings.county), None)
    charged = about_tables(asked.exported)["prices"] if asked.exported else prices(channels_plan(settings))
    made = replace(made, about=_about(asked, noted))
    maker = EffectMaker(settings.county, county, asked.since, asked.until, charged)
    if asked.form is Format.JSON:
        show_json(as_json(made, charged))
    elif asked.out and asked.is_file:
        raw = maker.file(EffectForm(asked.form), made, settings.templates)
        write_out(asked.out, raw, "，打开即可，不需要联网")
        if noted:
            with reading(settings) as (store, _):
                _noted(asked, settings, store, {asked.out.name: sha256(raw).hexdigest()})
            say_seal(noted)
    else:
        _say(made, maker.names)
        say_thresholds(made.judged)


def _noted(asked: Asked, settings: Settings, store: Store, files: Mapping[str, str]) -> Noted | None:
    """On record that it is made, or what was made; the newest seal comes back.

    None for a look at the screen; and an export has no record to write in, and went on record itself when it was made.
    """
    if asked.exported or asked.form is Format.TEXT:
        return None
    told = {"from": asked.since, "to": asked.until, "format": asked.form}
    with recorder(settings, store, Leave(asked.unrecorded)) as note:
        return note(Export("report", settings.county, who(asked.officer), told=told), files)


def _about(asked: Asked, noted: Noted | None) -> dict[str, str]:
    """What stands at the head of every form of it."""
    if asked.exported:
        return {"来源": "只由一份导出得出，没有用数据库；导出时的封条在导出里"}
    return noted.heads(who(asked.officer)) if noted else {}


@contextmanager
def _from_export(folder: Path) -> Iterator[tuple[Store, StoredRulebooks]]:
    """The tables of an export in a database that lasts as long as the report is made."""
    with TemporaryDirectory(prefix="callout-") as home:
        database = Database(f"sqlite:///{home}/export.sqlite3")
        try:
            upgrade(database)
            database.write(lambda db: load_tables(db, folder))
            store = Store(database, SystemClock(), RandomIds())
            yield store, StoredRulebooks(store)
        finally:
            database.close()


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
