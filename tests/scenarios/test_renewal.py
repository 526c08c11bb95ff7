"""Repetitions below red, and downgrades: a notice for who answered, new words for who did not, anew for the rest."""

import asyncio
from collections.abc import Iterable

import pytest
from sqlalchemy import select

from callout.domain.alert import MsgType
from callout.domain.callout import CalloutKey
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, SECOND, later
from callout.domain.level import Hazard, Level
from callout.domain.roster import NumberKind
from callout.pipeline import acknowledge
from callout.pipeline.plan import Planning, run_once
from callout.pipeline.receive import Received
from callout.pipeline.send import claim
from callout.ports import InboundKind, InboundRow
from callout.store import schema
from callout.store.store import Work
from tests.scenarios.baima import changed
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    DAY,
    DESK,
    GRID_1,
    GRID_2,
    GRID_3,
    JIANGKOU,
    LEADER_BAIMA,
    LEADER_JIANGKOU,
    SMS,
    VOICE,
    Field,
    another,
    make_alert,
    number,
    person,
    standard_roster,
)
from tests.scenarios.test_nobody_vanishes import the_account

IN_BAIMA = (DESK, LEADER_BAIMA, GRID_1, GRID_2)


def update(field: Field, level: Level, *areas: str, **more: object) -> Received:
    """An Update of message A comes in now; it is alert 2 of the story unless others came before."""
    return field.alert(level, msg_type=MsgType.UPDATE, references=["A"], areas=areas or [BAIMA], **more)


def notices(field: Field) -> list[tuple[int, str]]:
    """(phone serial, text) of the messages since the last look that ask for no answer."""
    fresh = field.phones.got[field.seen :]
    field.new()
    return [(int(m.e164[-7:]), m.text) for _, m in fresh if not m.wants_answer]


def states(field: Field, alert: int, posts: Iterable[int] = IN_BAIMA) -> list[str]:
    return [field.callout(post, alert=alert).state for post in posts]


def test_who_has_answered_gets_one_notice_of_a_downgrade(field: Field) -> None:
    """No ladder, no answer wanted: one text that says what has changed."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_2, "收到")
    field.new()
    update(field, Level.YELLOW)
    [(phone, text)] = notices(field)
    assert phone == GRID_2
    assert "武隆区暴雨预警降为黄色" in text
    assert "不必再回" in text
    row = field.callout(GRID_2, alert=1)
    assert (row.state, field.states(2).get(GRID_2)) == ("answered", None)


def test_a_repetition_below_red_is_one_notice_too(field: Field) -> None:
    """继续发布: the same level again, with its new end."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    for post in IN_BAIMA:
        field.reply(post, "收到")
    field.new()
    update(field, Level.ORANGE, hours=8)
    told = notices(field)
    assert sorted(phone for phone, _ in told) == list(IN_BAIMA)
    assert all("武隆区暴雨橙色预警继续生效" in text and "至18:00" in text for _, text in told)
    assert set(states(field, 2)) == {"informed"}
    field.wait(3600)
    assert field.new() == []


def test_who_is_still_being_called_goes_on_with_the_new_words_and_the_new_end(field: Field) -> None:
    """Not from the beginning: the next step comes when it was due, and speaks of the newer message."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(30)
    before = field.callout(GRID_1, alert=1)
    field.new()
    update(field, Level.ORANGE, hours=8)
    after = field.callout(GRID_1, alert=1)
    assert field.new() == []
    assert (after.state, after.step, after.next_at) == ("waiting", before.step, before.next_at)
    ends = later(field.clock.now(), 8 * HOUR)
    assert (after.says, after.expires_at) == (2, ends)
    assert (field.callout(GRID_1, alert=2).state, field.callout(GRID_1, alert=2).carried_by) == ("continued", 1)
    field.wait(60)
    call = field.last(GRID_1, VOICE)
    assert "有效至8月2日18点" in call.text
    assert call.expires_at == ends


def test_a_downgrade_lowers_the_level_that_is_told_and_the_lane(field: Field) -> None:
    """Whoever no rule would call at the lower level is told so all the same: the ladder that was begun goes on."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(30)
    update(field, Level.YELLOW)
    field.new()
    field.wait(60)
    assert GRID_1 not in field.states(2)
    assert "暴雨黄色预警" in field.last(GRID_1, VOICE).text
    assert field.callout(GRID_1, alert=1).lane == 2


