"""The end of an alert: nothing is submitted after it, nobody unanswered is forgotten, and late answers still count."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.area import ASSUMED_VALIDITY
from callout.domain.instant import HOUR, MINUTE, SECOND, beijing, later
from callout.domain.level import Level
from callout.pipeline.plan import Planning, run_once
from callout.pipeline.send import claim
from callout.ports import Settlement
from callout.settings import Settings
from callout.store import schema
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
    another,
    make_alert,
)
from tests.scenarios.test_nobody_vanishes import the_account

IN_JIANGKOU = {DESK, LEADER_JIANGKOU, GRID_3}


def test_what_has_expired_on_arrival_goes_to_the_officer_at_once(field: Field) -> None:
    """Too late to call by rule: no callout opens, and the officer has it in the moment of arrival."""
    field.alert(hours=-1)
    assert (field.states(), field.new(), field.human_calls()) == ({}, [], [(0, "late_alert")])
    field.wait(120)
    assert field.new() == [(DESK, VOICE)]


def test_an_alert_that_ends_in_the_moment_of_its_arrival_has_expired(field: Field) -> None:
    """The instant of `expires` itself is no longer in force."""
    field.alert(hours=0)
    assert (field.states(), field.human_calls()) == ({}, [(0, "late_alert")])


def planned_only(field: Field, hours: float) -> None:
    """An alert for one township whose callouts are open, with no sender at work yet."""
    field.take_in(make_alert(field.clock.now(), areas=[JIANGKOU], hours=hours), settle=False)
    while run_once(Planning(field.app.store, field.app.rulebooks)).moved:
        pass


def test_what_was_claimed_before_the_end_is_not_submitted_after_it(field: Field) -> None:
    """A worker took the step in time and died; who takes it over looks at the clock again right before submitting."""
    planned_only(field, hours=10 / 3600)
    taken = field.app.store.write(lambda work: claim(work, another(field), 100))
    assert {key.post for one, _ in taken.going for key in one.attempt.callouts} == IN_JIANGKOU
    field.clock.advance(later(field.clock.now(), 40 * SECOND))
    asyncio.run(field.app.sender.run_once())
    assert field.new() == []
    assert {r.state for r in field.attempts()} == {"withdrawn"}


def test_a_claim_that_is_taken_over_in_time_is_submitted(field: Field) -> None:
    """The same dead worker, with the alert still in force: simply sent."""
    planned_only(field, hours=1)
    field.app.store.write(lambda work: claim(work, another(field), 100))
    field.clock.advance(later(field.clock.now(), 40 * SECOND))
    asyncio.run(field.app.sender.run_once())
    assert {post for post, _ in field.new()} == IN_JIANGKOU


def test_a_step_that_is_due_after_the_end_is_never_taken(field: Field) -> None:
    """The alert ends between two steps: the second one does not happen."""
    field.alert(areas=[JIANGKOU], hours=60 / 3600)
    assert {post for post, _ in field.new()} == IN_JIANGKOU
    field.wait(100)
    assert field.new() == []
    assert field.states() == dict.fromkeys(IN_JIANGKOU, "expired_unanswered")


def test_who_has_not_answered_by_the_end_stays_on_the_officers_list(field: Field) -> None:
    """Unanswered at the end: on record as not reached, with an item that only a human (or the answer) closes."""
    field.alert(areas=[JIANGKOU], hours=60 / 3600)
    field.wait(1800)
    assert field.states() == dict.fromkeys(IN_JIANGKOU, "expired_unanswered")
    assert field.human_calls("open") == [(post, "expired") for post in sorted(IN_JIANGKOU)]
    total = the_account(field).total
    assert (total.due, total.expired_unanswered, total.reached, total.lost) == (3, 3, 0, 0)


def test_an_item_that_was_open_at_the_end_stays_the_one_item(field: Field) -> None:
    """Whoever was exhausted before the end keeps that item, and gets no second one."""
    field.alert(areas=[JIANGKOU], hours=1)
    field.wait(15 * 60)
    before = field.human_calls()
    assert before == [(post, "exhausted") for post in sorted(IN_JIANGKOU)]
    field.wait(3600)
    assert set(field.states().values()) == {"expired_unanswered"}
    assert field.human_calls() == before


def test_an_answer_after_the_end_counts_and_is_marked_late(field: Field) -> None:
    """收到 after the end is still 应: it closes the item, and the record says that it came late."""
    field.alert(areas=[JIANGKOU], hours=60 / 3600)
    field.wait(600)
    field.reply(GRID_3, "收到")
    row = field.callout(GRID_3)
    assert (row.state, row.grade, row.late) == ("answered", "acknowledged", 1)
    assert GRID_3 not in {post for post, _ in field.human_calls()}
    total = the_account(field).total
    assert (total.answered, total.late) == (1, 1)


def test_a_stand_down_after_the_end_has_no_validity_that_has_passed(field: Field) -> None:
    """Whoever was called in the silent person's place is told, and no gateway drops that for being too late."""
    field.alert(areas=[BAIMA], hours=0.2)
    field.wait(900)
    assert field.states()[GRID_1] == "expired_unanswered"
    field.new()
    field.reply(GRID_1, "收到")
    told = [m for at, m in field.phones.got if at == field.clock.now() and not m.wants_answer]
    assert {int(m.e164[-7:]) for m in told} == {DEPUTY, LEADER_BAIMA}
    assert {m.expires_at for m in told} == {None}


