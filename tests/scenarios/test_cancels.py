"""Which Cancel lifts what: only what was sent before it, only the level that it names, nothing where it is unclear."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from callout.domain.alert import MsgType, Status
from callout.domain.instant import MINUTE, later
from callout.domain.level import Hazard, Level
from callout.store import schema
from tests.scenarios.field import BAIMA, DAY, DESK, GRID_1, GRID_2, GRID_3, JIANGKOU, LEADER_BAIMA, Field, make_alert
from tests.scenarios.test_all_clear import IN_BAIMA, all_clear, county_states, lift, told
from tests.scenarios.test_nobody_vanishes import the_account


def notes(field: Field) -> list[str]:
    h = schema.human_call
    return [r.note for r in field.rows(select(h.c.note).order_by(h.c.opened_at))]


def test_a_cancel_that_names_a_level_lifts_only_that_level(field: Field) -> None:
    """12379's references name the first message of the event: 解除蓝色 after the upgrade ends nothing."""
    field.alert(Level.BLUE, identifier="A", areas=[BAIMA])
    field.wait(5)
    field.alert(identifier="U", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["A"])
    field.wait(5)
    field.new()
    before = field.states(2)
    lift(field, "暴雨蓝色预警", level=Level.BLUE)
    assert (field.states(2), field.new(), field.human_calls()) == (before, [], [])
    lift(field, "暴雨橙色预警", identifier="C2")
    assert set(told(field)) == set(IN_BAIMA)
    assert set(field.states(2).values()) == {"lifted"}
    assert county_states(field) == ["lifted", "lifted", "carried_out", "carried_out"]


def test_a_cancel_that_names_no_level_lifts_what_stands(field: Field) -> None:
    """解除暴雨预警, of whatever level."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(1)
    field.new()
    field.take_in(all_clear(field, "暴雨预警", None))
    assert set(told(field)) == set(IN_BAIMA)


def test_a_level_that_only_the_severity_gives_and_that_does_not_stand_goes_to_a_human(field: Field) -> None:
    """The words say 解除暴雨预警, the field says blue, orange stands: nobody guesses."""
    field.alert(identifier="A", areas=[BAIMA])
    field.new()
    lift(field, "暴雨预警", level=Level.BLUE)
    assert field.new() == []
    assert field.human_calls() == [(0, "cancelled")]
    assert "对不上" in notes(field)[0]
    assert "waiting" in field.states(1).values()


def test_a_cancel_does_not_act_on_what_was_sent_after_it(field: Field) -> None:
    """The Cancel of 10:00 comes in at 10:10, after the red of 10:05: the red stands."""
    field.alert(identifier="A", areas=[BAIMA])
    cancel = all_clear(field, "暴雨橙色预警")
    field.wait(300)
    field.alert(Level.RED, identifier="U", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["A"])
    before = field.states(2)
    field.new()
    field.take_in(cancel)
    assert (field.states(2), told(field)) == (before, {})


def test_a_cancel_for_an_unknown_message_is_kept_and_applied_when_the_warning_comes(field: Field) -> None:
    """A human is told at once; when the warning comes it is on record, nobody is called, and a human looks again."""
    field.take_in(all_clear(field))
    assert field.human_calls() == [(0, "cancelled")]
    assert "没有收到" in notes(field)[0]
    field.take_in(make_alert(later(DAY, -MINUTE), identifier="A", areas=[BAIMA]))
    assert field.new() == []
    assert field.states(2) == dict.fromkeys(IN_BAIMA, "lifted")
    assert any("没有叫人" in note for note in notes(field))
    total = the_account(field).total
    assert (total.due, total.lifted, total.lost) == (4, 4, 0)


def test_a_cancel_that_was_kept_does_not_hold_a_warning_of_another_level(field: Field) -> None:
    """解除蓝色 came first; the orange of the same event is called."""
    field.take_in(all_clear(field, "暴雨蓝色预警", Level.BLUE))
    field.take_in(make_alert(later(DAY, -MINUTE), identifier="A", areas=[BAIMA]))
    assert set(field.states(2).values()) == {"waiting"}


def test_a_cancel_with_a_reference_never_guesses_beside_it(field: Field) -> None:
    """It refers to a message that we never had, while another warning of that office stands: that one goes on."""
    field.alert(identifier="A", areas=[BAIMA])
    field.new()
    lift(field, references=["elsewhere"])
    assert (set(field.states(1).values()), field.new()) == ({"waiting"}, [])
    assert field.human_calls() == [(0, "cancelled")]


def test_messages_that_name_the_same_first_message_belong_together(field: Field) -> None:
    """The first message of the event was before our time: Update and Cancel both name it, so they are one event."""
    field.alert(identifier="U", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["before our time"])
    field.wait(5)
    field.new()
    lift(field, references=["before our time"])
    assert set(told(field)) == set(IN_BAIMA)


def test_a_cancel_without_a_reference_lifts_what_the_same_office_said_there(field: Field) -> None:
    """Same issuer, hazard and area; another hazard goes on."""
    field.alert(identifier="A", areas=[BAIMA])
    field.alert(identifier="B", areas=[BAIMA], hazard=Hazard.FLASH_FLOOD)
    field.wait(5)
    field.new()
    lift(field, references=[])
    assert set(told(field)) == set(IN_BAIMA)
    assert (set(field.states(1).values()), set(field.states(2).values())) == ({"lifted"}, {"waiting"})


def test_a_cancel_of_one_township_leaves_the_other(field: Field) -> None:
    """And the county's desk, which answers for the whole of it."""
    field.alert(identifier="A", areas=[BAIMA, JIANGKOU])
    field.wait(5)
    field.new()
    lift(field)
    assert set(told(field)) == {LEADER_BAIMA, GRID_1, GRID_2}
    assert (field.callout(GRID_3).state, field.callout(DESK).state) == ("waiting", "waiting")


