"""What is wrong with posts as the roster has them, whoever is called: strangers, circles, missing spares."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from callout.domain.proof.by_roster import Ground, Place, wanted
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.proof.space import Space
from callout.domain.proof.states import coming
from callout.domain.roster import Post, Roster


def post_findings(ground: Ground, space: Space) -> Iterator[Finding]:
    """Everything that the posts themselves show."""
    names = {ground.rulebook.county.key: ground.rulebook.county.name}
    names |= {town.key: town.name for town in ground.rulebook.county.townships}
    yield from _strangers(ground.roster, names)
    yield from _never_called(ground, wanted(ground.rulebook, space), names)
    yield from _same_person(ground.roster)
    yield from _circles(ground.roster)
    yield from _spares(ground)


def _strangers(roster: Roster, names: Mapping[str, str]) -> Iterator[Finding]:
    for post in roster.posts:
        if post.area not in names:
            what = f"区划 {post.area} 不属于本区县，没有预警会涉及它"
            mend = f"改正“{post.title}”的乡镇代码和代码体系"
            yield Finding(Kind.FOREIGN_AREA, Danger.DEADLY, post.title, what, (mend,), (post.id,), (post.area,))


def _never_called(ground: Ground, demanded: Mapping[Place, object], names: Mapping[str, str]) -> Iterator[Finding]:
    idle: defaultdict[str, list[Post]] = defaultdict(list)
    for post in ground.roster.posts:
        if (post.area, post.role) not in demanded and post.area in names:
            idle[post.role].append(post)
    for role, posts in sorted(idle.items()):
        areas = tuple(sorted({post.area for post in posts}))
        where = "、".join(names[area] for area in areas[:4]) + (f"等 {len(areas)} 处" if len(areas) > 4 else "")  # noqa: PLR2004
        what = f"{where}有 {len(posts)} 个“{role}”岗位，没有一条规则叫"
        mend = f"在规则里写叫“{role}”，或在名册里改正角色的写法"
        ids = tuple(post.id for post in posts)
        yield Finding(Kind.NEVER_CALLED, Danger.GRAVE, role, what, (mend,), ids, areas)


def _same_person(roster: Roster) -> Iterator[Finding]:
    holders = {post.id: post.holder for post in roster.posts}
    for post in roster.posts:
        above = holders.get(post.superior) if post.superior is not None else None
        who = "副职" if post.deputy == post.holder else "上级岗位的任职人" if above == post.holder else ""
        if post.holder is not None and who and post.superior != post.id:
            what, mend = f"{who}就是本人，这一步会跳过", f"给“{post.title}”换一个{who}"
            yield Finding(Kind.SAME_PERSON, Danger.NOTE, post.title, what, (mend,), (post.id,), (post.area,))


def _circles(roster: Roster) -> Iterator[Finding]:
    posts = {post.id: post for post in roster.posts}
    done: set[int] = set()
    for post in roster.posts:
        path: dict[int, None] = {}
        at: int | None = post.id
        while at is not None and at in posts and at not in done and at not in path:
            path[at] = None
            at = posts[at].superior
        if at in path:
            ring = [*path][[*path].index(at) :]
            titles = " → ".join(posts[one].title for one in (*ring, ring[0]))
            mend = f"给“{posts[ring[-1]].title}”换一个上级岗位"
            what = f"{titles}，谁也叫不到更上一级"
            yield Finding(Kind.SUPERIOR_CIRCLE, Danger.GRAVE, posts[ring[0]].title, what, (mend,), tuple(ring))
        done.update(path)


def _spares(ground: Ground) -> Iterator[Finding]:
    reached = {person.id for person in ground.roster.responders if person.contacts}
    shifts = coming(ground.roster, ground.now)
    for post in ground.roster.posts:
        if not {(post.area, post.role), ("", post.role)} & ground.rulebook.spare:
            continue
        stands_in = {post.deputy, *(shift.responder for shift in shifts.get(post.id, ()))} - {post.holder}
        if not stands_in & reached:
            what = f"方案写明“{post.role}”须有替补，现在没有叫得到的副职或另一名当班人"
            mends = (f"给“{post.title}”设副职（不能是本人）", f"给“{post.title}”排第二名当班人")
            yield Finding(Kind.NO_SPARE, Danger.GRAVE, post.title, what, mends, (post.id,), (post.area,))
