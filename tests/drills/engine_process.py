"""A real engine process that kills itself with SIGKILL at a chosen boundary, and goes on where it was killed.

    python -m tests.drills.engine_process CONFIG.json    one life
    python -m tests.drills.engine_process --serve        one forked life for each path on standard input

The phones' side lives in the journal, outside the database: what left the house, what was thanked for, how late it is.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from callout.app import App, Stage, World, build
from callout.domain.abilities import Abilities
from callout.domain.human_call import HumanCallState
from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind
from callout.pipeline import attend, plan
from callout.ports import Inbound, InboundKind, Message, Outcome, Submission, Summary, everywhere
from callout.settings import Settings
from callout.simulation.carrier import ABILITIES
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store import schema
from tests.drills import county
from tests.drills.boundaries import Inbox, Journal, Tripwire, WatchedDatabase

FILE = "callout.sqlite3"
MOMENTS_AT_MOST = 500
HANGS_AFTER_SECONDS = 60
SEAL_EVERY = 8
"""Moments between two seals."""


@dataclass(frozen=True)
class Phones:
    """The provider and the people; all that they know is in the journal."""

    clock: VirtualClock
    journal: Journal
    trip: Tripwire
    name: str = "drill"

    async def submit(self, message: Message) -> Submission:
        self.trip("submit: before bytes")
        end = await self._take(message)
        self.trip("submit: after return")
        return end

    async def _take(self, message: Message) -> Submission:
        to = county.serial(message.e164)
        if (to, message.channel) == county.TIMES_OUT:
            raise TimeoutError
        end = county.fate(to, message.channel)
        if end is not Outcome.REFUSED:
            self.journal.add(
                "bytes",
                now=self.clock.now(),
                attempt=message.attempt,
                e164=message.e164,
                channel=message.channel,
                answer=message.wants_answer,
                boundary=len(self.trip.passed) + 1,
            )
        self.trip("submit: after bytes")
        await asyncio.sleep(0)
        return Submission(end, ref=f"drill:{message.attempt}")

    def abilities(self, _: str) -> Abilities:
        return ABILITIES

    async def hang_up(self, attempt: str, _: str) -> None:
        self.journal.add("hung_up", now=self.clock.now(), attempt=attempt)
        self.trip("hang up: after telling")

    def coming(self) -> list[Inbound]:
        """What the people and the network have yet to say, with the instant of each; thanked-for events are over."""
        over = {event for line in self.journal.of("thanked") for event in line["events"]}
        cut = {line["attempt"]: line["now"] for line in self.journal.of("hung_up")}
        every = [event for line in self.journal.of("bytes") for event in _reactions(line)]
        return [e for e in every if e.event not in over and e.at <= cut.get(e.attempt, e.at)]


def _reactions(line: Mapping[str, Any]) -> list[Inbound]:
    to, channel = county.serial(line["e164"]), ChannelKind(line["channel"])
    return [
        Inbound(
            f"{line['attempt']}:{i}",
            r.kind,
            later(Instant(line["now"]), r.after),
            r.body,
            line["attempt"] if r.kind is not InboundKind.REPLY else "",
            line["e164"] if r.kind is InboundKind.REPLY else "",
        )
        for i, r in enumerate(county.reactions(to, channel))
        if line["answer"] or r.kind is InboundKind.RECEIPT
    ]


class SmallChunks(App):
    """The engine, with plan transactions so small that an alert needs several."""

    @property
    def stages(self) -> Mapping[str, Stage]:
        planning = plan.Planning(self.store, self.rulebooks, first=county.CHUNK, chunk=county.CHUNK)

        async def plan_once() -> Summary:
            return plan.run_once(planning)

        return {**super().stages, "plan": plan_once}


@dataclass
class Life:
    """One process from its start to its end."""

    app: App
    clock: VirtualClock
    phones: Phones
    folder: Path

    async def run(self) -> None:
        """Live until nothing is due any more."""
        at: Instant | None = self.clock.now()
        for moment in range(MOMENTS_AT_MOST):
            if at is None:
                self.app.seal()
                self.phones.journal.add("done", now=self.clock.now(), boundaries=self.phones.trip.passed)
                return
            self.clock.advance(Instant(max(at, self.clock.now())))
            self.phones.journal.add("moment", now=self.clock.now())
            await self._moment()
            if moment % SEAL_EVERY == SEAL_EVERY - 1:
                self.app.seal()
            at = self._next_at()
        raise AssertionError(f"{MOMENTS_AT_MOST} moments and no end in sight: {self.app.agenda()}")

    async def _moment(self) -> None:
        now = self.clock.now()
        for one in self._posted():
            if one.at <= now:
                (self.folder / "outgoing" / one.name).rename(self.folder / "inbox" / one.name)
        await self.app.stages["receive"]()
        self._hear(now)
        await self.app.settle()
        self._attend(now)

    def _hear(self, now: Instant) -> None:
        came = [e for e in self.phones.coming() if e.at <= now]
        if came:
            # Keys lie until the next beat, as what cannot be understood at once; all else is understood as it comes.
            self.app.take_in([e for e in came if e.kind is not InboundKind.KEY])
            self.app.store.accept([e for e in came if e.kind is InboundKind.KEY])
            self.phones.journal.add("thanked", now=now, events=[e.event for e in came])

    def _attend(self, now: Instant) -> None:
        for at, key in self._items():
            if at <= now:
                self.app.store.write(partial(attend.claim, key=key, officer=county.OFFICER))

    def _items(self) -> list[tuple[Instant, attend.ItemKey]]:
        """When the officer takes which item."""
        h = schema.human_call
        rows = self.app.database.read(
            lambda db: db.execute(select(h).where(h.c.state == HumanCallState.OPEN).order_by(h.c.opened_at)).all()
        )
        return [(later(r.opened_at, county.ATTENDS_AFTER), (r.county, r.alert, r.post, r.kind, r.about)) for r in rows]

    def _posted(self) -> Sequence[county.Incoming]:
        """Documents whose time has not come."""
        return [one for one in county.documents() if (self.folder / "outgoing" / one.name).exists()]

    def _next_at(self) -> Instant | None:
        known = [
            self.app.agenda().next_at(),
            *(e.at for e in self.phones.coming()),
            *(at for at, _ in self._items()),
            *(one.at for one in self._posted()),
        ]
        return min((at for at in known if at is not None), default=None)


def database_url(folder: Path) -> str:
    return f"sqlite:///{folder / FILE}"


def prepare(folder: Path) -> None:
    """The files that the first life starts from: rules and roster in force, documents waiting."""
    county.lay_out(folder, Settings().rules)
    world = World(VirtualClock(county.START), SeededIds(0), (), "actual")
    app = build(Settings(database_url=database_url(folder), rules=folder / "rules"), world)
    app.use_rules()
    app.use_roster(county.roster(), "示例·演练")
    app.close()


def begin(config: Mapping[str, Any]) -> Life:
    """A life in `folder`; `kills` holds the boundary at which each life ends, `down` the milliseconds between two."""
    folder = Path(config["folder"])
    journal = Journal(folder / "journal.jsonl")
    life = len(journal.of("life"))
    trip = Tripwire(config["kills"][life] if life < len(config["kills"]) else 0)
    last = max((line["now"] for line in journal.lines), default=county.START - config["down"])
    clock = VirtualClock(later(Instant(last), config["down"]))
    journal.add("life", now=clock.now())
    phones = Phones(clock, journal, trip)
    world = World(clock, SeededIds(1 + life), everywhere(phones), "actual")
    url = database_url(folder)
    made = build(Settings(database_url=url), world, WatchedDatabase(url, trip))
    app = SmallChunks(**{f.name: getattr(made, f.name) for f in fields(App)})
    app.sources.append(Inbox(folder / "inbox", trip))
    return Life(app, clock, phones, folder)


def live(path: Path) -> None:
    """One life, by its configuration file; whatever hangs is ended by SIGALRM."""
    signal.alarm(HANGS_AFTER_SECONDS)
    life = begin(json.loads(path.read_text(encoding="utf-8")))
    asyncio.run(life.run())
    life.app.close()


def serve() -> None:
    """A fresh process for each path on standard input: prints its id, then how it ended. Spares the imports."""
    gc.freeze()  # no life looks through what all of them share
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for the rest of this process
            live(Path(line.strip()))
            os._exit(0)
        print(pid, flush=True)  # noqa: T201 - this is what the caller reads
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201


if __name__ == "__main__":
    serve() if sys.argv[1] == "--serve" else live(Path(sys.argv[1]))