def test_the_answer_to_a_ladder_that_goes_on_answers_both_messages(field: Field) -> None:
    """One answer, one ladder; the account shows both as answered, and nobody as lost."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(30)
    update(field, Level.ORANGE)
    field.wait(60)
    for post in IN_BAIMA:
        field.reply(post, "收到")
    account = the_account(field)
    assert [(t.due, t.answered, t.informed, t.lost) for _, t in account.per_alert] == [(4, 4, 0, 0)] * 2


def test_who_answers_the_older_words_is_told_the_newer(field: Field) -> None:
    """The text of 10:00 is answered at 10:01, after the downgrade: the person does not stay with orange."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(30)
    update(field, Level.YELLOW)
    field.new()
    field.reply(GRID_2, "收到")
    [(phone, text)] = notices(field)
    assert phone == GRID_2
    assert "暴雨黄色预警继续生效" in text


def test_whoever_was_exhausted_starts_again(field: Field) -> None:
    """Nobody reached at the end of the ladder: the repetition is a new chance, and takes the officer's item over."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(15 * 60)
    assert set(states(field, 1)) == {"exhausted"}
    field.new()
    update(field, Level.ORANGE)
    assert {post for post, channel in field.new() if channel is SMS} == set(IN_BAIMA)
    assert (set(states(field, 1)), set(states(field, 2))) == ({"superseded"}, {"waiting"})
    assert field.human_calls() == []


def test_whoever_had_expired_starts_again(field: Field) -> None:
    """继续 that comes minutes after the end of the first: expired stays on record, and everybody is called again."""
    first = field.alert(identifier="A", areas=[BAIMA], hours=0.1)
    field.wait(370)
    assert first.alert == 1
    assert set(states(field, 1)) == {"expired_unanswered"}
    field.new()
    update(field, Level.ORANGE)
    assert set(states(field, 2)) == {"waiting"}
    assert set(states(field, 1)) == {"expired_unanswered"}
    total = the_account(field).total
    assert (total.due, total.expired_unanswered, total.open, total.lost) == (8, 4, 4, 0)


def test_a_later_message_extends_the_validity(field: Field) -> None:
    """At the end of the first nothing expires: the ladder that goes on lives as long as the message it speaks."""
    field.alert(identifier="A", areas=[BAIMA], hours=0.05)
    field.wait(60)
    update(field, Level.ORANGE, hours=1)
    field.wait(300)
    assert "expired_unanswered" not in field.states(1).values()
    field.wait(3600)
    assert set(states(field, 1)) == {"expired_unanswered"}
    total = the_account(field).total
    assert (total.expired_unanswered, total.lost) == (8, 0)


def test_a_notice_is_not_submitted_after_the_end(field: Field) -> None:
    """It was queued in time and claimed by a worker that died; whoever takes it over looks at the clock again."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    for post in IN_BAIMA:
        field.reply(post, "收到")
    field.new()
    planning = Planning(field.app.store, field.app.rulebooks)
    again = make_alert(field.clock.now(), areas=[BAIMA], hours=10 / 3600, msg_type=MsgType.UPDATE, references=["A"])
    field.take_in(again, settle=False)
    while run_once(planning).moved:
        pass
    field.app.store.write(lambda work: claim(work, another(field), 100))
    field.clock.advance(later(field.clock.now(), 40 * SECOND))
    asyncio.run(field.app.sender.run_once())
    assert field.new() == []
    assert {r.state for r in field.attempts() if r.notice} == {"withdrawn"}


