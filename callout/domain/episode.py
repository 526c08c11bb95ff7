"""What the messages about one event do to each other in one county: always by time of issue, never by arrival.

Everything is recomputed from all messages on record, so the same messages end the same way in whatever order they came.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from callout.domain.callout import LIVE, CalloutState
from callout.domain.instant import Instant
from callout.domain.level import Level


@dataclass(frozen=True, slots=True)
class Said:
    """What one message of an episode says about one county."""

    alert: int
    identifier: str
    sent: Instant
    levels: Mapping[str, Level | None]
    """Area key → the level it gives there; an all-clear gives none."""
    until: Instant | None = None
    """When it ends; None = it does not say and nothing was assumed."""
    lifts: bool = False
    """A Cancel."""
    names: frozenset[Level] = frozenset()
    """The levels that a Cancel lifts; empty = whatever stands."""
    drops: bool = False
    """An Update that nobody doubts: the warning has ended in areas that it no longer names."""

    order: tuple[Instant, bool, int, str, int] = field(init=False, repr=False, compare=False)
    """By time of issue. At one instant a Cancel comes first: it acts on messages sent before it only."""

    def __post_init__(self) -> None:
        rank = max((level.rank for level in self.levels.values() if level), default=0)
        object.__setattr__(self, "order", (self.sent, not self.lifts, rank, self.identifier, self.alert))


class Turn(StrEnum):
    """What a message means for one area of its county."""

    FIRST = "first"
    """Nothing of the episode was in force there: everybody due gets a ladder."""
    UPGRADE = "upgrade"
    """A higher level than before: everybody due gets a new ladder."""
    RED_AGAIN = "red_again"
    """Red while red: everybody due gets a new ladder, answered or not."""
    REPEAT = "repeat"
    """The same level again, below red."""
    DOWNGRADE = "downgrade"
    """A lower level than before."""
    OVERTAKEN = "overtaken"
    """A message sent later came earlier and speaks for the area."""
    LATE_RED = "late_red"
    """A red that came after its own downgrade: it is called all the same."""
    LIFTED_BEFORE = "lifted_before"
    """Its Cancel came before it: nobody is called, what it would have replaced ends, and a human is told."""
    LIFTS = "lifts"
    """Ends what stood there: a Cancel, or an Update that no longer names the area."""


RENEWS = (Turn.REPEAT, Turn.DOWNGRADE)
"""Who has answered gets one notice; whoever is still being called goes on with the new text and end."""
REGARDLESS = (Turn.LATE_RED, Turn.LIFTED_BEFORE)
"""Turns for which it does not matter that a newer message has a callout for the post."""

RECEPTION: Mapping[tuple[Turn, CalloutState], CalloutState] = {
    **{(turn, state): CalloutState.CONTINUED for turn in (*RENEWS, Turn.OVERTAKEN) for state in LIVE},
    **{(turn, CalloutState.ANSWERED): CalloutState.INFORMED for turn in (*RENEWS, Turn.OVERTAKEN)},
}
"""How the callout of a due post begins, by the state of the post's older ladder; what is not listed is called anew."""


def reception(turn: Turn, older: CalloutState | None, newer: bool) -> CalloutState:
    """The state in which a message opens the callout of a due post.

    `older`: the post's newest ladder under messages sent before; `newer`: a message sent later has a callout for it.
    """
    if turn is Turn.LIFTED_BEFORE:
        return CalloutState.LIFTED
    if newer and turn not in REGARDLESS:
        return CalloutState.SUPERSEDED
    return CalloutState.TO_CALL if older is None else RECEPTION.get((turn, older), CalloutState.TO_CALL)


@dataclass(frozen=True, slots=True)
class Move:
    """What a message does in one area."""

    turn: Turn
    level: Level | None
    """The level that people there are told of; for LIFTS the level that has ended."""
    says: int
    """The alert whose words and end hold for ladders of this message."""
    reign: tuple[int, ...] = ()
    """The warnings for the area, sent before, whose ladders end and whose people are told of the end."""


Reign = tuple[Said, ...]
"""The warnings that stood in an area since nothing did, oldest first; the last one is in force."""


def in_order(said: Iterable[Said]) -> list[Said]:
    """The messages in the order in which they were sent."""
    return sorted(said, key=lambda one: one.order)


def reign(said: Iterable[Said], area: str) -> Reign:
    """What stands in the area after these messages; empty when nothing does."""
    standing: Reign = ()
    for one in in_order(said):
        if one.lifts:
            standing = () if _lifts(one, standing, area) else standing
        elif area in one.levels:
            standing = (*standing, one)
        elif one.drops:
            standing = ()
    return standing


