"""Two ways to the same answer: the set-based expansion and the slow recount must never differ."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from callout.domain.area import County, Coverage, Township
from callout.domain.conditions import Around, Facts
from callout.domain.due import due
from callout.domain.duty import compile_duty
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Hazard, Level
from callout.domain.matching import match
from callout.domain.roster import Post, Roster
from callout.domain.rule import Call, Condition, Rule, Rulebook

TOWNSHIPS = tuple(Township(f"示例{n}镇", f"50015610{n}", None) for n in range(4))
COUNTY = County("500156", "示例区", TOWNSHIPS)
KEYS = [township.key for township in TOWNSHIPS]
AREAS = [*KEYS, COUNTY.key]
ROLES = ["值班员", "网格员", "书记", "值班室"]
STEP = Step(Target.HOLDER, 1, ChannelKind.SMS, ChannelKind.VOICE, 60_000)
LADDERS = {name: Ladder(name, rank, (STEP,)) for rank, name in enumerate(["blue", "red"])}

conditions = st.one_of(
    st.sampled_from(["暴雨", "暴雨,山洪", "大风"]).map(lambda value: Condition("hazard", value)),
    st.sampled_from(list(Level)).map(lambda level: Condition("level", level.value)),
    st.sampled_from(list(Level)).map(lambda level: Condition("level_at_least", level.value)),
    st.sampled_from(["大风|red", "大风,地质灾害|blue,red"]).map(lambda value: Condition("beside", value)),
    st.sampled_from(["示例溪", "示例坡,示例溪"]).map(lambda value: Condition("place", value)),
    st.sampled_from(["雨量>=50", "雨量>=80"]).map(lambda value: Condition("observed", value)),
)
arounds = st.builds(
    Around,
    places=st.frozensets(st.sampled_from(["示例溪", "示例坡"])),
    beside=st.frozensets(st.tuples(st.sampled_from([Hazard.GALE, Hazard.LANDSLIDE]), st.sampled_from(list(Level)))),
    observed=st.dictionaries(st.just("雨量"), st.sampled_from([40.0, 60.0, 90.0])),
)
calls = st.builds(
    Call, st.lists(st.sampled_from(ROLES), max_size=3, unique=True).map(tuple), st.sampled_from(list(LADDERS))
)
rules = st.builds(
    Rule,
    id=st.sampled_from(["a", "b", "c"]),
    plan=st.just("p"),
    areas=st.frozensets(st.sampled_from(AREAS), max_size=2),
    when=st.lists(conditions, max_size=2).map(tuple),
    calls=st.lists(calls, max_size=2).map(tuple),
    overridden=st.frozensets(st.sampled_from(KEYS), max_size=1),
)
posts = st.lists(st.tuples(st.sampled_from([*AREAS, "stats:999999999"]), st.sampled_from(ROLES)), max_size=12)


def roster_of(places: list[tuple[str, str]]) -> Roster:
    return Roster(
        "v1", "500156", tuple(Post(i, area, role, "示例岗位", None) for i, (area, role) in enumerate(places)), ()
    )


@given(
    st.lists(rules, max_size=6),
    posts,
    st.sampled_from([Hazard.RAINSTORM, Hazard.FLASH_FLOOD, None]),
    st.sampled_from([*Level, None]),
    st.tuples(st.frozensets(st.sampled_from(KEYS), min_size=1), st.dictionaries(st.sampled_from(AREAS), arounds)),
)
def test_the_recount_agrees_with_the_matches_joined_to_the_duty_table(
    some_rules: list[Rule],
    places: list[tuple[str, str]],
    hazard: Hazard | None,
    level: Level | None,
    where: tuple[frozenset[str], dict[str, Around]],
) -> None:
    covered, around = where
    rulebook = Rulebook("v1", COUNTY, tuple(some_rules), LADDERS, frozenset(KEYS), "值班室", "red")
    coverage = Coverage("500156", covered | {COUNTY.key})
    roster = roster_of(places)
    facts = Facts(hazard, level, around=around)
    wanted = {(m.area, m.role) for m in match(rulebook, facts, coverage).matches}
    joined = {duty.post for duty in compile_duty(roster) if (duty.area, duty.role) in wanted}
    assert due(rulebook, roster, facts, coverage) == joined


def test_vacant_and_unreachable_posts_are_due_too() -> None:
    rain = Rule("r", "p", frozenset(), (Condition("hazard", "暴雨"),), (Call(("网格员",), "red"),))
    rulebook = Rulebook("v1", COUNTY, (rain,), LADDERS, frozenset(KEYS), "值班室", "red")
    coverage = Coverage("500156", frozenset({KEYS[0], COUNTY.key}))
    roster = roster_of([(KEYS[0], "网格员"), (KEYS[1], "网格员"), (KEYS[0], "书记")])
    assert due(rulebook, roster, Facts(Hazard.RAINSTORM, Level.BLUE), coverage) == {0}
    elsewhere = replace(rulebook, rules=(replace(rain, areas=frozenset({KEYS[1]})),))
    assert due(elsewhere, roster, Facts(Hazard.RAINSTORM, Level.BLUE), coverage) == frozenset()
