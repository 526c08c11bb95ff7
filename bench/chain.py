"""Entries of the record from several writers, with the sealer beside them and without, and how soon each is sealed."""

import multiprocessing
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from bench.servers import Copies, Server
from bench.tables import Table, quantile
from callout.app import SystemClock
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.sealing import entries_under, seal_ready, seals
from callout.store.transaction import Event, Ledger

SECONDS, BEAT = 5.0, 0.25
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Written:
    """One number of writers and rows in a transaction; each run's rows a second, unsealed and sealed in turn."""

    database: str
    writers: int
    rows: int
    bare: tuple[float, ...]
    sealed: tuple[float, ...]
    lag: tuple[int, ...]
    """Milliseconds from each entry's time to that of its seal, sorted."""


def run(server: Server, writers: Sequence[int], runs: int, seconds: float = SECONDS) -> list[Written]:
    """1 and 100 rows in a transaction, by each number of writers."""
    with server.filled(_fill) as copies:
        return [_compare(server.name, copies, (many, rows, seconds), runs) for many in writers for rows in (1, 100)]


def _compare(name: str, copies: Copies, work: tuple[int, int, float], runs: int) -> Written:
    bare, sealed, lag = list[float](), list[float](), list[int]()
    for _ in range(runs):
        with copies() as url:
            bare.append(_rate(url, work, seal=False))
        with copies() as url:
            sealed.append(_rate(url, work, seal=True))
            lag += _lags(url)
    return Written(name, work[0], work[1], tuple(bare), tuple(sealed), tuple(sorted(lag)))


def _fill(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


def _rate(url: str, work: tuple[int, int, float], *, seal: bool) -> float:
    """Rows a second, all writers together. SQLite has one process: its writer and its sealer share it."""
    writers, rows, seconds = work
    database, over = Database(url), threading.Event()
    sealer = threading.Thread(target=_seal, args=(database, over))
    if seal:
        sealer.start()
    try:
        if writers == 1:
            return _write(database, rows, seconds) / seconds
        context = multiprocessing.get_context("spawn")
        ready, go, done = context.Semaphore(0), context.Event(), context.Queue()
        crew = [context.Process(target=_apart, args=(url, rows, seconds, (ready, go, done))) for _ in range(writers)]
        for one in crew:
            one.start()
        for _ in crew:
            ready.acquire()
        go.set()
        total = sum(int(done.get(timeout=seconds + 60)) for _ in crew)
        for one in crew:
            one.join()
        return total / seconds
    finally:
        over.set()
        if seal:
            sealer.join()
            database.write(lambda db: seal_ready(db, _CLOCK.now()))
        database.close()


def _seal(database: Database, over: threading.Event) -> None:
    while not over.wait(BEAT):
        database.write(lambda db: seal_ready(db, _CLOCK.now()))


def _apart(url: str, rows: int, seconds: float, told: tuple[Any, Any, Any]) -> None:
    ready, go, done = told
    database = Database(url)
    database.write(_nothing)
    ready.release()
    go.wait()
    done.put(_write(database, rows, seconds))
    database.close()


def _nothing(_: Any) -> None:
    """A connection is open."""


def _write(database: Database, rows: int, seconds: float) -> int:
    """Transactions of so many entries, one after the other, until the time is over; returns how many entries."""
    until, written = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        database.write(partial(_note, rows=rows))
        written += rows
    return written


def _note(db: Any, rows: int) -> None:
    ledger = Ledger(db, _CLOCK.now())
    ledger.gather()
    for n in range(rows):
        ledger.note(Event("bench.written"), alert=1, county="500156", detail="合成的一条记录", post=n)
    ledger.write_out()


def _lags(url: str) -> list[int]:
    database = Database(url)
    found = database.read(lambda db: [it.at - one.at for it in seals(db) for one in entries_under(db, it)])
    database.close()
    return found


def table(found: Sequence[Written]) -> Table:
    """As Markdown."""
    lines = []
    for one in found:
        bare, sealed = median(one.bare), median(one.sealed)
        p50, p99 = (quantile(one.lag, q) for q in (50, 99))
        cells = [one.database, str(one.writers), str(one.rows), f"{bare:,.0f}/s", f"{sealed:,.0f}/s"]
        lines.append([*cells, f"**{sealed / bare:.2f}**", f"{p50} ms", f"{p99} ms", f"{one.lag[-1]} ms"])
    head = ["database", "writers", "rows in a transaction", "unsealed", "sealed", "ratio", "lag p50", "p99", "worst"]
    note = (
        f"The same rows by the same write path; beside the second a sealer runs every {BEAT * 1000:.0f} ms, in another "
        "process than the writers where there are several. Lag: from an entry's time to its seal's. "
        "Targets with 4 writers: ratio 0.85, lag p99 1 s."
    )
    return Table("Entries of the record, chained", head, lines, note)
