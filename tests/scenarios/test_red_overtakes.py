"""A red warning is called at once, whatever else is on its way: it wakes the engine, and nothing holds its place."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest

from callout.app import App, World, build
from callout.domain.area import County
from callout.domain.instant import HOUR, MINUTE
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post
from callout.domain.rule import Rulebook
from callout.pipeline import approve, plan
from callout.pipeline.send import WINDOW, Sender
from callout.ports import Message, Submission, everywhere
from callout.scheduler import Job, Metronome
from callout.settings import Settings
from callout.simulation.ids import SeededIds
from callout.store.bell import hearing
from callout.store.database import Database
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    JIANGKOU,
    Field,
    Phones,
    make_alert,
    open_field,
    person,
    standard_roster,
)


@dataclass
class Hanging(Phones):
    """A provider that takes red, and never says anything about the rest."""

    async def submit(self, message: Message) -> Submission:
        if message.meaning.level is not Level.RED:
            await asyncio.Event().wait()
        return await super().submit(message)


def test_red_has_slots_that_nothing_else_may_hold(field: Field) -> None:
    """Four slots, all four with a provider that hangs: the red goes out beside them."""
    phones = Hanging(field.clock)
    field.app.sender = Sender(replace(field.app.sender.sending, slots=4, providers=everywhere(phones)))

    async def story() -> list[str]:
        field.take_in(make_alert(field.clock.now(), Level.ORANGE), settle=False)
        beating = asyncio.create_task(field.app.settle())
        while len(field.attempts()) < 4:
            await asyncio.sleep(0)
        field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA], hazard=Hazard.LANDSLIDE), settle=False)
        while len(phones.got) < 4:
            await asyncio.sleep(0)
        beating.cancel()
        return [row.state for row in field.attempts() if row.alert == 1]

    assert asyncio.run(asyncio.wait_for(story(), 20)) == ["submitting"] * 4
    assert {m.meaning.level for _, m in phones.got} == {Level.RED}


def test_no_more_is_claimed_at_once_than_a_red_may_wait_for(open_county: Opener) -> None:
    """Many are due and there are slots for all: they go in windows, one after another."""
    standard, crowd = standard_roster(), range(100, 100 + WINDOW + 6)
    posts = [Post(n, BAIMA, "网格员", f"示例·网格员{n}", n) for n in crowd]
    people = (*standard.responders, *map(person, crowd))
    field = open_county(roster=standard_roster(posts=(*standard.posts, *posts), responders=people))
    field.take_in(make_alert(field.clock.now(), Level.ORANGE), settle=False)

    async def story() -> int:
        while (await field.app.stages["plan"]()).moved:
            pass
        await field.app.sender.run_once()
        return len([state for state in field.states().values() if state == "waiting"])

    first = asyncio.run(story())
    assert first == WINDOW
    field.settle()
    assert "to_call" not in field.states().values()


def planned(field: Field, alert: int) -> int:
    """How many callouts of the alert are open."""
    return len(field.states(alert))


def test_a_red_is_opened_before_the_rest_of_a_blue(field: Field) -> None:
    """Half of the blue is worked out when the red comes: it goes on when the red is whole."""
    planning = plan.Planning(field.app.store, field.app.rulebooks, first=1, chunk=1)
    field.take_in(make_alert(field.clock.now(), Level.ORANGE), settle=False)
    plan.run_once(planning)
    assert planned(field, 1) == 1
    field.take_in(make_alert(field.clock.now(), Level.RED, hazard=Hazard.LANDSLIDE), settle=False)
    opened = [(plan.run_once(planning), planned(field, 2), planned(field, 1))[1:] for _ in range(6)]
    assert opened == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)]
    while plan.run_once(planning).moved:
        pass
    assert (planned(field, 2), planned(field, 1)) == (6, 6)


def test_a_red_that_cannot_be_planned_holds_up_no_blue(field: Field) -> None:
    rules = Broken(field)
    planning = plan.Planning(field.app.store, rules, first=1, chunk=1)
    field.take_in(make_alert(field.clock.now(), Level.ORANGE, areas=[JIANGKOU]), settle=False)
    plan.run_once(planning)
    rules.broken = True
    field.take_in(make_alert(field.clock.now(), Level.RED, hazard=Hazard.LANDSLIDE), settle=False)
    while planned(field, 1) < 2:
        with pytest.raises(RuntimeError):
            plan.run_once(planning)
    assert field.human_calls() == [(0, "fault")]


@dataclass
class Broken:
    """Rules that cannot be had any more."""

    field: Field
    broken: bool = False

    def get(self, county: str, version: str) -> Rulebook:
        if self.broken:
            raise RuntimeError
        return self.field.app.rulebooks.get(county, version)

    def counties(self) -> list[County]:
        return self.field.app.rulebooks.counties()


def test_what_lets_people_be_called_wakes_the_engine(field: Field) -> None:
    """A warning that goes out at once, and the word that lets one out; not one that waits for a word."""
    rung: list[int] = []
    field.app.store.stirred = lambda: rung.append(len(rung))
    field.take_in(make_alert(field.clock.now(), Level.ORANGE), settle=False)
    assert rung == [0]
    intake = field.app.intake
    counties = [replace(county, confirm={Level.RED: 5 * MINUTE}) for county in intake.counties()]
    field.app.intake = replace(intake, counties=lambda: counties)
    field.take_in(make_alert(field.clock.now(), Level.RED, hazard=Hazard.LANDSLIDE), settle=False)
    assert rung == [0]
    field.app.store.write(lambda work: approve.confirm(work, COUNTY, 2, "示例·值班员"))
    assert rung == [0, 1]


async def called_by(field: Field, take_in: Callable[[], object]) -> None:
    """Until a phone has rung; the engine's own beat would come in an hour."""
    rung, ready = asyncio.Event(), asyncio.Event()

    def takes(_: Message) -> str:
        rung.set()
        return ""

    field.phones.script = takes
    metronome = Metronome([Job("beat", HOUR, field.app.settle)])
    wake = field.app.store.stirred = partial(metronome.wake, "beat")
    metronome.start()

    def ring() -> None:
        wake()
        ready.set()

    async with hearing(field.app.database.engine, ring):
        if field.app.database.engine.dialect.name == "postgresql":
            await ready.wait()
        take_in()
        await rung.wait()
    await metronome.stop(patience=10)


def test_a_warning_that_comes_in_is_called_before_the_next_beat(field: Field) -> None:
    alert = make_alert(field.clock.now(), Level.RED)
    asyncio.run(asyncio.wait_for(called_by(field, lambda: field.take_in(alert, settle=False)), 30))
    assert field.phones.got


def test_a_warning_that_another_process_takes_in_is_called_before_the_next_beat(migrated_postgres: str) -> None:
    """`callout web`, `callout receive`: PostgreSQL tells the engine."""
    field = open_field(migrated_postgres)
    there = replace(field, app=office(field))
    alert = make_alert(field.clock.now(), Level.RED)
    try:
        asyncio.run(asyncio.wait_for(called_by(field, lambda: there.take_in(alert, settle=False)), 30))
    finally:
        there.app.close()
        field.app.close()
    assert field.phones.got


def office(field: Field) -> App:
    """Another process's App on the same database."""
    url = field.app.database.url
    world = World(field.clock, SeededIds(7), everywhere(field.phones), "actual")
    app = build(Settings(database_url=url), world, Database(url))
    app.intake = replace(app.intake, reader=field.reader)
    return app
