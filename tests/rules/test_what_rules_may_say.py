"""What rule files may say beside hazard and level: places, warnings beside, overrides, exemptions, measures, limits."""

import pytest

from callout.domain.instant import MINUTE
from callout.domain.rule import Condition
from callout.rulebook.reading import parse
from tests.rules.test_reading import AREAS, COUNTY, FILES, INDUSTRY, LADDERS, SITE, TOWN, TOWNSHIP

PLACES = """\
places:
  - {name: 示例溪, kind: 小流域, townships: [白马镇, 石桥苗族土家族乡]}
  - {name: 示例坡, kind: 风险点, townships: [石桥苗族土家族乡]}
"""


def test_every_condition_can_be_written() -> None:
    more = """\
    kind: 应急响应
    words: [特大暴雨, 山洪]
    place: 示例溪
    beside: {hazard: 地质灾害, level: {at_least: 橙色}}
    observed: {reading: 1小时雨量, at_least: 50}
"""
    files = {**FILES, "areas/500156.yaml": AREAS + PLACES, SITE: INDUSTRY.replace("    level: red\n", more)}
    rule = next(rule for rule in parse(files, "500156").rules if rule.plan == "construction")
    assert rule.when == (
        Condition("hazard", "暴雨"),
        Condition("kind", "应急响应"),
        Condition("words", "特大暴雨,山洪"),
        Condition("place", "示例溪"),
        Condition("beside", "地质灾害|orange,red"),
        Condition("observed", "1小时雨量>=50"),
    )
    assert rule.areas == {"gb2260:500156", "stats:500156101", "mca:500156216"}


@pytest.mark.parametrize(
    ("level", "levels"), [("", "blue,yellow,orange,red"), (", level: 黄色", "yellow"), (", level: Ⅱ级", "orange")]
)
def test_the_levels_of_a_warning_beside(level: str, levels: str) -> None:
    files = {**FILES, SITE: INDUSTRY.replace("    level: red\n", f"    beside: {{hazard: 大风{level}}}\n")}
    rule = next(rule for rule in parse(files, "500156").rules if rule.plan == "construction")
    assert rule.when[-1] == Condition("beside", f"大风|{levels}")


def test_a_township_stands_in_for_a_rule_of_an_industry() -> None:
    mine = TOWNSHIP + "overrides:\n  - {rule: construction/停工, reason: 镇里没有工地}\n"
    book = parse({**FILES, TOWN: mine}, "500156")
    assert {rule.id: set(rule.overridden) for rule in book.rules if rule.overridden} == {
        "construction/停工": {"stats:500156101"}
    }


@pytest.mark.parametrize(
    ("county", "own", "said"),
    [
        ("", "", "停止露天作业"),
        ("exempt: [供水, 抢险]\n", "", "停止露天作业。例外：供水、抢险，由决定人最后定。"),
        ("exempt: [供水, 抢险]\n", ", exempt: [医疗]", "停止露天作业。例外：医疗，由决定人最后定。"),
        ("exempt: [供水, 抢险]\n", ", exempt: []", "停止露天作业"),
    ],
)
def test_who_is_left_out_of_a_stop_of_work_stands_in_its_words(county: str, own: str, said: str) -> None:
    files = {**FILES, "county.yaml": COUNTY + county, SITE: INDUSTRY.replace("露天作业}", f"露天作业{own}}}")}
    rule = next(rule for rule in parse(files, "500156").rules if rule.plan == "construction")
    assert rule.proposals[0].measure == said


def test_measures_with_codes_posts_with_spares_and_limits_of_ladders() -> None:
    plan = TOWNSHIP.replace(
        "    measure: 上门喊应\n", "    measures: [{code: 撤, text: 上门喊应。}, {code: 断, text: 桥涵设卡}]\n"
    )
    plan = plan.replace("rules:\n", "spare: [值班员]\nrules:\n", 1)
    files = {**FILES, TOWN: plan, "ladders.yaml": LADDERS.replace("    steps", "    limit: 5分钟\n    steps")}
    book = parse(files, "500156")
    assert next(rule.measure for rule in book.rules if rule.measure) == "撤：上门喊应；断：桥涵设卡"
    assert book.spare == {("stats:500156101", "值班员")}
    assert book.limits == {"red": 5 * MINUTE}