def test_the_validity_handed_to_a_gateway_is_the_alerts_and_not_the_steps(field: Field) -> None:
    """At every step of the ladder the message lives as long as the alert: escalation does not shorten it."""
    field.alert(areas=[BAIMA])
    field.wait(12 * 60)
    calls = [m for _, m in field.phones.got if m.wants_answer and "待办" not in m.text]
    assert {m.channel for m in calls} == {SMS, VOICE}
    assert {int(m.e164[-7:]) for m in calls} >= {GRID_1, DEPUTY, LEADER_BAIMA, GRID_2}
    assert {m.expires_at for m in calls} == {later(DAY, 6 * HOUR)}


@pytest.mark.parametrize("level", list(Level))
def test_without_an_end_the_configured_validity_of_the_level_holds_and_is_marked(field: Field, level: Level) -> None:
    """The message gives no end: the usual one of its level is assumed, and the record says 推定."""
    field.alert(level, hours=None)
    ends = later(DAY, ASSUMED_VALIDITY[level])
    assert [r.expires_at for r in field.rows(select(schema.alert_county.c.expires_at))] == [ends]
    assert {m.expires_at for _, m in field.phones.got} == {ends}
    [row] = field.rows(select(schema.alert.c.expires, schema.alert.c.document))
    marks = json.loads(row.document)["marks"]
    assert row.expires is None
    assert marks == [f"来文没有写失效时间，推定有效至 {beijing(ends)}"]


def test_a_county_sets_its_own_validity(field: Field, tmp_path: Path) -> None:
    """county.yaml says 90 minutes for orange; what it does not name keeps the default."""
    shutil.copytree(field.app.settings.rules, tmp_path / "rules")
    file = tmp_path / "rules" / "county.yaml"
    text = file.read_text(encoding="utf-8")
    usual = "validity: {blue: 24小时, yellow: 12小时, orange: 6小时, red: 6小时}"
    assert usual in text
    file.write_text(text.replace(usual, "validity: {orange: 90分钟}"), encoding="utf-8")
    field.app.settings = Settings(database_url=field.app.settings.database_url, rules=tmp_path / "rules")
    field.app.use_rules()
    for level in (Level.ORANGE, Level.RED):
        field.alert(level, hours=None)
    ends = [later(DAY, 90 * MINUTE), later(DAY, ASSUMED_VALIDITY[Level.RED])]
    a = schema.alert_county
    assert [r.expires_at for r in field.rows(select(a.c.expires_at).order_by(a.c.alert))] == ends
    [row] = field.rows(select(schema.alert.c.document).where(schema.alert.c.id == 1))
    assert json.loads(row.document)["marks"] == [f"来文没有写失效时间，推定有效至 {beijing(ends[0])}"]


def test_an_end_that_was_only_assumed_is_not_told_as_the_issuers_word(field: Field) -> None:
    """Texts give an end only where the message did."""
    field.alert(identifier="A", hours=None)
    assumed = field.last(GRID_2, SMS).text
    field.alert(Level.RED, identifier="B", hours=6)
    assert ("，至" in assumed, "，至" in field.last(GRID_2, SMS).text) == (False, True)


def test_the_same_message_without_an_end_is_still_a_duplicate(field: Field) -> None:
    """The mark is ours and no part of the message: sent again an hour later, it is the same."""
    alert = make_alert(field.clock.now(), hours=None)
    field.take_in(alert)
    field.wait(3600)
    assert field.take_in(alert).outcome is Settlement.DUPLICATE
