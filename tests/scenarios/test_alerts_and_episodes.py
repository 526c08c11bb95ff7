"""Messages become episodes: what counts as the same, what replaces what; time of issue decides, not arrival."""

from dataclasses import replace

from sqlalchemy import select

from callout.domain.alert import Alert, MsgType
from callout.domain.instant import HOUR, MINUTE, Instant, later
from callout.domain.level import Hazard, Level
from callout.pipeline.receive import Received
from callout.ports import Settlement
from callout.store import schema
from tests.scenarios.field import (
    BAIMA,
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
)
from tests.scenarios.test_nobody_vanishes import commits

IN_BAIMA = {DESK, LEADER_BAIMA, GRID_1, GRID_2}
EVERYBODY = {*IN_BAIMA, LEADER_JIANGKOU, GRID_3}


def episodes(field: Field) -> dict[int, int]:
    """Alert to episode."""
    ac = schema.alert_county
    return {r.alert: r.episode for r in field.rows(select(ac.c.alert, ac.c.episode))}


def update_of(field: Field, identifier: str, level: Level, *areas: str) -> Received:
    """An Update of the message with that identifier comes in, a little later."""
    field.wait(5)
    return field.alert(level, msg_type=MsgType.UPDATE, references=[identifier], areas=areas)


def from_sender(alert: Alert, sender: str) -> Alert:
    return replace(alert, sender=sender)


def test_same_identifier_and_same_content_is_a_duplicate(field: Field) -> None:
    """The same message again opens nothing and calls nobody; the record notes that it came."""
    alert = make_alert(field.clock.now())
    assert field.take_in(alert).outcome is Settlement.KEPT
    field.new()
    again = field.take_in(alert)
    assert (again.outcome, again.alert) == (Settlement.DUPLICATE, 1)
    assert field.new() == []
    assert len(field.rows(select(schema.callout.c.post))) == len(EVERYBODY)
    assert [(e.alert, e.detail) for e in field.audit("alert.duplicate")] == [(1, alert.identifier)]


def test_same_identifier_with_other_content_is_kept_twice_and_shown(field: Field) -> None:
    """Two contents under one identifier are both on record and both called; the officer must say which holds."""
    first = make_alert(field.clock.now())
    other = replace(first, infos=(replace(first.info, description="与前一份不同"),))
    assert [field.take_in(a).outcome for a in (first, other)] == [Settlement.KEPT] * 2
    assert len(field.rows(select(schema.alert.c.id).where(schema.alert.c.identifier == first.identifier))) == 2
    assert field.human_calls() == [(0, "conflict")]
    assert set(field.states(2)) == EVERYBODY


def test_references_put_a_message_into_the_episode_of_the_first(field: Field) -> None:
    """An Update belongs to the episode of what it refers to, whatever its hazard or office."""
    field.alert(identifier="A")
    field.take_in(
        from_sender(
            make_alert(field.clock.now(), msg_type=MsgType.UPDATE, references=["A"], hazard=Hazard.FLASH_FLOOD),
            "50015641600001",
        )
    )
    assert episodes(field) == {1: 1, 2: 1}


def test_a_reference_counts_also_when_the_first_message_comes_last(field: Field) -> None:
    """The Update came before the message that it refers to: still one episode, and the newer one is in charge."""
    sent = field.clock.now()
    update = make_alert(later(sent, MINUTE), Level.RED, msg_type=MsgType.UPDATE, references=["A"])
    field.take_in(from_sender(update, "50015641600001"))
    field.take_in(make_alert(sent, identifier="A"))
    assert episodes(field) == {1: 1, 2: 1}
    assert set(field.states(1).values()) == {"waiting"}


def test_without_references_issuer_hazard_and_area_in_force_make_the_episode(field: Field) -> None:
    """The same office about the same hazard in the same township while it is in force goes on with the episode."""
    field.alert(identifier="A", areas=[BAIMA])
    field.alert(identifier="B", areas=[BAIMA, JIANGKOU])
    assert episodes(field) == {1: 1, 2: 1}


def test_another_area_issuer_or_hazard_is_another_episode(field: Field) -> None:
    """Two townships, two offices, two hazards: what is open about the one is not replaced by the other."""
    field.alert(identifier="A", areas=[BAIMA])
    field.alert(identifier="B", areas=[JIANGKOU])
    field.alert(identifier="C", areas=[BAIMA], hazard=Hazard.FLASH_FLOOD)
    field.take_in(from_sender(make_alert(field.clock.now(), identifier="D", areas=[BAIMA]), "50015641600001"))
    assert episodes(field) == {1: 1, 2: 2, 3: 3, 4: 4}
    assert field.callout(DESK, alert=1).state == "waiting"


def test_an_alert_after_the_end_of_the_last_one_is_a_new_episode(field: Field) -> None:
    """What is over does not hold the next warning."""
    field.alert(identifier="A", hours=1)
    field.wait(2 * 3600)
    field.alert(identifier="B")
    assert episodes(field) == {1: 1, 2: 2}