@pytest.mark.parametrize(
    ("headline", "doubts"),
    [
        ("武隆区气象台发布暴雨橙色预警", ()),
        ("武隆区气象台解除暴雨橙色预警", ("来文没有可用的区划码，需人工确定范围",)),
        ("武隆区气象台解除暴雨橙色预警", ("正文里同一灾种还写有黄色，可能分乡镇分级，需人工核对范围",)),
    ],
)
def test_a_cancel_in_doubt_lifts_nothing_and_goes_to_a_human(
    field: Field, headline: str, doubts: tuple[str, ...]
) -> None:
    """发布 in its headline, an area that nobody knows, several levels in its text: the ladders go on."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(5)
    field.new()
    cancel = all_clear(field)
    field.take_in(replace(cancel, doubts=doubts, infos=(replace(cancel.info, headline=headline),)))
    assert (set(field.states(1).values()), field.new()) == ({"waiting"}, [])
    assert (field.human_calls(), county_states(field)) == ([(0, "cancelled")], ["planned", "held"])
    field.wait(120)
    assert {post for post, _ in field.new()} >= set(IN_BAIMA)


def test_an_exercise_lifts_nothing(field: Field) -> None:
    """Incoming status other than Actual does nothing to real callouts."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(5)
    field.new()
    field.take_in(replace(all_clear(field), status=Status.EXERCISE))
    assert (set(field.states(1).values()), field.new()) == ({"waiting"}, [])


def test_after_the_all_clear_a_new_warning_calls_everybody_again(field: Field) -> None:
    """Answered before or not: it is a new warning."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_2, "收到")
    lift(field)
    field.wait(60)
    field.new()
    field.alert(identifier="N", areas=[BAIMA], msg_type=MsgType.UPDATE, references=["A"])
    assert {post for post, _ in field.new()} == set(IN_BAIMA)
    assert set(field.states(3).values()) == {"waiting"}


def test_an_answer_after_the_all_clear_is_noted_and_answers_nothing(field: Field) -> None:
    """收到 then means the all-clear. It shows that the person was reached; it is no 应 to the warning."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    lift(field)
    field.wait(40)
    field.reply(GRID_1, "收到")
    assert field.callout(GRID_1).state == "lifted"
    total = the_account(field).total
    assert (total.answered, total.reached, total.lifted) == (0, 1, 4)
