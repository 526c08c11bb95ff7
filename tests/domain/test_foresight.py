from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from callout.domain.area import County, Coverage, Township
from callout.domain.callout import CalloutKey
from callout.domain.conditions import Around, Facts
from callout.domain.foresight import climb, fresh_callout, rulings
from callout.domain.instant import MINUTE, Instant, later
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Hazard, Level
from callout.domain.matching import match
from callout.domain.moves import VACANT, Number, Person, PostView
from callout.domain.roster import NumberKind
from callout.domain.rule import Call, Condition, Rule, Rulebook

NOON = Instant(4 * 60 * MINUTE)
"""Noon in Beijing."""
COUNTY = County("500156", "武隆区", (Township("白马镇", "500156101", None), Township("江口镇", "500156102", None)))
BAIMA, JIANGKOU = (t.key for t in COUNTY.townships)
LADDER = Ladder(
    "orange",
    30,
    (
        Step(Target.HOLDER, 1, ChannelKind.SMS, ChannelKind.VOICE, 2 * MINUTE),
        Step(Target.HOLDER, 2, ChannelKind.VOICE, ChannelKind.VOICE, 2 * MINUTE),
        Step(Target.DEPUTY, 1, ChannelKind.VOICE, ChannelKind.VOICE, 3 * MINUTE),
        Step(Target.SUPERIOR, 1, ChannelKind.VOICE, ChannelKind.VOICE, MINUTE),
    ),
)


def book(*rules: Rule) -> Rulebook:
    return Rulebook("v", COUNTY, rules, {"orange": LADDER}, frozenset(), "区应急值班室", "orange")


def rule(ident: str, *when: Condition, areas: frozenset[str] = frozenset()) -> Rule:
    return Rule(ident, "plan", areas, when, (Call(("网格员",), "orange"),))


def covers(*areas: str) -> Coverage:
    return Coverage("500156", frozenset({*areas, COUNTY.key}))


def person(ident: int, numbers: int = 1) -> Person:
    of = (Number(10 * ident + n, NumberKind.MOBILE, False, True, "", "+999") for n in range(numbers))
    return Person(ident, f"示例{ident}", tuple(of))


def test_each_failed_condition_is_named() -> None:
    hot, red = Condition("hazard", "高温"), Condition("level_at_least", "red")
    [found] = rulings(book(rule("a", hot, red)), Facts(Hazard.RAINSTORM, Level.ORANGE, NOON), NOON, covers(BAIMA))
    assert (found.failed, found.applies) == ((hot, red), False)


def test_a_rule_of_another_township_reaches_nothing() -> None:
    rain = Condition("hazard", "暴雨")
    there, here, all_over = (rule(i, rain, areas=a) for i, a in (("a", {JIANGKOU}), ("b", {BAIMA}), ("c", set())))  # type: ignore[arg-type]
    found = rulings(book(there, here, all_over), Facts(Hazard.RAINSTORM, Level.RED, NOON), NOON, covers(BAIMA))
    assert [(r.rule.id, r.applies) for r in found] == [("a", False), ("b", True), ("c", True)]
    assert [sorted(r.areas) for r in found] == [[], [BAIMA], sorted([BAIMA, COUNTY.key])]


def test_what_fails_in_one_township_may_hold_in_another() -> None:
    """A landslide warning is in force in 白马 only: each township has its own reason."""
    beside = Condition("beside", "地质灾害|yellow")
    slide = {BAIMA: Around(beside=frozenset({(Hazard.LANDSLIDE, Level.YELLOW)}))}
    facts = Facts(Hazard.RAINSTORM, Level.RED, NOON, around=slide)
    [found] = rulings(book(rule("a", beside)), facts, NOON, covers(BAIMA, JIANGKOU))
    assert (found.areas, found.failed) == (frozenset({BAIMA}), ())
    assert (found.failed_at(BAIMA), found.failed_at(JIANGKOU), found.failed_at("elsewhere")) == ((), (beside,), ())


def test_a_rule_with_a_clock_time_waits_for_it() -> None:
    rain = Condition("hazard", "暴雨")
    ten = replace(rule("clock", rain), at=22 * 60)
    facts = Facts(Hazard.RAINSTORM, Level.RED, NOON)
    [waits] = rulings(book(ten), facts, NOON, covers(BAIMA))
    assert (waits.holds, waits.applies, waits.strikes_at) == (True, False, later(NOON, 10 * 60 * MINUTE))
    [never] = rulings(book(replace(ten, when=(Condition("hazard", "高温"),))), facts, NOON, covers(BAIMA))
    assert (never.holds, never.applies) == (False, False)


@given(st.sampled_from(Level), st.sampled_from([*Hazard][:6]), st.sets(st.sampled_from([BAIMA, JIANGKOU])))
def test_rulings_and_matches_name_the_same_rules(level: Level, hazard: Hazard, areas: set[str]) -> None:
    rules = book(
        rule("a", Condition("hazard", "暴雨,台风"), Condition("level_at_least", "orange")),
        rule("b", Condition("hazard", "暴雨"), areas=frozenset({BAIMA})),
        rule("c", Condition("level", "blue"), areas=frozenset({JIANGKOU})),
    )
    coverage = covers(*areas)
    ruled = {r.rule.id for r in rulings(rules, Facts(hazard, level, NOON), NOON, coverage) if r.applies}
    assert ruled == {i for m in match(rules, Facts(hazard, level, NOON), coverage).matches for i in m.rule_ids}


def climbed(view: PostView, expires: Instant | None = None) -> list[tuple[int, Target, int]]:
    callout = fresh_callout(CalloutKey("500156", 1, 1, 0), Level.ORANGE, LADDER, NOON, expires)
    found = climb(callout, LADDER, view, NOON)
    return [((at - NOON) // MINUTE, one.target, one.number.id) for at, one in found]


def test_a_silent_post_is_climbed_to_the_end() -> None:
    view = PostView("示例", "r", person(1, 2), person(2), person(3))
    assert climbed(view) == [
        (0, Target.HOLDER, 10),
        (2, Target.HOLDER, 11),
        (4, Target.DEPUTY, 20),
        (7, Target.SUPERIOR, 30),
    ]


def test_a_step_that_cannot_be_taken_costs_no_time() -> None:
    assert climbed(PostView("示例", "r", person(1), None, person(3))) == [
        (0, Target.HOLDER, 10),
        (2, Target.SUPERIOR, 30),
    ]
    assert climbed(PostView("示例", "r", person(1), person(2), None)) == [
        (0, Target.HOLDER, 10),
        (2, Target.DEPUTY, 20),
    ]
    assert climbed(VACANT) == []


def test_no_step_is_taken_after_the_expiry() -> None:
    view = PostView("示例", "r", person(1, 2), person(2), person(3))
    assert [minute for minute, _, _ in climbed(view, later(NOON, 4 * MINUTE))] == [0, 2]


def test_a_ladder_of_the_night_begins_with_a_call() -> None:
    view = PostView("示例", "r", person(1), None, None)
    night = later(NOON, 12 * 60 * MINUTE)
    callout = fresh_callout(CalloutKey("500156", 1, 1, 0), Level.RED, LADDER, night, None)
    [(at, one)] = climb(callout, LADDER, view, night)
    assert (at, one.channel, callout.level) == (night, ChannelKind.VOICE, Level.RED)
    assert replace(callout, lane=0) == callout
