"""通知: what asks for no answer. It is said once more where it is in doubt or provably did not arrive."""

from dataclasses import dataclass

from callout.domain.instant import MINUTE, Millis
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.moves import hurries

AGAIN = ":again"
"""How the id of a notice ends that is said for the second time; there is no third."""
ON_AGAIN: Millis = 10 * MINUTE
"""After so long a phone that was off is texted once more."""
LATER: Millis = 5 * MINUTE
"""After so long a text about a lower level is tried once more, instead of a call."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A notice that was handed over, and to whom."""

    channel: ChannelKind
    takes_texts: bool
    """What is known of the number now: no landline, not opted out, no refusal that proved otherwise."""
    level: Level | None
    """Of what it speaks of; None where nobody can tell."""
    doubt: bool
    """UNKNOWN: it may have arrived. Otherwise it provably has not."""


@dataclass(frozen=True, slots=True)
class Again:
    """How it is said once more."""

    channel: ChannelKind
    wait: Millis


def said_again(spoken: Spoken) -> Again | None:
    """Orange and red take the other way at once, as calls do; what is lower is texted again, a little later.

    A number that takes no texts is rung. None: nothing is left but a human.
    """
    texts = spoken.takes_texts
    if spoken.level is not None and not hurries(spoken.level):
        return Again(ChannelKind.SMS, LATER) if texts else _rung(spoken)
    if spoken.channel is ChannelKind.SMS:
        return Again(ChannelKind.VOICE, 0)
    return Again(ChannelKind.SMS, 0) if texts else _rung(spoken)


def _rung(spoken: Spoken) -> Again | None:
    """A call after a text, or after a call in doubt; a call that nobody took is not repeated."""
    return Again(ChannelKind.VOICE, 0) if spoken.channel is ChannelKind.SMS or spoken.doubt else None
