"""A small county in which every warning reaches everybody it must: three townships, their plans, a roster, shifts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from callout.domain.instant import BEIJING, HOUR, Instant, instant, later
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.finding import Finding
from callout.domain.proof.proving import Proof, prove
from callout.domain.proof.rungs import CLOUD, Ways
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster, Shift
from callout.domain.roster_views import roster_views
from callout.rulebook.reading import parse

NOW = instant(datetime(2026, 7, 1, 9, tzinfo=BEIJING))
TOWNS = {"stats:500156101": "甲镇", "stats:500156102": "乙镇", "stats:500156103": "丙镇"}
FIRST, SECOND, THIRD = TOWNS
COUNTY = "gb2260:500156"

_AREAS = """\
county: {gb2260: "500156", name: 示例区}
townships:
  - {name: 甲镇, stats: "500156101", mca: null}
  - {name: 乙镇, stats: "500156102", mca: null}
  - {name: 丙镇, stats: "500156103", mca: null}
places:
  - {name: 示例溪, kind: 小流域, townships: [甲镇, 乙镇]}
"""
_STEPS = """
      - {{target: 本人, day: 短信, night: {night}, wait: {wait}}}
      - {{target: 本人, day: 语音, night: {other}, wait: {wait}}}
      - {{target: 副职, day: 语音, night: 语音, wait: {wait}}}
      - {{target: 上级, day: 语音, night: 语音, wait: {wait}}}"""


def _ladder(name: str, rank: int, wait: str, limit: str, *, urgent: bool) -> str:
    night, other = ("语音", "短信") if urgent else ("短信", "语音")
    steps = _STEPS.format(night=night, other=other, wait=wait)
    return f"  {name}:\n    strictness: {rank}\n    limit: {limit}\n    steps:{steps}\n"


_LADDERS = (
    "ladders:\n"
    + "".join(
        [
            _ladder("red", 40, "60秒", "5分钟", urgent=True),
            _ladder("orange", 30, "90秒", "10分钟", urgent=True),
            _ladder("yellow", 20, "5分钟", "30分钟", urgent=False),
            _ladder("blue", 10, "10分钟", "60分钟", urgent=False),
        ]
    )
    + """\
  desk:
    strictness: 50
    limit: 5分钟
    steps:
      - {target: 本人, day: 语音, night: 语音, wait: 60秒}
      - {target: 副职, day: 语音, night: 语音, wait: 60秒}
      - {target: 上级, day: 语音, night: 语音, wait: 60秒}
"""
)
_COUNTY = """\
county: {gb2260: "500156", name: 示例区}
desk: {role: 区应急值班室, ladder: desk}
spare: [区应急值班室]
roles: [区应急值班室, 区防汛办]
rules:
  - id: 蓝色起
    hazard: 暴雨
    level: {at_least: 蓝色}
    calls: [{roles: [区应急值班室], ladder: blue}]
  - id: 橙色起
    hazard: [暴雨, 高温]
    level: {at_least: 橙色}
    calls: [{roles: [区应急值班室, 区防汛办], ladder: orange}]
  - id: 防汛响应
    kind: 应急响应
    hazard: 洪水
    level: {at_least: Ⅲ级}
    calls: [{roles: [区防汛办], ladder: yellow}]
"""
_SCHOOLS = """\
industry: 教育
roles: [区教委值班室, 学校安全责任人]
rules:
  - id: 橙色起
    hazard: 暴雨
    level: {at_least: 橙色}
    calls: [{roles: [区教委值班室, 学校安全责任人], ladder: orange}]
  - id: 汛期黄色
    hazard: 暴雨
    level: {at_least: 黄色}
    season: "05-01..09-30"
    calls: [{roles: [学校安全责任人], ladder: yellow}]
  - id: 夜间红色
    hazard: 暴雨
    level: 红色
    issued: "22:00-06:00"
    stop_work: [{code: 停学, role: 学校安全责任人, measure: 停学}]
  - id: 二十二时
    hazard: 暴雨
    level: 红色
    at: "22:00"
    calls: [{roles: [学校安全责任人], ladder: red}]
