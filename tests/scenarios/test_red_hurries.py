"""A red that comes while the engine works is served before everything that can wait."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import update

from callout.domain.instant import HOUR, later
from callout.domain.level import Hazard, Level
from callout.pipeline.send import FEW, Sender
from callout.ports import Ids, Message, Submission, everywhere
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.crowd import called, crowded, plan_on, planned
from tests.scenarios.field import BAIMA, JIANGKOU, Field, Phones, make_alert


@dataclass
class Stirring(Phones):
    """While this provider takes a call, or ends one, something comes in that cannot wait."""

    stir: Callable[[], None] = lambda: None

    async def submit(self, message: Message) -> Submission:
        self.stir()
        return await super().submit(message)

    async def hang_up(self, attempt: str, ref: str) -> None:
        self.stir()
        await super().hang_up(attempt, ref)


def test_a_red_that_comes_leaves_before_the_outcomes_of_others_are_on_record(field: Field) -> None:
    phones = Stirring(field.clock)
    field.app.sender = sender = Sender(replace(field.app.sender.sending, providers=everywhere(phones)))
    phones.stir = sender.hurry

    async def story() -> None:
        field.take_in(make_alert(field.clock.now(), Level.ORANGE, areas=[JIANGKOU]), settle=False)
        await field.app.stages["plan"]()
        await sender.run_once()
        field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA]), settle=False)
        await field.app.stages["plan"]()
        phones.stir = lambda: None
        await sender.run_once()

    asyncio.run(story())
    events = [(e.event, e.alert) for e in field.audit("attempt.submitting", "attempt.accepted")]
    assert events.index(("attempt.submitting", 2)) < events.index(("attempt.accepted", 1))
    assert {row.state for row in field.attempts()} == {"sent"}


def test_a_red_that_comes_while_calls_are_ended_is_called_before_more_is_claimed(field: Field) -> None:
    phones = Stirring(field.clock)
    field.app.sender = sender = Sender(replace(field.app.sender.sending, providers=everywhere(phones)))
    field.take_in(make_alert(field.clock.now(), Level.ORANGE, areas=[BAIMA]))
    field.app.database.write(lambda db: db.execute(update(schema.attempt).values(hang_up=1)))
    field.take_in(make_alert(field.clock.now(), Level.ORANGE, areas=[JIANGKOU], hazard=Hazard.LANDSLIDE), settle=False)
    phones.stir = sender.hurry

    async def story() -> int:
        await field.app.stages["plan"]()
        before = len(field.attempts())
        await sender.run_once()
        return len(field.attempts()) - before

    assert asyncio.run(story()) == 0
    assert phones.hung_up
    assert asyncio.run(story()) > 0


@dataclass
class StirringIds:
    """While something is claimed, something comes in that cannot wait."""

    ids: Ids
    stir: Callable[[], None]

    def attempt(self) -> str:
        self.stir()
        return self.ids.attempt()

    def salt(self) -> bytes:
        return self.ids.salt()


def test_a_red_that_comes_while_others_are_claimed_leaves_before_them(field: Field) -> None:
    """They are held once, and not again: a second red of that moment keeps nobody back any longer."""
    sending = field.app.sender.sending
    ids = StirringIds(sending.ids, lambda: None)
    field.app.sender = sender = Sender(replace(sending, ids=ids))
    ids.stir = sender.hurry

    async def story() -> None:
        field.take_in(make_alert(field.clock.now(), Level.ORANGE, areas=[JIANGKOU]), settle=False)
        await field.app.stages["plan"]()
        await sender.run_once()
        assert not field.audit("attempt.submitting")
        assert sender.busy
        assert sender.is_due
        field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA]), settle=False)
        await field.app.stages["plan"]()
        await sender.run_once()

    asyncio.run(story())
    alerts = [entry.alert for entry in field.audit("attempt.submitting")]
    assert alerts == sorted(alerts, reverse=True)
    assert set(alerts) == {1, 2}
    field.settle()
    assert not sender.busy


def test_after_long_work_the_sender_hears_what_came_in_meanwhile(field: Field) -> None:
    async def story() -> bool:
        asyncio.get_running_loop().call_soon(field.app.sender.hurry)
        return await field.app.sender._hears(began=0.0)

    assert asyncio.run(story())


def test_while_reds_leave_as_fast_as_they_can_no_more_of_them_are_worked_out(open_county: Opener) -> None:
    """Those who are open are called first; what is new begins all the same, and nobody is forgotten."""
    field = crowded(open_county, Level.RED, plan_all=False)
    opened = len(field.states())
    assert len(called(field)) == FEW
    plan_on(field)
    assert len(field.states()) == opened
    field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA], hazard=Hazard.LANDSLIDE), settle=False)
    plan_on(field)
    assert planned(field, 2) > 0
    assert len(field.states(1)) == opened
    field.settle()
    assert "to_call" not in field.states().values()
    assert len(field.states(1)) > opened


def test_reds_that_cannot_leave_keep_nobody_from_being_worked_out(open_county: Opener) -> None:
    field = crowded(open_county, Level.RED, plan_all=False)
    opened = len(field.states())
    field.app.sender.pressed = True  # and the sender is not asked again
    field.app.sender.fleet.rests_until = later(field.clock.now(), HOUR)
    field.settle()
    assert len(field.states()) > opened
