"""Red under a backlog of blue: from a red's commit to its first submit and to its thousandth, and what that needs bare.

The engine runs as `serve` runs it: beats, seals, pulse. Where each moment between the commit and the submit went is
read from the record.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import ceil
from statistics import median

from sqlalchemy import Connection, func, select, text, update

from bench.county import SEED, warning
from bench.neighbours import SIZE, codes, concerning, load
from bench.pace import BenchDay, Phones, engine, red
from bench.progress import say
from bench.servers import Server
from bench.tables import Table
from callout.app import App
from callout.cli.housekeeping import settle_in
from callout.cli.serve import Engine
from callout.domain.callout import lane_of
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.pipeline.receive import receive
from callout.ports import Document
from callout.store import schema

LATENCY = 0.03
BETWEEN = 0.2
"""Seconds, at least; up to half a one more, by chance, so that no red falls always into the same part of a beat."""
MANY = 1_000
"""Calls of one red warning."""
WIDE = 6
"""Townships that have them."""
CROWD = SIZE // 2
"""A county with so many posts has so many in six townships."""
ROUNDS = 5
"""Warnings of that size, and reds without a backlog."""
COMMITS = 5
"""On a red's way: received, matched, opened, claimed, about to leave."""
_PARTS = ("rules matched", "callouts opened", "claimed", "about to leave", "submitted")


@dataclass(frozen=True, slots=True)
class Overtaken:
    """One run; all times in milliseconds."""

    database: str
    backlog: int
    left: int
    """Of the backlog, when the last red had been measured."""
    waits: tuple[tuple[float, ...], ...]
    """From the commit that took a red warning in to each of `_PARTS`, sorted by the last."""
    many: tuple[float, ...]
    """From the commit of a wide red to its thousandth submit, sorted; empty where there are not so many."""
    alone: tuple[float, ...]
    """From commit to first submit with no backlog, sorted."""
    bare: float
    """As many commits of one row each as are on a red's way, with nothing else."""


def run(server: Server, people: int, reds: int) -> Overtaken:
    """A backlog of `people` blue callouts; red warnings come in one after another while it is worked off."""
    day, phones = BenchDay(), Phones(LATENCY)

    def fill(url: str) -> None:
        with engine(url, day, phones) as app:
            counties = codes(people)
            for code in counties:
                load(app, code, people // len(counties))
            say(f"{people:,} people")
            for code in counties:
                receive(app.intake, concerning(warning(), code))
            asyncio.run(_planned(app))
            blue = update(schema.callout).values(lane=lane_of(Level.BLUE), expires_at=None)
            app.database.write(lambda db: db.execute(blue))
            say("their callouts are blue")
            while app.seal():
                pass
            _tidy(app)
            say("and sealed")

    with (
        server.filled(fill) as copies,
        copies() as url,
        engine(url, day, phones, process=1) as app,
        _taking_in(url, app, day, phones) as office,
    ):
        settle_in(app)
        return asyncio.run(_story(Bench(app, office, phones, random.Random(SEED)), reds, server.name))


def _tidy(app: App) -> None:
    """What a server does within a minute of a warning; the fill has turned every row over, which no storm does."""
    if app.database.engine.dialect.name == "postgresql":
        with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text("VACUUM (ANALYZE)"))
            db.execute(text("CHECKPOINT"))


def _taking_in(url: str, app: App, day: BenchDay, phones: Phones) -> AbstractContextManager[App]:
    """Who takes warnings in: another process where the database allows it, else the engine itself."""
    return nullcontext(app) if app.database.engine.dialect.name == "sqlite" else engine(url, day, phones, process=2)


async def _planned(app: App) -> None:
    while (await app.stages["plan"]()).moved:
        pass


async def _story(bench: "Bench", reds: int, name: str) -> Overtaken:
    backlog = bench.waiting(Level.BLUE)
    async with Engine(bench.app, None).beating():
        await asyncio.sleep(1)
        say(f"{name}: {backlog:,} wait")
        found = [await bench.one(1) for _ in range(reds)]
        left = bench.waiting(Level.BLUE)
        say(f"{reds} reds, {left:,} blue are left")
        crowd = backlog / len(bench.office.rulebooks.counties()) >= CROWD
        wide = [await bench.one(WIDE, MANY) for _ in range(ROUNDS)] if crowd else ()
        bench.answer(Level.BLUE)
        alone = [await bench.one(1) for _ in range(ROUNDS * 4)]
    waits = sorted((bench.parts(one) for one in found), key=lambda parts: parts[-1])
    many = tuple(sorted(one.left * 1000 for one in wide))
    return Overtaken(
        name, backlog, left, tuple(waits), many, tuple(sorted(one.left * 1000 for one in alone)), _bare(bench.app)
    )


def _bare(app: App) -> float:
    k = schema.alert_county
    one = update(k).values(rev=k.c.rev + 1).where(k.c.alert == 1)

    def needed() -> float:
        begun = time.perf_counter()
        for _ in range(COMMITS):
            app.database.write(lambda db: _changed(db, one))
        return (time.perf_counter() - begun) * 1000

    return median(needed() for _ in range(20))


