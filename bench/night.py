"""One warning to everybody of a county, from the document to the end of the last ladder, on an SQLite file."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, func, select

from bench.county import EXPIRES, OPENS, Bench, load, opened, warning
from bench.tables import Table as Printed
from bench.yardstick import Yardstick
from callout.domain.callout import LIVE
from callout.domain.instant import MINUTE, SECOND, Millis
from callout.rehearsal.driver import Driver, timeline
from callout.rehearsal.storm import Incoming
from callout.reports.account import Tally, account
from callout.scheduler import collect_rarely
from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import upgrade

WRITTEN: Mapping[str, Table] = {
    "callouts": schema.callout, "attempts": schema.attempt, "links": schema.attempt_callout,
    "inbound": schema.inbound, "answers": schema.answer, "notices": schema.notice,
    "human_calls": schema.human_call, "audit": schema.audit,
}  # fmt: skip
"""The tables that grow during the night; reply texts in `personal` are left out of both sides' counts."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Time that a piece of work took."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Night:
    """What one run came to."""

    people: int
    beat: Millis
    """How often the engine looks: what comes between waits for the next one."""
    engine: Spent
    bare: Spent
    commits: int
    """Transactions of the engine that changed something; the bare loop makes as many."""
    minutes: float
    """Virtual time from the warning to the end of the last ladder."""
    rows: Mapping[str, int]
    account: Tally


def run(people: int, beat: Millis = SECOND) -> Night:
    """The night of `people` persons, then the bare loop that writes the same rows."""
    with tempfile.TemporaryDirectory(prefix="callout-bench-") as home:
        with opened(f"sqlite:///{home}/night.sqlite3", beat) as bench:
            load(bench.app, people)
            before = bench.app.database.read(_last_entry)
            commits = _commits(bench.app.database)
            collect_rarely()  # as `serve` does
            engine = spent(lambda: asyncio.run(_night(bench, beat)))
            rows = bench.app.database.read(lambda db: {n: _rows(db, t, before) for n, t in WRITTEN.items()})
            told = bench.app.database.read(lambda db: account(db, bench.app.rulebooks)).total
        file = Path(home) / "bare.sqlite3"
        alone = bare(file, rows, len(commits))
        counts = counted(file)
    if counts != {name: len(many) for name, many in rows.items()}:
        raise RuntimeError("the bare loop wrote other rows than the engine")
    minutes = (bench.clock.now() - OPENS) / MINUTE
    return Night(people, beat, engine, alone, len(commits), minutes, counts, told)


def spent(work: Callable[[], object]) -> Spent:
    """Do the work and say what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


async def _night(bench: Bench, beat: Millis) -> None:
    driver, look = Driver(bench.app, bench.clock, bench.carrier, beat), OPENS + MINUTE
    for at, incoming in timeline(driver, [Incoming(OPENS, warning())], EXPIRES):
        bench.clock.advance(at)
        await driver.settle(incoming)
        if at >= look:
            look = at + MINUTE
            if not bench.app.database.read(_running):
                return


def _running(db: Connection) -> bool:
    c = schema.callout
    return db.execute(select(c.c.post).where(c.c.round == 0, c.c.state.in_(LIVE)).limit(1)).first() is not None


def _last_entry(db: Connection) -> int:
    return db.execute(select(func.max(schema.audit.c.id))).scalar() or 0


def _rows(db: Connection, table: Table, before: int) -> list[tuple[Any, ...]]:
    mine = table.c.id > before if table is schema.audit else table.c[0] != ""
    return [tuple(row) for row in db.execute(select(table).where(mine))]


def _commits(database: Database) -> list[int]:
    """Grows by one with every commit that changed something."""
    seen, changes = [], [0]

    @event.listens_for(database.engine, "commit")
    def note(connection: Connection) -> None:
        total: int = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
        if total != changes[0]:
            changes[0] = total
            seen.append(total)

    return seen


def bare(file: Path, rows: Mapping[str, Sequence[tuple[Any, ...]]], commits: int) -> Spent:
    """Write the rows with the driver alone, into the same tables with the same indexes and the same durability."""
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    statements = {name: _insert(table) for name, table in WRITTEN.items()}
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        took = spent(lambda: _write(raw, [(statements[name], many) for name, many in rows.items()], commits))
    database.close()
    return took


def counted(file: Path) -> Mapping[str, int]:
    """How many rows each of the tables holds."""
    database = Database(f"sqlite:///{file}")
    counts = database.read(
        lambda db: {
            name: db.execute(select(func.count()).select_from(table)).scalar_one() for name, table in WRITTEN.items()
        }
    )
    database.close()
    return counts


def _insert(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(table.columns))})"


def _write(raw: Any, work: Sequence[tuple[str, Sequence[tuple[Any, ...]]]], commits: int) -> None:
    for at in range(commits):
        raw.execute("BEGIN IMMEDIATE")
        for statement, rows in work:
            raw.executemany(statement, rows[len(rows) * at // commits : len(rows) * (at + 1) // commits])
        raw.execute("COMMIT")


def table(nights: Sequence[Night], measure: Yardstick) -> Printed:
    """The figures for people, one column for each beat, and what they come to on the machine of the target."""
    head = ["figure", *(f"beat of {night.beat / SECOND:g} s" for night in nights)]
    told = [_told(night) | dict(measure.reckoned(night.engine.wall, "5 s for 10,000")) for night in nights]
    lines = [(name, *(each[name] for each in told)) for name in told[0]]
    title = f"One orange warning to {nights[0].people:,} people (SQLite file, WAL, synchronous FULL)"
    return Printed(title, head, lines, measure.note)


def _told(night: Night) -> dict[str, str]:
    of, rows = night.account, sum(night.rows.values())
    return {
        "due posts": f"{of.due:,}",
        "virtual time": f"{night.minutes:.0f} min",
        **{name: f"{count:,}" for name, count in night.rows.items()},
        "answered / unreachable / **lost**": f"{of.answered:,} / {of.unreachable:,} / **{of.lost}**",
        "commits": f"{night.commits:,}",
        "engine, wall": f"**{night.engine.wall:.2f} s**",
        "engine, CPU": f"{night.engine.cpu:.2f} s",
        "engine, rows inserted per second": f"{rows / night.engine.wall:,.0f}",
        "bare loop, wall": f"{night.bare.wall:.2f} s",
        "bare loop, CPU": f"{night.bare.cpu:.2f} s",
        "engine / bare, wall": f"{night.engine.wall / night.bare.wall:.1f}",
        "engine / bare, CPU": f"{night.engine.cpu / night.bare.cpu:.1f}",
    }
