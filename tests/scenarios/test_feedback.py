"""semantics 3, last sentence: 应 is not done. What a post must report has a deadline, a reminder and a HumanCall."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, select

from callout.domain.alert import MsgType
from callout.domain.answer import Grade
from callout.domain.callout import CalloutKey
from callout.domain.errors import CalloutError
from callout.domain.feedback import FeedbackKind, Report
from callout.domain.instant import HOUR, MINUTE, later
from callout.domain.level import Level
from callout.domain.roster import NumberKind, Post
from callout.pipeline import acknowledge, feedback
from callout.ports import Given, InboundKind, InboundRow
from callout.reports.account import account
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.demands import demanding
from tests.scenarios.evenings import until
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    DEPUTY,
    DESK,
    GRID_1,
    GRID_2,
    LEADER_BAIMA,
    SMS,
    VOICE,
    Field,
    number,
    person,
    standard_roster,
)

F = schema.feedback
OFFICER = "示例·值班员"


@pytest.fixture
def baima(open_county: Opener) -> Field:
    field = demanding(open_county())
    field.alert(areas=[BAIMA], identifier="示例-橙")
    for other in (DESK, LEADER_BAIMA, GRID_2):
        field.reply(other, "全部收到")
    for other in (LEADER_BAIMA, GRID_2):
        field.reply(other, "已到岗")
    field.reply(GRID_2, "已转移0人")
    field.new()
    return field


def duties(field: Field, post: int = GRID_1, alert: int = 1) -> dict[str, str]:
    return {r.kind: r.state for r in all_of(field, post, alert)}


def all_of(field: Field, post: int = GRID_1, alert: int = 1) -> list[Row[Any]]:
    return field.rows(select(F).where(F.c.post == post, F.c.alert == alert).order_by(F.c.kind))


def one(field: Field, kind: str, post: int = GRID_1, alert: int = 1) -> Row[Any]:
    return next(r for r in all_of(field, post, alert) if r.kind == kind)


def test_an_answer_opens_what_the_rule_demands_and_nothing_before_it(baima: Field) -> None:
    """应 stops the calling; the duties start, each with its own deadline, in the same commit."""
    assert duties(baima) == {}
    baima.reply(GRID_1, "收到")
    now = baima.clock.now()
    assert [(r.kind, r.state, r.due_at - now) for r in all_of(baima)] == [
        ("到岗", "open", 30 * MINUTE), ("转移", "open", 60 * MINUTE)
    ]  # fmt: skip
    assert {r.kind for r in all_of(baima, LEADER_BAIMA)} == {"到岗"}
    assert all_of(baima, DESK) == []
    opened = baima.audit("feedback.opened")
    assert {(r.alert, r.post, r.ref, r.after) for r in opened[-2:]} == {
        (1, GRID_1, "到岗", "open"), (1, GRID_1, "转移", "open")
    }  # fmt: skip


def test_a_rule_that_demands_nothing_opens_nothing(field: Field) -> None:
    """Without a demand nothing changes: no row, no text, no item."""
    field.alert(Level.YELLOW)
    field.reply(GRID_1, "收到")
    field.wait(3600)
    assert field.rows(select(F)) == []


def test_each_kind_of_answer_opens_it(baima: Field) -> None:
    """A key on the phone, and an officer's word for the person."""
    baima.wait(90)
    baima.key(GRID_1, "1")
    assert duties(baima) == {"到岗": "open", "转移": "open"}


def test_what_an_officer_heard_opens_it_too(baima: Field) -> None:
    def confirm(work: Any) -> None:
        heard = work.hears.find(CalloutKey(COUNTY, 1, GRID_1, 0))
        row = InboundRow("human:1", InboundKind.KEY, "", 0, "电话", "", work.at, 0)
        acknowledge.confirm(work, heard, row, OFFICER)

    baima.app.store.write(confirm)
    assert duties(baima) == {"到岗": "open", "转移": "open"}
    baima.wait(20 * 60)
    assert baima.to(GRID_1)[-1][1].text.startswith("【叫应】武隆区暴雨橙色预警：")


def test_the_person_is_reminded_once_with_a_third_of_the_time_left(baima: Field) -> None:
    """By text, whatever the hour, with the words to send back; after that nobody is texted again."""
    baima.reply(GRID_1, "收到")
    baima.wait(20 * 60 - 1)
    assert baima.new() == []
    baima.wait(1)
    assert baima.new() == [(GRID_1, SMS)]
    text = baima.last(GRID_1, SMS).text
    assert "示例·白马镇网格员一还没有反馈到岗情况" in text
    assert "请回：已到岗A" in text
    assert one(baima, "到岗").state == "reminded"
    baima.wait(10 * 60 - 1)
    assert baima.new() == []


