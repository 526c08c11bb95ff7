"""Telling a post something once, without a ladder: on which number, and how."""

from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind, is_night
from callout.domain.moves import Number, Person, PostView

Way = tuple[Person, Number, ChannelKind]


def ways_to(view: PostView, now: Instant) -> list[Way]:
    """Whoever is on the post, else the deputy; a text, by night a call beside it, and a call alone where no texts are
    taken. Empty: nobody there can be told by us."""
    for person in (view.holder, view.deputy):
        for number in person.numbers if person else ():
            if person and number.takes_texts:
                kinds = (ChannelKind.SMS, ChannelKind.VOICE) if is_night(now) else (ChannelKind.SMS,)
                return [(person, number, kind) for kind in kinds]
            if person and number.usable:
                return [(person, number, ChannelKind.VOICE)]
    return []
