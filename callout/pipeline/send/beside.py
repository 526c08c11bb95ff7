"""Nobody carries the channel of a step: the other channel speaks beside it while it is held, or in its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from callout.domain.attempt import Attempt
from callout.domain.beside import Beside, next_beside
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState
from callout.domain.drill import run_of
from callout.domain.instant import MINUTE, SECOND, Instant, Millis, later
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.made_often import replace
from callout.domain.moves import VACANT, PostView, SpokenTo, Try, bundle, instead_of, other_way
from callout.domain.pace import DRILL_HOLDS
from callout.pipeline.send.fleet import Asked, Blocked, Fleet, Way, Why
from callout.pipeline.send.recents import Recents, amid, recents
from callout.ports import Ids, SendWork

Group = tuple[Attempt, tuple[Try, ...]]
LOOK: Millis = 10 * SECOND
"""When a held step is tried again after the other channel has spoken beside it."""
TOGETHER: Millis = MINUTE
"""Silent people of whom the same superior is told within this time are put to the superior at once."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What has become of steps that are due again after they were held."""

    keys: tuple[tuple[str, str], ...] = ()
    """Attempts that speak by the other channel."""
    done: frozenset[CalloutKey] = frozenset()
    """Callouts whose own channel need not be tried now."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Held callouts with their ladders and the people around their posts."""

    rows: Mapping[CalloutKey, Callout]
    ladders: Mapping[str, Ladder]
    views: Mapping[tuple[str, int], PostView]
    said: Mapping[CalloutKey, frozenset[SpokenTo]]
    fleet: Fleet

    def nexts(self, now: Instant, until: Instant) -> Iterator[Try]:
        """What the other channel is to say until then."""
        for c in self.rows.values():
            found = self.next(c, now)
            if found and found.due <= until and found.one.channel not in self.fleet.out(found.one.number.e164, now):
                yield found.one

    def after(self, one: Try, attempt: Attempt, found: Way | Blocked, now: Instant) -> Callout:
        """The callout once the other channel has spoken for this step, or could not, and when it is looked at again."""
        row = self.rows[one.callout.key]
        if isinstance(found, Way):
            wait = self.ladders[row.ladder].steps[one.step].wait
            on = replace(row, ahead=one.step + 2, ahead_at=later(now, wait), attempt=attempt.id)
            soon, following = now if row.repeated else later(now, LOOK), self.next(on, now)
            return replace(on, next_at=min(soon, max(following.due, now)) if following else soon)
        if found.why is Why.PACE:
            return replace(row, next_at=max(found.until, later(now, 1)))
        if found.why in (Why.OUTAGE, Why.DRILLED):
            return replace(row, next_at=now, ahead_at=later(now, LOOK))
        return replace(row, next_at=now, ahead=one.step + 2)

    def next(self, callout: Callout, now: Instant) -> Beside | None:
        """What the other channel says next for it."""
        key = callout.key
        view, said = self.views.get((key.county, key.post), VACANT), self.said.get(key, frozenset())
        return next_beside(callout, self.ladders[callout.ladder], view, now, said)


def speak_beside(work: SendWork, fleet: Fleet, ids: Ids, owner: str, tries: Sequence[Try]) -> Spoken:
    """Where a step that was held is due again: the next person is told by the other channel, if it is time for that."""
    held_back = [t for t in tries if t.callout.ahead and t.callout.due_at is not None and t.step == t.callout.step]
    if not held_back:
        return Spoken()
    own, drilled = [t.callout for t in held_back], _drilled(work, fleet, held_back)
    held = _held(work, fleet, own)
    nexts = list(held.nexts(work.at, work.at))
    together = same_superior(work, own, nexts, later(work.at, TOGETHER))
    near = _held(work, fleet, [c for c in together if c.ahead and c.due_at is not None])
    nexts += [one for one in near.nexts(work.at, later(work.at, TOGETHER)) if one.target is Target.SUPERIOR]
    held = replace(
        held, rows={**held.rows, **near.rows}, views={**held.views, **near.views}, said={**held.said, **near.said}
    )
    going: list[Group] = []
    moved: list[tuple[Callout, Callout]] = []
    for attempt, some in bundle(map(_said, nexts), (ids.attempt() for _ in repeat(None))):
        found = way_of(work, fleet, attempt, some)
        if isinstance(found, Way):
            fleet.ways[attempt.id] = found
            why = Why.DRILLED if some[0].callout.key in drilled else Why.OUTAGE
            going.append((_marked(attempt, some, found, why), some))
        moved += [(held.rows[t.callout.key], held.after(t, attempt, found, work.at)) for t in some]
    work.sends.beside(going, owner)
    work.sends.advance(moved, CalloutEvent.PACED)
    return Spoken(tuple((a.county, a.id) for a, _ in going), frozenset(before.key for before, _ in moved))


