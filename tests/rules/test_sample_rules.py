"""The rules that ship with callout: facts about 武隆 and what the plans promise."""

from datetime import datetime
from pathlib import Path

import pytest

from callout.domain.alert import Area, CodeSystem, Geocode, Info
from callout.domain.conditions import Facts
from callout.domain.coverage import cover
from callout.domain.instant import BEIJING, instant
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.level import Hazard, Level
from callout.domain.matching import match
from callout.domain.rule import GapKind, Matching, Rulebook, StopWorkCode
from callout.rulebook.reading import parse, read_files

RULES = Path(__file__).parents[2] / "rules"
DAY = instant(datetime(2026, 8, 2, 10, tzinfo=BEIJING))
TOWNSHIP_ROLES = {"值班员", "带班领导", "分管领导", "村(社区)书记", "党政主要负责人", "网格员", "灾害信息员"}
BAIMA = "stats:500156101"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return parse(read_files(RULES), "500156")


def matching(book: Rulebook, level: Level, *codes: str, hazard: Hazard = Hazard.RAINSTORM) -> Matching:
    geocodes = tuple(Geocode(CodeSystem.STATS if len(code) > 6 else CodeSystem.GB2260, code) for code in codes)
    coverage = cover(book.county, Info(hazard.value, hazard, level, (Area("", geocodes),)))
    assert coverage is not None
    return match(book, Facts(hazard, level, DAY), coverage)


def roles(found: Matching, area: str) -> dict[str, str]:
    return {m.role: m.ladder.name for m in found.matches if m.area == area and m.role in TOWNSHIP_ROLES}


def test_the_two_code_systems_disagree_as_the_comment_says(book: Rulebook) -> None:
    townships = book.county.townships
    assert len(townships) == 26
    agreeing = [t.stats for t in townships if t.stats == t.mca]
    assert agreeing == [f"500156{n}" for n in ("001", "002", "003", "004", "111", "112", "113")]
    by_mca = {t.mca: t.name for t in townships}
    clashes = [t.stats for t in townships if by_mca.get(t.stats, t.name) != t.name]
    assert len(clashes) == 9
    assert "500156101" in clashes


def test_every_township_has_its_own_plan(book: Rulebook) -> None:
    assert book.planned == {township.key for township in book.county.townships}
    for township in book.county.townships:
        text = (RULES / "townships" / f"{township.stats}-{township.name}.yaml").read_text(encoding="utf-8")
        assert text.startswith(f"# {township.name}预警叫应方案")


def test_plans_say_that_they_are_examples() -> None:
    for name, text in read_files(RULES).items():
        assert name.startswith("areas/") or "# 示例，由本地方案替换" in text


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level.BLUE, {"值班员"}),
        (Level.YELLOW, {"值班员", "带班领导", "分管领导", "村(社区)书记"}),
        (Level.ORANGE, TOWNSHIP_ROLES),
        (Level.RED, TOWNSHIP_ROLES),
    ],
)
def test_each_level_calls_its_posts_by_its_own_ladder(book: Rulebook, level: Level, expected: set[str]) -> None:
    for hazard in (Hazard.RAINSTORM, Hazard.FLASH_FLOOD, Hazard.LANDSLIDE):
        found = matching(book, level, "500156", hazard=hazard)
        assert found.gaps == ()
        for township in book.county.townships:
            assert roles(found, township.key) == dict.fromkeys(expected, level.value)


def test_one_township_alone_leaves_the_others_asleep(book: Rulebook) -> None:
    found = matching(book, Level.RED, "500156101")
    assert {m.area for m in found.matches} == {BAIMA, "gb2260:500156"}


def test_a_hazard_without_rules_is_a_gap(book: Rulebook) -> None:
    assert [gap.kind for gap in matching(book, Level.RED, "500156", hazard=Hazard.SNOWSTORM).gaps] == [GapKind.NO_RULE]


def test_industries_propose_to_stop_work(book: Rulebook) -> None:
    def stops(level: Level) -> set[tuple[StopWorkCode, str]]:
        found = matching(book, level, "500156101").proposals
        return {(p.code, p.rule_id) for p in found if p.area == BAIMA and p.code in ("停工", "停学")}

    site, by_day = (StopWorkCode.SITE, "construction/橙色起"), (StopWorkCode.SCHOOL, "education/红色白天发布停学研判")
    assert stops(Level.YELLOW) == set()
    assert stops(Level.ORANGE) == {site, (StopWorkCode.SCHOOL, "education/橙色停学研判")}
    assert stops(Level.RED) == {site, (StopWorkCode.SITE, "industry/红色"), by_day}


def test_a_reservoir_has_three_responsible_persons(book: Rulebook) -> None:
    def wardens(level: Level) -> set[str]:
        return {m.role for m in matching(book, level, "500156101").matches if m.role.startswith("水库")}

    assert wardens(Level.BLUE) == {"水库巡查责任人"}
    assert wardens(Level.RED) == {"水库巡查责任人", "水库技术责任人", "水库行政责任人"}


@pytest.mark.parametrize(("name", "minutes"), [("red", 4), ("orange", 8), ("yellow", 20), ("blue", 40), ("desk", 3)])
def test_ladders_end_at_the_superior_in_time(book: Rulebook, name: str, minutes: int) -> None:
    steps = book.ladders[name].steps
    assert steps[-1].target is Target.SUPERIOR
    assert sum(step.wait for step in steps[:-1]) <= minutes * 60_000
    assert [step.target for step in steps] == sorted(
        (step.target for step in steps), key=list(Target).index
    )  # the person, then the deputy, then the superior


def test_stricter_ladders_wait_less(book: Rulebook) -> None:
    def patience(ladder: Ladder) -> int:
        return sum(step.wait for step in ladder.steps)

    by_rank = [book.ladders[level.value] for level in Level]
    assert [ladder.strictness for ladder in by_rank] == sorted(ladder.strictness for ladder in by_rank)
    assert [patience(ladder) for ladder in by_rank] == sorted(map(patience, by_rank), reverse=True)


@pytest.mark.parametrize("name", ["orange", "red"])
def test_at_night_the_voice_comes_first(book: Rulebook, name: str) -> None:
    first, second, *_ = book.ladders[name].steps
    assert (first.day, first.night) == (ChannelKind.SMS, ChannelKind.VOICE)
    assert (second.day, second.night) == (ChannelKind.VOICE, ChannelKind.SMS)


def test_the_desk_is_a_county_post(book: Rulebook) -> None:
    called = {m.role for m in matching(book, Level.BLUE, "500156101").matches if m.area == book.county.key}
    assert book.desk_role in called
    assert book.desk_ladder in book.ladders
