"""Which callouts a text or a key answers: the closed table, several open alerts, codes, second numbers, repeats."""

import pytest
from sqlalchemy import select

from callout.domain.instant import Instant
from callout.domain.level import Hazard, Level
from callout.domain.roster import Responder
from callout.ports import Inbound, InboundKind
from callout.store import schema
from tests.scenarios.baima import CALL, TEXT, changed, only, post
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DEPUTY,
    GRID_1,
    GRID_2,
    LEADER_BAIMA,
    Field,
    number,
    person,
    standard_roster,
)

SECOND_PHONE = 104


def answers(field: Field, about: int = GRID_1) -> list[tuple[str, int]]:
    """(grade, people moved) of everything that was given back about this post, oldest first."""
    a = schema.answer
    return [(r.grade, r.moved) for r in field.rows(select(a).where(a.c.post == about).order_by(a.c.at, a.c.ref))]


def slide(field: Field) -> int:
    """A second warning for the same township, of another hazard."""
    alert = field.alert(Level.ORANGE, areas=[BAIMA], hazard=Hazard.LANDSLIDE).alert
    field.new()
    return alert


def two_alerts(field: Field, apart: float = 0) -> tuple[int, int]:
    """GRID_1 has a 暴雨 message and, `apart` seconds later, a 地质灾害 message, both unanswered."""
    first = only(field, GRID_1)
    field.wait(apart)
    return first, slide(field)


def state(field: Field, alert: int, of: int = GRID_1) -> str:
    return field.states(alert)[of]


def code(field: Field, alert: int) -> str:
    a = schema.alert
    return str(field.rows(select(a.c.code).where(a.c.id == alert))[0].code)


def two_phones() -> tuple[Responder, ...]:
    """The standard people, GRID_1 with a second number."""
    return tuple(
        person(GRID_1, number(GRID_1), number(SECOND_PHONE)) if p.id == GRID_1 else p
        for p in standard_roster().responders
    )


@pytest.mark.parametrize("text", ["1", "收到", "已收到", "１", " 收 到。", "收到!"])
def test_what_the_table_calls_an_answer_is_one(field: Field, text: str) -> None:
    """In any width, with any space or punctuation."""
    only(field, GRID_1)
    field.reply(GRID_1, text)
    assert answers(field) == [("acknowledged", -1)]


@pytest.mark.parametrize(
    "text",
    [
        "没收到",
        "未收到短信",
        "收到请回复",
        "【自动回复】收到",
        "收到但路断了过不去",
        "1人受伤",
        "收到吗？",
        "好的",
        "10",
        "3",
    ],
)
def test_what_is_not_in_the_table_is_never_an_answer(field: Field, text: str) -> None:
    """A human reads it, and the ladder goes on."""
    only(field, GRID_1)
    field.reply(GRID_1, text)
    assert (state(field, 1), answers(field)) == ("waiting", [("contact", -1)])
    assert field.human_calls() == [(GRID_1, "asked")]


def test_people_moved_are_an_answer_and_the_number_is_kept(field: Field) -> None:
    """已转移12人: 应, with a count."""
    only(field, GRID_1)
    field.reply(GRID_1, "已转移12人")
    assert answers(field) == [("acknowledged", 12)]


def test_a_cry_for_support_is_no_answer(field: Field) -> None:
    """需要支援 goes to the officer, by text or by key."""
    only(field, GRID_1)
    field.reply(GRID_1, "需要支援")
    field.wait(90)
    field.key(GRID_1, "3")
    assert (state(field, 1), answers(field)) == ("waiting", [("contact", -1), ("contact", -1)])


def test_a_quick_answer_to_the_only_message_counts(field: Field) -> None:
    """With one candidate there is nothing to mistake it for."""
    only(field, GRID_1)
    field.wait(1)
    field.reply(GRID_1, "1")
    assert state(field, 1) == "answered"


