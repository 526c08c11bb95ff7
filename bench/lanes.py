"""Red under a backlog: how long after its commit the first red call leaves while a great many blue ones wait."""

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy import func, select, update

from bench.county import load, warning
from bench.pace import BenchDay, Phones, engine, red
from bench.servers import Server
from bench.tables import Table
from callout.app import App
from callout.domain.callout import lane_of
from callout.domain.level import Level
from callout.pipeline.receive import receive
from callout.store import schema

LATENCY = 0.03
BETWEEN = 1.0
_BEAT = 0.25


@dataclass(frozen=True, slots=True)
class Overtaken:
    """One run."""

    database: str
    backlog: int
    left: int
    """Of the backlog, when the last red had been measured."""
    waits: tuple[float, ...]
    """Seconds from the commit that took a red warning in to its first submit."""


def run(server: Server, people: int, reds: int) -> Overtaken:
    """A backlog of `people` blue callouts; red warnings come in one after another while it is worked off."""
    day, phones = BenchDay(), Phones(LATENCY)

    def fill(url: str) -> None:
        with engine(url, day, phones) as app:
            load(app, people)

    with server.filled(fill) as copies, copies() as url, engine(url, day, phones, process=1) as app:
        return asyncio.run(_story(app, phones, reds, server.name))


async def _story(app: App, phones: Phones, reds: int, name: str) -> Overtaken:
    receive(app.intake, warning())
    while (await app.stages["plan"]()).moved:
        pass
    c = schema.callout
    app.database.write(lambda db: db.execute(update(c).values(lane=lane_of(Level.BLUE), expires_at=None)))
    backlog = _waiting(app)
    stop = asyncio.Event()
    beating = asyncio.create_task(_beat(app, stop))
    waits = [await _one(app, phones, n) for n in range(1, reds + 1)]
    left = _waiting(app)
    stop.set()
    await beating
    return Overtaken(name, backlog, left, tuple(sorted(waits)))


async def _one(app: App, phones: Phones, serial: int) -> float:
    await asyncio.sleep(BETWEEN)
    seen = len(phones.reds)
    receive(app.intake, red(serial))
    begun = time.perf_counter()
    until = begun + 60
    while len(phones.reds) == seen and time.perf_counter() < until:
        await asyncio.sleep(0.001)
    return phones.reds[seen] - begun if len(phones.reds) > seen else float("inf")


async def _beat(app: App, stop: asyncio.Event) -> None:
    """As the metronome does."""
    while not stop.is_set():
        await app.settle()
        await asyncio.sleep(_BEAT)


def _waiting(app: App) -> int:
    c = schema.callout
    blue = select(func.count()).where(c.c.state == "to_call", c.c.lane == lane_of(Level.BLUE))
    return int(app.database.read(lambda db: db.execute(blue).scalar_one()))


def table(found: list[Overtaken]) -> Table:
    """As Markdown."""
    lines = [
        [
            one.database, str(one.backlog), str(one.left), str(len(one.waits)),
            f"{one.waits[len(one.waits) // 2] * 1000:.0f} ms", f"{one.waits[-1] * 1000:.0f} ms",
        ]
        for one in found
    ]  # fmt: skip
    head = ["database", "blue waiting", "blue left at the end", "red warnings", "first red call, median", "worst"]
    note = (
        f"From the commit that takes the warning in: planning and up to one beat of {_BEAT * 1000:.0f} ms are in it. "
        f"The provider answers after {LATENCY * 1000:.0f} ms. Target: 100 ms to the first submit."
    )
    return Table("Red under a backlog of blue", head, lines, note)
