"""What happens seldom with providers: each a small story of its own."""

import asyncio
from dataclasses import dataclass, replace

from callout.domain.abilities import Window
from callout.domain.carrying import limits
from callout.domain.form import Form
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.pipeline import reconcile
from callout.pipeline.send import Sender
from callout.ports import Finding, Message, Outcome, Provider, Refusal, Submission
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from tests.scenarios.baima import TEXT
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, DEPUTY, GRID_1, Field
from tests.scenarios.test_providers import ACCEPTED, UNKNOWN, Line, attempts, line, use


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
    assert told == ["每 1 分钟 1 次", "每 1 小时 5 次（夜间）", "每 90 秒 2 次", "每 1500 毫秒 1 次"]