def test_what_the_reminder_says_to_send_is_understood(baima: Field) -> None:
    """The very words of the text close the duty."""
    baima.reply(GRID_1, "收到")
    baima.wait(20 * 60)
    words = baima.last(GRID_1, SMS).text.partition("请回：")[2].partition("。")[0]
    baima.reply(GRID_1, words)
    assert one(baima, "到岗").state == "given"


def test_without_word_in_time_it_goes_to_a_human_and_the_desk_is_rung(baima: Field) -> None:
    """An item of its own about the post; only the report closes it, not another answer."""
    baima.reply(GRID_1, "收到")
    baima.wait(30 * 60)
    assert (one(baima, "到岗").state, one(baima, "转移").state) == ("overdue", "open")
    assert baima.human_calls() == [(GRID_1, "feedback")]
    baima.new()
    baima.wait(120)
    assert baima.new() == [(DESK, VOICE)]
    baima.reply(GRID_1, "收到")
    assert baima.human_calls() == [(GRID_1, "feedback")]
    baima.reply(GRID_1, "已到岗")
    assert baima.human_calls() == []
    assert one(baima, "到岗").state == "given"


@pytest.mark.parametrize(("text", "kind"), [("已到岗", "到岗"), ("已转移3户12人", "转移")])
def test_a_report_is_an_answer_as_well(baima: Field, text: str, kind: str) -> None:
    """Whoever writes 已到岗 before 收到 has answered, and has reported that much."""
    baima.reply(GRID_1, text)
    assert (baima.states()[GRID_1], baima.callout(GRID_1).grade) == ("answered", Grade.ACKNOWLEDGED)
    assert {k for k, state in duties(baima).items() if state == "given"} == {kind}


def test_people_moved_are_counted_and_a_later_count_replaces_the_first(baima: Field) -> None:
    """Households and people; the time of the first word stays, every word is kept."""
    baima.reply(GRID_1, "收到")
    baima.wait(60)
    baima.reply(GRID_1, "已转移3户12人")
    first = one(baima, "转移")
    assert (first.households, first.people) == (3, 12)
    baima.wait(600)
    baima.reply(GRID_1, "已转移30人")
    last = one(baima, "转移")
    assert (last.households, last.people, last.given_at) == (-1, 30, first.given_at)
    g = schema.answer
    assert [r.moved for r in baima.rows(select(g).where(g.c.post == GRID_1).order_by(g.c.at))] == [-1, 12, 30]


def test_support_is_no_report(baima: Field) -> None:
    """3 goes to the officer; the duty is still owed."""
    baima.reply(GRID_1, "收到")
    baima.reply(GRID_1, "3")
    assert set(duties(baima).values()) == {"open"}
    assert baima.human_calls() == [(GRID_1, "asked")]


@pytest.mark.parametrize("text", ["没到岗", "已到岗但路断了", "还没落实", "到岗了吗", "已转移3户", "已到岗1人受伤"])
def test_only_the_whole_word_is_a_report(baima: Field, text: str) -> None:
    baima.reply(GRID_1, "收到")
    baima.reply(GRID_1, text)
    assert set(duties(baima).values()) == {"open"}
    assert baima.human_calls() == [(GRID_1, "asked")]


def test_the_stand_in_is_reminded_where_a_stand_in_answered(baima: Field) -> None:
    """The deputy answered for the post, so the deputy is asked, and may report for it."""
    baima.wait(90 + 90)
    baima.key(DEPUTY, "1")
    baima.new()
    baima.wait(20 * 60)
    assert [one for one in baima.new() if one[0] != DESK] == [(DEPUTY, SMS)]
    baima.reply(DEPUTY, "已到岗")
    assert one(baima, "到岗").state == "given"


def test_whoever_takes_no_texts_is_not_reminded_and_still_ends_with_a_human(baima: Field) -> None:
    """退订 ends the texts, not the duty."""
    baima.reply(GRID_1, "收到")
    baima.reply(GRID_1, "退订")
    texts = len(baima.to(GRID_1))
    baima.wait(20 * 60)
    assert len(baima.to(GRID_1)) == texts
    assert one(baima, "到岗").state == "open"
    baima.wait(10 * 60)
    assert one(baima, "到岗").state == "overdue"
    assert (GRID_1, "feedback") in baima.human_calls()


