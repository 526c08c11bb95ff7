"""Rules with a clock time: red still in force at 22:00 asks the schools about the next day, once, whatever happens."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import delete, select

from callout.domain.instant import Instant, beijing
from callout.domain.level import Level
from callout.pipeline import attend, trigger
from callout.settings import Settings
from callout.store import schema
from callout.store.store import Store, Work
from tests.scenarios.conftest import Opener
from tests.scenarios.evenings import (
    EMPTY,
    FERRY,
    OFFICE,
    SCHOOL,
    asleep_until,
    at,
    lost,
    note,
    pairs,
    red,
    until,
    with_schools,
)
from tests.scenarios.field import BAIMA, COUNTY, DESK, GRID_1, JIANGKOU, SMS, VOICE, Field, make_alert
from tests.scenarios.sites import OFFICER, items

T = TypeVar("T")
EDUCATION = "industries/education.yaml"
LAST_RULE = 'at: "22:00"\n    calls:\n      - {roles: [区教委值班室, 学校安全责任人], ladder: red}\n'
FERRIES = "      - {roles: [夜间渡口负责人], ladder: red}\n"
STOPS = "    stop_work:\n"
FERRIES_STOP = "      - {code: 停航, role: 夜间渡口负责人, measure: 夜间停航。}\n"


@pytest.fixture
def evening(open_county: Opener) -> Field:
    """18:00, with a school in 白马."""
    return open_county(start=at(18), roster=with_schools())


@pytest.fixture
def ferries(open_county: Opener, tmp_path: Path) -> Field:
    """The same, and at 22:00 the ferries are called and to stop too, about which nothing is said on arrival."""
    field = open_county(start=at(18), roster=with_schools())
    shutil.copytree(field.app.settings.rules, tmp_path / "rules")
    file = tmp_path / "rules" / EDUCATION
    text = file.read_text(encoding="utf-8").replace("roles: [区教委值班室", "roles: [夜间渡口负责人, 区教委值班室", 1)
    assert LAST_RULE + STOPS in text
    file.write_text(text.replace(LAST_RULE + STOPS, LAST_RULE + FERRIES + STOPS + FERRIES_STOP), encoding="utf-8")
    field.app.settings = Settings(database_url=field.app.settings.database_url, rules=tmp_path / "rules")
    field.app.use_rules()
    return field


def test_red_in_force_at_ten_calls_the_schools_again_and_asks_a_human(evening: Field) -> None:
    """Answered and decided at 18:00, and what is asked now is new: a full ladder with its own words, same row."""
    red(evening)
    due = pairs(evening)
    until(evening, at(21, 59))
    assert evening.new() == []
    evening.wait(61)
    assert sorted(evening.new()) == [(OFFICE, VOICE), (SCHOOL, VOICE)]
    assert "次日全天停学" in evening.last(SCHOOL, VOICE).text
    assert note(evening).startswith("22:00 暴雨红色预警仍生效，规则建议：停学，次日全天停学")
    assert evening.human_calls() == [(0, "clock")]
    assert {evening.callout(post).state for post in (OFFICE, SCHOOL)} == {"waiting"}
    assert evening.callout(GRID_1).state == "answered"
    evening.key(SCHOOL, "1")
    evening.reply(OFFICE, "收到")
    evening.new()
    evening.wait(60)
    assert evening.new() == [(DESK, VOICE)]
    assert evening.callout(SCHOOL).state == "answered"
    assert (pairs(evening), lost(evening)) == (due, 0)


def test_who_holds_the_stop_of_the_evening_is_still_asked_about_the_next_day(evening: Field) -> None:
    """Nobody decided at 18:00, an officer has the item; the question of 22:00 is an item of its own and rings."""
    red(evening, decided=False)
    [held] = items(evening, "stop_undecided")
    key = (held.county, held.alert, held.post, held.kind, held.about)
    evening.app.store.write(lambda w: attend.claim(w, key, OFFICER))
    until(evening, at(22))
    assert evening.human_calls("open") == [(0, "clock")]
    for post in (OFFICE, SCHOOL):
        evening.reply(post, "收到")
    evening.new()
    evening.wait(60)
    assert evening.new() == [(DESK, VOICE)]


def test_what_only_the_clock_proposes_is_one_item_and_rings_the_desk(ferries: Field) -> None:
    """The stop of the ferries is new at 22:00: its own item says why, and the clock's speaks of the school only."""
    red(ferries)
    until(ferries, at(22))
    [stop] = items(ferries, "stop_undecided")
    exempt = "例外：供水、供电、供气、通信、医疗、抢险，由决定人最后定"
    assert stop.note == f"停航 1 处，22:00 暴雨红色预警仍生效，规则建议：停航，夜间停航。{exempt}；请研判决定"
    assert "停学" in note(ferries)
    assert "停航" not in note(ferries)
    for post in (OFFICE, SCHOOL, FERRY):
        ferries.reply(post, "收到")
    for one in (*items(ferries, "clock"), *items(ferries, "vacant")):
        key = (one.county, one.alert, one.post, one.kind, one.about)
        ferries.app.store.write(partial(attend.close, key=key, officer=OFFICER, outcome="已办"))
    ferries.new()
    ferries.wait(60)
    assert ferries.new() == [(DESK, VOICE)]


