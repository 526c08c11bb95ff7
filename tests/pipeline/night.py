"""One county in memory with an orange alert whose callouts are open, on a clock that stands still."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from callout.app import App, World, build
from callout.domain.answer import Grade
from callout.domain.callout import CalloutKey
from callout.domain.hearing import Heard
from callout.domain.instant import MINUTE, Instant, later
from callout.domain.ladder import Target
from callout.pipeline.receive import receive
from callout.ports import Document, InboundKind, InboundRow, everywhere
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.steps import callouts
from callout.store.store import Work

STORM = Path(__file__).parents[2] / "callout" / "rehearsal" / "storms" / "wulong-2026-08"
COUNTY, ALERT = "500156", 1


@dataclass(slots=True)
class Night:
    app: App
    clock: VirtualClock
    carrier: Carrier

    def settle(self, minutes: int = 0) -> None:
        """Let minutes pass in which no phone gives anything back."""
        until = later(self.clock.now(), minutes * MINUTE)
        asyncio.run(self.app.settle())
        while (at := self.app.agenda().next_at()) is not None and at <= until:
            self.clock.advance(Instant(max(at, self.clock.now())))
            asyncio.run(self.app.settle())
        self.clock.advance(until)

    def receive(self, name: str) -> None:
        receive(self.app.intake, Document(name, "test", (STORM / name).read_bytes()))

    def column(self, name: str, post: int, alert: int = ALERT) -> object:
        """One value of a callout row."""
        c = schema.callout
        return self.app.database.read(
            lambda db: db.execute(
                select(c.c[name]).where(c.c.alert == alert, c.c.post == post, c.c.round == 0)
            ).scalar_one()
        )

    def posts(self, state: str, alert: int = ALERT) -> list[int]:
        """Posts of the alert whose callout is in `state`."""
        c = schema.callout
        return list(
            self.app.database.read(
                lambda db: (
                    db.execute(
                        select(c.c.post)
                        .where(c.c.alert == alert, c.c.round == 0, c.c.state == state)
                        .order_by(c.c.post)
                    )
                    .scalars()
                    .all()
                )
            )
        )


def night(people: int = 60) -> Night:
    """The night of the storm, right before its first message."""
    clock = VirtualClock(Instant(1_785_673_077_000))
    carrier = Carrier(clock, 7)
    settings = Settings(database_url="sqlite://")
    app = build(settings, World(clock, SeededIds(7), everywhere(carrier), "demo"))
    rulebook = app.use_rules()
    app.use_roster(roster_sample(rulebook.county, people, 7, rulebook), "合成")
    return Night(app, clock, carrier)


def heard(work: Work, post: int, alert: int = ALERT) -> Heard:
    """A callout as an officer heard of it."""
    c = schema.callout
    key = CalloutKey(COUNTY, alert, post, 0)
    row = work.ledger.connection.execute(
        select(c).where(c.c.county == key.county, c.c.alert == key.alert, c.c.post == key.post, c.c.round == 0)
    ).one()
    grade = Grade(row.grade) if row.grade else None
    return Heard(callouts([row])[0], "", Target.HOLDER, False, work.at, "", grade)


def by_phone(at: Instant) -> InboundRow:
    """What the officer heard."""
    return InboundRow("human:1", InboundKind.KEY, "", 0, "电话", "", at, 0)
