"""Counter-examples: which single loss, within stated bounds, leaves most posts unreached, and does the mend help?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from callout.domain.instant import HOUR, Millis, later
from callout.domain.ladder import ChannelKind
from callout.domain.roster import ContactMethod, NumberKind, Responder, Roster
from callout.rehearsal.monte_carlo import play_all
from callout.rehearsal.observing import Facts
from callout.rehearsal.setting import Outage, Setting
from callout.rehearsal.what_if import lost_gateway, peak, silenced
from callout.reports.words import CHANNELS
from callout.simulation.gateways import Gateway

FASTER = 10
"""A gateway is tried this many times as fast, to see what its limit costs."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the search looks."""

    seeds: tuple[int, ...] = (1,)
    dark_hours: float = 2.0
    """断网 of one township, from the peak of the storm."""
    people: int = 10
    """So many single people, those first whose posts nobody else covers."""
    townships: int = 30
    processes: int = 1


@dataclass(frozen=True)
class Loss:
    """One thing that goes wrong, and what would help."""

    kind: str
    """gateway, limit, township or person."""
    about: str
    """In words."""
    setting: Setting
    mend: str
    mended: Setting | None
    """The same loss with the mend; None where a rehearsal cannot show it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A loss and what it came to, in posts that nobody reached in time."""

    loss: Loss
    missed: tuple[int, ...]
    """Posts missed in at least half of the seeds and not missed without the loss."""
    harm: float
    """Posts missed on average beyond those missed anyway."""
    t90: int | None
    """Seconds until 90 % had answered, in the slowest of the seeds."""
    mended: float | None = None
    """The harm that is left with the mend."""


@dataclass(frozen=True, slots=True)
class Searched:
    """The worst first."""

    storm: str
    bounds: Bounds
    base: float
    """Posts missed on average with nothing lost."""
    runs: int
    found: tuple[Found, ...]


def search(setting: Setting, bounds: Bounds, tell: Callable[[str], None] = lambda _: None) -> Searched:
    """Rehearse every loss within the bounds; the mend of the worst is rehearsed too."""
    base = play_all(setting, bounds.seeds, bounds.processes)
    usual = _harm(base)
    tell(f"原样：未及时叫到 {usual:g} 岗")
    found = []
    for loss in losses(setting, bounds, base[0]):
        runs = play_all(loss.setting, bounds.seeds, bounds.processes)
        # What is worth knowing of a limit is what would be gained without it.
        first, then = (runs, base) if loss.kind == "limit" else (base, runs)
        found.append(Found(loss, _missed(then, first), _harm(then) - _harm(first), _slowest(then)))
        tell(f"{loss.about}：多 {found[-1].harm:g} 岗")
    found.sort(key=lambda one: (-one.harm, -(one.t90 or 1 << 40), one.loss.about))
    runs_made = 1 + len(found)
    if found and found[0].loss.mended is not None and found[0].harm > 0:
        mended = _harm(play_all(found[0].loss.mended, bounds.seeds, bounds.processes)) - usual
        found[0] = replace(found[0], mended=mended)
        runs_made += 1
    return Searched(setting.storm.name, bounds, usual, runs_made * len(bounds.seeds), tuple(found))


def losses(setting: Setting, bounds: Bounds, facts: Facts) -> Iterator[Loss]:
    """Every single loss within the bounds; `facts`: a rehearsal without any."""
    for gateway in setting.gateways:
        yield _gateway_lost(setting, gateway)
        if gateway.per_second:
            yield _limit(setting, gateway)
    names = {town.key: town.name for town in setting.rulebook.county.townships}
    reached = [area for area in facts["townships"] if area in names]
    for area in sorted(reached, key=lambda each: -facts["townships"][each]["due"])[: bounds.townships]:
        yield _township_dark(setting, area, names[area], round(bounds.dark_hours * HOUR))
    for responder in lonely(setting, set(facts["townships"]))[: bounds.people]:
        yield _person_off(setting, responder)


def _gateway_lost(setting: Setting, gateway: Gateway) -> Loss:
    lost = lost_gateway(setting, gateway.name)
    spare = replace(gateway, name=f"{gateway.name}备用")
    kinds = "和".join(CHANNELS[kind] for kind in sorted(gateway.kinds))
    others = [g for g in setting.gateways if g.name != gateway.name]
    rest = "" if any(g.kinds >= gateway.kinds for g in others) else f"（{kinds}没有第二条路）"
    mend = f"再接一条{kinds}通道，写在通道文件里，平时也用它分担{rest}"
    return Loss("gateway", f"{gateway.name}整夜不通", lost, mend, replace(lost, gateways=(*lost.gateways, spare)))


def _limit(setting: Setting, gateway: Gateway) -> Loss:
    fast = gateway.faster(FASTER)
    gateways = tuple(fast if g.name == gateway.name else g for g in setting.gateways)
    about = f"{gateway.name}每秒只能发 {gateway.per_second:g}"
    way = "线路或并发" if ChannelKind.VOICE in gateway.kinds else "速率"
    quick = replace(setting, gateways=gateways)
    return Loss("limit", about, quick, f"向运营商加大{way}，或再接一条通道分担；快 {FASTER} 倍时的结果见右", quick)