def test_the_engine_wakes_for_the_clock_by_itself(evening: Field) -> None:
    """Nothing else is due: the agenda knows the next clock time, and one day later it comes again."""
    red(evening, hours=40)
    assert evening.app.agenda().due["trigger"] == at(22)
    until(evening, at(22, 30))
    for post in (OFFICE, SCHOOL):
        evening.reply(post, "收到")
    assert evening.app.agenda().due["trigger"] == at(22, day=3)
    until(evening, at(22, 1, day=3))
    assert [e.detail[:19] for e in evening.audit("alert_county.clock_struck")] == [
        "at=2026-08-02 22:00",
        "at=2026-08-03 22:00",
    ]


def test_silence_after_the_clock_time_climbs_and_ends_with_a_human(evening: Field) -> None:
    """The second ladder is a real one: to its end, and then an officer."""
    red(evening)
    until(evening, at(22, 20))
    assert evening.callout(SCHOOL).state == "exhausted"
    assert (SCHOOL, "exhausted") in evening.human_calls()


@pytest.mark.parametrize(("level", "hours"), [(Level.RED, 3.5), (Level.RED, 4), (Level.ORANGE, 6)])
def test_what_is_not_in_force_at_ten_or_not_red_asks_nothing(evening: Field, level: Level, hours: float) -> None:
    """A red that ended by 22:00 or an orange one says nothing about the next day."""
    evening.alert(level, areas=[BAIMA], hours=hours)
    until(evening, at(23))
    assert evening.audit("callout.struck") == []
    assert "clock" not in {kind for _, kind in evening.human_calls("open", "claimed", "closed")}


def test_red_issued_at_night_asks_at_once_and_once(open_county: Opener) -> None:
    """Issued at 23:30: the schools are called about the coming day on arrival; no clock time is waited for."""
    field = open_county(start=at(23, 30), roster=with_schools())
    field.alert(Level.RED, areas=[BAIMA])
    assert "研判天亮后全天停学" in field.last(SCHOOL, VOICE).text
    stops = [r.measure for r in field.rows(select(schema.stop_work)) if r.code == "停学"]
    assert [measure[:7] for measure in stops] == ["天亮后全天停学"]
    until(field, at(6, day=3))
    assert field.audit("alert_county.clock_struck") == []


def test_a_restart_within_the_minute_loses_nothing_and_asks_once(evening: Field) -> None:
    """The engine was down from 21:59 to 22:00:30, then runs again and again."""
    red(evening)
    asleep_until(evening, Instant(at(22) + 30_000))
    assert sorted(evening.new()) == [(OFFICE, VOICE), (SCHOOL, VOICE)]
    evening.settle()
    trigger.run_once(trigger.Triggering(evening.app.store, evening.app.rulebooks))
    assert evening.new() == []
    [entry] = evening.audit("alert_county.clock_struck")
    assert "late=0" in entry.detail


@dataclass
class Slow:
    """A worker's store: between its look and its write another worker acts."""

    store: Store
    happens: Callable[[], object]

    def read(self, work: Callable[[Work], T]) -> T:
        seen = self.store.read(work)
        self.happens()
        return seen

    def write(self, work: Callable[[Work], T]) -> T:
        return self.store.write(work)


def test_of_two_workers_at_ten_one_asks(evening: Field) -> None:
    """Another worker acts between our look and our write: we write nothing."""
    red(evening)
    evening.clock.advance(at(22))
    fast = trigger.Triggering(evening.app.store, evening.app.rulebooks)
    slow = trigger.Triggering(Slow(evening.app.store, lambda: trigger.run_once(fast)), evening.app.rulebooks)
    assert trigger.run_once(slow).moved == 0
    assert len(evening.audit("alert_county.clock_struck")) == 1
    assert len(evening.audit("callout.struck")) == 2


def test_a_time_that_was_slept_through_comes_late_and_says_so(evening: Field) -> None:
    """Down until 22:40, and the red is still in force: everybody is asked, and the record and the officer see why."""
    red(evening)
    asleep_until(evening, at(22, 40))
    assert sorted(evening.new()) == [(OFFICE, VOICE), (SCHOOL, VOICE)]
    assert "晚了 40 分钟才处理" in note(evening)
    [entry] = evening.audit("alert_county.clock_struck")
    assert entry.detail.startswith("at=2026-08-02 22:00 late=1 rules=education/")


