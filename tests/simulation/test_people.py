from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.answer import Grade
from callout.domain.attempt import ReceiptKind
from callout.domain.feedback import FeedbackKind, Report
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, Millis, beijing, later
from callout.domain.reply import read_reply
from callout.ports import InboundKind, Message
from callout.simulation.people import NO, NONSENSE, SHARES, YES, Contact, Reaction, Response, Temperament, person, react
from tests.simulation.phones import CODED, DAY, NIGHT, TEXT, number, people_of, sms, voice

PROMPT_BY_DAY = (Temperament.PROMPT, Temperament.SLEEPER, Temperament.NIGHT_OFF)


def text_all(kind: Temperament, at: Instant, text: str = TEXT) -> list[Response]:
    return [react(one, Contact(sms(one.e164, text), at, 1)) for one in people_of(kind)]


def call_all(kind: Temperament, at: Instant, nth: int = 1) -> list[Response]:
    return [react(one, Contact(voice(one.e164), at, nth)) for one in people_of(kind)]


def bodies(response: Response, kind: InboundKind) -> list[str]:
    return [r.body for r in response.reactions if r.kind is kind]


def receipts(responses: Sequence[Response]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(bodies(one, InboundKind.RECEIPT)) for one in responses)


def keys(responses: Sequence[Response]) -> Counter[str]:
    return Counter("".join(bodies(one, InboundKind.KEY)) for one in responses)


def replies(responses: Sequence[Response]) -> list[Reaction]:
    return [r for one in responses for r in one.reactions if r.kind is InboundKind.REPLY]


def answer_after(e164: str, seed: int, ladder: Sequence[tuple[Millis, Message]]) -> Millis | None:
    """When the person first says 收到 if all these contacts come."""
    who = person(seed, e164)
    came = [(begun, r) for begun, m in ladder for r in react(who, Contact(m, later(DAY, begun), 1)).reactions]
    yes = [begun + r.after for begun, r in came if _is_yes(r)]
    return min(yes, default=None)


def _is_yes(reaction: Reaction) -> bool:
    if reaction.kind is InboundKind.KEY:
        return reaction.body == "1"
    return reaction.kind is InboundKind.REPLY and read_reply(reaction.body).grade is Grade.ACKNOWLEDGED


def test_the_words_mean_what_the_reply_table_says() -> None:
    assert {read_reply(word).grade for word in YES} == {Grade.ACKNOWLEDGED}
    assert {read_reply(word).grade for word in NO} == {Grade.CANNOT_COME}
    assert {read_reply(word).grade for word in NONSENSE} == {Grade.CONTACT}


def test_shares_are_per_thousand_and_people_follow_them() -> None:
    many = 10_000
    found = Counter(person(3, number(n)).temperament for n in range(many))
    assert sum(SHARES.values()) == 1_000
    assert set(SHARES) == set(Temperament)
    for kind, share in SHARES.items():
        assert abs(found[kind] / many - share / 1_000) < 0.015, kind


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("call_at", "over_at"), [(90, 300), (60, 180)], ids=["orange", "red"])
def test_most_of_a_county_answers_by_day_before_anybody_else_is_called(seed: int, call_at: int, over_at: int) -> None:
    people = [number(n) for n in range(500)]
    took = [answer_after(e, seed, [(0, sms(e)), (call_at * SECOND, voice(e))]) for e in people]
    in_time = sum(one is not None and one <= over_at * SECOND for one in took) / len(people)
    assert 0.83 <= in_time <= 0.93
    assert 1 <= sum(person(seed, e).temperament is Temperament.DEAD for e in people) <= 15


@given(st.integers(), st.integers(0, 10**9), st.sampled_from([DAY, NIGHT]), st.integers(1, 3), st.booleans())
def test_the_same_contact_has_the_same_response(seed: int, n: int, at: Instant, nth: int, spoken: bool) -> None:
    e164 = number(n)
    contact = Contact(voice(e164) if spoken else sms(e164), at, nth)
    response = react(person(seed, e164), contact)
    assert response == react(person(seed, e164), contact)
    times = [r.after for r in response.reactions]
    assert times == sorted(times)
    assert all(after > 0 for after in times)
    assert not spoken or times


@given(st.integers(0, 10**9), st.sampled_from([DAY, NIGHT]), st.booleans())
def test_a_notice_is_received_and_never_answered(n: int, at: Instant, spoken: bool) -> None:
    e164 = number(n)
    notice = voice(e164, wants_answer=False) if spoken else sms(e164, wants_answer=False)
    response = react(person(1, e164), Contact(notice, at, 1))
    assert {r.kind for r in response.reactions} <= {InboundKind.RECEIPT}


REMINDER = "【叫应】还没有反馈转移情况。请回：已到岗C4；已转移X户X人C4（X填数字）。需要支援回3C4。"


def reports(kind: Temperament) -> list[Report | None]:
    """What people of this kind send back to a reminder."""
    reminded = [react(one, Contact(sms(one.e164, REMINDER, wants_answer=False), DAY, 1)) for one in people_of(kind)]
    return [read_reply(one.body).report for one in replies(reminded)]


def test_a_reminder_is_answered_with_the_words_that_it_asks_for() -> None:
    """By whoever answers texts in plain words; nobody else reports anything."""
    assert {one.kind for one in reports(Temperament.PROMPT) if one} == {FeedbackKind.ON_POST, FeedbackKind.MOVED}
    assert None not in reports(Temperament.PROMPT)
    for silent in (Temperament.REFUSER, Temperament.NONSENSE, Temperament.SILENT):
        assert reports(silent) == []


