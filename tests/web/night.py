"""The night of 武隆 in the duty room: real documents, a simulated carrier with people behind it, movable time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callout.app import World, build
from callout.domain.instant import BEIJING, MINUTE, Instant, instant, later
from callout.pipeline.receive import receive
from callout.ports import Document, everywhere
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from tests.pipeline.night import STORM
from tests.scenarios.field import AlertReader, Field, Phones
from tests.scenarios.sites import sites_and_a_school
from tests.web.room import Room

CAME = {
    "01-blue.xml": datetime(2026, 8, 2, 20, 18, 10, tzinfo=BEIJING),
    "02-yellow.xml": datetime(2026, 8, 2, 23, 2, 40, tzinfo=BEIJING),
    "03-orange.xml": datetime(2026, 8, 3, 3, 43, 50, tzinfo=BEIJING),
}
"""When each of the three messages came in."""


@dataclass
class Night:
    """One night, told step by step."""

    room: Room
    carrier: Carrier
    clock: VirtualClock

    def comes(self, name: str) -> None:
        """A message comes in at its time."""
        self.clock.advance(max(self.clock.now(), instant(CAME[name])))
        receive(self.room.field.app.intake, Document(name, "test", (STORM / name).read_bytes()))
        self.passes(0.1)

    def passes(self, minutes: float) -> None:
        """Phones ring and people answer, or do not."""
        until = later(self.clock.now(), int(minutes * MINUTE))
        while True:
            self.room.field.app.store.accept(self.carrier.due(self.clock.now()))
            self.room.field.settle()
            if self.clock.now() >= until:
                break
            self.clock.advance(min(until, later(self.clock.now(), 5_000)))

    def seals(self) -> None:
        """What has been written is chained."""
        self.clock.advance(later(self.clock.now(), MINUTE))
        self.room.field.app.seal()


def wulong(folder: Path, seed: int = 7) -> Night:
    """The county with building sites and a school, before the first message."""
    clock = VirtualClock(Instant(instant(CAME["01-blue.xml"]) - MINUTE))
    carrier = Carrier(clock, seed)
    settings = Settings(database_url=f"sqlite:///{folder}/night.sqlite3")
    app = build(settings, World(clock, SeededIds(seed), everywhere(carrier), "demo"))
    app.use_rules()
    app.use_roster(sites_and_a_school(), "合成")
    return Night(Room(Field(app, clock, Phones(clock), AlertReader())), carrier, clock)
