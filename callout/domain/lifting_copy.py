"""解除 to loudspeakers, offices and groups: only to those that got the warning, and only when nothing of it stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from callout.domain.episode import Said, over
from callout.domain.instant import HOUR, Instant, Millis

HOLDS: Millis = 2 * HOUR
"""After so long it is no news any more."""


@dataclass(frozen=True, slots=True)
class Lifting:
    """One endpoint that is to be told that what it got has ended."""

    cancel: int
    """The message that ended it: what the copy speaks of."""
    endpoint: str


def liftings(said: Sequence[Said], got: Mapping[str, Collection[int]]) -> list[Lifting]:
    """What the endpoints must be told in one episode. `got`: by endpoint, the messages of it that it may have got.

    The newest Cancel speaks, once. A part that was lifted is not told: whoever hears it would take it for the whole.
    """
    cancels = {one.alert: one.sent for one in said if one.lifts}
    newest = max(cancels, key=lambda alert: (cancels[alert], alert), default=None)
    if newest is None:
        return []
    ended = {one.alert: one.sent for one in said if one.alert in set(over(said)) and one.sent <= cancels[newest]}
    return [Lifting(newest, name) for name, known in sorted(got.items()) if _news(known, ended, cancels)]


def _news(known: Collection[int], ended: Mapping[int, Instant], cancels: Mapping[int, Instant]) -> bool:
    """Whether it got a warning that has ended, and no word of the end since."""
    warned = [ended[alert] for alert in known if alert in ended]
    standing = [alert for alert in known if alert not in ended and alert not in cancels]
    told = max((cancels[alert] for alert in known if alert in cancels), default=None)
    return bool(warned) and not standing and (told is None or told < max(warned))