def test_a_bare_answer_does_not_count_for_a_message_younger_than_30_seconds(field: Field) -> None:
    """It can hardly be meant for what has only just come: it counts for the one before."""
    storm, mud = two_alerts(field, apart=40)
    field.wait(29)
    field.reply(GRID_1, "1")
    assert (state(field, storm), state(field, mud)) == ("answered", "waiting")


def test_a_bare_answer_counts_for_the_newest_message_only_and_names_the_rest(field: Field) -> None:
    """The reply says which alert it counted for, and how to answer the other."""
    storm, mud = two_alerts(field, apart=10)
    field.wait(30)
    field.reply(GRID_1, "1")
    assert (state(field, storm), state(field, mud)) == ("waiting", "answered")
    assert field.new() == [(GRID_1, TEXT)]
    words = field.last(GRID_1, TEXT).text
    assert f"地质灾害橙色预警（{code(field, mud)}）" in words
    assert f"回编号{code(field, storm)}，" in words


def test_an_answer_that_went_to_a_closed_alert_is_explained_too(field: Field) -> None:
    """Who answers the second message within seconds is told that it still waits, by its code."""
    storm = only(field)
    field.wait(40)
    mud = slide(field)
    field.wait(5)
    field.reply(GRID_1, "1")
    assert state(field, mud) == "waiting"
    assert field.new() == [(GRID_1, TEXT)]
    assert code(field, mud) in field.last(GRID_1, TEXT).text
    assert state(field, storm) == "answered"


def test_cannot_come_counts_for_the_newest_message_only_and_names_the_rest(field: Field) -> None:
    """无法到岗 is a bare answer like any other."""
    storm, _ = two_alerts(field, apart=10)
    field.wait(30)
    field.reply(GRID_1, "2")
    assert sorted(field.new()) == [(GRID_1, TEXT), (DEPUTY, CALL)]
    assert "地质灾害" in field.last(DEPUTY, CALL).text
    assert code(field, storm) in field.last(GRID_1, TEXT).text


def test_all_received_counts_for_every_message_that_was_sent(field: Field) -> None:
    """全部收到."""
    storm, mud = two_alerts(field)
    field.reply(GRID_1, "全部收到")
    assert {state(field, storm), state(field, mud)} == {"answered"}
    assert field.new() == []


@pytest.mark.parametrize("form", ["{}", "1{}", "{}收到", "{} 1"])
def test_an_answer_code_names_its_alert_at_any_age(field: Field, form: str) -> None:
    """Also the older one, also at once."""
    storm, mud = two_alerts(field)
    field.reply(GRID_1, form.format(code(field, storm)))
    assert (state(field, storm), state(field, mud)) == ("answered", "waiting")


def test_codes_appear_only_where_there_is_something_to_tell_apart(field: Field) -> None:
    """The first message has none; the second alert's does."""
    storm, mud = two_alerts(field)
    texts = [m.text for _, m in field.to(GRID_1)]
    assert [code(field, alert) in text for alert, text in zip((storm, mud), texts, strict=True)] == [False, True]


def test_a_code_has_a_letter_and_a_digit(field: Field) -> None:
    """So no headcount looks like one."""
    storm, mud = two_alerts(field)
    for one in (code(field, storm), code(field, mud)):
        assert (len(one), one[0].isalpha(), one[1].isdigit()) == (2, True, True)


def test_a_key_answers_exactly_what_was_spoken_in_that_call(field: Field) -> None:
    """The other alert's call is another call."""
    storm, mud = two_alerts(field, apart=40)
    field.wait(50)
    field.key(GRID_1, "1")
    assert (state(field, storm), state(field, mud)) == ("answered", "waiting")


