"""Nothing that calls for work waits for the next beat: what comes in wakes the engine when it is durable."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from callout.app import App, World, build
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, MINUTE, later
from callout.domain.level import Hazard, Level
from callout.pipeline import approve
from callout.ports import InboundKind, Message, everywhere
from callout.scheduler import Job, Metronome
from callout.settings import Settings
from callout.simulation.ids import SeededIds
from callout.store.bell import hearing
from callout.store.database import Database
from tests.scenarios.field import BAIMA, COUNTY, GRID_1, Field, make_alert, open_field
from tests.scenarios.test_gauges import R1, read


def bell(field: Field) -> list[int]:
    """Grows whenever the engine would be woken."""
    rung: list[int] = []
    field.app.store.stirred = lambda: rung.append(len(rung))
    return rung


def test_what_lets_people_be_called_wakes_the_engine(field: Field) -> None:
    """A warning that goes out at once, and the word that lets one out; not one that waits for a word."""
    rung = bell(field)
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
    await metronome.stop(patience=60)


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


@pytest.mark.parametrize("settle", [True, False])
def test_an_answer_wakes_the_engine_and_so_does_word_that_nobody_was_reached(field: Field, settle: bool) -> None:
    """Whether it was understood as it came, or lies there: in a web process of its own."""
    field.alert(Level.ORANGE, areas=[BAIMA])
    text = field.to(GRID_1)[0][1].attempt
    rung = bell(field)
    field.come(InboundKind.RECEIPT, ReceiptKind.DELIVERED, text, settle=settle)
    assert rung == []
    field.come(InboundKind.RECEIPT, ReceiptKind.UNDELIVERED, text, settle=settle)
    assert rung == [0]
    field.reply(GRID_1, "1", settle=settle)
    assert rung == [0, 1]


def test_an_alarm_of_the_countys_own_gauges_wakes_the_engine(field: Field) -> None:
    rung = bell(field)
    read(field, R1, 1, settle=False)
    assert rung == []
    for _ in range(4):
        field.clock.advance(later(field.clock.now(), MINUTE))
        read(field, R1, 15, settle=False)
    assert rung


def test_an_answer_that_another_process_hears_stops_the_ladder_before_the_next_beat(migrated_postgres: str) -> None:
    """`callout web` hears it; the engine's own beat would come in an hour."""
    field = open_field(migrated_postgres)
    there = replace(field, app=office(field))
    field.alert(Level.ORANGE, areas=[BAIMA])

    async def story() -> None:
        heard, ready = asyncio.Event(), asyncio.Event()

        async def settle() -> None:
            await field.app.settle()
            if field.states()[GRID_1] == "answered":
                heard.set()

        metronome = Metronome([Job("beat", HOUR, settle)])
        metronome.start()

        def ring() -> None:
            metronome.wake("beat")
            ready.set()

        async with hearing(field.app.database.engine, ring):
            await ready.wait()
            there.reply(GRID_1, "1", settle=False)
            await heard.wait()
        await metronome.stop(patience=60)

    try:
        asyncio.run(asyncio.wait_for(story(), 60))
    finally:
        there.app.close()
        field.app.close()
