import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Inbound, InboundKind, Message, Outcome, Submission
from callout.simulation.carrier import Carrier, Fault, Faults, Submitted
from callout.simulation.clock import VirtualClock
from callout.simulation.people import Contact, Temperament, person, react
from tests.simulation.phones import DAY, NIGHT, SEED, number, numbers_of, sms, voice

END = later(DAY, 24 * HOUR)


def fresh(faults: Faults | None = None, at: Instant = DAY) -> tuple[Carrier, VirtualClock]:
    clock = VirtualClock(at)
    return Carrier(clock, SEED, faults), clock


def submit(channel: Channel, *messages: Message) -> list[Submission]:
    async def all_of_them() -> list[Submission]:
        return [await channel.submit(one) for one in messages]

    return asyncio.run(all_of_them())


def hang_up(carrier: Carrier, attempt: str) -> None:
    asyncio.run(carrier.hang_up(attempt))


def picks_up(e164: str) -> int:
    found = react(person(SEED, e164), Contact(voice(e164), DAY, 1)).picks_up
    assert found is not None
    return found


def said(events: Sequence[Inbound]) -> list[tuple[InboundKind, str]]:
    return [(event.kind, event.body) for event in events]


def test_a_text_is_accepted_at_once_and_answered_later() -> None:
    carrier, _ = fresh()
    message = sms(numbers_of(Temperament.PROMPT, 1)[0])
    assert submit(carrier, message) == [Submission(Outcome.ACCEPTED, f"sim:{message.attempt}")]
    assert carrier.due(DAY) == []
    delivered, reply = carrier.due(END)
    assert (delivered.event, delivered.attempt, delivered.e164) == (f"sim:{message.attempt}:1", message.attempt, "")
    assert delivered.body == ReceiptKind.DELIVERED
    assert (reply.event, reply.attempt, reply.e164) == (f"sim:{message.attempt}:2", "", message.e164)
    assert reply.kind is InboundKind.REPLY
    assert carrier.next_at() is None
    assert carrier.journal == [Submitted(message.attempt, message.e164, ChannelKind.SMS, message.text, DAY)]


def test_a_key_comes_before_the_end_of_its_call_and_names_the_attempt() -> None:
    carrier, _ = fresh()
    message = voice(numbers_of(Temperament.PROMPT, 1)[0])
    submit(carrier, message)
    events = carrier.due(END)
    assert said(events) == [(InboundKind.KEY, "1"), (InboundKind.RECEIPT, ReceiptKind.HEARD_WHOLE)]
    assert {(event.attempt, event.e164) for event in events} == {(message.attempt, "")}


def test_due_takes_what_has_happened_and_leaves_the_rest() -> None:
    carrier, _ = fresh()
    submit(carrier, *(sms(number(n)) for n in range(50)))
    first = carrier.next_at()
    assert first is not None
    assert carrier.due(later(first, -1)) == []
    assert {event.at for event in carrier.due(first)} == {first}
    following = carrier.next_at()
    assert following is not None
    assert following > first


def test_the_second_call_meets_another_answer() -> None:
    carrier, _ = fresh()
    e164 = numbers_of(Temperament.BUSY, 1)[0]
    submit(carrier, voice(e164))
    assert said(carrier.due(END)) == [(InboundKind.RECEIPT, ReceiptKind.BUSY)]
    submit(carrier, voice(e164, nth=2))
    assert (InboundKind.KEY, "1") in said(carrier.due(END))


def test_a_text_does_not_use_up_the_first_call() -> None:
    carrier, _ = fresh()
    e164 = numbers_of(Temperament.BUSY, 1)[0]
    submit(carrier, sms(e164), voice(e164))
    assert (InboundKind.RECEIPT, ReceiptKind.BUSY) in said(carrier.due(END))


@given(st.integers(), st.permutations(range(12)))
def test_the_order_of_submits_changes_nothing(seed: int, order: list[int]) -> None:
    def run(numbers: Sequence[int]) -> list[Inbound]:
        carrier = Carrier(VirtualClock(NIGHT), seed)
        submit(carrier, *(one for n in numbers for one in (sms(number(n)), voice(number(n)))))
        return carrier.due(END)

    events = run(range(12))
    assert run(order) == events
    assert len({event.event for event in events}) == len(events)
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_another_seed_is_another_county() -> None:
    runs = []
    for seed in (1, 2):
        carrier = Carrier(VirtualClock(DAY), seed)
        submit(carrier, *(sms(number(n)) for n in range(20)))
        runs.append(carrier.due(END))
    assert runs[0] != runs[1]


