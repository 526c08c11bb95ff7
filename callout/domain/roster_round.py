"""A silent round of the roster: each person is asked by text whether they still hold their post. It is no callout."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from callout.domain.hearing import Heard
from callout.domain.instant import DAY, HOUR, MINUTE, Instant, clock_of, later
from callout.domain.reply import read_reply
from callout.domain.roster import NumberKind


class ConfirmState(StrEnum):
    """What one person has said in one round."""

    ASKED = "asked"
    """The text is on its way, or has come and is not answered."""
    CONFIRMED = "confirmed"
    """Still holds the post, and the number reaches them."""
    DENIED = "denied"
    """Does not hold the post any more."""
    SAID = "said"
    """Something else came back; a human reads it."""


class ConfirmEvent(StrEnum):
    """What a text from the person says."""

    CONFIRMED = "confirmed"
    """Yes."""
    DENIED = "denied"
    """No."""
    SAID = "said"
    """Neither."""


S, E = ConfirmState, ConfirmEvent

TABLE: Mapping[tuple[ConfirmState, ConfirmEvent], ConfirmState] = {
    **{(state, E.CONFIRMED): S.CONFIRMED for state in ConfirmState},
    **{(state, E.DENIED): S.DENIED for state in ConfirmState},
    (S.ASKED, E.SAID): S.SAID,
    (S.SAID, E.SAID): S.SAID,
}
START = S.ASKED
WITHIN = 30 * DAY
"""How long after it was asked an answer still counts, and a text that could not go out is still sent."""

_YES = frozenset({"在任", "仍在任", "仍是", "是"})
_NO = frozenset({"不在任", "已离任", "不再担任", "不是", "已调离"})
_BARE = {"1": E.CONFIRMED, "收到": E.CONFIRMED, "已收到": E.CONFIRMED, "2": E.DENIED}
"""What also answers a warning: it is the warning's while one is open, or was the last thing said to the number."""


def hear(text: str, asked_at: Instant, told: Sequence[Heard], *, answered: bool = False) -> ConfirmEvent | None:
    """What a text from a number that was asked means for the round; None: it is not for the round.

    `told`: the warnings that this number was told of, of late. `answered`: the person has said yes or no already.
    """
    reply = read_reply(text)
    if reply.text in _YES:
        return E.CONFIRMED
    if reply.text in _NO:
        return E.DENIED
    if reply.opt_out or reply.opt_in or any(h.open or h.submitted_at >= asked_at for h in told):
        return None
    if answered:
        return None
    return _BARE.get(reply.text) or (None if told else E.SAID)


class Cannot(StrEnum):
    """Why a person is not asked by text; somebody has to ask them in another way."""

    NO_MOBILE = "没有手机号码"
    DEAD = "手机已停用或是空号"
    OPTED_OUT = "已退订短信"
    SHARED = "与别人共用号码"


@dataclass(frozen=True, slots=True)
class Line:
    """One number of one person, in the order of trial."""

    responder: int
    number: int
    kind: NumberKind
    shared: bool = False
    dead: bool = False
    opted_out: bool = False
    textless: bool = False


def whom(people: Iterable[int], lines: Iterable[Line]) -> tuple[dict[int, int], dict[int, Cannot]]:
    """Responder → the number that is asked, and who cannot be asked and why. A landline never gets a text."""
    mobiles: dict[int, list[Line]] = {person: [] for person in people}
    for line in lines:
        if line.responder in mobiles and line.kind is NumberKind.MOBILE:
            mobiles[line.responder].append(line)
    asked: dict[int, int] = {}
    cannot: dict[int, Cannot] = {}
    for person, own in mobiles.items():
        fit = [line for line in own if not (line.dead or line.textless or line.opted_out or line.shared)]
        if fit:
            asked[person] = fit[0].number
        else:
            cannot[person] = _why(own)
    return asked, cannot


def _why(own: Sequence[Line]) -> Cannot:
    alive = [line for line in own if not line.dead and not line.textless]
    if not alive:
        return Cannot.DEAD if own else Cannot.NO_MOBILE
    return Cannot.OPTED_OUT if all(line.opted_out for line in alive) else Cannot.SHARED


PAUSE = 30 * MINUTE
"""A question that is due while a warning runs in its county goes to the end of the queue, but not before so long."""
OPENS, CLOSES = 9 * HOUR, 18 * HOUR
"""Nobody is asked out of hours, Beijing time."""


def times(begins: Instant, many: int, per_minute: int) -> list[Instant]:
    """When each of so many is asked: so many a minute, in working hours."""
    found: list[Instant] = []
    at, step = begins, MINUTE // per_minute
    while len(found) < many:
        at = _in_hours(at)
        found.append(at)
        at = later(at, step)
    return found


def step_of(when: Sequence[Instant]) -> int:
    """Milliseconds between two questions of a round, from when they are asked."""
    return min((later_ - at for at, later_ in pairwise(when)), default=MINUTE)


def put_off(now: Instant, last: Instant, many: int, step: int) -> list[Instant]:
    """When so many questions are asked that had to wait: after the `last` one in the queue, at the round's own pace."""
    begins = max(later(last, step), later(now, PAUSE))
    return times(begins, many, max(1, MINUTE // step))


def _in_hours(at: Instant) -> Instant:
    clock = clock_of(at)
    if clock < OPENS:
        return later(at, OPENS - clock)
    return at if clock < CLOSES else later(at, DAY - clock + OPENS)


@dataclass(frozen=True, slots=True)
class Asked:
    """One person in one round."""

    responder: int
    state: ConfirmState
    asked_at: Instant
    answered_at: Instant | None


def tally(asked: Iterable[Asked]) -> Mapping[ConfirmState, int]:
    """How many stand where."""
    counts = Counter(one.state for one in asked)
    return {state: counts[state] for state in ConfirmState}
