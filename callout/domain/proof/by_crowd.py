"""Whether one number would be called too often when nobody answers: in how many ladders does one person stand?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from callout.domain.instant import MINUTE, later
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.length import whole
from callout.domain.level import Level
from callout.domain.moves import PostView
from callout.domain.proof.by_roster import Ground, Place
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.proof.rungs import STARTS, Rung, Shape, Ways, broken, rungs, shape_of, taken
from callout.domain.proof.space import Demands, Space

_MOST = 20
"""Numbers that are named; the rest is of the same kind."""
_BEGINS = STARTS["夜间"]
Alike = dict[Shape, list[list[int]]]
"""How the people of posts are reached, and the numbers of each post."""
Times = dict[tuple[int, ChannelKind], set[int]]
"""(number, channel) → when it is called; what falls together is one message, as the sender bundles it."""


def crowd_findings(ground: Ground, space: Space) -> Iterator[Finding]:
    """For the widest warning of each level: numbers that would be called more often than the channel takes."""
    views = ground.views((post.id for post in ground.roster.posts), ground.now)
    posts: defaultdict[Place, Alike] = defaultdict(lambda: defaultdict(list))
    for post in ground.roster.posts:
        view = views[post.id]
        posts[post.area, post.role][shape_of(view)].append(_numbers(view))
    told: set[int] = set()
    for widest in _widest(space):
        times = _called({place: match.ladder for place, match in widest.found.items()}, posts, ground.ways)
        for (number, channel), when in sorted(times.items()):
            window = broken([later(_BEGINS, after) for after in when], ground.ways[channel].windows)
            if window and number not in told and len(told) < _MOST:
                told.add(number)
                what = (
                    f"{widest.case.zh}时若无人应答，此人会被叫 {len(when)} 次，{whole(window.span)}内超过 "
                    f"{window.count} 次；超出的由引擎改走别的方式"
                )
                name = _owner(views, number)
                mend = f"减少以{name}为副职或上级的岗位，或给{name}第二个号码"
                yield Finding(Kind.CROWDED, Danger.NOTE, name, what, (mend,))


def _widest(space: Space) -> Sequence[Demands]:
    """Of each level the demands that call most."""
    best: dict[Level, Demands] = {}
    for one in space.demands:
        if one.case.level not in best or len(one.found) > len(best[one.case.level].found):
            best[one.case.level] = one
    return [best[level] for level in sorted(best, key=lambda level: -level.rank)]


def _called(ladders: Mapping[Place, Ladder], posts: Mapping[Place, Alike], ways: Ways) -> Times:
    found: Times = defaultdict(set)
    for_others: Times = defaultdict(set)
    for place, ladder in ladders.items():
        for shape, alike in posts.get(place, {}).items():
            _note(taken(rungs(shape, ladder, _BEGINS), ways), alike, found, for_others)
    for key, when in for_others.items():
        found[key] |= _bundled(when)
    return found


def _note(steps: Sequence[Rung], alike: Sequence[list[int]], found: Times, for_others: Times) -> None:
    for one in steps:
        times = for_others if one.target is Target.SUPERIOR else found
        for numbers in alike:
            times[numbers[one.phone], one.channel].add(one.after)


def _bundled(times: set[int]) -> set[int]:
    """Silent people under one superior are put to that superior together where their steps fall into one minute."""
    kept: list[int] = []
    for at in sorted(times):
        if not kept or at - kept[-1] >= MINUTE:
            kept.append(at)
    return set(kept)


def _numbers(view: PostView) -> list[int]:
    """The numbers in the order in which `shape_of` counts them."""
    people = (view.person(target) for target in Target)
    return list(dict.fromkeys(number.id for person in people if person for number in person.numbers))


def _owner(views: Mapping[int, PostView], number: int) -> str:
    people = (view.person(target) for view in views.values() for target in Target)
    return next(person.name for person in people if person and any(n.id == number for n in person.numbers))