def test_a_key_answers_every_post_named_in_the_call(open_county: Opener) -> None:
    """One person with two posts hears both titles and answers both with one key."""
    field = open_county(roster=changed("r1", post(GRID_2, holder=GRID_1)))
    only(field, GRID_1, GRID_2)
    field.wait(90)
    assert field.new() == [(GRID_1, CALL)]
    field.key(GRID_1, "1")
    assert {state(field, 1, GRID_1), state(field, 1, GRID_2)} == {"answered"}


def test_the_second_number_answers_for_its_owner(open_county: Opener) -> None:
    """Matching is by the number that was dialled."""
    field = open_county(roster=standard_roster(responders=two_phones()))
    only(field, GRID_1)
    field.wait(180)
    assert field.new()[-1] == (SECOND_PHONE, CALL)
    field.reply(SECOND_PHONE, "1")
    assert answers(field) == [("acknowledged", -1)]


def test_a_number_that_was_not_dialled_answers_nothing(open_county: Opener) -> None:
    """Nobody has told it anything yet."""
    field = open_county(roster=standard_roster(responders=two_phones()))
    only(field, GRID_1)
    field.reply(SECOND_PHONE, "1")
    assert (state(field, 1), answers(field)) == ("waiting", [])


@pytest.mark.parametrize(("serial", "silent", "seconds"), [(DEPUTY, GRID_1, 180), (LEADER_BAIMA, GRID_2, 180)])
def test_deputies_and_superiors_may_answer_by_text_too(field: Field, serial: int, silent: int, seconds: int) -> None:
    """They were rung, and write back."""
    only(field, silent)
    field.wait(seconds)
    field.reply(serial, "1")
    assert answers(field, silent) == [("proxy", -1)]


def test_the_same_provider_event_twice_has_one_effect(field: Field) -> None:
    """Callbacks are repeated: within one delivery, and again later."""
    only(field, GRID_1)
    event = Inbound("sms-gateway:7", InboundKind.REPLY, field.clock.now(), "1", e164=number(GRID_1).e164)
    assert field.app.store.accept([event, event]) == 1
    field.settle()
    assert field.app.store.accept([event]) == 0
    field.settle()
    assert answers(field) == [("acknowledged", -1)]


def test_two_events_about_one_callout_in_one_batch_are_understood_one_after_the_other(field: Field) -> None:
    """Deputy and person answer in the same moment: first the stand-in, then the better answer, none is lost."""
    only(field, GRID_1)
    field.wait(180)
    field.come(InboundKind.KEY, "1", attempt=field.last(DEPUTY, CALL).attempt, settle=False)
    field.reply(GRID_1, "1", settle=False)
    field.settle()
    assert answers(field) == [("proxy", -1), ("acknowledged", -1)]
    assert (field.callout(GRID_1).grade, field.human_calls()) == ("acknowledged", [])


def test_two_texts_from_one_phone_in_one_batch_are_understood_in_their_order(field: Field) -> None:
    """First a question, then the answer."""
    only(field, GRID_1)
    field.reply(GRID_1, "哪条河？", settle=False)
    field.clock.advance(Instant(field.clock.now() + 1000))
    field.reply(GRID_1, "1", settle=False)
    field.settle()
    assert answers(field) == [("contact", -1), ("acknowledged", -1)]


def test_stop_bars_texts_and_not_calls(field: Field) -> None:
    """退订: the next step rings, the officer knows, and the next warning begins with a call."""
    only(field, GRID_1)
    field.reply(GRID_1, "退订")
    assert field.human_calls() == [(GRID_1, "asked")]
    field.wait(90)
    assert field.new() == [(GRID_1, CALL)]
    field.key(GRID_1, "1")
    field.alert(Level.RED, areas=[BAIMA], hazard=Hazard.LANDSLIDE)
    assert (GRID_1, CALL) in field.new()


def test_a_text_from_a_stranger_changes_nothing(field: Field) -> None:
    """A number that nobody has dialled has nothing to answer."""
    only(field, GRID_1)
    field.reply(777, "1")
    assert (state(field, 1), field.new()) == ("waiting", [])
