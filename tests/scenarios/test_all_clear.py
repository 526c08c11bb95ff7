"""解除: everybody who was or may have been called is told, with what still holds; ladders end; nothing is guessed."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert, MsgType
from callout.domain.instant import SECOND, later
from callout.domain.level import Hazard, Level
from callout.domain.roster import NumberKind, Post
from callout.pipeline.receive import Received
from callout.ports import Message
from callout.render.sms import parts
from callout.store import schema
from tests.scenarios.baima import changed
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DAY,
    DEPUTY,
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
    make_alert,
    number,
    person,
    standard_roster,
)
from tests.scenarios.test_nobody_vanishes import commits, the_account

IN_BAIMA = (DESK, LEADER_BAIMA, GRID_1, GRID_2)


def all_clear(
    field: Field, words: str = "暴雨橙色预警信号", level: Level | None = Level.ORANGE, **more: object
) -> Alert:
    """A Cancel of message A as an office writes it; `words` stand behind 解除."""
    say = {"areas": [BAIMA], "references": ["A"], "identifier": "C", **more}
    return make_alert(
        field.clock.now(), level, msg_type=MsgType.CANCEL, headline=f"武隆区气象台解除{words}", **say
    )  # fmt: skip


def lift(field: Field, *words: str, **more: object) -> Received:
    """The Cancel comes in a second later: it acts on what was sent before it."""
    field.wait(1)
    return field.take_in(all_clear(field, *words, **more))  # type: ignore[arg-type]


def told(field: Field) -> dict[int, Message]:
    """The notices since the last look, by phone serial: one each."""
    fresh = [m for _, m in field.phones.got[field.seen :] if not m.wants_answer]
    field.new()
    by_phone = {int(m.e164[-7:]): m for m in fresh}
    assert len(by_phone) == len(fresh)
    return by_phone


def county_states(field: Field) -> list[str]:
    ac = schema.alert_county
    return [r.state for r in field.rows(select(ac.c.state).order_by(ac.c.alert))]


def test_everybody_who_was_called_is_told(field: Field) -> None:
    """Answered, silent, called in another's place: one text each, short, without any question."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_2, "收到")
    field.wait(150)
    assert field.to(DEPUTY)
    waiting = field.human_calls()
    field.new()
    lift(field)
    found = told(field)
    assert set(found) == {*IN_BAIMA, DEPUTY}
    assert {m.text for m in found.values()} == {"【叫应】武隆区暴雨橙色预警已解除（武隆区气象台8月2日10:03）。"}
    assert (field.human_calls(), county_states(field)) == (waiting, ["lifted", "carried_out"])


