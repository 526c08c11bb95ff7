"""Opening the database and running work on it: one writer, short transactions, read-only readers."""

import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

# Debian's SQLite 3.40 has the WAL-reset bug; pysqlite3 bundles a newer one (docs/decisions.md).
import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from callout.domain.errors import CalloutError

T = TypeVar("T")
_SILENT_SECONDS = 25
"""A little less than the lease of a claim: when others may take over, nothing is locked any more."""
_BY_HAND = "by_hand"
"""Marks a connection whose transactions the toolkit does not begin."""
_PAGES = 8_000
"""Pages (4 KiB) of the write-ahead log between two checkpoints. Each commit is on the disk before; a hot page is copied
into the database file once for many commits instead of once for a few."""
_WHERE_WRITTEN = ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={_PAGES}")
"""Set by whoever writes: reading an archive must leave the file as it is, byte by byte."""

_MAY_WRITE = """
    SELECT NOT pg_is_in_recovery() AND has_table_privilege('audit', 'INSERT')
           AND (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') = 'off'"""


class Database:
    """Connections for writing (one at a time in this process) and for reading."""

    alone = False
    """Whether nobody but this object can write here."""
    writes = 0
    """Transactions of this object that may have written something."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url, writing=True)
        self.reading = self.engine if _in_memory(url) else _engine(url, writing=False)
        self.alone = _in_memory(url)
        self._writer = threading.Lock()
        self._reader = threading.RLock()
        self._to_write: _Kept | None = None
        self._to_read: _Kept | None = None
        """The connections that write and read an SQLite file: taking one from the pool costs as much as a small
        transaction. A server's may break and come from the pool each time."""

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; its writes are durable when this returns, or none of them happened."""
        with self._writer:
            self.writes += 1
            if self.engine.dialect.name != "sqlite":
                with self.engine.begin() as connection:
                    return work(connection)
            if self._to_write is None or self._to_write.broken:
                self._to_write = _Kept(self.engine, "BEGIN IMMEDIATE")
            return self._to_write.run(work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a snapshot; it cannot write. On SQLite a reading within a reading sees the same snapshot."""
        if self.engine.dialect.name == "sqlite" and self._reader.acquire(blocking=False):
            try:
                if self._to_read is None or self._to_read.broken:
                    self._to_read = _Kept(self.reading, "BEGIN")
                kept = self._to_read
                return work(kept.connection) if kept.under_way else kept.run(work)
            finally:
                self._reader.release()
        with self.reading.connect() as connection:  # another thread reads by the one that is kept
            return work(connection)

    def writable(self) -> bool:
        """Whether this account may write here at all: not on a replica, nor where it was only given leave to read."""
        if (file := sqlite_path(self.url)) is not None:
            return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
        if self.engine.dialect.name == "sqlite":
            return True
        return bool(self.read(lambda db: db.execute(text(_MAY_WRITE)).scalar_one()))

    def fold_log(self) -> None:
        """Copy what SQLite's log holds into the database file and empty the log, as far as no reader needs it."""
        if self.engine.dialect.name == "sqlite":
            with self._writer, closing(self.engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_into(self, other: "Database") -> None:
        """Make another SQLite database hold what this one holds; what it held is gone."""
        other.writes += 1
        with self.engine.connect() as ours, other.engine.connect() as theirs:
            ours.connection.driver_connection.backup(theirs.connection.driver_connection)  # type: ignore[union-attr]

    def close(self) -> None:
        """Give back all connections."""
        for kept in (self._to_write, self._to_read):
            if kept is not None:
                kept.connection.close()
        self._to_write = self._to_read = None
        self.engine.dispose()
        self.reading.dispose()


class _Kept:
    """One connection to an SQLite file for many transactions, which begin and end in the driver's own words: the
    toolkit's cost more than most statements between them."""

    def __init__(self, engine: Engine, begin: str) -> None:
        self._begin = begin
        self.under_way = False
        """Whether a transaction has begun and not ended."""
        self.broken = False
        """It could not even take back a transaction: whoever comes next takes another."""
        self.connection = engine.connect().execution_options(**{_BY_HAND: True})
        self._driver: Any = self.connection.connection.dbapi_connection

    def run(self, work: Callable[[Connection], T]) -> T:
        """One transaction."""
        self.under_way = True
        try:
            self._do(self._begin)
            done = work(self.connection)
            if (hearers := self.connection.engine.dispatch.commit).listeners:
                hearers(self.connection)
            self._do("COMMIT")
        except BaseException:
            self._take_back()
            raise
        finally:
            self.under_way = False
        return done

    def _take_back(self) -> None:
        try:
            self._driver.rollback()
        except pysqlite3.Error:
            self.broken = True
            self.connection.invalidate()

    def _do(self, text: str) -> None:
        try:
            self._driver.execute(text)
        except pysqlite3.Error as error:
            raise OperationalError(text, None, error) from error


class SoleWriter:
    """The promise that this process alone writes an SQLite file, held as a lock on a file beside it."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            busy = f"数据库 {database.name} 正由另一个 callout 进程使用；请通过运行中的 serve 操作，或先停止它"
            raise DatabaseBusy(busy) from None

    def release(self) -> None:
        """Let others write."""
        self._file.close()


class DatabaseBusy(CalloutError):
    """Another process is this SQLite file's sole writer."""


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for memory and for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or _in_memory(url):
        return None
    return Path(str(parsed.database))


def _in_memory(url: str) -> bool:
    parsed = make_url(url)
    return parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")


def _engine(url: str, *, writing: bool) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        # The connection used last has its statements prepared.
        watchful = _watchful(url, writing=writing)
        engine = create_engine(url, pool_pre_ping=True, pool_use_lifo=True, connect_args=watchful)
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return engine if writing else engine.execution_options(**options)
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    return _sqlite(url, writing=writing)


def _watchful(url: str, *, writing: bool) -> dict[str, Any]:
    """Options of a connection.

    Both ends notice within half a minute that the other is gone: a link that was cut closes no connection by itself.
    The server gives up the locks of a writer that it hears nothing from, so that others may take over its rows.
    """
    given = make_url(url).query
    times = (f"user_timeout={_SILENT_SECONDS}s", "keepalives_idle=10", "keepalives_interval=5", "keepalives_count=3")
    # Compiling a statement of a few rows takes longer than all of them together, and what a storm asks for lies in
    # memory: as if each row came from a turning disk, the whole roster of a county was read for three posts of it.
    ends = {f"-c tcp_{each}" for each in times} | {"-c jit=off", "-c random_page_cost=1.1"}
    if writing:
        ends.add(f"-c idle_in_transaction_session_timeout={_SILENT_SECONDS}s")
        ends.add("-c max_parallel_workers_per_gather=0")  # starting helpers takes longer than a red may wait
    own = {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": _SILENT_SECONDS * 1000,
        "options": " ".join(sorted(ends)),
    }
    return {name: value for name, value in own.items() if name not in given}


def _sqlite(url: str, *, writing: bool) -> Engine:
    pool: dict[str, Any] = {"poolclass": StaticPool} if _in_memory(url) else {}
    engine = create_engine(
        url,
        module=pysqlite3,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 512},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        for pragma in _WHERE_WRITTEN if writing else ():
            raw.execute(f"PRAGMA {pragma}")
        for pragma in ("busy_timeout=10000", "temp_store=MEMORY", "cache_size=-65536"):
            raw.execute(f"PRAGMA {pragma}")
        if not writing:
            raw.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if _BY_HAND in connection.get_execution_options():
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
