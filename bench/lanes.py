"""Red under a backlog: how long after its commit the first red call leaves while a great many blue ones wait.

Each red warning is for one township. It is taken in beside the loop that sends, as a page or another process does, at
any moment of that loop's work. What lies between the commit and the submit is read from the record.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from statistics import median

from sqlalchemy import func, select, update

from bench.county import SEED, load, warning
from bench.pace import BenchDay, Phones, engine, red
from bench.servers import Server
from bench.tables import Table
from callout.app import App
from callout.domain.callout import lane_of
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.pipeline.receive import receive
from callout.ports import Document
from callout.scheduler import Job, Metronome
from callout.store import schema
from callout.store.bell import hearing

LATENCY = 0.03
BETWEEN = 0.5
"""Seconds, at least; up to one more, by chance, so that no red falls always into the same part of a beat."""
_BEAT = 250
_PARTS = ("rules matched", "callouts opened", "claimed", "about to leave", "submitted")


@dataclass(frozen=True, slots=True)
class Overtaken:
    """One run."""

    database: str
    backlog: int
    left: int
    """Of the backlog, when the last red had been measured."""
    waits: tuple[tuple[float, ...], ...]
    """Milliseconds from the commit that took a red warning in to each of `_PARTS`, sorted by the last."""


def run(server: Server, people: int, reds: int) -> Overtaken:
    """A backlog of `people` blue callouts; red warnings come in one after another while it is worked off."""
    day, phones = BenchDay(), Phones(LATENCY)

    def fill(url: str) -> None:
        with engine(url, day, phones) as app:
            load(app, people)
            receive(app.intake, warning())
            asyncio.run(_planned(app))
            blue = update(schema.callout).values(lane=lane_of(Level.BLUE), expires_at=None)
            app.database.write(lambda db: db.execute(blue))

    with (
        server.filled(fill) as copies,
        copies() as url,
        engine(url, day, phones, process=1) as app,
        _taking_in(url, app, day, phones) as office,
    ):
        return asyncio.run(_story(app, office, phones, reds, server.name))


def _taking_in(url: str, app: App, day: BenchDay, phones: Phones) -> AbstractContextManager[App]:
    """Who takes warnings in: another process where the database allows it, else the engine itself."""
    return nullcontext(app) if app.database.engine.dialect.name == "sqlite" else engine(url, day, phones, process=2)


async def _planned(app: App) -> None:
    while (await app.stages["plan"]()).moved:
        pass


async def _story(app: App, office: App, phones: Phones, reds: int, name: str) -> Overtaken:
    backlog, chance = _waiting(app, Level.BLUE), random.Random(SEED)
    townships = [t.stats for t in office.rulebooks.counties()[0].townships if t.stats]
    found = []
    async with _beating(app):
        await asyncio.sleep(1)
        for n in range(1, reds + 1):
            document = red(n, townships[n % len(townships)])
            found.append(await _one(app, office, phones, document, BETWEEN + chance.random()))
        left = _waiting(app, Level.BLUE)
    waits = [_parts(app, one) for one in found]
    return Overtaken(name, backlog, left, tuple(sorted(waits, key=lambda parts: parts[-1])))


@asynccontextmanager
async def _beating(app: App) -> AsyncIterator[None]:
    """As `serve` beats."""

    async def beat() -> None:
        if (await app.settle()).broke_off:
            metronome.wake("beat")

    metronome = Metronome([Job("beat", _BEAT, beat)])
    app.store.stirred = partial(metronome.wake, "beat")
    metronome.start()
    async with hearing(app.database.engine, app.store.stirred):
        yield
    await metronome.stop(patience=30)


@dataclass(frozen=True, slots=True)
class _Red:
    """One red warning of the run."""

    alert: int
    committed: Instant
    left: float
    """Seconds from the commit to the first submit."""


async def _one(app: App, office: App, phones: Phones, document: Document, pause: float) -> _Red:
    while app.store.read(lambda work: work.alerts.to_plan()) or _waiting(app, Level.RED):
        _answer(app)
        await asyncio.sleep(0.1)
    await asyncio.sleep(pause)
    seen = len(phones.reds)

    def take_in() -> tuple[int, Instant, float]:
        alert = receive(office.intake, document).alert
        return alert, office.world.clock.now(), time.perf_counter()

    alert, committed, begun = await asyncio.to_thread(take_in)
    while len(phones.reds) == seen:
        if time.perf_counter() > begun + 60:
            raise RuntimeError("no red call within a minute")
        await asyncio.sleep(0.001)
    return _Red(alert, committed, phones.reds[seen] - begun)


def _parts(app: App, one: _Red) -> tuple[float, ...]:
    """Milliseconds from the commit to each of `_PARTS`: transactions by their beginning, as the record has them."""
    u, t = schema.audit, schema.attempt
    entry = select(func.min(u.c.at)).where(u.c.alert == one.alert)
    statements = [
        entry.where(u.c.event == "alert_county.matched"),
        entry.where(u.c.event == "callout.opened"),
        select(func.min(t.c.claimed_at)).where(t.c.alert == one.alert),
        select(func.min(t.c.submitted_at)).where(t.c.alert == one.alert),
    ]
    found = app.database.read(lambda db: [db.execute(each).scalar_one() for each in statements])
    if None in found:
        raise RuntimeError("the first red call was not about the last red warning")
    return (*(float(at - one.committed) for at in found), one.left * 1000)


def _answer(app: App) -> None:
    """Everybody whom an earlier red concerns has answered: the next one waits behind blue alone."""
    c = schema.callout
    red = update(c).where(c.c.lane == lane_of(Level.RED), c.c.state.in_(["to_call", "waiting"]))
    app.database.write(lambda db: db.execute(red.values(state="answered", next_at=None, rev=c.c.rev + 1)))


def _waiting(app: App, level: Level) -> int:
    c = schema.callout
    due = select(func.count()).where(c.c.state == "to_call", c.c.lane == lane_of(level))
    return int(app.database.read(lambda db: db.execute(due).scalar_one()))


def table(found: Sequence[Overtaken]) -> Table:
    """As Markdown."""
    head = ["database", "blue waiting", "blue left at the end", "red warnings", "first red call, median", "worst"]
    lines = [
        [
            one.database, str(one.backlog), str(one.left), str(len(one.waits)),
            f"{median(parts[-1] for parts in one.waits):.0f} ms", f"{one.waits[-1][-1]:.0f} ms",
            *(f"{median(parts[n] for parts in one.waits):.0f} ms" for n in range(len(_PARTS) - 1)),
        ]
        for one in found
    ]  # fmt: skip
    note = (
        "From the commit that takes the warning in, at any moment of the engine's work; the last columns say when, at "
        "the median, each step on the way began. Each red is for one township; those before it have all been answered. "
        f"The provider answers after {LATENCY * 1000:.0f} ms. Target: 100 ms to the first submit."
    )
    return Table("Red under a backlog of blue", head + [f"… {part}" for part in _PARTS[:-1]], lines, note)
