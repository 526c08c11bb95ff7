"""The ladder of a post if nobody ever answers, worked out once for all posts whose people are reached alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from callout.domain.abilities import Abilities, Answering, Receipts, Window
from callout.domain.callout import CalloutKey
from callout.domain.foresight import climb, fresh_callout
from callout.domain.instant import HOUR, MINUTE, Instant, Millis, later
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.level import Level
from callout.domain.moves import Number, Person, PostView
from callout.domain.proof.space import DAY
from callout.domain.roster import NumberKind

STARTS: Mapping[str, Instant] = {
    "白天": later(DAY, 10 * HOUR),
    "夜间": later(DAY, 23 * HOUR),
    "21:59": later(DAY, 22 * HOUR - MINUTE),
    "05:59": later(DAY, 6 * HOUR - MINUTE),
}
"""When a ladder may begin: by day, at night, and a minute before the one becomes the other."""


Ways = Mapping[ChannelKind, Abilities]
"""What the channel of each kind can do."""
CLOUD: Ways = {
    ChannelKind.SMS: Abilities(frozenset({Answering.REPLY}), Receipts.PUSH, windows=(Window(50, 24 * HOUR),)),
    ChannelKind.VOICE: Abilities(
        frozenset({Answering.KEY}),
        Receipts.PUSH,
        windows=(Window(1, MINUTE), Window(5, HOUR), Window(20, 24 * HOUR)),
    ),
}
"""The strictest limits that public clouds name: a call to one number once a minute, 5 an hour, 20 a day."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One number as the ladder sees it, whoever has it."""

    phone: int
    """Which one of the post: numbered as they come up."""
    kind: NumberKind
    usable: bool
    texts: bool


Phones = tuple[Phone, ...]
"""The numbers of one person in order of trial."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the people of a post are reached, whoever they are: equal shapes climb alike."""

    holder: Phones | None
    deputy: Phones | None
    superior: Phones | None


def shape_of(view: PostView) -> Shape:
    """The shape of a post as the ladder sees it: nobody is called twice under two titles."""
    known: dict[int, int] = {}

    def phones(person: Person | None) -> Phones | None:
        if person is None:
            return None
        return tuple(Phone(known.setdefault(n.id, len(known)), n.kind, n.usable, n.texts) for n in person.numbers)

    return Shape(*(phones(view.person(target)) for target in Target))


@dataclass(frozen=True, slots=True)
class Rung:
    """One step that would be taken."""

    after: Millis
    """From the opening of the callout."""
    target: Target
    channel: ChannelKind
    phone: int
    wait: Millis

    @property
    def ends(self) -> Millis:
        """When the silence after it is over."""
        return self.after + self.wait


@cache
def rungs(shape: Shape, ladder: Ladder, start: Instant) -> tuple[Rung, ...]:
    """Every step of the ladder in order, by the engine's own rules, if nobody answers."""
    opened = fresh_callout(CalloutKey("", 0, 0, 0), Level.RED, ladder, start, None)
    found = climb(opened, ladder, _view(shape), start)
    return tuple(Rung(at - start, one.target, one.channel, one.number.id, one.wait) for at, one in found)


def taken(steps: Sequence[Rung], ways: Ways) -> tuple[Rung, ...]:
    """The steps that some provider takes; the others are passed over."""
    return tuple(one for one in steps if ways[one.channel].reaches)


def _view(shape: Shape) -> PostView:
    def person(ident: int, phones: Phones | None) -> Person | None:
        if phones is None:
            return None
        return Person(ident, "", tuple(Number(p.phone, p.kind, False, p.usable, "", "", p.texts) for p in phones))

    three = (person(ident, phones) for ident, phones in enumerate((shape.holder, shape.deputy, shape.superior), 1))
    return PostView("", "", *three)


def broken(times: Iterable[Instant], windows: Sequence[Window]) -> Window | None:
    """The first window that holds more of these times than it allows."""
    given = sorted(times)
    for window in windows:
        counted = [at for at in given if window.holds(at)]
        if any(last - first < window.span for first, last in zip(counted, counted[window.count :], strict=False)):
            return window
    return None
