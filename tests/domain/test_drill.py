"""The last look before a message of a drill leaves, and the roster cut down to its list."""

from dataclasses import replace

import pytest

from callout.domain.callout import DRILL_LANES, lane_in, level_of
from callout.domain.drill import (
    DRILL,
    Drill,
    GivesWay,
    Leaving,
    Terms,
    barred,
    base_of,
    check_plan,
    drill_code,
    is_drill,
    run_of,
    told_at,
)
from callout.domain.drill_list import cut_down, listed, scene
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, HOUR, Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster, Shift

SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
ON, OFF = "+999500156000001", "+999500156000002"
CODE = drill_code("500156", 3)
TERMS = Terms(running=True, numbers=frozenset({ON}), channels=frozenset({SMS}))
NOW = Instant(1_785_636_000_000)
PLANNED = Drill("", "示例·演练", "示例·局长", NOW, later(NOW, HOUR), True, frozenset({SMS}), GivesWay.RED,
                Hazard.RAINSTORM, Level.RED, ())  # fmt: skip
GOING = Leaving(CODE, DRILL, ON, SMS, notice=False, words="【叫应】【演练】示例县暴雨红色预警")


def test_a_drill_is_a_county_of_its_own_behind_all_others() -> None:
    assert (CODE, is_drill(CODE), base_of(CODE), run_of(CODE)) == ("500156-D3", True, "500156", DRILL)
    assert (is_drill("500156"), base_of("500156"), run_of("500156")) == (False, "500156", "")
    drilled = {lane_in(CODE, level) for level in Level}
    assert min(drilled) == DRILL_LANES > max(lane_in("500156", level) for level in Level)
    assert {level_of(lane) for lane in drilled} == set(Level)
    assert [way.lane for way in GivesWay] == [0, 3, -1]
    assert all(way.zh for way in GivesWay)


def test_a_message_to_the_list_leaves() -> None:
    assert barred(GOING, TERMS) is None
    assert barred(replace(GOING, notice=True), replace(TERMS, running=False)) is None


@pytest.mark.parametrize(("leaving", "terms", "why"), [
    (replace(GOING, e164=OFF), TERMS, "不在演练名单"),
    (GOING, None, "不在演练名单"),
    (replace(GOING, words="【叫应】示例县暴雨红色预警"), TERMS, "没有演练标记"),
    (replace(GOING, run="actual"), TERMS, "没有演练标记"),
    (replace(GOING, county="500156"), None, "实战叫应带着演练的标记"),
])  # fmt: skip
def test_what_must_not_leave_is_a_fault_that_an_officer_hears_of(leaving: Leaving, terms: Terms, why: str) -> None:
    bar = barred(leaving, terms)
    assert bar
    assert bar.fault
    assert why in bar.why


@pytest.mark.parametrize(("leaving", "terms", "why"), [
    (replace(GOING, channel=VOICE), TERMS, "不用这种通道"),
    (GOING, replace(TERMS, running=False), "已经结束"),
    (GOING, replace(TERMS, busy={ON}), "真实预警正在叫"),
])  # fmt: skip
def test_what_may_not_leave_now_is_no_fault(leaving: Leaving, terms: Terms, why: str) -> None:
    bar = barred(leaving, terms)
    assert bar
    assert not bar.fault
    assert why in bar.why


def test_a_real_warning_asks_for_no_list() -> None:
    assert barred(replace(GOING, county="500156", run="actual", words="【叫应】"), None) is None


def test_the_roster_of_a_drill_has_nobody_who_is_not_listed() -> None:
    def person(who: int, *e164s: str) -> Responder:
        return Responder(who, f"示例{who}", tuple(ContactMethod(e164, NumberKind.MOBILE) for e164 in e164s))

    posts = (
        Post(1, "a", "村", "示例·一", 1, deputy=2, superior=2),
        Post(2, "a", "镇", "示例·二", 2),
        Post(3, "a", "镇", "示例·三", 2),
    )
    shifts = (Shift(3, 1, Instant(0), Instant(9)), Shift(2, 2, Instant(0), Instant(9)))
    whole = Roster("r1", "500156", posts, (person(1, ON, OFF), person(2, OFF)), shifts)
    cut = cut_down(whole, {ON}, CODE)
    assert cut.responders == (person(1, ON),)
    assert cut.posts == (
        Post(1, "a", "村", "示例·一", 1),
        Post(3, "a", "镇", "示例·三", None),
    )
    assert cut.shifts == shifts[:1]
    assert (cut.county, cut.version) == (CODE, f"r1/{CODE}")


def test_the_list_names_numbers_one_by_one_and_is_where_the_warning_of_the_drill_is() -> None:
    third = "+999500156000003"

    def person(who: int, *e164s: str) -> Responder:
        return Responder(who, f"示例{who}", tuple(ContactMethod(e164, NumberKind.MOBILE) for e164 in e164s))

    posts = (Post(1, "a", "村", "示例·一", 1, deputy=2), Post(2, "b", "镇", "示例·二", None))
    shifts = (Shift(2, 3, Instant(0), Instant(9)),)
    roster = Roster("r1", "500156", posts, (person(1, ON), person(2, OFF), person(3, third)), shifts)
    assert listed(roster, {"a"}, (), ()) == {ON: 1, OFF: 2}
    assert listed(roster, {"b"}, (), ()) == {third: 3}
    assert listed(roster, (), {2}, {ON}) == {ON: 1, OFF: 2}
    assert scene(roster, {ON: 1}) == ("a",)
    assert scene(roster, {ON: 1, third: 3}) == ("a", "b")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "请写演练名称"),
        ({"name": "【测试】线路"}, "请写演练名称"),
        ({"ordered_by": ""}, "请写演练名称"),
        ({"channels": frozenset()}, "至少一种"),
        ({"ends": NOW}, "结束时间应在开始时间之后"),
        ({"ends": later(NOW, DAY + 1)}, "不超过一天"),
        ({"begins": Instant(NOW - 2 * HOUR), "ends": NOW}, "结束时间已过"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(changes: dict[str, object], said: str) -> None:
    check_plan(PLANNED, NOW)
    with pytest.raises(CalloutError, match=said):
        check_plan(replace(PLANNED, **changes), NOW)  # type: ignore[arg-type]


def test_when_people_are_told_of_a_drill() -> None:
    coming = replace(PLANNED, begins=later(NOW, 2 * HOUR), ends=later(NOW, 3 * HOUR))
    assert told_at(coming, HOUR, NOW) == later(NOW, HOUR)
    assert told_at(PLANNED, HOUR, NOW) == NOW
    assert told_at(coming, 0, NOW) is None
    assert told_at(replace(coming, announced=False), HOUR, NOW) is None
