"""ledger: 叫应台账 of one warning or of weather processes, as XLSX, PDF, CSV and JSON, always on record."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from callout.cli.control import Officer
from callout.cli.db import reading
from callout.cli.on_record import Leave, Unrecorded, recorder
from callout.cli.screen import options, period, say, warn, writing
from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.reports.ledger_files import LedgerForm, LedgerMaker, Taker, of_a_period, one_warning
from callout.reports.ledger_scope import Asked
from callout.settings import Settings


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
    taker = Taker(choice.officer, choice.full, choice.reason.strip())
    with reading(settings) as (store, rulebooks), recorder(settings, store, _leave(choice)) as note:
        place = settings.county, next((one for one in rulebooks.counties() if one.code == settings.county), None)
        maker = LedgerMaker(store.database, rulebooks, settings.templates, taker)
        for asked in store.database.read(lambda db: _wanted(db, place, choice, taker)):
            # On record first: nobody reads what nobody noted. Then the files, by their hashes.
            noted = note(taker.export(asked), {})
            note(taker.export(asked), _write(choice.out, asked, maker.files(asked, noted, forms)))
    if choice.full:
        warn("文件里有完整的姓名、号码和原文，只有本账户可读；用完请保管好或删除")


def _forms(text: str) -> list[LedgerForm]:
    try:
        return [LedgerForm(one.strip()) for one in text.split(",") if one.strip()]
    except ValueError:
        raise CalloutError(f"没有“{text}”这种格式；应为 {'、'.join(LedgerForm)}，可用逗号隔开") from None


def _wanted(db: Connection, place: tuple[str, County | None], choice: Choice, taker: Taker) -> list[Asked]:
    """Raises CalloutError where that is nothing."""
    if choice.alert:
        found = one_warning(db, place, taker.shown, choice.alert)
    else:
        found = of_a_period(db, place, taker.shown, period(choice.since, choice.until))
    if not found:
        raise CalloutError("没有符合的预警，请核对预警号（--alert），或日期（--from、--to）")
    return found


def _write(folder: Path, asked: Asked, files: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    """For this account's eyes only. Returns the SHA-256 of each file."""
    made: dict[str, str] = {}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, raw in files:
            part = folder / f"{name}.part"
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(raw)
            part.replace(folder / name)
            made[name] = hashlib.sha256(raw).hexdigest()
    say(f"{asked.title}：{len(made)} 个文件在 {folder}")
    return made


def _leave(choice: Choice) -> Leave:
    if not choice.officer.strip():
        raise CalloutError("请写明导出人姓名")
    return Leave(choice.unrecorded, choice.full)
