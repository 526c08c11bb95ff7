"""ledger: 叫应台账 of one warning or of weather processes, as XLSX, PDF, CSV and JSON, always on record."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from callout.cli.control import Officer
from callout.cli.db import reading
from callout.cli.on_record import Leave, Unrecorded, recorder
from callout.cli.screen import options, period, say, warn
from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.reports.exporting import Export, Noted
from callout.reports.ledger import ledger as all_tables
from callout.reports.ledger import lines_of
from callout.reports.ledger_page import page, volumes
from callout.reports.ledger_scope import NOT_KEPT, NOT_RECORDED, NOT_TOLD, Asked, Shown
from callout.reports.paper import pdf
from callout.reports.process import processes
from callout.reports.tables import Table, as_csv, as_json
from callout.reports.workbook import workbook
from callout.settings import Settings


class Format(StrEnum):
    """Kinds of file."""

    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Choice:
    """The options of the command."""

    out: Annotated[Path, typer.Argument(help="写到这个目录，同名文件会被替换", metavar="目录")]
    officer: Officer
    alert: Annotated[int, typer.Option("--alert", help="一条预警，号见 callout status", metavar="预警号")] = 0
    since: Annotated[str, typer.Option("--from", help="这一天起的每轮天气过程", metavar="2026-07-01")] = ""
    until: Annotated[str, typer.Option("--to", help="到这一天，含当天", metavar="2026-07-31")] = ""
    forms: Annotated[str, typer.Option("--format", help="要哪几种，用逗号隔开", metavar="格式")] = "xlsx,pdf,csv,json"
    full: Annotated[bool, typer.Option("--full", help="显示完整姓名、号码和回话原文，须写 --reason")] = False
    reason: Annotated[str, typer.Option("--reason", help="要看完整信息的事由，写入记录", metavar="事由")] = ""
    unrecorded: Unrecorded = False


@options(Choice)
def ledger(choice: Choice) -> None:
    """叫应台账：一条预警，或一段时间里每轮天气过程，写成 XLSX、PDF、CSV、JSON。每次导出都写入记录"""
    settings, forms = Settings(), _forms(choice.forms)
    if choice.full and not choice.reason.strip():
        raise CalloutError("要看完整姓名和号码，请用 --reason 写明事由")
    with reading(settings) as (store, rulebooks), recorder(settings, store, _leave(choice)) as note:
        counties = {one.code: one for one in rulebooks.counties()}
        read = store.database.read
        for asked in read(lambda db: _wanted(db, counties.get(settings.county), settings.county, choice)):
            # On record first: nobody reads what nobody noted. Then the files, by their hashes.
            about = _about(choice, asked, note(_export(asked, choice), {}))
            tables = read(lambda db, it=asked: all_tables(db, rulebooks, it))  # type: ignore[misc]
            note(_export(asked, choice), _write(choice.out, asked, _files(asked, about, tables, forms, settings)))
    if choice.full:
        warn("文件里有完整的姓名、号码和原文，只有本账户可读；用完请保管好或删除")


def _forms(text: str) -> list[Format]:
    try:
        return [Format(one.strip()) for one in text.split(",") if one.strip()]
    except ValueError:
        raise CalloutError(f"没有“{text}”这种格式；应为 {'、'.join(Format)}，可用逗号隔开") from None


def _wanted(db: Connection, county: County | None, code: str, choice: Choice) -> list[Asked]:
    """Raises CalloutError where that is nothing."""
    lines = lines_of(db, code)
    if choice.alert:
        groups = [tuple(line for line in lines if line.alert == choice.alert)]
    else:
        begin, end = period(choice.since, choice.until)
        groups = [one.lines for one in processes(lines) if begin <= one.begins < end]
    names = {one.key: one.name for one in county.townships} | {county.key: county.name} if county else {}
    name = county.name if county else code
    found = [Asked(code, name, group, names, Shown(choice.full)) for group in groups if group]
    if not found:
        raise CalloutError("没有符合的预警，请核对预警号（--alert），或日期（--from、--to）")
    return found


def _about(choice: Choice, asked: Asked, noted: Noted) -> dict[str, str]:
    """What stands at the head of every form of it."""
    shown = f"完整，事由：{choice.reason.strip()}" if choice.full else "姓名只留首字，号码只留后四位，不显示回话原文"
    return {
        "内容": asked.title,
        "导出人": choice.officer,
        "个人信息": shown,
        **noted.heads(choice.officer),
        "怎样核对": "封条以前的记录由它担保，用 callout audit verify 核对；这次导出和各文件的 SHA-256 也在记录里",
        "用词": f"“{NOT_TOLD}”是通道不告诉，“{NOT_KEPT}”是本可知道而没记下；后者和“{NOT_RECORDED}”纸上从略",
    }


def _files(
    asked: Asked, about: dict[str, str], tables: list[Table], forms: list[Format], settings: Settings
) -> Iterator[tuple[str, bytes]]:
    """Names and contents."""
    name, title = asked.file_name, asked.title
    if Format.XLSX in forms:
        yield f"{name}.xlsx", workbook(title, about, tables)
    if Format.CSV in forms:
        yield from ((f"{name}-{table.title}.csv", as_csv(table)) for table in [_as_table(about), *tables])
    if Format.JSON in forms:
        document = {"说明": about, **as_json(tables)}
        yield f"{name}.json", json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    if Format.PDF in forms:
        parts = volumes(tables)
        for n, part in enumerate(parts, 1):
            which, suffix = (f"（第 {n} 册，共 {len(parts)} 册）", f"-第{n}册") if len(parts) > 1 else ("", "")
            yield f"{name}{suffix}.pdf", pdf(page(title + which, about, part, settings.templates))


def _as_table(about: dict[str, str]) -> Table:
    return Table("说明", ("项目", "内容"), [*about.items()])


def _write(folder: Path, asked: Asked, files: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    """For this account's eyes only. Returns the SHA-256 of each file."""
    made: dict[str, str] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, raw in files:
            part = folder / f"{name}.part"
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(raw)
            part.replace(folder / name)
            made[name] = hashlib.sha256(raw).hexdigest()
    except OSError:
        raise CalloutError(f"写不进 {folder}，请检查目录、权限和磁盘空间") from None
    say(f"{asked.title}：{len(made)} 个文件在 {folder}")
    return made


def _leave(choice: Choice) -> Leave:
    if not choice.officer.strip():
        raise CalloutError("请写明导出人姓名")
    return Leave(choice.unrecorded, choice.full)


def _export(asked: Asked, choice: Choice) -> Export:
    told = {"full": choice.full, "reason": choice.reason.strip()}
    return Export("ledger", asked.county, choice.officer, tuple(asked.alerts), told)
