"""Faults planted in a correct county: each is found, under its name and where it lies; the correct one has none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, later
from callout.domain.proof.finding import Danger, Kind
from callout.domain.proof.rungs import CLOUD, Ways
from callout.domain.roster import Post, Roster, Shift
from tests.domain.proof_county import (
    COUNTY,
    DESK,
    FILES,
    FIRST,
    FLOOD,
    GRID,
    HEAD,
    NOW,
    PLAN,
    SCHOOL,
    SECOND,
    TOWNS,
    WATCH,
    about,
    edited,
    landline,
    mobile,
    person,
    proved,
    roster,
    with_numbers,
    with_post,
)
from tests.domain.test_proof_sites import SITE_KINDS

DEADLY, GRAVE, NOTE = Danger.DEADLY, Danger.GRAVE, Danger.NOTE
LADDERS, COUNTY_PLAN, SCHOOLS = "ladders.yaml", "county.yaml", "industries/education.yaml"


@dataclass(frozen=True)
class Seed:
    """One fault: what is wrong in life, what the proof must call it, and where."""

    life: str
    kind: Kind
    danger: Danger
    where: str
    files: Mapping[str, str] = field(default_factory=lambda: FILES)
    roster: Roster = field(default_factory=roster)
    ways: Ways = field(default_factory=lambda: CLOUD)


def without(*posts: int) -> Roster:
    kept = tuple(post for post in roster().posts if post.id not in posts)
    return replace(roster(), posts=kept, shifts=() if DESK in posts else roster().shifts)


def shifts(*given: Shift) -> Roster:
    return replace(roster(), shifts=given)


def more(*posts: Post) -> Roster:
    people = (*roster().responders, *(person(post.id) for post in posts))
    return replace(roster(), posts=(*roster().posts, *posts), responders=people)


def shift(who: int, begins: int, ends: int, post: int = DESK) -> Shift:
    return Shift(post, who, later(NOW, begins * HOUR), later(NOW, ends * HOUR))


def many_under(deputy: int) -> Roster:
    """One person who is the deputy of all: where a holder has a landline only, the turn of the deputy comes earlier."""
    posts = tuple(replace(p, deputy=deputy) if p.holder != deputy else p for p in roster().posts)
    people = tuple(replace(p, contacts=(landline(p.id),)) if p.id in (GRID, SCHOOL) else p for p in roster().responders)
    return replace(roster(), posts=posts, responders=people)


NO_PLAN = {name: text for name, text in FILES.items() if name != PLAN}
ONE_WAY: Ways = {kind: replace(able, answers=frozenset()) for kind, able in CLOUD.items()}
RED = "    level: {at_least: 红色}\n    calls: [{roles: [值班员, 党政主要负责人, 网格员], ladder: red}]\n"
ORANGE = "    level: {at_least: 橙色}\n    calls: [{roles: [值班员, 党政主要负责人, 网格员], ladder: orange}]\n"
YELLOW = "    level: {at_least: 黄色}\n    calls: [{roles: [值班员, 党政主要负责人], ladder: yellow}]\n"
HEAT = FILES[PLAN][FILES[PLAN].index("  - id: 高温黄色起") :]
OVERRIDE = "overrides:\n  - {rule: education/橙色起, reason: 示例}\n  - {rule: education/汛期黄色, reason: 示例}\n"
ALL_AT_ONCE = FILES[PLAN][FILES[PLAN].index("  - id: 蓝色起") : FILES[PLAN].index("  - id: 高温")]
ONLY_IF = ALL_AT_ONCE.replace("    hazard: 暴雨\n", "    hazard: 暴雨\n    observed: {reading: 雨量, at_least: 50}\n")

URGENT = FILES[LADDERS].partition("  orange:")[0]
"""The red ladder."""

SEEDS = [
    # rules
    Seed("a township has no plan", Kind.NO_PLAN, DEADLY, "甲镇", NO_PLAN),
    Seed("a township forgot heat", Kind.HAZARD_LEFT_OUT, GRAVE, "甲镇", edited(PLAN, HEAT, "")),
    Seed("a plan begins one level late", Kind.LEVEL_CALLS_NOBODY, DEADLY, "甲镇",
         edited(PLAN, "level: {at_least: 蓝色}", "level: {at_least: 黄色}")),
    Seed("yellow instead of yellow and above", Kind.HIGHER_CALLS_LESS, DEADLY, "甲镇",
         {**FILES, PLAN: FILES[PLAN].replace(YELLOW, YELLOW.replace("{at_least: 黄色}", "黄色"))
             .replace("roles: [值班员, 党政主要负责人, 网格员], ladder: orange", "roles: [值班员], ladder: orange")}),
    Seed("red on a slow ladder", Kind.HIGHER_CALLS_SLOWER, GRAVE, "甲镇",
         edited(PLAN, ORANGE, ORANGE.replace("{at_least: 橙色}", "橙色").replace("orange", "desk"))),
    Seed("a rule for days only", Kind.NOT_AT_NIGHT, DEADLY, "甲镇",
         {**FILES, PLAN: FILES[PLAN].replace(ORANGE, ORANGE + '    issued: "06:00-22:00"\n')
             .replace(RED, RED + '    issued: "06:00-22:00"\n')}),
    Seed("a role of the plan in no rule", Kind.ROLE_NEVER_CALLED, GRAVE, "甲镇 网格员",
         {**FILES, PLAN: FILES[PLAN].replace("党政主要负责人, 网格员], ladder", "党政主要负责人], ladder")}),
    Seed("heat has no blue", Kind.NEVER_HOLDS, GRAVE, "甲镇/高温黄色起",
         edited(PLAN, HEAT, HEAT.replace("{at_least: 黄色}", "蓝色"))),
    Seed("a township replaced a rule by nothing", Kind.OVERRIDE_CALLS_NOBODY, DEADLY, "甲镇",
         {**FILES, PLAN: FILES[PLAN] + OVERRIDE}),
    Seed("everything hangs on a gauge", Kind.NOBODY_WITHOUT, DEADLY, "甲镇",
         {**edited(PLAN, ALL_AT_ONCE, ONLY_IF),
          SCHOOLS: FILES[SCHOOLS].replace("    hazard: 暴雨\n", "    hazard: 暴雨\n    place: 示例溪\n")}),
    # ladders
    Seed("a ladder takes too long", Kind.TOO_LATE, GRAVE, "阶梯 red", edited(LADDERS, "wait: 60秒", "wait: 5分钟", 4)),
    Seed("red at night by text first", Kind.TEXTS_AT_NIGHT, GRAVE, "阶梯 red",
         edited(LADDERS, "night: 语音, wait: 60秒", "night: 短信, wait: 60秒")),
    Seed("red by text only", Kind.NO_VOICE, GRAVE, "阶梯 red",
         edited(LADDERS, URGENT, URGENT.replace("语音", "短信"))),
    Seed("two calls to one number in a minute", Kind.WINDOW, GRAVE, "阶梯 red",
         {**FILES, LADDERS: FILES[LADDERS].replace(
             "      - {target: 本人, day: 短信, night: 语音, wait: 60秒}\n",
             2 * "      - {target: 本人, day: 语音, night: 语音, wait: 30秒}\n")}),
    Seed("a ladder for the person alone", Kind.NOBODY_ELSE, GRAVE, "阶梯 red", edited(LADDERS, """\
      - {target: 副职, day: 语音, night: 语音, wait: 60秒}
      - {target: 上级, day: 语音, night: 语音, wait: 60秒}
  orange:""", "  orange:")),
    Seed("the gateway carries no answers back", Kind.NO_ANSWER, DEADLY, "甲镇", ways=ONE_WAY),
    Seed("landlines on a ladder of texts", Kind.NO_NUMBER, GRAVE, "网格员",
         edited(LADDERS, URGENT, URGENT.replace("night: 语音, wait: 60秒", "night: 短信, wait: 60秒", 1)
                .replace("day: 语音, night: 短信", "day: 短信, night: 短信")),
         with_numbers(GRID, landline(GRID))),
    # roster
    Seed("the desk is not in the roster", Kind.NO_DESK, DEADLY, "区应急值班室", roster=without(DESK)),
    Seed("a township has nobody of a role", Kind.NO_POST, DEADLY, "甲镇 网格员", roster=without(GRID)),
    Seed("no school in the whole roster", Kind.NO_POST, DEADLY, "学校安全责任人",
         roster=without(SCHOOL, SCHOOL + 10, SCHOOL + 20)),
    Seed("the role is written in another way", Kind.NEVER_CALLED, GRAVE, "网格管理员",
         roster=with_post(GRID, role="网格管理员")),
    Seed("a code of another county", Kind.FOREIGN_AREA, DEADLY, "网格员",
         roster=with_post(GRID, area="stats:500157101")),
    Seed("the other code system", Kind.FOREIGN_AREA, DEADLY, "网格员", roster=with_post(GRID, area="mca:500156101")),
    Seed("a vacant post", Kind.VACANT, GRAVE, "甲镇·网格员", roster=with_post(GRID, holder=None)),
    Seed("a person without a number", Kind.NO_NUMBER, GRAVE, "甲镇·网格员", roster=with_numbers(GRID)),
    Seed("vacant, no deputy, no superior", Kind.NO_WAY, DEADLY, "甲镇·网格员",
         roster=with_post(GRID, holder=None, deputy=None, superior=None)),
    Seed("no deputy and no superior", Kind.NOBODY_ELSE, GRAVE, "甲镇·网格员",
         roster=with_post(GRID, deputy=None, superior=None)),
    Seed("the deputy has the person's own phone", Kind.SAME_PHONE, GRAVE, "甲镇·网格员",
         roster=replace(with_numbers(100 + GRID, mobile(GRID)), posts=with_post(GRID, superior=None).posts)),
    Seed("the deputy is the person", Kind.SAME_PERSON, NOTE, "甲镇·网格员", roster=with_post(GRID, deputy=GRID)),
    Seed("the superior post is held by the person", Kind.SAME_PERSON, NOTE, "甲镇·网格员",
         roster=with_post(HEAD, holder=GRID)),
    Seed("two posts above each other", Kind.SUPERIOR_CIRCLE, GRAVE, "甲镇",
         roster=with_post(HEAD, superior=GRID)),
    Seed("a post above itself", Kind.SUPERIOR_CIRCLE, GRAVE, "甲镇", roster=with_post(HEAD, superior=HEAD)),
    Seed("no spare for the watch", Kind.NO_SPARE, GRAVE, "甲镇·值班员", roster=with_post(WATCH, deputy=None)),
    Seed("a spare without a number", Kind.NO_SPARE, GRAVE, "甲镇·值班员", roster=with_numbers(100 + WATCH)),
    Seed("one person stands in for everybody", Kind.CROWDED, NOTE, f"示例{FLOOD}", roster=many_under(FLOOD)),
    # shifts
    Seed("the shifts end next week, the desk has no holder", Kind.SHIFT_GAP, DEADLY, "区应急值班室",
         roster=replace(shifts(shift(4, 0, 100)), posts=with_post(DESK, holder=None).posts)),
    Seed("the shifts leave a night open", Kind.SHIFT_GAP, NOTE, "区应急值班室",
         roster=shifts(shift(1, 0, 12), shift(4, 24, 1000))),
    Seed("two at the desk at once", Kind.SHIFTS_OVERLAP, GRAVE, "区应急值班室",
         roster=shifts(shift(1, 0, 24), shift(4, 12, 1000))),
    Seed("one officer on two posts", Kind.TWO_SHIFTS, NOTE, "示例4",
         roster=shifts(shift(4, 0, 1000), shift(4, 5, 1000, FLOOD))),
    Seed("the officer on shift has no number", Kind.NO_NUMBER, GRAVE, "区应急值班室", roster=with_numbers(4)),
    Seed("a second desk in a township", Kind.NEVER_CALLED, GRAVE, "区应急值班室",
         roster=more(Post(50, SECOND, "区应急值班室", "示例·乙镇值班室", 50))),
]  # fmt: skip


def test_the_correct_county_has_no_finding() -> None:
    proof = proved()
    assert about(proof.findings) == []
    assert proof.remedies == ()
    assert proof.holds


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.life)
def test_each_planted_fault_is_found(seed: Seed) -> None:
    proof = proved(seed.files, seed.roster, seed.ways)
    said = about(proof.findings)
    found = [one for one in proof.findings if one.kind is seed.kind]
    assert found, said
    assert max(one.danger for one in found) is seed.danger, said
    assert any(seed.where in one.where for one in found), said
    assert all(one.mends for one in found)
    assert proof.holds is (max(one.danger for one in proof.findings) is NOTE)
    assert {at for one in proof.remedies for at in one.mends} == set(range(len(proof.findings)))


def test_at_least_thirty_kinds_are_planted_and_no_kind_is_without_a_seed() -> None:
    assert {seed.kind for seed in SEEDS} | SITE_KINDS == set(Kind)
    assert len(SEEDS) >= 30


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (with_post(GRID, superior=999), "上级岗位 999 不在岗位表里"),
        (with_post(GRID, deputy=999), "副职 999 不在责任人名单里"),
        (with_post(GRID, holder=999), "任职人 999 不在责任人名单里"),
        (with_post(GRID, id=WATCH), f"编号 {WATCH} 重复"),
        (shifts(shift(999, 0, 10)), "值班人 999 不在责任人名单里"),
        (shifts(shift(4, 0, 10, 999)), "岗位 999 不在岗位表里"),
    ],
)
def test_what_contradicts_itself_is_refused_by_the_checks(given: Roster, said: str) -> None:
    with pytest.raises(CalloutError, match=said):
        proved(people=given)


def test_the_dangerous_comes_first() -> None:
    seeds = {seed.life: seed for seed in SEEDS}
    proof = proved(seeds["a township has no plan"].files, with_post(GRID + 10, deputy=GRID + 10))
    dangers = [one.danger for one in proof.findings]
    assert dangers == sorted(dangers, reverse=True)
    assert proof.findings[0].kind is Kind.NO_PLAN


def test_the_matrix_shows_where_it_is_wrong_and_nowhere_else() -> None:
    sick = proved(people=without(GRID))
    marked = {area for area, cells in sick.matrix.items() for cell in cells.values() if cell.worst}
    assert marked == {FIRST}
    cells = {case.zh: cell for case, cell in sick.matrix[FIRST].items()}
    assert (cells["暴雨橙色"].due, cells["暴雨橙色"].troubled, cells["暴雨橙色"].worst) == (4, 1, DEADLY)
    assert cells["暴雨蓝色"].worst == 0
    assert set(sick.matrix) == {COUNTY, *TOWNS}


def test_one_change_can_mend_many_findings() -> None:
    """Two posts have no deputy, and their superior no number: one number mends all."""
    lone = (GRID, SCHOOL)
    posts = tuple(replace(p, deputy=None, superior=HEAD) if p.id in lone else p for p in roster().posts)
    given = replace(with_numbers(HEAD), posts=posts)
    proof = proved(people=given)
    assert [one.change for one in proof.remedies] == [f"给示例{HEAD}（{HEAD} 号）补一个能用的手机号"]
    assert len(proof.findings) == 3
    assert proved(people=replace(given, responders=roster().responders)).findings == ()
