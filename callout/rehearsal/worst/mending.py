"""What would help against a combination: each mend in words, and the setting with those that a rehearsal can show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callout.domain.ladder import ChannelKind
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.rehearsal.setting import Setting
from callout.rehearsal.worst.failures import Failures, Kind
from callout.rehearsal.worst.screening import Way
from callout.reports.words import CHANNELS
from callout.simulation.gateways import Gateway

FASTER = 10
"""How many times as fast a gateway is in the mend of its limit."""
_NAMED = 5
_APART = {
    Kind.DARK: "不在这些乡镇任职",
    Kind.SHIFT: "不在同一班",
    Kind.PERSON: "不是同一个人",
    Kind.NUMBER: "用别的号码",
}
"""What whoever is added must not have in common with those who failed."""


@dataclass(frozen=True, slots=True)
class Mended:
    """The mends in words, and the setting in which they are made."""

    words: tuple[str, ...]
    setting: Setting


def mend(setting: Setting, failures: Failures, missed: Sequence[int], ways: Mapping[int, Sequence[Way]]) -> Mended:
    """What helps the posts that were missed; `setting`: without the failures."""
    words, changed = list[str](), setting
    lost = [one.about for one in failures if one.kind is Kind.GATEWAY]
    for gateway in [one for one in setting.gateways if one.name in lost]:
        changed = replace(changed, gateways=(*changed.gateways, replace(gateway, name=f"{gateway.name}备用")))
        words.append(f"再接一条{_kinds(gateway)}通道，平时也用它分担")
    posts = {post.id: post for post in setting.roster.posts}
    others = failures - {one for one in failures if one.kind is Kind.GATEWAY}
    cut = [posts[one] for one in missed if all(way.cut_by & others for way in ways.get(one, ()))]
    if cut:
        changed = replace(changed, roster=_staffed(changed.roster, cut))
        words += _staffing(cut, failures)
    elif not lost:
        fast = tuple(one.faster(FASTER) for one in changed.gateways)
        changed = replace(changed, gateways=fast)
        words.append(f"向运营商加大{_limits(setting.gateways)}，或再接一条通道分担（推演按快 {FASTER} 倍）")
    return Mended((*words, *_beyond(setting, failures)), changed)


def _kinds(gateway: Gateway) -> str:
    return "和".join(CHANNELS[kind] for kind in sorted(gateway.kinds))


def _limits(gateways: Sequence[Gateway]) -> str:
    way = {True: "线路或并发", False: "速率"}
    limited = [one for one in gateways if one.per_second]
    return "、".join(f"{g.name}的{way[ChannelKind.VOICE in g.kinds]}（现在每秒 {g.per_second:g}）" for g in limited)


def _staffing(cut: Sequence[Post], failures: Failures) -> Iterator[str]:
    """Who must be added."""
    rule = "、".join(words for kind, words in _APART.items() if any(one.kind is kind for one in failures))
    vacant, held = [p for p in cut if p.holder is None], [p for p in cut if p.holder is not None]
    if vacant:
        yield f"给{_named(vacant)}定任职人"
    if held:
        yield f"给{_named(held)}设一名副职" + (f"（{rule}，号码要能打通）" if rule else "（号码要能打通）")


def _named(posts: Sequence[Post]) -> str:
    more = f"等 {len(posts)} 个岗位" if len(posts) > _NAMED else ""
    return "、".join(post.title for post in posts[:_NAMED]) + more


def _beyond(setting: Setting, failures: Failures) -> Iterator[str]:
    """What helps too and cannot be rehearsed."""
    names = {town.key: town.name for town in setting.rulebook.county.townships}
    dark = [names[one.about] for one in sorted(failures) if one.kind is Kind.DARK]
    if dark:
        yield f"给{'、'.join(dark)}配一条不靠公网的路（卫星电话、对讲机、应急广播），写明谁上门（推演不出来）"
    if any(one.kind is Kind.SHIFT for one in failures):
        yield "夜班定好替班的人，交接班时互相打通一次电话（推演不出来）"


def _staffed(roster: Roster, cut: Sequence[Post]) -> Roster:
    """The same roster with a new person on each of these posts: as holder where it is vacant, else as deputy."""
    first = max(one.id for one in roster.responders) + 1
    new = {post.id: first + at for at, post in enumerate(cut)}
    people = tuple(
        Responder(
            one, "示例·补上的人", (ContactMethod(f"+999{roster.county}{9_000_000 + one:07d}", NumberKind.MOBILE),)
        )
        for one in new.values()
    )
    posts = tuple(_with(post, new[post.id]) if post.id in new else post for post in roster.posts)
    return replace(roster, version=f"{roster.version}+1", posts=posts, responders=(*roster.responders, *people))


def _with(post: Post, person: int) -> Post:
    return replace(post, holder=person) if post.holder is None else replace(post, deputy=person)
