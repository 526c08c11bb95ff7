"""值班表: who stands in on a post from when to when; swapping, handing over, and what nobody covers. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from callout.domain.errors import CalloutError
from callout.domain.instant import Instant
from callout.domain.roster import Shift


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody is on shift: then the holder of the post is called, and nobody where it is vacant."""

    post: int
    begins: Instant
    ends: Instant


def by_post(shifts: Iterable[Shift]) -> Mapping[int, list[Shift]]:
    """The shifts of each post in order of time."""
    found: defaultdict[int, list[Shift]] = defaultdict(list)
    for one in sorted(shifts, key=lambda s: (s.post, s.begins, s.ends)):
        found[one.post].append(one)
    return found


def overlaps(shifts: Iterable[Shift]) -> list[tuple[Shift, Shift]]:
    """Neighbours of one post that claim the same time."""
    return [(one, other) for own in by_post(shifts).values() for one, other in pairwise(own) if other.begins < one.ends]


def planned(base: Sequence[Shift], new: Sequence[Shift]) -> list[Shift]:
    """The shifts of `base`, with `new` in the place of what the same posts had in the time that `new` covers."""
    spans = {post: (own[0].begins, max(s.ends for s in own)) for post, own in by_post(new).items()}
    kept = [piece for one in base for piece in _outside(one, spans.get(one.post))]
    return sorted([*kept, *new], key=lambda s: (s.post, s.begins))


def _outside(one: Shift, span: tuple[Instant, Instant] | None) -> Iterator[Shift]:
    if span is None or one.ends <= span[0] or one.begins >= span[1]:
        yield one
        return
    if one.begins < span[0]:
        yield replace(one, ends=span[0])
    if one.ends > span[1]:
        yield replace(one, begins=span[1])


def gaps(shifts: Iterable[Shift], posts: Iterable[int], begins: Instant, ends: Instant) -> list[Gap]:
    """What nobody covers on these posts between two times, in order of time."""
    known = by_post(shifts)
    found: list[Gap] = []
    for post in posts:
        at = begins
        for one in known.get(post, []):
            if one.ends <= at:
                continue
            if one.begins >= ends:
                break
            if one.begins > at:
                found.append(Gap(post, at, one.begins))
            at = one.ends
        if at < ends:
            found.append(Gap(post, at, ends))
    return sorted(found, key=lambda gap: (gap.begins, gap.post))


def on_shift(shifts: Iterable[Shift], post: int, at: Instant) -> Shift | None:
    """Who stands in on the post then."""
    return next((s for s in shifts if s.post == post and s.begins <= at < s.ends), None)


def swapped(shifts: Sequence[Shift], one: tuple[int, Instant], other: tuple[int, Instant]) -> list[Shift]:
    """The people of the two shifts at these (post, time) take each other's. Raises CalloutError where one is none."""
    first, second = (on_shift(shifts, *each) for each in (one, other))
    if first is None or second is None:
        raise CalloutError("那个时间这个岗位没有人值班，不能换班；请用 callout shifts show 核对")
    if first.responder == second.responder:
        raise CalloutError("两个班次是同一个人，不必换班")
    given = {first: second.responder, second: first.responder}
    return [replace(s, responder=given.get(s, s.responder)) for s in shifts]


def handed_over(shifts: Sequence[Shift], post: int, taker: int, at: Instant) -> list[Shift]:
    """From `at` on `taker` stands in until the running shift would have ended; what is past stays as it was.

    Raises CalloutError where nobody is on shift, or the taker is already.
    """
    running = on_shift(shifts, post, at)
    if running is None:
        raise CalloutError("这个岗位现在没有人值班，不能交接；请用 callout shifts show 核对")
    if running.responder == taker:
        raise CalloutError("这个人正在值班，不必交接")
    rest = [s for s in shifts if s is not running]
    before = [replace(running, ends=at)] if running.begins < at else []
    return sorted([*rest, *before, Shift(post, taker, at, running.ends)], key=lambda s: (s.post, s.begins))
