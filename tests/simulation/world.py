"""The world of one seed: processes, far end, officer and clock under one scheduler, and the judge who looks on."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from callout.cli.ack import ACK
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallState
from callout.domain.instant import HOUR
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.pipeline import attend
from callout.ports import Document
from callout.render.messages import Templates
from callout.settings import Settings
from callout.simulation.ids import SeededIds
from callout.store.database import Database
from tests.drills import county
from tests.simulation.far_end import FarEnd, People, TrueClock
from tests.simulation.host import Host, Killed, gone
from tests.simulation.judge import Judge
from tests.simulation.loop import Process, VirtualLoop, in_process, in_world
from tests.simulation.storm import AT_AWAIT, FAULTS_END, Fault, Storm

LONGEST = 2 * 3600.0
"""Seconds of the world after which it should long have come to rest."""
BUSY = 20_000
"""Transactions and reads of one story: ten times what the longest needs."""
AT_MOST = 60
"""Faults of processes and commits in one story."""


@dataclass
class World:
    """One seed, alive."""

    storm: Storm
    database: Database
    settings: Settings
    parsed: dict[tuple[str, str], Rulebook]
    templates: Templates
    trace: list[str] = field(default_factory=list)
    hit: Counter[Fault] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    down_until: float = 0.0

    def __post_init__(self) -> None:
        self.chance = Random(f"world:{self.storm.seed}")
        self.loop = VirtualLoop(Random(f"order:{self.storm.seed}"), self.at_await)
        self.clock = TrueClock(self.storm.begins, self.loop.time)
        self.ids = SeededIds(self.storm.seed)
        self.far_end = FarEnd(self, People(self.clock, self.storm.seed), Random(f"net:{self.storm.seed}"))
        self.hosts = [Host(self, f"host{n}") for n in range(self.storm.processes)]
        self.judge = Judge(self)
        self._asked = 0
        self.overlapping = self.database.engine.dialect.name != "sqlite"

    def now(self) -> float:
        """True seconds since the beginning."""
        return self.loop.time()

    def say(self, text: str) -> None:
        """A line of the trace."""
        self.trace.append(f"{self.now():10.3f} {text}")

    def run(self) -> "World":
        """From the beginning until nothing is due any more, or a promise is broken."""
        try:
            self.loop.run_until_complete(self.loop.create_task(self._live()))
        finally:
            self._end()
        return self

    async def _live(self) -> None:
        for host in self.hosts:
            self._start(host)
        self.loop.call_later(FAULTS_END, self._set_clocks)
        for work in (self.far_end.call_back(), self._officer(), *map(self._outage, self.storm.outages)):
            in_world(work)
        for post in self.storm.posts:
            to = self.hosts if post.everywhere else [self.chance.choice(self.hosts)]
            self.loop.call_later(post.at, self._post, to, Document(post.name, "sim", post.xml))
        for at, roster in self.storm.rosters:
            self.loop.call_later(at, self._use, roster)
        while self.now() < LONGEST and not self.judge.broken:
            await asyncio.sleep(5)
            if self.now() > FAULTS_END and self._at_rest():
                break
        else:
            self.judge.expect(bool(self.judge.broken), "no rest after two hours")
        if not self.judge.broken:
            self.judge.at_the_end()

    def _set_clocks(self) -> None:
        for host in self.hosts:
            host.clock.off = 0

    def _at_rest(self) -> bool:
        if self.now() < self.down_until or any(
            h.process.dead or h.process.stops or h.folder.waiting for h in self.hosts
        ):
            return False
        coming = self.far_end.people.next_at()
        if self.far_end.under_way or (coming is not None and coming < self.clock.now() + HOUR):
            return False  # who answers in the morning only is not waited for
        return self.judge.nothing_due()

    def _end(self) -> None:
        self.down_until = float("inf")
        self.loop.abandon()
        self.judge.eyes.close()

    def _post(self, to: Sequence[Host], document: Document) -> None:
        self.say(f"document {document.name} to {[h.name for h in to]}")
        for host in to:
            host.folder.waiting.append(document)
            host.arrived.set()

    def _use(self, roster: Roster) -> None:
        self._happens(Fault.ROSTER)
        in_world(self._ask(lambda host: host.app.use_roster(roster, "示例·录入")))

    # What fails

    def fault_of(self, kinds: tuple[Fault, ...]) -> Fault | None:
        """Which of these faults happens here and now; mostly none."""
        rates = self.storm.rates
        if not rates or self.now() > FAULTS_END:
            return None
        for kind in kinds:
            if kind in rates and self.chance.random() < rates[kind]:
                return self._happens(kind)
        return None

    def _happens(self, kind: Fault) -> Fault | None:
        if sum(self.hit.values()) >= AT_MOST:
            return None
        self.hit[kind] += 1
        self.say(f"FAULT {kind}")
        return kind

    def at_await(self, process: Process) -> None:
        """A process is about to run on from an await."""
        match self.fault_of(AT_AWAIT):
            case Fault.CRASH_AT_AWAIT:
                self.kill(next(h for h in self.hosts if h.process is process))
            case Fault.PAUSE_AT_AWAIT:
                self.loop.pause(process, self.chance.uniform(1, 300))
            case Fault.CLOCK:
                host = next(h for h in self.hosts if h.process is process)
                host.clock.off = self.chance.choice((0, self.chance.uniform(-120, 120), self.chance.uniform(-3, 3)))

    def kill(self, host: Host) -> None:
        """The process is gone; another starts after a while."""
        self.say(f"{host.name} dies")
        host.process.dead = True
        self.loop.call_later(
            self.chance.choice((0.5, self.chance.uniform(1, 150))), self._start, host, context=Context()
        )

    def _start(self, host: Host) -> None:
        self.say(f"{host.name} starts")
        try:
            host.start()
        except Exception as error:  # the database is away: the supervisor tries again
            self.failed(host, error)
            host.process.dead = True
            self.loop.call_later(5, self._start, host, context=Context())

    async def _outage(self, what: tuple[Fault, float, float]) -> None:
        kind, at, lasts = what
        await asyncio.sleep(at)
        self._happens(kind)
        if kind is Fault.DATABASE:
            self.down_until = self.now() + lasts
            self.judge.eyes.break_connections()
        else:
            self.far_end.down_until = self.now() + lasts

    def refuse_if_down(self) -> None:
        """What a process gets that asks for a connection; a story that asks for ever is ended."""
        self._asked += 1
        if self._asked > BUSY:
            self.judge.expect(bool(self.judge.broken), f"{BUSY} transactions, and no end")
            raise Killed
        if self.now() < self.down_until:
            raise gone()

    def committed(self, host: Host) -> None:
        """A transaction is durable: the judge looks, and the others will find out at their next beat."""
        if self.judge.look(host):
            for other in self.hosts:
                if not other.process.dead:
                    other.changed.set()

    def failed(self, host: Host, error: Exception) -> None:
        """A job of a process failed and was logged; it will be tried again."""
        self.errors[f"{type(error).__name__}: {str(error)[:80]}"] += 1
        self.say(f"{host.name} job failed: {error!r}"[:200])

    # People at the desk

    def some_host(self) -> Host | None:
        """A process that answers."""
        alive = [h for h in self.hosts if not h.process.dead]
        return self.chance.choice(alive) if alive else None

    async def _ask(self, work: Any) -> None:
        """Somebody does something through a process that answers, and tries again where it fails."""
        for _ in range(5):
            host = self.some_host()
            if host:
                done = in_process(host.process, _call(partial(work, host)))
                await asyncio.wait([done], timeout=30)
                if done.done() and not done.exception():
                    return
            await asyncio.sleep(10)

    async def _officer(self) -> None:
        """Takes items, closes some, confirms some for the person; sometimes two do the same."""
        while True:
            await asyncio.sleep(self.chance.uniform(20, 90) if self.now() < FAULTS_END else 5)
            items = self.judge.open_items()
            if items:
                await self._ask(partial(self._handle, item=self.chance.choice(items), roll=self.chance.random()))

    def _handle(self, host: Host, item: Any, roll: float) -> None:
        key, state = item[:5], item[5]
        store = host.app.store
        try:
            if roll < 0.2 and item[2]:
                args = {"county": county.COUNTY, "alert": item[1], "post": item[2], "officer": county.OFFICER}
                ACK.run(host.app, args)
            elif state == HumanCallState.OPEN:
                store.write(partial(attend.claim, key=key, officer=county.OFFICER))
            elif roll < 0.7:
                store.write(partial(attend.close, key=key, officer=county.OFFICER, outcome="示例：已电话联系"))
        except CalloutError:
            pass  # somebody was faster


async def _call(work: Any) -> Any:
    return work()
