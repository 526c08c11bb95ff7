"""Alerts that may not call by themselves: exercises never do, and what is in doubt waits for a human, who is rung."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert, MsgType, Status
from callout.domain.level import Level
from callout.store import schema
from tests.scenarios.field import BAIMA, DESK, VOICE, Field, make_alert


def states(field: Field) -> list[str]:
    """How the county takes its alerts, in order."""
    ac = schema.alert_county
    return [r.state for r in field.rows(select(ac.c.state).order_by(ac.c.alert))]


def notes(field: Field) -> list[str]:
    return [r.note for r in field.rows(select(schema.human_call.c.note))]


def headed(alert: Alert, headline: str) -> Alert:
    return replace(alert, infos=(replace(alert.info, headline=headline),))


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.ACTUAL])
def test_a_test_or_an_exercise_never_opens_a_callout(field: Field, status: Status) -> None:
    """Whatever its level: kept, shown as not actual, nobody called, neither now nor later."""
    field.take_in(replace(make_alert(field.clock.now(), Level.RED), status=status))
    field.wait(3600)
    assert (states(field), field.states(), field.new(), field.human_calls()) == (["not_actual"], {}, [], [])


def test_an_alert_without_a_level_is_held_and_rings_a_human(field: Field) -> None:
    """Nobody can say which ladder it needs, so nobody is called by rule, and the desk is rung as for red."""
    field.take_in(make_alert(field.clock.now(), None))
    assert (states(field), field.states(), field.human_calls()) == (["held"], {}, [(0, "undecided")])
    field.wait(60)
    assert field.new() == [(DESK, VOICE)]


def test_an_alert_without_a_hazard_is_held_and_rings_a_human(field: Field) -> None:
    """The same for a hazard that nobody can name; a level that is known sets the patience."""
    field.alert(Level.ORANGE, hazard=None)
    assert (states(field), field.states(), field.human_calls()) == (["held"], {}, [(0, "undecided")])
    field.wait(119)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(DESK, VOICE)]


def test_a_headline_that_lifts_is_held_though_the_message_says_alert(field: Field) -> None:
    """解除 in the headline and Alert in the field: neither calls people out nor counts as an all-clear by itself."""
    field.take_in(headed(make_alert(field.clock.now()), "武隆区气象台解除暴雨橙色预警信号"))
    assert (states(field), field.states(), field.human_calls()) == (["held"], {}, [(0, "undecided")])
    assert "解除" in notes(field)[0]
    field.wait(120)
    assert field.new() == [(DESK, VOICE)]


def test_a_cancel_whose_headline_issues_says_so_to_the_officer(field: Field) -> None:
    """发布 in the headline of a Cancel: it may be a warning, and the officer's item names the contradiction."""
    field.alert(msg_type=MsgType.CANCEL)
    assert (states(field), field.human_calls()) == (["held"], [(0, "cancelled")])
    assert "标题写的是发布" in notes(field)[0]


def test_a_cancel_that_says_so_throughout_leaves_no_doubt(field: Field) -> None:
    """Headline and field agree: the officer's item has no contradiction in it."""
    field.take_in(headed(make_alert(field.clock.now(), msg_type=MsgType.CANCEL), "武隆区气象台解除暴雨橙色预警信号"))
    assert "标题" not in notes(field)[0]


def test_a_doubt_that_leaves_the_level_known_calls_and_asks(field: Field) -> None:
    """In doubt the candidates are called at once, and a human is asked at the same time."""
    field.take_in(replace(make_alert(field.clock.now(), areas=[BAIMA]), doubts=("正文里还写有红色，需人工核对",)))
    assert set(field.states().values()) == {"waiting"}
    assert field.human_calls() == [(0, "undecided")]