def _changed(db: Connection, one: object) -> None:
    db.execute(one)  # type: ignore[call-overload]  # an UPDATE of one row


@dataclass(frozen=True, slots=True)
class Red:
    """One red warning of the run."""

    alert: int
    committed: Instant
    left: float
    """Seconds from the commit to the submit that was waited for."""


@dataclass(slots=True)
class Bench:
    """An engine under load, and who takes warnings in."""

    app: App
    office: App
    phones: Phones
    chance: random.Random
    taken: int = 0

    async def one(self, townships: int, nth: int = 1) -> Red:
        """A red warning for so many townships comes in; until its `nth` submit."""
        while self.app.store.read(lambda work: work.alerts.to_plan()) or self.waiting(Level.RED):
            self.answer(Level.RED)
            await asyncio.sleep(0.1)
        await asyncio.sleep(BETWEEN + self.chance.random() / 2)
        document, seen = self._document(townships), len(self.phones.reds)
        alert, committed, begun = await asyncio.to_thread(self._take_in, document)
        while len(self.phones.reds) < seen + nth:
            if time.perf_counter() > begun + 60:
                raise RuntimeError("no red call within a minute")
            await asyncio.sleep(0.001)
        return Red(alert, committed, self.phones.reds[seen + nth - 1] - begun)

    def _document(self, townships: int) -> Document:
        """One county after the other has its turn."""
        counties = self.office.rulebooks.counties()
        self.taken += 1
        known = [t.stats for t in counties[0].townships if t.stats]
        document = red(self.taken, *self.chance.sample(known, townships))
        return concerning(document, counties[self.taken % len(counties)].code)

    def _take_in(self, document: Document) -> tuple[int, Instant, float]:
        alert = receive(self.office.intake, document).alert
        return alert, self.office.world.clock.now(), time.perf_counter()

    def parts(self, one: Red) -> tuple[float, ...]:
        """From the commit to each of `_PARTS`: transactions by their beginning, as the record has them."""
        u, t = schema.audit, schema.attempt
        entry = select(func.min(u.c.at)).where(u.c.alert == one.alert)
        statements = [
            entry.where(u.c.event == "alert_county.matched"),
            entry.where(u.c.event == "callout.opened"),
            select(func.min(t.c.claimed_at)).where(t.c.alert == one.alert),
            select(func.min(t.c.submitted_at)).where(t.c.alert == one.alert),
        ]
        found = self.app.database.read(lambda db: [db.execute(each).scalar_one() for each in statements])
        if None in found:
            raise RuntimeError("the first red call was not about the last red warning")
        return (*(float(at - one.committed) for at in found), one.left * 1000)

    def answer(self, level: Level) -> None:
        """Everybody whom such a warning concerns has answered: a red waits behind blue alone, or behind nobody."""
        c = schema.callout
        those = update(c).where(c.c.lane == lane_of(level), c.c.state.in_(["to_call", "waiting"]))
        self.app.database.write(lambda db: db.execute(those.values(state="answered", next_at=None, rev=c.c.rev + 1)))

    def waiting(self, level: Level) -> int:
        """Callouts of that level that are to be called."""
        c = schema.callout
        due = select(func.count()).where(c.c.state == "to_call", c.c.lane == lane_of(level))
        return int(self.app.database.read(lambda db: db.execute(due).scalar_one()))


def _rank(sorted_: Sequence[float], part: float) -> float:
    """The nearest rank."""
    return sorted_[max(0, ceil(part * len(sorted_)) - 1)]


def table(found: Sequence[Overtaken]) -> Table:
    """As Markdown."""
    head = ["database", "blue waiting, at the end", "reds", "first red call, median", "p99", "worst"]
    head += ["no backlog, median", "worst", f"{COMMITS} bare commits", f"{MANY:,} reds, median", "worst"]
    lines = [
        [
            one.database, f"{one.backlog}, {one.left}", str(len(one.waits)),
            *_spread([parts[-1] for parts in one.waits], 0.5, 0.99, 1), *_spread(one.alone, 0.5, 1),
            f"{one.bare:.1f} ms", *(_spread(one.many, 0.5, 1) if one.many else ("–", "–")),
            *(f"{median(parts[n] for parts in one.waits):.0f} ms" for n in range(len(_PARTS) - 1)),
        ]
        for one in found
    ]  # fmt: skip
    note = (
        "From the commit that takes the warning in, at any moment of the engine's work; the last columns say when, at "
        "the median, each step on the way began. Each red is for one township (the thousand for six); those before it "
        f"have all been answered. The provider answers after {LATENCY * 1000:.0f} ms. Targets: 100 ms to the first "
        f"submit, one second to the {MANY:,}th. The bare commits change one row each through the same connection."
    )
    return Table("Red under a backlog of blue", head + [f"… {part}" for part in _PARTS[:-1]], lines, note)


def _spread(sorted_: Sequence[float], *ranks: float) -> list[str]:
    return [f"{_rank(sorted_, rank):.0f} ms" for rank in ranks]
