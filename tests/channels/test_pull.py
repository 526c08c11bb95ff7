"""A closed network: Twilio cannot call in. Receipts, replies and the ends of calls are fetched, over real HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.instant import MINUTE, later
from callout.pipeline import reconcile
from callout.ports import Outcome, Pulls
from callout.simulation.people import Temperament
from callout.simulation.twilio.options import Fault, Limits, Troubles
from callout.store import schema
from tests.channels.desk import message
from tests.channels.lines import SENDER, VOICE, Lines, phone, tell
from tests.scenarios.field import BAIMA, GRID_1, NIGHT

CLOSED: dict[str, Any] = {"sms": {"pull": True}, "voice": {"pull": True}, "inbound": "", "reach": {}}


async def fetch(lines: Lines) -> None:
    """What `callout serve` does every few seconds."""
    world = lines.app.world
    events = [e for p in world.providers if isinstance(p.channel, Pulls) for e in await p.channel.poll()]
    lines.app.take_in(events)
    await lines.app.settle()


async def look(lines: Lines) -> None:
    """And this: what a slow machine made doubtful is looked for."""
    world = lines.app.world
    await reconcile.run_once(reconcile.Reconciling(lines.app.store, world.providers, world.clock, world.ear))


async def until(lines: Lines, holds: Callable[[], object]) -> None:
    """Beat and fetch until it holds."""
    beaten = 0

    def now() -> object:
        nonlocal beaten
        beaten += 1
        return beaten % 5 == 0

    while not holds():
        await lines.until(now)
        await fetch(lines)
        await look(lines)


async def warned(lines: Lines) -> None:
    lines.alert(areas=[BAIMA])
    await until(lines, lambda: [a for a in lines.attempts(GRID_1) if a[:2] == ("sms", "sent")])


def first(lines: Lines) -> tuple[str, str, str]:
    return next(iter(lines.attempts(GRID_1)), ("", "", ""))


def asked(lines: Lines) -> list[str]:
    """Kinds of what the carrier was told to call; nothing may be."""
    return [key for key in lines.carrier.network.tally.counts if key.startswith("hook")]


def test_a_reply_and_a_receipt_are_fetched_once_each(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        lines.say(GRID_1, "收到")
        await until(lines, lambda: lines.state(GRID_1) == "answered")
        assert lines.answers(GRID_1) == [("acknowledged", "reply")]
        await until(lines, lambda: first(lines) == ("sms", "sent", "delivered"))
        events = [r.event for r in lines.rows(select(schema.inbound.c.event))]
        assert len(events) == len(set(events))
        await fetch(lines)
        assert lines.answers(GRID_1) == [("acknowledged", "reply")]
        assert asked(lines) == []

    tell(tmp_path, story, **CLOSED)


def test_a_text_that_was_not_delivered_moves_the_ladder(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        await until(lines, lambda: "voice" in [a[0] for a in lines.attempts(GRID_1)])
        assert first(lines) == ("sms", "sent", "filtered")

    tell(tmp_path, story, undelivered={phone(GRID_1): 30007}, speed=20.0, **CLOSED)


@pytest.mark.parametrize(("word", "out"), [("STOP", 1), ("unsubscribe", 1)])
def test_stop_is_fetched_with_the_words_that_twilio_obeys(tmp_path: Path, word: str, out: int) -> None:
    async def story(lines: Lines) -> None:
        n = schema.number
        opted_out = select(n.c.id).where(n.c.opted_out == 1)
        await warned(lines)
        lines.say(GRID_1, word)
        await until(lines, lambda: len(lines.rows(opted_out)) == out)
        lines.say(GRID_1, "START")
        await until(lines, lambda: not lines.rows(opted_out))

    tell(tmp_path, story, **CLOSED)


def test_what_ends_before_it_was_sent_is_asked_for_by_itself(tmp_path: Path) -> None:
    """A text that waited too long in the sender's queue has no date, and stands in no list by date."""

    async def story(lines: Lines) -> None:
        sms, now = lines.app.world.providers[0].channel, lines.app.world.clock.now()
        assert isinstance(sms, Pulls)
        for attempt in ("500156.first", "500156.second"):
            text = replace(message(attempt, phone(GRID_1)), at=now, expires_at=later(now, 2 * MINUTE), sender=SENDER)
            assert (await sms.submit(text)).outcome is Outcome.ACCEPTED
        told: set[tuple[str, str]] = set()
        async with asyncio.timeout(60):
            while ("500156.second", "expired") not in told:
                told |= {(one.attempt, one.body) for one in await sms.poll()}
                await asyncio.sleep(0.05)

    tell(tmp_path, story, limits=Limits(segments=0.001), **CLOSED)


def test_after_a_restart_receipts_find_their_attempts(tmp_path: Path) -> None:
    """Twilio names its own id only; ours is on record with it."""

    async def story(lines: Lines) -> None:
        await warned(lines)
        for one in lines.app.world.providers:
            vars(one.channel)["_known"].clear()
        await until(lines, lambda: first(lines) == ("sms", "sent", "delivered"))

    tell(tmp_path, story, speed=30.0, **CLOSED)


def test_a_text_in_doubt_is_proved_and_then_its_receipt_is_believed(tmp_path: Path) -> None:
    """The receipt was fetched before anybody knew whose it was: it waits, and counts when the sweep has told."""

    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: first(lines)[1] == "unknown")
        i = schema.inbound
        waiting = select(i.c.event).where(i.c.state == "unmatched", i.c.body == "delivered")
        texts = len([a for a in lines.rows(select(schema.attempt)) if a.channel == "sms"])
        while len(lines.rows(waiting)) < texts:
            await fetch(lines)
        assert first(lines)[1] == "unknown"
        await look(lines)
        await lines.until(lambda: first(lines) == ("sms", "sent", "delivered"))

    tell(tmp_path, story, troubles=Troubles(requests={Fault.BROKEN: 1.0}), **CLOSED)


@pytest.mark.parametrize(
    ("person", "receipt"),
    [(Temperament.DEAD, "failed"), (Temperament.SILENT, "no_reply"), (Temperament.PROMPT, "heard_part")],
)
def test_the_end_of_a_call_is_fetched(tmp_path: Path, person: Temperament, receipt: str) -> None:
    """Nobody can press a key in time for us, so the call does not ask for one, and picking up is no answer."""

    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await until(lines, lambda: first(lines) == ("voice", "sent", receipt))
        assert lines.answers(GRID_1) == []
        said = str(lines.carrier.network.tally.journal(phone(GRID_1)))
        assert "按1" not in said
        assert receipt != "heard_part" or "不能按键答复" in said

    tell(tmp_path, story, cast={GRID_1: person}, start=NIGHT, **CLOSED)


def test_a_voicemail_is_a_failed_step(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        await until(lines, lambda: (VOICE.value, "sent", "machine") in lines.attempts(GRID_1))
        assert lines.answers(GRID_1) == []

    tell(tmp_path, story, voicemail=1.0, **CLOSED)


def test_what_cannot_come_back_is_not_promised(tmp_path: Path) -> None:
    """`callout doctor` and `callout rules check` go by this: no ladder may rely on a key here."""

    async def story(lines: Lines) -> None:
        sms, voice = (p.channel.abilities(phone(GRID_1)) for p in lines.app.world.providers)
        assert (sorted(sms.answers), sms.receipts) == (["reply"], "pull")
        assert (sorted(voice.answers), voice.receipts) == ([], "pull")

    tell(tmp_path, story, **CLOSED)
