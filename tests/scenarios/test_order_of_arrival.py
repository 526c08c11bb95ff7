"""Time of issue decides: whatever order the messages of a night come in, it ends the same, and nobody is lost."""

from itertools import permutations

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert, MsgType
from callout.domain.instant import MINUTE, Instant, later
from callout.domain.level import Level
from callout.pipeline.plan import Planning, run_once
from callout.store import schema
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
    Field,
    make_alert,
)
from tests.scenarios.test_nobody_vanishes import the_account

IN_BAIMA = {DESK, LEADER_BAIMA, GRID_1, GRID_2}
LIVE = ("to_call", "waiting")
BEGIN = Instant(DAY - 30 * MINUTE)


def message(minute: int, level: Level, identifier: str, *areas: str, **more: object) -> Alert:
    """Sent `minute` minutes after the first of the night, half an hour before it comes in."""
    return make_alert(
        later(BEGIN, minute * MINUTE),
        level,
        identifier=identifier,
        areas=areas or [BAIMA],
        **{"msg_type": MsgType.UPDATE, "references": ["A"], **more},
    )


NIGHT = {
    "A": message(0, Level.ORANGE, "A", BAIMA, JIANGKOU, msg_type=MsgType.ALERT, references=[]),
    "R": message(5, Level.RED, "R"),
    "C": message(8, Level.ORANGE, "C", msg_type=MsgType.CANCEL, headline="武隆区气象台解除暴雨橙色预警"),
    "D": message(9, Level.ORANGE, "D"),
}
"""Orange for two townships; red for 白马 alone, which drops 江口; a Cancel of orange too late; down to orange."""


def running(field: Field) -> dict[int, list[int]]:
    """Post → the alerts whose ladders run for it."""
    c = schema.callout
    found: dict[int, list[int]] = {}
    for row in field.rows(select(c).where(c.c.state.in_(LIVE), c.c.round == 0)):
        found.setdefault(row.post, []).append(row.alert)
    return found


@pytest.mark.parametrize("order", list(permutations("ARCD")), ids="".join)
def test_a_night_ends_the_same_in_every_order(open_county: Opener, order: tuple[str, ...]) -> None:
    """白马 stands at orange with one ladder for each post, 江口 at nothing; a red called everybody; nobody is lost."""
    field = open_county()
    for name in order:
        field.take_in(NIGHT[name])
    found = running(field)
    assert set(found) == IN_BAIMA
    assert {len(alerts) for alerts in found.values()} == {1}
    reds = [n for n, name in enumerate(order, 1) if name == "R"]
    assert {alert for alerts in found.values() for alert in alerts} == set(reds)
    assert field.callout(LEADER_BAIMA, alert=reds[0]).state == "waiting"
    total = the_account(field).total
    assert (total.lost, total.unreachable) == (0, 0)
    assert total.due == total.answered + total.informed + total.superseded + total.lifted + total.open


def test_a_red_that_comes_after_its_own_downgrade_is_called_and_a_human_is_told(field: Field) -> None:
    """The orange of 09:39 was there first: whoever it was calling is called for the red instead, marked as late."""
    field.take_in(NIGHT["D"])
    field.new()
    field.take_in(NIGHT["R"])
    assert {post for post, _ in field.new()} == IN_BAIMA
    assert (set(field.states(1).values()), set(field.states(2).values())) == ({"continued"}, {"waiting"})
    assert field.human_calls() == [(0, "undecided")]
    assert all("红色预警" in m.text and "（迟到）" in m.text for _, m in field.phones.got[-4:])


def test_what_a_newer_message_speaks_for_is_not_called_again(field: Field) -> None:
    """The yellow of 09:40 comes after the orange of 09:50: on record as taken over, with nobody rung a second time."""
    field.take_in(message(20, Level.ORANGE, "N"))
    field.new()
    field.take_in(message(10, Level.YELLOW, "A", references=[]))
    assert field.new() == []
    assert set(field.states(2).values()) == {"superseded"}
    assert the_account(field).total.lost == 0


def test_a_cancel_between_two_chunks_is_seen_by_the_next(field: Field) -> None:
    """Its Cancel comes in while the warning is still being opened: the rest is opened as lifted, nobody is called."""
    planning = Planning(field.app.store, field.app.rulebooks, first=2, chunk=2)
    field.take_in(NIGHT["A"], settle=False)
    run_once(planning)
    assert len(field.states(1)) == 2
    over = message(3, Level.ORANGE, "X", BAIMA, JIANGKOU, msg_type=MsgType.CANCEL, headline="武隆区气象台解除暴雨预警")
    field.take_in(over, settle=False)
    while run_once(planning).moved:
        pass
    everybody = {*IN_BAIMA, LEADER_JIANGKOU, GRID_3}
    assert field.states(1) == dict.fromkeys(everybody, "lifted")
    field.settle()
    assert field.new() == []
    assert the_account(field).total.lost == 0


def test_a_red_between_two_chunks_leaves_one_ladder_for_each(field: Field) -> None:
    """The upgrade overtakes the expansion of the warning before it: no post is called twice, none is left out."""
    planning = Planning(field.app.store, field.app.rulebooks, first=2, chunk=2)
    field.take_in(NIGHT["A"], settle=False)
    run_once(planning)
    field.take_in(message(5, Level.RED, "R", BAIMA, JIANGKOU), settle=False)
    while run_once(planning).moved:
        pass
    found = running(field)
    assert found == {post: [2] for post in {*IN_BAIMA, LEADER_JIANGKOU, GRID_3}}
    assert the_account(field).total.lost == 0


def test_a_cancel_that_came_before_its_warning_also_ends_what_that_warning_replaced(field: Field) -> None:
    """Blue, then 解除黄色, then the yellow between them: by time of issue nothing stands, and everybody is told."""
    field.take_in(message(0, Level.BLUE, "A", msg_type=MsgType.ALERT, references=[]))
    assert set(running(field)) == {DESK}
    field.take_in(message(9, Level.YELLOW, "C", msg_type=MsgType.CANCEL, headline="武隆区气象台解除暴雨黄色预警"))
    assert set(running(field)) == {DESK}
    field.new()
    field.take_in(message(5, Level.YELLOW, "Y"))
    assert (running(field), [post for post, _ in field.new()]) == ({}, [DESK])
    assert "已解除" in field.phones.got[-1][1].text
    assert field.human_calls() == [(0, "cancelled")]
    assert the_account(field).total.lost == 0
