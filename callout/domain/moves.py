"""What the ladder of one callout does next: pure decisions of the sender and of the escalation."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from callout.domain.attempt import Attempt, AttemptState, attempt_id
from callout.domain.callout import Callout, CalloutState
from callout.domain.instant import Instant, Millis, later
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Level
from callout.domain.made_often import made_often, replace
from callout.domain.roster import NumberKind


@made_often(frozen=True, slots=True)
class Number:
    """A number as the sender sees it at claim time."""

    id: int
    kind: NumberKind
    shared: bool
    """Two people are reached by it, so an answer from it is a 代答."""
    usable: bool
    """Not dead."""
    commitment: str
    e164: str
    texts: bool = True
    """Its owner has not opted out of texts (退订); it may be rung all the same."""

    @property
    def takes_texts(self) -> bool:
        """Whether a text to it can be read by somebody who has not refused texts."""
        return self.usable and self.texts and self.kind is not NumberKind.LANDLINE


@made_often(frozen=True, slots=True)
class Person:
    """A responder with all numbers in order of trial."""

    id: int
    name: str
    numbers: tuple[Number, ...]


@made_often(frozen=True, slots=True)
class PostView:
    """A post resolved now: who is on it, who stands in, who is above."""

    title: str
    roster: str
    holder: Person | None
    """The person on shift, else the holder."""
    deputy: Person | None
    superior: Person | None

    def person(self, target: Target) -> Person | None:
        """Whom a step with this target calls; nobody is called twice under two titles."""
        if target is Target.HOLDER:
            return self.holder
        found = self.deputy if target is Target.DEPUTY else self.superior
        same = {p.id for p in (self.holder, self.deputy if target is Target.SUPERIOR else None) if p}
        return None if found is None or found.id in same else found


SpokenTo = tuple[int, ChannelKind]
"""A number, and a channel by which this callout has spoken to it: not provably in vain."""

VACANT = PostView("", "", None, None, None)
"""A post that the roster in force no longer knows."""


@made_often(frozen=True, slots=True)
class Try:
    """One step, resolved to a person, a number and a channel."""

    callout: Callout
    step: int
    target: Target
    channel: ChannelKind
    wait: Millis
    person: Person
    number: Number
    view: PostView


def next_try(callout: Callout, ladder: Ladder, view: PostView, now: Instant) -> Try | None:
    """The first step from `callout.step` on that can be carried out; None when the ladder has run out."""
    steps = range(callout.step, len(ladder.steps))
    return next((one for at in steps if (one := try_at(at, callout, ladder, view, now))), None)


def try_at(at: int, callout: Callout, ladder: Ladder, view: PostView, now: Instant) -> Try | None:
    """Step `at` of the ladder, from the one that is due on; None where it cannot be carried out."""
    step = ladder.steps[at]
    channel = _channel(ladder, at, due_of(callout, now) if at == callout.step else now)
    found = _reached_by(step, channel, view)
    return Try(callout, at, step.target, channel, step.wait, *found, view) if found else None


def instead_of(one: Try, said: Set[SpokenTo]) -> Try | None:
    """The same step to the same number by the other channel, for when nobody can carry its own.

    None: the number takes no texts; it would be a call about blue or yellow; or it has been said there already.
    """
    channel = ChannelKind.VOICE if one.channel is ChannelKind.SMS else ChannelKind.SMS
    may = hurries(one.callout.level) if channel is ChannelKind.VOICE else one.number.takes_texts
    return replace(one, channel=channel) if may and (one.number.id, channel) not in said else None


def due_of(callout: Callout, now: Instant) -> Instant:
    """When the step was due, however long it has waited for a way since."""
    return callout.due_at or callout.next_at or now


def calls_holder(callout: Callout, ladder: Ladder) -> bool:
    """Whether the step that is due calls the person on the post: then nobody else has to be looked up."""
    return callout.step < len(ladder.steps) and ladder.steps[callout.step].target is Target.HOLDER


def holder_steps(ladder: Ladder) -> Iterator[tuple[int, int]]:
    """The steps that call the person on the post: which step, and which of the person's numbers."""
    return ((at, step.number) for at, step in enumerate(ladder.steps) if step.target is Target.HOLDER)


def _channel(ladder: Ladder, at: int, due: Instant) -> ChannelKind:
    """The channel for the step's own due time.

    Where the night began between two steps to one number, both would be texts: the second becomes a call.
    """
    step, before = ladder.steps[at], ladder.steps[at - 1] if at else None
    channel = step.channel(due)
    if before is None or (before.target, before.number) != (step.target, step.number) or step.day is step.night:
        return channel
    texted = before.channel(later(due, -before.wait)) is ChannelKind.SMS
    twice = texted and channel is ChannelKind.SMS
    return channel if not twice else step.night if channel is step.day else step.day


