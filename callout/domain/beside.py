"""While nobody can carry the channel of a step, the other channel speaks: to this person now, to the next ones in time.

The step itself is held meanwhile, so that the call still comes when the channel is back and nobody has answered. The
other channel keeps the pace of the ladder: it waits after each person as long as the ladder would.
"""

from collections.abc import Set
from dataclasses import dataclass

from callout.domain.callout import Callout
from callout.domain.instant import Instant, later
from callout.domain.ladder import Ladder
from callout.domain.moves import PostView, SpokenTo, Try, instead_of, try_at


@dataclass(frozen=True, slots=True)
class Beside:
    """What the other channel says next, and when."""

    one: Try
    due: Instant


def next_beside(held: Callout, ladder: Ladder, view: PostView, now: Instant, said: Set[SpokenTo]) -> Beside | None:
    """For a callout whose step is held. None: everybody has been told, or the next step has a channel of its own."""
    own = try_at(held.step, held, ladder, view, now)
    at = now if held.ahead_at is None else held.ahead_at
    for step in range(max(held.ahead - 1, held.step), len(ladder.steps)):
        one = try_at(step, held, ladder, view, now)
        if one is None:
            continue
        if own is None or one.channel is not own.channel:
            return None
        other = instead_of(one, said)
        if other:
            return Beside(other, at)
        # A number that takes no texts was told nothing: there is no answer to wait for.
        at = later(at, one.wait) if one.number.takes_texts else at
    return None
