"""The cheap screen: who would be reached by nobody if such failures came together, by rules and roster alone.

Every step that a post's ladder would take in time is a way to it, and each way is cut by certain failures. A
combination leaves the post unreached only where it cuts every way, so that looking at those alone looks at all of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callout.domain.alert import Alert, CodeSystem
from callout.domain.conditions import Facts
from callout.domain.coverage import cover
from callout.domain.instant import MINUTE, SECOND, Instant, Millis, later
from callout.domain.ladder import ChannelKind, is_night
from callout.domain.proof.reaching import Reach, reaches
from callout.domain.proof.space import everywhere
from callout.rehearsal.observing import IN_TIME
from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import Storm
from callout.rehearsal.what_if import highest
from callout.rehearsal.worst.failures import NOTHING, SHIFT, Bounds, Failure, Failures, Kind, losses
from callout.reports.words import TARGETS

ANSWERING: Millis = 3 * MINUTE
"""A step that comes later than so long before the time is up is too late to be answered in time."""
_UNIONS = 60
"""So many of the worst combinations are also tried together."""


@dataclass(frozen=True, slots=True)
class Way:
    """One step of a ladder that would be taken in time."""

    after: Millis
    kind: ChannelKind
    who: str
    """Which one of the post, and the name."""
    cut_by: Failures
    """Each of these alone cuts it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A combination that may leave somebody unreached."""

    failures: Failures
    posts: frozenset[int]
    """Those to which no way is left."""

    @property
    def order(self) -> tuple[int, int, int, list[Failure]]:
        """The most posts first, then the fewest failures."""
        return -len(self.posts), losses(self.failures), len(self.failures), sorted(self.failures)


@dataclass(frozen=True, slots=True)
class Screened:
    """One storm, screened."""

    ways: Mapping[int, Sequence[Way]]
    """By post that is due."""
    candidates: tuple[Candidate, ...]
    """The worst first; the first one may be nothing at all, where posts are unreached anyway."""
    looked_at: int
    """Combinations that cut every way to some post."""


def screen(setting: Setting, storm: Storm, bounds: Bounds) -> Screened:
    """All combinations within the bounds that leave some post of this storm without any way."""
    ways = _Ways(setting, bounds).of(storm)
    cut: defaultdict[Failures, set[int]] = defaultdict(set)
    for post, open_ways in ways.items():
        for some in _cuts(open_ways, NOTHING, bounds):
            cut[some].add(post)
    found = {some: _left(cut, some) for some in [*cut, *_together(cut, bounds)]}
    ranked = sorted((Candidate(some, posts) for some, posts in found.items()), key=lambda one: one.order)
    return Screened(ways, tuple(_telling(ranked)), len(found))


def overflow(setting: Setting, screened: Screened, some: Failures) -> int:
    """Posts whose first way is a gateway that cannot carry so many within the time, as far as rates tell."""
    waiting: defaultdict[ChannelKind, int] = defaultdict(int)
    for open_ways in screened.ways.values():
        first = next((way for way in open_ways if not way.cut_by & some), None)
        if first:
            waiting[first.kind] += 1
    lost = {one.about for one in some if one.kind is Kind.GATEWAY}
    return sum(max(0, many - _carried(setting, kind, lost)) for kind, many in waiting.items())


def _carried(setting: Setting, kind: ChannelKind, lost: set[str]) -> int:
    """Messages of this kind that the gateways take in time; without a limit more than anybody asks for."""
    rates = [one.per_second for one in setting.gateways if kind in one.kinds and one.name not in lost]
    return 1 << 40 if 0.0 in rates else round(sum(rates) * IN_TIME / SECOND)


class _Ways:
    """How each post is reached, and what cuts each way."""

    def __init__(self, setting: Setting, bounds: Bounds) -> None:
        self._setting, self._bounds = setting, bounds
        self._on_duty = frozenset(setting.on_duty())
        self._alone = {kind: self._only_gateway(kind) for kind in ChannelKind}
        self._homes: defaultdict[int, set[str]] = defaultdict(set)
        for post in setting.roster.posts:
            if post.holder and not post.area.startswith(CodeSystem.GB2260):
                self._homes[post.holder].add(post.area)

    def _only_gateway(self, kind: ChannelKind) -> Failures:
        names = [one.name for one in self._setting.gateways if kind in one.kinds and one.hears]
        return frozenset({Failure(Kind.GATEWAY, names[0])}) if len(names) == 1 else NOTHING

    def _spoken_otherwise(self, one: Reach) -> bool:
        """Whether the number is reached by the other channel too, on another gateway that hears."""
        other = ChannelKind.SMS if one.channel is ChannelKind.VOICE else ChannelKind.VOICE
        lost = {failure.about for failure in self._alone[one.channel]}
        hearing = {g.name for g in self._setting.gateways if other in g.kinds and g.hears}
        return bool(hearing - lost) and (one.texts or other is ChannelKind.VOICE)

    def of(self, storm: Storm) -> dict[int, list[Way]]:
        """For the warnings of the storm's highest level, by post that is due."""
        kinds = {kind for one in self._setting.gateways if one.hears for kind in one.kinds}
        return {
            post: [self._way(one, alert.sent) for one in steps if one.channel in kinds]
            for alert in highest(storm.alerts)
            for post, steps in self._steps(alert).items()
        }

    def _steps(self, alert: Alert) -> Mapping[int, Sequence[Reach]]:
        book, info, at = self._setting.rulebook, alert.info, alert.sent
        facts = Facts(info.hazard, info.level, at, info.headline)
        where = cover(book.county, info) or everywhere(book)
        return reaches(book, self._setting.roster, facts, where, (at, later(at, IN_TIME - ANSWERING)))

    def _way(self, one: Reach, opened: Instant) -> Way:
        who = f"{TARGETS[one.target]} {one.name}"
        return Way(one.at - opened, one.channel, who, frozenset(self._cutting(one)))

    def _cutting(self, one: Reach) -> Iterator[Failure]:
        """Everything that cuts this step. Without its only gateway the other channel speaks, where there is a way."""
        if not self._spoken_otherwise(one):
            yield from self._alone[one.channel]
        yield from (Failure(Kind.DARK, area) for area in self._homes[one.person])
        if self._bounds.night_shift and is_night(one.at) and one.person in self._on_duty:
            yield SHIFT
        if self._bounds.people:
            yield Failure(Kind.PERSON, str(one.person))
            if one.shared or not one.only:
                yield Failure(Kind.NUMBER, one.number)