def test_ladders_that_run_end_in_a_named_state(field: Field) -> None:
    """In the same commit as the notices; nobody is called any more, and the account says how many were still silent."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_2, "收到")
    done = commits(field)
    lift(field)
    field.new()
    [one] = [each for each in done if any(event == "callout.lifted" for event, *_ in each)]
    assert len([event for event, *_ in one if event == "notice.queued"]) == len(IN_BAIMA)
    assert field.states(1) == {DESK: "lifted", LEADER_BAIMA: "lifted", GRID_1: "lifted", GRID_2: "answered"}
    field.wait(3600)
    assert field.new() == []
    total = the_account(field).total
    assert (total.due, total.answered, total.lifted, total.unreachable, total.lost) == (4, 1, 3, 0, 0)


def test_an_attempt_in_doubt_is_told_and_a_refused_one_is_not(field: Field) -> None:
    """UNKNOWN may have arrived; what the provider refused certainly did not."""
    fate = {GRID_1: "unknown", GRID_2: "lost", LEADER_BAIMA: "refused"}
    field.phones.script = lambda m: fate.get(int(m.e164[-7:]), "")
    field.alert(Level.YELLOW, identifier="A", areas=[BAIMA])
    field.alert(identifier="B", areas=[BAIMA], hazard=Hazard.FLASH_FLOOD)
    field.phones.script = lambda _: ""
    field.new()
    lift(field, "山洪橙色预警", references=["B"], hazard=Hazard.FLASH_FLOOD)
    by_phone = told(field)
    assert {GRID_1, GRID_2} <= set(by_phone)
    assert LEADER_BAIMA not in by_phone


def test_a_notice_in_doubt_stays_visible(field: Field) -> None:
    """It is an attempt like any other, recorded as UNKNOWN; everybody is rung then, once, and that is in doubt too."""
    field.alert(identifier="A", areas=[BAIMA])
    field.phones.script = lambda _: "unknown"
    lift(field)
    notices = [a for a in field.attempts() if a.notice]
    assert {a.state for a in notices} == {"unknown"}
    assert sorted(a.channel for a in notices) == ["sms"] * len(IN_BAIMA) + ["voice"] * len(IN_BAIMA)
    assert len(field.audit("attempt.doubtful")) == 2 * len(IN_BAIMA)


def test_the_all_clear_also_comes_after_the_end(field: Field) -> None:
    """The warning has run out, people still wait for word: they get it, and the notice itself has no end."""
    field.alert(identifier="A", areas=[BAIMA], hours=0.05)
    field.wait(300)
    assert set(field.states(1).values()) == {"expired_unanswered"}
    field.new()
    lift(field)
    found = told(field)
    assert set(found) >= set(IN_BAIMA)
    assert {m.expires_at for m in found.values()} == {None}
    assert set(field.states(1).values()) == {"expired_unanswered"}


def test_it_lists_what_is_still_in_force_for_that_person(field: Field) -> None:
    """暴雨解除，地灾橙色仍生效，不得返回: for 白马; 江口 has nothing else over it and reads nothing of it."""
    field.alert(identifier="A", areas=[BAIMA, JIANGKOU])
    field.alert(identifier="B", areas=[BAIMA], hazard=Hazard.LANDSLIDE)
    field.new()
    lift(field, areas=[BAIMA, JIANGKOU])
    found = told(field)
    assert "暴雨橙色预警已解除" in found[GRID_1].text
    assert "地质灾害橙色仍生效，不得返回。" in found[GRID_1].text
    assert "地质灾害橙色仍生效" in found[DESK].text
    assert "仍生效" not in found[GRID_3].text
    assert all(parts(m.text) == 1 for m in found.values())


def test_what_has_run_out_or_been_lifted_is_not_listed(field: Field) -> None:
    """Only what holds now."""
    field.alert(identifier="A", areas=[BAIMA])
    field.alert(identifier="B", areas=[BAIMA], hazard=Hazard.LANDSLIDE, hours=0.01)
    field.wait(60)
    lift(field)
    assert all("仍生效" not in m.text for m in told(field).values())


def test_a_stop_of_work_that_nobody_lifted_is_listed_and_stays(open_county: Opener) -> None:
    """熔断 ends by a decision of its own, never by an all-clear, a downgrade or the end of the warning."""
    school = Post(7, BAIMA, "学校安全责任人", "示例·白马镇小学", LEADER_BAIMA)
    field = open_county(DAY, changed("r2", school))
    field.alert(Level.RED, identifier="A", areas=[BAIMA])
    s = schema.stop_work
    before = field.rows(select(s.c.code, s.c.state))
    assert [tuple(row) for row in before] == [("停学", "proposed")]
    lift(field, "暴雨红色预警", level=Level.RED)
    text = field.last(LEADER_BAIMA, SMS).text
    assert text.endswith("暴雨红色预警已解除（武隆区气象台8月2日10:00）。熔断（停学）没有解除。")
    assert field.rows(select(s.c.code, s.c.state)) == before


def test_calls_that_ring_are_ended_and_the_record_says_so(field: Field) -> None:
    """The channel is told to end what still rings; a call that was heard to its end is left as it was."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(100)
    heard = field.last(GRID_1, VOICE).attempt
    field.receipt(GRID_1, "heard_whole", VOICE)
    lift(field)
    ringing = {field.last(post, VOICE).attempt for post in (DESK, LEADER_BAIMA, GRID_2)}
    assert set(field.phones.hung_up) == ringing
    assert heard not in field.phones.hung_up
    assert {row.ref for row in field.audit("attempt.hung_up")} == ringing


