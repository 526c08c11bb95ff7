"""The plan stage of one warning, from matched rules to the last open callout, beside raw INSERT … SELECT."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psycopg
from sqlalchemy import Connection, func, select

from bench.county import load, opened, warning
from bench.servers import Copies, Server
from bench.tables import Table
from callout.pipeline import plan
from callout.pipeline.receive import receive
from callout.ports import PlanJob
from callout.store import schema
from callout.store.database import Database
from callout.store.store import Work

CHUNK = 5_000
TARGET, OF_10_000_ON_A_SERVER = 0.75, 0.60
Counted = tuple[int, int, int]
"""Rows in callout, human_call and audit."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One database and size: seconds per run, ours and raw in turn."""

    server: str
    people: int
    callouts: int
    ours: Sequence[float]
    raw: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """raw / ours of each pair of runs: 1 = as fast as the bare statements."""
        return sorted(raw / ours for raw, ours in zip(self.raw, self.ours, strict=True))


def compare(server: Server, people: int, runs: int) -> Compared:
    """Run both `runs` times in turn, each on a fresh copy; both must leave the same number of rows."""
    ours, raw, rows = list[float](), list[float](), set[Counted]()
    with server.filled(partial(_fill, people)) as copies:
        for _ in range(runs):
            for times, once in ((ours, _ours), (raw, _raw)):
                took, counted = once(copies)
                times.append(took)
                rows.add(counted)
    if len(rows) != 1:
        raise RuntimeError(f"the two sides wrote different rows: {rows}")
    return Compared(server.name, people, rows.pop()[0], ours, raw)


def _fill(people: int, url: str) -> None:
    """Roster in force, the warning received, its rules matched, one callout opened; the rest is still to do."""
    with opened(url) as bench:
        load(bench.app, people)
        receive(bench.app.intake, warning())
        plan.run_once(plan.Planning(bench.app.store, bench.app.rulebooks, first=1))
        if bench.app.database.engine.dialect.name == "postgresql":  # as a running engine does within two seconds
            bench.app.database.write(lambda db: db.exec_driver_sql("ANALYZE alert_county, rule_match"))


def _ours(copies: Copies) -> tuple[float, Counted]:
    with copies() as url, opened(url) as bench:
        planning = plan.Planning(bench.app.store, bench.app.rulebooks, chunk=CHUNK)
        with suppress(_TakeBack):
            bench.app.store.write(_rehearse)
        since = time.perf_counter()
        while plan.run_once(planning).moved:
            pass
        return time.perf_counter() - since, bench.app.database.read(_count)


class _TakeBack(Exception):
    """Rolls a transaction back."""


def _rehearse(work: Work) -> None:
    """The first chunk, to be taken back: both sides have prepared statements and read pages before the clock runs."""
    [job] = work.alerts.to_plan()
    last = work.plans.chunk_end(job, CHUNK)
    if last is not None:
        work.plans.take_chunk(job, last)
    raise _TakeBack


def _raw(copies: Copies) -> tuple[float, Counted]:
    with copies() as url:
        with opened(url) as bench:
            [job] = bench.app.store.read(lambda work: work.alerts.to_plan())
        ends = _ends(url, job)
        took = _chunks(url, job, ends)
        database = Database(url)
        counted = database.read(_count)
        database.close()
        return took, (counted[0], counted[1], counted[2] + len(ends) + 1)  # moves of the alert are ours alone


def _count(db: Connection) -> Counted:
    tables = (schema.callout, schema.human_call, schema.audit)
    callouts, humans, entries = (db.execute(select(func.count()).select_from(t)).scalar_one() for t in tables)
    return callouts, humans, entries


def _ends(url: str, job: PlanJob) -> list[tuple[int, int]]:
    """(post before, last post) of each chunk; the bare statements are told, ours finds out by itself."""
    d, m = schema.duty, schema.rule_match
    due = (
        select(d.c.post)
        .join(m, (m.c.county == d.c.county) & (m.c.area == d.c.area) & (m.c.role == d.c.role))
        .where(d.c.roster == job.roster, m.c.alert == job.alert, d.c.post > job.cursor)
        .order_by(d.c.post)
    )
    database = Database(url)
    posts = database.read(lambda db: list(db.execute(due).scalars()))
    database.close()
    last = [chunk[-1] for at in range(0, len(posts), CHUNK) if (chunk := posts[at : at + CHUNK])]
    return list(zip([job.cursor, *last], last, strict=False))