def _cuts(ways: Sequence[Way], chosen: Failures, bounds: Bounds) -> Iterator[Failures]:
    """Combinations within the bounds that cut all of these ways, each grown by what cuts the first that is left."""
    left = next((way for way in ways if not way.cut_by & chosen), None)
    if left is None:
        yield chosen
        return
    for one in left.cut_by:
        grown = chosen | {one}
        if bounds.hold(grown):
            yield from _cuts(ways, grown, bounds)


def _left(cut: Mapping[Failures, set[int]], some: Failures) -> frozenset[int]:
    """The posts that this combination, or a part of it, leaves without a way."""
    members = sorted(some)
    parts = (frozenset(one for at, one in enumerate(members) if mask >> at & 1) for mask in range(1 << len(members)))
    return frozenset().union(*(cut.get(part, ()) for part in parts))


def _together(cut: Mapping[Failures, set[int]], bounds: Bounds) -> Iterator[Failures]:
    """The worst ones two by two, as far as that lies within the bounds."""
    worst = sorted(cut, key=lambda some: (-len(cut[some]), len(some), sorted(some)))[:_UNIONS]
    for at, one in enumerate(worst):
        yield from (one | other for other in worst[at + 1 :] if bounds.hold(one | other))


def _telling(ranked: Sequence[Candidate]) -> Iterator[Candidate]:
    """Without those that leave the same posts as a smaller one."""
    told: dict[frozenset[int], list[Failures]] = {}
    for one in ranked:
        before = told.setdefault(one.posts, [])
        if not any(smaller <= one.failures for smaller in before):
            before.append(one.failures)
            yield one
