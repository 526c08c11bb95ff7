"""demo: one real night on a made-up roster and simulated phones, in half a minute."""

import asyncio
import json
import shlex
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection, inspect, select, union

from callout.cli.screen import Json, plain
from callout.domain.errors import CalloutError
from callout.rehearsal.closing import Places, closing
from callout.rehearsal.demo import PEOPLE, RUN, SEED, Demo, prepare
from callout.rehearsal.lines import Lines
from callout.rehearsal.screen import Picture, play
from callout.reports import record
from callout.reports.account import Account, as_json
from callout.rulebook.roster import FEWEST
from callout.settings import Settings
from callout.store import schema
from callout.store.database import Database, SoleWriter, sqlite_path

LOST = 1
"""Exit code where somebody who had to be called was called by nobody and is on nobody's list."""
_FILE = "callout.sqlite3"


@dataclass(frozen=True, slots=True)
class _Show:
    """How the night is shown."""

    console: Console
    drawn: bool
    speed: float


def demo(
    people: Annotated[int, typer.Option(help="合成名册的人数", min=FEWEST, max=100_000, metavar="人数")] = PEOPLE,
    seed: Annotated[int, typer.Option(help="同一个数演出同一个夜晚", min=0, metavar="数")] = SEED,
    speed: Annotated[float | None, typer.Option(help="放映快慢：1 约 30 秒，2 快一倍，0 不等待；不在终端上时默认 0",
                                                min=0.0, metavar="倍数")] = None,
    in_json: Json = False,
    keep: Annotated[bool, typer.Option("--keep", help="写入 CALLOUT_DATABASE_URL，库里不能有演示以外的记录")] = False,
    export: Annotated[Path | None, typer.Option(help="导出到这个目录；不写则放在数据库旁边", metavar="目录")] = None,
) -> None:
    """演示：重放武隆 2026-08-02 的暴雨之夜，人、号码、电话全是模拟的。有人漏叫时退出码为 1"""
    console = Console(stderr=in_json, highlight=False)
    drawn = console.is_terminal and not console.is_dumb_terminal and not in_json
    show = _Show(console, drawn, speed if speed is not None else float(drawn))
    folder = Path(tempfile.mkdtemp(prefix="callout-demo-"))
    settings = _settings(folder, keep=keep)
    with _ours(settings):
        account, places = _night(settings, (people, seed), show, export or folder / "export")
    if in_json:
        typer.echo(json.dumps(account, ensure_ascii=False))
    raise typer.Exit(LOST if account["lost"] else 0)