def _chunks(url: str, job: PlanJob, ends: Sequence[tuple[int, int]]) -> float:
    with _connected(url) as (connection, begin):
        values = {
            "county": job.county,
            "alert": job.alert,
            "roster": job.roster,
            "episode": job.episode,
            "expires": job.expires_at,
        }
        _chunk(connection, begin, values | {"after": ends[0][0], "last": ends[0][1]}, "ROLLBACK")
        since = time.perf_counter()
        for after, last in ends:
            _chunk(connection, begin, values | {"after": after, "last": last}, "COMMIT")
        return time.perf_counter() - since


def _chunk(connection: Any, begin: str, values: dict[str, Any], end: str) -> None:
    connection.execute(begin)
    for statement in _STATEMENTS:
        _execute(connection, statement, values)
    connection.execute(end)


@contextmanager
def _connected(url: str) -> Iterator[tuple[Any, str]]:
    """The driver's own connection, as durable as ours, and how a transaction begins on it."""
    if urlsplit(url).scheme.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection, "BEGIN"
        return
    database = Database(url)
    with database.engine.connect() as pooled:
        yield pooled.connection.driver_connection, "BEGIN IMMEDIATE"
    database.close()


def _execute(connection: Any, statement: str, values: dict[str, Any]) -> None:
    """`:name` is SQLite's own; psycopg wants %(name)s."""
    if isinstance(connection, psycopg.Connection):
        for name in values:
            statement = statement.replace(f":{name}", f"%({name})s")
    connection.execute(statement, values)


_DUE = """FROM duty d
JOIN rule_match m ON m.county = d.county AND m.alert = :alert AND m.area = d.area AND m.role = d.role
WHERE d.county = :county AND d.roster = :roster AND d.post > :after AND d.post <= :last"""
_NOTED = "INSERT INTO audit (county, at, event, alert, post, attempt, ref, before, after, actor, commitment, detail)"
_STATEMENTS = (
    f"""INSERT INTO callout (county, alert, post, round, episode, state, step, next_at, lane, ladder, rules, expires_at,
opened_at) SELECT d.county, m.alert, d.post, 0, :episode, 'to_call', 0, 1785636000000, 1, m.ladder, m.rules, :expires,
1785636000000 {_DUE}""",
    f"""{_NOTED} SELECT d.county, 1785636000000, 'callout.opened', m.alert, d.post, '', '0', '', 'to_call', 'engine',
d.holder_name, 'ladder=' || m.ladder || ' rules=' || m.rules || ' roster=' || d.roster {_DUE}""",
    f"""INSERT INTO human_call (county, alert, post, kind, about, state, note, lane, opened_at, next_at)
SELECT d.county, m.alert, d.post, d.unusable, '', 'open', '', 1, 1785636000000, 1785636120000
{_DUE} AND d.unusable <> ''""",
    f"""{_NOTED} SELECT d.county, 1785636000000, 'human_call.opened', m.alert, d.post, '', d.unusable || ':', '',
'open', 'engine', '', '' {_DUE} AND d.unusable <> ''""",
)


def table(results: Sequence[Compared]) -> Table:
    """The figures for people."""
    lines = [
        (
            r.server,
            f"{r.people:,}",
            f"{r.callouts:,}",
            f"{median(r.ours):.3f} s",
            f"{median(r.raw):.3f} s",
            f"{r.callouts / median(r.ours):,.0f}",
            f"**{median(r.ratios):.2f}**",
            f"{r.ratios[0]:.2f}–{r.ratios[-1]:.2f}",
        )
        for r in results
    ]
    head = (
        "database",
        "people",
        "callouts",
        "ours, median",
        "raw, median",
        "callouts/s, ours",
        "raw / ours",
        "min–max",
    )
    note = (
        f"Same tables, indexes and rows, audit included; one transaction per {CHUNK:,} posts on both sides. "
        "Ours also finds the chunks, moves the alert's row under guard and looks for older callouts of the "
        f"episode. Target: raw / ours ≥ {TARGET:.2f}, of 10,000 on PostgreSQL {OF_10_000_ON_A_SERVER:.2f}."
    )
    return Table("Plan stage beside raw INSERT … SELECT", head, lines, note)