def in_its_place(work: SendWork, fleet: Fleet, group: Group, why: Why) -> tuple[Group, Way | Blocked] | None:
    """The step by the other channel, where nobody at all carries its own or the number is full there, and the ladder
    has no other way to this person."""
    attempt, tries = group
    if why not in (Why.NOBODY, Why.WINDOW):
        return None
    ladders, said = work.sends.ladders([t.callout for t in tries]), work.sends.said([t.callout.key for t in tries])
    others = []
    for t in tries:
        at_step = replace(t.callout, step=t.step)
        other = instead_of(t, said.get(t.callout.key, frozenset()))
        if other is None or other_way(at_step, ladders[t.callout.ladder], t.view, work.at) is not None:
            return None
        others.append(other)
    asked = replace(attempt, channel=others[0].channel)
    found = way_of(work, fleet, asked, others)
    if isinstance(found, Blocked) and found.why is not Why.PACE:
        return None
    return (_marked(asked, others, found, why), tuple(others)), found


@dataclass(frozen=True, slots=True)
class Asking:
    """What the fleet is told of attempts, looked up for all of them at once."""

    fleet: Fleet
    earlier: Recents
    filtered: Mapping[tuple[int, int], frozenset[str]]
    amidst: frozenset[str]

    @classmethod
    def about(cls, work: SendWork, fleet: Fleet, groups: Sequence[Group], said: Sequence[Attempt]) -> "Asking":
        """`said`: those whose words, where they are a text, may have been filtered somewhere already."""
        texts = [(a.number, a.alert) for a in said if a.channel is ChannelKind.SMS]
        return cls(
            fleet,
            recents(work, fleet, [(a.number, a.channel) for a, _ in groups]),
            work.sends.filtered(texts),
            frozenset(county for county in {a.county for a, _ in groups} if amid(work, county)),
        )

    def of(self, attempt: Attempt, some: Sequence[Try]) -> Asked:
        """One of them. Words that were filtered somewhere are never sent there again."""
        passed = self.filtered.get((attempt.number, attempt.alert), frozenset())
        if passed:
            self.fleet.passed[attempt.id] = passed
        return Asked(
            attempt.channel,
            some[0].number.e164,
            min(t.callout.lane for t in some),
            run_of(attempt.county),
            recent=self.earlier[attempt.number, attempt.channel],
            passed=passed,
            amid=attempt.county in self.amidst,
        )


def way_of(work: SendWork, fleet: Fleet, attempt: Attempt, some: Sequence[Try]) -> Way | Blocked:
    """Who carries it now; words that were filtered somewhere do not go there again."""
    return fleet.way(Asking.about(work, fleet, [(attempt, tuple(some))], [attempt]).of(attempt, some), work.at)


def not_spoken(work: SendWork, attempts: Sequence[Attempt]) -> None:
    """Nobody took these: the other channel is to speak for their steps yet; meanwhile their own is tried again."""
    steps = {a.id: a.speaks_for for a in attempts if a.instead}
    held = work.sends.behind([a for a in attempts if a.instead], CalloutState.TO_CALL)
    soon = later(work.at, LOOK)
    back = [(c, replace(c, ahead=steps[c.attempt], ahead_at=soon, next_at=work.at)) for c in held]
    work.sends.advance(back, CalloutEvent.PACED)


def _held(work: SendWork, fleet: Fleet, some: Sequence[Callout]) -> _Held:
    views = work.sends.resolve([(c.key.county, c.key.post) for c in some])
    said = work.sends.said([c.key for c in some])
    return _Held({c.key: c for c in some}, work.sends.ladders(some), views, said, fleet)


def same_superior(work: SendWork, due: Sequence[Callout], tries: Sequence[Try], until: Instant) -> list[Callout]:
    """Further callouts, due until then, for the superiors about to be called: one call lists all names."""
    upward = [one.callout.key for one in tries if one.target is Target.SUPERIOR]
    near, known = work.sends.with_superior(upward, CalloutState.TO_CALL, until), {c.key for c in due}
    return [c for c in near if c.key not in known]


def _drilled(work: SendWork, fleet: Fleet, some: Sequence[Try]) -> set[CalloutKey]:
    """Those whose number a drill has just called: its gateway lets no call through to it for a moment."""
    lately = recents(work, fleet, [(t.number.id, t.channel) for t in some])
    since = later(work.at, -DRILL_HOLDS)
    return {t.callout.key for t in some if any(d and at > since for _, at, d in lately[t.number.id, t.channel])}


def _said(one: Try) -> Try:
    """Only what may have come to this very person is marked as a repeat."""
    again = one.callout.repeated and one.step == one.callout.step
    return replace(one, callout=replace(one.callout, repeated=again))


def _marked(attempt: Attempt, some: Sequence[Try], found: Way | Blocked, why: Why) -> Attempt:
    name = found.provider.channel.name if isinstance(found, Way) else ""
    return replace(attempt, provider=name, instead=f"{some[0].step + 1} {why}")