def _reached_by(step: Step, channel: ChannelKind, view: PostView) -> tuple[Person, Number] | None:
    person = view.person(step.target)
    number = _number(person, step, channel) if person else None
    return (person, number) if person and number else None


def _number(person: Person, step: Step, channel: ChannelKind) -> Number | None:
    if step.number > len(person.numbers):
        return None
    number = person.numbers[step.number - 1]
    reached = number.takes_texts if channel is ChannelKind.SMS else number.usable
    return number if reached else None


def bundle(tries: Iterable[Try], ids: Iterable[str]) -> list[tuple[Attempt, tuple[Try, ...]]]:
    """One attempt for all tries that reach the same number about the same alert in the same way."""
    groups: dict[tuple[object, ...], list[Try]] = {}
    for one in tries:
        key = one.callout.key
        desk = key.round > 0
        where = (key.county, spoken(one.callout), desk, one.number.id, one.channel, one.target, one.callout.repeated)
        groups.setdefault(where, []).append(one)
    fresh = iter(ids)
    return [(_attempt(next(fresh), group), tuple(group)) for group in groups.values()]


def spoken(callout: Callout) -> int:
    """The alert whose words the next message of this callout speaks."""
    return callout.says or callout.key.alert


def _attempt(fresh: str, group: list[Try]) -> Attempt:
    first = group[0]
    key = first.callout.key
    return Attempt(
        county=key.county,
        id=attempt_id(key.county, fresh),
        alert=spoken(first.callout),
        callouts=tuple(one.callout.key for one in group),
        notice="",
        target=first.target,
        channel=first.channel,
        number=first.number.id,
        responder=first.person.id,
        repeated=first.callout.repeated,
        state=AttemptState.CLAIMED,
        rev=0,
        wait=min(one.wait for one in group),
    )


def after_silence(callout: Callout, ladder: Ladder) -> Callout | None:
    """The callout with its next step due; None when no step is left."""
    step = callout.step + 1
    return None if step >= len(ladder.steps) else replace(callout, step=step, repeated=False, due_at=None)


def beyond(callout: Callout, ladder: Ladder, refuser: Target) -> bool:
    """Whether somebody above the refuser is being called already: a 无法到岗 that comes late moves nothing then.

    A call in doubt that is about to be repeated is one: begun anew, it would come without its mark.
    """
    under_way = callout.state is CalloutState.WAITING or callout.repeated
    return under_way and ladder.steps[callout.step].target in _above(refuser)


def _above(target: Target) -> list[Target]:
    return list(Target)[list(Target).index(target) + 1 :]


def after_refusal(callout: Callout, ladder: Ladder, refuser: Target) -> Callout | None:
    """无法到岗: the first step from here on that calls somebody else than the refuser; None when there is none."""
    above = _above(refuser)
    for at in range(callout.step, len(ladder.steps)):
        if ladder.steps[at].target in above:
            return replace(callout, step=at, repeated=False, due_at=None)
    return None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an UNKNOWN outcome leads to: the callout as it goes on (None = no step left), whether a human is asked."""

    callout: Callout | None
    human: bool


def after_doubt(
    callout: Callout, ladder: Ladder, view: PostView, now: Instant, said: Set[SpokenTo] = frozenset()
) -> Doubt:
    """UNKNOWN for orange and red: the next different channel for this person, else one repeat, else on with a human.

    A different channel that the ladder does not have speaks beside the repeat (see `beside`). The ladder never ends
    here and never jumps over another person.
    """
    at = other_way(callout, ladder, view, now)
    if at is not None:
        return Doubt(replace(callout, step=at, repeated=False, due_at=None), human=False)
    if not callout.repeated:
        again = replace(callout, repeated=True, due_at=None)
        one = try_at(callout.step, replace(again, next_at=now), ladder, view, now)
        beside = one is not None and callout.ahead <= callout.step + 1 and instead_of(one, said)
        held = replace(again, due_at=now, ahead=callout.step + 1, ahead_at=now)
        return Doubt(held if beside else again, human=False)
    return Doubt(after_silence(callout, ladder), human=True)


def other_way(
    callout: Callout, ladder: Ladder, view: PostView, now: Instant, out: Set[ChannelKind] = frozenset()
) -> int | None:
    """The next step that reaches the same person on a different channel, none of those in `out`."""
    here = ladder.steps[callout.step]
    for at in range(callout.step + 1, len(ladder.steps)):
        step = ladder.steps[at]
        channel = step.channel(now)
        different = channel is not here.channel(now) and channel not in out
        if step.target is here.target and different and _reached_by(step, channel, view):
            return at
    return None


def hurries(level: Level) -> bool:
    """Whether an UNKNOWN moves the ladder at once (orange, red) or at its normal time (blue, yellow)."""
    return level in (Level.ORANGE, Level.RED)
