"""rehearse-fit: behaviour for rehearsals, learnt from one's own record or from an export of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from callout.cli.screen import say, writing
from callout.domain.errors import CalloutError
from callout.rehearsal.assumptions import Assumptions, as_document
from callout.rehearsal.fitting import Fitted, fit, tries
from callout.reports.raw_tables import load_tables
from callout.reports.words import RUNS
from callout.settings import Settings
from callout.store.database import Database, sqlite_path
from callout.store.migrate import upgrade


def rehearse_fit(
    out: Annotated[Path, typer.Argument(help="写到这个文件（YAML），供 rehearse --behaviour 使用", metavar="文件")],
    export: Annotated[
        Path | None, typer.Option(help="从导出的记录学；不写则从 CALLOUT_DATABASE_URL 学", metavar="目录")
    ] = None,
    run: Annotated[
        str, typer.Option(help="用哪一种记录：actual 实战、drill 演练、demo 演示", metavar="种类")
    ] = "actual",
) -> None:
    """从自己的记录学人怎样应答：各类人占多少、多久回复；只读，不写记录里的任何东西"""
    if run not in RUNS:
        raise CalloutError(f"没有“{run}”这种记录；可用的有：{'、'.join(RUNS)}")
    with _record(export) as database:
        found = database.read(lambda db: _fitted(db, run))
    document = as_document(Assumptions(found.habits))
    # JSON is YAML; the officers and gateways that a record says nothing about stay as assumed.
    kept = {name: document[name] for name in ("source", "people")}
    with writing(out):
        out.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(f"从 {found.numbers} 个号码、{found.tries} 次叫应学到 {len(found.learnt)} 项，其余仍是假设；已写入 {out}")
    for name, cases in found.learnt.items():
        say(f"  {name}：{cases} 例")


def _fitted(db: Connection, run: str) -> Fitted:
    return fit(tries(db, run), f"{RUNS[run]}记录")


@contextmanager
def _record(export: Path | None) -> Iterator[Database]:
    """The record to learn from: the installation's own, or the tables of an export in memory."""
    settings = Settings()
    file = sqlite_path(settings.database_url)
    if export is None and file is not None and not file.is_file():
        raise CalloutError(f"还没有数据库 {file}；请检查 CALLOUT_DATABASE_URL，或用 --export 指明导出目录")
    database = Database("sqlite:///:memory:" if export else settings.database_url)
    try:
        if export:
            upgrade(database)
            database.write(lambda db: load_tables(db, export))
        yield database
    finally:
        database.close()