def _lifts(cancel: Said, standing: Reign, area: str) -> bool:
    if area not in cancel.levels or not standing:
        return False
    return not cancel.names or standing[-1].levels[area] in cancel.names


def over(said: Sequence[Said]) -> list[int]:
    """The warnings in none of whose areas anything of the episode stands any more."""
    return [one.alert for one in said if not one.lifts and not any(reign(said, area) for area in one.levels)]


def moves(said: Sequence[Said], alert: int, county: str) -> dict[str, Move]:
    """What message `alert` does in each area, given all messages of the episode. `county`: the county's own area key.

    The county's own posts stand under the highest level that stands anywhere in it.
    """
    me = next(one for one in said if one.alert == alert)
    before = [one for one in said if one.order < me.order]
    places = {area for one in said for area in one.levels} - {county} or {county}
    found = {area: _move(me, before, reign(said, area), area) for area in places}
    if county not in places:
        found[county] = _county_move(me, before, said, (county, places))
    return {area: move for area, move in found.items() if move}


def _move(me: Said, earlier: Sequence[Said], now: Reign, area: str) -> Move | None:
    before = reign(earlier, area)
    if area not in me.levels or me.lifts:
        ended = bool(before) and not now and (me.drops or _lifts(me, before, area))
        return Move(Turn.LIFTS, before[-1].levels[area], me.alert, _warnings(earlier, area)) if ended else None
    if not now:
        return Move(Turn.LIFTED_BEFORE, me.levels[area], me.alert, _warnings(earlier, area))
    if now[-1] is not me:
        return _overtaken(me, area, now[-1], now[-1].levels[area])
    old = before[-1] if before and _in_force(before[-1], me.sent) else None
    return Move(_turn(old.levels[area] if old else None, me.levels[area]), me.levels[area], me.alert)


def _warnings(said: Sequence[Said], area: str) -> tuple[int, ...]:
    """Not only the last reign: a ladder of an earlier one may have gone on, if its Cancel came late."""
    return tuple(one.alert for one in in_order(said) if area in one.levels and not one.lifts)


def _overtaken(me: Said, area: str, newest: Said, level: Level | None) -> Move:
    if me.levels[area] is Level.RED and level is not Level.RED:
        return Move(Turn.LATE_RED, Level.RED, me.alert)
    return Move(Turn.OVERTAKEN, level, newest.alert)


def _turn(old: Level | None, new: Level | None) -> Turn:
    if old is None:
        return Turn.FIRST
    if new is None or new.rank > old.rank:
        return Turn.UPGRADE
    if new is Level.RED:
        return Turn.RED_AGAIN
    return Turn.REPEAT if new is old else Turn.DOWNGRADE


def _in_force(one: Said, at: Instant) -> bool:
    return one.until is None or one.until > at


def stands(said: Sequence[Said], area: str, county: str, at: Instant) -> Level | None:
    """The level in force in the area at this time; None when none is."""
    places = {place for one in said for place in one.levels} - {county} or {county}
    top = _top(said, places if area == county else (area,), lambda one: _in_force(one, at))
    return top[0] if top else None


Top = tuple[Level, Said]
"""The highest level that stands anywhere, and the newest message that gives it."""


def _top(said: Sequence[Said], places: Iterable[str], holds: Callable[[Said], bool]) -> Top | None:
    standing = [(now[-1].levels[area], now[-1]) for area in places if (now := reign(said, area)) and holds(now[-1])]
    graded = [(level, one) for level, one in standing if level]
    return max(graded, key=lambda each: (each[0].rank, each[1].order), default=None)


def _county_move(
    me: Said, before: Sequence[Said], said: Sequence[Said], where: tuple[str, Iterable[str]]
) -> Move | None:
    county, places = where
    now = _top(said, places, lambda _: True)
    if me.lifts:
        return _county_lift(me, before, now, where)
    if now is None:
        return Move(Turn.LIFTED_BEFORE, me.levels[county], me.alert, _warnings(before, county))
    level, newest = now
    if not any((standing := reign(said, area)) and standing[-1] is me for area in places):
        return _overtaken(me, county, newest, level)
    old = _top(before, places, lambda one: _in_force(one, me.sent))
    turn = _turn(old[0] if old else None, Level.RED if me.levels[county] is Level.RED else level)
    return Move(turn, level, newest.alert)


def _county_lift(me: Said, before: Sequence[Said], now: Top | None, where: tuple[str, Iterable[str]]) -> Move | None:
    county, places = where
    old = _top(before, places, lambda _: True)
    if old is None or (now and now[0].rank >= old[0].rank):
        return None
    if now is None:
        return Move(Turn.LIFTS, old[0], me.alert, _warnings(before, county))
    return Move(Turn.DOWNGRADE, now[0], now[1].alert) if now[1].order < me.order else None
