"""An officer asks to be put through: what is kept of it, whatever the provider, the network or the process does."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.abilities import Abilities
from callout.domain.desk_call import DeskCallEvent, Leg, Side, written
from callout.domain.instant import MINUTE, later
from callout.pipeline.connect import Connecting, run_once
from callout.ports import Bridge, Inbound, InboundKind, Message, Outcome, Provider, Refusal, Submission, everywhere
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from callout.store.desk_calls import NewDeskCall
from tests.scenarios.field import COUNTY, DAY, GRID_1, VOICE, Field, number, open_field

OFFICER = "示例·值班员"


@dataclass
class Switch:
    """A provider that puts phones together as it is told."""

    end: Callable[[], Submission]
    name: str = "switch"
    placed: list[Bridge] = field(default_factory=list)

    def abilities(self, _: str) -> Abilities:
        return replace(ABILITIES, connects=True)

    async def submit(self, _: Message) -> Submission:
        raise NotImplementedError

    async def hang_up(self, attempt: str, ref: str) -> None:
        """Nothing rings here."""

    async def connect(self, bridge: Bridge) -> Submission:
        self.placed.append(bridge)
        return self.end()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Field]:
    field = open_field(f"sqlite:///{tmp_path}/desk.sqlite3", DAY)
    yield field
    field.app.close()


def ask(story: Field) -> str:
    [row] = story.rows(
        select(schema.number.c.id)
        .join(schema.personal, schema.personal.c.commitment == schema.number.c.commitment)
        .where(schema.personal.c.value == number(GRID_1).e164)
    )
    new = NewDeskCall((COUNTY, 0, GRID_1), row.id, "+9990000001", OFFICER, "actual")
    return str(story.app.store.write(lambda work: work.desk_calls.ask(new)).id)


def run(story: Field, end: Callable[[], Submission], *, providers: tuple[Provider, ...] | None = None) -> Switch:
    switch = Switch(end)
    chosen = everywhere(switch) if providers is None else providers
    asyncio.run(run_once(Connecting(story.app.store, chosen, story.clock)))
    return switch


def hear(story: Field, call: str, side: Side, leg: Leg) -> None:
    body, nth = written(side, leg), len(story.rows(schema.inbound.select()))
    story.app.take_in([Inbound(f"switch:{nth}", InboundKind.LEG, story.clock.now(), body, call)])


def row(story: Field) -> Any:
    [one] = story.rows(schema.desk_call.select())
    return one


def broken() -> Submission:
    raise ConnectionResetError


@pytest.mark.parametrize(("end", "state"), [
    (lambda: Submission(Outcome.ACCEPTED, ref="x1"), "placed"),
    (lambda: Submission(Outcome.REFUSED, reason="barred", kind=Refusal.CONTACT), "refused"),
    (lambda: Submission(Outcome.THROTTLED), "refused"),
    (broken, "unknown"),
])  # fmt: skip
def test_every_end_of_a_hand_over_is_kept_with_who_asked_and_when(story: Field, end: Any, state: str) -> None:
    call = ask(story)
    switch = run(story, end)
    assert switch.placed == [Bridge(call, "+9990000001", number(GRID_1).e164)]
    assert (row(story).state, row(story).asked_by, row(story).asked_at) == (state, OFFICER, story.clock.now())
    assert run(story, end).placed == []  # never twice
    assert [one.actor for one in story.audit("desk_call.asked")] == [OFFICER]
    assert number(GRID_1).e164 not in str(story.rows(schema.audit.select()))


def test_where_nobody_can_the_officer_is_told(story: Field) -> None:
    ask(story)
    run(story, broken, providers=everywhere(story.phones))
    assert (row(story).state, row(story).reason) == ("refused", "没有能先打给您、再接通对方的语音通道")


def test_news_of_the_two_phones_come_in_any_order_and_end_nothing_else(story: Field) -> None:
    call = ask(story)
    run(story, lambda: Submission(Outcome.ACCEPTED))
    hear(story, call, Side.OFFICER, Leg.TALKING)
    hear(story, call, Side.OFFICER, Leg.RINGING)
    hear(story, call, Side.PERSON, Leg.BUSY)
    hear(story, call, Side.PERSON, Leg.OVER)
    hear(story, "500156.nobody", Side.PERSON, Leg.OVER)
    assert (row(story).officer_leg, row(story).person_leg) == ("talking", "busy")
    assert len(story.audit("desk_call.heard")) == 2
    assert story.rows(schema.answer.select()) == []
    assert [leg.zh for leg in Leg] == [
        "振铃", "已接起", "通话结束", "占线", "无人接", "拒接", "空号", "接不通"
    ]  # fmt: skip


def test_a_phone_that_is_heard_of_proves_a_doubtful_call(story: Field) -> None:
    call = ask(story)
    run(story, broken)
    hear(story, call, Side.OFFICER, Leg.RINGING)
    assert row(story).state == "placed"


def test_what_a_dead_process_was_placing_is_in_doubt_and_not_placed_again(story: Field) -> None:
    ask(story)
    store = story.app.store
    begun = Submission(Outcome.UNKNOWN)

    def die(work: Any) -> None:
        [one] = work.desk_calls.due()
        work.desk_calls.move(one, DeskCallEvent.CALLING, begun, "switch")

    store.write(die)
    assert run(story, broken).placed == []
    story.clock.advance(later(story.clock.now(), 2 * MINUTE))
    assert run(story, broken).placed == []
    assert (row(story).state, row(story).reason) == ("unknown", "进程中断")


def test_another_process_that_was_first_places_it(story: Field) -> None:
    """Both have seen it asked for; one of them calls."""
    ask(story)

    class Twice(Switch):
        def abilities(self, number: str) -> Abilities:
            if row(story).state == "asked":
                story.app.store.write(lambda work: work.desk_calls.move(
                    work.desk_calls.due()[0], DeskCallEvent.CALLING, Submission(Outcome.UNKNOWN), "other"
                ))  # fmt: skip
            return super().abilities(number)

    slow = Twice(broken)
    asyncio.run(run_once(Connecting(story.app.store, everywhere(slow), story.clock)))
    assert slow.placed == []
    assert row(story).provider == "other"
    assert VOICE in everywhere(slow)[0].kinds