def test_only_what_is_newly_covered_is_called_anew(field: Field) -> None:
    """白马 stood at orange already; 江口 comes in. The county's desk answered and hears of it by notice."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    for post in IN_BAIMA:
        field.reply(post, "收到")
    field.new()
    update(field, Level.ORANGE, BAIMA, JIANGKOU)
    fresh = [(int(m.e164[-7:]), m.wants_answer) for _, m in field.phones.got[field.seen :]]
    assert sorted(phone for phone, asks in fresh if asks) == [LEADER_JIANGKOU, GRID_3]
    assert sorted(phone for phone, asks in fresh if not asks) == list(IN_BAIMA)
    assert set(states(field, 2, (LEADER_JIANGKOU, GRID_3))) == {"waiting"}


def test_the_notice_goes_to_the_phone_that_answered_and_a_landline_is_rung(open_county: Opener) -> None:
    """A text to a landline reaches nobody."""
    landline = person(GRID_2, number(GRID_2, NumberKind.LANDLINE))
    roster = standard_roster()
    people = tuple(landline if p.id == GRID_2 else p for p in roster.responders)
    field = open_county(DAY, changed("r2", responders=people))
    field.alert(Level.RED, identifier="A", areas=[BAIMA])
    field.wait(60)
    field.key(GRID_2, "1")
    field.new()
    update(field, Level.ORANGE)
    [told] = [m for _, m in field.to(GRID_2) if not m.wants_answer]
    assert told.channel is VOICE
    assert "暴雨预警降为橙色" in told.text


def test_an_unknown_kind_of_message_goes_on_with_its_episode_and_never_ends_one(field: Field) -> None:
    """No msgType: same office, hazard and area in force make the episode; what it omits is not lifted."""
    field.alert(identifier="derived-1", areas=[BAIMA, JIANGKOU], msg_type=MsgType.UNKNOWN)
    field.wait(40)
    field.reply(GRID_3, "收到")
    field.new()
    field.alert(Level.YELLOW, identifier="derived-2", areas=[BAIMA], msg_type=MsgType.UNKNOWN)
    ac = schema.alert_county
    assert [r.episode for r in field.rows(select(ac.c.episode).order_by(ac.c.alert))] == [1, 1]
    assert GRID_3 not in {phone for phone, _ in field.new()}
    assert field.callout(LEADER_JIANGKOU, alert=1).state == "waiting"
    assert field.audit("callout.lifted") == []


def test_another_hazard_is_no_repetition(field: Field) -> None:
    """Both run side by side, each with its own ladder."""
    field.alert(identifier="A", areas=[BAIMA])
    field.new()
    field.alert(identifier="B", areas=[BAIMA], hazard=Hazard.FLASH_FLOOD)
    assert field.callout(LEADER_BAIMA, alert=2).state == "waiting"
    assert field.audit("callout.renewed") == []


def test_a_red_that_comes_late_is_called_and_marked(field: Field) -> None:
    """Issued at 10:00, received at 10:40: everybody is called, and told that it is late; the record has the lag."""
    field.clock.advance(later(DAY, 40 * 60_000))
    field.take_in(make_alert(DAY, Level.RED, areas=[BAIMA]))
    assert {post for post, _ in field.new()} == set(IN_BAIMA)
    assert all(m.text.startswith("【叫应】（迟到）") for _, m in field.to(GRID_1))
    [row] = field.rows(select(schema.alert.c.document))
    assert "迟到：发布后40分钟才收到" in row.document


def test_an_officer_who_confirms_a_later_message_confirms_the_ladder_that_goes_on(field: Field) -> None:
    """On the officer's screen it is one person, whichever of the two messages is named."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(30)
    update(field, Level.ORANGE)
    field.app.store.write(lambda work: _confirm(work, alert=2))
    row = field.callout(GRID_1, alert=1)
    assert (row.state, row.grade) == ("answered", "confirmed_by_human")
    assert [(t.answered, t.lost) for _, t in the_account(field).per_alert] == [(1, 0), (1, 0)]


def _confirm(work: Work, alert: int) -> None:
    heard = work.hears.find(CalloutKey(COUNTY, alert, GRID_1, 0))
    assert heard is not None
    acknowledge.confirm(
        work, heard, InboundRow("human:1", InboundKind.KEY, "", 0, "电话", "", work.at, 0), "示例·值班员"
    )


@pytest.mark.parametrize(("confirmed", "says"), [(1, "本人已经应答"), (2, "已应答前一条预警")])
def test_who_was_only_told_needs_no_confirmation(field: Field, confirmed: int, says: str) -> None:
    """The post had answered the first message; both say so."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_1, "收到")
    update(field, Level.ORANGE)
    with pytest.raises(CalloutError, match=says):
        field.app.store.write(lambda work: _confirm(work, alert=confirmed))
