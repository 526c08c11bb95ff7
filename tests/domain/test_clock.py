"""Clock times in rules: when they strike, for whom, once and never twice."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callout.domain.area import Coverage
from callout.domain.clock import (
    LATE,
    Strike,
    first_strike,
    in_force,
    last_strike,
    minute_of_day,
    next_strike,
    sentence,
    strikes,
    triggers,
)
from callout.domain.conditions import Facts
from callout.domain.due import Span, due
from callout.domain.episode import Said
from callout.domain.instant import BEIJING, HOUR, MINUTE, Instant, beijing, instant, later
from callout.domain.level import Hazard, Level
from callout.domain.rule import Call, Condition, Rule, Rulebook
from tests.domain.test_due import COUNTY, KEYS, LADDERS, roster_of

TEN = 22 * 60
EVENING = instant(datetime(2026, 8, 2, 18, tzinfo=BEIJING))
AT_TEN = instant(datetime(2026, 8, 2, 22, tzinfo=BEIJING))
RED = Facts(Hazard.RAINSTORM, Level.RED, EVENING)
moments = st.integers(0, 10**13).map(Instant)
minutes = st.integers(0, 24 * 60 - 1)


def rule(minute: int | None, level: str = "red", ident: str = "r") -> Rule:
    return Rule(ident, "p", frozenset(), (Condition("level", level),), (Call(("网格员",), "red"),), at=minute)


@pytest.mark.parametrize(
    ("text", "minute"),
    [("22:00", TEN), ("00:00", 0), ("23:59", 1439), ("6:00", None), ("24:00", None), ("22：00", None), ("22:60", None)],
)
def test_a_clock_time_is_four_digits_with_a_colon(text: str, minute: int | None) -> None:
    assert minute_of_day(text) == minute


@given(minutes, moments)
def test_the_last_and_the_next_time_lie_around_the_moment_and_show_that_time(minute: int, now: Instant) -> None:
    last, following = last_strike(minute, now), first_strike(minute, now)
    assert last <= now < following == later(last, 24 * HOUR)
    assert beijing(last, "%H:%M:%S") == f"{minute // 60:02d}:{minute % 60:02d}:00"


def test_only_rules_with_a_time_whose_conditions_hold_strike() -> None:
    wanted, without, other = rule(TEN), rule(None), rule(TEN, "blue")
    somewhere = Coverage("c", frozenset({"a"}))
    assert triggers((wanted, without, other), RED, somewhere) == (wanted,)
    assert triggers((wanted, without, other), RED, replace(somewhere, levels={"a": Level.BLUE})) == (other,)
    assert next_strike((wanted, without), EVENING) == AT_TEN
    assert next_strike((without,), EVENING) is None


def test_what_has_come_is_in_force_at_its_time() -> None:
    ends = later(AT_TEN, HOUR)
    assert strikes((rule(TEN),), AT_TEN, ends, AT_TEN) == (Strike(AT_TEN, (rule(TEN),)),)
    assert strikes((rule(TEN),), AT_TEN, ends, later(AT_TEN, -1)) == ()
    assert strikes((rule(TEN),), AT_TEN, AT_TEN, later(AT_TEN, HOUR)) == ()
    assert strikes((rule(TEN),), AT_TEN, None, later(AT_TEN, HOUR)) == (Strike(AT_TEN, (rule(TEN),)),)


def test_rules_of_one_time_strike_together_and_others_in_order() -> None:
    first, second, third = rule(TEN, ident="a"), rule(TEN, ident="b"), rule(TEN + 30, ident="c")
    found = strikes((third, first, second), AT_TEN, None, later(AT_TEN, HOUR))
    assert [(one.name[-5:], [r.id for r in one.rules]) for one in found] == [("22:00", ["a", "b"]), ("22:30", ["c"])]


def test_days_slept_through_strike_once_at_the_last_time() -> None:
    now = later(AT_TEN, 50 * HOUR)
    [only] = strikes((rule(TEN),), AT_TEN, None, now)
    assert only.at == later(AT_TEN, 48 * HOUR)
    assert only.late(now)
    assert not only.late(later(only.at, LATE - 1))


@given(minutes, moments, st.integers(0, 100 * HOUR), st.lists(st.integers(0, 30 * HOUR), max_size=8))
def test_however_often_it_is_looked_at_every_time_in_force_strikes_once(
    minute: int, sent: Instant, lasts: int, naps: list[int]
) -> None:
    ends, now, cursor = later(sent, lasts), sent, first_strike(minute, sent)
    seen: list[Instant] = []
    for nap in [*naps, 200 * HOUR]:
        now = later(now, nap)
        if cursor <= now:
            seen += [one.at for one in strikes((rule(minute),), cursor, ends, now)]
            cursor = first_strike(minute, now)
    assert len(seen) == len(set(seen))
    assert all(sent < at < ends for at in seen)
    assert bool(seen) == (first_strike(minute, sent) < ends)


@given(minutes, moments, st.integers(-HOUR, 60 * HOUR))
@example(TEN, EVENING, 30 * HOUR)
def test_the_recount_agrees_with_the_clock(minute: int, sent: Instant, lasts: int) -> None:
    ends = later(sent, lasts)
    book = Rulebook("v1", COUNTY, (rule(minute),), LADDERS, frozenset(KEYS), "值班室", "red")
    coverage = Coverage("500156", frozenset({KEYS[0], COUNTY.key}))
    wanted = due(book, roster_of([(KEYS[0], "网格员")]), RED, coverage, {KEYS[0]: Span(sent, ends)})
    assert bool(wanted) == bool(strikes((rule(minute),), first_strike(minute, sent), ends, later(ends, HOUR)))


def test_where_the_recount_knows_no_span_no_clock_time_has_come() -> None:
    book = Rulebook("v1", COUNTY, (rule(TEN),), LADDERS, frozenset(KEYS), "值班室", "red")
    coverage = Coverage("500156", frozenset({KEYS[0], COUNTY.key}))
    assert due(book, roster_of([(KEYS[0], "网格员")]), RED, coverage) == frozenset()


def test_a_newer_message_takes_the_townships_that_it_covers_from_its_time_on() -> None:
    both = Coverage("c", frozenset({"a", "b", "county"}))
    own = Said(1, "own", EVENING, dict.fromkeys(both.areas, Level.RED))
    of_a = Said(2, "of a", later(EVENING, HOUR), dict.fromkeys(("a", "county"), Level.RED))
    of_b = Said(3, "of b", later(EVENING, HOUR), {"b": None}, lifts=True)
    assert in_force(both, 1, (own,), "county") == both
    assert in_force(both, 1, (own, of_a), "county").areas == {"b", "county"}
    assert in_force(both, 2, (own, of_a), "county").areas == {"a", "county"}
    assert in_force(both, 1, (own, of_a, of_b), "county").areas == frozenset()


def test_the_sentence_says_what_is_to_decide_and_what_was_slept_through() -> None:
    strike = Strike(AT_TEN, (rule(TEN),))
    said = sentence(strike, "暴雨红色预警", ["停学，次日全天停学"], AT_TEN, over=False)
    assert said == "22:00 暴雨红色预警仍生效，规则建议：停学，次日全天停学；请研判决定"
    late = sentence(strike, "暴雨红色预警", [], later(AT_TEN, 40 * MINUTE), over=True)
    assert late == "22:00 暴雨红色预警仍生效，晚了 40 分钟才处理，现在预警已过有效期，没有再叫人，请人工联系有关岗位"
