"""What happens seldom with providers: each a small story of its own."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from callout.domain.abilities import Window
from callout.domain.attempt import ReceiptKind
from callout.domain.callout import CalloutEvent, CalloutKey
from callout.domain.carrying import limits
from callout.domain.form import Form
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.user import Scope, ScopeKind
from callout.pipeline import reconcile
from callout.pipeline.send import Sender
from callout.ports import Finding, InboundKind, Message, Outcome, Provider, Refusal, Submission
from callout.reports.desk_list import desk_lines
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from callout.store.store import Work
from tests.scenarios.baima import CALL, TEXT, only
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, COUNTY, DEPUTY, GRID_1, LEADER_BAIMA, Field, number
from tests.scenarios.test_all_clear import lift
from tests.scenarios.test_providers import (
    ACCEPTED,
    DOWN,
    UNKNOWN,
    Line,
    attempts,
    line,
    on_the_list,
    texts_and_calls,
    use,
)


def escalated(field: Field) -> None:
    """One person is silent, and the deputy has been called in that person's place."""
    field.alert(Level.ORANGE, areas=[BAIMA])
    field.wait(180)


def test_what_only_looks_real_never_reaches_a_phone_not_even_as_a_notice(open_county: Opener) -> None:
    field = open_county(run="demo")
    escalated(field)
    phones = line(field, "phones")
    use(field, phones, real=True)
    field.key(DEPUTY, "1")
    field.reply(GRID_1, "1")
    field.wait(60)
    assert phones.asked == 0
    reasons = {r.reason for r in field.rows(schema.attempt.select()) if r.provider == "phones"}
    assert reasons == {"demo 不交真实通道"}


def test_a_number_texted_as_often_as_it_may_be_gets_no_notice_on_top(field: Field) -> None:
    """It is refused without a byte, and the record says so."""
    one = line(field, able=replace(ABILITIES, windows=(Window(1, HOUR),)))
    use(field, one)
    field.alert(Level.ORANGE, areas=[BAIMA])
    field.reply(GRID_1, "1")
    field.wait(30)
    field.alert(Level.ORANGE, areas=[BAIMA], identifier="again")
    field.wait(60)
    assert [a[:2] for a in attempts(field, GRID_1)] == [("sms", "sent"), ("sms", "refused")]
    assert one.serials().count(GRID_1) == 1


def test_where_nobody_carries_calls_the_step_is_refused_and_the_ladder_goes_on(field: Field) -> None:
    use(field, line(field), kinds=frozenset({TEXT}))
    field.alert(Level.RED, areas=[BAIMA])
    field.wait(20 * 60)
    refused = [a for a in attempts(field, GRID_1) if a[:2] == ("voice", "refused")]
    assert refused
    assert field.states()[GRID_1] == "exhausted"


def test_a_sender_whose_queue_is_full_is_left_alone_and_another_takes_it(field: Field) -> None:
    senders = ("+9990001", "+9990002")
    full = Submission(Outcome.REFUSED, reason="21611", kind=Refusal.BUSY)

    def end(message: Message) -> Submission:
        return full if message.sender == senders[0] else ACCEPTED

    one = line(field, end=end, able=replace(ABILITIES, senders=senders, per_sender=100.0))
    use(field, one)
    field.alert(Level.RED, areas=[BAIMA])
    field.wait(60)
    assert {m.sender for _, m in one.took} == {senders[1]}
    assert field.app.sender.fleet.rates()[ChannelKind.SMS] == 200.0
    assert not field.app.sender.busy


def test_a_provider_of_approved_templates_gets_the_gaps_filled(field: Field) -> None:
    one = line(field, able=replace(ABILITIES, free_text=False))
    forms = {kind: Form("T1", "示例") for kind in ("call", "deputy", "superior", "desk")}
    made = (Provider(one, frozenset(ChannelKind), forms=forms),)
    field.app.sender = Sender(replace(field.app.sender.sending, providers=made))
    field.alert(Level.ORANGE, areas=[BAIMA])
    assert one.took
    assert {m.filled.code for _, m in one.took if m.filled} == {"T1"}


@dataclass
class Forgetful(Line):
    """A provider that breaks when it is asked what became of something."""

    async def find(self, _attempt: str, _e164: str, _since: Instant) -> Finding:
        raise ConnectionResetError