"""
_PLAN = """\
township: {{system: stats, code: "{code}", name: {name}}}
roles: [值班员, 党政主要负责人, 网格员]
spare: [值班员]
rules:
  - id: 蓝色起
    hazard: 暴雨
    level: {{at_least: 蓝色}}
    calls: [{{roles: [值班员], ladder: blue}}]
  - id: 黄色起
    hazard: 暴雨
    level: {{at_least: 黄色}}
    calls: [{{roles: [值班员, 党政主要负责人], ladder: yellow}}]
  - id: 橙色起
    hazard: 暴雨
    level: {{at_least: 橙色}}
    calls: [{{roles: [值班员, 党政主要负责人, 网格员], ladder: orange}}]
  - id: 红色
    hazard: 暴雨
    level: {{at_least: 红色}}
    calls: [{{roles: [值班员, 党政主要负责人, 网格员], ladder: red}}]
  - id: 高温黄色起
    hazard: 高温
    level: {{at_least: 黄色}}
    calls: [{{roles: [值班员], ladder: yellow}}]
"""
FILES: Mapping[str, str] = {
    "areas/500156.yaml": _AREAS,
    "ladders.yaml": _LADDERS,
    "county.yaml": _COUNTY,
    "industries/education.yaml": _SCHOOLS,
    **{f"townships/{name}.yaml": _PLAN.format(code=key.partition(":")[2], name=name) for key, name in TOWNS.items()},
}
PLAN = "townships/甲镇.yaml"

DESK, FLOOD, SCHOOL_OFFICE = 1, 2, 3
WATCH, HEAD, GRID, SCHOOL = 11, 12, 13, 14
"""Posts of 甲镇; of 乙镇 they are 10 higher, of 丙镇 20. The holder of post N is person N, its deputy 100 + N."""
OFFICERS = (1, 4)
"""Persons who take turns at the desk."""


def person(ident: int, *contacts: ContactMethod) -> Responder:
    """A synthetic person with a mobile of their own, or with these numbers."""
    return Responder(ident, f"示例{ident}", contacts or (mobile(ident),))


def mobile(serial: int) -> ContactMethod:
    return ContactMethod(f"+999500156{serial:07d}", NumberKind.MOBILE)


def landline(serial: int) -> ContactMethod:
    return ContactMethod(f"+999500157{serial:07d}", NumberKind.LANDLINE)


@cache
def roster() -> Roster:
    """Everybody, with shifts at the desk for two months."""
    posts = [
        _post(DESK, COUNTY, "区应急值班室", FLOOD),
        _post(FLOOD, COUNTY, "区防汛办", DESK + 2),
        _post(SCHOOL_OFFICE, COUNTY, "区教委值班室", None),
    ]
    for at, area in enumerate(TOWNS):
        first = 10 * at
        posts.append(_post(WATCH + first, area, "值班员", HEAD + first))
        posts.append(_post(HEAD + first, area, "党政主要负责人", FLOOD))
        posts.append(_post(GRID + first, area, "网格员", HEAD + first))
        posts.append(_post(SCHOOL + first, area, "学校安全责任人", SCHOOL_OFFICE))
    people = {ident for post in posts for ident in (post.holder, post.deputy) if ident} | set(OFFICERS)
    turns = tuple(Shift(DESK, OFFICERS[turn % 2], _after(turn * 12), _after(turn * 12 + 12)) for turn in range(120))
    return Roster("r1", "500156", tuple(posts), tuple(person(ident) for ident in sorted(people)), turns)


def _after(hours: int) -> Instant:
    return later(NOW, hours * HOUR)


def _post(ident: int, area: str, role: str, superior: int | None) -> Post:
    return Post(ident, area, role, f"示例·{TOWNS.get(area, '区')}·{role}", ident, 100 + ident, superior)


def with_post(ident: int, **changes: object) -> Roster:
    """The roster with one post changed."""
    given = roster()
    return replace(given, posts=tuple(replace(p, **changes) if p.id == ident else p for p in given.posts))  # type: ignore[arg-type]


def with_numbers(ident: int, *contacts: ContactMethod) -> Roster:
    """The roster with other numbers for one person."""
    given = roster()
    people = tuple(replace(p, contacts=contacts) if p.id == ident else p for p in given.responders)
    return replace(given, responders=people)


def proved(files: Mapping[str, str] = FILES, people: Roster | None = None, ways: Ways = CLOUD) -> Proof:
    """The proof of these rules with this roster."""
    given = people or roster()
    return prove(Ground(parse(files, "500156"), given, roster_views(given), ways, NOW))


def edited(file: str, old: str, new: str, times: int = 1) -> dict[str, str]:
    """The files with one text changed."""
    assert old in FILES[file], old
    return {**FILES, file: FILES[file].replace(old, new, times)}


def about(findings: tuple[Finding, ...]) -> list[str]:
    """The findings as lines, for reading."""
    return [f"{one.danger.zh} {one.kind} {one.where}：{one.what}" for one in findings]
