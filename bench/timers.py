"""Timers that come due within a minute, over several workers: how late each step is claimed."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from bench.claims import claim_all
from bench.county import load, warning
from bench.pace import BenchDay, Phones, engine
from bench.servers import Server
from bench.tables import Table, quantile
from callout.pipeline.receive import receive
from callout.store import schema
from callout.store.database import Database

SECONDS = 60
FAR = 4_000_000_000_000
GIVES_UP = 150.0
_GAP, _LEAD = 0.05, 5_000
C, T, LINK = schema.callout, schema.attempt, schema.attempt_callout


@dataclass(frozen=True, slots=True)
class Late:
    """One run."""

    database: str
    bare: bool
    """Only claimed, by the driver's means."""
    workers: int
    timers: int
    within: int
    claimed: int
    late: tuple[int, ...]
    """Milliseconds, sorted."""


def run(server: Server, people: int, workers: Sequence[int], within: int = SECONDS) -> list[Late]:
    """Callouts of `people` come due evenly within so many seconds; so many processes work them off, each in turn.

    Before that one process claims them with the bare statements.
    """
    day = BenchDay()

    def fill(url: str) -> None:
        with engine(url, day, Phones(0.0)) as app:
            load(app, people)
            receive(app.intake, warning())

            async def plan() -> None:
                while (await app.stages["plan"]()).moved:
                    pass

            asyncio.run(plan())

    found = []
    with server.filled(fill) as copies:
        for many, work in ((1, _claims), *((many, _work) for many in workers)):
            with copies() as url:
                found.append(_measure(server.name, url, day, (many, work), within))
    return found


def _measure(name: str, url: str, day: BenchDay, crew: tuple[int, Callable[..., None]], within: int) -> Late:
    with engine(url, day, Phones(0.0)) as app:
        app.database.write(_in_order)
        context, (workers, work) = multiprocessing.get_context("spawn"), crew
        ready, go = context.Semaphore(0), context.Event()
        given = [(url, day.begun, n + 1, (ready, go)) for n in range(workers)]
        processes = [context.Process(target=work, args=one, daemon=True) for one in given]
        for one in processes:
            one.start()
        for _ in processes:
            ready.acquire()
        due = _spread(app.database, day, within * 1000)
        go.set()
        while any(one.is_alive() for one in processes):
            time.sleep(0.5)
        firsts = app.database.read(_firsts)
    late = sorted(at - due[key] for key, at in firsts.items() if key in due)
    return Late(name, work is _claims, workers, len(due), within, len(late), tuple(late))


def _spread(database: Database, day: BenchDay, span: int) -> dict[int, int]:
    """Give each first step its instant: evenly, in the order of the posts.

    All of it is on disk before the first is due; else the writing would be counted as lateness.
    """
    posts = database.write(_in_order)
    lead = _LEAD
    while True:
        begins = day.now() + lead
        moved = (
            update(C).where(C.c.state == "to_call").values(next_at=begins + (C.c.next_at - FAR) * span // len(posts))
        )
        database.write(lambda db, one=moved: db.execute(one))
        if day.now() < begins:
            return {post: begins + span * at // len(posts) for at, post in enumerate(posts)}
        lead *= 2
        database.write(_in_order)


def _in_order(db: Connection) -> list[int]:
    """Posts whose first step waits; each is set to its place in line, far ahead."""
    posts = list(db.execute(select(C.c.post).where(C.c.state == "to_call").order_by(C.c.post)).scalars())
    statement = update(C).values(next_at=bindparam("at")).where(C.c.post == bindparam("which"), C.c.state == "to_call")
    db.execute(statement, [{"at": FAR + at, "which": post} for at, post in enumerate(posts)])
    return posts


def _firsts(db: Connection) -> dict[int, int]:
    rows = db.execute(
        select(LINK.c.post, func.min(T.c.claimed_at))
        .join(T, (T.c.county == LINK.c.county) & (T.c.id == LINK.c.attempt))
        .where(LINK.c.round == 0)
        .group_by(LINK.c.post)
    )
    return dict(tuple(row) for row in rows)


def _work(url: str, begun: float, process: int, start: tuple[Any, Any]) -> None:
    """One worker: settle, and look again after a short gap, until nothing waits for its first step."""
    day, (ready, go) = BenchDay(begun), start
    with engine(url, day, Phones(0.0), process=process) as app:

        async def story() -> None:
            await app.settle()
            ready.release()
            go.wait()
            until = time.monotonic() + GIVES_UP
            while app.agenda().due.get("send") is not None and time.monotonic() < until:
                await app.settle()
                await asyncio.sleep(_GAP)

        asyncio.run(story())


def _claims(url: str, begun: float, process: int, start: tuple[Any, Any]) -> None:
    """One bare loop of claims."""
    ready, go = start
    ready.release()
    go.wait()
    claim_all(url, begun, process, time.monotonic() + GIVES_UP)


def burst(found: list[Late]) -> Table:
    """As Markdown, where all are due at one instant."""
    lines = []
    for one in found:
        took = max(one.late[-1], 1) / 1000 if one.late else float("nan")
        what = "bare claims" if one.bare else "callout"
        cells = [one.database, what, str(one.workers), f"{one.claimed} of {one.timers}"]
        lines.append([*cells, f"**{took:.1f} s**", f"{one.claimed / took:,.0f}/s"])
    head = ["database", "what", "workers", "claimed", "all claimed after", "claims a second"]
    note = "As above. Targets: 5 s for 50,000, and at least 0.9 of the bare claims a second."
    return Table("Timers due at one instant", head, lines, note)


def table(found: list[Late]) -> Table:
    """As Markdown."""
    lines = []
    for one in found:
        late = one.late or (-1,)
        p50, p99 = (quantile(late, q) for q in (50, 99))
        rate = f"{one.timers / one.within:.0f}/s"
        cells = [
            one.database,
            "bare claims" if one.bare else "callout",
            str(one.workers),
            f"{one.claimed} of {one.timers}",
            f"{one.within} s",
            rate,
        ]
        lines.append([*cells, f"{p50} ms", f"{p99} ms", f"{late[-1]} ms"])
    head = ["database", "what", "workers", "claimed", "due within", "rate", "late p50", "p99", "worst"]
    note = (
        f"From the due instant to the claim's time, phones that take everything, {_GAP * 1000:.0f} ms between looks. "
        "Each claim of callout is followed by its whole hand-over: words, commit, submit, record. The bare loop writes "
        "the rows of a claim, audit included, and does nothing more. Target: p99 250 ms."
    )
    return Table("Timers due within a minute", head, lines, note)
