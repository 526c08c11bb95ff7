from dataclasses import replace

from callout.domain.area import County, Coverage, Township
from callout.domain.conditions import Facts
from callout.domain.feedback import FeedbackKind
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Hazard, Level
from callout.domain.matching import match
from callout.domain.rule import (
    Call,
    Condition,
    FeedbackDemand,
    FeedbackDuty,
    Gap,
    GapKind,
    Proposal,
    Rule,
    Rulebook,
    StopWorkCode,
    StopWorkProposal,
)

EAST, WEST = Township("东镇", "500156101", "500156201"), Township("西乡", "500156102", None)
COUNTY = County("500156", "示例区", (EAST, WEST))
STEP = Step(Target.HOLDER, 1, ChannelKind.SMS, ChannelKind.VOICE, 60_000)
LADDERS = {name: Ladder(name, rank, (STEP,)) for rank, name in enumerate(["blue", "orange", "red"])}
EVERYWHERE = Coverage("500156", frozenset({EAST.key, WEST.key, COUNTY.key}))
RAIN = Condition("hazard", "暴雨")
STOP = StopWorkProposal(StopWorkCode.SITE, "工地", "停止露天作业")


def rule(ident: str, least: str, areas: set[str], role: str, ladder: str) -> Rule:
    when = (RAIN, Condition("level_at_least", least))
    return Rule(ident, "p", frozenset(areas), when, (Call((role,), ladder),))


def book(*rules: Rule, planned: frozenset[str] = frozenset({EAST.key, WEST.key})) -> Rulebook:
    return Rulebook("v1", COUNTY, rules, LADDERS, planned, "值班室", "red")


def called(rulebook: Rulebook, level: Level, coverage: Coverage = EVERYWHERE) -> dict[tuple[str, str], str]:
    return {(m.area, m.role): m.ladder.name for m in match(rulebook, Facts(Hazard.RAINSTORM, level), coverage).matches}


def test_a_stricter_level_keeps_the_calls_of_the_lower_ones() -> None:
    rulebook = book(
        rule("b", "blue", {EAST.key}, "值班员", "blue"), rule("o", "orange", {EAST.key}, "网格员", "orange")
    )
    assert called(rulebook, Level.YELLOW) == {(EAST.key, "值班员"): "blue"}
    assert called(rulebook, Level.RED) == {(EAST.key, "值班员"): "blue", (EAST.key, "网格员"): "orange"}


def test_the_strictest_ladder_wins_and_every_rule_is_named() -> None:
    strict, mild = rule("z", "red", {EAST.key}, "值班员", "red"), rule("a", "blue", {EAST.key}, "值班员", "blue")
    for rulebook in (book(strict, mild), book(mild, strict)):
        (only,) = match(rulebook, Facts(Hazard.RAINSTORM, Level.RED), EVERYWHERE).matches
        assert (only.ladder.name, only.rule_ids) == ("red", ("a", "z"))


def test_a_township_rule_stays_in_its_township() -> None:
    rulebook = book(rule("e", "blue", {EAST.key}, "值班员", "blue"))
    only_west = Coverage("500156", frozenset({WEST.key, COUNTY.key}))
    result = match(rulebook, Facts(Hazard.RAINSTORM, Level.RED), only_west)
    assert result.matches == ()
    assert result.gaps == (Gap(GapKind.NO_RULE, COUNTY.key),)


def test_a_rule_without_areas_reaches_the_covered_townships_and_the_county() -> None:
    rulebook = book(rule("i", "blue", set(), "学校", "blue"))
    only_west = Coverage("500156", frozenset({WEST.key, COUNTY.key}))
    assert called(rulebook, Level.BLUE, only_west).keys() == {(WEST.key, "学校"), (COUNTY.key, "学校")}


def test_a_county_rule_matches_once_whatever_is_covered() -> None:
    rulebook = book(rule("c", "blue", {COUNTY.key}, "值班室", "red"))
    assert called(rulebook, Level.BLUE) == {(COUNTY.key, "值班室"): "red"}


def test_proposals_follow_the_rule_and_its_areas() -> None:
    rulebook = book(replace(rule("s", "orange", set(), "工地", "orange"), proposals=(STOP, STOP)))
    assert match(rulebook, Facts(Hazard.RAINSTORM, Level.YELLOW), EVERYWHERE).proposals == ()
    assert match(rulebook, Facts(Hazard.RAINSTORM, Level.ORANGE), EVERYWHERE).proposals == tuple(
        Proposal(area, "工地", StopWorkCode.SITE, "s", "停止露天作业") for area in sorted(EVERYWHERE.areas)
    )


def test_of_several_rules_the_shortest_time_for_a_feedback_holds() -> None:
    def owing(ident: str, least: str, within: int) -> Rule:
        duty = FeedbackDuty(FeedbackKind.ON_POST, within, ("工地",))
        return replace(rule(ident, least, {WEST.key}, "工地", "orange"), feedback=(duty,))

    rulebook = book(owing("a", "blue", 60), owing("b", "orange", 30), owing("c", "orange", 45))
    blue = match(rulebook, Facts(Hazard.RAINSTORM, Level.BLUE), EVERYWHERE).feedback
    orange = match(rulebook, Facts(Hazard.RAINSTORM, Level.ORANGE), EVERYWHERE).feedback
    assert blue == (FeedbackDemand(WEST.key, "工地", FeedbackKind.ON_POST, 60, "a"),)
    assert orange == (FeedbackDemand(WEST.key, "工地", FeedbackKind.ON_POST, 30, "b"),)


def test_an_alerted_township_without_a_plan_is_a_gap() -> None:
    rulebook = book(rule("i", "blue", set(), "学校", "blue"), planned=frozenset({EAST.key}))
    gaps = match(rulebook, Facts(Hazard.RAINSTORM, Level.BLUE), EVERYWHERE).gaps
    assert gaps == (Gap(GapKind.NO_PLAN, WEST.key),)


def test_other_hazards_and_alerts_without_a_level_leave_a_gap() -> None:
    rulebook = book(rule("i", "blue", set(), "学校", "blue"))
    nobody = (Gap(GapKind.NO_RULE, COUNTY.key),)
    assert match(rulebook, Facts(Hazard.HEAT, Level.RED), EVERYWHERE).gaps == nobody
    assert match(rulebook, Facts(Hazard.RAINSTORM, None), EVERYWHERE).gaps == nobody
    assert match(rulebook, Facts(None, Level.RED), EVERYWHERE).gaps == nobody


def test_the_result_is_sorted() -> None:
    rulebook = book(rule("2", "blue", set(), "网格员", "blue"), rule("1", "blue", set(), "值班员", "blue"))
    result = match(rulebook, Facts(Hazard.RAINSTORM, Level.BLUE), EVERYWHERE)
    places = [(m.area, m.role) for m in result.matches]
    assert places == sorted(places)
    assert len(places) == 6
