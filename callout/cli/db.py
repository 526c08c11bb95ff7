"""The database: opening it as engine or as reader, and its schema."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from callout.app import RandomIds, StoredRulebooks, SystemClock
from callout.cli.screen import Json, say, show_json
from callout.domain.errors import CalloutError
from callout.settings import Settings
from callout.store.database import Database, SoleWriter, sqlite_path
from callout.store.migrate import HEAD, REVISIONS, revision, upgrade
from callout.store.store import Store

app = typer.Typer(help="数据库结构：查看、升级", no_args_is_help=True)


@app.command("upgrade")
def upgrade_schema() -> None:
    """把数据库升级到本程序的结构版本（SQLite 由 serve 自动升级）"""
    settings = Settings()
    file = sqlite_path(settings.database_url)
    lock = SoleWriter(file) if file else None
    database = Database(settings.database_url)
    try:
        _refuse_newer(revision(database))
        say(f"数据库结构已是版本 {upgrade(database)}")
    finally:
        database.close()
        if lock:
            lock.release()


@app.command("revision")
def show_revision(as_json: Json = False) -> None:
    """查看数据库的结构版本"""
    settings = Settings()
    _refuse_missing(settings)
    database = Database(settings.database_url)
    try:
        now, wanted = revision(database), HEAD
    finally:
        database.close()
    if as_json:
        show_json({"revision": now, "head": wanted})
        return
    say(f"数据库结构版本 {now or '（空库）'}，本程序需要 {wanted}" + ("" if now == wanted else "；请先升级"))


def open_database(settings: Settings) -> Database:
    """The database for writing, at the newest schema. On SQLite the caller holds the lock and the schema is upgraded
    here; a PostgreSQL is shared, so raises CalloutError where its schema is old.
    """
    database = Database(settings.database_url)
    try:
        now = revision(database)
        _refuse_newer(now)
        if database.engine.dialect.name == "sqlite":
            upgrade(database)
        else:
            _refuse_older(now)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def reading(settings: Settings) -> Iterator[tuple[Store, StoredRulebooks]]:
    """The database for reading only, beside a running engine. Raises CalloutError where there is none to read."""
    _refuse_missing(settings)
    database = Database(settings.database_url)
    try:
        now = revision(database)
        _refuse_newer(now)
        _refuse_older(now)
        store = Store(database, SystemClock(), RandomIds())
        yield store, StoredRulebooks(store)
    finally:
        database.close()


def has_database(settings: Settings) -> bool:
    """Whether there is a database to read; of a server we only know once we ask it."""
    file = sqlite_path(settings.database_url)
    return file is None or file.is_file()


def _refuse_missing(settings: Settings) -> None:
    file = sqlite_path(settings.database_url)
    if not has_database(settings):
        raise CalloutError(f"还没有数据库 {file}；请先运行 callout serve，或检查 CALLOUT_DATABASE_URL 和当前目录")


def _refuse_newer(now: str) -> None:
    if now and now not in REVISIONS:
        raise CalloutError(f"数据库结构版本 {now} 比本程序新；请换用新版 callout")


def _refuse_older(now: str) -> None:
    if now != HEAD:
        shown = now or "（空库）"
        raise CalloutError(f"数据库结构版本 {shown} 太旧，本程序需要 {HEAD}；请先运行 callout db upgrade")