def _township_dark(setting: Setting, area: str, name: str, length: Millis) -> Loss:
    begins = peak(setting)
    out = Outage(frozenset({area}), begins, later(begins, length))
    mend = f"给{name}配一条不靠公网的路（卫星电话、对讲机、应急广播），并写明谁上门；断网时人工叫应由邻近乡镇代办"
    about = f"{name}断网 {length / HOUR:g} 小时"
    return Loss("township", about, replace(setting, outages=(*setting.outages, out)), mend, None)


def _person_off(setting: Setting, responder: int) -> Loss:
    name = next(one.name for one in setting.roster.responders if one.id == responder)
    held = [post for post in setting.roster.posts if post.holder == responder]
    bare = [post for post in held if _uncovered(setting.roster, post.id)]
    off = silenced(setting, responder)
    mend = f"给{'、'.join(post.title for post in bare or held)}补上副职，副职的号码要能打通"
    return Loss(
        "person", f"{name}的电话整夜打不通", off, mend, replace(off, roster=_with_deputy(off.roster, responder))
    )


def lonely(setting: Setting, areas: set[str]) -> list[int]:
    """Holders of posts in these areas, those first who hold most posts that nobody else covers."""
    bare: dict[int, list[bool]] = {}
    for post in setting.roster.posts:
        if post.holder and post.area in areas:
            bare.setdefault(post.holder, []).append(_uncovered(setting.roster, post.id))
    return sorted(bare, key=lambda one: (-sum(bare[one]), -len(bare[one]), one))


def _uncovered(roster: Roster, ident: int) -> bool:
    """Whether nobody but the holder would be called for the post."""
    posts = {post.id: post for post in roster.posts}
    post = posts[ident]
    above = posts[post.superior].holder if post.superior in posts else None
    return not {each for each in (post.deputy, above) if each and each != post.holder}


def _with_deputy(roster: Roster, holder: int) -> Roster:
    """The same roster with a new person as deputy wherever this one has no other."""
    new = max(one.id for one in roster.responders) + 1
    number = ContactMethod(f"+999{roster.county}{9_000_000 + new:07d}", NumberKind.MOBILE)
    deputy = Responder(new, "示例·补上的副职", (number,))
    posts = tuple(
        replace(p, deputy=new) if p.holder == holder and p.deputy in (None, holder) else p for p in roster.posts
    )
    return replace(roster, version=f"{roster.version}+1", posts=posts, responders=(*roster.responders, deputy))


def _each(facts: Facts) -> set[int]:
    return set(facts["late"]) | {int(post) for post in facts["never"]}


def _harm(runs: Sequence[Facts]) -> float:
    return sum(len(_each(facts)) for facts in runs) / len(runs)


def _missed(runs: Sequence[Facts], base: Sequence[Facts]) -> tuple[int, ...]:
    """Posts missed in half of the seeds or more, and not with the same seeds in the other case."""
    extra = [post for then, first in zip(runs, base, strict=True) for post in _each(then) - _each(first)]
    return tuple(sorted({post for post in extra if 2 * extra.count(post) >= len(runs)}))


def _slowest(runs: Sequence[Facts]) -> int | None:
    times: list[Any] = [facts["total"]["t90"] for facts in runs]
    return None if None in times else max(times)


def as_story(it: Searched, setting: Setting, shown: int = 5) -> list[str]:
    """What the search found, as it would be told: what is lost, who is not reached, what helps."""
    titles = {post.id: post.title for post in setting.roster.posts}
    b = it.bounds
    lines = [
        f"在风暴“{it.storm}”里逐一试过 {len(it.found)} 种单一失效（每条通道不通或受限、至多 {b.townships} 个乡镇各断网 "
        f"{b.dark_hours:g} 小时、至多 {b.people} 个人的电话打不通），共 {it.runs} 次推演。",
        f"什么都不坏时，有 {it.base:g} 个岗位在橙红预警 30 分钟内没有应，或整场没有叫通。",
    ]
    worst = [one for one in it.found if one.harm > 0][:shown]
    if not worst:
        return [*lines, "没有一种单一失效会让更多岗位叫不到。范围之外的事这里没有试。"]
    for nth, one in enumerate(worst, 1):
        named = "、".join(titles[post] for post in one.missed[:shown])
        more = f" 等 {len(one.missed)} 个" if len(one.missed) > shown else ""
        lines.append(
            f"{nth}. {one.loss.about}：多 {one.harm:g} 个岗位没有及时叫到"
            + (f"，有 {named}{more}" if named else "")
            + "。"
        )
        lines.append(f"   补救：{one.loss.mend}。")
        if one.mended is not None:
            lines.append(f"   补救后再推演：只多 {max(one.mended, 0):g} 个。")
    return lines


def as_document(it: Searched) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "storm": it.storm,
        "seeds": list(it.bounds.seeds),
        "bounds": {
            "dark_hours": it.bounds.dark_hours,
            "people": it.bounds.people,
            "townships": it.bounds.townships,
        },
        "missed_anyway": it.base,
        "rehearsals": it.runs,
        "losses": [
            {
                "kind": one.loss.kind,
                "about": one.loss.about,
                "harm": one.harm,
                "missed": list(one.missed),
                "t90": one.t90,
                "mend": one.loss.mend,
                "harm_mended": one.mended,
            }
            for one in it.found
        ],
    }