def test_a_landline_is_never_texted(open_county: Opener) -> None:
    """Whoever answered on the landline is reminded on the mobile."""
    two = person(GRID_1, number(104, NumberKind.LANDLINE), number(GRID_1))
    usual = standard_roster()
    people = tuple(two if one.id == GRID_1 else one for one in usual.responders)
    field = demanding(open_county(roster=replace(usual, responders=people)))
    field.alert(areas=[BAIMA])
    field.key(104, "1")
    assert duties(field) == {"到岗": "open", "转移": "open"}
    field.wait(20 * 60)
    assert "还没有反馈到岗" in field.last(GRID_1, SMS).text
    assert {m.channel for _, m in field.to(104)} == {VOICE}


def test_neither_cancel_nor_expiry_ends_the_duty(baima: Field) -> None:
    """The people are still out there."""
    baima.reply(GRID_1, "收到")
    baima.alert(identifier="示例-解除", areas=[BAIMA], msg_type=MsgType.CANCEL, references=["示例-橙"])
    until(baima, later(baima.clock.now(), 7 * HOUR))
    assert duties(baima) == {"到岗": "overdue", "转移": "overdue"}
    assert [call for call in baima.human_calls() if call[1] == "feedback"] == [(GRID_1, "feedback")] * 2


def test_the_newer_warning_of_the_episode_takes_the_duty_over(baima: Field) -> None:
    """Red after orange: until red is answered the old duty runs; then the person owes each report once."""
    baima.reply(GRID_1, "收到")
    baima.wait(31 * 60)
    baima.alert(Level.RED, identifier="示例-红", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["示例-橙"])
    assert duties(baima) == {"到岗": "overdue", "转移": "open"}
    baima.wait(31)
    baima.reply(GRID_1, "收到")
    assert duties(baima) == {"到岗": "superseded", "转移": "superseded"}
    assert duties(baima, alert=2) == {"到岗": "open", "转移": "open"}
    assert (GRID_1, "feedback") not in baima.human_calls()


def test_an_officer_enters_what_a_person_reported(baima: Field) -> None:
    """By phone or on paper; who entered it is on record, who reported lies in the erasable table."""
    with pytest.raises(CalloutError, match="没有“转移”反馈任务"):
        give(baima, Report(FeedbackKind.MOVED, 12, 3))
    baima.reply(GRID_1, "收到")
    with pytest.raises(CalloutError, match="值班人员姓名"):
        give(baima, Report(FeedbackKind.MOVED, 12, 3), officer=" ")
    give(baima, Report(FeedbackKind.MOVED, 12, 3))
    row = one(baima, "转移")
    assert (row.state, row.people, row.households) == ("given", 12, 3)
    [told] = [r for r in baima.audit("feedback.given") if r.post == GRID_1]
    assert (told.actor, told.ref, told.detail) == (OFFICER, "转移", "people=12 households=3 human:1")


def give(field: Field, report: Report, officer: str = OFFICER) -> None:
    given = Given(COUNTY, 1, GRID_1, report, "human:1")
    field.app.store.write(lambda work: feedback.give(work, given, officer))


def test_one_person_with_two_posts_is_counted_once(open_county: Opener) -> None:
    """已转移12人 from somebody with two posts is twelve people, not twenty-four."""
    usual = standard_roster()
    second = Post(31, BAIMA, "网格员", "示例·白马镇网格员三", GRID_1, superior=LEADER_BAIMA)
    field = demanding(open_county(roster=replace(usual, posts=(*usual.posts, second))))
    field.alert(areas=[BAIMA])
    field.reply(GRID_1, "已转移12人")
    assert {(one(field, "转移", post).state, one(field, "转移", post).people) for post in (GRID_1, 31)} == {
        ("given", 12), ("given", -1)
    }  # fmt: skip
    field.wait(20 * 60)
    reminders = [m.text for _, m in field.to(GRID_1) if "还没有反馈" in m.text]
    assert len(reminders) == 1
    assert "示例·白马镇网格员一、示例·白马镇网格员三还没有反馈到岗情况" in reminders[0]


def test_the_account_says_what_is_owed_given_and_overdue(baima: Field) -> None:
    baima.reply(GRID_1, "收到")
    baima.reply(GRID_1, "已转移3户12人")
    baima.wait(40 * 60)
    counted = baima.app.database.read(lambda db: account(db, baima.app.rulebooks)).work.feedback
    on_post, moved = counted[FeedbackKind.ON_POST], counted[FeedbackKind.MOVED]
    assert (on_post.due, on_post.given, on_post.overdue, on_post.waiting) == (3, 2, 1, 0)
    assert (moved.due, moved.given, moved.people, moved.households) == (2, 2, 12, 3)
