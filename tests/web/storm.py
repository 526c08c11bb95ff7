"""A night with some hundred people behind simulated phones, stopped while much is under way."""

from datetime import datetime
from pathlib import Path

from callout.app import World, build
from callout.domain.instant import BEIJING, MINUTE, Instant, instant, later
from callout.pipeline.receive import receive
from callout.ports import Document, everywhere
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from tests.pipeline.night import STORM
from tests.scenarios.field import AlertReader, Field, Phones
from tests.web.room import Room

BEGINS = Instant(1_785_673_077_000)


def storm(folder: Path, people: int = 150) -> Room:
    """The duty room at 03:46, two minutes after orange came."""
    clock = VirtualClock(BEGINS)
    carrier = Carrier(clock, 7)
    settings = Settings(database_url=f"sqlite:///{folder}/storm.sqlite3")
    app = build(settings, World(clock, SeededIds(7), everywhere(carrier), "demo"))
    rulebook = app.use_rules()
    app.use_roster(roster_sample(rulebook.county, people, 7, rulebook), "合成")
    field = Field(app, clock, Phones(clock), AlertReader())

    def hear() -> None:
        app.store.accept(carrier.due(clock.now()))

    def run(minutes: float) -> None:
        until = later(clock.now(), int(minutes * MINUTE))
        while clock.now() < until:
            clock.advance(min(until, later(clock.now(), 5_000)))
            hear()
            field.settle()

    field.settle()
    clock.advance(instant(datetime(2026, 8, 2, 23, 2, 40, tzinfo=BEIJING)))
    receive(app.intake, Document("02.xml", "test", (STORM / "02-yellow.xml").read_bytes()))
    run(8)
    clock.advance(instant(datetime(2026, 8, 3, 3, 43, 50, tzinfo=BEIJING)))
    receive(app.intake, Document("03.xml", "test", (STORM / "03-orange.xml").read_bytes()))
    run(2)
    return Room(field)
