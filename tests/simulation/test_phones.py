"""Phones that are cut off: texts wait for the network, calls do not get through, nothing outlives its validity."""

from dataclasses import replace

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, MINUTE, later
from callout.domain.ladder import ChannelKind
from callout.ports import InboundKind
from callout.simulation.habits import ASSUMED, Temperament, draw
from callout.simulation.people import Contact
from callout.simulation.phones import Darkness, Phones
from tests.simulation.phones import DAY, NIGHT, SEED, number, sms, voice

ONE, TWO = number(1), number(2)
PROMPT = replace(ASSUMED, shares={Temperament.PROMPT: 1})


def phones(begins: int = 0, ends: int = HOUR) -> Phones:
    found = Phones(SEED, habits=PROMPT)
    found.dark = (Darkness(frozenset({ONE}), later(DAY, begins), later(DAY, ends)),)
    return found


def test_a_text_waits_for_the_network_and_is_answered_then() -> None:
    response = phones().take(ONE, Contact(sms(ONE), DAY, 1))
    assert [r.kind for r in response.reactions] == [InboundKind.RECEIPT, InboundKind.REPLY]
    assert all(HOUR < r.after < HOUR + 5 * MINUTE for r in response.reactions)
    assert phones().take(TWO, Contact(sms(TWO), DAY, 1)).reactions[-1].after < 5 * MINUTE


def test_a_text_that_expires_before_is_never_delivered() -> None:
    assert phones().take(ONE, Contact(sms(ONE, expires_at=later(DAY, HOUR)), DAY, 1)).reactions == ()


def test_a_call_does_not_get_through() -> None:
    response = phones().take(ONE, Contact(voice(ONE), DAY, 1))
    assert [(r.kind, r.body) for r in response.reactions] == [(InboundKind.RECEIPT, ReceiptKind.SWITCHED_OFF)]
    assert response.picks_up is None


def test_a_reply_that_is_written_without_a_network_leaves_when_it_is_back() -> None:
    receipt, reply = phones(begins=15_000).take(ONE, Contact(sms(ONE), DAY, 1)).reactions
    assert receipt.after < 15_000
    assert reply.after == HOUR


def test_whoever_is_absent_answers_by_day_and_not_at_night() -> None:
    found = Phones(SEED, habits=PROMPT)
    found.absent = frozenset({ONE})
    assert [len(found.take(ONE, Contact(voice(ONE), at, 1)).reactions) for at in (DAY, NIGHT)] == [2, 1]
    assert found.nth(ONE, ChannelKind.VOICE) == 1


def test_points_cut_a_distribution_into_equal_parts() -> None:
    chance = Phones(SEED).chance(ONE, "points")
    drawn = [draw(chance, (0, 10, 1000)) for _ in range(400)]
    assert 150 < sum(each <= 10 for each in drawn) < 250
    assert max(drawn) <= 1000