def test_a_landline_is_rung_with_the_all_clear(open_county: Opener) -> None:
    """Every number that was called is told, by the way that reaches it."""
    landline = person(GRID_2, number(GRID_2, NumberKind.LANDLINE))
    people = tuple(landline if p.id == GRID_2 else p for p in standard_roster().responders)
    field = open_county(DAY, changed("r2", responders=people))
    field.alert(Level.RED, identifier="A", areas=[BAIMA])
    field.new()
    lift(field, "暴雨红色预警", level=Level.RED)
    found = told(field)
    assert {phone: m.channel for phone, m in found.items()} == {p: VOICE if p == GRID_2 else SMS for p in IN_BAIMA}
    assert "暴雨红色预警已解除" in found[GRID_2].text


def test_one_text_for_a_person_with_two_posts(open_county: Opener) -> None:
    """However many posts a number was called for."""
    posts = tuple(replace(p, holder=GRID_1) if p.id == GRID_2 else p for p in standard_roster().posts)
    field = open_county(DAY, standard_roster(version="r2", posts=posts))
    field.alert(identifier="A", areas=[BAIMA])
    field.new()
    lift(field)
    assert set(told(field)) == {DESK, LEADER_BAIMA, GRID_1}


def test_a_notice_that_still_waits_is_not_sent_after_the_all_clear(field: Field) -> None:
    """降为黄色 must not come after 解除."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    for post in IN_BAIMA:
        field.reply(post, "收到")
    field.new()
    lower = make_alert(field.clock.now(), Level.YELLOW, areas=[BAIMA], msg_type=MsgType.UPDATE, references=["A"])
    field.take_in(lower, settle=False)
    field.clock.advance(later(field.clock.now(), SECOND))
    field.take_in(all_clear(field, "暴雨预警", Level.YELLOW), settle=False)
    field.settle()
    assert {m.text.partition("（")[0] for m in told(field).values()} == {"【叫应】武隆区暴雨黄色预警已解除"}


@pytest.mark.parametrize("words", ["暴雨橙色预警信号", "暴雨预警"])
def test_an_update_that_drops_a_township_is_its_all_clear(field: Field, words: str) -> None:
    """江口 is no longer named: its people are told, 白马 goes on, and the county's desk stays on the line."""
    field.alert(identifier="A", areas=[BAIMA, JIANGKOU])
    field.wait(40)
    field.reply(GRID_1, "收到")
    field.new()
    field.alert(
        identifier="U", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["A"], headline=f"武隆区气象台更新{words}"
    )
    found = told(field)
    assert set(found) == {GRID_1, LEADER_JIANGKOU, GRID_3}
    assert "橙色预警继续生效" in found[GRID_1].text
    assert "暴雨橙色预警已解除" in found[GRID_3].text
    assert {p: s for p, s in field.states(1).items() if s == "lifted"} == {LEADER_JIANGKOU: "lifted", GRID_3: "lifted"}
    assert field.callout(DESK, alert=1).state == "waiting"
    assert the_account(field).total.lost == 0


def test_an_update_in_doubt_drops_nothing(field: Field) -> None:
    """Whoever is not sure what it covers ends nothing: a human looks, and 江口 is called on."""
    field.alert(identifier="A", areas=[BAIMA, JIANGKOU])
    field.new()
    unsure = make_alert(field.clock.now(), identifier="U", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["A"])
    field.take_in(replace(unsure, doubts=("正文写的范围与区划码不一致，需人工核对",)))
    assert field.callout(GRID_3, alert=1).state == "waiting"
    assert field.human_calls() == [(0, "undecided")]
