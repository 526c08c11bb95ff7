"""Notices: a number that takes no texts is rung; what is in doubt or did not arrive is said once more, another way."""

import dataclasses

from callout.domain.attempt import ReceiptKind
from callout.domain.level import Level
from callout.domain.roster import NumberKind, Roster
from callout.pipeline.send import Sender
from callout.ports import Inbound, InboundKind, Message, Provider
from tests.scenarios.baima import CALL, only
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, DEPUTY, GRID_1, SMS, VOICE, Field, number, person, standard_roster
from tests.scenarios.test_all_clear import lift

DEPUTY_RUNG = 180
"""Seconds after which the deputy of a silent person has been rung."""
AGAIN = "可能重复"


def stand_down(field: Field) -> None:
    """The deputy was rung, then the person answers after all: the deputy need not go."""
    only(field, GRID_1)
    field.wait(DEPUTY_RUNG)
    field.new()
    field.reply(GRID_1, "1")


def told(field: Field, serial: int = DEPUTY) -> list[Message]:
    return [m for _, m in field.to(serial) if not m.wants_answer]


def fail_texts(fate: str, field: Field) -> None:
    """What becomes of every notice by text."""
    field.phones.script = lambda m: fate if m.channel is SMS and not m.wants_answer else ""


def landline_deputy() -> Roster:
    home = person(DEPUTY, number(DEPUTY, NumberKind.LANDLINE))
    return standard_roster(responders=tuple(home if p.id == DEPUTY else p for p in standard_roster().responders))


def test_a_landline_is_rung_with_a_stand_down(open_county: Opener) -> None:
    """A text to it would never be read."""
    field = open_county(roster=landline_deputy())
    stand_down(field)
    [call] = told(field)
    assert call.channel is VOICE
    assert "示例·白马镇网格员一已应答，您不必再联系" in call.text


def test_who_wants_no_texts_is_rung(field: Field) -> None:
    """退订 holds for notices too."""
    field.reply(DEPUTY, "退订")
    stand_down(field)
    assert [m.channel for m in told(field)] == [VOICE]


def test_a_notice_in_doubt_takes_the_other_way_at_once_and_says_so(field: Field) -> None:
    """The text may have arrived: a duplicate is better than a miss. It is never said a third time."""
    fail_texts("unknown", field)
    stand_down(field)
    text, call = told(field)
    assert (text.channel, call.channel) == (SMS, VOICE)
    assert "重复" not in text.text
    assert "这个电话可能是重复的" in call.text
    field.receipt(DEPUTY, ReceiptKind.NO_REPLY, CALL)
    field.wait(3600)
    assert len(told(field)) == 2


def test_a_call_in_doubt_is_texted_and_marked(field: Field) -> None:
    """The number was rung because its owner wanted no texts then; 恢复 comes while it rings."""
    field.reply(DEPUTY, "退订")

    def rings(message: Message) -> str:
        if message.channel is not VOICE or message.wants_answer:
            return ""
        field.app.take_in([Inbound("in", InboundKind.REPLY, field.clock.now(), "恢复", e164=number(DEPUTY).e164)])
        return "unknown"

    field.phones.script = rings
    stand_down(field)
    call, text = told(field)
    assert (call.channel, text.channel) == (VOICE, SMS)
    assert AGAIN in text.text


def test_a_text_that_is_refused_is_rung_and_not_marked(field: Field) -> None:
    """It provably did not go out, so nothing is repeated."""
    fail_texts("refused", field)
    stand_down(field)
    [call] = [m for m in told(field) if m.channel is VOICE]
    assert "重复" not in call.text


def test_a_text_that_was_not_delivered_is_rung(field: Field) -> None:
    """The receipt comes after the hand-over."""
    stand_down(field)
    field.receipt(DEPUTY, ReceiptKind.UNDELIVERED)
    assert [m.channel for m in told(field)] == [SMS, VOICE]
    field.receipt(DEPUTY, ReceiptKind.DELIVERED, CALL)
    assert len(told(field)) == 2


def test_a_landline_that_nobody_takes_is_left_to_the_officer(open_county: Opener) -> None:
    """It was rung; there is no other way."""
    field = open_county(roster=landline_deputy())
    stand_down(field)
    field.receipt(DEPUTY, ReceiptKind.NO_REPLY, CALL)
    field.wait(600)
    assert len(told(field)) == 1


def test_what_is_not_urgent_is_texted_once_more_later(field: Field) -> None:
    """The end of a yellow warning rings nobody."""
    field.alert(Level.YELLOW, identifier="A", areas=[BAIMA])
    phones = {int(m.e164[-7:]) for _, m in field.phones.got}
    fail_texts("unknown", field)
    lift(field, "暴雨黄色预警信号", level=Level.YELLOW)
    assert {len(told(field, serial)) for serial in phones} == {1}
    field.wait(310)
    again = [told(field, serial) for serial in phones]
    assert {tuple(m.channel for m in one) for one in again} == {(SMS, SMS)}
    assert {AGAIN in one[1].text for one in again} == {True}
    field.wait(3600)
    assert {len(told(field, serial)) for serial in phones} == {2}


def test_where_nobody_carries_calls_the_notice_does_not_wait_for_ever(open_county: Opener) -> None:
    """A landline and no voice provider: refused, and shown as such, instead of lying there."""
    field = open_county(roster=landline_deputy())
    only(field, GRID_1)
    field.wait(DEPUTY_RUNG)
    texts_only = (Provider(field.phones, frozenset({SMS})),)
    field.app.sender = Sender(dataclasses.replace(field.app.sender.sending, providers=texts_only))
    field.reply(GRID_1, "1")
    assert told(field) == []
    assert [(a.channel, a.state) for a in field.attempts() if a.notice] == [("voice", "refused")]


def test_nothing_is_repeated_after_a_clean_text(field: Field) -> None:
    """Delivered is delivered."""
    stand_down(field)
    field.receipt(DEPUTY, ReceiptKind.DELIVERED)
    field.wait(600)
    assert [m.channel for m in told(field)] == [SMS]
