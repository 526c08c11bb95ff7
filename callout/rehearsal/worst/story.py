"""What the search found, told in Chinese: who, when, why, and what mends it; and the same as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from callout.domain.instant import MINUTE, beijing
from callout.rehearsal.setting import Setting
from callout.rehearsal.worst.failures import Bounds, Failures, losses, told, why
from callout.rehearsal.worst.hunting import Hunted
from callout.rehearsal.worst.playing import Course, Played
from callout.rehearsal.worst.screening import Way
from callout.reports.sheets import mask_number
from callout.reports.words import CHANNELS

_OPEN = "路是通的，但没有赶上（通道排队，或后面的预警接替）"
_NAMED = 8
"""Posts and rehearsals that are named before the rest is counted."""


def as_story(it: Hunted, setting: Setting) -> list[str]:
    """Lines for a person."""
    lines = [*_bounds(it, setting)]
    if it.worst is None:
        return [*lines, *_none(it, it.played[0])]
    return [*lines, *_worst(it, it.worst, setting), *_mends(it, it.worst), *_others(it, setting)]


def _none(it: Hunted, first: Played) -> Iterator[str]:
    yield f"没有反例：推演过的每一种里，{first.due} 个岗位都在橙红预警 30 分钟内应了。范围之外的事没有试。"
    if it.screened:
        yield "按规则会让某个岗位无路可叫的组合里，没有推演到的仍可能是反例；加大 --runs 可以多推演几种。"


def _bounds(it: Hunted, setting: Setting) -> Iterator[str]:
    b = it.bounds
    yield f"范围：{_storms(it)}"
    yield f"      至多 {b.losses} 样同时失效：{'；'.join(_kinds(b))}"
    yield f"      除此以外人人有网、都应（{setting.habits.source}），推演的随机数是 {b.seed}"
    yield (
        f"做法：先按规则和名册找出会让某个岗位无路可叫的组合，{it.screened} 种；"
        f"再用正式引擎推演最危险的，共 {it.runs} 次。引擎没有推演的组合只由规则判断。"
    )


def _storms(it: Hunted) -> str:
    b, given = it.bounds, [one.words("") for one in it.shapes if one.given]
    if given:
        return "、".join(given)
    hours = "、".join(f"{hour:02d} 时" for hour in b.hours)
    paces = f"（每 {'、'.join(map(str, b.paces))} 分钟升一级）" if any(len(one) > 1 for one in b.courses) else ""
    return (
        f"{b.hazard}预警，最高级别在 {hours}发布，级别依次 {'、'.join(b.courses)}{paces}，"
        f"全区或其中的乡镇，共 {len(it.shapes)} 场风暴"
    )


def _kinds(b: Bounds) -> Iterator[str]:
    yield "一条通道整场不通"
    if b.dark_townships:
        yield f"至多 {b.dark_townships} 个乡镇断网 {b.dark_hours:g} 小时（算一样）"
    if b.night_shift:
        yield "夜里值班的人都不在"
    if b.people:
        yield "某一个人（任职人、副职或上级）的电话都打不通；某一个号码打不通"


def _worst(it: Hunted, worst: Played, setting: Setting) -> Iterator[str]:
    extra = worst.missed - it.anyway
    yield f"反例：{worst.shape.words(it.bounds.hazard)}"
    failed = told(setting, worst.failures, it.bounds)
    for nth, words in enumerate(failed, 1):
        yield f"  坏了 {nth}/{len(failed)}：{words}"
    if not failed:
        yield "  什么都没有坏"
    base = f"；什么都不坏也叫不到的另有 {len(it.anyway)} 岗" if it.anyway else ""
    yield f"  叫 {worst.due} 岗，{len(extra)} 岗在橙红预警 30 分钟内没有应，或整场没有叫通{base}："
    titles = {post.id: post.title for post in setting.roster.posts}
    yield (
        "  "
        + "、".join(titles[post] for post in sorted(extra)[:_NAMED])
        + (f" 等 {len(extra)} 岗" if len(extra) > _NAMED else "")
    )
    shown = [one for one in worst.courses if one.post in extra]
    for course in shown:
        yield f"  {titles[course.post]}："
        yield from (f"    {line}" for line in _why(it.ways.get(course.post, ()), worst.failures, setting))
    for course in shown[:1]:
        yield f"  推演的记录（{titles[course.post]}）："
        yield from (f"    {line}" for line in _course(course))
    if len(failed) > 1:
        yield "  去掉其中任何一样，就没有这么坏。"


def _why(ways: Sequence[Way], failures: Failures, setting: Setting) -> Iterator[str]:
    """Each step that would be taken in time, and why nothing came of it."""
    for way in ways:
        cut = "、".join(why(setting, one) for one in sorted(way.cut_by & failures))
        after = way.after // MINUTE
        yield f"{after} 分 {CHANNELS[way.kind]}叫{way.who}：{cut or _OPEN}"
    if not ways:
        yield "岗位空缺或没有能用的号码，30 分钟内没有一步能走"


def _course(course: Course) -> Iterator[str]:
    """The record, what is said again and again told once."""
    if not course.moments:
        yield "没有为它开始叫应"
    for _, group in groupby(course.moments, key=lambda one: (one.what, one.who, one.number)):
        same = list(group)
        one, last = same[0], same[-1]
        who = "，".join(filter(None, (one.who, mask_number(one.number) if one.number else "")))
        again = f"，到 {beijing(last.at, '%H:%M:%S')} 共 {len(same)} 次" if len(same) > 1 else ""
        yield (
            f"{beijing(one.at, '%H:%M:%S')} {one.what.replace('、simulated', '')}"
            + (f"（{who}）" if who else "")
            + again
        )


def _mends(it: Hunted, worst: Played) -> Iterator[str]:
    for nth, words in enumerate(it.mends, 1):
        yield f"  补救 {nth}：{words}"
    if it.mended is not None:
        left, before = len(it.mended.missed - it.anyway), len(worst.missed - it.anyway)
        more = "" if left < before else "；没有用，请看它们的阶梯里有没有叫副职的一步"
        yield f"  补救后再推演：{left} 岗没有及时叫到（原来 {before} 岗）{more}"


def _others(it: Hunted, setting: Setting) -> Iterator[str]:
    yield "推演过的组合，坏的在前："
    for one in it.played[:_NAMED]:
        failed = "；".join(told(setting, one.failures, it.bounds)) or "什么都没有坏"
        yield f"  {len(one.missed)} 岗：{one.shape.words(it.bounds.hazard)}；{failed}"
    if len(it.played) > _NAMED:
        yield f"  另有 {len(it.played) - _NAMED} 种"


def as_document(it: Hunted, setting: Setting) -> dict[str, Any]:
    """The same as plain data. It holds no wall time: the same request gives the same bytes."""
    worst = None
    if it.worst is not None:
        worst = {
            **_played(it.worst, it.bounds, setting),
            "anyway": sorted(it.anyway),
            "courses": [{"post": one.post, "lines": [*_course(one)]} for one in it.worst.courses],
            "mends": list(it.mends),
            "missed_mended": sorted(it.mended.missed) if it.mended else None,
        }
    return {
        "bounds": asdict(it.bounds),
        "assumed": setting.habits.source,
        "storms": len(it.shapes),
        "given": [one.given for one in it.shapes if one.given],
        "combinations_screened": it.screened,
        "rehearsals": it.runs,
        "worst": worst,
        "played": [_played(one, it.bounds, setting) for one in it.played],
    }


def _played(one: Played, bounds: Bounds, setting: Setting) -> Mapping[str, Any]:
    return {
        "storm": one.shape.words(bounds.hazard),
        "failures": [{"kind": each.kind.name.lower(), "about": each.about} for each in sorted(one.failures)],
        "failures_zh": told(setting, one.failures, bounds),
        "losses": losses(one.failures),
        "due": one.due,
        "missed": sorted(one.missed),
    }
