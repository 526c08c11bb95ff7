"""What the sample covers: hazards at the levels at which they are issued, industries, roles, 六停, ladders at night."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from callout.domain.callout import Callout, CalloutKey, CalloutState
from callout.domain.conditions import Facts, hold
from callout.domain.instant import BEIJING, MINUTE, Instant, instant, later
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.level import Hazard, Level
from callout.domain.meaning import Meaning
from callout.domain.moves import Number, Person, PostView, next_try
from callout.domain.roster import NumberKind
from callout.domain.rule import Rulebook, StopWorkCode
from callout.render.messages import Templates
from callout.render.sms import parts
from callout.rulebook.reading import parse, read_files

ROOT = Path(__file__).parents[2]
FOUR = tuple(Level)
THREE = (Level.YELLOW, Level.ORANGE, Level.RED)
ISSUED = {
    Hazard.RAINSTORM: FOUR,
    Hazard.GALE: FOUR,
    Hazard.LANDSLIDE: FOUR,
    Hazard.FLASH_FLOOD: FOUR,
    Hazard.HEAT: THREE,
    Hazard.FOREST_FIRE: THREE,
}
"""The levels that exist: rainstorm, gale and heat by the national rules for warning signals (2007); forest fire danger
has no blue signal (levels three to five of the danger scale are yellow, orange, red)."""
DAY = instant(datetime(2026, 8, 2, 10, tzinfo=BEIJING))
MIDNIGHT = instant(datetime(2026, 8, 2, tzinfo=BEIJING))


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return parse(read_files(ROOT / "rules"), "500156")


def test_every_township_and_the_county_know_each_hazard_at_its_levels(book: Rulebook) -> None:
    for hazard, levels in ISSUED.items():
        for level in levels:
            asked = [rule for rule in book.rules if rule.calls and hold(rule.when, Facts(hazard, level, DAY))]
            assert {area for rule in asked for area in rule.areas} >= book.planned, (hazard, level)


def test_no_rule_waits_for_a_level_that_does_not_exist(book: Rulebook) -> None:
    lowest = {hazard: levels[0] for hazard, levels in ISSUED.items()}
    for rule in book.rules:
        when = {condition.kind: condition.value for condition in rule.when}
        named = [Level(when[kind]) for kind in ("level", "level_at_least") if kind in when]
        assert named, rule.id
        assert all(named[0].rank >= lowest[Hazard(each)].rank for each in when["hazard"].split(",")), rule.id


SIX_STOPS = {code for code in StopWorkCode if code.value.startswith("停") and len(code.value) > 1}


def test_there_are_ten_industries_and_every_stop_of_work_is_proposed_somewhere(book: Rulebook) -> None:
    names = {yaml.safe_load(path.read_text(encoding="utf-8"))["industry"] for path in industries()}
    assert names == {"教育", "建设", "工贸", "商贸", "交通", "文旅", "海事", "水利", "地质灾害防治", "林业"}
    assert {wish.code for rule in book.rules for wish in rule.proposals} == SIX_STOPS


def industries() -> list[Path]:
    return sorted((ROOT / "rules" / "industries").glob("*.yaml"))


def test_the_roles_of_the_field_are_called(book: Rulebook) -> None:
    called = {role for rule in book.rules for call in rule.calls for role in call.roles}
    assert {
        "党政主要负责人", "分管领导", "带班领导", "值班员", "村(社区)书记", "网格员", "灾害信息员",
        "水库行政责任人", "水库技术责任人", "水库巡查责任人",
        "群测群防员", "片区负责人", "驻守地质队员", "区县技术管理员",
        "学校安全责任人", "工地负责人", "景区负责人", "企业安全负责人", "渡口负责人", "护林员",
    } <= called  # fmt: skip


def test_whatever_a_lower_level_calls_a_higher_one_calls_too(book: Rulebook) -> None:
    for hazard, levels in ISSUED.items():
        before: set[str] = set()
        for level in levels:
            rules = [rule for rule in book.rules if hold(rule.when, Facts(hazard, level, DAY)) and rule.at is None]
            now = {f"{rule.plan}/{role}" for rule in rules for call in rule.calls for role in call.roles}
            assert before <= now, (hazard, level)
            before = now


def test_every_measure_fits_into_three_parts_of_a_text(book: Rulebook) -> None:
    templates = Templates(ROOT / "templates")
    for measure in {rule.measure for rule in book.rules if rule.calls}:
        meaning = Meaning(
            county="武隆区",
            hazard="地质灾害",
            level=Level.ORANGE,
            area="武隆区",
            issued_at=DAY,
            expires_at=later(DAY, 6 * 60 * MINUTE),
            measure=measure,
            issuer="武隆区规划自然资源局、武隆区气象台",
            titles=("示例·石桥苗族土家族乡驻守地质队员",),
            code="A1",
            run="actual",
        )
        assert parts(templates.sms(meaning)) <= 3, measure


@pytest.mark.parametrize("name", ["red", "orange"])
def test_at_any_minute_one_number_is_rung_by_the_second_step(book: Rulebook, name: str) -> None:
    """Never two texts first; by night the call comes first."""
    for minute in range(24 * 60):
        first, second = first_channels(book.ladders[name], Instant(MIDNIGHT + minute * MINUTE + 59_000))
        night = minute >= 22 * 60 or minute < 6 * 60
        assert ChannelKind.VOICE in (first, second), minute
        assert first is (ChannelKind.VOICE if night else ChannelKind.SMS)


def first_channels(ladder: Ladder, at: Instant) -> list[ChannelKind]:
    """How a person with one number is tried who stays silent."""
    person = Person(1, "示例", (Number(1, NumberKind.MOBILE, False, True, "c", "+999"),))
    view = PostView("示例岗", "r", person, None, None)
    key = CalloutKey("500156", 1, 1, 0)
    channels = []
    for step, due in enumerate((at, later(at, ladder.steps[0].wait))):
        callout = Callout(key, CalloutState.TO_CALL, step, due, 0, ladder.id, None, "", False, 0)
        found = next_try(callout, ladder, view, due)
        assert found is not None
        channels.append(found.channel)
    return channels
