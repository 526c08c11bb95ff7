"""A red warning is called at once, whatever else is on its way: it wakes the engine, and nothing holds its place."""

import asyncio
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select

from callout.cli.housekeeping import Sealing
from callout.domain.area import County
from callout.domain.instant import later
from callout.domain.level import Hazard, Level
from callout.domain.pace import WINDOW
from callout.domain.rule import Rulebook
from callout.pipeline import plan
from callout.pipeline.send import FEW, Sender
from callout.ports import Message, Submission, everywhere
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.crowd import VACANT, called, crowded, plan_on, planned
from tests.scenarios.field import (
    BAIMA,
    JIANGKOU,
    LEADER_BAIMA,
    Field,
    Phones,
    make_alert,
)


@dataclass
class Silent(Phones):
    """A provider that never says anything."""

    async def submit(self, message: Message) -> Submission:
        self.got.append((self.clock.now(), message))
        return await asyncio.Future()


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

    assert asyncio.run(asyncio.wait_for(story(), 60)) == ["submitting"] * 4
    assert {m.meaning.level for _, m in phones.got} == {Level.RED}


def test_no_more_is_claimed_at_once_than_a_red_may_wait_for(open_county: Opener) -> None:
    """Many are due and there are slots for all: they go in windows, one after another."""
    field = crowded(open_county, Level.ORANGE)
    assert len(called(field)) == WINDOW
    field.settle()
    assert "to_call" not in field.states().values()


def test_a_superior_hears_of_all_at_once_who_have_nobody_else_and_takes_along_nobody_who_has(
    open_county: Opener,
) -> None:
    """Two posts are vacant, so their calls are one for the leader: of the crowd under that leader it claims nobody."""
    field = crowded(open_county, Level.ORANGE)
    assert set(VACANT) <= set(called(field))
    asyncio.run(field.app.sender.run_once())
    [told] = [m for _, m in field.to(LEADER_BAIMA) if m.meaning.silent]
    assert len(told.meaning.silent) == len(VACANT)
    assert len(called(field)) <= 2 * WINDOW


def test_the_first_of_a_red_leave_before_the_words_of_many_are_found(open_county: Opener) -> None:
    field = crowded(open_county, Level.RED)
    assert len(called(field)) == FEW
    assert len(called(field)) == len(field.states())  # all others: the next look finds nobody new before them


def test_the_first_of_the_next_red_leave_first_again(open_county: Opener) -> None:
    """No blue was claimed in between, and the crowd before it has been called."""
    field = crowded(open_county, Level.RED)
    while "to_call" in field.states().values():
        called(field)
    field.take_in(make_alert(field.clock.now(), Level.RED, hazard=Hazard.LANDSLIDE), settle=False)
    while plan_on(field):
        pass
    asyncio.run(field.app.sender.run_once())
    assert list(field.states(2).values()).count("waiting") == FEW


def test_many_reds_at_once_are_called_from_the_first_ones_on(field: Field) -> None:
    """Ten warnings have come; those called first need not wait until all ten are worked out."""
    planning = plan.Planning(field.app.store, field.app.rulebooks, alerts=3)
    for n in range(10):
        field.take_in(make_alert(field.clock.now(), Level.RED, identifier=f"示例-{n}", areas=[BAIMA]), settle=False)
    opened = []
    for _ in range(3):
        plan.run_once(planning)
        opened.append(len([alert for alert in range(1, 11) if planned(field, alert)]))
    assert opened == [3, 3, 6]
    while plan.run_once(planning).moved:
        pass
    assert all(planned(field, alert) for alert in range(1, 11))


@pytest.mark.parametrize("turns", [1, 4])
def test_what_has_come_ends_the_wait_for_hand_overs(field: Field, turns: int) -> None:
    """A provider that says nothing, and a sender that would wait for it as long as the test lasts: it has just begun
    to wait, or waits already."""
    field.app.sender = Sender(replace(field.app.sender.sending, providers=everywhere(Hanging(field.clock))))
    field.app.sender.hurry()  # nobody waits yet
    field.take_in(make_alert(field.clock.now(), Level.ORANGE, areas=[BAIMA]), settle=False)

    async def story() -> None:
        await field.app.stages["plan"]()
        await field.app.sender.run_once()
        waiting = asyncio.create_task(field.app.sender._breathe(3600))
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.to_thread(field.app.sender.hurry)
        await asyncio.wait_for(waiting, field.app.sender.sending.timeout / 2)

    asyncio.run(story())
    field.app.sender.hurry()  # the loop is closed


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


def unsealed(field: Field) -> int:
    sealed = field.rows(select(func.coalesce(func.sum(schema.seal.c.count), 0)))[0][0]
    return len(field.rows(select(schema.audit.c.id))) - int(sealed)


def test_what_has_come_in_is_served_before_anything_is_sealed(field: Field) -> None:
    sealing, left = Sealing(field.app), list[int]()
    field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA]), settle=False)
    field.app.sender.hurry()
    for _ in range(2):
        asyncio.run(sealing.run_once())
        left.append(unsealed(field))
        field.settle()
    assert left[0] > 0
    assert left[1] == 0


def test_sealing_waits_a_second_while_reds_leave_and_no_longer(field: Field) -> None:
    """A thousand reds write thirteen thousand entries; chaining them is put off until the calls are out."""
    phones, sealing = Silent(field.clock), Sealing(field.app)
    field.app.sender = Sender(replace(field.app.sender.sending, providers=everywhere(phones)))

    async def story() -> list[int]:
        await sealing.run_once()
        field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA]), settle=False)
        beating = asyncio.create_task(field.app.settle())
        while not phones.got:
            await asyncio.sleep(0)
        left = []
        for wait in (0, 999, 1):
            field.clock.advance(later(field.clock.now(), wait))
            await sealing.run_once()
            left.append(unsealed(field))
        beating.cancel()
        return left

    at_first, still, then = asyncio.run(asyncio.wait_for(story(), 60))
    assert at_first > 0
    assert still == at_first
    assert then == 0
