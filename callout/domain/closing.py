"""What a ladder does when nobody can carry its next message now: pure decisions of the sender."""

from collections.abc import Set
from dataclasses import replace

from callout.domain.beside import next_beside
from callout.domain.callout import Callout, CalloutState
from callout.domain.instant import MINUTE, Instant, Millis, later
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.made_often import made_often
from callout.domain.moves import (
    PostView,
    SpokenTo,
    after_silence,
    due_of,
    hurries,
    next_try,
    other_way,
    try_at,
)


@made_often(frozen=True, slots=True)
class Closed:
    """That nobody can carry the next message of a callout now."""

    until: Instant
    """When to ask again."""
    waits: bool = False
    """Every provider is merely busy: it has its place in the queue."""
    full: bool = False
    """The number has been called as often as it may be: asking again soon is of no use."""
    out: Set[ChannelKind] = frozenset()
    """Ways on which no provider works at all."""
    drilled: bool = False
    """Only a drill's call holds it up, and only for a moment."""
    said: Set[SpokenTo] = frozenset()
    """What this callout has said, and where."""


@made_often(frozen=True, slots=True)
class Elsewhere:
    """What a closed way leads to (callout None = no step left)."""

    callout: Callout | None
    waits: bool
    human: bool = False


OUTAGE: Millis = 5 * MINUTE
"""How long a step waits for a provider that is gone before the ladder goes on without it."""


def after_closed(callout: Callout, ladder: Ladder, view: PostView, closed: Closed, now: Instant) -> Elsewhere:
    """A backlog waits for its turn. A full number, and for orange and red also an outage, take the person's next other
    way at once. Where there is none, an outage is waited for, but not for ever, and for orange and red a human knows of
    it from the start; a full number is not waited for, unless a drill's call fills it for a moment. While a step waits
    for its own channel, the other channel speaks beside it (see `beside`); where the next person's own channel is open,
    it waits no longer than for an answer."""
    due = due_of(callout, now) if callout.state is CalloutState.TO_CALL else callout.due_at or now
    held = replace(callout, next_at=closed.until, due_at=due)
    if closed.waits:
        return Elsewhere(held, waits=True)
    if closed.drilled:
        return Elsewhere(_beside(held, ladder, view, closed, now), waits=True)
    if closed.full or hurries(callout.level):
        at = other_way(callout, ladder, view, now, closed.out)
        if at is not None:
            return Elsewhere(replace(callout, step=at, repeated=False, next_at=now, due_at=None), waits=False)
    ends = later(due, _patience(held, ladder, view, closed, now))
    if not closed.full and now < ends:
        held = replace(held, next_at=min(closed.until, ends))
        return Elsewhere(_beside(held, ladder, view, closed, now), waits=True, human=hurries(callout.level))
    on = after_silence(callout, ladder)
    return Elsewhere(on and replace(on, next_at=now), waits=False, human=True)


def _patience(held: Callout, ladder: Ladder, view: PostView, closed: Closed, now: Instant) -> Millis:
    """How long this step is held."""
    own = try_at(held.step, held, ladder, view, now)
    on = after_silence(held, ladder)
    following = next_try(on, ladder, view, now) if on and hurries(held.level) else None
    if own is None or following is None or following.channel in {own.channel, *closed.out}:
        return OUTAGE
    return min(OUTAGE, own.wait)


def _beside(held: Callout, ladder: Ladder, view: PostView, closed: Closed, now: Instant) -> Callout:
    """Held, and looked at again as soon as the other channel is to speak."""
    first = held.ahead <= held.step
    ahead = replace(held, ahead=held.step + 1, ahead_at=now) if first else held
    beside = next_beside(ahead, ladder, view, now, closed.said)
    if beside is None or beside.one.channel in closed.out:
        return ahead
    return replace(ahead, next_at=min(ahead.next_at or now, max(beside.due, now)))
