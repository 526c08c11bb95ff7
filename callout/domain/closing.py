"""What a ladder does when nobody can carry its next message now: pure decisions of the sender."""

from collections.abc import Set
from dataclasses import dataclass, replace

from callout.domain.callout import Callout, CalloutState
from callout.domain.instant import MINUTE, Instant, Millis
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.moves import PostView, after_silence, due_of, hurries, other_way


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
    it from the start; a full number is not waited for."""
    due = due_of(callout, now) if callout.state is CalloutState.TO_CALL else callout.due_at or now
    held = replace(callout, next_at=closed.until, due_at=due)
    if closed.waits:
        return Elsewhere(held, waits=True)
    if closed.full or hurries(callout.level):
        at = other_way(callout, ladder, view, now, closed.out)
        if at is not None:
            return Elsewhere(replace(callout, step=at, repeated=False, next_at=now, due_at=None), waits=False)
    if not closed.full and now - due < OUTAGE:
        return Elsewhere(held, waits=True, human=hurries(callout.level))
    on = after_silence(callout, ladder)
    return Elsewhere(on and replace(on, next_at=now), waits=False, human=True)