def test_an_upgrade_opens_a_full_new_ladder_for_everybody(field: Field) -> None:
    """Answered or not: an upgrade starts at the first step again, for each of them."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_2, "收到")
    field.new()
    update_of(field, "A", Level.RED, BAIMA)
    assert set(field.new()) == {(post, SMS) for post in IN_BAIMA}
    assert {field.callout(post, alert=2).step for post in IN_BAIMA} == {0}
    assert field.callout(GRID_2, alert=1).state == "answered"
    assert field.callout(GRID_2, alert=2).state == "waiting"


def test_an_upgrade_closes_the_older_callouts_in_the_same_commit(field: Field) -> None:
    """No instant lies between the old ladder and the new: one transaction closes the one and opens the other."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(40)
    field.reply(GRID_2, "收到")
    done = commits(field)
    update_of(field, "A", Level.RED, BAIMA)
    [one] = [each for each in done if ("callout.opened", 2, GRID_1, "0") in each]
    closed = {post for event, alert, post, _ in one if (event, alert) == ("callout.superseded", 1)}
    assert closed == IN_BAIMA - {GRID_2}
    assert {p for p, state in field.states(1).items() if state == "superseded"} == closed


def test_an_upgrade_takes_over_the_officers_work_on_the_older_callouts(field: Field) -> None:
    """Whoever was exhausted is called anew, and the item about the old callout is closed, saying why."""
    field.alert(identifier="A", areas=[BAIMA])
    field.wait(15 * 60)
    assert (GRID_1, "exhausted") in field.human_calls()
    update_of(field, "A", Level.RED, BAIMA)
    h = schema.human_call
    assert field.human_calls() == []
    assert {r.outcome for r in field.rows(select(h.c.outcome))} == {"superseded"}


def test_red_again_calls_everybody_again(field: Field) -> None:
    """A repeated red is no repetition: a full new ladder for all, those who had answered included."""
    field.alert(Level.RED, identifier="A", areas=[BAIMA])
    field.wait(40)
    for post in IN_BAIMA:
        field.reply(post, "收到")
    assert set(field.states(1).values()) == {"answered"}
    field.new()
    update_of(field, "A", Level.RED, BAIMA)
    assert set(field.new()) == {(post, SMS) for post in IN_BAIMA}
    assert set(field.states(2).values()) == {"waiting"}


def test_an_update_that_covers_one_more_township_calls_it(field: Field) -> None:
    """The township that comes in with an Update is called like any other."""
    field.alert(identifier="A", areas=[BAIMA])
    assert set(field.states(1)) == IN_BAIMA
    field.new()
    update_of(field, "A", Level.ORANGE, BAIMA, JIANGKOU)
    assert set(field.states(2)) == EVERYBODY
    assert {(LEADER_JIANGKOU, SMS), (GRID_3, SMS)} <= set(field.new())


def test_an_older_alert_that_arrives_later_replaces_nothing(field: Field) -> None:
    """Time of issue decides: the red of 10:00 stays in charge when the orange of 09:30 comes in after it."""
    now = field.clock.now()
    field.take_in(make_alert(now, Level.RED, areas=[BAIMA]))
    field.take_in(make_alert(later(now, -HOUR // 2), areas=[BAIMA]))
    assert set(field.states(1).values()) == {"waiting"}
    assert field.audit("callout.superseded") == []
    assert episodes(field) == {1: 1, 2: 1}


def test_a_backlog_that_comes_in_at_once_is_put_in_order(field: Field) -> None:
    """After an outage several messages come in one breath, in any order: nothing older replaces the newest."""
    now = field.clock.now()
    field.take_in(make_alert(now, Level.RED, areas=[BAIMA]), settle=False)
    field.take_in(make_alert(Instant(now - HOUR), Level.ORANGE, areas=[BAIMA]), settle=False)
    field.settle()
    assert set(field.states(1).values()) == {"waiting"}
    assert field.audit("callout.superseded") == []


def test_a_cancel_closes_nothing_by_itself_and_goes_to_a_human(field: Field) -> None:
    """A Cancel is kept and given to the officer; the ladders go on and everything open stays open."""
    field.alert(identifier="A", areas=[BAIMA])
    before = field.states(1)
    field.new()
    received = field.alert(identifier="C", areas=[BAIMA], msg_type=MsgType.CANCEL, references=["A"])
    assert received.outcome is Settlement.KEPT
    assert field.human_calls() == [(0, "cancelled")]
    assert (field.states(1), field.states(2), field.new()) == (before, {}, [])
    field.wait(90)
    assert {post for post, _ in field.new()} == IN_BAIMA


def test_what_lies_outside_the_scope_is_kept_and_calls_nobody(field: Field) -> None:
    """A warning for another county is on record, and before no county of ours."""
    received = field.alert(areas=["gb2260:500112"])
    assert received.outcome is Settlement.KEPT
    assert "不在服务范围" in received.note
    assert len(field.rows(select(schema.alert.c.id))) == 1
    assert (episodes(field), field.new(), field.human_calls()) == ({}, [], [])