def test_a_provider_that_cannot_say_what_became_of_it_is_asked_again_later(field: Field) -> None:
    one = Forgetful("first", field.clock.now, lambda _: UNKNOWN)
    use(field, one)
    field.alert(Level.ORANGE, areas=[BAIMA])
    sending = field.app.sender.sending
    heard: list[object] = []

    async def hear(events: object) -> None:
        heard.append(events)

    reconciling = reconcile.Reconciling(sending.store, sending.providers, field.clock, hear)
    assert asyncio.run(reconcile.run_once(reconciling)).moved == 0
    assert {a[1] for a in attempts(field, GRID_1)} == {"unknown"}


def test_limits_are_told_in_the_largest_unit_that_fits() -> None:
    windows = (Window(1, MINUTE), Window(5, HOUR, night_only=True), Window(2, 90 * SECOND), Window(1, 1_500))
    told = limits([replace(ABILITIES, windows=windows)])
    assert told == ["每 1分钟 1 次", "每 1小时 5 次（夜间）", "每 90秒 2 次", "每 1.5秒 1 次"]


@pytest.mark.parametrize(
    ("receipt", "column"),
    [(ReceiptKind.NO_TEXTS, "textless"), (ReceiptKind.SUPPRESSED, "opted_out"), (ReceiptKind.DEAD, "dead")],
)
def test_what_a_receipt_proves_of_a_number_is_remembered(field: Field, receipt: ReceiptKind, column: str) -> None:
    """The text was taken and failed later: the next way at once, and the next warning begins with what reaches."""
    field.alert(Level.ORANGE, areas=[BAIMA])
    field.new()
    field.receipt(GRID_1, receipt)
    assert field.callout(GRID_1).step > 0
    marked = field.rows(schema.number.select().where(schema.number.c[column] == 1))
    assert len(marked) == 1
    assert len(field.audit(f"number.{column}")) == 1
    field.new()
    field.alert(Level.ORANGE, areas=[BAIMA], hazard=Hazard.LANDSLIDE)
    assert (GRID_1, TEXT) not in field.new()


def test_a_phone_that_was_off_is_texted_once_more_and_may_answer(field: Field) -> None:
    """Twilio's 30003: the call goes out at once, the ladder goes on, and the text comes when the phone may be on."""
    only(field, GRID_1)
    field.receipt(GRID_1, ReceiptKind.SWITCHED_OFF)
    assert field.new() == [(GRID_1, CALL)]
    field.wait(10 * 60 - 1)
    assert (GRID_1, TEXT) not in field.new()
    field.wait(1)
    assert field.new() == [(GRID_1, TEXT)]
    assert "暴雨橙色预警" in field.last(GRID_1, TEXT).text
    assert "收到回1" in field.last(GRID_1, TEXT).text
    field.receipt(GRID_1, ReceiptKind.SWITCHED_OFF)
    field.wait(20 * 60)
    assert (GRID_1, TEXT) not in field.new()  # once only
    field.reply(GRID_1, "1")
    assert field.callout(GRID_1).state == "answered"


def test_a_phone_that_was_off_gets_no_text_when_somebody_has_answered(field: Field) -> None:
    only(field, GRID_1)
    field.receipt(GRID_1, ReceiptKind.SWITCHED_OFF)
    field.key(GRID_1, "1")
    field.new()
    field.wait(15 * 60)
    assert field.new() == []


def test_a_provider_that_has_stopped_our_account_is_left_alone_and_tried_again(field: Field) -> None:
    """Only a receipt says so (Twilio's 30002): the load moves, the officer has one line, and it goes by itself."""
    first, second = line(field), line(field, "second")
    use(field, first, second)
    field.alert(Level.ORANGE, areas=[BAIMA])
    took = len(first.took)
    field.wait(2)
    for _, text in first.took[-2:]:
        field.come(InboundKind.RECEIPT, ReceiptKind.STOPPED, attempt=text.attempt)
    assert on_the_list(field) == ["provider_down"]
    assert second.serials() == first.serials()[-2:]  # their next step, at once
    assert len(first.took) == took
    field.wait(90)
    assert len(first.took) > took
    assert "provider_down" not in on_the_list(field)


def test_words_that_were_filtered_after_they_were_taken_are_put_before_the_officer(field: Field) -> None:
    """30007 comes as a receipt too; everybody who is filtered is one item."""
    field.alert(Level.ORANGE, areas=[BAIMA])
    for serial in (GRID_1, LEADER_BAIMA):
        field.receipt(serial, ReceiptKind.FILTERED)
    assert field.human_calls() == [(0, "filtered")]