def test_hanging_up_while_it_rings_is_no_reply() -> None:
    carrier, clock = fresh()
    message = voice(numbers_of(Temperament.PROMPT, 1)[0])
    submit(carrier, message)
    clock.advance(later(DAY, picks_up(message.e164) - 1))
    hang_up(carrier, message.attempt)
    events = carrier.due(END)
    assert said(events) == [(InboundKind.RECEIPT, ReceiptKind.NO_REPLY)]
    assert (events[0].at, events[0].attempt) == (clock.now(), message.attempt)


def test_hanging_up_after_the_pick_up_is_heard_in_part() -> None:
    carrier, clock = fresh()
    message = voice(numbers_of(Temperament.PROMPT, 1)[0])
    submit(carrier, message)
    clock.advance(later(DAY, picks_up(message.e164)))
    hang_up(carrier, message.attempt)
    assert carrier.next_at() == clock.now()
    hang_up(carrier, message.attempt)
    assert said(carrier.due(END)) == [(InboundKind.RECEIPT, ReceiptKind.HEARD_PART)]


def test_a_call_that_is_over_stays_as_it_was() -> None:
    carrier, clock = fresh()
    message = voice(numbers_of(Temperament.PROMPT, 1)[0])
    submit(carrier, message)
    clock.advance(later(DAY, 2 * MINUTE))
    hang_up(carrier, message.attempt)
    assert said(carrier.due(END)) == [(InboundKind.KEY, "1"), (InboundKind.RECEIPT, ReceiptKind.HEARD_WHOLE)]


def test_hanging_up_leaves_others_and_texts_alone() -> None:
    one, other = numbers_of(Temperament.PROMPT, 2)
    carrier, _ = fresh()
    submit(carrier, sms(one), voice(one), voice(other))
    for attempt in (sms(one).attempt, "500156.unheard-of"):
        hang_up(carrier, attempt)
    hang_up(carrier, voice(one).attempt)
    events = carrier.due(END)
    assert [e.body for e in events if e.attempt == voice(one).attempt] == [ReceiptKind.NO_REPLY]
    assert [e.body for e in events if e.attempt == voice(other).attempt] == ["1", ReceiptKind.HEARD_WHOLE]
    assert [e.e164 for e in events if e.kind is InboundKind.REPLY] == [one]


@given(st.integers(0, 200), st.integers(0, 70))
def test_a_call_has_one_receipt_however_it_ends(n: int, seconds: int) -> None:
    carrier, clock = fresh()
    message = voice(number(n))
    submit(carrier, message)
    clock.advance(later(DAY, seconds * SECOND))
    hang_up(carrier, message.attempt)
    receipts = [event for event in carrier.due(END) if event.kind is InboundKind.RECEIPT]
    assert len(receipts) == 1
    assert ReceiptKind(receipts[0].body)


@pytest.mark.parametrize(
    ("fault", "outcome", "reaches"),
    [
        (None, Outcome.ACCEPTED, True),
        ("unknown_sent", Outcome.UNKNOWN, True),
        ("unknown_lost", Outcome.UNKNOWN, False),
        ("refused", Outcome.REFUSED, False),
    ],
)
def test_faults_say_one_thing_and_may_do_another(fault: Fault | None, outcome: Outcome, reaches: bool) -> None:
    carrier, _ = fresh(lambda _: fault)
    message = sms(numbers_of(Temperament.PROMPT, 1)[0])
    assert [one.outcome for one in submit(carrier, message)] == [outcome]
    assert bool(carrier.journal) is reaches
    assert bool(carrier.due(END)) is reaches


def test_a_fault_may_be_an_exception_and_hit_one_message_only() -> None:
    hit, spared = sms(number(1)), sms(number(2))
    carrier, _ = fresh(lambda message: "raise" if message == hit else None)
    with pytest.raises(TimeoutError):
        submit(carrier, hit)
    submit(carrier, spared)
    assert [one.attempt for one in carrier.journal] == [spared.attempt]