def test_a_time_that_was_slept_through_to_the_end_of_the_warning_goes_to_a_human(ferries: Field) -> None:
    """Nobody is called about a warning that is over; who should have been is an item each, and nobody is lost."""
    red(ferries, hours=4.5)
    asleep_until(ferries, at(23))
    assert ferries.new() == []
    assert "预警已过有效期，没有再叫人" in note(ferries)
    assert ferries.callout(FERRY).state == "expired_unanswered"
    assert ferries.callout(SCHOOL).state == "answered"
    assert {(0, "clock"), (FERRY, "expired"), (EMPTY, "vacant")} <= set(ferries.human_calls())
    assert ferries.app.agenda().due.get("trigger") is None
    assert lost(ferries) == 0


def test_posts_that_only_the_clock_calls_are_opened_and_are_due_from_then_on(ferries: Field) -> None:
    """The recount knows the clock by itself: a callout row that vanished is seen."""
    red(ferries)
    before = pairs(ferries)
    until(ferries, at(22))
    assert ferries.callout(FERRY).state == "waiting"
    until(ferries, at(22, 2))
    assert (EMPTY, "vacant") in ferries.human_calls()
    assert (pairs(ferries), lost(ferries)) == (before + 2, 0)
    entries = [e for e in ferries.audit("callout.opened") if e.post == FERRY]
    assert [e.commitment != "" for e in entries] == [True]
    c = schema.callout
    ferries.app.database.write(lambda db: db.execute(delete(c).where(c.c.post == FERRY)))
    assert lost(ferries) == 1


def test_where_a_later_message_has_taken_over_the_old_one_asks_nothing(ferries: Field) -> None:
    """Red at 18:00, orange at 20:00 for the same township: at 22:00 no red is in force there."""
    red(ferries)
    until(ferries, at(20))
    ferries.alert(Level.ORANGE, areas=[BAIMA], hours=6)
    until(ferries, at(22, 30))
    assert ferries.audit("callout.struck") == []
    assert FERRY not in {p for a in (1, 2) for p in ferries.states(a)}
    assert [e.alert for e in ferries.audit("alert_county.clock_struck")] == [1]
    assert lost(ferries) == 0


def test_where_the_later_message_does_not_reach_the_old_one_still_asks(evening: Field) -> None:
    """Orange for 江口 takes nothing from the red in 白马; the county's own posts are asked with it."""
    red(evening, areas=(BAIMA, JIANGKOU))
    until(evening, at(20))
    evening.alert(Level.ORANGE, areas=[JIANGKOU], hours=6)
    until(evening, at(22, 1))
    assert {(e.alert, e.post) for e in evening.audit("callout.struck")} == {(1, OFFICE), (1, SCHOOL)}


def test_red_again_at_night_is_asked_about_once(evening: Field) -> None:
    """Red at 18:00 and again at 20:00: the newest asks at 22:00, the older does not."""
    red(evening)
    until(evening, at(20))
    red(evening)
    until(evening, at(22, 1))
    assert {e.alert for e in evening.audit("callout.struck")} == {2}


def test_a_red_that_arrives_after_ten_but_was_in_force_then_is_asked_about(evening: Field) -> None:
    """Issued at 21:00, received at 22:10: late, and not left out."""
    until(evening, at(22, 10))
    evening.take_in(make_alert(at(21), Level.RED, areas=[BAIMA]))
    assert "次日全天停学" in evening.last(SCHOOL, VOICE).text
    assert "晚了 10 分钟才处理" in note(evening)


def test_whoever_was_a_closed_item_is_put_before_the_officer_again(evening: Field) -> None:
    """Silent at 18:00, closed by an officer; the new ladder may end in silence too, so somebody holds it."""
    red(evening, answered=False)
    evening.wait(600)
    key = COUNTY, 1, SCHOOL, "exhausted", ""
    evening.app.store.write(lambda w: attend.close(w, key, "示例·值班员", "已派人上门"))
    until(evening, at(22, 1))
    assert (SCHOOL, "clock") in evening.human_calls()
    evening.reply(SCHOOL, "收到")
    assert (SCHOOL, "clock") not in evening.human_calls()


def test_a_ladder_under_way_at_ten_begins_again_with_the_new_words(evening: Field) -> None:
    """The text of 21:59:59 says nothing about the next day; its answer would not be one to that."""
    evening.clock.advance(Instant(at(22) - 1000))
    evening.alert(Level.RED, areas=[BAIMA])
    evening.new()
    evening.wait(1)
    assert sorted(evening.new()) == [(OFFICE, VOICE), (SCHOOL, VOICE)]
    assert beijing(evening.callout(SCHOOL).opened_at, "%H:%M:%S") == "22:00:00"
    assert [m.channel for _, m in evening.to(SCHOOL)] == [SMS, VOICE]
