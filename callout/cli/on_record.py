"""Commands that take something out of the house: on record through whoever holds the database, or saying so."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from callout.app import App
from callout.cli.control import Args, Result, Verb, route, word
from callout.cli.screen import say, warn
from callout.domain.errors import CalloutError
from callout.reports.exporting import KINDS, Export, Noted, enter, newest, unrecorded
from callout.settings import Settings
from callout.store.store import Store

_LONGEST = 20_000
_READ_ONLY = "数据库只读（从库，或只能读的账户），这次导出写不进记录；请换能写的账户，或加 --unrecorded（文件里会写明）"

Exporter = Annotated[
    str, typer.Option("--officer", help="导出人姓名，写入记录；不写则记下运行命令的账户", metavar="姓名")
]
Unrecorded = Annotated[
    bool, typer.Option("--unrecorded", help="数据库只读时也导出，文件里写明没有写入记录；能写时照样写入")
]
Note = Callable[[Export, Mapping[str, str]], Noted]
"""Puts an export on record: files, name → SHA-256, are empty before they are written."""


@dataclass(frozen=True, slots=True)
class Leave:
    """What may be done where the database is read-only."""

    unrecorded: bool
    full: bool = False
    """Names and numbers: never without a record."""


def who(officer: str) -> str:
    """Who takes it; an account where no name was given."""
    return officer.strip() or f"本机账户 {os.getuid()}"


@contextmanager
def recorder(settings: Settings, store: Store, leave: Leave) -> Iterator[Note]:
    """The way onto the record. Raises CalloutError where there is none and nobody gave leave to go without."""
    if store.database.writable():
        with route(settings) as way:
            yield lambda export, files: Noted(**way.ask(ON_RECORD, _args(export, files)))
        return
    if leave.full:
        raise CalloutError("数据库只读，写不进记录；完整的姓名和号码不能不写记录就导出，请换能写的账户")
    if not leave.unrecorded:
        raise CalloutError(_READ_ONLY)
    now = store.read(lambda work: work.at)
    yield lambda _export, _files: newest(store.database, now, recorded=False)


def _args(export: Export, files: Mapping[str, str]) -> Args:
    return {"kind": export.kind, "county": export.county, "officer": export.officer, "told": export.document(files)}


def say_seal(noted: Noted) -> None:
    """What an export tells of itself on the screen."""
    if noted.recorded:
        say(f"这次导出已写入记录，{noted.seal}，校验值 {noted.hash or '—'}")
    else:
        warn(unrecorded(""))


def _note(app: App, args: Args) -> Result:
    """On record, under a seal; the seal comes back."""
    officer, county, told = word(args, "officer", 40).strip(), word(args, "county", 20), word(args, "told", _LONGEST)
    kind = word(args, "kind", 20)
    if not officer or kind not in KINDS:
        raise CalloutError("请写明导出人姓名，和导出的是什么")
    document = json.loads(told)
    files, alerts = document.pop("files"), tuple(document.pop("alerts"))
    noted = enter(app.store, app.seal, Export(kind, county, officer, alerts, document), files)
    return {"now": noted.now, "seq": noted.seq, "hash": noted.hash, "at": noted.at}


ON_RECORD = Verb("on record", _note)
