"""分乡镇分级: one message, several levels; every township is called at its own, and what is unclear at the highest."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert, Area, CodeSystem, Geocode, MsgType
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post
from callout.store import schema
from tests.scenarios.baima import changed
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DAY,
    DESK,
    GRID_1,
    GRID_2,
    GRID_3,
    JIANGKOU,
    LEADER_BAIMA,
    LEADER_JIANGKOU,
    SMS,
    Field,
    make_alert,
    person,
    standard_roster,
)
from tests.scenarios.test_nobody_vanishes import the_account

DEPUTY_JIANGKOU = 7
"""The 分管领导 of 江口, whom the rules call from yellow on."""


@pytest.fixture
def field(open_county: Opener) -> Field:
    """The standard county with one more post, which a yellow warning calls."""
    post = Post(DEPUTY_JIANGKOU, JIANGKOU, "分管领导", "示例·江口镇副镇长", DEPUTY_JIANGKOU)
    people = (*standard_roster().responders, person(DEPUTY_JIANGKOU))
    return open_county(DAY, changed("r2", post, responders=people))


def two_infos(field: Field, **more: Any) -> Alert:
    """白马 orange, 江口 yellow, as two infos of one message."""
    alert = make_alert(field.clock.now(), areas=[BAIMA], **more)
    other = replace(
        alert.info,
        level=Level.YELLOW,
        areas=(Area("江口镇", (Geocode(CodeSystem.STATS, JIANGKOU.partition(":")[2]),)),),
        headline="武隆区气象台发布暴雨黄色预警",
    )
    return replace(alert, infos=(alert.info, other))


def by_text(field: Field, text: str, level: Level = Level.YELLOW, **more: Any) -> Alert:
    """One info for the whole county whose text says more."""
    return make_alert(field.clock.now(), level, description=text, **more)


def levels(field: Field) -> dict[str, set[str]]:
    """Level of the message → the posts it is told to."""
    found: dict[str, set[str]] = {}
    for _, m in field.phones.got[field.seen :]:
        colour = next(level.zh for level in Level if level.zh in m.text)
        found.setdefault(colour, set()).add(m.e164[-1])
    field.new()
    return found


def test_every_township_of_a_message_with_two_infos_has_its_own_level(field: Field) -> None:
    """Rules, words, lane and account go by the township; the county's desk hears the highest."""
    field.take_in(two_infos(field))
    assert levels(field) == {"橙色": {"1", "2", "4", "5"}, "黄色": {"7"}}
    assert (field.callout(GRID_1).lane, field.callout(DEPUTY_JIANGKOU).lane, field.callout(DESK).lane) == (1, 2, 1)
    assert GRID_3 not in field.states()
    account = the_account(field)
    assert (account.total.due, account.total.lost) == (5, 0)
    assert (account.by_level[Level.ORANGE].due, account.by_level[Level.YELLOW].due) == (4, 1)


def test_a_text_that_is_clear_gives_each_township_its_level(field: Field) -> None:
    """甲镇橙色，其余镇街黄色: decided by the text, without asking anybody; the reader's own doubt is settled."""
    said = by_text(field, "白马镇暴雨橙色预警，其余镇街暴雨黄色预警。")
    field.take_in(replace(said, doubts=("正文里同一灾种还写有橙色，可能分乡镇分级，需人工核对范围",)))
    assert field.callout(GRID_1).lane == 1
    assert field.callout(DEPUTY_JIANGKOU).lane == 2
    assert "橙色" in field.last(GRID_1, SMS).text
    assert "黄色" in field.last(DEPUTY_JIANGKOU, SMS).text
    assert (0, "undecided") not in field.human_calls()


def test_a_text_that_is_not_clear_calls_everybody_at_the_highest_and_asks(field: Field) -> None:
    """部分镇街 could be any of them: a repeated call costs less than a missed one."""
    field.take_in(by_text(field, "部分镇街暴雨橙色预警，其余镇街暴雨黄色预警。"))
    assert set(levels(field)) == {"橙色"}
    assert {GRID_1, GRID_2, GRID_3} <= set(field.states())
    assert (0, "undecided") in field.human_calls()
    assert the_account(field).total.lost == 0


def test_a_downgrade_of_some_townships_leaves_the_others_as_they_were(field: Field) -> None:
    """将白马镇降为黄色，其余镇街橙色仍生效: 白马 goes on at yellow, 江口 hears that orange goes on."""
    field.alert(identifier="A")
    field.wait(40)
    for post in (LEADER_BAIMA, LEADER_JIANGKOU):
        field.reply(post, "收到")
    field.new()
    text = "将白马镇暴雨橙色预警降级为黄色，其余镇街暴雨橙色预警仍生效。"
    field.take_in(by_text(field, text, Level.ORANGE, msg_type=MsgType.UPDATE, references=["A"]))
    told = {int(m.e164[-7:]): m.text for _, m in field.phones.got[field.seen :] if not m.wants_answer}
    assert set(told) == {LEADER_BAIMA, LEADER_JIANGKOU}
    assert "暴雨预警降为黄色" in told[LEADER_BAIMA]
    assert "暴雨橙色预警继续生效" in told[LEADER_JIANGKOU]
    assert (field.callout(GRID_1, alert=1).lane, field.callout(GRID_3, alert=1).lane) == (2, 1)
    assert field.callout(DESK, alert=1).lane == 1


def test_an_upgrade_of_one_township_calls_only_its_people_anew(field: Field) -> None:
    """江口 stays at yellow: one notice; 白马 goes up: new ladders; the county's desk goes up with it."""
    field.alert(Level.YELLOW, identifier="A")
    field.wait(40)
    for post in (DESK, DEPUTY_JIANGKOU):
        field.reply(post, "收到")
    field.new()
    field.take_in(
        by_text(field, "白马镇暴雨橙色预警，其余镇街暴雨黄色预警。", msg_type=MsgType.UPDATE, references=["A"])
    )
    asked = {int(m.e164[-7:]) for _, m in field.phones.got[field.seen :] if m.wants_answer}
    told = {int(m.e164[-7:]) for _, m in field.phones.got[field.seen :] if not m.wants_answer}
    assert (asked, told) == ({DESK, LEADER_BAIMA, GRID_1, GRID_2}, {DEPUTY_JIANGKOU})


def test_the_levels_of_the_townships_are_on_record(field: Field) -> None:
    """As the county took them, for the export and for whoever asks later."""
    field.take_in(two_infos(field, hazard=Hazard.LANDSLIDE))
    [row] = field.rows(select(schema.alert_county.c.areas, schema.alert_county.c.lane))
    assert f'"{BAIMA}": "orange"' in row.areas
    assert f'"{JIANGKOU}": "yellow"' in row.areas
    assert row.lane == 1