def test_filtered_words_of_a_notice_are_said_and_not_texted_again(field: Field) -> None:
    """Also about a lower level, where a text would otherwise be tried once more."""
    field.alert(Level.YELLOW, identifier="A", areas=[BAIMA])
    lift(field, "暴雨黄色预警信号", level=Level.YELLOW)
    serial = next(int(m.e164[-7:]) for _, m in field.phones.got if not m.wants_answer)
    field.receipt(serial, ReceiptKind.FILTERED)
    assert [m.channel for _, m in field.to(serial) if not m.wants_answer] == [TEXT, CALL]


def test_a_notice_whose_words_are_refused_is_said(field: Field) -> None:
    filtered = Submission(Outcome.REFUSED, reason="30007", kind=Refusal.CONTENT)
    texts = line(field, end=lambda m: ACCEPTED if m.wants_answer else filtered)
    calls = line(field, "calls")
    texts_and_calls(field, texts, calls)
    field.alert(Level.YELLOW, identifier="A", areas=[BAIMA])
    before = len(calls.serials())
    lift(field, "暴雨黄色预警信号", level=Level.YELLOW)
    assert len(calls.serials()) > before


def struck(field: Field) -> None:
    """A clock time asks anew: the ladder begins again, with the same words."""

    def again(work: Work) -> None:
        heard = work.hears.find(CalloutKey(COUNTY, 1, GRID_1, 0))
        assert heard
        one = heard.callout
        work.sends.advance([(one, replace(one, step=0, next_at=work.at))], CalloutEvent.STRUCK)

    field.app.store.write(again)
    field.settle()


def test_filtered_words_are_never_texted_there_again(field: Field) -> None:
    """Another provider takes them; where there is none, the next step is due at once."""
    first, second, calls = line(field, "first"), line(field, "second"), line(field, "calls")
    texts = [Provider(one, frozenset({TEXT})) for one in (first, second)]
    providers = (*texts, Provider(calls, frozenset({CALL})))
    field.app.sender = Sender(replace(field.app.sender.sending, providers=providers))
    field.alert(Level.ORANGE, areas=[BAIMA])
    for channel in (first, second):
        text = next(m for _, m in channel.took if m.e164 == number(GRID_1).e164)
        field.come(InboundKind.RECEIPT, ReceiptKind.FILTERED, attempt=text.attempt)
        struck(field)
    assert (first.serials().count(GRID_1), second.serials().count(GRID_1)) == (1, 1)
    assert calls.serials().count(GRID_1) == 3


def test_words_refused_for_what_they_say_are_never_texted_there_again(field: Field) -> None:
    """30007 as the answer to the hand-over bars them as the receipt does."""
    filtered = Submission(Outcome.REFUSED, reason="30007", kind=Refusal.CONTENT)
    first, second, calls = line(field, "first", end=lambda _: filtered), line(field, "second"), line(field, "calls")
    texts = [Provider(one, frozenset({TEXT})) for one in (first, second)]
    providers = (*texts, Provider(calls, frozenset({CALL})))
    field.app.sender = Sender(replace(field.app.sender.sending, providers=providers))
    field.alert(Level.ORANGE, areas=[BAIMA])
    asked = first.asked
    assert calls.serials().count(GRID_1) == 1
    struck(field)
    assert (first.asked, second.serials().count(GRID_1)) == (asked, 1)
    [refused] = [r for r in field.attempts() if r.reason == "30007" and r.responder == GRID_1]
    assert (refused.state, refused.receipt) == ("refused", "filtered")
    assert field.human_calls().count((0, "filtered")) == 1


def test_where_nobody_carries_anything_the_cause_stands_before_all_whom_it_leaves_unreached(field: Field) -> None:
    use(field, line(field, end=lambda _: DOWN))
    field.alert(Level.RED)
    field.wait(HOUR // SECOND // 2)
    kinds = [one.kind for one in field.app.database.read(lambda db: desk_lines(db, Scope(ScopeKind.COUNTY, COUNTY)))]
    assert kinds[0] == HumanCallKind.PROVIDER_DOWN
    assert kinds.count(HumanCallKind.EXHAUSTED) >= 6


def test_a_red_crowd_whose_only_provider_was_away_for_a_moment_does_not_wait_out_a_long_pause(field: Field) -> None:
    """Everybody is tried while it is away: that is one failure of it, and the next try comes after the first pause."""
    back = later(field.clock.now(), 5 * SECOND)
    one = line(field, end=lambda _: DOWN if field.clock.now() < back else ACCEPTED)
    use(field, one)
    field.app.sender = Sender(replace(field.app.sender.sending, slots=1))
    field.alert(Level.RED)
    assert one.took == []
    field.wait(12)
    assert {1, 2, 3, 4, 5, 6} <= set(one.serials())