@pytest.mark.parametrize("kind", PROMPT_BY_DAY)
def test_prompt_people_answer_a_text_within_three_minutes(kind: Temperament) -> None:
    said = text_all(kind, DAY)
    assert receipts(said) == {(ReceiptKind.DELIVERED,): len(said)}
    assert len(replies(said)) == len(said)
    assert all(20 * SECOND <= r.after <= 180 * SECOND and r.body in YES for r in replies(said))
    assert all(SECOND <= one.reactions[0].after <= 8 * SECOND for one in said)


@pytest.mark.parametrize("kind", PROMPT_BY_DAY)
def test_prompt_people_hear_a_call_out_and_press_one(kind: Temperament) -> None:
    said = call_all(kind, DAY)
    assert keys(said) == {"1": len(said)}
    assert receipts(said) == {(ReceiptKind.HEARD_WHOLE,): len(said)}
    for one in said:
        assert one.picks_up is not None
        assert one.picks_up + 8 * SECOND < one.reactions[0].after <= 62 * SECOND


def test_an_answer_code_is_used_sometimes_and_understood() -> None:
    said = [read_reply(r.body) for r in replies(text_all(Temperament.PROMPT, DAY, CODED))]
    assert {one.code for one in said} == {None, "B3"}
    assert {one.grade for one in said} == {Grade.ACKNOWLEDGED}


def test_a_road_number_is_no_answer_code() -> None:
    said = replies(text_all(Temperament.PROMPT, DAY, "G319国道封闭。" + TEXT))
    assert {read_reply(r.body).code for r in said} == {None}


def test_slow_people_read_late_and_miss_every_other_call() -> None:
    assert all(5 * MINUTE <= r.after <= 25 * MINUTE for r in replies(text_all(Temperament.SLOW, DAY)))
    heard = receipts(call_all(Temperament.SLOW, DAY))
    assert set(heard) == {(ReceiptKind.NO_REPLY,), (ReceiptKind.HEARD_WHOLE,)}
    assert min(heard.values()) > 15


def test_nonsense_is_sometimes_followed_by_an_answer() -> None:
    texts = text_all(Temperament.NONSENSE, DAY)
    said = [bodies(one, InboundKind.REPLY) for one in texts]
    assert {len(one) for one in said} == {1, 2}
    assert all(one[0] in NONSENSE and set(one[1:]) <= set(YES) for one in said)
    pressed = keys(call_all(Temperament.NONSENSE, DAY))
    assert {key[1:] for key in pressed} == {"", "1"}
    assert not {key[0] for key in pressed} & {"1", "2", "3"}


def test_refusers_refuse_by_text_and_by_key() -> None:
    assert {r.body for r in replies(text_all(Temperament.REFUSER, DAY))} == set(NO)
    assert set(keys(call_all(Temperament.REFUSER, DAY))) == {"2"}


def test_a_busy_line_is_free_the_second_time() -> None:
    assert set(receipts(call_all(Temperament.BUSY, DAY))) == {(ReceiptKind.BUSY,)}
    assert set(keys(call_all(Temperament.BUSY, DAY, nth=2))) == {"1"}


def test_hasty_people_listen_the_second_time() -> None:
    first = call_all(Temperament.HASTY, DAY)
    assert set(receipts(first)) == {(ReceiptKind.HEARD_PART,)}
    assert set(keys(first)) == {""}
    assert set(keys(call_all(Temperament.HASTY, DAY, nth=2))) == {"1"}


def test_nobody_answers_a_silent_phone() -> None:
    calls = call_all(Temperament.SILENT, NIGHT)
    assert set(receipts(calls)) == {(ReceiptKind.NO_REPLY,)}
    assert {one.picks_up for one in calls} == {None}
    texts = text_all(Temperament.SILENT, DAY)
    assert set(receipts(texts)) == {(ReceiptKind.DELIVERED,)}
    assert not replies(texts)


def test_a_dead_number_takes_texts_and_says_so_only_sometimes() -> None:
    texts = text_all(Temperament.DEAD, DAY)
    assert set(receipts(texts)) == {(), (ReceiptKind.DEAD,)}
    assert not replies(texts)
    assert set(receipts(call_all(Temperament.DEAD, DAY))) == {(ReceiptKind.DEAD,)}


def test_heavy_sleepers_find_the_text_in_the_morning_and_wake_by_most_calls() -> None:
    texts = text_all(Temperament.SLEEPER, NIGHT)
    assert all(one.reactions[0].after <= 8 * SECOND for one in texts)
    assert all("06:20" <= beijing(later(NIGHT, r.after), "%H:%M") <= "06:53" for r in replies(texts))
    woken = keys(call_all(Temperament.SLEEPER, NIGHT))
    assert set(woken) == {"1", ""}
    assert 0.65 < woken["1"] / woken.total() < 0.92


def test_a_phone_that_is_off_by_night_gets_its_texts_in_the_morning() -> None:
    evening = later(NIGHT, -3 * HOUR)
    for at in (evening, NIGHT):
        texts = text_all(Temperament.NIGHT_OFF, at)
        assert all("06:20" <= beijing(later(at, one.reactions[0].after), "%H:%M") <= "06:50" for one in texts)
        assert all(one.reactions[1].after > one.reactions[0].after for one in texts)
        assert set(receipts(call_all(Temperament.NIGHT_OFF, at))) == {(ReceiptKind.SWITCHED_OFF,)}


def test_a_gateway_drops_a_text_whose_alert_ends_before_the_phone_is_on() -> None:
    for one in people_of(Temperament.NIGHT_OFF):
        assert react(one, Contact(sms(one.e164, expires_at=later(NIGHT, HOUR)), NIGHT, 1)).reactions == ()
        assert react(one, Contact(sms(one.e164, expires_at=later(NIGHT, 8 * HOUR)), NIGHT, 1)).reactions
