"""Who may be on a post: the holder, or each person of its shifts; and what is wrong with the shifts themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from callout.domain.instant import HOUR, Instant, beijing, later
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.roster import Post, Roster, Shift

AHEAD = 30 * 24 * HOUR
"""How far ahead shifts must be complete."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of the shifts of a post, and a time at which it is so."""

    name: str
    at: Instant


def coming(roster: Roster, now: Instant) -> Mapping[int, tuple[Shift, ...]]:
    """Post → its shifts that have not ended, in order; posts whose shifts are all over have none left."""
    found: defaultdict[int, list[Shift]] = defaultdict(list)
    for shift in roster.shifts:
        found[shift.post] += [shift] if shift.ends > now else []
    return {post: tuple(sorted(shifts, key=lambda s: (s.begins, s.ends))) for post, shifts in found.items()}


def states(shifts: Sequence[Shift], names: Mapping[int, str], now: Instant) -> tuple[State, ...]:
    """Each person on shift once, and nobody where the shifts leave a gap; one state where there are no shifts."""
    first: dict[int, Instant] = {}
    for shift in shifts:
        first.setdefault(shift.responder, max(shift.begins, now))
    found = [State(f"{names.get(who, who)}当班时，", at) for who, at in first.items()]
    hole = gap(shifts, now)
    return (*found, State(f"{beijing(hole, '%m-%d %H:%M')} 起无人当班，", hole)) if hole is not None else tuple(found)


def gap(shifts: Sequence[Shift], now: Instant) -> Instant | None:
    """The first time within AHEAD at which nobody is on shift."""
    covered = now
    for shift in shifts:
        if shift.begins > covered:
            break
        covered = max(covered, shift.ends)
    return covered if covered < later(now, AHEAD) else None


def shift_findings(roster: Roster, now: Instant) -> Iterator[Finding]:
    """Gaps, overlaps, and people who are on two posts at once."""
    posts, names = {post.id: post for post in roster.posts}, {p.id: p.name for p in roster.responders}
    by_post = coming(roster, now)
    for ident, shifts in by_post.items():
        yield from _gaps(posts[ident], shifts, now)
        yield from _overlaps(posts[ident], shifts)
    by_person: defaultdict[int, list[Shift]] = defaultdict(list)
    for shift in (shift for shifts in by_post.values() for shift in shifts):
        by_person[shift.responder].append(shift)
    for who, turns in by_person.items():
        yield from _twice(names[who], sorted(turns, key=lambda s: s.begins), posts)


def _gaps(post: Post, shifts: Sequence[Shift], now: Instant) -> Iterator[Finding]:
    hole = gap(shifts, now)
    if hole is None:
        return
    held, since = post.holder is not None, beijing(hole, "%m-%d %H:%M")
    what = f"{since} 起无人当班，" + ("这时叫任职人" if held else "这时没有任职人可叫")
    mend = f"给“{post.title}”补排 {since} 起的班"
    yield _of_post(post, (Kind.SHIFT_GAP, Danger.NOTE if held else Danger.DEADLY), what, mend)


def _overlaps(post: Post, shifts: Sequence[Shift]) -> Iterator[Finding]:
    for _, other in islice(_pairs(shifts), 1):
        since = beijing(other.begins, "%m-%d %H:%M")
        mend = f"给“{post.title}”改正 {since} 前后的两班，只留一人当班"
        yield _of_post(post, (Kind.SHIFTS_OVERLAP, Danger.GRAVE), f"{since} 起两班重叠，分不清叫谁", mend)


def _of_post(post: Post, kind: tuple[Kind, Danger], what: str, mend: str) -> Finding:
    return Finding(*kind, post.title, what, (mend,), (post.id,), (post.area,))


def _twice(name: str, shifts: Sequence[Shift], posts: Mapping[int, Post]) -> Iterator[Finding]:
    for one, other in islice(((a, b) for a, b in _pairs(shifts) if a.post != b.post), 1):
        what = f"{beijing(other.begins, '%m-%d %H:%M')} 起同时值“{posts[one.post].title}”和“{posts[other.post].title}”"
        mend = f"给{name}改班，一时只值一个岗"
        yield Finding(Kind.TWO_SHIFTS, Danger.NOTE, name, what, (mend,), (one.post, other.post))


def _pairs(shifts: Iterable[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Neighbours, in order of time, of which the second begins before the first ends."""
    before: Shift | None = None
    for shift in shifts:
        if before is not None and shift.begins < before.ends:
            yield before, shift
        before = shift if before is None or shift.ends >= before.ends else before
