"""UNKNOWN, the outcome that nobody can vouch for, never delays and never ends a ladder; nor does a worker that dies."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from callout.domain.abilities import Abilities
from callout.domain.attempt import LEASE
from callout.domain.instant import SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.pipeline import escalate
from callout.pipeline.send import Ended, Fleet, Sender, claim, record
from callout.ports import Message, Outcome, Outgoing, Provider, Submission, everywhere
from tests.scenarios.baima import CALL, TEXT, only
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DEPUTY,
    DESK,
    GRID_1,
    LEADER_BAIMA,
    NIGHT,
    Field,
    Phones,
    Script,
    another,
    make_alert,
    number,
)

ANOTHER = "示例·另一进程"
NAMES: Mapping[ChannelKind, str] = {TEXT: "scripted", CALL: "scripted"}
ACCEPTED = Submission(Outcome.ACCEPTED)


def doubtful(serial: int, *channels: ChannelKind, fate: str = "unknown") -> Script:
    """Messages of these channels to this phone end as `fate`."""
    return lambda m: fate if m.e164 == number(serial).e164 and m.channel in channels else ""


def warned(field: Field, script: Script) -> list[tuple[int, ChannelKind]]:
    """白马 is warned while the lines behave as told; what reached GRID_1 and whoever was called for it, in order."""
    field.phones.script = script
    field.alert(Level.ORANGE, areas=[BAIMA])
    return [(serial, channel) for serial, channel in field.new() if serial in (GRID_1, DEPUTY)]


def attempts_to(field: Field, serial: int) -> list[tuple[str, str]]:
    """(channel, state) of every attempt to this person."""
    return [(a.channel, a.state) for a in field.attempts() if a.responder == serial and not a.notice]


@pytest.mark.parametrize("fate", ["unknown", "lost", "raise"])
def test_doubt_about_a_text_rings_at_once(field: Field, fate: str) -> None:
    """Whether the provider said nothing, lost it or broke off: orange takes the other channel in the same instant."""
    called = warned(field, doubtful(GRID_1, TEXT, fate=fate))
    assert called[-1] == (GRID_1, CALL)
    assert attempts_to(field, GRID_1) == [("sms", "unknown"), ("voice", "sent")]


def test_the_other_channel_is_no_repeat(field: Field) -> None:
    """The call after a doubtful text says nothing of repeating."""
    warned(field, doubtful(GRID_1, TEXT))
    assert "重复" not in field.last(GRID_1, CALL).text


def test_doubt_about_every_channel_repeats_once_and_then_asks_a_human_and_goes_on(field: Field) -> None:
    """Text, call, the same call marked as possibly repeated; then the officer knows and the deputy is called."""
    called = warned(field, doubtful(GRID_1, TEXT, CALL))
    assert called == [(GRID_1, TEXT), (GRID_1, CALL), (GRID_1, CALL), (DEPUTY, CALL)]
    first, second = [m.text for _, m in field.to(GRID_1) if m.channel is CALL]
    assert ("这个电话可能是重复的" in first, "这个电话可能是重复的" in second) == (False, True)
    assert "重复" not in field.last(DEPUTY, CALL).text
    assert field.human_calls() == [(GRID_1, "in_doubt")]


def test_a_repeated_text_is_marked_too(open_county: Opener) -> None:
    """At night the call comes first, so it is the text that is repeated."""
    field = open_county(start=NIGHT)
    called = warned(field, doubtful(GRID_1, TEXT, CALL))
    assert called == [(GRID_1, CALL), (GRID_1, TEXT), (GRID_1, TEXT), (DEPUTY, CALL)]
    assert ["（可能重复）" in m.text for _, m in field.to(GRID_1)] == [False, False, True]


def test_doubt_about_the_deputy_and_the_superior_ends_with_a_human(field: Field) -> None:
    """Nobody can vouch for anybody: the ladder is through, and the officer has it from the first minute."""
    field.phones.script = lambda m: "unknown" if m.wants_answer else ""
    field.alert(Level.ORANGE, areas=[BAIMA])
    assert field.states()[GRID_1] == "exhausted"
    assert {kind for post, kind in field.human_calls() if post == GRID_1} == {"in_doubt", "exhausted"}


@pytest.mark.parametrize(("level", "seconds"), [(Level.YELLOW, 300), (Level.BLUE, 600)])
def test_blue_and_yellow_keep_their_time_in_doubt(field: Field, level: Level, seconds: int) -> None:
    """They are not worth a call in the same second."""
    field.phones.script = doubtful(DESK, TEXT)
    field.alert(level, areas=[BAIMA])
    field.wait(seconds - 1)
    assert field.new() == [(DESK, TEXT)]
    field.wait(1)
    assert field.new() == [(DESK, CALL)]


@pytest.mark.parametrize("level", list(Level))
def test_what_was_refused_goes_on_at_once(field: Field, level: Level) -> None:
    """It was provably never sent, so there is nothing to wait for, at any level."""
    field.phones.script = doubtful(DESK, TEXT, fate="refused")
    field.alert(level, areas=[BAIMA])
    assert (DESK, CALL) in field.new()


def test_a_receipt_proves_that_a_doubtful_message_did_go_out(field: Field) -> None:
    """UNKNOWN becomes sent; the ladder has gone on meanwhile and is not turned back."""
    warned(field, doubtful(GRID_1, TEXT))
    field.receipt(GRID_1, "delivered")
    assert attempts_to(field, GRID_1) == [("sms", "sent"), ("voice", "sent")]


@dataclass
class Hanging:
    """A channel on which messages to one phone never come to an end."""

    phones: Phones
    stuck: str
    name: str = "hanging"

    async def submit(self, message: Message) -> Submission:
        if message.e164 == self.stuck:
            await asyncio.Event().wait()
        return await self.phones.submit(message)

    def abilities(self, e164: str) -> Abilities:
        return self.phones.abilities(e164)

    async def hang_up(self, attempt: str, ref: str) -> None:
        await self.phones.hang_up(attempt, ref)


class Hasty(asyncio.SelectorEventLoop):
    """An event loop whose timers can be made to run out, so that no test waits for them."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped


def test_a_hanging_hand_over_holds_nobody_back_and_is_unknown_after_the_timeout(field: Field) -> None:
    """Everybody else has the message meanwhile; then the one is rung."""
    texts = Hanging(field.phones, number(GRID_1).e164)
    providers = (Provider(texts, frozenset({TEXT})), *everywhere(field.phones))
    sender = Sender(replace(field.app.sender.sending, providers=providers))
    field.app.sender, loop = sender, Hasty()
    field.take_in(make_alert(field.clock.now(), areas=[BAIMA]), settle=False)

    async def story() -> None:
        await field.app.settle()
        assert [serial for serial, _ in field.new()] == [DESK, LEADER_BAIMA, 5]
        assert attempts_to(field, GRID_1) == [("sms", "submitting")]
        loop.skipped = sender.sending.timeout
        for _ in range(10):
            await asyncio.sleep(0)
        await sender.run_once()
        await field.app.settle()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(story())
    assert attempts_to(field, GRID_1) == [("sms", "unknown"), ("voice", "sent")]
    assert field.new() == [(GRID_1, CALL)]


def claimed_elsewhere(field: Field) -> list[Outgoing]:
    """Another process claims GRID_1's call, which is due now, and gets no further."""
    only(field, GRID_1)
    field.clock.advance(later(field.clock.now(), 90 * SECOND))
    escalate.run_once(escalate.Escalation(field.app.store))
    claimed = field.app.store.write(lambda work: claim(work, another(field, ANOTHER), 10))
    return [one for one, _ in claimed.going]


def submitting_elsewhere(field: Field) -> Outgoing:
    """It also commits that bytes are about to leave."""
    [one] = claimed_elsewhere(field)
    assert field.app.store.write(lambda work: work.sends.submitting([one.attempt], ANOTHER))
    return replace(one, attempt=one.attempt.submitted())


def recorded_elsewhere(field: Field, one: Outgoing, submission: Submission = ACCEPTED) -> None:
    """It wakes up and records what became of its hand-over."""
    field.app.store.write(
        lambda work: record(work, Fleet(()), [Ended(one, None, submission, Instant(work.at - LEASE))])
    )


def test_a_dead_claim_is_simply_sent_by_another_worker_after_the_lease(field: Field) -> None:
    """No byte had left: the same attempt goes out, once, unmarked."""
    claimed_elsewhere(field)
    field.wait(29)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(GRID_1, CALL)]
    assert attempts_to(field, GRID_1) == [("sms", "sent"), ("voice", "sent")]
    assert "重复" not in field.last(GRID_1, CALL).text


def test_whoever_alone_may_write_waits_for_no_lease_of_a_dead_process(field: Field) -> None:
    """A restart on SQLite: what was claimed goes out at once, what was being handed over is in doubt at once."""
    submitting_elsewhere(field)
    assert field.app.store.write(lambda work: work.sends.orphan()) == 1
    field.settle()
    assert field.new() == [(GRID_1, CALL)]
    assert attempts_to(field, GRID_1) == [("sms", "sent"), ("voice", "unknown"), ("voice", "sent")]
    assert field.app.store.write(lambda work: work.sends.orphan()) == 0


def test_a_dead_claim_of_somebody_who_has_answered_is_not_sent(field: Field) -> None:
    """The lease ends, and nobody waits for it any more."""
    claimed_elsewhere(field)
    field.reply(GRID_1, "1")
    field.wait(30)
    assert field.new() == []
    assert attempts_to(field, GRID_1) == [("sms", "sent"), ("voice", "withdrawn")]


def test_a_dead_hand_over_is_unknown_after_the_lease(field: Field) -> None:
    """Bytes may have left: the next try is marked as a possible repeat, not silently sent again."""
    submitting_elsewhere(field)
    field.wait(29)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(GRID_1, CALL)]
    assert "这个电话可能是重复的" in field.last(GRID_1, CALL).text
    assert attempts_to(field, GRID_1) == [("sms", "sent"), ("voice", "unknown"), ("voice", "sent")]


def test_a_paused_worker_that_still_holds_its_claim_may_not_submit_after_another_took_it(field: Field) -> None:
    """Only the owner submits."""
    [one] = claimed_elsewhere(field)
    field.wait(30)
    field.new()
    assert not field.app.store.write(lambda work: work.sends.submitting([one.attempt], ANOTHER))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_worker_that_records_late_cannot_revive_an_answered_ladder(field: Field, outcome: Outcome) -> None:
    """The answer came while it slept: whatever it records, nobody is called again."""
    one = submitting_elsewhere(field)
    field.reply(GRID_1, "1")
    recorded_elsewhere(field, one, Submission(outcome))
    field.wait(600)
    assert field.new() == []
    assert (field.callout(GRID_1).state, field.callout(GRID_1).next_at) == ("answered", None)


def test_a_worker_that_records_after_it_was_given_up_changes_nothing(field: Field) -> None:
    """Its attempt is UNKNOWN by then, and the ladder has gone another way."""
    one = submitting_elsewhere(field)
    field.wait(30)
    before = field.callout(GRID_1)
    recorded_elsewhere(field, one)
    assert attempts_to(field, GRID_1)[1] == ("voice", "unknown")
    assert field.callout(GRID_1) == before
