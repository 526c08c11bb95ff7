"""Databases with all tables: those that outlive a test and are emptied before each use, and copies of one made once.

A story costs milliseconds this way instead of a migration; what migrations do is tested where they are made.
"""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import event

from callout.store.database import Database, sqlite_path
from callout.store.migrate import upgrade
from callout.store.schema import metadata


class Shelf:
    """Empty databases of one kind; each is lent to one test at a time."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._free: list[Database] = []
        self._all: list[Database] = []

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """A database with the newest schema and no rows; its `close` does nothing."""
        database = self._free.pop() if self._free else self._make()
        _empty(database)
        yield database
        self._free.append(database)

    def close(self) -> None:
        """Give all of them up."""
        for each in self._all:
            Database.close(each)

    def _make(self) -> Database:
        database = _Lasting(self._address())
        upgrade(database)
        self._all.append(database)
        return database


def new_database(url: str) -> Database:
    """The database at this address; a new one of SQLite has all tables, and its file does not wait for the disk."""
    database = Database(url)
    file = sqlite_path(url)
    if database.engine.dialect.name != "sqlite" or (file is not None and file.exists()):
        return database
    event.listen(database.engine, "connect", _forget_durability)
    _migrated().copy_into(database)
    return database


@cache
def _migrated() -> Database:
    database = Database("sqlite://")
    upgrade(database)
    atexit.register(database.close)
    return database


def _forget_durability(raw: Any, _: object) -> None:
    """Nothing in it outlives the test, and a commit that is on the disk costs a hundred that are not."""
    raw.execute("PRAGMA synchronous=OFF")


class _Lasting(Database):
    """Closed only by its shelf."""

    def close(self) -> None:
        pass


def _empty(database: Database) -> None:
    """Deleted, not truncated: PostgreSQL makes new files for each truncated table, at fifty times the cost."""
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        for name in _filled(cursor):
            cursor.execute(f'DELETE FROM "{name}"')
        _count_from_one(cursor, database.engine.dialect.name)
        raw.commit()
    finally:
        raw.close()


def _filled(cursor: Any) -> list[str]:
    names = [table.name for table in reversed(metadata.sorted_tables)]
    asked = (f"SELECT {i}, '{name}' FROM (SELECT 1 FROM \"{name}\" LIMIT 1) t" for i, name in enumerate(names))
    cursor.execute(" UNION ALL ".join(asked) + " ORDER BY 1")
    return [str(name) for _, name in cursor.fetchall()]


def _count_from_one(cursor: Any, dialect: str) -> None:
    if dialect == "postgresql":
        used = "SELECT format('%I.%I', schemaname, sequencename)::regclass s FROM pg_sequences WHERE last_value > 0"
        cursor.execute(f"SELECT setval(s, 1, false) FROM ({used}) t")
    else:
        cursor.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")
        if cursor.fetchone():
            cursor.execute("DELETE FROM sqlite_sequence")
