"""demo: one real night on a made-up roster and simulated phones, in half a minute."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection, inspect, select, union
from sqlalchemy.engine import make_url

from callout.cli.screen import Json, options
from callout.domain.errors import CalloutError
from callout.rehearsal.closing import Places, closing, where
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
"""Exit code where somebody was due whom nobody called and nobody has on a list."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the command, by their names."""

    people: Annotated[int, typer.Option(help="合成名册的人数", min=FEWEST, max=100_000, metavar="人数")] = PEOPLE
    seed: Annotated[int, typer.Option(help="同一个数演出同一个夜晚", min=0, metavar="数")] = SEED
    speed: Annotated[
        float | None,
        typer.Option(help="放映快慢：1 约 30 秒，2 快一倍，0 不等待；不在终端上时默认 0", min=0.0, metavar="倍数"),
    ] = None
    as_json: Json = False
    keep: Annotated[bool, typer.Option("--keep", help="写入 CALLOUT_DATABASE_URL；库里不能有演示以外的记录")] = False
    export: Annotated[Path | None, typer.Option(help="导出到这里；不写则放在数据库旁边", metavar="目录")] = None


@options(Choices)
def demo(choices: Choices) -> None:
    """演示：重放武隆 2026-08-02 夜的暴雨预警，人、号码和电话都是模拟的。有人漏叫时退出码为 1"""
    settings, folder = _kept() if choices.keep else _fresh()
    with _ours(settings):
        night = prepare(settings, choices.people, choices.seed)
        try:
            account = _run(night, choices, _places(settings, choices.export or folder / "export"))
        finally:
            night.app.close()
    if choices.as_json:
        typer.echo(json.dumps(as_json(account), ensure_ascii=False))
    raise typer.Exit(exit_code(account))


def exit_code(account: Account) -> int:
    """0, or LOST."""
    return LOST if account.total.lost else 0


def _fresh() -> tuple[Settings, Path]:
    """Defaults alone, whatever the environment says, on a new file that stays so that one can look into it."""
    folder = Path(tempfile.mkdtemp(prefix="callout-demo-"))
    return Settings.model_construct(database_url=f"sqlite:///{folder / 'demo.db'}"), folder


def _kept() -> tuple[Settings, Path]:
    """The same on the installation's own database."""
    own = Settings()
    file = sqlite_path(own.database_url)
    folder = file.parent if file else Path(tempfile.mkdtemp(prefix="callout-demo-"))
    return Settings.model_construct(database_url=own.database_url, checkpoints=own.checkpoints), folder


@contextmanager
def _ours(settings: Settings) -> Iterator[None]:
    """Holds the database for this process alone. Raises CalloutError, nothing changed, where a demo must not run."""
    file = sqlite_path(settings.database_url)
    lock = SoleWriter(file) if file else None
    try:
        if file is None or file.is_file():
            _check(settings)
        yield
    finally:
        if lock:
            lock.release()


def _check(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        runs, alerts = database.read(_held)
    finally:
        database.close()
    mend = "请把 CALLOUT_DATABASE_URL 改为一个空库，或去掉 --keep"
    if runs - {RUN}:
        raise CalloutError(f"数据库里有演示以外的记录，演示不会写入；{mend}")
    if alerts:
        raise CalloutError(f"数据库里已经有一次演示；{mend}")


def _held(db: Connection) -> tuple[set[str], bool]:
    """The runs whose rows the database holds, and whether it holds alerts."""
    a, r = schema.alert, schema.roster_version
    if a.name not in inspect(db).get_table_names():
        return set(), False
    runs = set(db.execute(union(select(a.c.run), select(r.c.run))).scalars())
    return runs, db.execute(select(a.c.id).limit(1)).first() is not None


def _places(settings: Settings, export: Path) -> Places:
    """Without the password that a URL may hold."""
    file = sqlite_path(settings.database_url)
    return Places(str(file or make_url(settings.database_url).render_as_string(hide_password=True)), export)


def _run(night: Demo, choices: Choices, places: Places) -> Account:
    """Show the night, export its record, and say what it came to; with --json all of that goes to stderr."""
    console = Console(stderr=choices.as_json, highlight=False)
    drawn = console.is_terminal and not console.is_dumb_terminal and not choices.as_json
    _say(console, f"数据库 {places.database}")
    view = Picture(night, console, time.monotonic) if drawn else Lines(night, partial(_say, console))
    with view:
        speed = float(drawn) if choices.speed is None else choices.speed
        asyncio.run(play(night, view, speed, time.monotonic))
    account = night.account()
    night.app.database.read(lambda db: record.export(db, places.export))
    console.print(closing(night, account))
    for line in where(places, new=not choices.keep):
        _say(console, line)
    return account


def _say(console: Console, line: str) -> None:
    """Never broken by us: paths and commands are copied."""
    console.print(line, soft_wrap=True, markup=False)
