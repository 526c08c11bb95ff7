"""The space of the proof: what one match for all townships says is what a match for each would say."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from callout.domain.area import Coverage
from callout.domain.instant import MINUTE, SECOND
from callout.domain.level import LEVELS_OF, Hazard, Level
from callout.domain.matching import match
from callout.domain.proof.by_crowd import _bundled
from callout.domain.proof.space import clock_of, everywhere, facts, in_world, survey
from callout.domain.rule import Condition
from callout.rulebook.reading import parse
from tests.domain.proof_county import COUNTY, FILES, GRID, HEAD, TOWNS, edited, proved, with_post

BOOK = parse(FILES, "500156")
SPACE = survey(BOOK)


@given(
    st.sampled_from(SPACE.worlds), st.sampled_from(SPACE.cases), st.sampled_from(SPACE.times), st.sampled_from([*TOWNS])
)
@settings(max_examples=50, deadline=None)
def test_the_match_of_one_township_is_its_part_of_the_match_of_all(world, case, sent, town) -> None:  # type: ignore[no-untyped-def]
    book = in_world(BOOK, world)
    alone = match(book, facts(case, sent), Coverage("500156", frozenset({town, COUNTY}))).matches
    together = match(book, facts(case, sent), everywhere(book)).matches
    assert alone == tuple(one for one in together if one.area in (town, COUNTY))


def test_what_is_assumed_and_what_is_walked_through() -> None:
    assert SPACE.assumed == (Condition("season", "05-01..09-30"),)
    assert [world.name for world in SPACE.worlds] == ["都成立", "都不成立"]
    assert [clock_of(at) for at in SPACE.times] == ["02:00", "14:00"]
    assert {case.zh for case in SPACE.cases} == {
        *(f"暴雨{level.zh}" for level in Level),
        *(f"高温{level.zh}" for level in LEVELS_OF[Hazard.HEAT]),
        *(f"应急响应 洪水{level.zh}" for level in Level),
    }
    assert Hazard.TYPHOON in SPACE.unspoken
    assert Hazard.FLOOD not in SPACE.unspoken


def test_each_condition_outside_the_axes_is_also_turned_alone() -> None:
    files = edited(
        "industries/education.yaml", '    season: "05-01..09-30"\n', '    season: "05-01..09-30"\n    words: 特大\n'
    )
    files["industries/education.yaml"] += """\
  - id: 又一条
    hazard: 暴雨
    observed: {reading: 雨量, at_least: 50}
    calls: [{roles: [学校安全责任人], ladder: red}]
"""
    worlds = survey(parse(files, "500156")).worlds
    assert len(worlds) == 2 + 2 * 3
    assert len({world.holds for world in worlds}) == len(worlds)


def test_the_day_is_cut_where_rules_cut_it() -> None:
    files = edited("industries/education.yaml", '"22:00-06:00"', '"18:30-07:00"')
    assert [clock_of(at) for at in survey(parse(files, "500156")).times] == ["02:00", "06:30", "12:45", "20:15"]


def test_steps_for_one_superior_within_a_minute_are_one_message() -> None:
    assert _bundled({0, 30 * SECOND, 59 * SECOND, MINUTE, 3 * MINUTE}) == {0, MINUTE, 3 * MINUTE}


def test_a_vacant_superior_is_named_as_what_to_mend() -> None:
    vacant = {post.id: post for post in with_post(HEAD, holder=None).posts}[HEAD]
    given_ = with_post(GRID, deputy=None)
    posts = tuple(vacant if post.id == HEAD else post for post in given_.posts)
    findings = proved(people=replace(given_, posts=posts)).findings
    assert any("定任职人" in mend for one in findings if one.posts == (GRID,) for mend in one.mends)
